# SPDX-License-Identifier: MIT
"""The driver huawei_cdc_ncm with the layer's patch: its source, and a module for Debian's own kernel."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from huawei_modem_kernel.fragments import FRAGMENTS, fragment_files
from kernel.trees import opened
from modem_image.board.description import load_board
from modem_image.cache import Cache, cache_root
from modem_image.debian.archive import PrivateApt, host_mirror
from modem_image.debian.parts import fetch_kernel
from modem_image.kernel_config.tree import CROSS_COMPILE, KernelTree
from modem_image.system import run

(PATCH,) = FRAGMENTS.glob("*.patch")
SOURCE = "drivers/net/usb/huawei_cdc_ncm.c"
SERIES = "6.1"


def apply_patch(tree: KernelTree, folder: Path) -> Path:
    """`folder` with the patched driver at its place, and nothing else of the tree."""
    (folder / SOURCE).parent.mkdir(parents=True)
    shutil.copy(tree.path / SOURCE, folder / SOURCE)
    command = ["patch", "--fuzz=0", "--strip=1", f"--directory={folder}", f"--input={PATCH}"]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def compile_driver(tree: KernelTree, folder: Path, output: Path, *variables: str) -> Path:
    """The patched driver as a module, made in `folder` for the kernel that `output` is configured for."""
    driver = (apply_patch(tree, folder) / SOURCE).parent
    (driver / "Makefile").write_text("obj-m := huawei_cdc_ncm.o\n")
    tree.make(output, *variables, "modules_prepare")
    tree.make(output, *variables, f"M={driver}", "modules")
    return driver / "huawei_cdc_ncm.ko"


def out_of_tree(tree: KernelTree) -> Path:
    """The patched module for this tree's own configuration, with the fragments; kept by what it is made of.

    The kernel it belongs to is not built, so modpost knows no symbols.
    """
    material = {
        "tree": str(tree.path),
        "patch": PATCH.read_text(),
        "fragments": [path.read_text() for path in fragment_files()],
    }

    def make(folder: Path) -> None:
        output = folder / "output"
        output.mkdir()
        tree.merge(tree.base("imx_v6_v7_defconfig", output), fragment_files(), output)
        made = compile_driver(tree, folder / "patched", output, "KBUILD_MODPOST_WARN=1")
        made.replace(folder / made.name)
        for name in ("output", "patched"):
            shutil.rmtree(folder / name)

    return Cache(cache_root()).entry("patched-module-alone", material, make) / "huawei_cdc_ncm.ko"


def debians() -> Path:
    """The patched module for the kernel of the bench's image, which Debian built without the patch.

    The versions of the kernel's symbols are those of its linux-headers package.
    """
    cache, board = Cache(cache_root()), load_board(host_mirror())
    archive = board.archive
    kernel, tree = fetch_kernel(cache, archive, board.kernel.package), opened(SERIES)
    material = {
        "archive": archive.source_lines(),
        "release": kernel.release,
        "tree": str(tree.path),
        "patch": PATCH.read_text(),
    }

    def make(folder: Path) -> None:
        apt = PrivateApt(archive, folder / "apt")
        apt.update()
        (headers,) = apt.download([f"linux-headers-{kernel.release}"], folder)
        run(["dpkg-deb", "--extract", headers, folder / "headers"])
        output = folder / "output"
        output.mkdir()
        shutil.copy(folder / f"headers/usr/src/linux-headers-{kernel.release}/Module.symvers", output)
        tree.complete(kernel.config.read_text(), output)
        made = compile_driver(tree, folder / "patched", output, f"KERNELRELEASE={kernel.release}")
        run([f"{CROSS_COMPILE}strip", "--strip-debug", "-o", folder / made.name, made])
        for name in ("apt", "headers", "output", "patched"):
            shutil.rmtree(folder / name)
        headers.unlink()

    return cache.entry("patched-module", material, make) / "huawei_cdc_ncm.ko"
