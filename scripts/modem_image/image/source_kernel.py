# SPDX-License-Identifier: MIT
"""A small kernel for the emulated board, compiled from Debian's source with the layer's fragments and patch.

Where Debian's own kernel has thousands of drivers and none of our patch, this one is what a team builds by
docs/kernel.md: a base configuration, the fragments merged by the tree's own tools, the patch.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from huawei_modem.report import Severity
from huawei_modem_kernel.fragments import FRAGMENTS, fragment_files, layer_asks, linux_version
from modem_image import PROJECT
from modem_image.board.description import BOARDS, Board
from modem_image.cache import Cache, digest_of_files
from modem_image.console import step
from modem_image.debian.archive import Archive, PrivateApt
from modem_image.debian.parts import KernelParts
from modem_image.debian.source import unpack_source, with_suites
from modem_image.errors import FaultError
from modem_image.kernel_config import examine
from modem_image.kernel_config.tree import CROSS_COMPILE, KernelTree, open_tree
from modem_image.system import ensure_packages, ensure_tools, run

BASE = BOARDS / "imx7-kernel.config"
KIND = "source-kernel"
# What make of a kernel with signed modules needs besides what Kconfig needs.
_PACKAGES = ("bc", "libc6-dev", "libssl-dev")
_TOOLS = ("bison", "depmod", "flex", "gcc", "make", "patch", f"{CROSS_COMPILE}gcc")


def compile_kernel(cache: Cache, board: Board, version: str) -> KernelParts:
    """The kernel of the series `version`, as fetch_kernel gives Debian's. Compiled when the cache has none.

    Raises FaultError when the configuration lacks what the layer asks.
    """
    ensure_tools(_TOOLS)
    ensure_packages(_PACKAGES)
    archive = with_suites(board.archive)
    material = {
        "archive": archive.source_lines(),
        "version": version,
        "board": board.image.device_trees,
        "compiler": run([f"{CROSS_COMPILE}gcc", "-dumpfullversion"]).decode(),
        "configuration": digest_of_files(
            [BASE, *fragment_files(linux_version(version)), *_patches()], PROJECT
        ),
        "code": digest_of_files([Path(__file__)], Path(__file__).parent),
    }

    def make(folder: Path) -> None:
        _compile(archive, board, version, folder)

    entry = cache.entry(KIND, material, make)
    (release,) = (path.name for path in (entry / "root" / "lib" / "modules").iterdir())
    return KernelParts(entry / "root", release)


def _compile(archive: Archive, board: Board, version: str, folder: Path) -> None:
    work = folder / "work"
    work.mkdir()
    with step(f"fetch linux-source-{version}"):
        source = unpack_source(archive, version, work)
    epoch = int((source / "Makefile").stat().st_mtime)
    apply_patches(source)
    tree = open_tree(source)
    output = work / "output"
    configure(tree, output)
    with step(f"compile Linux {tree.version} (ten minutes of two cores)"):
        # The same bytes for the same input, but for the modules: their key is made for each build.
        stamp = time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(epoch))
        names = {"KBUILD_BUILD_TIMESTAMP": stamp, "KBUILD_BUILD_USER": "bench", "KBUILD_BUILD_HOST": "bench"}
        jobs = f"--jobs={len(os.sched_getaffinity(0))}"
        tree.make(output, jobs, "zImage", "modules", "dtbs", environment=names)
        install(tree, output, board.image.device_trees, folder / "root", epoch)
    with step("fetch busybox-static"):
        (busybox,) = PrivateApt(archive, work / "apt").download(["busybox-static"], work)
        run(["dpkg-deb", "--extract", busybox, folder / "root"])
    shutil.rmtree(work)


def apply_patches(source: Path) -> None:
    """The layer's patches, without fuzz, in the order of their names."""
    for patch in _patches():
        run(["patch", "--fuzz=0", "--strip=1", f"--directory={source}", f"--input={patch}"])


def _patches() -> list[Path]:
    return sorted(FRAGMENTS.glob("*.patch"))


def configure(tree: KernelTree, output: Path) -> str:
    """Write output/.config: the board's base and the layer's fragments, and return its text.

    Raises FaultError that names what the layer asks for and does not get.
    """
    output.mkdir(parents=True, exist_ok=True)
    tree.make(output, "allnoconfig", environment={"KCONFIG_ALLCONFIG": str(BASE)})
    base = output / "board.config"
    shutil.copyfile(output / ".config", base)
    linux = linux_version(tree.version)
    merged = examine.merge(tree, str(base), fragment_files(linux), layer_asks(linux), output)
    if errors := [found.title for found in merged.report.findings if found.severity is Severity.ERROR]:
        raise FaultError(f"Linux {tree.version} with {BASE.name}: {'; '.join(errors)}")
    return merged.config


def install(tree: KernelTree, output: Path, device_trees: Sequence[str], root: Path, epoch: int) -> None:
    """Put what was compiled where Debian's linux-image package has it (KernelParts)."""
    tree.make(output, "modules_install", f"INSTALL_MOD_PATH={root}", "INSTALL_MOD_STRIP=1")
    (modules,) = (root / "lib" / "modules").iterdir()
    for link in ("build", "source"):
        (modules / link).unlink(missing_ok=True)
    parts = KernelParts(root, modules.name)
    parts.image.parent.mkdir()
    shutil.copyfile(output / "arch" / "arm" / "boot" / "zImage", parts.image)
    shutil.copyfile(output / ".config", parts.config)
    os.utime(parts.image, (epoch, epoch))
    parts.device_trees.mkdir(parents=True)
    for name in device_trees:
        (found,) = (output / "arch" / "arm" / "boot" / "dts").rglob(name)
        shutil.copyfile(found, parts.device_trees / name)
