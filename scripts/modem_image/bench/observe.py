# SPDX-License-Identifier: MIT
"""What was seen during a run, from every side, on one clock.

Pure functions from the text that the board's own tools print (journalctl, dbus-monitor) and from
the stick's events to Observations. Times are seconds since plug-in, negative before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from modem_image.bench.stick.events import Event

# journalctl --output=short-monotonic: "[   12.345678] host identifier[pid]: message"
_JOURNAL = re.compile(r"^\[\s*(\d+\.\d+)\] \S+ ([^:\[\s]+)(?:\[\d+\])?: (.*)$")
# dbus-monitor: "signal time=1700000000.123 sender=:1.5 -> destination=… path=/p; interface=i; member=m"
_SIGNAL = re.compile(r"^signal time=(\d+\.\d+) sender=\S+ .* path=(\S+); interface=(\S+); member=(\S+)$")
_STRING = re.compile(r'^\s+(?:variant\s+)?string "(.*)"$|^\s+object path "(.*)"$')
_VALUE = re.compile(r"^\s+variant\s+(?:string \"(.*)\"|(?:boolean|u?int\d+|byte) (\S+))$")


@dataclass(frozen=True)
class Clock:
    """How the board's clocks stand to the host's monotonic one, all in seconds."""

    plug_in: float
    uptime_offset: float
    wall_offset: float

    def of_host(self, moment: float) -> float:
        return moment - self.plug_in

    def of_uptime(self, moment: float) -> float:
        return moment + self.uptime_offset - self.plug_in

    def of_wall(self, moment: float) -> float:
        return moment + self.wall_offset - self.plug_in


@dataclass(frozen=True)
class Observation:
    """`source`: stick, kernel, journal, ofono, connman or bench; `name` says what, `text` is the evidence."""

    time: float
    source: str
    name: str
    text: str


def from_events(events: Iterable[Event], clock: Clock) -> Iterator[Observation]:
    """The stick's side."""
    for event in events:
        mode = f":{event.detail['mode']}" if event.name == "configured" else ""
        yield Observation(clock.of_host(event.time), "stick", event.name + mode, event.details)


def from_journal(text: str, clock: Clock) -> Iterator[Observation]:
    """The board's journal; the name of an observation is the identifier that logged it."""
    for line in text.splitlines():
        found = _JOURNAL.match(line)
        if found:
            source = "kernel" if found[2] == "kernel" else "journal"
            yield Observation(clock.of_uptime(float(found[1])), source, found[2], found[3])


def from_signals(text: str, clock: Clock) -> Iterator[Observation]:
    """oFono's and ConnMan's D-Bus signals as `interface.member key=value` texts.

    PropertyChanged is named `Interface.Property=value`; ModemAdded and ServicesChanged by their member.
    """
    for time, path, interface, member, body in _signals(text):
        source = "ofono" if interface.startswith("org.ofono") else "connman"
        short = interface.rsplit(".", 1)[-1]
        strings = [found[1] or found[2] or "" for line in body if (found := _STRING.match(line))]
        name = f"{short}.{member}"
        if member == "PropertyChanged" and strings:
            value = next((found[1] or found[2] or "" for line in body if (found := _VALUE.match(line))), "")
            name = f"{short}.{strings[0]}={value}"
        yield Observation(clock.of_wall(time), source, name, " ".join([path, *strings[:12]]))


def _signals(text: str) -> Iterator[tuple[float, str, str, str, list[str]]]:
    head: tuple[float, str, str, str] | None = None
    body: list[str] = []
    for line in text.splitlines():
        found = _SIGNAL.match(line)
        if found or not line.startswith(" "):
            if head:
                yield (*head, body)
            head = (float(found[1]), found[2], found[3], found[4]) if found else None
            body = []
        else:
            body.append(line)
    if head:
        yield (*head, body)
