# SPDX-License-Identifier: MIT
"""What a person meets first: help, examples, the nearest of what was misspelt, the version, colour."""

from __future__ import annotations

import argparse
import io
import re
import shlex
from collections.abc import Iterator

import pytest

from huawei_modem import __version__
from huawei_modem import cli as helper
from modem_image import console
from modem_image.cli import main
from modem_image.cli.dispatch import command_parser, overview, parse
from modem_image.commands import COMMANDS


def every(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """The parser, and those of its actions."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from (found for each in action.choices.values() for found in every(each))


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_has_two_examples_and_fits_80_columns(name: str) -> None:
    for parser in every(command_parser(name)):
        text = parser.format_help()
        _, _, examples = text.partition("examples:\n")
        lines = [
            line for line in examples.splitlines() if re.match(rf"  (\S.* \| )?modem-image {name}\b", line)
        ]
        assert len(lines) >= 2, parser.prog
        assert [line for line in text.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("name", ["", *helper.COMMANDS])
def test_every_help_on_the_target_has_two_examples_that_are_taken(name: str) -> None:
    text = helper.command_parser(name).format_help() if name else helper.overview()
    assert [line for line in text.splitlines() if len(line) > 80] == []
    said = " ".join(text.partition("examples: ")[2].partition("\n\n")[0].split())
    examples = said.split("; ")
    assert len(examples) >= 2
    for example in examples:
        program, *words = example.split()
        assert (program, name or words[0]) == (helper.PROGRAM, words[0])
        helper.parse(words)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_example_is_taken(name: str) -> None:
    for parser in every(command_parser(name)):
        for line in re.findall(r"^  .*?(modem-image .*)$", parser.epilog or "", re.MULTILINE):
            words = shlex.split(re.split(r"  +|\)", line)[0])
            assert parse(words[1:]).run, line


def test_the_overview_fits_and_names_all() -> None:
    text = overview()
    assert "\n       modem-image COMMAND --help\n       modem-image --version\n" in text
    assert [line for line in text.splitlines() if len(line) > 80] == []
    assert all(f"\n  {name} " in text for name in COMMANDS)


def test_alone_it_says_what_people_want(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    said = capsys.readouterr().out
    assert re.findall(r"modem-image (\w+)", said)[:3] == ["build", "check", "doctor"]


def test_the_version_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith(f"modem-image {__version__}")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["docter"], "nearest: doctor;"),
        (["bench", "--scenari0", "x"], "nearest: --scenario"),
        (["kernel-config", "explian"], "nearest: explain;"),
    ],
)
def test_the_nearest_is_offered(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert said in capsys.readouterr().err


def test_an_argument_that_steers_a_terminal_is_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["doctor", "--nix\x1b[31m"], ["stick", "\x1b]0;x\x07"], ["bench", "--keep", "\u202e1"]):
        assert main(words) == 2
        said = capsys.readouterr().err
        assert said and not set(said) & {"\x1b", "\x07", "\u202e"}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("when", "refused", "stream", "coloured"),
    [
        ("auto", "", Terminal(), True),
        ("auto", "1", Terminal(), False),
        ("auto", "", io.StringIO(), False),
        ("always", "1", io.StringIO(), True),
        ("never", "", Terminal(), False),
    ],
)
def test_colour(
    when: str, refused: str, stream: io.StringIO, coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", refused)
    console.use_colour(when)
    try:
        assert console.wants_colour(stream) is coloured
    finally:
        console.use_colour("auto")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_action_takes_color(name: str) -> None:
    for parser in every(command_parser(name)):
        assert "--color" in parser._option_string_actions, parser.prog
