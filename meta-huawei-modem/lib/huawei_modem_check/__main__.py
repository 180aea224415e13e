# SPDX-License-Identifier: MIT
"""`python3 -m huawei_modem_check PATH`: the check as the build runs it, with the standard library alone."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from huawei_modem.report import to_text
from huawei_modem_check.errors import UserError
from huawei_modem_check.image import check_image
from huawei_modem_check.options import add_options, given_of, wanted_of
from huawei_modem_check.sources import ACCEPTED


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 right, 1 faults, 2 unusable or not enough data, 3 something is missing here."""
    parser = argparse.ArgumentParser(prog="huawei_modem_check", description="Is this image consistent?")
    parser.add_argument("path", type=Path, metavar="PATH", help=ACCEPTED)
    add_options(parser)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report as JSON")
    args = parser.parse_args(arguments)
    try:
        report = check_image(args.path, given_of(args), wanted_of(args))
    except UserError as error:
        print(f"modem-image check: {error}", file=sys.stderr)
        return error.exit_status
    sys.stdout.write(to_text(report))
    if args.json:
        partial = args.json.with_name(f".{args.json.name}.{os.getpid()}")
        partial.write_text(report.to_json(), "utf-8")
        partial.replace(args.json)
    return report.exit_status


sys.exit(main(sys.argv[1:]))
