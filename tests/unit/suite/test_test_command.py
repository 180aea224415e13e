# SPDX-License-Identifier: MIT
"""`modem-image test` brings what bitbake needs only where there are mirrors to test with."""

from __future__ import annotations

import argparse
import re
import subprocess
from collections.abc import Sequence

import pytest

from modem_image.cli.dispatch import command_parser, parse
from modem_image.commands import test as command
from modem_image.yocto import preflight


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the command asks for, nothing of which is installed; pytest is not started."""
    asked: list[str] = []

    def ensure(packages: Sequence[str]) -> None:
        asked.extend(packages)

    monkeypatch.delenv("MODEM_IMAGE_MIRROR", raising=False)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setattr(command, "ensure_tools", ensure)
    monkeypatch.setattr(command, "ensure_packages", ensure)
    monkeypatch.setattr(preflight, "check", lambda *_arguments: asked.append("bitbake's own"))
    monkeypatch.setattr(subprocess, "run", started)
    return asked


def started(
    _command: Sequence[str], env: dict[str, str], **_named: object
) -> subprocess.CompletedProcess[bytes]:
    assert "PYTHONDONTWRITEBYTECODE" not in env, "each worker and each command would compile all again"
    assert env["PATH"]
    return subprocess.CompletedProcess([], 0)


@pytest.mark.parametrize("words", [["--mirror", "/srv/clones"], ["--mirror=/srv/clones"]])
def test_with_a_mirror_bitbakes_packages_are_brought(installed: list[str], words: list[str]) -> None:
    assert command.run(argparse.Namespace(quick=False, rest=["tests/stacks", *words])) == 0
    assert {"bitbake's own", "pseudo", "quilt"} <= set(installed)


def test_the_environment_names_a_mirror_too(installed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEM_IMAGE_MIRROR", "/srv/clones")
    command.run(argparse.Namespace(quick=False, rest=[]))
    assert "pseudo" in installed


def test_without_a_mirror_they_are_not(installed: list[str]) -> None:
    command.run(argparse.Namespace(quick=False, rest=["tests/unit", "-k", "mirror"]))
    assert not {"bitbake's own", "pseudo", "quilt"} & set(installed)
    assert "udev" in installed


def test_quick_is_a_part_of_its_own_and_narrows_another() -> None:
    assert command.pytest_words(True, [])[:3] == ["--quick", "tests/unit", "tests/parser"]
    assert command.pytest_words(True, ["tests/daemons"]) == ["--quick", "tests/daemons"]
    assert command.pytest_words(False, [])[0] == "-n"


def test_an_option_alone_leaves_the_part_and_its_processes_as_they_are() -> None:
    """`test --quick -x` ran the boards too, in one process."""
    assert command.pytest_words(True, ["-x"])[:4] == ["--quick", "tests/unit", "tests/parser", "-n"]
    assert command.pytest_words(True, ["-k", "udev"])[-2:] == ["-k", "udev"]
    assert command.pytest_words(False, ["-x"]) == ["-n", str(command.workers()), "-x"]
    assert command.pytest_words(True, ["tests/unit/suite/test_style.py::test_one", "-x"])[-1] == "-x"
    assert "-n" not in command.pytest_words(True, ["tests/unit/suite/test_style.py::test_one", "-x"])


def test_help_is_ours_and_all_else_is_pytests(capsys: pytest.CaptureFixture[str]) -> None:
    args = parse(["test", "tests/unit", "-k", "udev", "--mirror", "/srv/clones", "--quick"])
    assert (args.quick, args.rest) == (True, ["tests/unit", "-k", "udev", "--mirror", "/srv/clones"])
    with pytest.raises(SystemExit):
        parse(["test", "--help"])
    said = capsys.readouterr().out
    assert "modem-image test --quick" in said
    assert len(said.splitlines()) < 40


def test_every_option_that_the_help_names_is_pytests(pytestconfig: pytest.Config) -> None:
    named = set(re.findall(r"--[a-z][a-z-]+", command_parser("test").format_help())) - {"--help"}
    assert named > {"--mirror", "--record"}
    known = pytestconfig._parser.optparser._option_string_actions  # type: ignore[attr-defined]
    assert named <= set(known)
