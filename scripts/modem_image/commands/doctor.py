# SPDX-License-Identifier: MIT
"""Diagnose pasted text, a log, a folder of logs or a capture: what is wrong, and what to do next."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from huawei_modem.database import load
from huawei_modem.report import to_text
from huawei_modem.transcript import doctor, summary
from huawei_modem.transcript.sources import SourceError, as_text, lines, texts
from modem_image.console import say, wants_colour
from modem_image.errors import InputError
from modem_image.output import write_json

_PASTE = "-"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `doctor` to the host's command line."""
    parser = commands.add_parser(
        "doctor",
        help="what is wrong, by a log, a capture or pasted text?",
        description=__doc__,
        epilog="example:\n  modem-image doctor thread.txt\n  dmesg | modem-image doctor -",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "source",
        nargs="?",
        default=_PASTE,
        metavar="SOURCE",
        help="a text, a folder of texts, a tar of texts, or - for standard input (default)",
    )
    parser.add_argument("--json", metavar="FILE", help="write the report as JSON; - for standard output")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exit status: 0 right, 1 faults found, 2 the text does not show enough."""
    try:
        history = doctor.read(_sources(args.source))
    except SourceError as err:
        raise InputError(str(err)) from err
    subject = "standard input" if args.source == _PASTE else Path(args.source).name
    report = doctor.report(history, subject, load())
    if args.json != "-":
        sys.stdout.write(summary.to_text(history))
        sys.stdout.write(to_text(report, colour=wants_colour(sys.stdout)))
    write_json(report, args.json)
    return report.exit_status


def _sources(source: str) -> Iterable[tuple[str, Iterable[str]]]:
    if source != _PASTE:
        return texts(Path(source))
    if sys.stdin.isatty():
        say("Paste what you have: dmesg, lsusb, lsusb -t, logs, rules. Ctrl-D ends it.")
    return [("paste", lines(as_text(sys.stdin.buffer)))]
