# SPDX-License-Identifier: MIT
"""`connect`: brings the modem online; for the unit, prepares it for ConnMan."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from huawei_modem import bus, connect, progress, settings, sysfs
from huawei_modem.commands.common import seconds
from huawei_modem.errors import EXIT_FAULT, EXIT_MISSING, EXIT_OK, EXIT_UNUSABLE, CommandError


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "examples: huawei-modem connect; huawei-modem connect --apn internet --roaming"
    parser.add_argument(
        "--apn", help="access point name; default: what oFono has, else /etc/huawei-modem/config.ini"
    )
    parser.add_argument("--user", metavar="NAME", help="user name of the access point (with --apn)")
    parser.add_argument(
        "--password-file", type=Path, metavar="FILE", help="file with its password, mode 600 (with --apn)"
    )
    parser.add_argument(
        "--auth", choices=("chap", "pap", "none"), help="how the password is sent (with --apn; default: chap)"
    )
    parser.add_argument(
        "--pin-file", type=Path, metavar="FILE", help="file with the SIM's PIN, mode 600; it is tried once"
    )
    parser.add_argument(
        "--roaming",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="allow foreign networks, or no longer; default: as oFono has it",
    )
    parser.add_argument(
        "--modem", metavar="MODEM", default="", help="of several: what oFono calls it (/huawei_0)"
    )
    parser.add_argument(
        "--timeout", type=seconds, default=120, metavar="SECONDS", help="give up after (default: 120)"
    )
    parser.add_argument(
        "--unattended",
        action="store_true",
        help="prepare only, and leave the connecting to ConnMan (for the unit)",
    )


def run(args: argparse.Namespace) -> int:
    try:
        connector = connector_of(args, _wishes(args), args.modem)
        ready = connector.prepare(attended=not args.unattended)
        if not args.unattended:
            connector.connect(ready)
    except (settings.ConnectError, bus.BusError) as err:
        if args.unattended and not sysfs.sticks(args.root):
            print("the stick has gone")
            return EXIT_OK
        raise CommandError(str(err), EXIT_FAULT) from err
    return EXIT_OK


def connector_of(
    args: argparse.Namespace, wishes: settings.Wishes | None = None, modem: str = ""
) -> connect.Connector:
    """Raises CommandError where there is no bus."""
    deadline = time.monotonic() + args.timeout
    try:
        opened = bus.open_bus()
        return connect.Connector(opened, args.root, deadline, progress.Progress(sys.stdout), wishes, modem)
    except bus.BusUnavailableError as err:
        raise CommandError(str(err), EXIT_MISSING) from err


def _wishes(args: argparse.Namespace) -> settings.Wishes:
    if not args.apn and (args.user or args.password_file or args.auth):
        raise CommandError("--user, --password-file and --auth go with --apn", EXIT_UNUSABLE)
    access_point = None
    try:
        if args.apn:
            password = settings.read_secret(args.password_file, "password")[0] if args.password_file else ""
            access_point = settings.AccessPoint(args.apn, args.user or "", password, args.auth or "")
    except settings.ConnectError as err:
        raise CommandError(str(err), EXIT_UNUSABLE) from err
    return settings.Wishes(access_point, args.pin_file, args.roaming)
