# SPDX-License-Identifier: MIT
"""A result goes over no file but an earlier result of its kind, whatever command and option names it.

The options are taken from the parsers: one that names a file and is in neither list of this test fails it.
"""

from __future__ import annotations

import argparse
import errno
import os
import shutil
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from huawei_modem import cli as helper
from huawei_modem import outputs
from huawei_modem.commands import COMMANDS as HELPER_COMMANDS
from huawei_modem.mask.kinds import words
from modem_image.cli import dispatch, main
from modem_image.commands import COMMANDS
from modem_image.errors import InputError
from patience import PATIENCE
from unit.planted import state
from unit.release.feeds import image

LOG = "usb 1-1: New USB device found, idVendor=12d1, idProduct=1f01\n"

Option = tuple[str, argparse.Action]


def _actions(parser: argparse.ArgumentParser, name: str) -> Iterator[Option]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each, inner in action.choices.items():
                yield from _actions(inner, f"{name} {each}")
        else:
            yield name, action


def _options() -> list[Option]:
    found = [each for name in COMMANDS for each in _actions(dispatch.command_parser(name), name)]
    for name in HELPER_COMMANDS:
        found += list(_actions(helper.command_parser(name), f"huawei-modem {name}"))
    return found


RESULTS = [(name, action) for name, action in _options() if isinstance(action, outputs.Result)]
_FILES = ("FILE", "DIR", "PATH", "SOURCE", "IMAGE", "RUN", "CONFIG", "STICK", "SOCKET")
_READ = words(
    """
    kernel config symbols source paths image images tree fragment base compare changelog lock folder directory
    usb_stick recovery mirror pin_file password_file interface listing stick beside first second feed scenario
    socket root dir pyodide
    """
)
"""Destinations of what is read, and of folders and sockets, which have rules of their own."""
_FOLDERS = {"out", "output", "work_dir"}


def test_every_argument_that_names_a_file_is_a_result_or_is_read() -> None:
    unknown = [
        (name, action.dest)
        for name, action in _options()
        if not isinstance(action, outputs.Result)
        and (action.type is Path or str(action.metavar).strip("[]").split("[")[0] in _FILES)
        and action.dest not in _READ | _FOLDERS
    ]
    assert unknown == []
    assert {action.dest for _name, action in RESULTS} >= {"json", "junit", "html", "output", "file"}
    assert len(RESULTS) >= 15


def _arguments(name: str, action: argparse.Action, tmp_path: Path, target: Path) -> list[str]:
    """A command line of the command of `name` with `target` in the place of `action`."""
    needed = {
        "check": ["absent.tar"],
        "bench": ["absent.tar"],
        "release": ["absent.tar", "--out", str(tmp_path / "feed")],
        "doctor": [str(tmp_path / "log.txt")],
        "huawei-modem doctor": [str(tmp_path / "log.txt")],
        "stick import": [str(tmp_path / "log.txt")],
        "stick show": ["e3372h"],
        "stick compare": ["e3372h", "e3372s"],
        "kernel-config check": [str(tmp_path / "log.txt")],
        "kernel-config merge": ["--tree", str(tmp_path)],
        "kernel-config explain": ["TUN", "--tree", str(tmp_path)],
    }
    words = name.split(" ")
    option = [action.option_strings[-1], str(target)] if action.option_strings else [str(target)]
    return [*words, *needed.get(name, []), *option]


def _run(arguments: list[str], root: Path) -> int:
    if arguments[0] == "huawei-modem":
        return helper.main(["--root", str(root), *arguments[1:]])
    return main(arguments)


FOREIGN = {
    "text": b"my thesis\n",
    "JSON": b'{"name": "mine", "version": 1}\n',
    "list": b"[1, 2, 3]\n",
    "binary": bytes(range(256)),
    "page": b"<!DOCTYPE html><html><head><title>mine</title></head></html>",
    "JUnit": b'<?xml version="1.0"?>\n<testsuites><testsuite name="mine"/></testsuites>\n',
    "archive": b"\x1f\x8b\x08\x00",
    ".config": b"# Automatically generated file; DO NOT EDIT.\nCONFIG_MINE=y\n",
}


@pytest.mark.parametrize(("name", "action"), RESULTS, ids=[f"{name} {each.dest}" for name, each in RESULTS])
def test_no_result_replaces_what_is_somebodys(
    tmp_path: Path, name: str, action: argparse.Action, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log.txt").write_text(LOG)
    for kind, content in FOREIGN.items():
        target = tmp_path / "target"
        target.write_bytes(content)
        before = state(tmp_path)
        assert _run(_arguments(name, action, tmp_path, target), tmp_path) == 2, kind
        assert state(tmp_path) == before, kind
        assert "it stays as it is" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "action"), RESULTS, ids=[f"{name} {each.dest}" for name, each in RESULTS])
def test_no_result_goes_where_no_file_can_be(
    tmp_path: Path, name: str, action: argparse.Action, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log.txt").write_text(LOG)
    (tmp_path / "folder").mkdir()
    for target in (tmp_path / "folder", tmp_path / "absent" / "x", tmp_path / "log.txt" / "x"):
        before = state(tmp_path)
        assert _run(_arguments(name, action, tmp_path, target), tmp_path) == 2
        assert state(tmp_path) == before
        said = capsys.readouterr().err
        assert str(target) in said and "Traceback" not in said and "fault of this program" not in said


# --- What is written is replaced by the next result, and an input never ------------------------------


def test_a_result_is_replaced_by_the_next(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text(LOG)
    (tmp_path / "proc/sys/kernel").mkdir(parents=True)
    (tmp_path / "proc/sys/kernel/osrelease").write_text("6.1.0\n")
    packed = str(image(tmp_path, "1.0"))
    out = tmp_path / "out"
    out.mkdir()
    lines = [
        ["doctor", str(tmp_path / "log.txt"), "--json", str(out / "a.json"), "--html", str(out / "a.html")],
        [
            "check",
            packed,
            "--json",
            str(out / "b.json"),
            "--junit",
            str(out / "b.xml"),
            "--html",
            str(out / "b"),
        ],
        ["check", packed, packed, "--json", str(out / "b.json"), "--junit", str(out / "b.xml")],
        [
            "release",
            packed,
            "--out",
            str(tmp_path / "feed"),
            "--json",
            str(out / "c"),
            "--junit",
            str(out / "d"),
        ],
        ["stick", "show", "e3372h", "--json", str(out / "e")],
        ["stick", "compare", "e3372h", "e3372s", "--json", str(out / "f")],
        ["huawei-modem", "status", "--json", str(out / "g")],
        ["huawei-modem", "doctor", "--json", str(out / "h")],
        ["huawei-modem", "report", str(out / "j.tar.gz")],
    ]
    for line in lines:
        written: list[dict[str, int]] = []
        for _again in range(2):
            assert _run(line, tmp_path) in (0, 1, 2), line
            written.append({path.name: path.stat().st_ino for path in out.iterdir()})
        assert written[0].keys() == written[1].keys(), line
        assert written[0] != written[1], line
    assert {path.name for path in out.iterdir()} >= {"a.json", "b.xml", *"bcdefgh", "j.tar.gz"}


@pytest.mark.parametrize("spelling", ["same", "link", "hard link", "dotted"])
def test_what_is_read_is_not_written(tmp_path: Path, spelling: str) -> None:
    source = tmp_path / "earlier.json"
    source.write_text('{"schema": 1, "tool": "doctor", "verdict": "ok"}\n')
    target = {
        "same": source,
        "link": tmp_path / "link",
        "hard link": tmp_path / "hard",
        "dotted": tmp_path / "." / "x" / ".." / "earlier.json",
    }[spelling]
    (tmp_path / "x").mkdir()
    if spelling == "link":
        target.symlink_to(source)
    if spelling == "hard link":
        os.link(source, target)
    before = state(tmp_path)
    assert main(["doctor", str(source), "--json", str(target)]) == 2
    assert helper.main(["doctor", str(source), "--json", str(target)]) == 2
    assert state(tmp_path) == before


def test_one_file_for_two_results_is_refused(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text(LOG)
    one = str(tmp_path / "one")
    assert main(["doctor", str(tmp_path / "log.txt"), "--json", one, "--html", one]) == 2
    assert not (tmp_path / "one").exists()


# --- Links, pipes, devices ---------------------------------------------------------------------------


def _write(path: Path, text: str) -> None:
    outputs.write_text(outputs.Target(path, "modem-image doctor --json"), text, ("#", ""))


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there/report.json")
    for _again in range(2):
        _write(tmp_path / "link", "{}")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there/report.json").read_bytes().startswith(b"{}#")


@pytest.mark.parametrize("made", [shutil.copy, os.link, os.rename])
def test_a_copy_under_another_name_is_its_owners(
    tmp_path: Path, made: Callable[[Path, Path], object]
) -> None:
    _write(tmp_path / "result", "{}")
    made(tmp_path / "result", tmp_path / "keep")
    before = (tmp_path / "keep").read_bytes()
    with pytest.raises(outputs.OutputError, match="was changed, or renamed, since it was written"):
        _write(tmp_path / "keep", "{} ")
    assert (tmp_path / "keep").read_bytes() == before


def test_what_its_owner_has_made_private_stays_so(tmp_path: Path) -> None:
    for mode in (0o600, 0o640):
        _write(tmp_path / "result", "{}")
        (tmp_path / "result").chmod(mode)
        _write(tmp_path / "result", "{} ")
        assert stat.S_IMODE((tmp_path / "result").stat().st_mode) == mode


@pytest.mark.parametrize("by", ["modem-image doctor --html", "modem-image doctor html"])
def test_a_mark_in_anybodys_text_is_text(tmp_path: Path, by: str) -> None:
    """A log may hold the mark of the very command that draws it."""
    text = f"<p>{by} sha256:{'0' * 64}</p>{' ' * 600}"
    path = tmp_path / "page"
    for _ in range(2):
        outputs.write_text(outputs.Target(path, "modem-image doctor --html"), text, ("<!-- ", " -->"))
        assert path.read_text().startswith(text)


def test_a_pipe_that_is_read_gets_the_result(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(outputs.OutputError, match="nobody reads this pipe"):
        _write(tmp_path / "pipe", "{}")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    for _try in range(2000):
        try:
            _write(tmp_path / "pipe", "x" * 100_000)
            break
        except outputs.OutputError:
            time.sleep(0.05)  # the reader has not opened it yet
    reader.join(PATIENCE)
    assert [content.partition(b"#")[0] for content in read] == [b"x" * 100_000]
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@pytest.mark.parametrize("name", ["/dev/null", "/dev/full", "/dev/fd/999"])
def test_a_device_stays_a_device(name: str) -> None:
    before = Path(name).stat() if Path(name).exists() else None
    if name == "/dev/null":
        _write(Path(name), "{}")
    else:
        with pytest.raises(outputs.OutputError, match=name):
            _write(Path(name), "{}")
    if before:
        assert Path(name).stat().st_ino == before.st_ino
        assert stat.S_ISCHR(Path(name).stat().st_mode)


@pytest.mark.parametrize("nameless", [True, False])
def test_a_write_that_fails_leaves_nothing(
    tmp_path: Path, nameless: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also on file systems without O_TMPFILE: FAT, NFS."""
    if not nameless:
        _without_nameless(monkeypatch)

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    _write(tmp_path / "old", "old")
    before = state(tmp_path)
    with monkeypatch.context() as patch, pytest.raises(outputs.OutputError, match="disk is full"):
        patch.setattr(os, "fsync", full)
        _write(tmp_path / "old", "new")
    assert state(tmp_path) == before
    _write(tmp_path / "old", "new")
    assert [(path.name, path.read_bytes()[:4]) for path in tmp_path.iterdir()] == [("old", b"new#")]


def _without_nameless(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., int] = os.open

    def limited(path: str, flags: int, *rest: int, **named: int) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
        return real(path, flags, *rest, **named)

    monkeypatch.setattr(os, "open", limited)


def test_an_open_file_with_something_in_it_stays(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.write_text("precious\n")
    handle = os.open(mine, os.O_RDWR)
    try:
        with pytest.raises(outputs.OutputError, match="holds something"):
            outputs.write_json(outputs.Target(f"/proc/self/fd/{handle}", "doctor --json"), {})
        os.lseek(handle, 0, os.SEEK_END)
        outputs.write_json(outputs.Target(f"/proc/self/fd/{handle}", "doctor --json"), {})
    finally:
        os.close(handle)
    assert mine.read_text().startswith("precious\n{")


def test_what_another_run_has_put_there_meanwhile_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "result"
    nameless = outputs._nameless

    def late(*args: Any) -> Any:
        target.write_text("another's")
        return nameless(*args)

    monkeypatch.setattr(outputs, "_nameless", late)
    with pytest.raises(outputs.OutputError, match="was not written by doctor --json"):
        outputs.write_json(outputs.Target(target, "doctor --json"), {})
    assert target.read_text() == "another's"
    assert [path.name for path in tmp_path.iterdir()] == ["result"]


def test_vet_names_the_option(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    args = dispatch.parse(["doctor", "-", "--json", str(tmp_path / "mine")])
    with pytest.raises(InputError, match="mine: is there"):
        dispatch._vet(args)
