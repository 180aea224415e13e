# SPDX-License-Identifier: MIT
"""Which of two versions is the older one."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\d+|[A-Za-z]+|~")
# What comes before a version and not after it: semver.org 2.0, 9 and deb-version(7).
_BEFORE = frozenset(("~", "alpha", "beta", "dev", "pre", "preview", "rc", "snapshot"))
_END = (0, 0, "")


def is_older(version: str, than: str) -> bool:
    """Whether `version` comes before `than`; False where they have no order, as names of commits."""
    a, b = _key(version), _key(than)
    if a is None or b is None:
        return False
    length = max(len(a), len(b)) + 1
    return [*a, *[_END] * (length - len(a))] < [*b, *[_END] * (length - len(b))]


def _key(version: str) -> list[tuple[int, int, str]] | None:
    numbers = version.removeprefix("v").partition("+")[0]  # behind + is no part of the order (semver.org, 10)
    if not re.match(r"\d+(?:[^0-9A-Za-z]|$|(?:alpha|beta|rc|dev|pre))", numbers):
        return None
    return [_token(text.lower()) for text in _TOKEN.findall(numbers)]


def _token(text: str) -> tuple[int, int, str]:
    if text.isdigit():
        return 2, int(text), ""
    return (-2 if text == "~" else -1 if text in _BEFORE else 1), 0, text
