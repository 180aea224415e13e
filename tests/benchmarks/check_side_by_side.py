# SPDX-License-Identifier: MIT
"""What a check costs beside what it replaces, in turns: inflating alone, a script of tools, modinfo.

    .venv/bin/python tests/benchmarks/check_side_by_side.py WORK [--rounds N] [--only NAME…]

WORK is a folder with 1 GB of room; what the benchmarks read is made there once (check_material.py).
Prints a table: medians, and the median of the ratios of each round. Cores busy is processor time by wall
time: where one image after the other keeps both cores busy already, several at once cannot be faster.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from check_image import cost_of
from check_material import Material, make

from huawei_modem_check.image import check_image
from huawei_modem_check.modules import ModuleCollector
from huawei_modem_check.sources import walk
from modem_image.check.several import check_several
from modem_image.console import table

Work = Callable[[], object]
TEN = 10


def tool(*command: str | Path) -> None:
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


def script(archive: Path, release: str, work: Path) -> None:
    """What people do today: unpack, look at each module, have depmod look for symbols, sum up."""
    with tempfile.TemporaryDirectory(dir=work) as folder:
        tool("tar", "-C", folder, "-xf", archive)
        modules = f"{folder}/lib/modules/{release}"
        tool("sh", "-c", f"find {modules} -name '*.ko' -print0 | xargs -0 modinfo -F vermagic")
        tool("depmod", "-n", "-e", "-b", folder, release)
        tool("sha256sum", archive)


def vermagic(tree: Path) -> None:
    collector = ModuleCollector("tree", lambda _release: False)
    for path, plain, content in walk(str(tree)):
        collector.offer(path, plain, content)
    assert sum(len(folder.files) for folder in collector.folders()) > 3000


def by_modinfo(tree: Path) -> None:
    tool("sh", "-c", f"find {tree}/lib/modules -name '*.ko' -print0 | xargs -0 modinfo -F vermagic")


def pairs(material: Material, work: Path) -> dict[str, tuple[Work, Work]]:
    """Name to our own work and the other's."""
    one_block, many_blocks = ten(work, material.xz), ten(work, material.blocks)
    return {
        "tar.xz, beside xz -dc": (lambda: check_image(material.xz), lambda: tool("xz", "-dc", material.xz)),
        "tar.xz in blocks, beside xz -dc": (
            lambda: check_image(material.blocks),
            lambda: tool("xz", "-dc", material.blocks),
        ),
        "tar.zst, beside zstd -dc": (
            lambda: check_image(material.zstd),
            lambda: tool("zstd", "-dc", material.zstd),
        ),
        "tar.zst with a kernel inside, beside zstd -dc": (
            lambda: check_image(material.booting),
            lambda: tool("zstd", "-dc", material.booting),
        ),
        "tar.xz, beside unpack, modinfo, depmod, sha256sum": (
            lambda: check_image(material.xz),
            lambda: script(material.xz, material.release, work),
        ),
        "tar.xz in blocks, beside unpack, modinfo, depmod, sha256sum": (
            lambda: check_image(material.blocks),
            lambda: script(material.blocks, material.release, work),
        ),
        "3,491 unpacked modules, beside one xargs modinfo": (
            lambda: vermagic(material.tree),
            lambda: by_modinfo(material.tree),
        ),
        "ten images at once, beside one after the other": (
            lambda: check_several(one_block),
            lambda: [check_image(path) for path in one_block],
        ),
        "ten images in blocks at once, beside one after the other": (
            lambda: check_several(many_blocks),
            lambda: [check_image(path) for path in many_blocks],
        ),
    }


def ten(work: Path, archive: Path) -> list[Path]:
    paths = [work / f"{number}-{archive.name}" for number in range(TEN)]
    for path in paths:
        if not path.exists():
            path.hardlink_to(archive)
    return paths


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("work", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=[""], help="parts of the names of what is measured")
    args = parser.parse_args()
    rows = []
    for name, (own, other) in pairs(make(args.work), args.work).items():
        if not any(part in name for part in args.only):
            continue
        rounds = [(cost_of(own), cost_of(other)) for _round in range(args.rounds)]
        ratio = statistics.median(mine.wall / theirs.wall for mine, theirs in rounds)
        mine, theirs = (statistics.median(pair[which].wall for pair in rounds) for which in (0, 1))
        processor = [
            statistics.median(pair[which].own + pair[which].tools for pair in rounds) for which in (0, 1)
        ]
        busy = [
            statistics.median((pair[which].own + pair[which].tools) / pair[which].wall for pair in rounds)
            for which in (0, 1)
        ]
        rows.append([name, *(f"{value:.2f}" for value in (mine, theirs, ratio, *processor, *busy))])
        print(f"{rows[-1]}, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
    head = [
        "what",
        "check, s",
        "the other, s",
        "ratio",
        "processor, s",
        "the other's",
        "cores busy",
        "the other",
    ]
    print(table(rows, head))
    for path in args.work.glob("[0-9]-*.tar.xz"):
        path.unlink()


if __name__ == "__main__":
    main()
