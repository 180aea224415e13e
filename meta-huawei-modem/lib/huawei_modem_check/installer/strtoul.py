# SPDX-License-Identifier: MIT
"""Numbers as the C library and e2fsprogs read them from a command line."""

from __future__ import annotations

import re

_UNITS = {"": 1, "s": 512, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def number(text: str) -> int | None:
    """A number as strtoul reads it with base 0: hexadecimal, octal, a sign that wraps around; "" is 0."""
    if text == "":
        return 0
    found = re.fullmatch(r"[ \t\n\v\f\r]*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)", text)
    if found is None:
        return None
    digits = found[2]
    value = int(digits, 16 if digits[:2] in ("0x", "0X") else 8 if digits[0] == "0" else 10)
    return min(value, (1 << 64) - 1) if found[1] != "-" else -value % (1 << 64)


def blocks(text: str, block: int = 1) -> int:
    """A number of blocks with a unit at its end, as parse_num_blocks2 reads it; 0 when it is none."""
    unit = text[-1:].lower()
    value = number(text[:-1] if unit in ("s", "k", "m", "g", "t") else text)
    if value is None or unit not in _UNITS:
        return value or 0
    return value * _UNITS[unit] // block if block > 1 else value * _UNITS[unit]
