# SPDX-License-Identifier: MIT
"""What a USB id of Huawei says about the mode of the stick, beyond the sticks of the database."""

from __future__ import annotations

from huawei_modem.database import Database

# usb-modeswitch-data 20191128, files 12d1:*: default ids, and ids that come back.
_STORAGE = frozenset(
    {"1446", "14fe", "1505", "1520", "15ca", "1c0b", "1597", "157c", "1582", "1da1", "1f01", "1f16"}
)
_MODEM = frozenset(
    {"1001", "1436", "140b", "140c", "14ac", "1506", "150a", "150f", "151d", "1573", "15c1", "1c05", "1c1e"}
)
# Linux drivers/net/usb/cdc_ether.c: a network interface, an address of its own, no serial port.
_ROUTER = frozenset({"14db", "14dc"})

STORAGE, MODEM, ROUTER = "storage", "modem", "hilink"
VENDOR = "12d1"


def mode_of(usb: str, database: Database, name: str = "") -> str | None:
    """storage, modem, mbim or hilink (a router); None when the id and the name in lsusb say nothing."""
    vendor, _, product = usb.partition(":")
    if vendor != VENDOR:
        return None
    if known := database.mode_of(usb):
        return known[1].name
    for mode, products in ((STORAGE, _STORAGE), (MODEM, _MODEM), (ROUTER, _ROUTER)):
        if product in products:
            return mode
    return STORAGE if "mass storage mode" in name.lower() else None
