# SPDX-License-Identifier: MIT
"""Does each interface of a stick have its driver?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from huawei_modem.catalogue import found
from huawei_modem.functions import NETWORK, SERIAL
from huawei_modem.report import Evidence, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huawei_modem.shapes import Facts, InterfaceFacts, StickFacts


def serial_driver_missing(facts: Facts) -> list[Finding]:
    """A serial port's interface without a driver: there is no tty."""
    return [
        found(
            "serial-driver-missing",
            [_evidence(stick, interface)],
            function=interface["function"],
            usb=stick["usb"],
        )
        for stick, interface in _without_driver(facts)
        if interface["function"] in SERIAL
    ]


def network_driver_missing(facts: Facts) -> list[Finding]:
    """A network interface without a driver. oFono's PPP goes without: a fault where no serial port is."""
    findings = []
    for stick, interface in _without_driver(facts):
        has_ports = any(item["function"] in SERIAL for item in stick["interfaces"])
        driver = interface["wanted_driver"]
        if interface["function"] not in NETWORK or driver is None:
            continue
        if interface["listed"]:
            findings.append(
                found(
                    "net-driver-missing",
                    [_evidence(stick, interface)],
                    Severity.WARNING if has_ports else Severity.ERROR,
                    number=interface["number"],
                    usb=stick["usb"],
                    driver=driver,
                )
            )
        else:
            findings.append(
                found(
                    "net-driver-id-gap",
                    [_evidence(stick, interface)],
                    number=interface["number"],
                    usb=stick["usb"],
                    driver=driver,
                    what="",
                )
            )
    return findings


def driver_unverified(facts: Facts) -> list[Finding]:
    """An interface of Huawei's class without driver, whose number says nothing. It may need none."""
    return [
        found(
            "driver-unverified",
            [_evidence(stick, interface)],
            number=interface["number"],
            usb=stick["usb"],
            why="its numbers are none of Huawei's known ones",
        )
        for stick, interface in _without_driver(facts)
        if interface["usb_class"] == "ff" and interface["function"] is None
    ]


def _without_driver(facts: Facts) -> Iterator[tuple[StickFacts, InterfaceFacts]]:
    for stick in facts["sticks"]:
        for interface in stick["interfaces"]:
            if interface["driver"] is None:
                yield stick, interface


def _evidence(stick: StickFacts, interface: InterfaceFacts) -> Evidence:
    triple = f"{interface['usb_class']}/{interface['subclass']}/{interface['protocol']}"
    return Evidence(f"{stick['path']}, interface {interface['number']}", f"{triple}, no driver")


RULES = (serial_driver_missing, network_driver_missing, driver_unverified)
