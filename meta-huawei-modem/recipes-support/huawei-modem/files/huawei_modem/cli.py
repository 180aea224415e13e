# SPDX-License-Identifier: MIT
"""The command line: which command, its arguments, its exit status, and what escapes it."""

from __future__ import annotations

import argparse
import functools
import importlib
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from huawei_modem import __version__, outputs, standard
from huawei_modem.commands import COMMANDS
from huawei_modem.errors import EXIT_MISSING, EXIT_OK, EXIT_UNUSABLE, CommandError, said_by_system
from huawei_modem.text import printable

PROGRAM = "huawei-modem"
EXIT_INTERRUPTED = 130


def main(argv: list[str] | None = None) -> int:
    """Runs one command. Exit status: 0 right, 1 fault, 2 unusable input, 3 something is missing."""
    standard.make_usable()
    try:
        args = parse(sys.argv[1:] if argv is None else argv)
        outputs.vet(args)
        status = int(args.run(args))
    except (CommandError, outputs.OutputError) as err:
        standard.complain(f"{PROGRAM}: {_shown(str(err))}")
        status = err.status if isinstance(err, CommandError) else EXIT_UNUSABLE
    except KeyboardInterrupt:
        status = EXIT_INTERRUPTED
    except BrokenPipeError:
        status = EXIT_OK
    except OSError as err:
        standard.complain(f"{PROGRAM}: {_shown(said_by_system(err))}")
        status = EXIT_UNUSABLE
    except Exception as err:  # noqa: BLE001  (the last guard: a fault of ours is a sentence too)
        status = _unforeseen(err)
    return standard.written(PROGRAM, status, EXIT_UNUSABLE)


def parse(argv: list[str]) -> argparse.Namespace:
    """The arguments of the command that comes first; `run` does it.

    Raises CommandError for a command that there is not, SystemExit when argparse has said what is wrong with
    the rest, or shown what was asked for.
    """
    top = _Parser(prog=PROGRAM, add_help=False)
    top.add_argument("--root", type=Path, default=Path("/"), help=argparse.SUPPRESS)
    top.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    top.add_argument("-h", "--help", action="store_true")
    top.add_argument("command", nargs="?")
    top.add_argument("rest", nargs=argparse.REMAINDER)
    first = top.parse_args(argv)
    if first.command is None:
        print(overview())
        raise SystemExit(EXIT_OK if first.help else EXIT_UNUSABLE)
    if first.command not in COMMANDS:
        raise CommandError(
            f"{first.command!r} is not a command{_nearest(first.command, COMMANDS)}; there is: "
            f"{', '.join(COMMANDS)}",
            EXIT_UNUSABLE,
        )
    rest = vars(first).pop("rest")
    return command_parser(first.command).parse_args(rest, first)


def overview() -> str:
    """What `huawei-modem --help` shows."""
    width = max(map(len, COMMANDS))
    return "\n".join(
        [
            f"usage: {PROGRAM} COMMAND …",
            f"       {PROGRAM} COMMAND --help | --version",
            "",
            "Huawei USB modems under ConnMan and oFono: what is there, and what is wrong.",
            "",
            *(f"  {name:{width}}  {purpose}" for name, purpose in COMMANDS.items()),
            "",
            f"examples: {PROGRAM} status; {PROGRAM} doctor --fix --dry-run",
            "",
            "Exit status: 0 right, 1 faults found, 2 unusable input or usage, or too little",
            "seen to judge (insufficient-data), 3 something needed is missing.",
        ]
    )


def command_parser(name: str) -> argparse.ArgumentParser:
    """The parser of one command, whose module is imported for it."""
    summary = COMMANDS[name]
    parser = _Parser(prog=f"{PROGRAM} {name}", description=f"{summary[0].upper()}{summary[1:]}.")
    module: ModuleType = importlib.import_module(f"huawei_modem.commands.{name.replace('-', '_')}")
    module.configure(parser)
    parser.set_defaults(run=module.run)
    return parser


class _Parser(argparse.ArgumentParser):
    """Says what a misspelt option was meant to be. Help has 80 columns: nobody has to ask the terminal."""

    def __init__(self, **named: Any) -> None:
        super().__init__(formatter_class=functools.partial(argparse.HelpFormatter, width=80), **named)

    def error(self, message: str) -> NoReturn:
        unknown = message.removeprefix("unrecognized arguments: ").split(" ")[0].split("=")[0]
        near = _nearest(unknown, self._option_string_actions) if unknown.startswith("--") else ""
        super().error(printable(message) + near)


def _shown(text: str) -> str:
    return "\n".join(map(printable, text.split("\n")))


def _nearest(name: str, known: object) -> str:
    import difflib  # for a name that is wrong alone

    near = difflib.get_close_matches(name, list(known), 1)  # type: ignore[call-overload]
    return f" (nearest: {near[0]})" if near else ""


def _unforeseen(err: Exception) -> int:
    """Writes what a maintainer needs to a file, and says where it is."""
    import tempfile
    import traceback

    from huawei_modem.mask import Masker

    what = f"{PROGRAM}: {type(err).__name__}, which was not foreseen"
    try:
        lines = "".join(traceback.format_exception(err))
        handle, name = tempfile.mkstemp(prefix=f"{PROGRAM}-fault-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{PROGRAM} {__version__}, Python {sys.version}\n")
            file.writelines(f"{line}\n" for line in Masker().lines(lines))
    except (OSError, MemoryError):
        standard.complain(what)
    else:
        standard.complain(f"{what}. Please send {name} to the maintainers, with the input if you may.")
    return EXIT_MISSING
