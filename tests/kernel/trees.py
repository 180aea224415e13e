# SPDX-License-Identifier: MIT
"""Real kernel trees: Debian's linux-source packages, kept in the cache of the command.

Only what Kconfig, `make modules_prepare` and one driver need is unpacked: a third of a tree.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from modem_image.board.description import load_board
from modem_image.cache import Cache, cache_root
from modem_image.debian.archive import host_mirror
from modem_image.debian.source import SUITES, unpack_source, with_suites
from modem_image.kernel_config.tree import KernelTree, open_tree

# Patterns of tar, in which * also stands for folders between.
WANTED = (
    "Kconfig*",
    "Makefile*",
    "Kbuild*",
    "COPYING",
    "arch/arm/*",
    "drivers/net/usb/*",
    "include/*",
    "init/*",
    "kernel/bounds.c",
    "kernel/time/timeconst.bc",
    "scripts/*",
)


def unpack(version: str, folder: Path) -> None:
    """Debian's source of this series into `folder`/linux-source-VERSION."""
    archive = with_suites(load_board(host_mirror()).archive)
    unpack_source(archive, version, folder, [f"*/{name}" for name in WANTED])
    shutil.rmtree(folder / "apt")


def opened(version: str) -> KernelTree:
    """The tree of this series, unpacked at its first use."""
    cache = Cache(cache_root())
    material = {"version": version, "suites": SUITES, "wanted": WANTED}
    entry = cache.entry("kernel-source", material, lambda folder: unpack(version, folder))
    return open_tree(entry / f"linux-source-{version}")
