# SPDX-License-Identifier: MIT
"""Outputs appear whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from modem_image.errors import UserError
from modem_image.files import atomic_path, write_atomic


def names(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir()]


def test_the_file_appears_when_the_block_ends(tmp_path: Path) -> None:
    target = tmp_path / "image.tar"
    with atomic_path(target) as temporary:
        temporary.write_bytes(b"whole")
        assert not target.exists()
    assert target.read_bytes() == b"whole"
    assert names(tmp_path) == ["image.tar"]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, ValueError])
def test_an_interrupted_block_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, interruption: type[BaseException]
) -> None:
    target = tmp_path / "image.tar"
    target.write_bytes(b"old")
    with pytest.raises(interruption), atomic_path(target) as temporary:
        temporary.write_bytes(b"half")
        raise interruption
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["image.tar"]


def test_a_full_disk_is_one_clear_message_and_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "image.tar"
    with pytest.raises(UserError, match=r"image\.tar: the disk is full"), atomic_path(target) as temporary:
        temporary.write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert names(tmp_path) == []


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="absent"):
        write_atomic(tmp_path / "absent" / "image.tar", b"")


def test_a_folder_can_be_the_output(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "image") as temporary:
        temporary.mkdir()
        (temporary / "image.json").write_text("{}")
    assert (tmp_path / "image" / "image.json").read_text() == "{}"


@pytest.mark.parametrize("name", ["", "..", "there"])
def test_a_folder_for_a_file_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(UserError, match="is a folder"):
        write_atomic(tmp_path / name, b"text")
    assert names(tmp_path) == ["there"]
