# SPDX-License-Identifier: MIT
"""Keeps what the stick's thread reports, and lets the bench wait for it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from modem_image.bench.stick.events import Event

# What a person at a terminal wants to see pass by; the log file has every event.
_SHOWN: Mapping[str, str] = {
    "attached": "stick attached",
    "switch-requested": "switch message received",
    "at-opened": "AT port opened",
    "dialled": "dialled",
    "ppp-up": "PPP up",
    "dhcp-lease": "address leased",
    "address-told": "address given by AT^DHCP",
    "http-request": "online check answered",
    "protocol-error": "protocol error",
}


class Recorder:
    """An event sink that writes `path` line by line and gives the chosen events to `progress`.

    Both have seconds since plug-in, which is the first `attached`.
    """

    def __init__(self, path: Path, progress: Callable[[str], None]) -> None:
        self._path = path
        self._progress = progress
        self._changed = threading.Condition()
        self._events: list[Event] = []
        self._plug_in: float | None = None
        path.write_text("")

    @property
    def events(self) -> tuple[Event, ...]:
        """What was recorded so far, in order."""
        with self._changed:
            return tuple(self._events)

    def first(self, pattern: str, since: float = 0.0) -> float | None:
        """The time of the first event so far whose "name details" has `pattern`, a regular expression."""
        found = (
            event.time for event in self.events if event.time >= since and re.search(pattern, event.text)
        )
        return next(found, None)

    def record(self, event: Event) -> None:
        """Called from the stick's thread."""
        if self._plug_in is None and event.name == "attached":
            self._plug_in = event.time
        seconds = event.time - (event.time if self._plug_in is None else self._plug_in)
        with self._path.open("a") as log:
            log.write(f"{seconds:9.3f} {event.text}\n")
        with self._changed:
            self._events.append(event)
            self._changed.notify_all()
        if event.name in _SHOWN:
            shown = f"{_SHOWN[event.name]} {event.details}".rstrip()
            self._progress(f"  {seconds:5.1f} s  {shown}")

    def await_event(
        self,
        pattern: str,
        patience: float,
        check_alive: Callable[[], None],
        now: Callable[[], float] = time.monotonic,
        since: float = 0.0,
    ) -> float | None:
        """The time of the first event with `pattern`; None if none comes in `patience` seconds of `now`.

        `since`: events before that moment do not count.
        """
        end = now() + patience
        while True:
            check_alive()
            with self._changed:
                seen, remaining = self.first(pattern, since), end - now()
                if seen is not None or remaining <= 0:
                    return seen
                self._changed.wait(min(remaining, 1.0))
