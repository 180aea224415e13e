# SPDX-License-Identifier: MIT
"""pppd and ConnMan: the way from a registered modem to an address."""

from __future__ import annotations

from huawei_modem.report import Finding, error
from huawei_modem.transcript import ids
from huawei_modem.transcript.model import Session
from huawei_modem.transcript.rules import ofono
from huawei_modem.transcript.rules.rule import Judgement, View, events, evidence, is_link_local, rule

_APN = 'check the APN: AT+CGDCONT=1,"IP","APN" in the chat script, before ATD*99#'


@rule("ppp-auth-failed", needs="pppd's log")
def authentication(view: View) -> Judgement:
    """The network refuses user and password."""
    if not view.state.sessions:
        return None
    last = view.state.sessions[-1]
    if last.refused is None:
        return []
    remedy = ["user and password as the operator gives them; many take any, or none", _APN]
    return [error("ppp-auth-failed", "the network refused user or password", evidence(last.refused), remedy)]


@rule("ppp-peer-terminated", needs="pppd's log", of_kernel=True)
def peer_ended(view: View) -> Judgement:
    """The peer ended the connection before there was an address."""
    last = _last(view)
    if last is None:
        return None
    if last.ended is None or last.address is not None or last.refused is not None:
        return []
    demanded = view.state.events_of("ppp-auth-demanded")
    user = [
        "pppd had no user and password to offer (No auth is possible): user NAME, and /etc/ppp/chap-secrets"
    ]
    return [
        error(
            "ppp-peer-terminated",
            "the network ended PPP before it gave an address: most often the APN, then user and password",
            evidence(last.started, *demanded[:1], last.ended),
            [_APN, *(user if demanded else ())],
        )
    ]


@rule("ppp-no-answer", needs="pppd's log", of_kernel=True)
def silent(view: View) -> Judgement:
    """The peer answers no LCP or no IPCP."""
    last = _last(view)
    if last is None:
        return None
    if last.silent is None or last.address is not None:
        return []
    return [
        error(
            "ppp-no-answer",
            "the other end did not answer PPP in time",
            evidence(last.started, last.silent),
            [_APN, "check that the port is the modem port, not PCUI or diag"],
        )
    ]


@rule("dial-failed", needs="chat's log", of_kernel=True)
def dialling(view: View) -> Judgement:
    """The modem refused to dial."""
    seen = events(view, "dial-no-carrier", "dial-failed")
    if view.state.sessions and view.state.sessions[-1].address is not None:
        return []
    if not seen:
        return [] if view.state.sessions else None
    remedy = ["AT+CPIN?; AT+CREG?; AT+CGDCONT? on the PCUI port: SIM, network, APN", _APN]
    return [error("dial-failed", "the modem did not connect", seen, remedy)]


@rule("connman-not-running", needs="systemctl status connman, or the D-Bus error")
def connman(view: View) -> Judgement:
    """Nobody owns net.connman. What was said last counts."""
    last = view.state.latest.get("connman")
    if last is None:
        return [] if view.state.services is not None or "technologies" in view.state.connman else None
    if last.value not in ("absent", "down", "crashed", "uninstalled"):
        return []
    remedy = ["systemctl start connman", "journalctl -b -u connman"]
    return [error("connman-not-running", "ConnMan is not running", evidence(last), remedy)]


@rule("connman-no-service", needs="connmanctl services and connmanctl technologies")
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
        remedy = ["connmanctl state; journalctl -b -u connman", "systemctl restart connman"]
        return [
            error(
                "connman-no-service",
                "ConnMan has no cellular technology",
                evidence(listed, state.modems),
                remedy,
            )
        ]
    if services is None or not (modem or "cellular.Powered" in state.connman):
        return None
    return [
        error(
            "connman-no-service",
            "ConnMan has no cellular service",
            evidence(services),
            ["connmanctl technologies", "list-modems: registered, attached, and an APN set?"],
        )
    ]


def _is_held(view: View) -> bool:
    """SIM, network or APN keep the modem from a service; each has a rule of its own."""
    judged = [
        rule.judge(view) for rule in (ofono.sim, ofono.pin, ofono.registration, ofono.context, ofono.apn)
    ]
    return any(judged)


def _why_no_service(view: View) -> list[Finding]:
    state = view.state
    offline, powered = (state.connman.get(key) for key in ("OfflineMode", "cellular.Powered"))
    blocked = events(view, "rfkill-blocked")
    code = "connman-no-service"
    if offline is not None and offline.value == "True":
        remedy = ["connmanctl disable offline"]
        return [error(code, "ConnMan is in offline mode", evidence(offline), remedy)]
    if blocked:
        remedy = ["rfkill unblock all"]
        return [error(code, "a radio is blocked by rfkill", blocked, remedy)]
    if powered is not None and powered.value == "False":
        remedy = ["connmanctl enable cellular"]
        return [error(code, "ConnMan's cellular technology is off", evidence(powered), remedy)]
    return []


@rule("router-no-address", needs="the kernel log, and ip addr or ConnMan's log")
def router(view: View) -> Judgement:
    """The network of a HiLink stick gave no address, and the board took one of its own."""
    nets = {
        net: usb for net, usb in view.state.bus.nets.items() if ids.mode_of(usb, view.database) == ids.ROUTER
    }
    known = {net: seen for net, seen in view.state.addresses.items() if net in nets and seen.value}
    if not known:
        return None
    remedy = [
        "unplug it and plug it in; it needs half a minute to start",
        "its own page (192.168.8.1 as delivered): is its DHCP server on?",
    ]
    return [
        error(
            "router-no-address", f"{nets[net]} is a router and gave {net} no address", evidence(seen), remedy
        )
        for net, seen in known.items()
        if is_link_local(seen.value)
    ]


def _last(view: View) -> Session | None:
    return view.state.sessions[-1] if view.state.sessions else None


RULES = (dialling, authentication, peer_ended, silent, connman, router, service)
