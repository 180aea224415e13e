# SPDX-License-Identifier: MIT
"""Is there a stick, and is it a modem or still a drive with its installer on it?"""

from __future__ import annotations

from huawei_modem.facts import Facts
from huawei_modem.report import Evidence, Finding, error, info


def absent(facts: Facts) -> list[Finding]:
    """No device of the vendor on the bus."""
    if facts["sticks"]:
        return []
    return [
        error(
            "stick-absent",
            "no Huawei stick on the USB bus",
            [Evidence("/sys/bus/usb/devices", "no device with idVendor 12d1")],
            ["plug it in; then see dmesg: a stick that the bus cannot power or read is named there"],
        )
    ]


def in_storage_mode(facts: Facts) -> list[Finding]:
    """The stick shows nothing but storage: usb_modeswitch has not switched it."""
    return [
        error(
            "stick-in-storage-mode",
            f"{stick['usb']} is in its installer mode, as a drive, and was not switched",
            [Evidence(stick["path"], f"{stick['usb']}: storage interfaces only")],
            ["install usb-modeswitch and usb-modeswitch-data; then unplug and plug in"],
        )
        for stick in facts["sticks"]
        if stick["interfaces"] and all(item["function"] == "storage" for item in stick["interfaces"])
    ]


def unknown(facts: Facts) -> list[Finding]:
    """The id is not in the database: the family's numbers still apply."""
    return [
        info(
            "unknown-stick",
            f"{stick['usb']} is not in the database; its ports are told by Huawei's numbers",
            [Evidence(stick["path"], stick["usb"])],
        )
        for stick in facts["sticks"]
        if stick["name"] is None
    ]


RULES = (absent, in_storage_mode, unknown)
