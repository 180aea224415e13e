# SPDX-License-Identifier: MIT
"""Check images and publish them as a feed for Easy Installer."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from huawei_modem.report import to_text
from huawei_modem.text import printable
from modem_image import PROJECT
from modem_image.console import say, wants_colour
from modem_image.errors import EXIT_FAULT, EXIT_OK, InputError
from modem_image.files import readable_by_all
from modem_image.release.feed import Feed
from modem_image.release.publish import Material, publish
from modem_image.release.record import changes, load_record

KEPT = 5
_EXAMPLES = """examples:
  modem-image release build/bench/*-Tezi_*.tar --out feed --sign KEY
  modem-image release --out feed --diff 0.1.0"""


def configure(parser: argparse.ArgumentParser) -> None:
    """What `release` takes."""
    parser.description = (
        "Check Easy Installer images and publish them as the feed's next release. "
        "An image with a fault is never published, and a published version never changes."
    )
    parser.epilog = _EXAMPLES
    parser.add_argument("images", nargs="*", type=Path, metavar="IMAGE", help="tar, zip or folder")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the feed's folder")
    parser.add_argument("--version", help="default: what the images' image.json says")
    parser.add_argument("--sign", metavar="KEY", help="sign SHA256SUMS with this OpenPGP key (gpg)")
    parser.add_argument(
        "--changelog", type=Path, metavar="FILE", default=PROJECT / "CHANGELOG.md", help="for the notes"
    )
    parser.add_argument(
        "--lock",
        type=Path,
        metavar="FILE",
        action="append",
        help="kas lock file, for the commits of the layers",
    )
    parser.add_argument(
        "--keep", type=int, default=KEPT, metavar="N", help=f"releases to keep; default {KEPT}"
    )
    parser.add_argument("--diff", metavar="OLD", help="list what changed since this release")
    parser.add_argument("--wait", action="store_true", help="wait for another run that is publishing here")


def run(args: argparse.Namespace) -> int:
    """Exit status 1 when a fault kept the images from being published."""
    if not args.images and not args.diff:
        raise InputError("no IMAGE to publish, and no --diff OLD to show")
    if args.keep < 1:
        raise InputError(f"--keep {args.keep}: at least the release that is shown is kept")
    feed = Feed(args.out)
    # Before anything is published: it may not be there, and --keep may remove it.
    old = load_record(feed.path(args.diff)) if args.diff else None
    if args.images:
        status = _publish(feed, args)
        if status != EXIT_OK:
            return status
    if old is not None:
        _show_changes(feed, args.diff, old)
    return EXIT_OK


@readable_by_all()
def _publish(feed: Feed, args: argparse.Namespace) -> int:
    material = Material(
        changelog=_text(args.changelog),
        locks=tuple(_text(path) for path in args.lock or ()),
        version=args.version,
        key=args.sign,
    )
    with feed.locked(args.wait):
        outcome = publish(feed, args.images, material)
        gone, kept = feed.prune(args.keep) if outcome.version else ([], {})
    for report in outcome.reports:
        sys.stdout.write(to_text(report, wants_colour(sys.stdout)))
    if outcome.version is None:
        say(f"nothing was published; {args.out} stays as it was")
        return EXIT_FAULT
    for version in gone:
        say(f"removed: {version} (--keep {args.keep})")
    for version, other in kept.items():
        say(f"kept: {version}, for it holds {printable(other)}, which this command did not write")
    say(f"published: {feed.path(outcome.version)}")
    return EXIT_OK


def _show_changes(feed: Feed, name: str, old: Mapping[str, Any]) -> None:
    latest = feed.latest()
    if latest is None:
        raise InputError(f"{feed.root}: no release was published here")
    lines: Sequence[str] = changes(old, load_record(feed.path(latest)))
    print(f"from {name} to {latest}: {len(lines)} changes")
    for line in lines:
        print(f"  {line}")


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise InputError(f"{path}: cannot be read: {err}") from err
