# SPDX-License-Identifier: MIT
"""pppd and ConnMan: the way from a registered modem to an address."""

from __future__ import annotations

from huawei_modem.catalogue import found
from huawei_modem.report import Finding
from huawei_modem.transcript import ids
from huawei_modem.transcript.model import Session
from huawei_modem.transcript.rules import ofono
from huawei_modem.transcript.rules.rule import (
    Judgement,
    View,
    events,
    evidence,
    is_link_local,
    rule,
    signs_of,
)


@rule("ppp-auth-failed")
def authentication(view: View) -> Judgement:
    """The network refuses user and password."""
    last = view.state.latest.get("data")
    if last is None:
        return None
    if not last.value.startswith("ppp-auth-failed"):
        return []
    return [found(last.value, events(view, last.value))]


@rule("ppp-peer-terminated", of_kernel=True)
def peer_ended(view: View) -> Judgement:
    """The peer ended the connection before there was an address."""
    last, said = _last(view), view.state.latest.get("data")
    if said is not None and said.value == "ppp-peer-terminated:died":
        lines = view.state.events_of(said.value)[-2:]
        return [found(said.value, evidence(*lines), text=said.evidence.text)]
    if last is None:
        return None
    if last.ended is None or last.address is not None or last.refused is not None:
        return []
    demanded = view.state.events_of("=auth-demanded")
    return [
        found(
            "ppp-peer-terminated",
            evidence(last.started, *demanded[:1], last.ended),
            secrets="chap-secrets" if demanded else None,
        )
    ]


@rule("ppp-no-answer", of_kernel=True)
def silent(view: View) -> Judgement:
    """The peer answers no LCP or no IPCP."""
    last, said = _last(view), view.state.latest.get("data")
    if said is not None and said.value.startswith("ppp-no-answer"):
        return [found(said.value, events(view, said.value))]
    alone = view.state.events_of("=silent")
    if last is None:
        return [found("ppp-no-answer", evidence(*alone[:2]))] if alone and not _is_online(view) else None
    if last.unaddressed is not None and not (last.address or last.refused or last.ended):
        return [found("ppp-no-answer:refused", evidence(last.started, last.unaddressed))]
    if last.silent is None or last.address is not None:
        return []
    return [found("ppp-no-answer", evidence(last.started, last.silent))]


@rule("dial-failed", of_kernel=True)
def dialling(view: View) -> Judgement:
    """The modem refused to dial."""
    names = signs_of(view, "dial-failed")
    if _is_online(view):
        return []
    if not names:
        return [] if view.state.sessions else _unanswered(view)
    if set(names) <= {"dial-failed", "dial-failed:timeout"} and view.state.said("port").startswith("port-"):
        return []  # the script ended before anything was dialled
    # A kind that says more than that the dialling failed comes first.
    name = max(names, key=_weight)
    if name == "dial-failed:no-carrier" and "worked" in view.words:
        return [found("dial-failed:no-longer", events(view, name, *names)[:3])]
    if name.endswith(_WITH_TEXT):
        last = view.state.events_of(name)[-1]
        return [found(name, evidence(last), text=last.value)]
    return [found(name, events(view, name, *names)[:3])]


_WITH_TEXT = (":answer", ":refused", ":context", ":quotes", ":unanswered", ":abort", ":script", ":broken")
_STATUS = (":timeout", ":abort", ":script", ":broken")


def _weight(name: str) -> tuple[int, int]:
    """The number that a script ended with says less than a message, and more than that it failed."""
    return (0 if ":" not in name else 1 if name.endswith(_STATUS) else 2), len(name)


def _unanswered(view: View) -> Judgement:
    """Dialled, and the modem spoke of itself instead of connecting."""
    dialled, own = view.state.events_of("=dialled"), view.state.events_of("=booting")
    if not dialled or not own or view.state.said("data"):
        return None
    return [found("dial-failed:silent", evidence(dialled[-1], own[-1]))]


def _is_online(view: View) -> bool:
    last = _last(view)
    return view.state.said("data") == "=online" or (last is not None and last.address is not None)


@rule("connman-not-running")
def connman(view: View) -> Judgement:
    """Nobody owns net.connman. What was said last counts."""
    last = view.state.latest.get("connman")
    if last is None:
        return [] if view.state.services is not None or "technologies" in view.state.connman else None
    if not last.value.startswith("connman-not-running"):
        return []
    return [found(last.value, evidence(last))]


@rule("connman-no-service")
def service(view: View) -> Judgement:
    """oFono has a modem, or ConnMan its technology, and there is no cellular service."""
    state = view.state
    services = state.services
    modem = state.modems is not None and bool(state.modems.value) and not _is_held(view)
    if services is not None and any(line.startswith("cellular") for line in services.value):
        return []
    why = _why_no_service(view)
    if why:
        return why
    listed, technologies = (state.connman.get(key) for key in ("technologies listed", "technologies"))
    if modem and listed is not None and technologies is not None and "cellular" not in technologies.value:
        return [found("connman-no-service:technology", evidence(listed, state.modems))]
    if services is None or not (modem or "cellular.Powered" in state.connman):
        return None
    return [found("connman-no-service", evidence(services))]


def _is_held(view: View) -> bool:
    """SIM, network or APN keep the modem from a service; each has a rule of its own."""
    judged = [
        rule.judge(view)
        for rule in (
            ofono.power,
            ofono.radio,
            ofono.sim,
            ofono.pin,
            ofono.registration,
            ofono.roaming,
            ofono.data,
            ofono.attached,
            ofono.context,
            ofono.apn,
        )
    ]
    return any(judged)


def _why_no_service(view: View) -> list[Finding]:
    state = view.state
    offline, powered = (state.connman.get(key) for key in ("OfflineMode", "cellular.Powered"))
    blocked = events(view, "=rfkill-blocked")
    for net in state.bus.nets:
        listed = state.connman.get("NetworkInterfaceBlacklist")
        prefixes = [] if listed is None else [item.strip() for item in listed.value.split(",")]
        if prefix := next((item for item in prefixes if item and net.startswith(item)), ""):
            return [found("connman-no-service:blacklist", evidence(listed), net=net, prefix=prefix)]
    absent = events(view, "connman-no-service:technology")
    if absent:
        return [found("connman-no-service:technology", absent)]
    if offline is not None and offline.value == "True":
        return [found("connman-no-service:offline", evidence(offline))]
    if blocked:
        return [found("connman-no-service:rfkill", blocked)]
    if powered is not None and powered.value == "False":
        refused = view.state.events_of("=enable-refused")
        if refused:
            return [found("connman-no-service:refused", evidence(powered, refused[-1]))]
        return [found("connman-no-service:off", evidence(powered))]
    return []


@rule("router-no-address")
def router(view: View) -> Judgement:
    """The network of a HiLink stick gave no address, and the board took one of its own."""
    nets = {
        net: usb for net, usb in view.state.bus.nets.items() if ids.mode_of(usb, view.database) == ids.ROUTER
    }
    known = {net: seen for net, seen in view.state.addresses.items() if net in nets and seen.value}
    if not known:
        return None
    return [
        found("router-no-address", evidence(seen), usb=nets[net], net=net)
        for net, seen in known.items()
        if is_link_local(seen.value)
    ]


def _last(view: View) -> Session | None:
    """The last run of pppd, or the one before it where the text ends while the last begins."""
    runs = view.state.sessions
    if len(runs) > 1 and runs[-1].address is None and not runs[-1].is_over and runs[-2].is_over:
        return runs[-2]
    return runs[-1] if runs else None


RULES = (dialling, authentication, peer_ended, silent, connman, router, service)
