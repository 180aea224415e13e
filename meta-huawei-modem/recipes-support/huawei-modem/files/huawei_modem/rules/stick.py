# SPDX-License-Identifier: MIT
"""Is there a stick, and is it a modem or still a drive with its installer on it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from huawei_modem.catalogue import found
from huawei_modem.report import Evidence, Finding

if TYPE_CHECKING:
    from huawei_modem.shapes import Facts, InterfaceFacts


def absent(facts: Facts) -> list[Finding]:
    """No device of the vendor on the bus."""
    if facts["sticks"]:
        return []
    return [found("stick-absent", [Evidence("/sys/bus/usb/devices", "no device with idVendor 12d1")])]


def in_storage_mode(facts: Facts) -> list[Finding]:
    """The stick shows nothing but storage: usb_modeswitch has not switched it."""
    name = "stick-in-storage-mode" + (":installed" if facts["usb_modeswitch"] else "")
    return [
        found(
            name,
            [Evidence(stick["path"], f"{stick['usb']}: storage interfaces only")],
            usb=stick["usb"],
            vendor=stick["usb"].partition(":")[0],
            product=stick["usb"].partition(":")[2],
        )
        for stick in facts["sticks"]
        if stick["interfaces"] and all(item["function"] == "storage" for item in stick["interfaces"])
    ]


def unknown(facts: Facts) -> list[Finding]:
    """The id is not in the database: the family's numbers still apply."""
    return [
        found("unknown-stick:database", [Evidence(stick["path"], stick["usb"])], usb=stick["usb"])
        for stick in facts["sticks"]
        if stick["name"] is None
    ]


def in_hilink_mode(facts: Facts) -> list[Finding]:
    """The stick is a router with a network interface: not a fault, and nothing for oFono."""
    return [
        found("stick-in-hilink-mode", [Evidence(stick["path"], stick["usb"])], usb=stick["usb"])
        for stick in facts["sticks"]
        if stick["mode"] == "hilink"
    ]


def unconfigured(facts: Facts) -> list[Finding]:
    """The kernel chose no configuration, so the stick has no interfaces."""
    return [
        found("usb-unconfigured", [Evidence(stick["path"], "no interface")], usb=stick["usb"])
        for stick in facts["sticks"]
        if not stick["interfaces"]
    ]


def configuration(facts: Facts) -> list[Finding]:
    """The active one of several configurations has nothing for oFono. As ethernet it may be meant."""
    return [
        found(
            "usb-configuration-wrong",
            [
                Evidence(
                    stick["path"],
                    ", ".join(
                        f"{item['usb_class']}/{item['subclass']}/{item['protocol']}"
                        for item in stick["interfaces"]
                    ),
                )
            ],
            usb=stick["usb"],
            count=stick["configurations"],
        )
        for stick in facts["sticks"]
        if (stick["configurations"] or 1) > 1
        and stick["mode"] != "hilink"
        and stick["interfaces"]
        and not any(_usable(item) for item in stick["interfaces"])
    ]


def _usable(item: InterfaceFacts) -> bool:
    """Serial ports, MBIM, or a drive, which has its own rule. What is not known may be any."""
    numbers = (item["usb_class"], item["subclass"])
    if item["usb_class"] == "ff":
        return item["function"] not in ("qmi", "ncm")
    return item["usb_class"] == "08" or numbers in (("02", "02"), ("02", "0e"))


RULES = (absent, in_storage_mode, in_hilink_mode, unknown, unconfigured, configuration)
