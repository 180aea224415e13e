# SPDX-License-Identifier: MIT
"""Check images and publish them as a feed for Easy Installer."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from huawei_modem.catalogue import found
from huawei_modem.report import Report
from huawei_modem.text import printable
from huawei_modem_check.rules import Wanted
from modem_image.cli.output import add_json, add_junit, print_report, write_json
from modem_image.console import say
from modem_image.errors import EXIT_FAULT, EXIT_OK, InputError, UserError
from modem_image.files import readable_by_all, text_of, write_result
from modem_image.release.changes import Change, differences
from modem_image.release.feed import Feed
from modem_image.release.publish import Material, Outcome, publish
from modem_image.release.record import load_snapshot
from modem_image.release.together import TOOL

KEPT = 5
_EXAMPLES = """examples:
  modem-image release build/colibri-imx7-emmc/*-Tezi_*.tar --out feed --sign KEY
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
    parser.add_argument(
        "--version", help="goes into image.json too; default: what the images' image.json says"
    )
    parser.add_argument("--sign", metavar="KEY", help="sign SHA256SUMS with this OpenPGP key (gpg)")
    parser.add_argument(
        "--changelog",
        type=Path,
        metavar="FILE",
        help="Markdown; the notes are what stands under the version's heading (default: what changed)",
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
    parser.add_argument(
        "--diff",
        metavar="OLD",
        help="list what changed since this release; default on the page: the last one",
    )
    parser.add_argument("--url", help="the address that the feed will have, for the page")
    parser.add_argument(
        "--allow-downgrade", action="store_true", help="let an older version be what the feed shows"
    )
    parser.add_argument(
        "--bench", action="store_true", help="the image may be the bench's own, which boots on no module"
    )
    parser.add_argument("--wait", action="store_true", help="wait for another run that is publishing here")
    add_json(parser, "the result as JSON; - is standard output")
    add_junit(parser)


def run(args: argparse.Namespace) -> int:
    """Exit status 1 when a fault kept the images from being published."""
    try:
        outcome = _run(args)
    except UserError as error:
        reason, _, remedy = str(error).partition("\n")
        step = remedy.strip().removeprefix("do: ") or None
        _write(args, Outcome((), None), [found("release-refused", reason=reason, remedy=step)])
        raise
    _write(args, outcome, [])
    return EXIT_FAULT if args.images and outcome.version is None else EXIT_OK


def _run(args: argparse.Namespace) -> Outcome:
    if not args.images and not args.diff:
        raise InputError("no IMAGE to publish, and no --diff OLD to show")
    if args.keep < 1:
        raise InputError(f"--keep {args.keep}: at least the release that is shown is kept")
    feed = Feed(args.out)
    # Before anything is published: it may not be there, and --keep may remove it.
    old = load_snapshot(feed.path(args.diff)) if args.diff else None
    outcome = _publish(feed, args) if args.images else Outcome((), None)
    if old is None or (args.images and outcome.version is None):
        return outcome
    latest = feed.latest()
    if latest is None:
        raise InputError(f"{feed.root}: no release was published here")
    changes = differences(old, load_snapshot(feed.path(latest)))
    if args.json != "-":
        _show(args.diff, latest, changes)
    return Outcome(outcome.reports, outcome.version, args.diff, tuple(changes))


@readable_by_all()
def _publish(feed: Feed, args: argparse.Namespace) -> Outcome:
    material = Material(
        changelog=_text(args.changelog) if args.changelog else "",
        locks=tuple(_text(path) for path in args.lock or ()),
        version=args.version,
        key=args.sign,
        base=args.diff,
        url=args.url,
        allow_downgrade=args.allow_downgrade,
        wanted=Wanted(with_bench=args.bench),
    )
    with feed.locked(args.wait):
        outcome = publish(feed, args.images, material)
        gone, kept = feed.prune(args.keep) if outcome.version else ([], {})
    stream = sys.stderr if args.json == "-" else sys.stdout
    for report in outcome.reports:
        print_report(report, stream)
    if outcome.version is None:
        state = "stays as it was" if feed.versions() else "has no release"
        say(f"nothing was published; {args.out} {state}")
        return outcome
    for version in gone:
        say(f"removed: {version} (--keep {args.keep})")
    for version, other in kept.items():
        say(f"kept: {version}, for it holds {printable(other)}, which this command did not write")
    say(f"published: {feed.path(outcome.version)}")
    if outcome.base:
        say(f"  {len(outcome.changes)} changes since {outcome.base}: {feed.path(outcome.version)}/index.html")
    return outcome


def _show(old: str, new: str, changes: Sequence[Change]) -> None:
    print(f"from {old} to {new}: {len(changes)} changes")
    for change in changes:
        print(f"  {printable(str(change))}")


def _write(args: argparse.Namespace, outcome: Outcome, refused: Sequence[object]) -> None:
    """The result for machines, also when nothing was published."""
    if not args.json and not args.junit:
        return
    findings = [finding for report in outcome.reports for finding in report.findings]
    findings += refused  # type: ignore[arg-type]
    facts = {
        "version": outcome.version,
        "published": str(Feed(args.out).path(outcome.version)) if outcome.version else None,
        "images": [report.to_dict() for report in outcome.reports],
        "from": outcome.base,
        "changes": [change.to_dict() for change in outcome.changes],
    }
    whole = Report(TOOL, str(args.out), tuple(dict.fromkeys(findings)), facts)
    write_json(whole.to_dict(), args.json)
    if args.junit:
        from modem_image.commands.check import to_junit

        write_result(args.junit, to_junit(outcome.reports if not refused else [whole]))


def _text(path: Path) -> str:
    try:
        return text_of(path)
    except (OSError, UnicodeDecodeError) as err:
        raise InputError(f"{path}: cannot be read: {err}") from err
