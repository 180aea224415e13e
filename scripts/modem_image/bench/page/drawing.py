# SPDX-License-Identifier: MIT
"""The timeline of a run as a drawing: lanes, in them bars from cause to effect. Pure; the template draws."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any

LANES = ("board", "stick", "beside", "modeswitch, udev", "drivers", "oFono", "ConnMan", "data", "asked")
# Lane, and the steps of which the last one before it is its cause; plug-in is the cause of what has none.
_STEPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "storage": ("stick", ()),
    "switched": ("modeswitch, udev", ("storage",)),
    "modem-mode": ("stick", ("switched", "storage")),
    "serial": ("drivers", ("modem-mode",)),
    "network": ("drivers", ("modem-mode",)),
    "modem": ("oFono", ("serial", "network", "modem-mode")),
    "powered": ("oFono", ("modem",)),
    "online": ("oFono", ("powered",)),
    "registered": ("oFono", ("powered",)),
    "attached": ("oFono", ("registered", "powered")),
    "service": ("ConnMan", ("attached", "network", "data")),
    "dialled": ("data", ("attached", "service")),
    "data": ("data", ("dialled", "service", "network")),
    "checked": ("data", ("data", "service")),
    "connected": ("ConnMan", ("checked", "data")),
    "ping": ("data", ("connected",)),
    "beside": ("beside", ("connected", "checked")),
    "both": ("beside", ("beside",)),
    "failover": ("beside", ("capture",)),
    "back": ("stick", ("failover",)),
}
LABEL, PLOT, BOOT = 130.0, 860.0, 100.0
"""Widths in the drawing: names of lanes, all of the time, and of that the boot before plug-in."""
_ROW, _PAD, _TOP = 22.0, 8.0, 26.0
_LETTER = 6.6
_SHORTEST_BOOT = 2.0
_LONG = 0.8
"""Seconds from which a bar is a wait that wants a name."""


@dataclasses.dataclass(frozen=True)
class Bar:
    """One step: from its cause to what was seen, in seconds since plug-in; the rest is where it is drawn."""

    step: str
    title: str
    lane: str
    start: float
    end: float
    cause: str
    evidence: str
    wait: str = ""
    x: float = 0.0
    width: float = 0.0
    row: int = 0
    y: float = 0.0
    place: str = "right"
    """Where its label has room: right of it, left, or inside."""

    @property
    def seconds(self) -> float:
        return self.end - self.start

    @property
    def label(self) -> str:
        return f"{self.step} {self.seconds:.1f} s"


@dataclasses.dataclass(frozen=True)
class Lane:
    """A lane with its bars; `y` and `height` in the drawing."""

    name: str
    bars: tuple[Bar, ...]
    y: float
    height: float


@dataclasses.dataclass(frozen=True)
class Drawing:
    """All of it. `ticks`: place and text; `boot`: seconds before plug-in, None when they are not shown."""

    lanes: tuple[Lane, ...]
    ticks: tuple[tuple[float, str], ...]
    boot: float | None
    height: float
    plug_in: float

    @property
    def bars(self) -> list[Bar]:
        """Every bar, in the order of time."""
        return sorted((bar for lane in self.lanes for bar in lane.bars), key=lambda bar: (bar.end, bar.start))


def bars_of(steps: Sequence[Mapping[str, Any]], observations: Sequence[Mapping[str, Any]]) -> list[Bar]:
    """A bar for each step that was seen, with the wait in it named where what was seen meanwhile tells."""
    seen = {str(step["step"]): step for step in steps if step["seconds"] is not None}
    found = []
    for name, step in seen.items():
        # What the board is asked comes one after the other, once all else is over.
        lane, causes = _STEPS.get(name, ("asked", tuple(each for each in seen if each != name)))
        end = float(step["seconds"])
        before = [(float(seen[each]["seconds"]), each) for each in causes if each in seen]
        start, cause = max([item for item in before if item[0] <= end], default=(min(0.0, end), "plug-in"))
        bar = Bar(name, str(step["title"]), lane, start, end, cause, str(step["evidence"]))
        found.append(dataclasses.replace(bar, wait=_wait(bar, observations)))
    return found


_WAITS = (
    (r"^ModemManager\b", "ModemManager probes the ports"),
    (r"^kernel .*\b(?:sr \d|sr\d|cdrom|scsi \d)", "the kernel reads the disk (sr)"),
    (r"^usb_modeswitch", "usb_modeswitch waits and looks"),
    (r"^huawei-modem.*|^python3 .*bind", "huawei-modem gives the driver its id"),
)
_OF_STEP = {
    "modem": "udev labels the ports, and oFono waits one more second for others",
    "powered": "the stick answers oFono's first commands",
    "online": "oFono asks the SIM and the radio",
    "registered": "the stick looks for its network",
    "attached": "the network admits the stick",
    "data": "the connection is negotiated (PPP, or the network's address)",
    "checked": "ConnMan asks its server for the web",
    "storage": "the kernel lists the stick",
    "modem-mode": "the stick starts again in its other mode",
    "doctor": "the board examines itself",
    "capture": "the board writes its capture",
}


def _wait(bar: Bar, observations: Sequence[Mapping[str, Any]]) -> str:
    if bar.seconds < _LONG:
        return ""
    meanwhile = [
        f"{each['name']} {each['text']}" for each in observations if bar.start <= each["seconds"] <= bar.end
    ]
    if bar.step in ("switched", "modem-mode", "network", "serial", "modem"):
        for pattern, name in _WAITS:
            if any(re.search(pattern, text) for text in meanwhile):
                return name
    return _OF_STEP.get(bar.step, "")


def draw(bars: Sequence[Bar], power_on: float | None, end: float | None = None) -> Drawing:
    """Lay the bars out. `power_on` is negative, or None to leave the boot out; `end` is a common scale's."""
    last = max([bar.end for bar in bars] + [end or 0.0, 1.0])
    boot = -power_on if power_on is not None and -power_on > _SHORTEST_BOOT else None
    origin = LABEL + (BOOT if boot else 0.0)
    scale = (LABEL + PLOT - origin) / last

    def place(seconds: float) -> float:
        if seconds >= 0 or not boot:
            return origin + max(0.0, seconds) * scale
        return LABEL + max(0.0, 1.0 + seconds / boot) * BOOT

    lanes, y = [], _TOP
    for name in LANES:
        placed = _rows([_placed(bar, place) for bar in bars if bar.lane == name])
        if not placed and name != "board":
            continue
        if name == "board" and not boot:
            continue
        height = (max([bar.row for bar in placed], default=0) + 1) * _ROW + _PAD
        shifted = [dataclasses.replace(bar, y=round(y + _PAD / 2 + bar.row * _ROW, 1)) for bar in placed]
        lanes.append(Lane(name, tuple(shifted), y, height))
        y += height
    return Drawing(tuple(lanes), _ticks(last, place), boot, round(y + 4, 1), round(origin, 1))


def _placed(bar: Bar, place: Any) -> Bar:
    x, right = place(bar.start), place(bar.end)
    label = len(bar.label) * _LETTER + 8
    return dataclasses.replace(
        bar,
        x=round(x, 1),
        width=round(max(3.0, right - x), 1),
        place="right" if right + label <= LABEL + PLOT else "left" if x - label > LABEL else "inside",
    )


def _rows(bars: list[Bar]) -> list[Bar]:
    """Each bar in the first row in which it and its label have room."""
    ends: list[float] = []
    found = []
    for bar in sorted(bars, key=lambda bar: (bar.x, bar.end)):
        label = len(bar.label) * _LETTER + 8
        start = bar.x - label if bar.place == "left" else bar.x
        stop = bar.x + bar.width + (label if bar.place == "right" else 0)
        row = next((number for number, end in enumerate(ends) if end <= start), len(ends))
        ends[row:] = [stop, *ends[row + 1 :]]
        found.append(dataclasses.replace(bar, row=row))
    return found


def _ticks(last: float, place: Any) -> tuple[tuple[float, str], ...]:
    width = next((each for each in (0.5, 1, 2, 5, 10, 20, 60, 120, 300) if last / each <= 10), 600)
    count = int(last / width)
    return tuple((round(place(number * width), 1), f"{number * width:g} s") for number in range(count + 1))


def slowest(bars: Sequence[Bar], count: int = 4) -> list[Bar]:
    """The bars in which most of the time went, up to the ping: what is asked afterwards is no part of it."""
    up = [bar for bar in bars if bar.lane != "asked" and bar.seconds >= _LONG]
    return sorted(up, key=lambda bar: -bar.seconds)[:count]
