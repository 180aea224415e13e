# SPDX-License-Identifier: MIT
"""Small git repositories for tests."""

from __future__ import annotations

import subprocess
from pathlib import Path


def git(folder: Path, *arguments: str | Path) -> str:
    """What git prints, run in `folder` as someone in particular."""
    identity = [
        "-c",
        "user.name=Test",
        "-c",
        "user.email=test@example.org",
        "-c",
        "protocol.file.allow=always",
    ]
    done = subprocess.run(
        ["git", "-C", folder, *identity, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(folder: Path, content: str) -> str:
    """One commit more, that writes `content` to recipe.bb; its name."""
    (folder / "recipe.bb").write_text(content)
    git(folder, "add", "recipe.bb")
    git(folder, "commit", "--quiet", "--message", content)
    return git(folder, "rev-parse", "HEAD")


def new_repository(folder: Path) -> Path:
    """A repository on the branch scarthgap with two commits."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch=scarthgap")
    git(folder, "config", "uploadpack.allowFilter", "true")
    commit(folder, "first")
    commit(folder, "second")
    return folder
