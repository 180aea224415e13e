# SPDX-License-Identifier: MIT
"""A rerun overwrites nothing: runs are numbered, the last ones stay, and only what the bench made goes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modem_image.bench.folders import new_folders
from modem_image.errors import InputError
from modem_image.made import put_mark, seal

NAMES = ("run-hot-plug-a", "run-hot-plug-b")


def test_the_sticks_of_a_boot_share_a_number_and_the_link_is_the_newest(tmp_path: Path) -> None:
    first = new_folders(tmp_path, NAMES)
    second = new_folders(tmp_path, NAMES[:1])
    assert [path.name for path in (*first, *second)] == [
        "run-hot-plug-a-0001",
        "run-hot-plug-b-0001",
        "run-hot-plug-a-0002",
    ]
    assert (tmp_path / NAMES[0]).resolve() == second[0].resolve()
    assert (tmp_path / NAMES[1]).resolve() == first[1].resolve()


def test_the_last_ones_are_kept(tmp_path: Path) -> None:
    for _ in range(5):
        for folder in new_folders(tmp_path, NAMES, keep=2):
            seal(folder)
    assert sorted(path.name for path in tmp_path.iterdir() if not path.is_symlink()) == [
        f"{name}-{number:04}" for name in NAMES for number in (4, 5)
    ]


@pytest.mark.parametrize("change", ["a line", "a page", "an old file", "none, but the run was killed"])
def test_a_run_that_was_changed_or_killed_stays(tmp_path: Path, change: str) -> None:
    (run,) = new_folders(tmp_path, NAMES[:1], keep=1)
    (run / "serial.log").write_text("Linux version 6.1\n")
    if "killed" not in change:
        seal(run)
    if change == "a line":
        (run / "serial.log").write_text("Linux version 6.1\nmine\n")
    elif change == "a page":
        (run / "report.html").write_text("mine")
    elif change == "an old file":
        (tmp_path / "answers").write_text("mine")
        os.utime(tmp_path / "answers", (0, 0))
        (tmp_path / "answers").rename(run / "answers.txt")
    before = {path.name: path.read_text() for path in run.iterdir()}
    for _ in range(3):
        (later,) = new_folders(tmp_path, NAMES[:1], keep=1)
        seal(later)
    assert {path.name: path.read_text() for path in run.iterdir()} == before
    assert len([path for path in tmp_path.glob("run-*") if not path.is_symlink()]) == 2


def test_what_somebody_else_made_is_neither_removed_nor_written(tmp_path: Path) -> None:
    own = tmp_path / "run-hot-plug-a-0003"
    own.mkdir()
    (own / "notes.txt").write_text("mine")
    for _ in range(3):
        new_folders(tmp_path, NAMES[:1], keep=1)
    assert (own / "notes.txt").read_text() == "mine"
    assert (tmp_path / "run-hot-plug-a").readlink() == Path("run-hot-plug-a-0006")


def test_a_folder_in_the_links_place(tmp_path: Path) -> None:
    old = tmp_path / NAMES[0]
    old.mkdir()
    with pytest.raises(InputError, match="was not made by this command"):
        new_folders(tmp_path, NAMES[:1])
    put_mark(old)
    new_folders(tmp_path, NAMES[:1])
    assert old.is_symlink()
