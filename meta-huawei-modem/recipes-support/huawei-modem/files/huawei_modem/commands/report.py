# SPDX-License-Identifier: MIT
"""`report`: a capture to send."""

from __future__ import annotations

import argparse
import sys

from huawei_modem import bus, capture, facts, outputs
from huawei_modem.commands.common import sticks
from huawei_modem.errors import EXIT_OK, EXIT_UNUSABLE, CommandError
from huawei_modem.mask import Masker
from huawei_modem.text import printable


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "examples: huawei-modem report; huawei-modem report /tmp/report.tar.gz"
    parser.add_argument(
        "file",
        action=outputs.Result,
        nargs="?",
        default="huawei-modem-report.tar.gz",
        help="the capture; - is standard output",
    )


def run(args: argparse.Namespace) -> int:
    mask = Masker()
    asked = bus.Once()
    collected = facts.collect(args.root, sticks(), bus=asked)
    running = capture.live(asked) if str(args.root) == "/" else capture.NOT_LIVE
    try:
        names = capture.write(args.file, args.root, collected, mask, running)
    except outputs.OutputError as err:
        raise CommandError(str(err), EXIT_UNUSABLE) from err
    for what in running.missing:
        print(f"not in it, for it could not be run: {printable(what)}", file=sys.stderr)
    stream = sys.stderr if args.file == "-" else sys.stdout
    for name in names:
        print(name, file=stream)
    for token, kind in mask.kinds.items():
        print(f"{token}: {kind}", file=stream)
    print(
        f"{printable(str(args.file))}: {len(names)} texts, {mask.count} identities and secrets masked. "
        "Look through it before you send it.",
        file=stream,
    )
    return EXIT_OK
