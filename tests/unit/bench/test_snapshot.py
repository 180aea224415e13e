# SPDX-License-Identifier: MIT
"""Orders to a real QEMU's monitor, and what is done to a board that goes on; a board itself: tests/board."""

from __future__ import annotations

import contextlib
import itertools
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from modem_image.bench import snapshot as snapshot_module
from modem_image.bench.card import Card
from modem_image.bench.guest import Guest
from modem_image.bench.monitor import MonitorError, monitor
from modem_image.bench.qemu import Board, Start
from modem_image.bench.snapshot import (
    LOG,
    UP,
    BoardHungError,
    Boot,
    Snapshot,
    kept,
    last_line,
    resumed,
    take_up,
)
from modem_image.board.description import load_board
from modem_image.cache import Cache


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Starts QEMU as a machine without anything, stopped; the socket of its monitor."""
    running = []

    def start(*arguments: str) -> Path:
        path = tmp_path / f"monitor-{len(running)}"
        command = ["qemu-system-arm", "-M", "none", "-m", "1", "-display", "none", "-nodefaults"]
        command += ["-qmp", f"unix:{path},server=on,wait=off", *arguments]
        running.append(subprocess.Popen(command, stdin=subprocess.DEVNULL))
        return path

    yield start
    for process in running:
        process.kill()
        process.wait()


def test_a_machine_is_saved_to_a_file_and_comes_back(machine: Callable[..., Path], tmp_path: Path) -> None:
    file = tmp_path / "memory"
    with monitor(machine("-S"), lambda: None) as first:
        assert first.do("query-status")["status"] == "prelaunch"
        first.do("cont")
        first.save(file)
        assert first.do("query-status")["status"] == "postmigrate"
    assert file.stat().st_size > 0
    with monitor(machine("-incoming", f"exec:cat '{file}'"), lambda: None) as second:
        second.await_running(lambda: None, 30)


def test_what_qemu_refuses_and_a_save_that_fails_are_said(
    machine: Callable[..., Path], tmp_path: Path
) -> None:
    with monitor(machine(), lambda: None) as asked:
        with pytest.raises(MonitorError, match="QEMU refused no-such-command"):
            asked.do("no-such-command")
        with pytest.raises(MonitorError, match="cannot save the board: failed"):
            asked.save(Path("/dev/full"))


def test_what_counts_as_too_long_is_for_the_board_s_clock_to_say(machine: Callable[..., Path]) -> None:
    """It stands still while QEMU has no processor: a busy machine is no reason to give a board up."""
    ticks = itertools.count(step=20.0)
    with (
        monitor(machine("-S"), lambda: None) as stopped,
        pytest.raises(MonitorError, match="does not bring the kept board back: prelaunch"),
    ):
        stopped.await_running(lambda: None, 60.0, ticks.__next__)
    assert next(ticks) == 100.0


def test_a_qemu_that_died_is_not_waited_for(tmp_path: Path) -> None:
    def check_alive() -> None:
        raise RuntimeError("QEMU ended")

    with pytest.raises(RuntimeError, match="QEMU ended"), monitor(tmp_path / "absent", check_alive):
        pass


class FakeGuest(Guest):
    """A board that notes what it is asked, and answers with `status`."""

    def __init__(self, status: int = 0) -> None:
        self.commands: list[str] = []
        self.status = status

    def take_up(self, patience: float) -> None:
        self.commands.append("take up")

    def run(self, command: str, patience: float = 60.0) -> tuple[int, str]:
        self.commands.append(command)
        return (0, "70.5\n") if "uptime" in command else (self.status, "what went wrong")


def snapshot(folder: Path, *, clock_runs: bool) -> Snapshot:
    (folder / "board.json").write_text(json.dumps({"clock_runs": clock_runs}))
    return Snapshot(folder)


def test_random_numbers_come_before_all_else_and_a_clock_that_runs_is_set(tmp_path: Path) -> None:
    guest, before = FakeGuest(), (time.time(), time.monotonic())
    power_on = take_up(guest, snapshot(tmp_path, clock_runs=True), b"\x01\x02")
    assert guest.commands[0] == "take up"
    assert guest.commands[1].startswith("python3 ") and guest.commands[1].endswith(" 0102")
    command, _, moment = guest.commands[2].rpartition(" ")
    date = float(moment)
    assert "CLOCK_REALTIME" in command
    assert before[0] - 0.001 <= date <= time.time() + 0.001, "it is said in thousandths"
    assert before[1] <= power_on + 70.5 <= time.monotonic()


def test_a_clock_that_begins_at_a_fixed_date_is_left_as_after_a_boot(tmp_path: Path) -> None:
    guest = FakeGuest()
    take_up(guest, snapshot(tmp_path, clock_runs=False), b"\x01")
    assert not any("CLOCK_REALTIME" in command for command in guest.commands)


def test_another_board_is_kept_for_each_way_to_boot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(snapshot_module, "_make", lambda *_arguments: None)
    boot, cache = Boot(load_board("").qemu, Card(tmp_path), UP, 1.0), Cache(tmp_path / "cache")
    others = [replace(boot, prepare="listen"), replace(boot, up="true"), replace(boot, card=Card(Path("b")))]
    assert len({kept(each, cache, tmp_path).folder for each in (boot, *others)}) == 4
    assert kept(replace(boot, patience=2.0), cache, tmp_path) == kept(boot, cache, tmp_path)


def test_a_kept_board_whose_qemu_ends_as_it_comes_back_counts_as_hung(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As QEMU does where the file with the memory is damaged, or of another machine."""

    @contextlib.contextmanager
    def powered(_settings: object, _card: object, folder: Path, start: Start) -> Iterator[Board]:
        assert start.memory == tmp_path / "kept" / "memory"
        (folder / "qemu.log").write_text("load of migration failed\n")
        with subprocess.Popen(["false"]) as process:
            yield Board(process, tmp_path, folder)

    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / LOG).write_text("booted\n")
    monkeypatch.setattr(snapshot_module, "powered_board", powered)
    boot = Boot(load_board("").qemu, Card(tmp_path), UP, 1.0)
    with (
        pytest.raises(BoardHungError, match="load of migration failed"),
        resumed(Snapshot(tmp_path / "kept"), boot, tmp_path),
    ):
        pass


def test_a_board_that_cannot_be_made_as_new_counts_as_hung(tmp_path: Path) -> None:
    with pytest.raises(BoardHungError, match="what went wrong"):
        take_up(FakeGuest(1), snapshot(tmp_path, clock_runs=False), b"\x01")


def test_the_console_s_last_line_has_no_colours(tmp_path: Path) -> None:
    log = tmp_path / "serial.log"
    log.write_bytes(b"x" * 5000 + b"\n\x1b[0;32m  OK  \x1b[0m Started\r\n\n")
    assert last_line(log) == "OK   Started"
