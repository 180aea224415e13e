# SPDX-License-Identifier: MIT
"""One boot of the bench: power the board, and plug one stick after the other in."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from huawei_modem.report import Report
from modem_image.bench.card import Card
from modem_image.bench.folders import KEPT, new_folders
from modem_image.bench.guest import Guest, GuestTimeoutError
from modem_image.bench.qemu import powered_board
from modem_image.bench.record import Recorder
from modem_image.bench.scenario import Scenario
from modem_image.bench.visit import Place, Visit, Watch, attend, await_unplugged, listen, put_back
from modem_image.board.description import QemuSettings
from modem_image.console import say, waiting
from modem_image.errors import FaultError
from modem_image.files import write_atomic
from modem_image.made import seal

BOOT_TRIES = 2
_BOARD_LOGS = ("serial.log", "qemu.log", "usb.pcap")
"""What QEMU writes for the whole boot, into the folder of the first visit."""
_LAST_OCTETS = 2000
_COLOUR = re.compile(r"\x1b\[[\d;]*m")

Done = Callable[[Report, Path], None]


class BoardHungError(FaultError):
    """The board did not come up in time."""


@dataclass(frozen=True)
class Setting:
    """What a boot is made of. Only the first stick may be there from power-on."""

    image: str
    card: Card
    qemu: QemuSettings
    visits: tuple[Visit, ...]
    keep: int = KEPT
    """Runs of a name that are kept."""


def run_bench(setting: Setting, output: Path, done: Done = lambda _report, _folder: None) -> list[Report]:
    """Boot once; each visit has its folder below `output`, with its report as summary.json.

    `done` is called for each stick as soon as its report is there. A board that does not boot is tried once
    more, and says so. Raises FaultError when it fails again.
    """
    folders = new_folders(output, [visit.name for visit in setting.visits], setting.keep)
    for attempt in range(1, BOOT_TRIES + 1):
        try:
            reports = _boot_once(setting, folders, done)
            for folder in folders:
                seal(folder)
            return reports
        except BoardHungError as hung:
            hung_log = folders[0] / f"serial-hung-{attempt}.log"
            (folders[0] / "serial.log").rename(hung_log)
            say(f"  {hung}\n  the board hung (log kept: {hung_log})")
            if attempt == BOOT_TRIES:
                raise
            say("  trying once more")
    raise AssertionError("a loop of at least one try")


def _boot_once(setting: Setting, folders: list[Path], done: Done) -> list[Report]:
    with powered_board(setting.qemu, setting.card, folders[0]) as board:
        power_on = time.monotonic()
        watch = Watch(board)
        reports = []
        with closing(Guest(board.shell, watch.check, board.now)) as guest:
            for visit, folder in zip(setting.visits, folders, strict=True):
                recorder = Recorder(folder / "stick.log", progress=say)
                place = Place(setting.image, folder, folder == folders[0], power_on)
                with watch.stick(visit, recorder) as peer:
                    if place.first:
                        with waiting("the board boots", visit.scenario.boot_patience, _console(folder)):
                            _boot(guest, visit.scenario, board.now)
                        listen(guest)
                    if not visit.scenario.cold:
                        name = visit.stick.description.id
                        say(f"  {name} is plugged in {time.monotonic() - power_on:.0f} s after power-on")
                    report = attend(visit, place, guest, peer, recorder, watch)
                for name in () if place.first else _BOARD_LOGS:
                    os.link(folders[0] / name, folder / name)
                write_atomic(folder / "summary.json", report.to_json().encode())
                reports.append(report)
                done(report, folder)
                if folder != folders[-1]:
                    await_unplugged(guest, board.now)
                    put_back(guest, visit)
        return reports


def _console(folder: Path) -> Callable[[], str]:
    """What the board has printed last."""

    def last() -> str:
        with (folder / "serial.log").open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _LAST_OCTETS))
            lines = _COLOUR.sub("", log.read().decode(errors="replace")).splitlines()
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    return last


def _boot(guest: Guest, scenario: Scenario, now: Callable[[], float]) -> None:
    """Wait for a shell, and for a hot plug for multi-user too. Raises BoardHungError."""
    end = now() + scenario.boot_patience
    try:
        guest.connect(scenario.boot_patience)
        while not scenario.cold and guest.run("systemctl is-active --quiet multi-user.target")[0]:
            if now() > end:
                raise GuestTimeoutError(f"multi-user.target not reached in {scenario.boot_patience:.0f} s")
            time.sleep(1)
    except GuestTimeoutError as timeout:
        raise BoardHungError(str(timeout)) from timeout
