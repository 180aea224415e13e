# SPDX-License-Identifier: MIT
"""A result is replaced by the same option of the same command, as long as nobody has changed it."""

from __future__ import annotations

import argparse
import gzip
import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from huawei_modem import cli as helper
from huawei_modem import outputs
from modem_image.cli import main
from unit.host.test_outputs import LOG, RESULTS, _arguments, _run
from unit.planted import state
from unit.release.feeds import image


def test_a_result_of_another_command_or_option_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every option of both command lines against what every other one wrote; formats do not matter."""
    (tmp_path / "log.txt").write_text(LOG)
    target = tmp_path / "target"
    wrote = [_by(name, action) for name, action in RESULTS]
    assert len(set(wrote)) == len(RESULTS)
    for number, (name, action) in enumerate(RESULTS):
        # The next ones: another option of this command and its kin, and one of the other command line.
        for by in (wrote[number - 1], wrote[(number + 1) % len(wrote)], wrote[number - len(wrote) // 2]):
            target.unlink(missing_ok=True)
            outputs.write_json(outputs.Target(target, by), {"days": "of work"})
            before = state(tmp_path)
            assert _run(_arguments(name, action, tmp_path, target), tmp_path) == 2, (name, by)
            assert state(tmp_path) == before, (name, by)
            assert f"is there, and was written by {by}; it stays as it is" in capsys.readouterr().err


def _by(name: str, action: argparse.Action) -> str:
    program = name if name.startswith("huawei-modem") else f"modem-image {name}"
    return " ".join((program, *action.option_strings[-1:]))


def _edited(path: Path) -> bytes:
    """The file after a person has put a word into it, as an editor or tar does."""
    content = path.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        return gzip.compress(gzip.decompress(content) + b"mine")
    return content.replace(b"1-1", b"9-9", 1) if b"1-1" in content else content.replace(b"a", b"aa", 1)


def test_a_result_that_was_changed_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "log.txt").write_text(LOG)
    (tmp_path / "proc/sys/kernel").mkdir(parents=True)
    (tmp_path / "proc/sys/kernel/osrelease").write_text("6.1.0\n")
    packed = str(image(tmp_path, "1.0"))
    out = tmp_path / "out"
    for command, *options in (
        ["doctor", str(tmp_path / "log.txt"), "--json", "--html"],
        ["check", packed, "--json", "--junit", "--html"],
        ["check", packed, packed, "--json", "--junit"],
        ["huawei-modem", "doctor", "--json"],
        ["huawei-modem", "report", ""],
    ):
        given = [each for each in options if not each.startswith("--") and each]
        for option in [each for each in options if each not in given]:
            line = [command, *given, *([option] if option else []), str(out)]
            out.unlink(missing_ok=True)
            _run(line, tmp_path)
            out.write_bytes(_edited(out))
            before = out.read_bytes()
            capsys.readouterr()
            assert _run(line, tmp_path) == 2, line
            assert out.read_bytes() == before, line
            assert "it stays as it is\n  do: name another file, or move it away" in capsys.readouterr().err


def test_a_capture_that_a_person_has_packed_stays(tmp_path: Path) -> None:
    """A tar.gz that begins with a member of this name is a capture to read, and nobody's to replace."""
    own = tmp_path / "mine.tar.gz"
    with tarfile.open(own, "w:gz") as packed:
        for name in ("facts.json", "my-notes.txt"):
            packed.addfile(tarfile.TarInfo(name), io.BytesIO())
    before = own.read_bytes()
    assert helper.main(["--root", str(tmp_path), "report", str(own)]) == 2
    assert own.read_bytes() == before


def test_gzip_and_tar_read_a_capture_with_its_mark(tmp_path: Path) -> None:
    (tmp_path / "proc/sys/kernel").mkdir(parents=True)
    (tmp_path / "proc/sys/kernel/osrelease").write_text("6.1.0\n")
    own = tmp_path / "mine.tar.gz"
    assert helper.main(["--root", str(tmp_path), "report", str(own)]) == 0
    subprocess.run(["gzip", "--test", own], check=True)
    listed = subprocess.run(["tar", "tzf", own], check=True, capture_output=True, text=True).stdout
    assert listed.splitlines()[0] == "facts.json"
    assert b"huawei-modem report sha256:" in own.read_bytes()[:200]


def test_no_result_goes_over_a_file_of_a_release(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its sums would not be right any more. A link at the feed's first level leads there too."""
    (tmp_path / "log.txt").write_text(LOG)
    packed = str(image(tmp_path, "1.0"))
    feed = tmp_path / "feed"
    assert main(["release", packed, "--out", str(feed)]) == 0
    files = [path for path in feed.rglob("*") if path.is_file()]
    before = state(feed)
    for name in ("check.json", "index.html", "release.json"):
        assert any(path.name == name for path in files)
    for path in files:
        for line in (["doctor", str(tmp_path / "log.txt")], ["check", packed]):
            for option in ("--json", "--html"):
                assert main([*line, option, str(path)]) == 2, (line, path)
    assert state(feed) == before
