# SPDX-License-Identifier: MIT
"""Which modules an image is for: ConfigBlock::isProductSupported (configblock.cpp:398-437).

The installer compares eight digits, the product id and the version of the module. Here the version is not
known: a module counts when the image is for any version of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_EIGHT = re.compile(r"[0-9]{8}\n?")  # a dollar sign also matches before a line break at the end
_RANGE = re.compile(r"([0-9]{8})-([0-9]{8})?\n?")


def is_supported(product: str, ids: Sequence[str]) -> bool:
    """Whether an image with these supported_product_ids is for any version of the module `product`."""
    eights = [item for item in ids if _EIGHT.fullmatch(item)]
    ranges = [match for match in map(_RANGE.fullmatch, ids) if match]
    if not eights and not ranges:
        return product in ids
    first, last = f"{product}0000", f"{product}9999"
    if any(first <= item <= last for item in eights):
        return True
    for match in ranges:
        low, high = match[1], match[2]
        if high is None and low[:4] == product:
            return True
        if high is not None and low <= last and high >= first:
            return True
    return False


def is_chosen(product: str, ids: Sequence[str]) -> bool:
    """Whether a raw file with these product_ids is written on the module.

    (multiimagewritethread.cpp:755-769).
    """
    return not ids or is_supported(product, ids)
