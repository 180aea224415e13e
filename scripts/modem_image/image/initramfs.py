# SPDX-License-Identifier: MIT
"""The initramfs that Debian's modular kernel needs: busybox, a few modules, one script."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from modem_image import PROJECT
from modem_image.image.modules import with_dependencies
from modem_image.system import run

_INIT = PROJECT / "scripts" / "modem_image" / "templates" / "initramfs-init.sh"


def make_initramfs(
    parts: Path, release: str, modules: Iterable[str], work: Path, epoch: int, init: Path = _INIT
) -> Path:
    """Write work/initramfs.cpio.gz from the unpacked packages `parts`; the same bytes for the same input.

    `init` is the script that the kernel starts.
    """
    tree = work / "initramfs"
    for name in ("bin", "dev", "lib/modules", "proc", "root", "sys"):
        (tree / name).mkdir(parents=True)
    busybox = next(path for path in (parts / "bin/busybox", parts / "usr/bin/busybox") if path.exists())
    _install(busybox, tree / "bin" / "busybox", 0o755)
    _install(init, tree / "init", 0o755)
    files = with_dependencies(parts, release, modules)
    for path in files:
        _install(path, tree / "lib" / "modules" / path.name, 0o644)
    (tree / "lib" / "modules" / "order").write_text("".join(f"{path.name}\n" for path in files))
    names = sorted(path.relative_to(tree) for path in tree.rglob("*"))
    for path in (tree, *tree.rglob("*")):
        os.utime(path, (epoch, epoch))
    listing = "".join(f"{name}\0" for name in names).encode()
    command = ["cpio", "--create", "--format=newc", "--null", "--quiet", "--reproducible", "--owner=0:0"]
    archive = run(command, directory=tree, standard_input=listing)
    path = work / "initramfs.cpio.gz"
    path.write_bytes(gzip.compress(archive, 6, mtime=epoch))
    shutil.rmtree(tree)
    return path


def _install(source: Path, target: Path, mode: int) -> None:
    shutil.copyfile(source, target)
    target.chmod(mode)
