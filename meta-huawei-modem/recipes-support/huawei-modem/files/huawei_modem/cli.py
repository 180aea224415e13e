# SPDX-License-Identifier: MIT
"""The command line. Each command imports what it needs when it runs: the board is slow to import."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from huawei_modem.report import Report

EXIT_OK, EXIT_FAULT, EXIT_UNUSABLE, EXIT_MISSING = 0, 1, 2, 3


def main(argv: list[str] | None = None) -> int:
    """Runs one command. Exit status: 0 right, 1 fault, 2 unusable input, 3 something is missing."""
    args = _parser().parse_args(argv)
    try:
        return int(args.run(args))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of a pipe has gone; Python would complain once more while it ends.
        sys.stderr.close()
        return EXIT_OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="huawei-modem",
        description="Huawei USB modems under ConnMan and oFono: what is there, and what is wrong.",
    )
    parser.add_argument("--root", type=Path, default=Path("/"), help=argparse.SUPPRESS)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, run: object, summary: str, example: str, result: bool = False
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog=f"example: {example}",
        )
        sub.set_defaults(run=run)
        if result:
            sub.add_argument("--json", metavar="FILE", help="write the result as JSON; - is standard output")
        return sub

    command(
        "status", _status, "show stick, ports, oFono and ConnMan on one screen", "huawei-modem status", True
    )
    command("doctor", _doctor, "name what is wrong, and what to do", "huawei-modem doctor --json -", True)
    check = command(
        "check-modules",
        _check_modules,
        "check that the kernel modules belong to the running kernel",
        "huawei-modem check-modules --all",
        True,
    )
    check.add_argument(
        "--all", action="store_true", help="read every module, not only the ones that matter here"
    )
    bind = command("bind", _bind, "give the fourth interface to its network driver", "huawei-modem bind")
    bind.add_argument(
        "interface",
        nargs="?",
        type=Path,
        help="its folder below /sys; without it, all interfaces that need it",
    )
    connect = command(
        "connect",
        _connect,
        "bring the modem online through oFono and ConnMan",
        "huawei-modem connect --apn internet",
    )
    connect.add_argument(
        "--apn", help="access point name; default: what oFono has, else /etc/huawei-modem/config.ini"
    )
    connect.add_argument(
        "--timeout", type=float, default=120, metavar="SECONDS", help="give up after (default: 120)"
    )
    connect.add_argument(
        "--unattended",
        action="store_true",
        help="prepare only, and leave the connecting to ConnMan (for the unit)",
    )
    return parser


def _bind(args: argparse.Namespace) -> int:
    from huawei_modem import bind

    interfaces = [args.interface] if args.interface else bind.candidates(args.root)
    if not interfaces:
        print("no interface needs it")
    for interface in interfaces:
        try:
            print(bind.bind(args.root, interface))
        except bind.BindError as err:
            return _fail(str(err), EXIT_FAULT)
    return EXIT_OK


def _connect(args: argparse.Namespace) -> int:
    import time

    from huawei_modem import bus, connect, sysfs

    chosen = connect.AccessPoint(args.apn) if args.apn else None
    try:
        connector = connect.Connector(
            bus.open_bus(), args.root, time.monotonic() + args.timeout, lambda line: print(line, flush=True)
        )
        connector.prepare(chosen)
        if not args.unattended:
            connector.connect()
    except bus.BusUnavailableError as err:
        return _fail(str(err), EXIT_MISSING)
    except (connect.ConnectError, bus.BusError) as err:
        if args.unattended and not sysfs.sticks(args.root):
            print("the stick has gone")
            return EXIT_OK
        return _fail(str(err), EXIT_FAULT)
    return EXIT_OK


def _status(args: argparse.Namespace) -> int:
    from huawei_modem import facts, status

    collected = facts.collect(args.root)
    if args.json:
        return _write_json(args.json, dict(collected))
    sys.stdout.write(status.to_text(collected))
    return EXIT_OK


def _doctor(args: argparse.Namespace) -> int:
    from huawei_modem import facts, report, rules

    collected = facts.collect(args.root)
    return _write_report(
        args.json,
        report.Report("huawei-modem doctor", str(args.root), rules.diagnose(collected), dict(collected)),
    )


def _check_modules(args: argparse.Namespace) -> int:
    from huawei_modem import kernel, report
    from huawei_modem.rules import kernel as rules

    collected = kernel.collect(args.root, every=args.all)
    findings = rules.check(collected)
    subject = f"{collected['modules_dir']}: {collected['checked']} modules read"
    return _write_report(
        args.json, report.Report("huawei-modem check-modules", subject, findings, {"kernel": collected})
    )


def _write_report(target: str | None, result: Report) -> int:
    import os

    from huawei_modem.report import Verdict, to_text

    if target:
        status = _write_json(target, result.to_dict())
        return status or result.exit_status
    text = to_text(result, colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ)
    # A fault goes where a unit's console output goes.
    (sys.stdout if result.verdict is Verdict.OK else sys.stderr).write(text)
    return result.exit_status


def _write_json(target: str, value: object) -> int:
    import json

    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    if target == "-":
        sys.stdout.write(text)
        return EXIT_OK
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as err:
        return _fail(f"{target}: cannot be written: {err.strerror}", EXIT_UNUSABLE)
    return EXIT_OK


def _fail(text: str, status: int) -> int:
    print(f"huawei-modem: {text}", file=sys.stderr)
    return status
