# SPDX-License-Identifier: MIT
"""Real kernel trees: Debian's linux-source packages, kept in the cache of the command.

Only what Kconfig, `make modules_prepare` and one driver need is unpacked: a third of a tree.
"""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from modem_image.board import load_board
from modem_image.cache import Cache, cache_root
from modem_image.debian.archive import PrivateApt, host_mirror
from modem_image.kernel_config.tree import KernelTree, open_tree
from modem_image.system import ensure_tools

VERSIONS = ("6.1", "6.12")
SUITES = ("bookworm", "bookworm-backports")
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
)
WANTED += ("kernel/bounds.c", "kernel/time/timeconst.bc", "scripts/*")


def unpack(version: str, folder: Path) -> None:
    """Debian's source of this series into `folder`/linux-source-VERSION."""
    archive = replace(load_board(host_mirror()).archive, suites=SUITES)
    apt = PrivateApt(archive, folder / "apt")
    apt.update()
    (package,) = apt.download([f"linux-source-{version}"], folder)
    subprocess.run(["dpkg-deb", "--extract", package, folder / "package"], check=True)
    packed = folder / "package" / "usr" / "src" / f"linux-source-{version}.tar.xz"
    patterns = [f"*/{name}" for name in WANTED]
    subprocess.run(["tar", "-C", folder, "-xJf", packed, "--wildcards", *patterns], check=True)
    packed.unlink()
    package.unlink()


def opened(version: str) -> KernelTree:
    ensure_tools(["xz"])
    cache = Cache(cache_root())
    material = {"version": version, "suites": SUITES, "wanted": WANTED}
    entry = cache.entry("kernel-source", material, lambda folder: unpack(version, folder))
    return open_tree(entry / f"linux-source-{version}")


@pytest.fixture(scope="session", params=VERSIONS)
def tree(request: pytest.FixtureRequest) -> KernelTree:
    return opened(str(request.param))


@pytest.fixture(scope="session")
def newest() -> KernelTree:
    """One tree, for what each tree would show alike and takes its time."""
    return opened(VERSIONS[-1])
