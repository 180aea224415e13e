# SPDX-License-Identifier: MIT
"""One boot of the bench: power the board, and plug one stick after the other in."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from huawei_modem.report import Report
from modem_image.bench.card import Card
from modem_image.bench.folders import KEPT, new_folders
from modem_image.bench.guest import Guest
from modem_image.bench.monitor import MonitorError
from modem_image.bench.qemu import Board, powered_board, usb_log
from modem_image.bench.record import Recorder
from modem_image.bench.snapshot import (
    LOG,
    UP,
    BoardHungError,
    Boot,
    Snapshot,
    await_up,
    forget,
    kept,
    last_line,
    resumed,
    take_up,
)
from modem_image.bench.visit import Place, Visit, Watch, attend, await_unplugged, listen_command, put_back
from modem_image.board.description import QemuSettings
from modem_image.cache import Cache
from modem_image.console import say, waiting
from modem_image.files import write_atomic
from modem_image.made import seal

BOOT_TRIES = 2
_RANDOM_OCTETS = 32

Done = Callable[[Report, Path], None]


@dataclass(frozen=True)
class Setting:
    """What a boot is made of. Only the first stick may be there from power-on."""

    image: str
    card: Card
    qemu: QemuSettings
    visits: tuple[Visit, ...]
    keep: int = KEPT
    """Runs of a name that are kept."""
    boards: Cache | None = None
    """Where boards that have booted are kept, to go on from; None boots in any case."""


def run_bench(setting: Setting, output: Path, done: Done = lambda _report, _folder: None) -> list[Report]:
    """Boot once; each visit has its folder below `output`, with its report as summary.json.

    `done` is called for each stick as soon as its report is there. A board that does not boot, or go on, is
    tried once more, from power-on, and says so. Raises FaultError when it fails again.
    """
    folders = new_folders(output, [visit.name for visit in setting.visits], setting.keep)
    try:
        return _boot_in_time(setting, folders, done)
    finally:
        for folder in folders:
            seal(folder)


def _boot_in_time(setting: Setting, folders: list[Path], done: Done) -> list[Report]:
    for attempt in range(1, BOOT_TRIES + 1):
        try:
            return _boot_once(setting, folders, done)
        except BoardHungError as hung:
            hung_log = folders[0] / f"serial-hung-{attempt}.log"
            (folders[0] / "serial.log").rename(hung_log)
            say(f"  {hung}\n  the board hung (log kept: {hung_log})")
            if attempt == BOOT_TRIES:
                raise
            if setting.boards:
                forget(setting.boards)
                setting = replace(setting, boards=None)  # where none goes on, a new one would not either
            say("  trying once more")
    raise AssertionError("a loop of at least one try")


def board_logs(settings: QemuSettings) -> list[str]:
    """What QEMU writes for the whole boot, into the folder of the first visit."""
    return ["serial.log", "qemu.log", *(usb_log(number) for number in range(len(settings.usb_ports)))]


def _boot_once(setting: Setting, folders: list[Path], done: Done) -> list[Report]:
    with _powered(setting, folders[0]) as (board, snapshot):
        power_on = time.monotonic()
        watch = Watch(board)
        reports = []
        with closing(Guest(board.shell, watch.check, board.now)) as guest:
            for visit, folder in zip(setting.visits, folders, strict=True):
                recorder = Recorder(folder / "stick.log", progress=say)
                first = folder == folders[0]
                with watch.stick(visit.stick, recorder, plugged=visit.scenario.cold) as peer:
                    if first and snapshot:
                        power_on = take_up(guest, snapshot, secrets.token_bytes(_RANDOM_OCTETS))
                        say(
                            f"  the board goes on from {time.monotonic() - power_on:.0f} s after its power-on"
                        )
                    elif first:
                        _boot(guest, visit, folder, board.now)
                    place = Place(
                        setting.image, setting.qemu.title, folder, first, power_on, snapshot is not None
                    )
                    if not visit.scenario.cold:
                        name = visit.stick.description.id
                        say(f"  {name} is plugged in {time.monotonic() - power_on:.0f} s after power-on")
                    report = attend(visit, place, guest, peer, recorder, watch)
                for name in () if first else board_logs(setting.qemu):
                    os.link(folders[0] / name, folder / name)
                write_atomic(folder / "summary.json", report.to_json().encode())
                reports.append(report)
                done(report, folder)
                if folder != folders[-1]:
                    await_unplugged(guest, board.now)
                    put_back(guest, visit)
        return reports


@contextmanager
def _powered(setting: Setting, folder: Path) -> Iterator[tuple[Board, Snapshot | None]]:
    """The board: one that was kept, or will be, where its stick comes later; else from power-on, and None."""
    scenario = setting.visits[0].scenario
    boot = Boot(setting.qemu, setting.card, UP, scenario.boot_patience, listen_command())
    snapshot = None
    if setting.boards and not scenario.cold:
        try:
            snapshot = kept(boot, setting.boards, folder)
        except MonitorError as err:
            say(f"  {err}\n  no snapshot is kept; the board boots once more")
    if snapshot:
        with resumed(snapshot, boot, folder) as board:
            yield board, snapshot
    else:
        with powered_board(setting.qemu, setting.card, folder) as board:
            yield board, None


def _boot(guest: Guest, visit: Visit, folder: Path, now: Callable[[], float]) -> None:
    """Wait for a shell, and for a hot plug for multi-user too. Raises BoardHungError."""
    scenario = visit.scenario
    with waiting("the board boots", scenario.boot_patience, lambda: last_line(folder / LOG)):
        await_up(guest, "true" if scenario.cold else UP, scenario.boot_patience, now)
    guest.run(listen_command())
