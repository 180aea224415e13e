# SPDX-License-Identifier: MIT
"""Make what the benchmarks of check read: a root file system of 60 to 70 MiB packed, with 3,500 modules.

Debian's own root file system and the whole kernel package of the bench, from the cache of the command,
packed by the tools and options of OpenEmbedded's image classes.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from modem_image.board.description import load_board
from modem_image.cache import Cache, cache_root
from modem_image.debian.archive import host_mirror
from modem_image.debian.parts import fetch_kernel, fetch_root

# Without the largest drivers, or it is 100 MiB.
LEFT_OUT = (
    *("drivers/gpu", "drivers/media", "drivers/staging", "drivers/net/ethernet", "drivers/net/wireless"),
    *("drivers/iio", "drivers/infiniband", "fs", "sound"),
)
TAR = "tar --sort=name --format=posix --numeric-owner"
# OpenEmbedded's -9 has blocks of 192 MiB, most of the archive in one. -0 for the time that it takes to make.
XZ = "xz -T2 -0 --check=crc32 --keep --stdout"
ONE_BLOCK, MANY_BLOCKS = "--block-size=192MiB", "--block-size=8MiB"


@dataclass(frozen=True)
class Material:
    """The unpacked kernel package, its kernel, and its modules with a root file system as archives.

    `xz` is packed as OpenEmbedded packs, `blocks` as this project does, in blocks for several processors.
    `booting` holds its kernel as well, as Debian's do.
    """

    tree: Path
    release: str
    kernel: Path
    xz: Path
    blocks: Path
    zstd: Path
    booting: Path


def make(work: Path) -> Material:
    """Everything below `work`; what is there already is taken as it is."""
    board, cache = load_board(host_mirror()), Cache(cache_root())
    kernel = fetch_kernel(cache, board.archive, board.kernel.package)
    base = fetch_root(cache, board.archive, board.root.packages)
    paths = [work / f"bench.rootfs.{name}" for name in ("tar.xz", "blocks.tar.xz", "tar.zst", "boot.tar.zst")]
    material = Material(
        kernel.root, kernel.release, kernel.root / "boot" / f"vmlinuz-{kernel.release}", *paths
    )
    if not all(path.exists() for path in paths):
        work.mkdir(parents=True, exist_ok=True)
        script = _script(work / "root", base, kernel.root, kernel.release, material)
        subprocess.run(["fakeroot", "sh", "-e", "-c", script], check=True)
    return material


def _script(root: Path, base: Path, kernel: Path, release: str, material: Material) -> str:
    out = {name: shlex.quote(str(path)) for name, path in vars(material).items() if name != "release"}
    folder, excluded = shlex.quote(str(root)), " ".join(f"--exclude='*/{name}'" for name in LEFT_OUT)
    return f"""
        rm -rf {folder}
        mkdir {folder}
        tar -C {folder} -xf {shlex.quote(str(base))}
        # Debian's lib is a link to usr/lib.
        tar -C {out["tree"]} {excluded} --transform=s,^lib/,usr/lib/, -c boot lib/modules | tar -C {folder} -x
        depmod -b {folder} {release}
        {TAR} -C {folder} -c . | zstd -q -f -o {out["booting"]}
        rm -r {folder}/boot
        {TAR} -C {folder} -cf {folder}.tar .
        zstd -q -f {folder}.tar -o {out["zstd"]}
        {XZ} {ONE_BLOCK} {folder}.tar > {out["xz"]}
        {XZ} {MANY_BLOCKS} {folder}.tar > {out["blocks"]}
        rm -r {folder} {folder}.tar
    """
