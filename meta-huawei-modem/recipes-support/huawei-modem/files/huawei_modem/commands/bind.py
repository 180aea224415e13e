# SPDX-License-Identifier: MIT
"""`bind`: gives the interface that a driver leaves out to that driver."""

from __future__ import annotations

import argparse
from pathlib import Path

from huawei_modem import bind
from huawei_modem.commands.common import sticks
from huawei_modem.errors import EXIT_FAULT, EXIT_OK, CommandError


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "examples: huawei-modem bind; huawei-modem bind /sys/bus/usb/devices/1-1:1.3"
    parser.add_argument(
        "interface",
        nargs="?",
        type=Path,
        help="its folder below /sys; without it, all interfaces that need it",
    )


def run(args: argparse.Namespace) -> int:
    family = sticks().family
    interfaces = [args.interface] if args.interface else bind.candidates(args.root, family)
    if not interfaces:
        print("no interface needs it")
    for interface in interfaces:
        try:
            print(bind.bind(args.root, interface, family))
        except bind.BindError as err:
            raise CommandError(str(err), EXIT_FAULT) from err
    return EXIT_OK
