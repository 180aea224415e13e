# SPDX-License-Identifier: MIT
"""A board that has booted and waits for a stick, kept: the next run of the same image goes on from there.

What is kept is QEMU's migration stream (the board's memory and devices), the card as the board had it at
that moment, and what it had printed. It holds for one image, one board and one QEMU. A board that goes on is
as one that has just booted: its uptime counts from the boot, its wall clock is what it would be, its random
numbers are its own.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from modem_image.bench.card import Card
from modem_image.bench.guest import Guest, GuestTimeoutError
from modem_image.bench.monitor import MonitorError, monitor
from modem_image.bench.qemu import Board, BoardDiedError, Start, powered_board
from modem_image.board.description import QemuSettings
from modem_image.cache import Cache, digest_of_files
from modem_image.console import waiting
from modem_image.errors import FaultError
from modem_image.system import run

UP = "systemctl is-active --quiet multi-user.target"
"""True on the board once it is up, for what is plugged into a running board."""
_KIND = "snapshot"
_HERE = Path(__file__).parent
_MADE_BY = ("guest.py", "monitor.py", "qemu.py", "shell.py", "snapshot.py")
LOG = "serial.log"
_LAST_OCTETS = 2000
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_SETTLED = "udevadm settle; while systemctl list-jobs | grep -q ' jobs listed'; do sleep 0.3; done"
"""What the boot has begun is done too, such as a unit that nobody waits for."""
_SETTLE_PATIENCE = 120.0
_ANSWER_PATIENCE = 60.0
_RIGHT_CLOCK_S = 60.0
"""A board whose clock is nearer than this to ours has a clock that runs; else it begins at a fixed date."""
_RESEED = (
    'python3 -ISc \'import fcntl, os, sys; pool = os.open("/dev/urandom", os.O_WRONLY); '
    "os.write(pool, bytes.fromhex(sys.argv[1])); fcntl.ioctl(pool, 0x5207)'"
)
"""RNDRESEEDCRNG (linux/random.h): what was written is in every number from now on."""
_SET_CLOCK = "python3 -ISc 'import sys, time; time.clock_settime(time.CLOCK_REALTIME, float(sys.argv[1]))'"
"""BusyBox's date takes no parts of a second."""


class BoardHungError(FaultError):
    """The board did not come up in time, or a kept one did not go on."""


@dataclass(frozen=True)
class Snapshot:
    """A folder of the cache."""

    folder: Path

    @property
    def start(self) -> Start:
        return Start(image=self.folder / "card.img", memory=self.folder / "memory")

    @property
    def clock_runs(self) -> bool:
        return bool(json.loads((self.folder / "board.json").read_text())["clock_runs"])


@dataclass(frozen=True)
class Boot:
    """What is booted, and when it counts as up: a command on the board that ends with 0, in seconds."""

    settings: QemuSettings
    card: Card
    up: str
    patience: float
    prepare: str = "true"
    """A command on the board once it is up, before it is kept."""


def kept(boot: Boot, cache: Cache, run_folder: Path) -> Snapshot:
    """The board, booted before or now; `run_folder` gets the logs of a boot.

    Raises BoardHungError, and MonitorError where QEMU cannot keep it.
    """
    material = {
        "card": boot.card.folder.name,  # digest of image, board's description and what made it
        "settings": asdict(boot.settings),
        "up": boot.up,
        "prepare": boot.prepare,
        "qemu": run(["qemu-system-arm", "--version"]).decode(errors="replace"),
        "code": digest_of_files([_HERE / name for name in _MADE_BY], _HERE),
    }
    return Snapshot(cache.entry(_KIND, material, lambda folder: _make(boot, folder, run_folder)))


def forget(cache: Cache) -> None:
    """Keep no board: each boots when it is asked for next."""
    cache.forget(_KIND)


def _make(boot: Boot, folder: Path, run_folder: Path) -> None:
    start = Start(image=folder / "card.img", to_be_kept=True)
    run(["cp", "--sparse=always", boot.card.image, folder / "card.img"])
    with (
        powered_board(boot.settings, boot.card, run_folder, start) as board,
        closing(Guest(board.shell, board.check_alive, board.now)) as guest,
        monitor(board.monitor, board.check_alive) as qemu_itself,
    ):
        with waiting("the board boots", boot.patience, lambda: last_line(run_folder / LOG)):
            await_up(guest, boot.up, boot.patience, board.now)
        with waiting("the board comes to rest, and is kept for the next runs", _SETTLE_PATIENCE):
            runs = _prepared(guest, boot)
            qemu_itself.save(folder / "memory", board.now)
    shutil.copyfile(run_folder / LOG, folder / LOG)
    (folder / "board.json").write_text(json.dumps({"clock_runs": runs}))


def _prepared(guest: Guest, boot: Boot) -> bool:
    """Bring a booted board to rest. Whether its clock shows the time. Raises BoardHungError."""
    try:
        guest.run(_SETTLED, _SETTLE_PATIENCE)
        guest.run(boot.prepare, _ANSWER_PATIENCE)
        guest.run("sync", _SETTLE_PATIENCE)
        board_time = float(guest.run("date +%s", _ANSWER_PATIENCE)[1].split()[-1])
    except GuestTimeoutError as timeout:
        raise BoardHungError(str(timeout)) from timeout
    return abs(board_time - time.time()) < _RIGHT_CLOCK_S


@contextmanager
def resumed(snapshot: Snapshot, boot: Boot, run_folder: Path) -> Iterator[Board]:
    """The kept board, running again; its console's log in `run_folder` begins with its boot.

    Raises BoardHungError.
    """
    shutil.copyfile(snapshot.folder / LOG, run_folder / LOG)
    with powered_board(boot.settings, boot.card, run_folder, snapshot.start) as board:
        try:
            with monitor(board.monitor, board.check_alive) as qemu_itself:
                # What is typed before would be lost: the serial port is not yet as the board left it.
                qemu_itself.await_running(board.check_alive, _ANSWER_PATIENCE, board.now)
        except (MonitorError, BoardDiedError) as err:
            raise BoardHungError(str(err)) from err
        yield board


def take_up(guest: Guest, snapshot: Snapshot, random: bytes) -> float:
    """Make a resumed board what one is that has just booted. The host's monotonic time of its power-on.

    Raises BoardHungError.
    """
    try:
        guest.take_up(_ANSWER_PATIENCE)
        status, output = guest.run(f"{_RESEED} {random.hex()}", _ANSWER_PATIENCE)
        if status == 0 and snapshot.clock_runs:
            status, output = guest.run(f"{_SET_CLOCK} {time.time():.3f}", _ANSWER_PATIENCE)
    except GuestTimeoutError as timeout:
        raise BoardHungError(str(timeout)) from timeout
    if status:
        raise BoardHungError(f"the kept board cannot be made as one that has just booted: {output.strip()}")
    host, uptime = guest.clock()
    return host - uptime


def await_up(guest: Guest, up: str, patience: float, now: Callable[[], float]) -> None:
    """Wait for a shell, and until the command `up` ends with 0. Raises BoardHungError."""
    end = now() + patience
    try:
        guest.connect(patience)
        while guest.run(up)[0]:
            if now() > end:
                raise GuestTimeoutError(f"not up in {patience:.0f} s: {up}")
            time.sleep(0.5)
    except GuestTimeoutError as timeout:
        raise BoardHungError(str(timeout)) from timeout


def last_line(log: Path) -> str:
    """What the board has printed last."""
    with log.open("rb") as handle:
        handle.seek(max(0, handle.seek(0, os.SEEK_END) - _LAST_OCTETS))
        lines = _COLOUR.sub("", handle.read().decode(errors="replace")).splitlines()
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
