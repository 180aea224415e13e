# SPDX-License-Identifier: MIT
"""Does oFono have the modem, and how far has it come: SIM, network, access point?"""

from __future__ import annotations

from huawei_modem.facts import Facts, InterfaceFacts, ModemFacts, StickFacts
from huawei_modem.report import Evidence, Finding, error, insufficient, warning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

NEEDED = ("modem", "pcui")
"""oFono's setup_huawei() (plugins/udevng.c) takes a modem only with both of these ports."""


def tun_missing(facts: Facts) -> list[Finding]:
    """oFono's PPP needs a TUN device; without it the activation ends in NotImplemented."""
    if facts["tun"]:
        return []
    return [
        error(
            "tun-missing",
            "the kernel has no TUN driver, which oFono's PPP needs",
            [Evidence("/sys/class/misc/tun", "not there")],
            ["modprobe tun", "if that fails: a kernel with CONFIG_TUN", "then restart ofono"],
        )
    ]


def not_running(facts: Facts) -> list[Finding]:
    """The daemon is not on D-Bus."""
    if facts["ofono"]["running"] is None:
        return [
            insufficient(
                "oFono's state is not known",
                [Evidence("D-Bus", facts["ofono"]["reason"] or "")],
                ["systemctl status ofono", "systemctl status dbus"],
            )
        ]
    if facts["ofono"]["running"]:
        return []
    return [
        error(
            "ofono-not-running",
            "oFono is not running",
            [Evidence("D-Bus", "nobody owns org.ofono")],
            ["systemctl start ofono", "journalctl -b -u ofono"],
        )
    ]


def rival(facts: Facts) -> list[Finding]:
    """ModemManager runs too, and speaks to the same ports."""
    # Captures of 0.1.0 do not tell.
    if not facts["ofono"].get("modemmanager"):
        return []
    return [
        warning(
            "modemmanager-running",
            "ModemManager runs beside oFono, and both speak to the stick's ports",
            [Evidence("D-Bus", "org.freedesktop.ModemManager1 has an owner")],
            ["systemctl disable --now ModemManager", "then plug the stick in anew"],
        )
    ]


def ports_unlabelled(facts: Facts) -> list[Finding]:
    """A modem or PCUI port whose label oFono does not find."""
    findings = []
    for stick, interface in _ports(facts):
        if interface["label"] == interface["function"]:
            continue
        findings.append(
            error(
                "ofono-ports-unlabelled",
                f"the {interface['function']} port of {stick['usb']} has no label; oFono needs both",
                [
                    Evidence(
                        f"udevadm info /dev/{interface['tty']}",
                        f"OFONO_LABEL: {interface['label'] or 'not set'}",
                    )
                ],
                [
                    "install 70-huawei-modem.rules (numbered after 60-serial.rules)",
                    "udevadm control --reload && udevadm trigger -s tty; then restart ofono",
                ],
            )
        )
    return findings


def no_modem(facts: Facts) -> list[Finding]:
    """A stick has all that oFono takes a modem for, and oFono lists none."""
    if not facts["ofono"]["running"] or facts["ofono"]["modems"]:
        return []
    return [
        error(
            "ofono-no-modem",
            f"oFono lists no modem, and {stick['usb']} has what it needs",
            [Evidence("org.ofono", "GetModems: none"), Evidence(stick["path"], complete)],
            [
                "if it was plugged in just now: wait ten seconds and ask again",
                "huawei-modem connect: announces the stick to oFono once more",
                "journalctl -b -u ofono; then systemctl restart ofono",
            ],
        )
        for stick in facts["sticks"]
        if (complete := _completeness(stick))
    ]


def sim(facts: Facts) -> list[Finding]:
    """No SIM, or one that wants its PIN first."""
    findings = []
    for modem in _powered_modems(facts):
        if modem["sim_present"] is False:
            findings.append(
                error(
                    "sim-missing",
                    "no SIM in the stick",
                    [_evidence(modem, "SIM: not present")],
                    ["insert the SIM"],
                )
            )
        elif modem["pin_required"] not in (None, "none"):
            findings.append(
                error(
                    "sim-pin-required",
                    f"the SIM is locked: {modem['pin_required']}",
                    [_evidence(modem, f"PinRequired: {modem['pin_required']}")],
                    ["huawei-modem connect --pin-file FILE", "or take the PIN off the SIM"],
                )
            )
    return findings


def not_registered(facts: Facts) -> list[Finding]:
    """Online, with a usable SIM, and without network."""
    return [
        error(
            "not-registered",
            "the modem is not registered with a network",
            [_evidence(modem, f"registration: {modem['registration']}")],
            ["check antenna, coverage and whether the SIM is active; denied: ask the operator"],
        )
        for modem in _usable_modems(facts)
        if modem["online"] and modem["registration"] not in (None, "registered", "roaming")
    ]


def roaming_off(facts: Facts) -> list[Finding]:
    """Abroad, and oFono may not roam: it does not attach to packet data."""
    return [
        error(
            "roaming-off",
            "the SIM roams, and data while roaming is off",
            [_evidence(modem, "registration: roaming, RoamingAllowed is off")],
            ["if the cost is meant: huawei-modem connect --roaming"],
        )
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
            findings.append(
                error(
                    "ofono-no-context",
                    "oFono has no internet context",
                    [_evidence(modem, f"{len(modem['contexts'])} contexts, none for the internet")],
                    ["huawei-modem connect --apn NAME"],
                )
            )
        elif not any(item["apn"] for item in internet):
            findings.append(
                error(
                    "apn-missing",
                    "the internet context has no access point name (APN)",
                    [_evidence(modem, "AccessPointName is empty")],
                    ["huawei-modem connect --apn NAME", "for good: /etc/huawei-modem/config.ini"],
                )
            )
    return findings


def _ports(facts: Facts) -> Iterator[tuple[StickFacts, InterfaceFacts]]:
    for stick in facts["sticks"]:
        for interface in stick["interfaces"]:
            if interface["function"] in NEEDED and interface["tty"]:
                yield stick, interface


def _completeness(stick: StickFacts) -> str:
    """What makes oFono take the stick for a modem; empty where something lacks."""
    interfaces = stick["interfaces"]
    if any(item["function"] == "mbim" and item["driver"] == "cdc_mbim" for item in interfaces):
        return "MBIM, driven by cdc_mbim"
    ports = {item["label"]: item["tty"] for item in interfaces if item["tty"]}
    if not set(NEEDED) <= ports.keys():
        return ""
    return ", ".join(f"{ports[name]} is its {name} port" for name in NEEDED)


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
