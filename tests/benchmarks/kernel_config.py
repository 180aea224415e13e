# SPDX-License-Identifier: MIT
"""How long kernel-config takes: a check without a tree, one with a tree beside make alone, an explanation.

python tests/benchmarks/kernel_config.py TREE [--grep-script SCRIPT]

SCRIPT is a script that checks a configuration by grep, such as moby's contrib/check-config.sh; beside it
stands our command, from its start to its end.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "meta-huawei-modem" / "lib"))
sys.path.insert(
    0, str(Path(__file__).resolve().parents[2] / "meta-huawei-modem/recipes-support/huawei-modem/files")
)

import figures  # in this script's folder

from huawei_modem import database
from huawei_modem_kernel.fragments import fragment_files, layer_asks, linux_version
from modem_image.kernel_config import examine, explain
from modem_image.kernel_config.tree import open_tree, work_folder

BASE = "imx_v6_v7_defconfig"
LAUNCHER = Path(__file__).resolve().parents[2] / "scripts" / "modem-image"


def cost_of(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of processor time here and in what was started."""
    wall, before = time.perf_counter(), os.times()
    work()
    after = os.times()
    return time.perf_counter() - wall, sum(after[:4]) - sum(before[:4])


def measure(works: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[tuple[float, float]]]:
    """The works in turns: what else the machine does then falls on all of them."""
    turns = [{name: cost_of(work) for name, work in works.items()} for _turn in range(rounds)]
    return {name: [costs[name] for costs in turns] for name in works}


def side_by_side(config: str, folder: Path, script: Path | None) -> dict[str, Callable[[], object]]:
    """Two commands over one file: a script that greps, and ours."""
    if script is None:
        return {}
    path = folder / "merged.config"
    path.write_text(config)

    def run(*command: str | Path) -> Callable[[], object]:
        return lambda: subprocess.run([*command, path], stdout=subprocess.DEVNULL, check=False)

    return {
        f"{script.name}": run("sh", script),
        "modem-image kernel-config check": run(LAUNCHER, "kernel-config", "check"),
    }


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--grep-script", type=Path, metavar="SCRIPT")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--note", action="store_true", help="into docs/dev/figures.tsv and its chart")
    args = parser.parse_args()
    tree = open_tree(args.tree)
    linux = linux_version(tree.version)
    asked, sticks = layer_asks(linux), database.load()
    with work_folder() as folder:
        config = tree.merge(tree.base(BASE, folder), fragment_files(linux), folder)
        lacking = config.replace("CONFIG_NFT_NAT=m\n", "")
        costs = measure(
            {
                "check without a tree": lambda: examine.check(config, "x", asked, None, folder),
                "make olddefconfig alone": lambda: tree.complete(config, folder),
                "check with the tree, all there": lambda: examine.check(config, "x", asked, tree, folder),
                "check with the tree, one missing": lambda: examine.check(lacking, "x", asked, tree, folder),
                "explain NFT_NAT": lambda: explain.explain(tree, "NFT_NAT", BASE, asked, sticks, folder),
                **side_by_side(config, folder, args.grep_script),
            },
            args.rounds,
        )
    print(f"Linux {tree.version}, {BASE}, median of {args.rounds}, load {os.getloadavg()[0]:.1f}")
    walls = {}
    for name, values in costs.items():
        walls[name], processor = (statistics.median(column) for column in zip(*values, strict=True))
        print(f"  {name:32} {walls[name]:6.3f} s, processor {processor:6.3f} s")
    if args.note:
        ratio = walls["check with the tree, all there"] / walls["make olddefconfig alone"]
        figures.note_all(
            {
                "kernel-config check, compared with make": ratio,
                "explain, on an idle machine": walls["explain NFT_NAT"],
            }
        )


if __name__ == "__main__":
    main()
