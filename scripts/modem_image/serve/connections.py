# SPDX-License-Identifier: MIT
"""The connections of a server, bounded in number and in patience.

Who waits costs a thread. So there are only so many in all and from one address, and when there is no room
for a new one the one that has been silent longest gives way; one that is being answered never does. A request
has to be whole in time, however slowly its octets come, and an answer has to be taken at some pace.
"""

from __future__ import annotations

import contextlib
import dataclasses
import socket
import threading
import time
from collections.abc import Callable

TOTAL, PER_ADDRESS = 512, 128
REQUEST_SECONDS = 20.0
"""From the connection, or the answer before, to the last octet of a request's header."""
STALL_SECONDS = 60.0
"""Within them a chunk of an answer has to be gone (http.CHUNK: 4 KiB/s)."""
_TELL_SECONDS = 10.0


@dataclasses.dataclass(eq=False)
class Connection:
    """One connection. `since`: when what it does now began, or last got on; `busy`: it is being answered."""

    socket: socket.socket
    address: str
    since: float
    busy: bool = False


class Connections:
    """All that are open. Used by the thread that accepts and by those that answer."""

    def __init__(
        self,
        say: Callable[[str], None],
        total: int = TOTAL,
        per_address: int = PER_ADDRESS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._say, self._total, self._per_address, self._now = say, total, per_address, now
        self._open: dict[socket.socket, Connection] = {}
        self._lock = threading.Lock()
        self._closed: dict[str, int] = {}
        self._told = -_TELL_SECONDS

    def admit(self, new: socket.socket, address: str) -> bool:
        """Whether there is room, if need be that of a silent one, first of the same address."""
        with self._lock:
            same = [item for item in self._open.values() if item.address == address]
            crowd = same if len(same) >= self._per_address else list(self._open.values())
            if crowd is same or len(crowd) >= self._total:
                silent = [item for item in crowd if not item.busy]
                if not silent:
                    self._count("refused: too many downloads at once", 1)
                    return False
                self._close(min(silent, key=lambda item: item.since), "closed to make room: no request")
            self._open[new] = Connection(new, address, self._now())
            return True

    def leave(self, gone: socket.socket) -> None:
        """It is closed."""
        with self._lock:
            self._open.pop(gone, None)

    def answering(self, one: socket.socket) -> None:
        """Its request is whole, or a chunk of its answer is gone."""
        self._mark(one, busy=True)

    def waiting(self, one: socket.socket) -> None:
        """Its answer is gone."""
        self._mark(one, busy=False)

    def _mark(self, one: socket.socket, busy: bool) -> None:
        with self._lock:
            if one in self._open:
                self._open[one].busy, self._open[one].since = busy, self._now()

    def close_late(self) -> None:
        """Close those that took too long, and tell now and then how many. To be called every second or so."""
        with self._lock:
            now = self._now()
            for item in list(self._open.values()):
                if now - item.since > (STALL_SECONDS if item.busy else REQUEST_SECONDS):
                    self._close(item, "closed: too slow" if item.busy else "closed: no request in time")
            if not self._closed or now - self._told < _TELL_SECONDS:
                return
            told, self._closed, self._told = self._closed, {}, now
        for reason, number in told.items():
            self._say(f"{number} connection{'s' if number > 1 else ''} {reason}")

    def _close(self, item: Connection, reason: str) -> None:
        self._open.pop(item.socket, None)
        self._count(reason, 1)
        with contextlib.suppress(OSError):  # its thread wakes up and closes it
            item.socket.shutdown(socket.SHUT_RDWR)

    def _count(self, reason: str, number: int) -> None:
        self._closed[reason] = self._closed.get(reason, 0) + number
