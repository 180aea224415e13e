# SPDX-License-Identifier: MIT
"""What a USB id of Huawei says about the mode of the stick, beyond the sticks of the database."""

from __future__ import annotations

from huawei_modem.database import Database

STORAGE, MODEM, ROUTER = "storage", "modem", "hilink"
VENDOR = "12d1"


def mode_of(usb: str, database: Database, name: str = "") -> str | None:
    """storage, modem, mbim or hilink (a router); None when the id and the name in lsusb say nothing."""
    if not usb.startswith(f"{VENDOR}:"):
        return None
    if (known := database.mode_name(usb)) is not None:
        return known
    return STORAGE if "mass storage mode" in name.lower() else None
