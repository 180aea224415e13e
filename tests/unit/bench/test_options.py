# SPDX-License-Identifier: MIT
"""Options of `bench` that do not go together are refused before anything is made."""

from __future__ import annotations

import pytest

from modem_image.cli import main


@pytest.mark.parametrize(
    "option", ["--wait=5", "--ping=192.0.2.1", "--plug-command=true", "--ssh-option=Port=22"]
)
def test_what_is_for_a_real_board_is_refused_without_one(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", option]) == 2
    assert f"{option.partition('=')[0]}" in (said := capsys.readouterr().err)
    assert "are for a real board" in said and "do: give --board ssh://USER@ADDRESS too" in said


@pytest.mark.parametrize("more", [[], ["--list"], ["--board", "ssh://root@192.0.2.1"]])
def test_at_least_the_run_that_is_made_is_kept(more: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--keep", "0", *more]) == 2
    assert "--keep 0: at least the run that is made is kept" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--board", "qemuarn"], "qemuarm"),
        (["--board", "qemuarm", "--ping", "192.0.2.1"], "give --board ssh://USER@ADDRESS too"),
        (["--beside", "e3372h"], "do: give --board qemuarm too"),
        (["--board", "qemuarm", "--beside", "ms2372h-vodafone"], "is the first stick already"),
        (["--board", "qemuarm", "--beside", "e3372h", "--scenario", "sim-pin"], "such as hot-plug"),
        (["--board", "qemuarm", "--beside", "e3372x"], "e3372"),
        (["--board", "ssh://root@192.0.2.1", "--beside", "e3372h"], "--beside: not with --board"),
    ],
)
def test_what_an_emulated_board_cannot_do_is_said_before_anything_boots(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", *words]) == 2
    assert expected in capsys.readouterr().err
