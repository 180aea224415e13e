# SPDX-License-Identifier: MIT
"""What was seen of one stick, from every side, in the order of time: timeline.txt and timeline.json."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from huawei_modem.text import printable
from modem_image.bench.observe import Observation

SCHEMA = 1
_CELLS = 12
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def document(observations: Iterable[Observation], power_on: float) -> dict[str, Any]:
    """timeline.json: `observations` in the order of time, all in seconds since plug-in.

    `power_on` is negative, and so is what was seen before the stick came.
    """
    ordered = sorted(observations, key=lambda seen: seen.time)
    return {
        "schema": SCHEMA,
        "clock": "seconds since plug-in",
        "power_on": round(power_on, 3),
        "observations": [
            {"seconds": round(seen.time, 3), "source": seen.source, "name": seen.name, "text": seen.text}
            for seen in ordered
        ],
    }


def text(found: dict[str, Any]) -> str:
    """timeline.txt: a line an observation of `document`."""
    lines = [f"{found['power_on']:10.3f}  power on"]
    for each in found["observations"]:
        said = f"{printable(each['name'])} {printable(each['text'])}".rstrip()
        lines.append(f"{each['seconds']:10.3f}  {each['source']:8} {said}")
    return "\n".join(lines) + "\n"


def rows(steps: Sequence[dict[str, Any]], unicode: bool) -> list[list[str]]:
    """The table of a run from the `timeline` of its report: step, seconds since plug-in, a bar, result.

    In the order of time; the bar goes from the step before to this one. What was not seen comes last.
    """
    seen = sorted((each for each in steps if each["seconds"] is not None), key=lambda each: each["seconds"])
    whole = max([each["seconds"] for each in seen], default=0.0) or 1.0
    table, before = [], 0.0
    for each in seen:
        seconds = each["seconds"]
        table.append([each["title"], f"{seconds:6.1f}", _bar(before / whole, seconds / whole, unicode), "ok"])
        before = max(before, seconds)
    missed = [each for each in steps if each["seconds"] is None]
    return table + [[each["title"], "", "", "not seen"] for each in missed]


def _bar(start: float, end: float, unicode: bool) -> str:
    """From one part of the whole to another, on _CELLS cells; never empty."""
    first, last = (max(0.0, part) * _CELLS for part in (start, end))
    blank = min(int(first), _CELLS - 1)
    if not unicode:
        return " " * blank + "#" * max(1, round(last - first))
    # A block begins at its cell's left edge: what lies within one cell is as wide as it takes.
    eighths = max(1, round((last - (first if last <= blank + 1 else blank)) * 8))
    full, rest = divmod(eighths, 8)
    return " " * blank + _EIGHTHS[8] * full + (_EIGHTHS[rest] if rest else "")
