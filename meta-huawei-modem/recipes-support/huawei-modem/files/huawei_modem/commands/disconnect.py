# SPDX-License-Identifier: MIT
"""`disconnect`: ends the connection, until someone connects again."""

from __future__ import annotations

import argparse

from huawei_modem.bus import BusError
from huawei_modem.commands.common import seconds
from huawei_modem.commands.connect import connector_of
from huawei_modem.errors import EXIT_FAULT, EXIT_OK, CommandError
from huawei_modem.settings import ConnectError


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "examples: huawei-modem disconnect; huawei-modem disconnect --timeout 60"
    parser.add_argument(
        "--timeout", type=seconds, default=30, metavar="SECONDS", help="give up after (default: 30)"
    )


def run(args: argparse.Namespace) -> int:
    try:
        print("disconnected" if connector_of(args).disconnect() else "there was no connection")
    except (ConnectError, BusError) as err:
        raise CommandError(str(err), EXIT_FAULT) from err
    return EXIT_OK
