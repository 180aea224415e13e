# SPDX-License-Identifier: MIT
"""Whether what a text costs grows as the text does, on a machine that does other work too."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

_Text = TypeVar("_Text")
_TRIES = 10
_NOTHING_S = 0.02
"""What costs less than this is noise."""


def assert_no_faster(read: Callable[[_Text], object], short: _Text, long: _Text, times: float) -> None:
    """`long` costs at most `times` as much as `short`, of which it is a multiple.

    Other work makes either dearer for a while, so one try of ten is enough; what grows with the square of a
    text does so each time.
    """
    seen = []
    for _ in range(_TRIES):
        seen.append((_seconds(read, short), _seconds(read, long)))
        few, many = min(pair[0] for pair in seen), min(pair[1] for pair in seen)
        if many <= times * max(few, _NOTHING_S):
            return
    raise AssertionError(f"seconds for the short and the long text, each time: {seen}")


def _seconds(read: Callable[[_Text], object], text: _Text) -> float:
    begun = time.process_time()
    read(text)
    return time.process_time() - begun
