# SPDX-License-Identifier: MIT
"""Results for machines."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TextIO

from huawei_modem import outputs
from huawei_modem.report import Report, to_text
from huawei_modem.text import plain
from modem_image.console import terminal_width, wants_colour
from modem_image.errors import UserError

_WIDEST = 100
_EVIDENCE = 3  # lines of a finding


def print_report(report: Report, stream: TextIO, verbose: bool = False) -> None:
    """`report` for people, as wide as the terminal is; elsewhere and at most 100 columns.

    Long evidence is cut unless `verbose`.
    """
    width = min(_WIDEST, terminal_width(stream)) if stream.isatty() else _WIDEST
    stream.write(to_text(report, wants_colour(stream), width, None if verbose else _EVIDENCE))


def to_json(document: object) -> str:
    """JSON as every command writes it: indented, in the order of the document, not reduced to ASCII, and with
    nothing in it that a terminal would obey."""
    return json.dumps(plain(document), indent=2, ensure_ascii=False) + "\n"


def add_json(parser: argparse.ArgumentParser, text: str = "the report as JSON; - is standard output") -> None:
    """The option `--json`."""
    parser.add_argument("--json", action=outputs.Result, metavar="FILE", help=text)


def add_junit(parser: argparse.ArgumentParser) -> None:
    """The option `--junit`."""
    parser.add_argument(
        "--junit",
        action=outputs.Result,
        metavar="FILE",
        help="write the checks as JUnit XML",
    )


def add_html(parser: argparse.ArgumentParser, text: str) -> None:
    """The option `--html`."""
    parser.add_argument("--html", action=outputs.Result, metavar="FILE", help=text)


def write_json(document: object, target: outputs.Target | None) -> None:
    """`document` as JSON to a file, to standard output for `-`, nowhere for None.

    A report is given as its `to_dict()`. Raises UserError.
    """
    if target == "-":
        sys.stdout.write(to_json(document))
    elif target is not None:
        try:
            outputs.write_json(target, document)
        except outputs.OutputError as err:
            raise UserError(str(err)) from err
