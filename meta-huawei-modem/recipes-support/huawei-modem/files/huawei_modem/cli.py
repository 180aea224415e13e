# SPDX-License-Identifier: MIT
"""The command line. Each command imports what it needs when it runs: the board is slow to import."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path

    from huawei_modem.connect import Connector
    from huawei_modem.database import Database
    from huawei_modem.facts import Facts
    from huawei_modem.report import Report
    from huawei_modem.settings import Wishes

EXIT_OK, EXIT_FAULT, EXIT_UNUSABLE, EXIT_MISSING = 0, 1, 2, 3


class _CommandError(Exception):
    """Ends a command with a message for people and an exit status."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


def main(argv: list[str] | None = None) -> int:
    """Runs one command. Exit status: 0 right, 1 fault, 2 unusable input, 3 something is missing."""
    args = _plain(sys.argv[1:] if argv is None else argv) or _parsed(argv)
    try:
        status = _COMMANDS[args.command](args)
    except _CommandError as err:
        print(f"huawei-modem: {err}", file=sys.stderr)
        status = err.status
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:
        status = EXIT_OK
    return _written(status)


def _written(status: int) -> int:
    """The status, with what was printed written out: the launcher leaves without Python's own end."""
    try:
        sys.stdout.flush()
    except OSError as err:
        # Python flushes once more where it does end: give it a place to write to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(err, BrokenPipeError):
            print(f"huawei-modem: standard output: {err.strerror}", file=sys.stderr)
            return EXIT_UNUSABLE
    sys.stderr.flush()
    return status


class _Plain:
    """The arguments of a command that was given none: argparse alone costs half of Python's own start."""

    json = watch = source = None
    all = fix = undo = dry_run = False

    def __init__(self, command: str) -> None:
        import gc

        from huawei_modem import paths

        # Too little is made to be worth looking for what could be freed: a tenth of `status`.
        gc.disable()
        self.command = command
        self.root = paths.root()


def _plain(words: list[str]) -> argparse.Namespace | None:
    """The arguments where the command line is but one of the commands that look; None for any other."""
    if len(words) != 1 or words[0] not in ("status", "doctor", "check-modules"):
        return None
    return _Plain(words[0])  # type: ignore[return-value]


def _parsed(argv: list[str] | None) -> argparse.Namespace:
    from huawei_modem import options

    return options.parser().parse_args(argv)


def _bind(args: argparse.Namespace) -> int:
    from huawei_modem import bind

    family = _database().family
    interfaces = [args.interface] if args.interface else bind.candidates(args.root, family)
    if not interfaces:
        print("no interface needs it")
    for interface in interfaces:
        try:
            print(bind.bind(args.root, interface, family))
        except bind.BindError as err:
            raise _CommandError(str(err), EXIT_FAULT) from err
    return EXIT_OK


def _connect(args: argparse.Namespace) -> int:
    from huawei_modem import sysfs
    from huawei_modem.bus import BusError
    from huawei_modem.settings import ConnectError

    try:
        connector = _connector(args, _wishes(args))
        modem = connector.prepare(attended=not args.unattended)
        if not args.unattended:
            connector.connect(modem)
    except (ConnectError, BusError) as err:
        if args.unattended and not sysfs.sticks(args.root):
            print("the stick has gone")
            return EXIT_OK
        raise _CommandError(str(err), EXIT_FAULT) from err
    return EXIT_OK


def _disconnect(args: argparse.Namespace) -> int:
    from huawei_modem.bus import BusError
    from huawei_modem.settings import ConnectError

    try:
        print("disconnected" if _connector(args).disconnect() else "there was no connection")
    except (ConnectError, BusError) as err:
        raise _CommandError(str(err), EXIT_FAULT) from err
    return EXIT_OK


def _connector(args: argparse.Namespace, wishes: Wishes | None = None) -> Connector:
    import time

    from huawei_modem import bus, connect, progress

    try:
        return connect.Connector(
            bus.open_bus(), args.root, time.monotonic() + args.timeout, progress.Progress(sys.stdout), wishes
        )
    except bus.BusUnavailableError as err:
        raise _CommandError(str(err), EXIT_MISSING) from err


def _wishes(args: argparse.Namespace) -> Wishes:
    from huawei_modem import settings

    if not args.apn and (args.user or args.password_file or args.auth):
        raise _CommandError("--user, --password-file and --auth go with --apn", EXIT_UNUSABLE)
    access_point = None
    try:
        if args.apn:
            password = settings.read_secret(args.password_file, "password")[0] if args.password_file else ""
            access_point = settings.AccessPoint(args.apn, args.user or "", password, args.auth or "")
    except settings.ConnectError as err:
        raise _CommandError(str(err), EXIT_UNUSABLE) from err
    return settings.Wishes(access_point, args.pin_file, args.roaming)


def _ports(args: argparse.Namespace) -> int:
    import signal

    from huawei_modem.ports import command as ports_command

    # What was borrowed is given back also when the unit or a person ends us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        text, data = ports_command.run(
            args.root, _database(), args.borrow, lambda line: print(line, file=sys.stderr, flush=True)
        )
    except ports_command.PortsError as err:
        raise _CommandError(str(err), EXIT_FAULT) from err
    if args.json:
        _write_json(args.json, data)
    else:
        sys.stdout.write(text)
    return EXIT_OK


def _status(args: argparse.Namespace) -> int:
    from huawei_modem import facts, kernel, status

    if args.watch and args.json:
        raise _CommandError("--watch is for a person, --json for a program: give one of them", EXIT_UNUSABLE)
    if args.watch:
        return _watch(args)
    collected = _allowed(facts.collect(args.root, _database(args.root), kernel.FEW))
    if args.json:
        _write_json(args.json, dict(collected))
    else:
        sys.stdout.write(status.to_text(collected))
    return EXIT_OK


def _watch(args: argparse.Namespace) -> int:
    """The status again and again; Ctrl-C is its proper end."""
    import time

    from huawei_modem import facts, kernel, status

    database = _database()
    # Home, then what is below: the screen does not flicker as it would when cleared first.
    before, after = ("\x1b[H\x1b[J", "") if sys.stdout.isatty() else ("", "\n")
    try:
        while True:
            screen = status.to_text(_allowed(facts.collect(args.root, database, kernel.FEW)))
            sys.stdout.write(f"{before}{screen}{after}")
            sys.stdout.flush()
            time.sleep(args.watch)
    except KeyboardInterrupt:
        return EXIT_OK


def _doctor(args: argparse.Namespace) -> int:
    from huawei_modem import facts, report, rules

    if args.dry_run and not args.fix:
        raise _CommandError("--dry-run goes with --fix", EXIT_UNUSABLE)
    if args.source is not None:
        if args.fix or args.undo:
            raise _CommandError("--fix and --undo are for this system, not for a capture", EXIT_UNUSABLE)
        return _doctor_of(args.source, args.json)
    collected = _allowed(
        _fixed(args) if args.fix or args.undo else facts.collect(args.root, _database(args.root))
    )
    subject = "this system" if str(args.root) == "/" else str(args.root)
    findings = rules.diagnose(collected)
    return _show(report.Report("huawei-modem doctor", subject, findings, dict(collected)), args.json)


def _allowed(collected: Facts) -> Facts:
    """What may leave of the facts: people paste what `status` and `doctor` print."""
    from huawei_modem.mask import Masker, facts

    return facts.facts(collected, Masker())


def _fixed(args: argparse.Namespace) -> Facts:
    """The facts after the fixes, or after they were taken back."""
    from pathlib import Path

    from huawei_modem import bind, facts, fix

    database = _database()

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
        raise _CommandError("this changes the system: run it as root", EXIT_MISSING)
    try:
        if args.undo:
            fix.undo(args.root, say)
            return facts.collect(args.root, database)
        fixer = fix.Fixer(args.root, lambda: facts.collect(args.root, database), give, say)
        return fixer.dry_run() if args.dry_run else fixer.fix()
    except fix.FixError as err:
        raise _CommandError(str(err), EXIT_FAULT) from err


def _doctor_of(source: Path, target: str | None) -> int:
    """The doctor over a capture or over text."""
    from huawei_modem.capture import CaptureError

    try:
        from huawei_modem.transcript import doctor
        from huawei_modem.transcript.sources import SourceError
    except ModuleNotFoundError as err:
        raise _CommandError(
            f"{source}: reading logs needs the package huawei-modem-transcript; or do it on another machine: "
            "modem-image doctor",
            EXIT_MISSING,
        ) from err
    try:
        result, recognised = doctor.of_path(source, _database())
    except (CaptureError, SourceError) as err:
        raise _CommandError(str(err), EXIT_UNUSABLE) from err
    if not target:
        sys.stdout.write(recognised)
    status = _show(result, target)
    if not target:
        sys.stderr.write(doctor.closing(result))
    return status


def _report(args: argparse.Namespace) -> int:
    from huawei_modem import capture, facts
    from huawei_modem.mask import Masker

    mask = Masker()
    collected = facts.collect(args.root, _database())
    running = capture.live() if str(args.root) == "/" else capture.NOT_LIVE
    try:
        names = capture.write(args.file, args.root, collected, mask, running)
    except OSError as err:
        raise _CommandError(f"{args.file}: cannot be written: {err.strerror}", EXIT_UNUSABLE) from err
    for name in names:
        print(name)
    for token, kind in mask.kinds.items():
        print(f"{token}: {kind}")
    print(
        f"{args.file}: {len(names)} texts, {mask.count} identities and secrets masked. "
        "Look through it before you send it."
    )
    return EXIT_OK


def _check_modules(args: argparse.Namespace) -> int:
    from huawei_modem import kernel, report
    from huawei_modem.rules import kernel as rules

    facts = kernel.collect(
        args.root, _database(args.root).drivers, kernel.EVERY if args.all else kernel.PRESENT
    )
    subject = f"{facts['modules_dir']}, {facts['checked']} modules read"
    findings = rules.check(facts)
    return _show(report.Report("huawei-modem check-modules", subject, findings, {"kernel": facts}), args.json)


def _database(present_in: Path | None = None) -> Database:
    """The database; with a root, only as far as the sticks of that system need it."""
    from huawei_modem import database, sysfs

    try:
        return database.load(of=None if present_in is None else sysfs.usb_ids(present_in))
    except (database.DatabaseError, OSError) as err:
        raise _CommandError(f"the database of sticks cannot be used: {err}", EXIT_UNUSABLE) from err


def _show(result: Report, target: str | None) -> int:
    """Writes the report as JSON to `target`, or as text, and returns its exit status."""
    from huawei_modem.report import Verdict, to_text

    if target:
        _write_json(target, result.to_dict())
        return result.exit_status
    # A fault goes to standard error, which the unit puts on the console.
    stream = sys.stdout if result.verdict is Verdict.OK else sys.stderr
    stream.write(to_text(result, colour=stream.isatty() and "NO_COLOR" not in os.environ))
    return result.exit_status


def _write_json(target: str, value: object) -> None:
    import json
    from pathlib import Path

    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    if target == "-":
        sys.stdout.write(text)
        return
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as err:
        raise _CommandError(f"{target}: cannot be written: {err.strerror}", EXIT_UNUSABLE) from err


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "status": _status,
    "doctor": _doctor,
    "report": _report,
    "ports": _ports,
    "connect": _connect,
    "disconnect": _disconnect,
    "check-modules": _check_modules,
    "bind": _bind,
}
