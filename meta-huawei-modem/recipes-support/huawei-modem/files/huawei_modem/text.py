# SPDX-License-Identifier: MIT
"""The one place where strings that are not ours become harmless to show: terminal, JSON, XML, HTML and logs.

For Python 3.8 and later: the host's writers use it too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_BLOCK = 1 << 16
_SPACES = "\n\t"


def printable(text: str) -> str:
    """`text` without what steers a terminal or turns the direction of writing, and without lone surrogates.

    Each such character becomes a replacement character (str.isprintable: Unicode's categories Other and
    Separator, but for the blank).
    """
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def lines(text: str) -> Iterator[str]:
    """As `text.splitlines()`, without all of them in memory: a text may be of nothing but ends of lines."""
    start = 0
    while start < len(text):
        end = text.find("\n", start + _BLOCK) + 1 or len(text)
        yield from text[start:end].splitlines()
        start = end


class _Shown(dict):  # type: ignore[type-arg]  # Python 3.8, with which bitbake runs
    """For str.translate: each character is judged once."""

    def __missing__(self, code: int) -> int:
        char = chr(code)
        shown = self[code] = code if char in _SPACES else ord(printable(char))
        return shown


_SHOWN = _Shown()


def plain(value: Any) -> Any:
    """Plain data with every text in it printable, keys too. Ends of lines and tabs stay."""
    if isinstance(value, str):
        return value if value.isprintable() else value.translate(_SHOWN)
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value
