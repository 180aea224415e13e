# SPDX-License-Identifier: MIT
"""Where runs are kept: a numbered folder each, the last ones of a name, and a link to the newest.

run-hot-plug-ms2372h-0007/       number 7 of all runs below this folder
run-hot-plug-ms2372h             a link to the newest of this name
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from modem_image.access import make_folder
from modem_image.errors import InputError
from modem_image.made import is_ours, is_sealed, put_mark, remove_ours

KEPT = 10
_NUMBER = re.compile(r"run-.*-(\d{4,})")


def new_folders(output: Path, names: Sequence[str], keep: int = KEPT) -> list[Path]:
    """A new folder for each of the names, all with the next number; of each name the last `keep` stay, and
    each that was not sealed when its run ended, or was changed since.

    Raises InputError when something stands in the way that this command has not made.
    """
    make_folder(output)
    used = [int(found[1]) for path in output.iterdir() if (found := _NUMBER.fullmatch(path.name))]
    number = max(used, default=0) + 1
    for name in names:
        _clear(output / name)
    folders = [output / f"{name}-{number:04}" for name in names]
    for name, folder in zip(names, folders, strict=True):
        folder.mkdir()
        put_mark(folder)
        link = output / name
        link.symlink_to(folder.name)
        for old in _runs(output, name)[:-keep]:
            # Of a run that was killed nobody knows what it wrote itself: it stays.
            if is_sealed(old):
                remove_ours(old)
    return folders


def _clear(link: Path) -> None:
    """Make room for the link: the one of the run before, or the folder that an older version has made."""
    if link.is_symlink() and _NUMBER.fullmatch(str(link.readlink())):
        link.unlink()
    elif link.is_symlink() or (link.exists() and not remove_ours(link)):
        raise InputError(f"{link}: was not made by this command\n  do: move it away, or give --output DIR")


def _runs(output: Path, name: str) -> list[Path]:
    """The runs of this name that this command has made, the oldest first."""
    pattern = re.compile(rf"{re.escape(name)}-(\d{{4,}})")
    found = [(int(match[1]), path) for path in output.iterdir() if (match := pattern.fullmatch(path.name))]
    return [path for _number, path in sorted(found) if is_ours(path)]
