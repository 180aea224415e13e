# SPDX-License-Identifier: MIT
"""A busy machine slows the board down; the bench's patience goes by the time that the board was given."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from modem_image.bench.qemu import Board
from modem_image.bench.record import Recorder

_SPIN = "import time\nend = time.monotonic() + {seconds}\nwhile time.monotonic() < end: pass"


def spin(seconds: float, processor: int) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", _SPIN.format(seconds=seconds)])
    os.sched_setaffinity(process.pid, {processor})
    return process


@pytest.mark.slow
def test_the_clock_stands_still_while_others_have_the_processor(tmp_path: Path) -> None:
    processor = min(os.sched_getaffinity(0))
    crowd = [spin(3, processor) for _ in range(4)]
    try:
        board = Board(crowd[0], tmp_path, tmp_path)
        time.sleep(0.5)
        now, clock = time.monotonic(), board.now()
        time.sleep(1.5)
        felt, passed = board.now() - clock, time.monotonic() - now
    finally:
        for process in crowd:
            process.kill()
            process.wait()
    assert felt < 0.7 * passed


def test_the_clock_goes_on_while_the_board_is_idle(tmp_path: Path) -> None:
    process = subprocess.Popen(["sleep", "5"])
    try:
        board = Board(process, tmp_path, tmp_path)
        clock, now = board.now(), time.monotonic()
        time.sleep(0.5)
        passed = time.monotonic() - now
        assert board.now() - clock > 0.9 * passed
    finally:
        process.kill()
        process.wait()


def test_a_board_that_is_gone_has_a_clock_too(tmp_path: Path) -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    assert Board(process, tmp_path, tmp_path).now() <= time.monotonic()


def test_an_event_is_awaited_by_the_boards_clock(tmp_path: Path) -> None:
    ticks = iter([0.0, 1.0, 2.0, 11.0])
    recorder = Recorder(tmp_path / "stick.log", progress=lambda _line: None)
    recorder._changed.wait = lambda _seconds=None: True  # type: ignore[method-assign,assignment]
    assert recorder.await_event("http-request", 10.0, lambda: None, lambda: next(ticks)) is None
    assert list(ticks) == []
