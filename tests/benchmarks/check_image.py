# SPDX-License-Identifier: MIT
"""How long a check takes, beside `xz -dc` of the same root file system.

python tests/benchmarks/check_image.py NAME-Tezi_VERSION.tar
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from huawei_modem_check.image import check_image

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


def inflate(path: Path) -> None:
    subprocess.run(["xz", "-dc", path], stdout=subprocess.DEVNULL, check=True)


def _processor(whose: int) -> float:
    usage = getrusage(whose)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("image", type=Path)
    image = parser.parse_args().image
    with tempfile.TemporaryDirectory() as work, tarfile.open(image) as archive:
        member = next(entry for entry in archive if entry.name.endswith(".rootfs.tar.xz"))
        archive.extract(member, work)
        rootfs = Path(work, member.name)
        checks, inflates = alternating(lambda: check_image(image), lambda: inflate(rootfs))
    ratio = statistics.median(
        check.wall / inflated.wall for check, inflated in zip(checks, inflates, strict=True)
    )
    memory = getrusage(RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"rootfs.tar.xz of {member.size / 2**20:.0f} MiB, median of {ROUNDS}, load {os.getloadavg()[0]:.1f}"
    )
    print(f"  check   {summary(checks)}; {ratio:.2f} x xz -dc; {memory:.0f} MiB of memory")
    print(f"  xz -dc  {summary(inflates)}")


if __name__ == "__main__":
    main()
