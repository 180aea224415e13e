# SPDX-License-Identifier: MIT
"""How long the main job takes: from an empty cache (downloads aside), and again with a warm one.

    scripts/modem-image build && .venv/bin/python tests/benchmarks/whole_job.py

Prints a Markdown table: wall time of the command, guest time from power-on to multi-user and from plug-in
to ping, and the peak memory of the command itself, QEMU not counted.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "scripts"))

import figures  # noqa: E402 - in this script's folder

from modem_image.cache import cache_root  # noqa: E402 - the package is found by the line above

_RUN = PROJECT / "build" / "bench" / "run-hot-plug-ms2372h-vodafone" / "summary.json"
DOWNLOADS = ("kernel", "root")


@dataclass(frozen=True)
class Cost:
    """Seconds and MiB of one run of the command."""

    wall: float
    boot: float
    ping: float
    memory: float


def measure(cache: Path) -> Cost:
    """One run of `modem-image build` with this cache. Raises SystemExit when it does not end well."""
    environment = {**os.environ, "MODEM_IMAGE_CACHE": str(cache)}
    start = time.monotonic()
    command = [str(PROJECT / "scripts" / "modem-image"), "build"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, high_water(process.pid))
        time.sleep(0.2)
    wall = time.monotonic() - start
    if process.returncode:
        assert process.stderr is not None
        sys.exit(process.stderr.read().decode())
    facts = json.loads(_RUN.read_text())["facts"]
    ping = next(entry["seconds"] for entry in facts["timeline"] if entry["step"] == "ping")
    return Cost(wall, -facts["power_on_seconds"], ping, peak)


def high_water(pid: int) -> float:
    """Peak resident memory of a process in MiB (proc(5), VmHWM); 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    found = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(found[0]) / 1024 if found else 0.0


def cold(rounds: int) -> list[Cost]:
    costs = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as name:
            for kind in DOWNLOADS:
                shutil.copytree(cache_root() / kind, Path(name, kind), symlinks=True)
            costs.append(measure(Path(name)))
    return costs


def row(title: str, costs: list[Cost]) -> str:
    medians = [
        statistics.median(getattr(cost, field) for cost in costs) for field in Cost.__dataclass_fields__
    ]
    return "| " + " | ".join([title, str(len(costs)), *(f"{value:.0f}" for value in medians)]) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--note", action="store_true", help="into docs/dev/figures.tsv and its chart")
    args = parser.parse_args()
    rounds = args.rounds
    print("| run | rounds | wall, s | power-on to plug-in, s | plug-in to ping, s | own memory, MiB |")
    print("|---|---|---|---|---|---|")
    empty = cold(rounds)
    print(row("empty cache, downloads aside", empty))
    warm = [measure(cache_root()) for _ in range(rounds)]
    print(row("warm cache", warm))
    if args.note:
        figures.note_all(
            {
                "main job, empty cache": statistics.median(cost.wall for cost in empty),
                "main job, warm cache": statistics.median(cost.wall for cost in warm),
                "plug-in to ping": statistics.median(cost.ping for cost in warm),
                "memory of the main job": max(cost.memory for cost in warm),
            }
        )


if __name__ == "__main__":
    main()
