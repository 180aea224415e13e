# SPDX-License-Identifier: MIT
"""A user's files in a folder that a command writes to, some with names that look like ours."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from modem_image.made import _proof

OURS = f".modem-image-01234567{_proof('01234567')}"
"""A name that a working folder of ours could have."""

_FILES = (
    ".git/HEAD",
    ".git/objects/pack/pack-1.pack",
    ".github/workflows/ci.yml",
    ".venv/pyvenv.cfg",
    ".gitkeep",
    ".DS_Store",
    ".lock",
    ".1.0.pruned/thesis.odt",
    ".modem-image-/thesis.odt",
    ".modem-image-0123456700000000/thesis.odt",
    f"{OURS}/thesis.odt",
    ".feed.0aB_c9xy/thesis.odt",
    ".tmpab12cd34/thesis.odt",
)
VISIBLE = ("thesis.odt", "run-mine/notes.txt", "older/thesis.odt", "releases-old/1.0/rootfs.tar")


def plant(folder: Path, visible: bool = True) -> Mapping[str, str]:
    """Plant them below `folder` (made if need be): what `state` says of them."""
    folder.mkdir(parents=True, exist_ok=True)
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    (elsewhere / "thesis.odt").write_text("mine")
    for name in (*_FILES, *(VISIBLE if visible else ())):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"mine: {name}")
    (folder / ".modem-image-link").symlink_to(elsewhere)
    # A mark that is a link, in a folder by a name of ours.
    foreign = folder / f".modem-image-89abcdef{_proof('89abcdef')}"
    foreign.mkdir()
    (foreign / "thesis.odt").write_text("mine")
    (foreign / ".made-by-modem-image").symlink_to(elsewhere / "thesis.odt")
    return state(folder) | state(elsewhere)


def state(folder: Path) -> dict[str, str]:
    """Path to kind, mode and content of all below `folder`."""
    return {str(path): _state(path) for path in sorted([folder, *folder.rglob("*")])}


def _state(path: Path) -> str:
    if path.is_symlink():
        return f"link {path.readlink()}"
    mode = f"{path.stat().st_mode:o}"
    return mode if path.is_dir() else f"{mode} {hashlib.sha256(path.read_bytes()).hexdigest()}"


def lost(before: Mapping[str, str]) -> list[str]:
    """What is gone or changed of what was planted."""
    return [path for path, was in before.items() if not os.path.lexists(path) or _state(Path(path)) != was]
