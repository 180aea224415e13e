# SPDX-License-Identifier: MIT
"""What an act does to the board and to the stick, in which order; and what it says when the board cannot."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from modem_image.bench.guest import Guest
from modem_image.bench.life import Act, Around, Life, live
from modem_image.bench.record import Recorder
from modem_image.bench.stick.events import Event
from modem_image.bench.stick.peer import Peer
from modem_image.bench.stick.stick import load_stick
from modem_image.errors import FaultError


@dataclass
class World:
    """A board whose ports obey or not, and a stick that calls as soon as it is in again."""

    recorder: Recorder
    obeys: bool = True
    done: list[str] = field(default_factory=list)

    def run(self, command: str, _patience: float) -> tuple[int, str]:
        if command.startswith("ping"):
            return 0, ""
        self.done.append("power on" if "echo 0 >" in command else "power off")
        return (0, "") if self.obeys else (1, "sh: cannot create /sys/…/disable: Directory nonexistent\n")

    def unplug(self) -> None:
        self.done.append("stick out")

    def plug(self) -> None:
        self.done.append("stick in")
        self.recorder.record(Event(time.monotonic() + 1.0, "ppp-up", {}))  # a call takes its time


def around(world: World) -> Around:
    guest, peer = cast("Guest", world), cast("Peer", world)
    return Around(load_stick("ms2372h"), peer, world.recorder, guest, lambda: None, time.monotonic, 5.0)


def test_without_power_the_stick_is_gone_and_starts_anew_when_it_is_back(tmp_path: Path) -> None:
    world = World(Recorder(tmp_path / "stick.log", lambda _text: None))
    back = list(live(Life(Act.CUT_POWER, 2, 0.0), around(world)))
    assert world.done == ["power off", "stick out", "power on", "stick in"] * 2
    assert [one.seconds is not None for one in back] == [True, True]


def test_a_kernel_that_cannot_switch_its_ports_is_named(tmp_path: Path) -> None:
    world = World(Recorder(tmp_path / "stick.log", lambda _text: None), obeys=False)
    with pytest.raises(FaultError, match=r"cannot switch the power of its USB ports.*nonexistent"):
        list(live(Life(Act.CUT_POWER), around(world)))
    assert world.done == ["power off"]
