# SPDX-License-Identifier: MIT
"""Tells a person, or a journal, which step something stands at."""

from __future__ import annotations

import time
from typing import TextIO

from huawei_modem.text import printable


class Progress:
    """A line a step to `stream`; on a terminal the step that is waited for counts its seconds in place."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._ticking = False

    def say(self, line: str) -> None:
        """A step that was taken, or that is waited for from now on."""
        self._write(("\r\x1b[K" if self._ticking else "") + f"{printable(line)}\n")
        self._ticking = False

    def tick(self, step: str, seconds: float, hint: str) -> None:
        """The step is still waited for. Without a terminal nothing: a log is not to fill with it."""
        if self._live:
            self._write(f"\r\x1b[K  {step}: {seconds:.0f} s{f' ({printable(hint)})' if hint else ''}"[:120])
            self._ticking = True

    def sleep(self, seconds: float) -> None:
        """Waits between two looks."""
        time.sleep(seconds)

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
