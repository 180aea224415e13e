# SPDX-License-Identifier: MIT
"""File names that Easy Installer handles as meant.

The installer puts the names of image.json in single quotes into a shell pipeline and looks them up
in the folder of the image (qt-tezi, multiimagewritethread.cpp). A name with a quote runs as a
command, as root; one with a path leaves the folder.
"""

from __future__ import annotations

import re

_SAFE = re.compile(r"[A-Za-z0-9_.+@%=,~ -]+")


def unsafe_name_reason(name: str) -> str | None:
    """Why `name` must not be the name of a file of an image, or None when it may."""
    if not name or name in (".", ".."):
        return "names no file"
    if "/" in name or "\\" in name:
        return "leaves the folder of the image"
    if name.startswith("-"):
        return "is an option to the tools that are given it"
    if not _SAFE.fullmatch(name):
        return "has characters that the installer's shell may take as a command"
    return None
