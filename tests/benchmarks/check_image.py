# SPDX-License-Identifier: MIT
"""How long `modem-image check` takes, its start included, beside `xz -dc` of every archive in the image.

python tests/benchmarks/check_image.py NAME-Tezi_VERSION.tar
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import statistics
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

import figures  # in this script's folder

PROJECT = Path(__file__).resolve().parents[2]

ROUNDS = 7


@dataclasses.dataclass(frozen=True)
class Cost:
    """Seconds: by the clock, and of processor time in this process and in the tools it starts."""

    wall: float
    own: float
    tools: float


def cost_of(work: Callable[[], object]) -> Cost:
    wall, own, tools = time.perf_counter(), _processor(RUSAGE_SELF), _processor(RUSAGE_CHILDREN)
    work()
    return Cost(
        time.perf_counter() - wall,
        _processor(RUSAGE_SELF) - own,
        _processor(RUSAGE_CHILDREN) - tools,
    )


def alternating(*works: Callable[[], object]) -> list[list[Cost]]:
    """The costs of each work, taken in turns: what else the machine does then falls on all of them."""
    rounds = [[cost_of(work) for work in works] for _round in range(ROUNDS)]
    return [list(costs) for costs in zip(*rounds, strict=True)]


def summary(costs: list[Cost]) -> str:
    walls = [cost.wall for cost in costs]
    own, tools = (statistics.median(getattr(cost, name) for cost in costs) for name in ("own", "tools"))
    spread = f"{min(walls):.2f} to {max(walls):.2f}"
    return f"{statistics.median(walls):5.2f} s ({spread}); processor {own:.2f} s own, {tools:.2f} s tools"


def inflate(paths: list[Path]) -> None:
    for path in paths:
        subprocess.run(["xz", "-dc", path], stdout=subprocess.DEVNULL, check=True)


def command(image: Path) -> None:
    """The command as it is typed; its exit status is that of what it found."""
    line = [PROJECT / "scripts" / "modem-image", "check", image]
    subprocess.run(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def _processor(whose: int) -> float:
    usage = getrusage(whose)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("image", type=Path)
    parser.add_argument("--note", action="store_true", help="into docs/dev/figures.tsv and its chart")
    args = parser.parse_args()
    image = args.image
    with tempfile.TemporaryDirectory() as work, tarfile.open(image) as archive:
        members = [entry for entry in archive if entry.name.endswith(".tar.xz")]
        archive.extractall(work, members, filter="data")
        archives = [Path(work, member.name) for member in members]
        checks, inflates = alternating(lambda: command(image), lambda: inflate(archives))
    ratio = statistics.median(
        check.wall / inflated.wall for check, inflated in zip(checks, inflates, strict=True)
    )
    size = sum(member.size for member in members) / 2**20
    print(f"{len(members)} archives of {size:.0f} MiB, median of {ROUNDS}, load {os.getloadavg()[0]:.1f}")
    print(f"  check   {summary(checks)}; {ratio:.2f} x xz -dc")
    print(f"  xz -dc  {summary(inflates)}")
    if args.note:
        figures.note_all({"check of the bench's image, compared with xz": ratio})


if __name__ == "__main__":
    main()
