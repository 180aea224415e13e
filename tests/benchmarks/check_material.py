# SPDX-License-Identifier: MIT
"""Make what the benchmarks of check read: a root file system of 60 to 70 MiB packed, with 3,500 modules.

Debian's own root file system and the whole kernel package of the bench, from the cache of the command.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from modem_image.board import load_board
from modem_image.cache import Cache, cache_root
from modem_image.debian.archive import host_mirror
from modem_image.debian.parts import fetch_kernel, fetch_root


@dataclass(frozen=True)
class Material:
    """The unpacked kernel package, and the same with a root file system as archives."""

    tree: Path
    release: str
    xz: Path
    zstd: Path


def make(work: Path) -> Material:
    """Everything below `work`; what is there already is taken as it is."""
    board, cache = load_board(host_mirror()), Cache(cache_root())
    kernel = fetch_kernel(cache, board.archive)
    base = fetch_root(cache, board.archive, board.root.packages)
    rootfs = work / "bench.rootfs.tar"
    material = Material(kernel.root, kernel.release, Path(f"{rootfs}.xz"), Path(f"{rootfs}.zst"))
    if not (material.xz.exists() and material.zstd.exists()):
        shutil.copyfile(base, rootfs)
        # Without the largest drivers, or it is 100 MiB.
        large = (
            "drivers/gpu",
            "drivers/media",
            "drivers/staging",
            "drivers/net/ethernet",
            "drivers/net/wireless",
        )
        left_out = [
            f"--exclude=*/{name}" for name in (*large, "drivers/iio", "drivers/infiniband", "fs", "sound")
        ]
        names = [*left_out, "boot", "lib/modules"]
        subprocess.run(["tar", "--append", "--file", rootfs, "-C", kernel.root, *names], check=True)
        subprocess.run(["zstd", "-q", "-f", rootfs, "-o", material.zstd], check=True)
        # By blocks, on several processors, as OpenEmbedded packs; -0 for the time that it takes to make.
        subprocess.run(["xz", "-T2", "-0", "-k", "-f", rootfs], check=True)
        rootfs.unlink()
    return material
