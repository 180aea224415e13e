# SPDX-License-Identifier: MIT
"""How long kernel-config takes: a check without a tree, one with a tree beside make alone, an explanation.

python tests/benchmarks/kernel_config.py TREE
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from huawei_modem import database
from huawei_modem_kernel.fragments import fragment_files, layer_asks
from modem_image.kernel_config import examine, explain
from modem_image.kernel_config.tree import open_tree, work_folder

BASE = "imx_v6_v7_defconfig"
ROUNDS = 5


def cost_of(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of processor time here and in what was started."""
    wall, before = time.perf_counter(), os.times()
    work()
    after = os.times()
    return time.perf_counter() - wall, sum(after[:4]) - sum(before[:4])


def measure(works: dict[str, Callable[[], object]]) -> dict[str, list[tuple[float, float]]]:
    """The works in turns: what else the machine does then falls on all of them."""
    rounds = [{name: cost_of(work) for name, work in works.items()} for _round in range(ROUNDS)]
    return {name: [costs[name] for costs in rounds] for name in works}


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("tree", type=Path)
    tree = open_tree(parser.parse_args().tree)
    asked, sticks = layer_asks(), database.load()
    with work_folder() as folder:
        config = tree.merge(tree.base(BASE, folder), fragment_files(), folder)
        costs = measure(
            {
                "check without a tree": lambda: examine.check(config, "x", asked, None, folder),
                "make olddefconfig alone": lambda: tree.complete(config, folder),
                "check with the tree": lambda: examine.check(config, "x", asked, tree, folder),
                "explain NFT_NAT": lambda: explain.explain(tree, "NFT_NAT", BASE, asked, sticks, folder),
            }
        )
    print(f"Linux {tree.version}, {BASE}, median of {ROUNDS}, load {os.getloadavg()[0]:.1f}")
    for name, values in costs.items():
        wall, processor = (statistics.median(column) for column in zip(*values, strict=True))
        print(f"  {name:24} {wall:6.3f} s, processor {processor:6.3f} s")


if __name__ == "__main__":
    main()
