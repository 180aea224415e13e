# SPDX-License-Identifier: MIT
"""Faults that a message says by itself: the latest sign of its topic counts."""

from __future__ import annotations

from huawei_modem.catalogue import found
from huawei_modem.transcript.rules.rule import Judgement, Rule, View, rule
from huawei_modem.transcript.topics import TOPICS

OF_LATEST = """
    port-silent port-io-error port-in-use port-missing ppp-options-wrong connection-dropped sim-failure
    sim-operator-lock no-signal context-refused ofono-busy ofono-refused dbus-denied connman-service-failed
    connman-service-idle modem-failed modem-unsupported modemmanager-not-running not-connected
"""
"""Codes with nothing to judge but whether something later took the sign back."""
_OF_ANY = ("net-driver-failed", "modeswitch-failed")
"""Codes that no later message takes back."""
_SHOWN = 3


def _latest(code: str) -> Rule:
    topic = TOPICS[code]

    def judge(view: View) -> Judgement:
        seen = view.state.latest.get(topic)
        if seen is None:
            return None
        if seen.value.partition(":")[0] != code:
            return []
        if code == "modem-failed" and view.state.said("sim").startswith("sim-"):
            return []  # its reason
        lines = view.state.events_of(seen.value)[-_SHOWN:]
        text = seen.evidence.text
        if code == "port-silent" and (device := view.state.events_of("=device-wdm")):
            lines = [*device[:1], *lines]
            return [found("port-silent:wdm", [item.evidence for item in lines])]
        return [found(seen.value, [item.evidence for item in lines], text=text, service=lines[-1].value)]

    return rule(code)(judge)


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


def _any(code: str) -> Rule:
    def judge(view: View) -> Judgement:
        names = [name for name in view.state.events if name.partition(":")[0] == code]
        if not names:
            return [] if view.sticks() else None
        lines = view.state.events_of(*names)[:_SHOWN]
        return [found(names[-1], [item.evidence for item in lines], text=lines[-1].evidence.text)]

    return rule(code)(judge)


RULES = (no_lease, *(_latest(code) for code in OF_LATEST.split()), *(_any(code) for code in _OF_ANY))
