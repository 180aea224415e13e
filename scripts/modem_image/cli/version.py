# SPDX-License-Identifier: MIT
"""Which version this is: the one that the helper has too, and the commit of a clone."""

from __future__ import annotations

import subprocess

from huawei_modem import __version__
from modem_image import PROJECT


def version() -> str:
    """`0.1.0`, and in a clone `0.1.0 (commit 0123456789ab, changed)`."""
    commit = _git("rev-parse", "--short=12", "HEAD").strip()
    if not commit:
        return __version__
    changed = ", changed" if _git("status", "--porcelain", "--untracked-files=no") else ""
    return f"{__version__} (commit {commit}{changed})"


def _git(*arguments: str) -> str:
    """What git says of this project; nothing without git, or where this is no clone."""
    if not (PROJECT / ".git").exists():
        return ""
    try:
        done = subprocess.run(["git", "-C", PROJECT, *arguments], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout if done.returncode == 0 else ""
