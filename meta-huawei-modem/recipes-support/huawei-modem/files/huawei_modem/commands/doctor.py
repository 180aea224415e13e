# SPDX-License-Identifier: MIT
"""`doctor`: what is wrong here, or by a capture or log; and the safe remedies."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from huawei_modem import facts, outputs, report, rules
from huawei_modem.commands.common import add_json, allowed, show, sticks
from huawei_modem.errors import EXIT_FAULT, EXIT_MISSING, EXIT_UNUSABLE, CommandError

if TYPE_CHECKING:
    from huawei_modem.shapes import Facts


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "examples: huawei-modem doctor report.tar.gz; huawei-modem doctor --fix --dry-run"
    parser.add_argument(
        "source",
        nargs="?",
        type=Path,
        help="a capture, a log or a folder of logs; without it, this system",
    )
    add_json(parser, bare=False)
    parser.add_argument(
        "--masked",
        action=outputs.Result,
        metavar="FILE",
        help="also write the log as it may be sent: no identities, no words but those of known programs",
    )
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--fix", action="store_true", help="do the safe remedies, each printed and undoable")
    change.add_argument("--undo", action="store_true", help="take back what --fix did since the start")
    parser.add_argument(
        "--dry-run", action="store_true", help="with --fix: print what would be done, do nothing"
    )


def run(args: argparse.Namespace) -> int:
    if args.dry_run and not args.fix:
        raise CommandError("--dry-run goes with --fix", EXIT_UNUSABLE)
    if args.source is not None:
        if args.fix or args.undo:
            raise CommandError("--fix and --undo are for this system, not for a capture", EXIT_UNUSABLE)
        return _of_source(args)
    if args.masked:
        raise CommandError("--masked is for a log; of this system it is `huawei-modem report`", EXIT_UNUSABLE)
    if args.fix or args.undo:
        collected = allowed(_fixed(args))
    else:
        collected = allowed(facts.collect(args.root, sticks(args.root)))
    subject = "this system" if str(args.root) == "/" else str(args.root)
    findings = rules.judge(collected)
    return show(report.Report("huawei-modem doctor", subject, findings, dict(collected)), args.json)


def _fixed(args: argparse.Namespace) -> Facts:
    """The facts after the fixes, or after they were taken back."""
    from huawei_modem import bind, fix

    database = sticks()

    def say(line: str) -> None:
        print(line, file=sys.stderr if args.json else sys.stdout, flush=True)

    def give(interface: str) -> list[list[str]]:
        before = {entry.name for entry in (args.root / "sys/module").glob("*")}
        try:
            say(f"  {bind.bind(args.root, Path(interface), database.family)}")
        except bind.BindError as err:
            raise fix.FixError(str(err)) from err
        return bind.way_back(args.root, Path(interface), before)

    if not args.dry_run and str(args.root) == "/" and os.geteuid() != 0:
        raise CommandError("this changes the system: run it as root", EXIT_MISSING)
    try:
        if args.undo:
            fix.undo(args.root, say)
            return facts.collect(args.root, database)
        fixer = fix.Fixer(args.root, lambda: facts.collect(args.root, database), give, say)
        return fixer.dry_run() if args.dry_run else fixer.fix()
    except fix.FixError as err:
        raise CommandError(str(err), EXIT_FAULT) from err


def _of_source(args: argparse.Namespace) -> int:
    """The doctor over a capture or over text."""
    source, target = args.source, args.json
    try:
        from huawei_modem.transcript import doctor, masked
        from huawei_modem.transcript.captured import CaptureError
        from huawei_modem.transcript.sources import SourceError
    except ModuleNotFoundError as err:
        raise CommandError(
            f"{source}: reading logs needs the package huawei-modem-transcript; or do it on another machine: "
            "modem-image doctor",
            EXIT_MISSING,
        ) from err
    try:
        result, recognised = doctor.of_path(source, sticks())
        said = masked.write(source, args.masked) if args.masked else ""
    except outputs.OutputError as err:
        raise CommandError(str(err), EXIT_UNUSABLE) from err
    except (CaptureError, SourceError) as err:
        raise CommandError(str(err), EXIT_UNUSABLE) from err
    if args.masked == "-" and not target:
        return result.exit_status
    if not target:
        sys.stdout.write(recognised)
    status = show(result, target)
    if not target:
        sys.stderr.write(doctor.closing(result))
    if said:
        print(said, file=sys.stderr)
    return status
