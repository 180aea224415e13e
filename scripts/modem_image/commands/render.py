# SPDX-License-Identifier: MIT
"""Render what follows from the database of sticks (rules, data, tables), and the example pipelines."""

from __future__ import annotations

import argparse
import sys

from modem_image import PROJECT
from modem_image.console import say
from modem_image.errors import EXIT_FAULT, EXIT_OK
from modem_image.files import write_atomic
from modem_image.render.rendered import check, render_all


def configure(parser: argparse.ArgumentParser) -> None:
    """What `render` takes."""
    parser.description = __doc__
    parser.epilog = "examples:\n  modem-image render\n  modem-image render --check"
    parser.add_argument("--check", action="store_true", help="write nothing; show what is stale and exit 1")


def run(args: argparse.Namespace) -> int:
    """Writes what is stale, or with --check shows it. Returns the exit status."""
    stale = check(PROJECT, rendered := render_all(PROJECT))
    if args.check:
        sys.stdout.writelines(stale.values())
        for path in stale:
            say(f"{path}: stale; run scripts/modem-image render")
        return EXIT_FAULT if stale else EXIT_OK
    for path in stale:
        (PROJECT / path).parent.mkdir(parents=True, exist_ok=True)
        write_atomic(PROJECT / path, rendered[path].encode())
        say(f"{path}: rendered")
    return EXIT_OK
