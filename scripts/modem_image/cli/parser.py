# SPDX-License-Identifier: MIT
"""The argument parser of every command: help that fits the terminal, and the nearest of a misspelt option."""

from __future__ import annotations

import argparse
import re
import textwrap
from typing import NoReturn

from huawei_modem.text import printable
from modem_image.console import COLOURS

_UNKNOWN = re.compile(r"^unrecognized arguments: (--[\w-]+)")
_CHOICE = re.compile(r"^(.*invalid choice: '([^']*)') \(choose from (.*)\)$")


def _fill(text: str, width: int) -> str:
    return textwrap.fill(" ".join(text.split()), width, break_on_hyphens=False)


class HelpFormatter(argparse.HelpFormatter):
    """Paragraphs are filled to the width; one with an indented line, such as examples, stays as it is."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:  # noqa: ARG002  argparse's signature
        paragraphs = text.strip().split("\n\n")
        return "\n\n".join(
            each if re.search(r"^ ", each, re.MULTILINE) else _fill(each, width) for each in paragraphs
        )


class Parser(argparse.ArgumentParser):
    """Says its own usage, and what a misspelt option or choice was meant to be."""

    def __init__(self, *args: object, **named: object) -> None:
        super().__init__(*args, **{"formatter_class": HelpFormatter, **named})  # type: ignore[arg-type]
        self.register("action", "parsers", _Actions)

    def error(self, message: str) -> NoReturn:
        from modem_image.cli.choice import nearest

        if found := _UNKNOWN.match(message):
            near = nearest(found[1], self._option_string_actions)
            message += f"; nearest: {', '.join(near)}" if near else ""
        elif found := _CHOICE.match(message):
            near = nearest(found[2], re.findall(r"'([^']*)'", found[3]))
            message = (
                f"{found[1]}; " + (f"nearest: {', '.join(near)}; " if near else "") + f"there is: {found[3]}"
            )
        super().error(printable(message))


class _Actions(argparse._SubParsersAction):  # type: ignore[type-arg]
    """Actions of a command are parsers of the same kind."""

    def __init__(self, *args: object, **named: object) -> None:
        super().__init__(*args, **{**named, "parser_class": Parser})  # type: ignore[arg-type]


def add_common(parser: argparse.ArgumentParser) -> None:
    """What every command takes, and every action of a command."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                add_common(each)
    parser.add_argument(
        "--color",
        choices=COLOURS,
        default=argparse.SUPPRESS,
        help="auto: on a terminal, unless NO_COLOR is set (default)",
    )
