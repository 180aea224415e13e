# SPDX-License-Identifier: MIT
"""What was seen during a run, from every side, on one clock.

Pure functions from the text that the board's own tools print (journalctl, busctl) and from
the stick's events to Observations. Times are seconds since plug-in, negative before it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from modem_image.bench.stick.events import Event

# journalctl --output=short-monotonic: "[   12.345678] host identifier[pid]: message"
_JOURNAL = re.compile(r"^\[\s*(\d+\.\d+)\] \S+ ([^:\[\s]+)(\[\d+\])?: (.*)$")
# A line of busctl's monitor, after the board's uptime: "12.34 {"type":"signal", ...}"
_SIGNAL = re.compile(r"^(\d+\.\d+) (\{.*\})$")


@dataclass(frozen=True)
class Clock:
    """How the board's clocks stand to the host's monotonic one, all in seconds."""

    plug_in: float
    uptime_offset: float

    def of_host(self, moment: float) -> float:
        return moment - self.plug_in

    def of_uptime(self, moment: float) -> float:
        return moment + self.uptime_offset - self.plug_in


@dataclass(frozen=True)
class Observation:
    """`source`: stick, beside (the second stick), kernel, journal, ofono, connman or bench; `name` says what,
    `text` is the evidence."""

    time: float
    source: str
    name: str
    text: str


def from_events(events: Iterable[Event], clock: Clock, source: str = "stick") -> Iterator[Observation]:
    """The stick's side."""
    for event in events:
        mode = f":{event.detail['mode']}" if event.name == "configured" else ""
        yield Observation(clock.of_host(event.time), source, event.name + mode, event.details)


def from_journal(text: str, clock: Clock) -> Iterator[Observation]:
    """The board's journal; the name of an observation is the identifier that logged it.

    BusyBox's klogd logs each of the kernel's lines once more, as a process of the name kernel.
    """
    for line in text.splitlines():
        found = _JOURNAL.match(line)
        if found:
            source = "kernel" if found[2] == "kernel" and not found[3] else "journal"
            yield Observation(clock.of_uptime(float(found[1])), source, found[2], found[4])


def from_signals(text: str, clock: Clock) -> Iterator[Observation]:
    """oFono's and ConnMan's D-Bus signals as `interface.member key=value` texts.

    PropertyChanged is named `Interface.Property=value`; ModemAdded and ServicesChanged by their member.
    """
    for time, message in _signals(text):
        interface, body = message["interface"], message.get("payload", {}).get("data", [])
        words = list(_words(body))
        name = f"{interface.rsplit('.', 1)[-1]}.{message['member']}"
        if message["member"] == "PropertyChanged" and words:
            name = f"{interface.rsplit('.', 1)[-1]}.{words[0]}={words[1] if len(words) == 2 else ''}"
        source = "ofono" if interface.startswith("org.ofono") else "connman"
        yield Observation(clock.of_uptime(time), source, name, " ".join([message["path"], *words[:12]]))


def _signals(text: str) -> Iterator[tuple[float, dict[str, Any]]]:
    """Uptime and message of each whole line; the last one may be cut short."""
    for line in text.splitlines():
        found = _SIGNAL.match(line)
        with suppress(ValueError):
            message = json.loads(found[2]) if found else {}
            if found and message.get("type") == "signal":
                yield float(found[1]), message


def _words(value: Any) -> Iterator[str]:
    """The numbers and strings in what busctl prints of a body, keys before their values."""
    if isinstance(value, dict) and value.keys() == {"type", "data"}:
        yield from _words(value["data"])
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from (key, *_words(each))
    elif isinstance(value, list):
        for each in value:
            yield from _words(each)
    else:
        yield value if isinstance(value, str) else json.dumps(value)
