# SPDX-License-Identifier: MIT
"""A second stick at the board's other USB port: both at once, then each alone while the other is pulled."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from modem_image.bench.life import Around, ping_until
from modem_image.bench.steps import Step
from modem_image.bench.stick.stick import Stick
from modem_image.console import waiting

SOURCE = "beside"
"""That of the second stick's own observations."""
_STATUS = "huawei-modem status --json 2>/dev/null"
_CARRIES = ("ready", "online")
_ANSWER_PATIENCE = 60.0
_ASK_AGAIN_S = 2.0


@dataclass(frozen=True)
class Turn:
    """What was tried with the two. `seconds` until it was so; None: not in time."""

    name: str
    moment: float
    seconds: float | None
    what: str

    @property
    def text(self) -> str:
        if self.seconds is None:
            return f"not in time: {self.what}"
        return f"ok after {self.seconds:.1f} s: {self.what}"


def steps_with(first: Stick, other: Stick) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """What follows once the first is online: before the board is asked, and after."""
    mode = other.working_mode.name
    one, two = first.description.id, other.description.id
    together = (
        Step("beside", f"{two} beside it is in its mode {mode}", SOURCE, rf"^configured:{mode} "),
        Step("both", "the board has both, and keeps them apart", "bench", r"^both ok"),
    )
    alone = (
        Step("failover", f"{one} is pulled: {two} carries", "bench", r"^failover ok"),
        Step("back", f"{one} is back, {two} is pulled: {one} carries", "bench", r"^back ok"),
    )
    return together, alone


def join(first: Around, other: Around) -> Turn:
    """Plug the second in, and wait until the board has both."""
    name = other.stick.description.id
    begin, end = time.monotonic(), other.now() + other.patience
    seen = ""
    with waiting(f"{name} beside it", other.patience, lambda: seen):
        other.peer.plug()
        while other.now() < end:
            other.check()
            status: dict[str, Any] = {}
            with suppress(ValueError):
                status = json.loads(other.guest.run(_STATUS, _ANSWER_PATIENCE)[1])
            seen = summary(status)
            if are_both_there(status, (first.stick, other.stick)):
                return _turn("both", begin, seen, is_so=True)
            time.sleep(_ASK_AGAIN_S)
    return _turn("both", begin, seen, is_so=False)


def part(first: Around, other: Around) -> Iterator[Turn]:
    """Pull the first; then put it back, and pull the second. Ends with what is not so in time."""
    one, two = first.stick.description.id, other.stick.description.id
    with waiting(f"{one} is pulled, and {two} carries", first.patience):
        begin = time.monotonic()
        first.peer.unplug()
        turn = _carried("failover", other, begin)
    yield turn
    if turn.seconds is None:
        return
    with waiting(f"{one} is back, {two} is pulled, and {one} carries", first.patience):
        begin = time.monotonic()
        first.peer.plug()
        mode = first.stick.working_mode.name
        back = rf"^configured .*\bmode={mode}\b"
        if first.recorder.await_event(back, first.patience, first.check, first.now, since=begin) is None:
            yield _turn("back", begin, f"{one} did not come back", is_so=False)
            return
        begin = time.monotonic()
        other.peer.unplug()
        turn = _carried("back", first, begin)
    yield turn


def are_both_there(status: Mapping[str, Any], sticks: tuple[Stick, Stick]) -> bool:
    """Whether the board's status (`huawei-modem status --json`) has two sticks at two places, oFono a modem
    for each that is one, and ConnMan a connection of each router and of one modem.

    Of two modems ConnMan connects one (docs/status.md).
    """
    routers = sum(stick.is_router for stick in sticks)
    modems = len(sticks) - routers
    states = [(item["type"], item["state"]) for item in _of(status, "connman", "services")]
    return (
        len({stick["usb"] + stick["path"] for stick in status.get("sticks", [])}) == len(sticks)
        and len(_of(status, "ofono", "modems")) == modems
        and sum(kind == "ethernet" and state in _CARRIES for kind, state in states) == routers
        and (not modems or any(kind == "cellular" and state in _CARRIES for kind, state in states))
    )


def summary(status: Mapping[str, Any]) -> str:
    """The names of what the board has, in a line."""
    sticks = ", ".join(
        f"{stick['usb']} at {stick['path'].rpartition('/')[2]}" for stick in status.get("sticks", [])
    )
    services = ", ".join(f"{item['type']} {item['state']}" for item in _of(status, "connman", "services"))
    modems = len(_of(status, "ofono", "modems"))
    return f"{sticks or 'no stick'}; modems of oFono: {modems}; ConnMan: {services or 'nothing'}"


def _of(status: Mapping[str, Any], daemon: str, what: str) -> list[Any]:
    return list((status.get(daemon) or {}).get(what) or [])


def _carried(name: str, around: Around, since: float) -> Turn:
    """Ping until the request comes to this stick's network."""

    def has_come(_status: int) -> bool:
        return around.recorder.first(r"^icmp-echo\b", since) is not None

    is_so = ping_until(around, around.now() + around.patience, has_come)
    return _turn(name, since, f"{around.stick.description.id} carries a ping", is_so=is_so)


def _turn(name: str, since: float, what: str, *, is_so: bool) -> Turn:
    now = time.monotonic()
    return Turn(name, now, now - since if is_so else None, what)
