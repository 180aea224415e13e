# SPDX-License-Identifier: MIT
"""Folders that this program made, known by their mark: they go, and nothing else does."""

from __future__ import annotations

import errno
import os
import signal
import threading
from pathlib import Path

import pytest

from modem_image import made
from modem_image.system import run
from patience import until
from unit.killed import below, run_killed
from unit.planted import OURS, lost, plant, state

pytestmark = pytest.mark.slow


def test_only_marked_folders_are_removed(tmp_path: Path) -> None:
    before = plant(tmp_path / "out")
    for path in (tmp_path / "out").iterdir():
        assert not made.remove_ours(path)
    made.remove_leftovers(tmp_path / "out")
    assert lost(before) == []
    made.put_mark(tmp_path / "out" / "run-mine")
    assert made.remove_ours(tmp_path / "out" / "run-mine")


def test_a_run_that_lives_keeps_its_folder(tmp_path: Path) -> None:
    with made.work_folder(tmp_path) as first:
        (first / "half").write_text("")
        with made.work_folder(tmp_path) as second:
            assert first.exists() and second.exists()
        assert (first / "half").exists()
    assert list(tmp_path.iterdir()) == []


def test_a_killed_runs_folder_goes_with_all_that_it_holds(tmp_path: Path) -> None:
    left = tmp_path / OURS
    (left / "rootfs" / "closed").mkdir(parents=True)
    (left / "rootfs" / "closed" / "file").write_text("")
    (left / "rootfs" / "closed").chmod(0)
    made.put_mark(left)
    made.remove_leftovers(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_finished_folder_with_a_users_file_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, change in enumerate(("none", "a file", "an edit", "a folder below")):
        folder = tmp_path / f"run-{number}"
        (folder / "inside").mkdir(parents=True)
        (folder / "inside" / "log").write_text("made here")
        made.seal(folder)
        if change == "a file":
            (folder / "notes.txt").write_text("mine")
        if change == "an edit":
            (folder / "inside" / "log").write_text("made here, edited")
        if change == "a folder below":
            (folder / "inside" / "mine").mkdir()
        before = state(folder)
        assert made.remove_ours(folder) is (change == "none"), change
        if change != "none":
            assert state(folder) == before
            assert "stays: it was made here, and something in it was changed" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["", "release", "release/image"])
def test_what_a_user_puts_into_a_killed_runs_folder_stays(tmp_path: Path, place: str) -> None:
    def killed() -> None:
        with made.work_folder(tmp_path, ("release",)) as work:
            (work / "release" / "image").mkdir(parents=True)
            (work / "release" / "image" / "half").write_text("half")
            os.kill(os.getpid(), signal.SIGKILL)

    run_killed(killed, None, below(tmp_path))
    (left,) = tmp_path.iterdir()
    # What lies deeper than the first level tells by its time: within a second it could be the run's own.
    (mark,) = (path for path in left.iterdir() if path.name == made.MARK)
    if place:
        os.utime(mark, (mark.stat().st_mtime - 3,) * 2)
    (left / place / "thesis.odt").write_text("mine")
    before = state(left)
    made.remove_leftovers(tmp_path)
    assert state(left) == before
    (left / place / "thesis.odt").unlink()
    if not place:
        made.remove_leftovers(tmp_path)
        assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_has_started_ends_with_it_and_its_folder_goes(tmp_path: Path) -> None:
    """What a tool went on to write after the run's death would look like a person's own."""

    def killed() -> None:
        with made.work_folder(tmp_path) as work:
            script = f"for i in $(seq 100); do echo more >>{work}/half; sleep 0.05; done"
            threading.Thread(target=kill_when, args=(work / "half",), daemon=True).start()
            run(["sh", "-c", script])

    def kill_when(begun: Path) -> None:
        until(begun.exists)
        os.kill(os.getpid(), signal.SIGKILL)

    run_killed(killed, None, below(tmp_path))
    until(lambda: not [path for path in Path("/proc").glob("[0-9]*/cmdline") if names(path, tmp_path)])
    made.remove_leftovers(tmp_path)
    assert list(tmp_path.iterdir()) == []


def names(command_line: Path, folder: Path) -> bool:
    try:
        return os.fsencode(folder) in command_line.read_bytes()
    except OSError:  # ended meanwhile
        return False


def test_a_run_that_lives_touches_its_mark(tmp_path: Path) -> None:
    with made.work_folder(tmp_path) as work:
        os.utime(work / made.MARK, (0, 0))
        until(lambda: (work / made.MARK).stat().st_mtime > 0)


def test_a_folder_whose_mark_finds_no_room_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_file: int, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space left"), made.work_folder(tmp_path, ("result",)):
        pass
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []
