# SPDX-License-Identifier: MIT
"""`python3 -m modem_image.check`: the command as the build runs it, with the standard library alone.

huawei_modem_image_check.bbclass of the layer does that. Python 3.9 is enough,
which is less than the rest of this package needs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from modem_image.check import command
from modem_image.errors import UserError


def main(arguments: Sequence[str]) -> int:
    """The exit status, as `modem-image check` has it."""
    parser = argparse.ArgumentParser(prog="modem_image.check")
    command.add_parser(parser.add_subparsers())
    args = parser.parse_args(["check", *arguments])
    try:
        return int(args.run(args))
    except UserError as error:
        print(f"modem-image check: {error}", file=sys.stderr)
        return error.exit_status


sys.exit(main(sys.argv[1:]))
