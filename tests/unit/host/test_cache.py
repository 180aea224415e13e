# SPDX-License-Identifier: MIT
"""Entries are whole or not there, found by what they were made from."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from modem_image.cache import IN_USE, KEPT_ENTRIES, Cache, cache_root, digest_of_files
from modem_image.errors import MissingError


def folders(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.iterdir() if entry.is_dir())


def test_made_once_for_the_same_material(tmp_path: Path) -> None:
    made: list[Path] = []
    cache = Cache(tmp_path)
    first = cache.entry("kind", {"a": 1, "b": 2}, made.append)
    assert cache.entry("kind", {"b": 2, "a": 1}, made.append) == first
    assert len(made) == 1
    assert cache.entry("kind", {"a": 1, "b": 3}, made.append) != first


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").write_text("")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Cache(tmp_path).entry("kind", {}, fail)
    assert folders(tmp_path / "kind") == []


def test_two_builders_take_turns(tmp_path: Path) -> None:
    made: list[Path] = []

    def slowly(folder: Path) -> None:
        time.sleep(0.2)
        made.append(folder)

    threads = [threading.Thread(target=Cache(tmp_path).entry, args=("kind", {}, slowly)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_old_entries_go_and_those_in_use_stay(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    old = [cache.entry("kind", {"number": number}, lambda folder: None) for number in range(KEPT_ENTRIES + 2)]
    assert all(path.exists() for path in old)
    for path in old:
        os.utime(path, (0, time.time() - IN_USE - 60))
    new = cache.entry("kind", {"number": "new"}, lambda folder: None)
    assert len(folders(tmp_path / "kind")) == KEPT_ENTRIES
    assert new.exists()


def test_another_run_may_remove_an_entry_while_this_one_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path)
    gone = tmp_path / "kind" / "0123456789abcdef01234567"
    monkeypatch.setattr("modem_image.cache._entries", lambda shelf: [gone, *shelf.iterdir()])
    assert cache.entry("kind", {"number": "new"}, lambda folder: None).is_dir()


def test_a_users_cache_that_cannot_be_written_can_be_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MODEM_IMAGE_CACHE", str(tmp_path / "file"))
    with pytest.raises(MissingError, match="do: set MODEM_IMAGE_CACHE"):
        Cache(cache_root()).entry("kind", {}, lambda folder: None)


def test_the_variable_is_no_help_for_a_cache_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MissingError) as caught:
        Cache(tmp_path / "file").entry("kind", {}, lambda folder: None)
    assert "MODEM_IMAGE_CACHE" not in str(caught.value)


def test_digest_sees_name_content_and_run_bit(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("a")
    seen = {digest_of_files([tmp_path], tmp_path)}
    script.chmod(0o755)
    seen.add(digest_of_files([tmp_path], tmp_path))
    script.write_text("b")
    seen.add(digest_of_files([tmp_path], tmp_path))
    script.rename(tmp_path / "other")
    seen.add(digest_of_files([tmp_path], tmp_path))
    assert len(seen) == 4
