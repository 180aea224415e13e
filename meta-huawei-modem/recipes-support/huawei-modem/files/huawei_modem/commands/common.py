# SPDX-License-Identifier: MIT
"""What several commands do alike: read the database, print a report, write JSON."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from huawei_modem import database, outputs, sysfs
from huawei_modem.errors import EXIT_UNUSABLE, CommandError

if TYPE_CHECKING:
    from huawei_modem.database import Database
    from huawei_modem.report import Report
    from huawei_modem.shapes import Facts


def add_json(parser: argparse.ArgumentParser, bare: bool = True) -> None:
    """The option `--json`. `bare`: without a file it is standard output; not where a file may follow."""
    parser.add_argument(
        "--json",
        action=outputs.Result,
        metavar="FILE",
        nargs="?" if bare else None,
        const="-" if bare else None,
        help="write the result as JSON; - is standard output",
    )


def seconds(text: str) -> float:
    """A number of seconds above 0. Raises ValueError for anything else, which argparse words."""
    value = float(text)
    if not 0 < value < 1e6:
        raise ValueError(text)
    return value


def sticks(present_in: Path | None = None) -> Database:
    """The database; with a root, only as far as the sticks of that system need it. Raises CommandError."""
    try:
        return database.load(of=None if present_in is None else sysfs.usb_ids(present_in))
    except (database.DatabaseError, OSError) as err:
        raise CommandError(f"the database of sticks cannot be used: {err}", EXIT_UNUSABLE) from err


def allowed(collected: Facts) -> Facts:
    """What may leave of the facts: people paste what `status` and `doctor` print."""
    from huawei_modem.mask import Masker, facts

    return facts.facts(collected, Masker())


def show(result: Report, target: outputs.Target | None) -> int:
    """Writes the report as JSON to `target`, or as text, and returns its exit status."""
    from huawei_modem import report

    if target:
        write_json(target, result.to_dict())
        return result.exit_status
    # A fault goes to standard error, which the unit puts on the console.
    stream = sys.stdout if result.verdict is report.Verdict.OK else sys.stderr
    stream.write(report.to_text(result, colour=stream.isatty() and "NO_COLOR" not in os.environ))
    return result.exit_status


def write_json(target: outputs.Target, value: object) -> None:
    """Writes plain data to a file, or to standard output for `-`. Raises CommandError."""
    if target == "-":
        sys.stdout.write(json.dumps(value, indent=2) + "\n")
        return
    try:
        outputs.write_json(target, value)
    except outputs.OutputError as err:
        raise CommandError(str(err), EXIT_UNUSABLE) from err
