# SPDX-License-Identifier: MIT
"""What decided how a failed run ended: the event, and the lines around it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Observed = Mapping[str, Any]
"""One of timeline.json's observations: seconds, source, name, text."""

# What shows a finding of the doctor while it happens, by code; the name and text of an observation.
_SHOWN_BY: Mapping[str, str] = {
    "not-registered": r"^NetworkRegistration\.Status=(?!registered|roaming)",
    "sim-pin-required": r"^SimManager\.PinRequired=(?!none)",
    "sim-missing": r"^SimManager\.Present=false",
    "stick-in-storage-mode": r"^switch-(?:ignored|refused)",
    "router-no-address": r"^dhcp-ignored",
}
_BEFORE, _AFTER = 2.0, 1.0
_FOLLOWING = 5.0
"""Seconds that are shown before and after the event, and after the last step where no event is known."""
_MOST = 40
_SLACK = 0.3
"""Seconds by which what one clock has for later may come earlier on another."""


@dataclass(frozen=True)
class Decided:
    """`event` is one of `lines`, or None where the last thing that was seen decides nothing."""

    seconds: float
    event: Observed | None
    lines: Sequence[Observed]


def decided(
    codes: Sequence[str], last: float | None, provoked: float | None, observations: Sequence[Observed]
) -> Decided | None:
    """The moment after which the run could not end well. None where nothing was seen that shows it.

    `codes` are those of the errors. `last` is when the last step was seen, `provoked` when the scenario's own
    event came; both in seconds since plug-in, None where there was none.
    """
    seen = [each for each in observations if each["seconds"] >= 0 and each["source"] != "bench"]
    event = _event(codes, seen)
    if event is None and provoked is not None:
        event = min(seen, key=lambda each: abs(each["seconds"] - provoked), default=None)
    if event is not None:
        moment = float(event["seconds"])
        return Decided(moment, event, _around(seen, event, moment - _BEFORE, moment + _AFTER))
    if last is None:
        return None
    following = [each for each in seen if last - _SLACK <= each["seconds"] <= last + _FOLLOWING]
    return Decided(last, None, following[:_MOST]) if following else None


def _event(codes: Sequence[str], seen: Sequence[Observed]) -> Observed | None:
    patterns = [_SHOWN_BY[code] for code in codes if code in _SHOWN_BY]
    found = (
        each for each in seen for pattern in patterns if re.search(pattern, f"{each['name']} {each['text']}")
    )
    return next(found, None)


def _around(seen: Sequence[Observed], event: Observed, start: float, stop: float) -> list[Observed]:
    near = [each for each in seen if start <= each["seconds"] <= stop]
    place = next(number for number, each in enumerate(near) if each is event)
    begin = max(0, min(place - _MOST * 2 // 3, len(near) - _MOST))
    return near[begin : begin + _MOST]
