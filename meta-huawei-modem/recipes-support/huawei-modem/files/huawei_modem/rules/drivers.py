# SPDX-License-Identifier: MIT
"""Does each interface of a stick have its driver?"""

from __future__ import annotations

from huawei_modem.facts import Facts, InterfaceFacts, StickFacts
from huawei_modem.report import Evidence, Finding, error, info, warning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

SERIAL = ("modem", "pcui", "diag", "gps")
NETWORK = ("ncm", "qmi", "ether", "mbim", "rndis")


def serial_driver_missing(facts: Facts) -> list[Finding]:
    """A serial port's interface without a driver: there is no tty."""
    return [
        error(
            "serial-driver-missing",
            f"the {interface['function']} port of {stick['usb']} has no driver",
            [_evidence(stick, interface)],
            ["modprobe option", "if that fails: huawei-modem check-modules"],
        )
        for stick, interface in _without_driver(facts)
        if interface["function"] in SERIAL
    ]


def network_driver_missing(facts: Facts) -> list[Finding]:
    """A network interface without a driver. oFono's PPP goes without: a fault where no serial port is."""
    findings = []
    for stick, interface in _without_driver(facts):
        make = warning if any(item["function"] in SERIAL for item in stick["interfaces"]) else error
        driver = interface["wanted_driver"]
        if interface["function"] not in NETWORK or driver is None:
            continue
        if interface["listed"]:
            findings.append(
                make(
                    "net-driver-missing",
                    f"interface {interface['number']} of {stick['usb']} has no network driver",
                    [_evidence(stick, interface)],
                    [f"modprobe {driver}", "if that fails: huawei-modem check-modules"],
                )
            )
        else:
            findings.append(
                warning(
                    "net-driver-id-gap",
                    f"interface {interface['number']} of {stick['usb']} fits {driver}, which lacks its id",
                    [_evidence(stick, interface)],
                    ["huawei-modem bind", "or a kernel with the patch of meta-huawei-modem"],
                )
            )
    return findings


def driver_unverified(facts: Facts) -> list[Finding]:
    """An interface of Huawei's class without driver, whose number says nothing. It may need none."""
    return [
        info(
            "driver-unverified",
            f"interface {interface['number']} of {stick['usb']} has no driver; which one fits is not known",
            [_evidence(stick, interface)],
            [f"lsusb -v -d {stick['usb']}"],
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
