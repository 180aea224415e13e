# SPDX-License-Identifier: MIT
"""From the arguments to the one module of the command that they name, and from errors to exit statuses."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from huawei_modem import standard
from huawei_modem.errors import said_by_system
from huawei_modem.text import printable
from modem_image import INSTALLED, console
from modem_image.access import denials_explained
from modem_image.cli.choice import choose
from modem_image.cli.parser import Parser, add_common
from modem_image.commands import COMMANDS, command
from modem_image.errors import EXIT_OK, EXIT_UNUSABLE, InputError, MissingError, UserError

EXIT_INTERRUPTED = 130
PROGRAM = "modem-image"
# Its options that it does not know itself are pytest's.
_PASSES_ON = "test"
# They build in the clone, or from it.
_NEED_CLONE = ("build", "test", "bench", "render")
WANTED = """modem-image: a Huawei USB modem that comes up by itself on a Toradex Colibri iMX7

  try it without hardware            modem-image build
  is my image right?                 modem-image check IMAGE
  why does my stick not work?        modem-image doctor LOG      (or paste: modem-image doctor)

All commands: modem-image --help; of one: modem-image COMMAND --help
"""


def overview() -> str:
    """What `modem-image --help` shows; the commands' own arguments are not in it."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:{width}}  {purpose}" for name, purpose in COMMANDS.items()]
    return "\n".join(
        [
            f"usage: {PROGRAM} COMMAND …",
            f"       {PROGRAM} COMMAND --help",
            f"       {PROGRAM} --version",
            "",
            "Images for Toradex Colibri iMX7 that bring Huawei USB modems up.",
            "",
            *lines,
            "",
            "examples:",
            f"  {PROGRAM} build",
            f"  {PROGRAM} doctor thread.txt",
            "",
            "Exit status: 0 right, 1 faults found, 2 unusable, 3 something missing here.",
            "For bash: source scripts/completion/modem-image",
            "",
        ]
    )


def command_parser(name: str) -> argparse.ArgumentParser:
    """The parser of one command, whose module is imported for it."""
    parser = Parser(prog=f"{PROGRAM} {name}")
    module = command(name)
    module.configure(parser)
    add_common(parser)
    parser.set_defaults(run=module.run)
    return parser


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The arguments of the command that comes first among them; `run` is what it does.

    Raises InputError for a command that there is not, SystemExit when argparse has said what is wrong with
    the others, or shown the help that was asked for.
    """
    name = choose("command", arguments[0], COMMANDS)
    if INSTALLED and name in _NEED_CLONE:
        raise MissingError(
            f"{name} works in a clone of the project, and this is the package that pip has installed\n"
            f"  do: git clone the project, and there: scripts/modem-image {name}"
        )
    parser = command_parser(name)
    if name != _PASSES_ON:
        return parser.parse_args(arguments[1:])
    args, rest = parser.parse_known_args(arguments[1:])
    args.rest = rest
    return args


def main(arguments: Sequence[str]) -> int:
    """The exit status. Errors for people end here, without a traceback."""
    standard.make_usable()
    return standard.written(PROGRAM, _guarded(arguments), EXIT_UNUSABLE)


def _guarded(arguments: Sequence[str]) -> int:
    try:
        return _shown_or_run(arguments)
    except SystemExit as end:
        return int(end.code or 0)
    except UserError as error:
        standard.complain(f"{PROGRAM}: {_shown(str(error))}")
        return error.exit_status
    except KeyboardInterrupt:
        standard.complain(f"{PROGRAM}: interrupted; nothing half-written was left under a final name")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        return EXIT_OK
    except OSError as error:
        # What the system says of a file or a disk is no fault of ours either.
        standard.complain(f"{PROGRAM}: {_shown(said_by_system(error))}")
        return EXIT_UNUSABLE
    except Exception as error:  # noqa: BLE001  the last guard
        from modem_image.cli.guard import describe

        standard.complain(f"{PROGRAM}: {describe(error, arguments)}")
        return EXIT_UNUSABLE


def _shown_or_run(arguments: Sequence[str]) -> int:
    if not arguments:
        sys.stdout.write(WANTED)
        return EXIT_UNUSABLE
    if arguments[0] in ("-h", "--help", "help"):
        sys.stdout.write(overview())
        return EXIT_OK
    if arguments[0] == "--version":
        from modem_image.cli.version import version

        print(f"{PROGRAM} {version()}")
        return EXIT_OK
    return _run(arguments)


def _shown(message: str) -> str:
    """With strings in it that are anybody's: nothing in it steers a terminal."""
    return "\n".join(map(printable, message.split("\n")))


def program() -> int:
    """What pip installs as `modem-image`."""
    return main(sys.argv[1:])


def _run(arguments: Sequence[str]) -> int:
    args = parse(arguments)
    _vet(args)
    console.use_colour(getattr(args, "color", "auto"))
    # Ended from outside, the command cleans up as it does for Ctrl-C.
    for number in (signal.SIGTERM, signal.SIGHUP):
        # nohup's "ignore" stays what it is.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)
    # Wherever it happens: a folder that another user made in this checkout is nobody's bug.
    with denials_explained():
        return int(args.run(args))


def _vet(args: argparse.Namespace) -> None:
    """Raises InputError for a result that may not be written, before the command does anything."""
    from huawei_modem import outputs

    try:
        outputs.vet(args)
    except outputs.OutputError as err:
        raise InputError(str(err)) from err


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
