# SPDX-License-Identifier: MIT
"""Outputs appear whole or not at all."""

from __future__ import annotations

import errno
import os
import resource
from pathlib import Path

import pytest

from modem_image import files
from modem_image.cli import main
from modem_image.errors import InputError, UserError
from modem_image.files import atomic_path, content_of, text_of, write_atomic


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


# --- What somebody names is read within bounds ------------------------------------------------------

_NO_FILE = ("/dev/zero", "link.toml", "large.toml", "deep.toml")
_READERS = (
    ["stick", "import", "{}"],
    ["stick", "show", "{}"],
    ["stick", "serve", "socket", "--stick", "{}"],
    ["release", "image", "--out", "feed", "--changelog", "{}"],
    ["release", "image", "--out", "feed", "--lock", "{}"],
    ["site", "public", "--pyodide", "{}"],
)


@pytest.mark.parametrize("words", _READERS, ids=lambda words: " ".join(words[:2] + words[-2:-1]))
def test_what_is_too_large_or_no_file_is_one_sentence(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("link.toml").symlink_to("/dev/zero")
    with Path("large.toml").open("wb") as large:
        large.truncate(1 << 40)  # without blocks on the disk
    os.mkfifo("pipe")
    Path("deep.toml").symlink_to("pipe")
    before = resource.getrlimit(resource.RLIMIT_AS)
    # What is read whole ends here, and not this machine.
    resource.setrlimit(resource.RLIMIT_AS, (address_space() + (256 << 20), before[1]))
    try:
        for name in _NO_FILE:
            assert main([word.format(name) for word in words]) == 2, name
            said = capsys.readouterr().err
            assert name in said and "fault" not in said, said
            assert any(part in said for part in ("larger than", "not a file", "is a pipe", "no end")), said
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def address_space() -> int:
    """Octets of address space that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def test_a_text_has_the_ends_of_lines_of_python(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"one\r\ntwo\rthree\n")
    assert text_of(path) == path.read_text("utf-8")
    size = path.stat().st_size
    assert content_of(path, size) == path.read_bytes()
    with pytest.raises(InputError, match="is larger than"):
        content_of(path, size - 1)


def test_a_file_whose_size_says_nothing_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """As files of /proc are, and one that grows while it is read."""
    monkeypatch.setattr(files, "TEXT_LIMIT", 16)
    path = Path("/proc/version")
    assert path.stat().st_size == 0
    assert content_of(path, 1 << 20) == path.read_bytes()
    with pytest.raises(InputError, match="is larger than"):
        content_of(path, 20)
