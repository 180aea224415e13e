# SPDX-License-Identifier: MIT
"""The kinds of what is masked, as masked.txt and docs/doctor.md name them."""

from __future__ import annotations

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


def words(text: str) -> frozenset[str]:
    """The words of a list that is written as text, many to a line."""
    return frozenset(text.split())
