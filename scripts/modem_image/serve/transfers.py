# SPDX-License-Identifier: MIT
"""What every client is downloading, for the person at the terminal."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from huawei_modem.text import printable

_MIB = 1 << 20
_LARGE = 1 * _MIB  # bytes from which a download has a line of its own
_EVERY_SECONDS = 5.0


class Transfers:
    """Tells of large downloads: progress every few seconds, and how each ended. Used by many threads."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def running(self, client: str, name: str, size: int) -> Iterator[Transfer]:
        """One download of `size` octets."""
        transfer = Transfer(self.say, f"{client}: {printable(name)}", size)
        try:
            yield transfer
        finally:
            transfer.end()

    def say(self, line: str) -> None:
        """One line, never in the middle of another."""
        with self._lock:
            self._say(line)


class Transfer:
    """One download, driven by the thread that sends it."""

    def __init__(self, say: Callable[[str], None], label: str, size: int) -> None:
        self._say = say
        self._label = label
        self._size = size
        self._sent = 0
        self._began = self._told = time.monotonic()

    def advance(self, sent: int) -> None:
        """So many octets more went out."""
        self._sent += sent
        now = time.monotonic()
        if self._sent < self._size and now - self._told >= _EVERY_SECONDS:
            self._told = now
            self._say(f"{self._label}: {100 * self._sent // self._size} % of {self._size / _MIB:.1f} MiB")

    def end(self) -> None:
        """Nothing more goes out."""
        if self._size < _LARGE:
            return
        seconds = max(time.monotonic() - self._began, 1e-3)
        if self._sent < self._size:
            self._say(
                f"{self._label}: broken off after {self._sent / _MIB:.1f} of {self._size / _MIB:.1f} MiB"
            )
            return
        rate = self._size / _MIB / seconds
        self._say(f"{self._label}: {self._size / _MIB:.1f} MiB in {seconds:.1f} s, {rate:.0f} MiB/s")
