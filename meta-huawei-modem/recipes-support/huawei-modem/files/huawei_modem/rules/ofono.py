# SPDX-License-Identifier: MIT
"""Does oFono have the modem, and how far has it come: SIM, network, access point?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from huawei_modem.catalogue import found
from huawei_modem.functions import OFONO_NEEDS
from huawei_modem.report import Evidence, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huawei_modem.shapes import Facts, InterfaceFacts, ModemFacts, StickFacts


def tun_missing(facts: Facts) -> list[Finding]:
    """oFono's PPP needs a TUN device; without it the activation ends in NotImplemented."""
    if facts["tun"]:
        return []
    return [found("tun-missing", [Evidence("/sys/class/misc/tun", "not there")])]


def not_running(facts: Facts) -> list[Finding]:
    """The daemon is not on D-Bus."""
    if facts["ofono"]["running"] is None:
        return [
            found(
                "insufficient-data:daemon",
                [Evidence("D-Bus", facts["ofono"]["reason"] or "")],
                daemon="oFono",
                unit="ofono",
            )
        ]
    if facts["ofono"]["running"]:
        return []
    return [found("ofono-not-running", [Evidence("D-Bus", "nobody owns org.ofono")])]


def rival(facts: Facts) -> list[Finding]:
    """ModemManager runs too, and speaks to the same ports."""
    # Captures of 0.1.0 do not tell.
    if not facts["ofono"].get("modemmanager"):
        return []
    return [found("modemmanager-running", [Evidence("D-Bus", "org.freedesktop.ModemManager1 has an owner")])]


def ports_unlabelled(facts: Facts) -> list[Finding]:
    """A modem or PCUI port whose label oFono does not find."""
    findings = []
    for stick, interface in _ports(facts):
        if interface["label"] == interface["function"]:
            continue
        findings.append(
            found(
                "ofono-ports-unlabelled",
                [
                    Evidence(
                        f"udevadm info /dev/{interface['tty']}",
                        f"OFONO_LABEL: {interface['label'] or 'not set'}",
                    )
                ],
                function=interface["function"],
                usb=stick["usb"],
            )
        )
    return findings


def no_modem(facts: Facts) -> list[Finding]:
    """A stick has all that oFono takes a modem for, and oFono lists none."""
    if not facts["ofono"]["running"] or facts["ofono"]["modems"]:
        return []
    return [
        found(
            "ofono-no-modem",
            [Evidence("org.ofono", "GetModems: none"), Evidence(stick["path"], complete)],
            usb=stick["usb"],
        )
        for stick in facts["sticks"]
        if (complete := _completeness(stick))
    ]


def sim(facts: Facts) -> list[Finding]:
    """No SIM, or one that wants its PIN first."""
    findings = []
    for modem in _powered_modems(facts):
        if modem["sim_present"] is False:
            findings.append(found("sim-missing", [_evidence(modem, "SIM: not present")]))
        elif modem["pin_required"] not in (None, "none"):
            lock = str(modem["pin_required"])
            kind = "sim-pin-required:puk" if lock.startswith("puk") else "sim-pin-required"
            findings.append(found(kind, [_evidence(modem, f"PinRequired: {lock}")], lock=lock.upper()))
    return findings


def not_registered(facts: Facts) -> list[Finding]:
    """Online, with a usable SIM, and without network."""
    return [
        found(
            "not-registered" + (":denied" if modem["registration"] == "denied" else ""),
            [_evidence(modem, f"registration: {modem['registration']}")],
        )
        for modem in _usable_modems(facts)
        if modem["online"] and modem["registration"] not in (None, "registered", "roaming")
    ]


def roaming_off(facts: Facts) -> list[Finding]:
    """Abroad, and oFono may not roam: it does not attach to packet data."""
    return [
        found("roaming-off", [_evidence(modem, "registration: roaming, RoamingAllowed is off")])
        for modem in _usable_modems(facts)
        if modem["registration"] == "roaming" and modem["roaming_allowed"] is False
    ]


def context(facts: Facts) -> list[Finding]:
    """No internet context, or one without access point: ConnMan has no service then."""
    findings = []
    for modem in _usable_modems(facts):
        if modem["contexts"] is None:
            continue
        internet = [item for item in modem["contexts"] if item["type"] == "internet"]
        if not internet:
            seen = _evidence(modem, f"{len(modem['contexts'])} contexts, none for the internet")
            findings.append(found("ofono-no-context", [seen]))
        elif not any(item["apn"] for item in internet):
            findings.append(found("apn-missing", [_evidence(modem, "AccessPointName is empty")]))
    return findings


def _ports(facts: Facts) -> Iterator[tuple[StickFacts, InterfaceFacts]]:
    for stick in facts["sticks"]:
        for interface in stick["interfaces"]:
            if interface["function"] in OFONO_NEEDS and interface["tty"]:
                yield stick, interface


def _completeness(stick: StickFacts) -> str:
    """What makes oFono take the stick for a modem; empty where something lacks."""
    interfaces = stick["interfaces"]
    if any(item["function"] == "mbim" and item["driver"] == "cdc_mbim" for item in interfaces):
        return "MBIM, driven by cdc_mbim"
    ports = {item["label"]: item["tty"] for item in interfaces if item["tty"]}
    if not set(OFONO_NEEDS) <= ports.keys():
        return ""
    return ", ".join(f"{ports[name]} is its {name} port" for name in OFONO_NEEDS)


def _powered_modems(facts: Facts) -> list[ModemFacts]:
    return [modem for modem in facts["ofono"]["modems"] if modem["powered"]]


def _usable_modems(facts: Facts) -> list[ModemFacts]:
    return [
        modem
        for modem in _powered_modems(facts)
        if modem["sim_present"] and modem["pin_required"] in (None, "none")
    ]


def _evidence(modem: ModemFacts, text: str) -> Evidence:
    return Evidence(f"oFono {modem['path']}", text)


RULES = (
    tun_missing,
    not_running,
    rival,
    ports_unlabelled,
    no_modem,
    sim,
    not_registered,
    roaming_off,
    context,
)
