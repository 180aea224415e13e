# SPDX-License-Identifier: MIT
"""What is waited for is shown, at a terminal as one line that goes again; tables fit."""

from __future__ import annotations

import io
import re

import pytest

from modem_image import console
from patience import until


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def wait(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO) -> str:
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(console, "_LIVE", 0.01)
    monkeypatch.setattr(console, "_QUIET", 0.01)
    with console.waiting("the board boots", 300, lambda: "Starting \x1b[1mudev"):
        until(lambda: " s of at most 300 s: Starting" in stream.getvalue())
        console.say("  a line meanwhile")
    return stream.getvalue()


def test_a_pipe_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = wait(monkeypatch, io.StringIO()).splitlines()
    assert lines[0] == "  the board boots, at most 300 s …"
    waited = r"  the board boots: \d+ s of at most 300 s: Starting \N{REPLACEMENT CHARACTER}\[1mudev"
    assert any(re.fullmatch(waited, line) for line in lines), lines
    assert "  a line meanwhile" in lines


def test_a_terminal_gets_one_line_that_goes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = wait(monkeypatch, Terminal())
    assert re.search(r"the board boots: \d+ s of at most 300 s: Starting", shown)
    assert shown.count("\n") == 1, "only what was said meanwhile"
    assert "\r\x1b[K  a line meanwhile\n" in shown
    assert shown.endswith("\r\x1b[K")
    assert all(len(line) < 80 for line in shown.replace("\n", "\r").split("\r\x1b[K"))


def test_the_widest_column_is_wrapped() -> None:
    text = console.table([["a", "word " * 30, "end"]], ["one", "two", "three"], width=60)
    lines = text.splitlines()
    assert max(map(len, lines)) <= 60
    assert lines[2].split()[0] == "a"
    assert lines[2].endswith("end")
    assert lines[3].startswith(" ")
    assert " ".join(text.split()).count("word") == 30


def test_leading_blanks_of_a_cell_stay() -> None:
    assert "x    #  y" in console.table([["x", "  #", "y"]], ["a", "b", "c"])
