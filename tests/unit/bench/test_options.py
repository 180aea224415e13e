# SPDX-License-Identifier: MIT
"""Options of `bench`: what does not go together is refused before anything is made; what others decide."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from huawei_modem.report import Report
from modem_image.cli import main
from modem_image.commands import bench as command


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


@pytest.mark.parametrize(
    ("words", "goes_on"), [([], True), (["--cold-boot"], False), (["--board", "qemuarm"], False)]
)
def test_a_run_goes_on_from_a_kept_board_unless_it_is_to_boot(
    words: list[str], goes_on: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    boards: list[Any] = []
    monkeypatch.setattr(command, "ensure_tools", lambda _tools: None)
    monkeypatch.setattr(command, "check", lambda _image, _board: Report("check", "image", (), {}))
    monkeypatch.setattr(command, "bench", lambda *given: boards.append(given[-1]) or 0)
    image = tmp_path / "image.tar"
    image.touch()
    assert main(["bench", str(image), "--output", str(tmp_path / "runs"), *words]) == 0
    assert [each is not None for each in boards] == [goes_on]
