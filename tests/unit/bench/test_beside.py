# SPDX-License-Identifier: MIT
"""Two sticks at once: what counts as both being there, and which one carries."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from modem_image.bench.beside import are_both_there, join, part, steps_with, summary
from modem_image.bench.guest import Guest
from modem_image.bench.life import Around
from modem_image.bench.record import Recorder
from modem_image.bench.stick.events import Event
from modem_image.bench.stick.peer import Peer
from modem_image.bench.stick.stick import Stick, load_stick

MODEM, ROUTER = load_stick("ms2372h"), load_stick("e3372h")
BOTH: dict[str, Any] = {
    "sticks": [
        {"usb": "12d1:1506", "path": "/sys/bus/usb/devices/1-1"},
        {"usb": "12d1:14dc", "path": "/sys/bus/usb/devices/1-2"},
    ],
    "ofono": {"modems": [{"path": "/huawei_0"}]},
    "connman": {
        "services": [{"type": "ethernet", "state": "online"}, {"type": "cellular", "state": "ready"}]
    },
}


def test_both_are_there_when_each_has_its_connection() -> None:
    assert are_both_there(BOTH, (MODEM, ROUTER)) and are_both_there(BOTH, (ROUTER, MODEM))
    assert not are_both_there({}, (MODEM, ROUTER))
    assert not are_both_there({**BOTH, "sticks": BOTH["sticks"][:1]}, (MODEM, ROUTER))
    assert not are_both_there({**BOTH, "sticks": BOTH["sticks"][:1] * 2}, (MODEM, ROUTER))
    assert not are_both_there({**BOTH, "ofono": {"modems": []}}, (MODEM, ROUTER))
    assert not are_both_there({**BOTH, "ofono": None}, (MODEM, ROUTER))
    for kind in ("ethernet", "cellular"):
        one = [item for item in BOTH["connman"]["services"] if item["type"] != kind]
        assert not are_both_there({**BOTH, "connman": {"services": one}}, (MODEM, ROUTER)), kind


def test_of_two_modems_one_connection_is_enough() -> None:
    modems = {**BOTH, "ofono": {"modems": [{}, {}]}}
    modems["connman"] = {
        "services": [{"type": "cellular", "state": "ready"}, {"type": "cellular", "state": "idle"}]
    }
    assert are_both_there(modems, (MODEM, load_stick("e3372s")))


def test_what_is_there_is_said_in_a_line() -> None:
    assert summary(BOTH) == (
        "12d1:1506 at 1-1, 12d1:14dc at 1-2; modems of oFono: 1; ConnMan: ethernet online, cellular ready"
    )
    assert summary({}) == "no stick; modems of oFono: 0; ConnMan: nothing"


@dataclass
class World:
    """Two sticks, of which the first that is in carries; the networks of the `stubborn` answer nothing."""

    folder: Path
    stubborn: set[str] = field(default_factory=set)
    plugged: list[str] = field(default_factory=lambda: ["ms2372h"])
    recorders: dict[str, Recorder] = field(default_factory=dict)

    def around(self, stick: Stick) -> Around:
        name = stick.description.id
        self.recorders[name] = Recorder(self.folder / name, lambda _text: None)
        guest, peer = cast("Guest", self), cast("Peer", _Peer(self, stick))
        return Around(stick, peer, self.recorders[name], guest, lambda: None, time.monotonic, 0.05)

    def run(self, command: str, _patience: float) -> tuple[int, str]:
        if command.startswith("ping") and self.plugged and self.plugged[0] not in self.stubborn:
            self.record(self.plugged[0], "icmp-echo")
        return 0, "{}"

    def record(self, name: str, event: str, **detail: object) -> None:
        self.recorders[name].record(Event(time.monotonic(), event, detail))


@dataclass
class _Peer:
    world: World
    stick: Stick

    def plug(self) -> None:
        self.world.plugged.append(self.stick.description.id)
        self.world.record(self.stick.description.id, "configured", mode=self.stick.working_mode.name)

    def unplug(self) -> None:
        self.world.plugged.remove(self.stick.description.id)


def test_each_is_pulled_in_turn_and_the_other_carries(tmp_path: Path) -> None:
    world = World(tmp_path, plugged=["ms2372h", "e3372h"])
    turns = list(part(world.around(MODEM), world.around(ROUTER)))
    assert [turn.name for turn in turns] == ["failover", "back"]
    assert all(turn.seconds is not None and turn.text.startswith("ok ") for turn in turns)
    assert world.plugged == ["ms2372h"]


def test_a_second_stick_that_does_not_carry_is_no_failover(tmp_path: Path) -> None:
    world = World(tmp_path, {"e3372h"}, ["ms2372h", "e3372h"])
    (turn,) = part(world.around(MODEM), world.around(ROUTER))
    assert (turn.name, turn.seconds) == ("failover", None) and turn.text.startswith("not in time")


def test_a_first_stick_that_does_not_carry_again_is_not_back(tmp_path: Path) -> None:
    world = World(tmp_path, {"ms2372h"}, ["ms2372h", "e3372h"])
    *_, turn = part(world.around(MODEM), world.around(ROUTER))
    assert (turn.name, turn.seconds) == ("back", None)


def test_a_board_that_never_has_both_is_not_waited_for_without_end(tmp_path: Path) -> None:
    world = World(tmp_path)
    turn = join(world.around(MODEM), world.around(ROUTER))
    assert turn.seconds is None and turn.what == summary({})


def test_the_steps_name_both() -> None:
    together, alone = steps_with(MODEM, ROUTER)
    assert [step.name for step in (*together, *alone)] == ["beside", "both", "failover", "back"]
    assert "e3372h" in together[0].title and "ms2372h is pulled: e3372h carries" in alone[0].title
