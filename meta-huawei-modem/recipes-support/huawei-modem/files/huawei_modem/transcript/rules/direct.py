# SPDX-License-Identifier: MIT
"""Faults that a message says by itself: the latest sign of its topic counts."""

from __future__ import annotations

import re

from huawei_modem.catalogue import found
from huawei_modem.report import Finding
from huawei_modem.transcript import ids
from huawei_modem.transcript.model import Seen
from huawei_modem.transcript.rules.rule import Judgement, Rule, View, evidence, rule, signs_of
from huawei_modem.transcript.topics import TOPICS

OF_LATEST = """
    port-silent port-io-error port-in-use port-missing ppp-options-wrong connection-dropped sim-failure
    sim-operator-lock no-signal context-refused ofono-busy ofono-refused dbus-denied connman-service-failed
    connman-service-idle modem-failed modem-unsupported modemmanager-not-running not-connected
"""
"""Codes with nothing to judge but whether something later took the sign back."""
_OF_ANY = ("net-driver-failed",)
"""Codes that no later message takes back."""
_SHOWN = 3


_REASONS = (
    (":sim", re.compile(r"sim[-_ ]state|invalid-sim|usim|sim not", re.IGNORECASE)),
    (":type", re.compile(r"ipv?[46][-_ ]only|ipv4 only|ipv6 only|unknown pdp|pdp[-_ ]type", re.IGNORECASE)),
    ("", re.compile(r"apn|access point|authentication|CME ERROR: 149\b", re.IGNORECASE)),
    (
        ":subscription",  # 27.007, 9.2.2.1: 107 is cause 7, 132 is 32, 133 is 33
        re.compile(
            r"subscri|barring|option[-_ ]not|services not allowed|CME ERROR: (?:107|13[23])\b",
            re.IGNORECASE,
        ),
    ),
    (
        ":network",
        re.compile(
            r"insufficient[-_ ]resources|network[-_ ]failure|no[-_ ](?:service|network|srv)|"
            r"out[-_ ]of[-_ ](?:service|order)|CME ERROR: 134\b|regular[-_ ]deactivation|fade|timed? ?out",
            re.IGNORECASE,
        ),
    ),
)
"""What a reason that the network or the modem gives is about: kind of context-refused, and its words."""


def _refused(lines: list[Seen[str]]) -> Finding:
    """The refusal by the reason that its lines give; where they give none, most often the APN."""
    for kind, words in _REASONS:
        for seen in reversed(lines):
            if words.search(seen.value):
                return found(f"context-refused{kind}", [seen.evidence], text=seen.value)
    shown = [item.evidence for item in lines[-_SHOWN:]]
    return found("context-refused", shown, text=lines[-1].value)


def _of_port(view: View, sign: str, lines: list[Seen[str]], text: str) -> Finding | None:
    """What else the text shows of the port: who has it, or whose it is."""
    state, code = view.state, sign.partition(":")[0]
    users, own = state.events_of("=port-user"), state.events_of("=board-port")
    shown = [item.evidence for item in lines[-1:]]
    if code == "port-silent" and "cdc-wdm" in text:
        return found("port-silent:qmi", shown, text=text)
    if code in ("port-in-use", "port-silent") and users:
        program, _, port = users[-1].value.partition(" ")
        return found("port-in-use:by", [*shown, users[-1].evidence], program=program, port=port)
    soldered = "built in" in view.words  # a HAT's modem may well be at a port of the machine
    if sign in ("port-in-use:unknown", "port-silent", "port-silent:bsd") and own and not soldered:
        kind = f"{code}:uart"
        return found(kind, [own[-1].evidence, *shown], port=own[-1].value, text=text)
    if code == "port-silent" and len(state.bus.attached) == 1 and state.tty_nodes is None:
        ((tty, seen),) = state.bus.attached.items()
        return found("port-silent:only", [seen.evidence, lines[-1].evidence], port=f"/dev/{tty}")
    if code == "port-silent" and (unwritten := state.events_of("=unwritten")):
        return found("port-silent:unwritten", [unwritten[-1].evidence, *shown], text=unwritten[-1].value)
    if sign in ("port-silent:chat", "port-silent:ofono"):
        return found(sign, [item.evidence for item in lines], text=lines[-1].value)
    if code == "port-silent" and (device := state.events_of("=device-wdm")):
        return found("port-silent:wdm", [item.evidence for item in (*device[:1], *lines)])
    return None


_NAME = re.compile(r"Variable '([^']{0,60})'?")


def _unlisted(named: Seen[str], last: Seen[str]) -> Finding:
    """netifd's script found no entry for the maker that the modem named."""
    match = _NAME.search(named.value)
    name = match[1].removesuffix("\\r").strip() if match else ""
    broken = named.value.startswith("'") or "\\r'" in named.value  # the line was written over
    return found(
        "modem-unsupported:name",
        [named.evidence, last.evidence],
        name=name or "an empty one",
        broken=" and a carriage return" if broken else "",
        strip="" if broken else None,
        entry=None if broken else "",
    )


def _latest(code: str) -> Rule:
    topic = TOPICS[code]

    def judge(view: View) -> Judgement:
        seen = view.state.latest.get(topic)
        if seen is None:
            return None
        if seen.value.partition(":")[0] != code:
            return []
        if code in _OF_SPEECH and _is_router(view):
            return []  # a driver that somebody bound to its network interface makes a port that says nothing
        if code == "modem-failed" and view.state.said("sim").startswith("sim-"):
            return []  # its reason
        lines = view.state.events_of(seen.value)[-_SHOWN:]
        text = lines[-1].value if " " in lines[-1].value else seen.evidence.text
        if code.startswith("port-") and (own := _of_port(view, seen.value, lines, text)) is not None:
            return [own]
        if code == "modem-unsupported" and (unlisted := view.state.events_of("=unlisted-maker")):
            return [_unlisted(unlisted[-1], seen)]
        if seen.value == "context-refused" and (late := view.state.events_of("=request-timeout")):
            text = late[-1].evidence.text
            return [found("context-refused:timeout", evidence(late[-1], lines[-1]), text=text)]
        if seen.value == "context-refused":
            return [_refused(view.state.events_of(seen.value))]
        return [found(seen.value, [item.evidence for item in lines], text=text, service=lines[-1].value)]

    return rule(code)(judge)


_OF_SPEECH = ("port-silent", "port-io-error")
"""Codes of a port that would speak AT."""


def _is_router(view: View) -> bool:
    """Whether the stick that the text shows or names is one that has no port."""
    known = view.known_stick()
    shown = (known.usb.value,) if known is not None else view.named
    return len(shown) > 0 and all(ids.mode_of(usb, view.database) == ids.ROUTER for usb in shown[-1:])


_MANY_DISCOVERS = 3
"""DHCP servers answer the first or the second; BusyBox asks three times before it gives up."""


@rule("dhcp-failed")
def no_lease(view: View) -> Judgement:
    """DHCP asks again and again, or says that it gives up."""
    said = view.state.latest.get("data")
    if said is None:
        return None
    asked = view.state.events_of("=discover")
    if said.value == "=discover" and len(asked) >= _MANY_DISCOVERS:
        return [found("dhcp-failed", [item.evidence for item in asked[-_SHOWN:]])]
    if said.value == "dhcp-failed":
        return [found("dhcp-failed", [item.evidence for item in view.state.events_of(said.value)[-_SHOWN:]])]
    return []


_UNPROBED = re.compile(r"probe .*failed with error -(\d+)\.?\Z")
_BY_ERROR = {"22": ":descriptor", "28": ":bandwidth", **dict.fromkeys(("32", "71", "84", "110"), ":bus")}
"""EINVAL, ENOSPC; EPIPE, EPROTO, EILSEQ and ETIMEDOUT are the bus's (driver-api/usb/error-codes.rst)."""


def _unprobed(line: Seen[str]) -> Finding:
    """A driver that did not take a network interface, by the error that it met."""
    match = _UNPROBED.search(line.evidence.text)
    kind = _BY_ERROR.get(match[1], "") if match is not None else ""
    return found(f"net-driver-failed{kind}", [line.evidence], text=line.evidence.text)


def _any(code: str) -> Rule:
    def judge(view: View) -> Judgement:
        names = signs_of(view, code)
        if not names:
            return [] if view.sticks() else None
        lines = view.state.events_of(*names)[:_SHOWN]
        if names[-1] == "net-driver-failed" and _UNPROBED.search(lines[-1].evidence.text):
            return [_unprobed(lines[-1])]
        return [found(names[-1], [item.evidence for item in lines], text=lines[-1].evidence.text)]

    return rule(code)(judge)


_UNSTARTED = "program-not-runnable"


@rule(_UNSTARTED)
def unstarted(view: View) -> Judgement:
    """The system cannot start a program that dials, switches or manages."""
    names = signs_of(view, _UNSTARTED)
    if not names:
        return [] if view.sticks() else None
    if view.state.said("data") == "=online":
        return []
    name, there = names[-1], {seen.value: seen for seen in view.state.events_of("=file-there")}
    last = view.state.events_of(name)[-1]
    listed = there.get(last.value.rpartition("/")[2])
    if name.endswith(":path") and listed is not None:
        name = f"{_UNSTARTED}:loader"
    return [found(name, evidence(last, listed), path=last.value)]


RULES = (
    no_lease,
    unstarted,
    *(_latest(code) for code in OF_LATEST.split()),
    *(_any(code) for code in _OF_ANY),
)
