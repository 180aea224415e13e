# SPDX-License-Identifier: MIT
"""Does ConnMan have a service for the modem?"""

from __future__ import annotations

from huawei_modem.facts import Facts, ModemFacts
from huawei_modem.report import Evidence, Finding, error, insufficient


def not_running(facts: Facts) -> list[Finding]:
    """The daemon is not on D-Bus."""
    if facts["connman"]["running"] is None:
        return [
            insufficient(
                "ConnMan's state is not known",
                [Evidence("D-Bus", facts["connman"]["reason"] or "")],
                ["systemctl status connman", "systemctl status dbus"],
            )
        ]
    if facts["connman"]["running"]:
        return []
    return [
        error(
            "connman-not-running",
            "ConnMan is not running",
            [Evidence("D-Bus", "nobody owns net.connman")],
            ["systemctl start connman", "journalctl -b -u connman"],
        )
    ]


def _is_ready(modem: ModemFacts) -> bool:
    """Nothing that is known keeps the modem from a service: what does has its own rule (rules/ofono.py)."""
    if modem["sim_present"] is False or modem["pin_required"] not in (None, "none"):
        return False
    if modem["online"] and modem["registration"] not in (None, "registered", "roaming"):
        return False
    contexts = modem["contexts"]
    return contexts is None or any(item["type"] == "internet" and item["apn"] for item in contexts)


def no_service(facts: Facts) -> list[Finding]:
    """A modem is there and ConnMan offers no cellular service for it."""
    connman = facts["connman"]
    if not connman["running"] or not any(_is_ready(modem) for modem in facts["ofono"]["modems"]):
        return []
    if any(service["type"] == "cellular" for service in connman["services"]):
        return []
    if connman["offline_mode"]:
        seen, remedy = "OfflineMode is on", "connmanctl disable offline"
    elif connman["cellular"] is None:
        seen, remedy = (
            "no cellular technology",
            "systemctl restart connman; then see journalctl -b -u connman",
        )
    elif not connman["cellular"]["powered"]:
        seen, remedy = "the cellular technology is off", "connmanctl enable cellular"
    else:
        seen, remedy = "the cellular technology is on", "huawei-modem connect names the step that is missing"
    return [
        error(
            "connman-no-service", "ConnMan has no cellular service", [Evidence("net.connman", seen)], [remedy]
        )
    ]


def router_without_address(facts: Facts) -> list[Finding]:
    """The stick is a router (HiLink), and the board's end of it has no address that the router gave.

    After a while without an answer ConnMan takes one of 169.254/16, which leads nowhere.
    """
    connman = facts["connman"]
    if not connman["running"]:
        return []
    services = {service["interface"]: service for service in connman["services"]}
    findings = []
    for stick in facts["sticks"]:
        functions = {interface["function"] for interface in stick["interfaces"]}
        if functions & {"modem", "pcui"}:
            continue  # its network card is the modem's, and waits for a call
        for interface in stick["interfaces"]:
            if interface["function"] != "ether" or interface["net"] is None:
                continue
            service = services.get(interface["net"])
            address = service["address"] if service else None
            if address and not address.startswith("169.254."):
                continue
            state = f"{service['state']}, address {address or 'none'}" if service else "no service for it"
            findings.append(
                error(
                    "router-no-address",
                    f"{stick['usb']} is a router and gave {interface['net']} no address",
                    [Evidence("net.connman", f"{interface['net']}: {state}")],
                    [
                        "unplug it and plug it in; it needs half a minute to start",
                        "its own page (192.168.8.1 as delivered): is its DHCP server on?",
                    ],
                )
            )
    return findings


RULES = (not_running, router_without_address, no_service)
