# SPDX-License-Identifier: MIT
"""`ports`: what each port of a stick is."""

from __future__ import annotations

import argparse
import signal
import sys

from huawei_modem.commands.common import add_json, sticks, write_json
from huawei_modem.errors import EXIT_FAULT, EXIT_OK, CommandError
from huawei_modem.ports import command


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "examples: huawei-modem ports --borrow; huawei-modem ports --json"
    add_json(parser)
    parser.add_argument(
        "--borrow",
        action="store_true",
        help="where oFono has the modem, power it down meanwhile; its connection ends",
    )


def run(args: argparse.Namespace) -> int:
    # What was borrowed is given back also when the unit or a person ends us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        text, data = command.run(
            args.root, sticks(), args.borrow, lambda line: print(line, file=sys.stderr, flush=True)
        )
    except command.PortsError as err:
        raise CommandError(str(err), EXIT_FAULT) from err
    if args.json:
        write_json(args.json, data)
    else:
        sys.stdout.write(text)
    return EXIT_OK
