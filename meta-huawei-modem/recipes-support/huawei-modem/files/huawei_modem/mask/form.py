# SPDX-License-Identifier: MIT
"""A form in which programs print what is to be masked."""

from __future__ import annotations

import functools
import re


class Form:
    """Every group of `pattern` is a value of `kind`.

    Which texts it need not be tried at, for there are a hundred of them and a log has thousands of lines: any
    text that it matches has one of `hints` in small letters, `times` times, and `shape` in one of
    `patterns._Shapes`.
    """

    def __init__(
        self,
        kind: str,
        hints: str,
        text: str,
        flags: int = re.IGNORECASE,
        shape: str | int = "",
        times: int = 1,
    ) -> None:
        self.kind = kind
        self.hints = tuple(hints.split())
        self.shape = shape
        self.times = times
        self._text = text
        self._flags = flags

    @functools.cached_property
    def pattern(self) -> re.Pattern[str]:
        """Compiled when a text has a hint of it: all of them take longer than a short log."""
        return re.compile(self._text, self._flags)
