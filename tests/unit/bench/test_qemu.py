# SPDX-License-Identifier: MIT
"""QEMU's life, with a program in its place that runs until it is ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from modem_image import HELPER, PROJECT

BENCH = """
import sys, time
from pathlib import Path
from modem_image.bench.card import Card
from modem_image.bench.qemu import powered_board
from modem_image.board import load_board

folder = Path(sys.argv[1])
card = Card(*[folder] * len(Card.__dataclass_fields__))
with powered_board(load_board("").qemu, card, folder) as board:
    print(board._process.pid, flush=True)
    time.sleep(60)
"""


def test_it_ends_with_a_bench_that_was_killed(tmp_path: Path) -> None:
    stand_in = tmp_path / "qemu-system-arm"
    stand_in.write_text("#!/bin/sh\nexec sleep 60\n")
    stand_in.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "PYTHONPATH": f"{PROJECT / 'scripts'}:{HELPER}",
        "TMPDIR": str(tmp_path),
    }
    command = [sys.executable, "-c", BENCH, str(tmp_path)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as bench:
        assert bench.stdout is not None
        board = Path(f"/proc/{int(bench.stdout.readline())}")
        assert board.exists()
        bench.send_signal(signal.SIGKILL)
        bench.wait(10)
    end = time.monotonic() + 10
    while board.exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not board.exists()
