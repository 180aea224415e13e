# SPDX-License-Identifier: MIT
"""Put a checked image onto a USB stick or SD card, from which Easy Installer writes it to the module."""

from __future__ import annotations

import argparse
import contextlib
import errno
import hashlib
import json
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from huawei_modem.catalogue import found
from huawei_modem.report import Evidence, Report, Verdict
from huawei_modem.text import printable
from huawei_modem_check.installer.qt import to_bool
from huawei_modem_check.rules import Wanted
from modem_image.cli.output import print_report
from modem_image.console import say, step
from modem_image.easyinstaller.recover import recover
from modem_image.errors import EXIT_OK, FaultError, InputError, UserError
from modem_image.files import text_of
from modem_image.made import MARK, is_ours, lines_of, put_mark, work_folder
from modem_image.release.copy import Copied, copy_checked, image_folder_name
from modem_image.release.feed import sync_tree

_LEVELS = ("image*.json", "*/image*.json", "*/*/image*.json")  # as deep as the installer looks (qt-tezi)
_OLDER = ".older"
_EDITED = 1 << 20
"""Bytes of a file that people edit at most."""


def configure(parser: argparse.ArgumentParser) -> None:
    """What `flash` takes."""
    parser.description = (
        "Check an Easy Installer image, copy it to a USB stick or SD card, and read it back: "
        "Easy Installer on the module then offers it. Or load Easy Installer itself over USB onto a module "
        "that no longer starts (NXP's uuu)."
    )
    parser.epilog = (
        "examples:\n"
        "  modem-image flash build/colibri-imx7-emmc/*.tar --usb-stick /media/stick\n"
        "  modem-image flash --recovery Colibri-iMX7_ToradexEasyInstaller_5.7.6 --dry-run"
    )
    parser.add_argument("image", type=Path, nargs="?", metavar="IMAGE", help="tar, zip or folder")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--usb-stick", type=Path, metavar="DIR", help="where the stick or card is mounted")
    way.add_argument(
        "--recovery",
        type=Path,
        metavar="DIR",
        help="the unpacked Toradex Easy Installer for the Colibri iMX7",
    )
    parser.add_argument(
        "--wait",
        type=float,
        default=60.0,
        metavar="SECONDS",
        help="for a module in recovery mode; default 60",
    )
    parser.add_argument(
        "--bench", action="store_true", help="IMAGE may be the bench's own, which boots on no module"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="with --recovery: show the script, send nothing"
    )


def run(args: argparse.Namespace) -> int:
    """Exit status 1 when the image has a fault, the stick does not hold what was written, or uuu fails."""
    if args.recovery:
        if args.image:
            raise InputError("--recovery loads Easy Installer alone; put IMAGE onto a stick, or serve it")
        return recover(args.recovery, args.wait, args.dry_run)
    if args.dry_run:
        raise InputError("--dry-run goes with --recovery")
    if not args.image:
        raise InputError("no IMAGE to put onto the stick")
    medium = args.usb_stick
    if not medium.is_dir():
        raise InputError(f"{medium}: no such folder; mount the stick there first")
    name = image_folder_name(args.image)
    _refuse_others(medium / name)
    with _staging(medium, (name, f"{name}{_OLDER}")) as staging:
        copied = copy_checked(args.image, staging, Wanted(with_bench=args.bench))
        report = _with_neighbours(copied, medium)
        print_report(report, sys.stdout)
        if report.verdict is not Verdict.OK:
            say(f"nothing was put onto {medium}")
            return report.exit_status
        with step("write through and read back"):
            sync_tree(staging)
            _read_back(copied, staging / copied.folder)
        final = _put(staging / copied.folder, medium)
    say(f"ready: {final}")
    if medium.is_mount():
        say(f"now: umount {medium}; start Easy Installer on the module, plug the stick in, choose the image")
    else:
        say(f"{medium} is not a mount point: the image lies on a disk of this computer")
        say(f"now: copy {final.name} onto a stick, or mount one and give the folder where it is mounted")
    return EXIT_OK


@contextlib.contextmanager
def _staging(medium: Path, names: tuple[str, ...]) -> Iterator[Path]:
    """A folder on the medium; what an earlier run that was killed left there is removed."""
    try:
        with work_folder(medium, names) as work:
            yield work
    except OSError as err:
        if err.errno in (errno.ENOSPC, errno.EDQUOT):
            raise UserError(f"{medium}: is full; nothing was put onto it. Make room.") from err
        raise UserError(f"{err.filename or medium}: cannot be written: {err.strerror}") from err


def _with_neighbours(copied: Copied, medium: Path) -> Report:
    """The report, with a finding when the medium would hold several images that install themselves."""
    if not to_bool(copied.description.get("autoinstall", False)):
        return copied.report
    others = [path for path in _descriptions(medium) if path.parent.name != copied.folder and _installs(path)]
    if not others:
        return copied.report
    finding = found(
        "tezi-autoinstall-ambiguous:medium",
        [Evidence(str(path), "autoinstall is true") for path in others],
    )
    return Report(
        copied.report.tool, copied.report.input, (*copied.report.findings, finding), copied.report.facts
    )


def _descriptions(medium: Path) -> Iterator[Path]:
    for pattern in _LEVELS:
        yield from (
            path
            for path in sorted(medium.glob(pattern))
            if not path.relative_to(medium).parts[0].startswith(".")
        )


def _installs(path: Path) -> bool:
    try:
        document = json.loads(text_of(path))
    except (OSError, ValueError, RecursionError, InputError):
        return False  # the installer cannot read it either
    return isinstance(document, dict) and to_bool(document.get("autoinstall", False))


def _read_back(copied: Copied, folder: Path) -> None:
    """Compare with what was read. Raises FaultError: cheap sticks lose what they took."""
    for file in copied.image.files.values():
        with (folder / file.name).open("rb") as source:
            # From the medium, not from memory.
            os.posix_fadvise(source.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            digest = hashlib.file_digest(source, "sha256").hexdigest()
        if digest != file.sha256:
            raise FaultError(f"{folder.parent.parent}: gives {file.name} back changed; use another stick")


def _refuse_others(final: Path) -> None:
    """Raises InputError when what lies at `final` was not put there by this command, or not all of it."""
    if not (final.exists() or final.is_symlink()):
        return
    ours = dict(line.partition("\t")[::2] for line in lines_of(final) or ()) if is_ours(final) else None
    others = [] if ours is None else _others_in(final, ours)
    if ours is None or others:
        what = f"holds {printable(others[0])}" if others else "is there"
        raise InputError(
            f"{final}: {what}, which this command did not put there; nothing was changed\n"
            "  do: move it away, or give the image another name"
        )


def _others_in(folder: Path, ours: Mapping[str, str]) -> list[str]:
    """What lies in `folder` besides `ours`, name to state, or has another state; "" is any."""
    return sorted(
        entry.name
        for entry in folder.iterdir()
        if entry.name != MARK and ours.get(entry.name, None) not in ("", _state(entry))
    )


def _state(path: Path) -> str:
    """What tells a file that was edited. Times do not: those of FAT move with the time zone."""
    if not stat.S_ISREG(path.lstat().st_mode):
        return "other"
    size = path.stat().st_size
    return str(size) if size > _EDITED else hashlib.sha256(path.read_bytes()).hexdigest()


def _put(folder: Path, medium: Path) -> Path:
    """Move the copy to its place, over an older one that this command put there."""
    final = medium / folder.name
    _refuse_others(final)
    put_mark(folder, "".join(f"{entry.name}\t{_state(entry)}\n" for entry in sorted(folder.iterdir())))
    if final.exists():
        final.rename(folder.with_name(f"{folder.name}{_OLDER}"))
    folder.rename(final)
    sync_tree(final)
    return final
