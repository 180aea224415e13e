# SPDX-License-Identifier: MIT
"""A root file system's tar as an ext4 file system."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from modem_image.system import run


def write_ext4(archive: Path, path: Path, size_kib: int) -> None:
    """Owners and special permissions survive without root too: fakeroot remembers them."""
    script = (
        'mkdir "$1" && tar --extract --numeric-owner --preserve-permissions --file "$2" --directory "$1" &&'
        ' mke2fs -q -t ext4 -L RFS -O ^has_journal -m 0 -d "$1" "$3" "$4"'
    )
    folder = path.with_suffix(".root")
    command = ["sh", "-c", script, "sh", str(folder), str(archive), str(path), f"{size_kib}k"]
    run(command if os.geteuid() == 0 else ["fakeroot", "--", *command])
    shutil.rmtree(folder)
