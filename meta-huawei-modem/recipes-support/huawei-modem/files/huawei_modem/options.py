# SPDX-License-Identifier: MIT
"""The options of all commands. Imported only where there are any on the command line."""

from __future__ import annotations

import argparse
from pathlib import Path


def parser() -> argparse.ArgumentParser:
    """All commands; the chosen one is `command` of the result."""
    top = argparse.ArgumentParser(
        prog="huawei-modem",
        description="Huawei USB modems under ConnMan and oFono: what is there, and what is wrong.",
        epilog="Exit status: 0 right, 1 faults found, 2 unusable input or usage, or too little seen to judge "
        "(insufficient-data), 3 something needed is missing.",
    )
    top.add_argument("--root", type=Path, default=Path("/"), help=argparse.SUPPRESS)
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, summary: str, example: str, result: bool = False) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog=f"example: {example}",
        )
        sub.set_defaults(command=name)
        if result:
            sub.add_argument("--json", metavar="FILE", help="write the result as JSON; - is standard output")
        return sub

    status = command(
        "status",
        "show stick, ports, oFono and ConnMan on one screen",
        "huawei-modem status --watch 2",
        True,
    )
    status.add_argument(
        "--watch", type=_seconds, metavar="SECONDS", help="show it again after so many seconds, until Ctrl-C"
    )
    doctor = command(
        "doctor", "name what is wrong, and what to do", "huawei-modem doctor report.tar.gz", True
    )
    doctor.add_argument(
        "source",
        nargs="?",
        type=Path,
        help="a capture, a log or a folder of logs; without it, this system",
    )
    change = doctor.add_mutually_exclusive_group()
    change.add_argument("--fix", action="store_true", help="do the safe remedies, each told and undoable")
    change.add_argument("--undo", action="store_true", help="take back what --fix did since the start")
    doctor.add_argument("--dry-run", action="store_true", help="with --fix: tell, and do nothing")
    report = command(
        "report",
        "write a capture to send, without identities and secrets",
        "huawei-modem report /tmp/report.tar.gz",
    )
    report.add_argument("file", nargs="?", type=Path, default=Path("huawei-modem-report.tar.gz"))
    check = command(
        "check-modules",
        "check that the kernel modules belong to the running kernel",
        "huawei-modem check-modules --all",
        True,
    )
    check.add_argument(
        "--all", action="store_true", help="read every module, not only the ones that matter here"
    )
    bind = command("bind", "give the fourth interface to its network driver", "huawei-modem bind")
    bind.add_argument(
        "interface",
        nargs="?",
        type=Path,
        help="its folder below /sys; without it, all interfaces that need it",
    )
    connect = command(
        "connect",
        "bring the modem online through oFono and ConnMan",
        "huawei-modem connect --apn internet",
    )
    connect.add_argument(
        "--apn", help="access point name; default: what oFono has, else /etc/huawei-modem/config.ini"
    )
    connect.add_argument("--user", metavar="NAME", help="user name of the access point (with --apn)")
    connect.add_argument(
        "--password-file", type=Path, metavar="FILE", help="file with its password, mode 600 (with --apn)"
    )
    connect.add_argument(
        "--auth", choices=("chap", "pap", "none"), help="how the password is sent (with --apn; default: chap)"
    )
    connect.add_argument(
        "--pin-file", type=Path, metavar="FILE", help="file with the SIM's PIN, mode 600; it is tried once"
    )
    connect.add_argument(
        "--roaming",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="allow foreign networks, or no longer; default: as oFono has it",
    )
    connect.add_argument(
        "--timeout", type=_seconds, default=120, metavar="SECONDS", help="give up after (default: 120)"
    )
    connect.add_argument(
        "--unattended",
        action="store_true",
        help="prepare only, and leave the connecting to ConnMan (for the unit)",
    )
    ports = command(
        "ports",
        "ask every port of a stick what it is; describe an unknown stick",
        "huawei-modem ports --borrow",
        True,
    )
    ports.add_argument(
        "--borrow",
        action="store_true",
        help="where oFono has the modem, power it down meanwhile; its connection ends",
    )
    disconnect = command(
        "disconnect",
        "end the connection, until someone connects again",
        "huawei-modem disconnect",
    )
    disconnect.add_argument(
        "--timeout", type=_seconds, default=30, metavar="SECONDS", help="give up after (default: 30)"
    )
    return top


def _seconds(text: str) -> float:
    """A number of seconds above 0. Raises ValueError for anything else, which argparse words."""
    value = float(text)
    if not 0 < value < 1e6:
        raise ValueError(text)
    return value
