# SPDX-License-Identifier: MIT
"""Does ConnMan have a service for the modem?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from huawei_modem.catalogue import found
from huawei_modem.report import Evidence, Finding

if TYPE_CHECKING:
    from huawei_modem.shapes import Facts, ModemFacts


def not_running(facts: Facts) -> list[Finding]:
    """The daemon is not on D-Bus."""
    if facts["connman"]["running"] is None:
        return [
            found(
                "insufficient-data:daemon",
                [Evidence("D-Bus", facts["connman"]["reason"] or "")],
                daemon="ConnMan",
                unit="connman",
            )
        ]
    if facts["connman"]["running"]:
        return []
    return [found("connman-not-running", [Evidence("D-Bus", "nobody owns net.connman")])]


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
        kind, seen = "connman-no-service:offline", "OfflineMode is on"
    elif connman["cellular"] is None:
        kind, seen = "connman-no-service:technology", "no cellular technology"
    elif not connman["cellular"]["powered"]:
        kind, seen = "connman-no-service:off", "the cellular technology is off"
    else:
        kind, seen = "connman-no-service", "the cellular technology is on"
    return [found(kind, [Evidence("net.connman", seen)])]


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
                found(
                    "router-no-address",
                    [Evidence("net.connman", f"{interface['net']}: {state}")],
                    usb=stick["usb"],
                    net=interface["net"],
                )
            )
    return findings


RULES = (not_running, router_without_address, no_service)
