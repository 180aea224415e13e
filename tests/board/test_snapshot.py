# SPDX-License-Identifier: MIT
"""A board that goes on from a snapshot is as one that has just booted: steps, clock, random numbers, udev."""

from __future__ import annotations

import re
import secrets
from contextlib import closing
from pathlib import Path

import pytest

from modem_image.bench import snapshot as boards
from modem_image.bench.card import make_card
from modem_image.bench.guest import Guest
from modem_image.bench.snapshot import UP, Boot, Snapshot, kept, take_up
from modem_image.bench.visit import listen_command
from modem_image.board.description import load_board
from modem_image.cache import Cache, cache_root
from modem_image.debian.archive import host_mirror
from modem_image.image.build import build_image

from .conftest import MAIN, PROJECT, Run, run

pytestmark = [pytest.mark.bench, pytest.mark.on_demand]

_LOOKS = {
    "random": "cat /proc/sys/kernel/random/uuid",
    "drawn": "python3 -ISc 'import os; print(os.urandom(16).hex())'",
    "clock": "date +%s; cut -d. -f1 /proc/uptime",
    "udev": "udevadm info --export-db | grep -v USEC_INITIALIZED",
    "failed": "systemctl --failed --no-legend",
    "disk": "touch /var/tmp/written && sync && rm /var/tmp/written && dmesg | grep -c 'EXT4-fs error'; true",
}


@pytest.fixture(scope="module")
def booted() -> Run:
    """The same stick and the same image at a board that boots."""
    command = ("bench", "--cold-boot", "--output", str(PROJECT / "build" / "booted"))
    return run(MAIN, command=command, target="booted")[MAIN]


@pytest.fixture(scope="module")
def boot(resumed: Run) -> Boot:
    """What the run before has kept."""
    assert resumed.report["facts"]["resumed"]
    board, cache = load_board(host_mirror()), Cache(cache_root())
    return Boot(board.qemu, make_card(build_image(board, cache), board, cache), UP, 300.0, listen_command())


def looks(boot: Boot, snapshot: Snapshot, folder: Path) -> dict[str, str]:
    folder.mkdir()
    with (
        boards.resumed(snapshot, boot, folder) as board,
        closing(Guest(board.shell, board.check_alive, board.now)) as guest,
    ):
        take_up(guest, snapshot, secrets.token_bytes(32))
        return {name: guest.run(command, 120.0)[1].strip() for name, command in _LOOKS.items()}


def devices(database: str) -> dict[str, list[str]]:
    """udev's database, by the path of the device.

    The order of its lines and of the words of DEVLINKS and TAGS is that of udevadm's hash tables, which
    another process has in another order: systemd 252 prints the links of one record differently each time.
    """
    records = [[_in_order(line) for line in record.splitlines()] for record in database.split("\n\n")]
    return {record[0]: sorted(record[1:]) for record in records}


def _in_order(line: str) -> str:
    name, _, value = line.partition("=")
    mark = {"E: DEVLINKS": " ", "E: TAGS": ":", "E: CURRENT_TAGS": ":"}.get(name)
    return f"{name}={mark.join(sorted(value.split(mark)))}" if mark else line


def test_two_that_go_on_differ_in_their_random_numbers_alone(boot: Boot, tmp_path: Path) -> None:
    snapshot = kept(boot, Cache(cache_root()), tmp_path)
    assert not (tmp_path / "serial.log").exists(), "the board was kept by the run before"
    first, second = (looks(boot, snapshot, tmp_path / name) for name in ("first", "second"))
    assert first["random"] != second["random"]
    assert first["drawn"] != second["drawn"]
    assert devices(first["udev"]) == devices(second["udev"])
    assert first["failed"] == second["failed"] == ""
    assert first["disk"] == second["disk"] == "0"
    begun = [int(date) - int(uptime) for date, uptime in (each["clock"].split() for each in (first, second))]
    assert abs(begun[0] - begun[1]) <= 1, "the clock and the uptime are of one boot"
    boot_log = (snapshot.folder / boards.LOG).read_bytes()
    assert boot_log and (tmp_path / "first" / "serial.log").read_bytes().startswith(boot_log)


def test_the_steps_are_those_of_a_board_that_has_booted(booted: Run, resumed: Run) -> None:
    assert (booted.report["facts"]["resumed"], resumed.report["facts"]["resumed"]) == (False, True)
    assert steps_of(booted) == steps_of(resumed)
    assert (booted.status, resumed.status) == (0, 0)


def steps_of(run: Run) -> list[str]:
    """Those that were seen. When, is not compared: what else this machine does makes one way longer."""
    return [step["step"] for step in run.report["facts"]["timeline"] if step["seconds"] is not None]


def test_what_the_board_says_of_the_stick_is_the_same(booted: Run, resumed: Run) -> None:
    """Sticks, drivers and modems in the helper's own words, but for what is counted at each plug."""
    found = [str(run.report["facts"]["status"]["sticks"]) for run in (booted, resumed)]
    bare = [re.sub(r"\[masked-\d+\]|tty[A-Z]+\d+|(?<=usb1/)[\d.:/-]+", "…", text) for text in found]
    assert bare[0] == bare[1]
