# SPDX-License-Identifier: MIT
"""The one place where strings that are not ours become harmless to show: terminal, JSON, XML, HTML and logs.

For Python 3.8 and later: the host's writers use it too.
"""

from __future__ import annotations

from typing import Any

_SPACES = "\n\t"


def printable(text: str) -> str:
    """`text` without what steers a terminal or turns the direction of writing, and without lone surrogates.

    Each such character becomes a replacement character (str.isprintable: Unicode's categories Other and
    Separator, but for the blank).
    """
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def plain(value: Any) -> Any:
    """Plain data with every text in it printable, keys too. Ends of lines and tabs stay."""
    if isinstance(value, str):
        if value.isprintable():
            return value
        return "".join(char if char in _SPACES else printable(char) for char in value)
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value
