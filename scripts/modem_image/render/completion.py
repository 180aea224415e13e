# SPDX-License-Identifier: MIT
"""bash's completion for modem-image, rendered from the commands' own parsers."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from modem_image import PROJECT
from modem_image.bench.scenario import load_scenarios
from modem_image.bench.stick import data as stick_data
from modem_image.cli.dispatch import command_parser
from modem_image.commands import COMMANDS
from modem_image.yocto import plan

COMPLETION = Path("scripts/completion/modem-image")


def words() -> dict[str, Any]:
    """What the template takes: commands, options of each, and what may follow an option."""
    parsers = [each for name in COMMANDS for each in _parsers(name, command_parser(name))]
    return {
        "commands": list(COMMANDS),
        "options": [(name, " ".join(_options(parser))) for name, parser in parsers],
        "values": _values(),
        "free": " | ".join(sorted({name for _name, parser in parsers for name in _free(parser)})),
    }


def _parsers(name: str, parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """A command and its actions; an action stands as "command action"."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from ((f"{name} {each}", found) for each, found in action.choices.items())
    yield name, parser


def _options(parser: argparse.ArgumentParser) -> list[str]:
    """The long options, and the actions where the command has some."""
    words = [word for word in parser._option_string_actions if word.startswith("--")]
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            words += action.choices
    return words


def _free(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Options whose value is no file and none of a list."""
    for action in parser._actions:
        if action.metavar in ("NAME", "SECONDS", "N", "KEY", "IP", "OLD"):
            yield from (word for word in action.option_strings if word not in dict(_values()))


def _values() -> Sequence[tuple[str, str]]:
    """Options with the words that may follow."""
    options = sorted(path.stem for path in (PROJECT / "kas" / "opt").glob("*.yml"))
    return [
        ("--stick", " ".join(stick_data.names())),
        ("--scenario", " ".join(load_scenarios())),
        ("--opt", " ".join(options)),
        ("--release", " ".join(plan.RELEASES)),
        ("--color", "auto always never"),
        ("build", " ".join(("bench", *plan.TARGETS))),
    ]
