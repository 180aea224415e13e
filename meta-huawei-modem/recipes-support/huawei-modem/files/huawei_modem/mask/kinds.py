# SPDX-License-Identifier: MIT
"""The kinds of what is masked, as masked.txt and docs/doctor.md name them."""

from __future__ import annotations

import re

SECRET = "PIN, user or password"  # noqa: S105  (the name of a kind)
SIM = "SIM or message"
SERIAL = "serial number"
ADDRESS = "MAC address"
TELEPHONE = "telephone number"
NUMBER = "IMEI, IMSI, ICCID or the like"
WLAN = "name of a WLAN or connection"
PLACE = "place: cell, area or position"
HOST = "host name"
VALUE = "value that is not on the list of what may leave"

TOKEN = re.compile(r"\[masked-\d+\]")
"""What stands where something was masked."""
CASELESS = {0x130: ord("i"), 0x131: ord("i"), 0x17F: ord("s"), 0x212A: ord("k")}
"""Characters beyond ASCII that an expression without regard to case takes for one of ASCII."""


def words(text: str) -> frozenset[str]:
    """The words of a list that is written as text, many to a line."""
    return frozenset(text.split())
