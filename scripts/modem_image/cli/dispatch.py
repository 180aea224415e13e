# SPDX-License-Identifier: MIT
"""From the arguments to the one module of the command that they name, and from errors to exit statuses."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from modem_image.access import denials_explained
from modem_image.commands import COMMANDS, command
from modem_image.errors import UserError

EXIT_INTERRUPTED = 130
PROGRAM = "modem-image"
# Its options that it does not know itself are pytest's.
_PASSES_ON = "test"


def top_parser() -> argparse.ArgumentParser:
    """What `modem-image --help` shows; the commands' own arguments are not in it."""
    width = max(map(len, COMMANDS))
    listing = "\n".join(f"  {name:{width}}  {purpose}" for name, purpose in COMMANDS.items())
    top = argparse.ArgumentParser(
        prog=PROGRAM,
        usage=f"{PROGRAM} COMMAND …",
        description="Images for Toradex Colibri iMX7 that bring Huawei USB modems up.",
        epilog=f"commands:\n{listing}\n\n"
        "Exit status: 0 right, 1 faults found, 2 unusable input or usage, 3 something missing here.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("command", metavar="COMMAND", choices=COMMANDS, help=argparse.SUPPRESS)
    return top


def command_parser(name: str) -> argparse.ArgumentParser:
    """The parser of one command, whose module is imported for it."""
    parser = argparse.ArgumentParser(prog=f"{PROGRAM} {name}")
    module = command(name)
    module.configure(parser)
    parser.set_defaults(run=module.run)
    return parser


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The arguments of the command that comes first among them; `run` is what it does.

    Raises SystemExit when it has said what is wrong with them, or shown the help that was asked for.
    """
    name = top_parser().parse_args(arguments[:1]).command
    parser = command_parser(name)
    if name != _PASSES_ON:
        return parser.parse_args(arguments[1:])
    args, rest = parser.parse_known_args(arguments[1:])
    args.rest = rest
    return args


def main(arguments: Sequence[str]) -> int:
    """The exit status. Errors for people end here, without a traceback."""
    try:
        args = parse(arguments)
    except SystemExit as end:
        return int(end.code or 0)
    # Ended from outside, the command cleans up as it does for Ctrl-C.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        # Wherever it happens: a folder that another user made in this checkout is nobody's bug.
        with denials_explained():
            return int(args.run(args))
    except UserError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        print(f"{PROGRAM}: interrupted; nothing half-written was left under a final name", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
