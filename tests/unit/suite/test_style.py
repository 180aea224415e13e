# SPDX-License-Identifier: MIT
"""The whole tree is clean under ruff and mypy, as pyproject.toml sets them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    "command", [["ruff", "check"], ["ruff", "format", "--check"], ["mypy"]], ids=" ".join
)
def test_clean(command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_source_file_names_its_license() -> None:
    listed = subprocess.run(
        [
            "git",
            "ls-files",
            "*.py",
            "*.toml",
            "*.sh",
            "*.yml",
            "*.bb",
            "*.bbappend",
            "*.inc",
            "*.bbclass",
            "*.cfg",
            "*.scc",
        ],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert listed
    bare = [
        name
        for name in listed
        # kas generates its lock files, and leaves out comments when it does.
        if name != "pyproject.toml"
        and not name.endswith(".lock.yml")
        and "SPDX-License-Identifier: MIT" not in head(name)
    ]
    assert bare == []


def test_no_file_is_too_long() -> None:
    """About 400 lines are wanted."""
    command = ["git", "ls-files", "*.py"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    lengths = {name: len((PROJECT / name).read_text().splitlines()) for name in done.stdout.split()}
    assert len(lengths) > 400
    assert {name: length for name, length in lengths.items() if length >= 450} == {}


def head(name: str) -> str:
    return (PROJECT / name).read_text()[:200]
