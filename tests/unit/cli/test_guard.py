# SPDX-License-Identifier: MIT
"""What nobody foresaw is one sentence and a file to send; no traceback, nothing that steers a terminal."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from modem_image.cli import main
from modem_image.commands import check
from modem_image.errors import MissingError
from modem_image.system import ensure_tools


@pytest.mark.parametrize(
    "error", [ValueError("a\x1b[31mb\nc"), RecursionError(), MemoryError(), KeyError("x")]
)
def test_an_error_that_nobody_foresaw(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    def fail(_args: object) -> int:
        raise error

    monkeypatch.setattr(check, "run", fail)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert main(["check", "x.tar"]) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said and "\x1b" not in said
    assert len(said.splitlines()) == 2
    match = re.search(r"do: send (\S+) to the project", said)
    assert match
    path = Path(match[1])
    assert "Traceback" in path.read_text() and "arguments: ['check', 'x.tar']" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_name_in_an_error_does_not_steer_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(tmp_path / "a\x1b]0;b\x07\udc9b")]) == 2
    said = capsys.readouterr().err
    assert all(char == "\n" or char.isprintable() for char in said)


def test_a_tool_that_is_no_package_of_debian(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modem_image.system.which", lambda tool: None)
    with pytest.raises(MissingError, match="apt-get is missing"):
        ensure_tools(["apt-get", "xz"])
