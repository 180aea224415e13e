# SPDX-License-Identifier: MIT
"""Numbers as the C library and e2fsprogs read them from a command line."""

from __future__ import annotations

import re

_UNITS = {"": 1, "s": 512, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


_WHOLE = r"0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*"
_MOST = (1 << 64) - 1
_DIGITS = 40
"""More of them are beyond every bound; Python's int refuses some thousands."""


def decimal(digits: str) -> int:
    """The value of decimal digits, however many there are."""
    digits = digits.lstrip("0") or "0"
    return int(digits) if len(digits) <= _DIGITS else 10**_DIGITS


def _whole(digits: str) -> int:
    """The value of _WHOLE, by how it begins."""
    if digits[:2] in ("0x", "0X"):
        return int(digits, 16)
    return int(digits, 8) if digits[0] == "0" else decimal(digits)


def number(text: str) -> int | None:
    """A number as strtoul reads it with base 0: hexadecimal, octal, a sign that wraps around; "" is 0."""
    if text == "":
        return 0
    found = re.fullmatch(rf"[ \t\n\v\f\r]*([+-]?)({_WHOLE})", text)
    if found is None:
        return None
    value = _whole(found[2])
    if value > _MOST:
        return _MOST
    return -value % (1 << 64) if found[1] == "-" else value


def signed(text: str, base: int = 0) -> int | None:
    """A whole number as strtol reads it with base 0 or 16, with nothing before nor behind it."""
    digits = r"(?:0[xX])?[0-9a-fA-F]+" if base == 16 else _WHOLE
    found = re.fullmatch(rf"([+-]?)({digits})", text)
    if found is None:
        return None
    value = int(found[2], 16) if base == 16 else _whole(found[2])
    return -value if found[1] == "-" else value


def blocks(text: str, block: int = 1) -> int:
    """A number of blocks with a unit at its end, as parse_num_blocks2 reads it; 0 when it is none."""
    unit = text[-1:].lower()
    value = number(text[:-1] if unit in ("s", "k", "m", "g", "t") else text)
    if value is None or unit not in _UNITS:
        return value or 0
    return value * _UNITS[unit] // block if block > 1 else value * _UNITS[unit]
