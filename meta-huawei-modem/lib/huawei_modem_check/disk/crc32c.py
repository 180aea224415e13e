# SPDX-License-Identifier: MIT
"""CRC-32C (RFC 3720, appendix B.4) as ext4's metadata has it; zlib and binascii have another polynomial."""

from __future__ import annotations

import functools
import sys
from array import array

_POLYNOMIAL = 0x82F63B78


@functools.lru_cache(maxsize=None)  # noqa: UP033  # cache: since Python 3.9
def _tables() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What one octet and what two octets do to the sum."""
    one = []
    for octet in range(256):
        value = octet
        for _ in range(8):
            value = (value >> 1) ^ (_POLYNOMIAL if value & 1 else 0)
        one.append(value)
    first = ((one[both & 0xFF] ^ (both >> 8)) for both in range(1 << 16))
    return tuple(one), tuple(one[value & 0xFF] ^ (value >> 8) for value in first)


def crc32c(data: bytes, seed: int = 0xFFFFFFFF) -> int:
    """As Linux's crc32c(): `seed` goes in as it is, and nothing is inverted at the end."""
    one, two = _tables()
    value = seed
    even = len(data) & ~1
    words = array("H", data[:even])
    if sys.byteorder == "big":
        words.byteswap()
    for word in words:
        value = two[(value ^ word) & 0xFFFF] ^ (value >> 16)
    for octet in data[even:]:
        value = one[(value ^ octet) & 0xFF] ^ (value >> 8)
    return value
