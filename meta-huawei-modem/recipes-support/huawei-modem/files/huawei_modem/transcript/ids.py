# SPDX-License-Identifier: MIT
"""What a USB id of Huawei says about the mode of the stick, beyond the sticks of the database."""

from __future__ import annotations

from huawei_modem.database import Database

STORAGE, MODEM, ROUTER, MBIM = "storage", "modem", "hilink", "mbim"
VENDOR = "12d1"
KIN = {"3566": "Brovi, which sells it as a Huawei E3372-325"}
"""Vendor ids of sticks under Huawei's names that are none of Huawei's (forum.openwrt.org/t/153556)."""


def mode_of(usb: str, database: Database, name: str = "") -> str | None:
    """storage, modem, mbim or hilink (a router); None when the id and the name in lsusb say nothing."""
    if not usb.startswith(f"{VENDOR}:"):
        return None
    if (known := database.mode_name(usb)) is not None:
        return known
    return STORAGE if "mass storage mode" in name.lower() else None
