# SPDX-License-Identifier: MIT
"""Is there a stick, and is it a modem or still a drive with its installer on it?"""

from __future__ import annotations

from huawei_modem.facts import Facts, InterfaceFacts
from huawei_modem.report import Evidence, Finding, error, info, warning


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


def in_hilink_mode(facts: Facts) -> list[Finding]:
    """The stick is a router with a network interface: not a fault, and nothing for oFono."""
    return [
        info(
            "stick-in-hilink-mode",
            f"{stick['usb']} is a HiLink stick: a router with a network interface, without AT ports",
            [Evidence(stick["path"], stick["usb"])],
            ["ConnMan takes it as ethernet by DHCP; oFono has no part in it"],
        )
        for stick in facts["sticks"]
        if stick["mode"] == "hilink"
    ]


def unconfigured(facts: Facts) -> list[Finding]:
    """The kernel chose no configuration, so the stick has no interfaces."""
    return [
        error(
            "usb-unconfigured",
            f"{stick['usb']} has no active USB configuration: no interface, no driver",
            [Evidence(stick["path"], "no interface")],
            [
                "unplug it and plug it in; try a powered hub",
                f"if it stays: echo 1 > {stick['path']}/bConfigurationValue",
            ],
        )
        for stick in facts["sticks"]
        if not stick["interfaces"]
    ]


def configuration(facts: Facts) -> list[Finding]:
    """The active one of several configurations has nothing for oFono. As ethernet it may be meant."""
    return [
        warning(
            "usb-configuration-wrong",
            f"the active configuration of {stick['usb']} has no AT port and no MBIM; it has "
            f"{stick['configurations']} configurations",
            [
                Evidence(
                    stick["path"],
                    ", ".join(
                        f"{item['usb_class']}/{item['subclass']}/{item['protocol']}"
                        for item in stick["interfaces"]
                    ),
                )
            ],
            [
                f"lsusb -v -d {stick['usb']}: which configuration has interfaces of class ff?",
                f"echo NUMBER > {stick['path']}/bConfigurationValue, chosen by what it has",
            ],
        )
        for stick in facts["sticks"]
        if (stick["configurations"] or 1) > 1
        and stick["mode"] != "hilink"
        and stick["interfaces"]
        and not any(_usable(item) for item in stick["interfaces"])
    ]


def _usable(item: InterfaceFacts) -> bool:
    """Serial ports, MBIM, or a drive, which has its own rule."""
    numbers = (item["usb_class"], item["subclass"])
    return item["usb_class"] in ("ff", "08") or numbers in (("02", "02"), ("02", "0e"))


RULES = (absent, in_storage_mode, in_hilink_mode, unknown, unconfigured, configuration)
