# SPDX-License-Identifier: MIT
"""`status`: what is there, on one screen."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from huawei_modem import facts, running_kernel, status
from huawei_modem.commands.common import add_json, allowed, seconds, sticks, write_json
from huawei_modem.errors import EXIT_OK, EXIT_UNUSABLE, CommandError

if TYPE_CHECKING:
    from pathlib import Path

    from huawei_modem.database import Database
    from huawei_modem.shapes import Facts


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "examples: huawei-modem status --watch 2; huawei-modem status --json"
    add_json(parser)
    parser.add_argument(
        "--watch", type=seconds, metavar="SECONDS", help="show it again after so many seconds, until Ctrl-C"
    )


def run(args: argparse.Namespace) -> int:
    if args.watch and args.json:
        raise CommandError("--watch is for a person, --json for a program: give one of them", EXIT_UNUSABLE)
    if args.watch:
        return _watch(args)
    if args.json:
        write_json(args.json, {**_facts(args.root, sticks(args.root)), "watch": status.watched(args.root)})
    else:
        sys.stdout.write(_screen(args.root, sticks(args.root)))
    return EXIT_OK


def _facts(root: Path, database: Database) -> Facts:
    return allowed(facts.collect(root, database, running_kernel.FEW))


def _screen(root: Path, database: Database) -> str:
    return status.to_text(_facts(root, database)) + status.watch_text(status.watched(root))


def _watch(args: argparse.Namespace) -> int:
    """The status again and again; Ctrl-C is its proper end."""
    database = sticks()
    # Home, then what is below: the screen does not flicker as it would when cleared first.
    before, after = ("\x1b[H\x1b[J", "") if sys.stdout.isatty() else ("", "\n")
    try:
        while True:
            sys.stdout.write(f"{before}{_screen(args.root, database)}{after}")
            sys.stdout.flush()
            time.sleep(args.watch)
    except KeyboardInterrupt:
        return EXIT_OK
