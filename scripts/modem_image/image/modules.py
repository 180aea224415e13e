# SPDX-License-Identifier: MIT
"""The kernel modules an image needs, chosen from all that a kernel package has."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from modem_image.errors import UserError
from modem_image.system import CommandError, run

# depmod reads these beside the modules themselves; all else it makes.
_KEPT_LISTS = ("modules.builtin", "modules.builtin.modinfo", "modules.order")


def with_dependencies(root: Path, release: str, names: Iterable[str]) -> list[Path]:
    """The files of the modules `names` below `root` in the order of loading, each once.

    A name that is built into the kernel needs no file. Raises UserError for a module that is not there.
    """
    files: dict[Path, None] = {}
    for name in names:
        try:
            plan = run(["modprobe", "-d", root, "-S", release, "--show-depends", name]).decode()
        except CommandError as error:
            raise UserError(f"kernel {release} has no module {name}\n{error}") from error
        for line in plan.splitlines():
            action, _, path = line.partition(" ")
            if action == "insmod":
                files[Path(path.split()[0])] = None
    return list(files)


def install_modules(source: Path, release: str, names: Iterable[str], destination: Path) -> None:
    """Copy the modules `names` and what they depend on from `source` to `destination` and index them."""
    folder = source / "lib" / "modules" / release
    target = destination / "usr" / "lib" / "modules" / release
    for path in with_dependencies(source, release, names):
        copy = target / path.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    for name in _KEPT_LISTS:
        if (folder / name).exists():
            shutil.copyfile(folder / name, target / name)
    run(["depmod", "-b", destination, release])
