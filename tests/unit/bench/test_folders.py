# SPDX-License-Identifier: MIT
"""A rerun overwrites nothing: runs are numbered, the last ones stay, and only what the bench made goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from modem_image.bench.folders import new_folders
from modem_image.errors import InputError
from modem_image.made import put_mark

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
        new_folders(tmp_path, NAMES, keep=2)
    assert sorted(path.name for path in tmp_path.iterdir() if not path.is_symlink()) == [
        f"{name}-{number:04}" for name in NAMES for number in (4, 5)
    ]


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
