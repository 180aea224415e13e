# SPDX-License-Identifier: MIT
"""The command line of the host: scripts/modem-image COMMAND."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from modem_image import render
from modem_image.access import denials_explained
from modem_image.check import command as check
from modem_image.commands import bench, build, doctor, flash, test
from modem_image.errors import UserError
from modem_image.kernel_config import command as kernel_config
from modem_image.release import command as release
from modem_image.serve import command as serve

EXIT_INTERRUPTED = 130
COMMANDS = (build, test, check, kernel_config, bench, doctor, release, serve, flash, render)


def parser() -> argparse.ArgumentParser:
    """All commands."""
    top = argparse.ArgumentParser(
        prog="modem-image",
        description="Images for Toradex Colibri iMX7 that bring Huawei USB modems up.",
        epilog="Exit status: 0 right, 1 faults found, 2 unusable input or usage, 3 something missing here.",
    )
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in COMMANDS:
        module.add_parser(commands)
    return top


def main(arguments: Sequence[str]) -> int:
    """The exit status. Errors for people end here, without a traceback."""
    args, rest = parser().parse_known_args(arguments)
    args.rest = rest
    if rest and args.run is not test.run:
        parser().error(f"unrecognized arguments: {' '.join(rest)}")
    # Ended from outside, the command cleans up as it does for Ctrl-C.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        # Wherever it happens: a folder that another user made in this checkout is nobody's bug.
        with denials_explained():
            return int(args.run(args))
    except UserError as error:
        print(f"modem-image: {error}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        print("modem-image: interrupted; nothing half-written was left under a final name", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
