# SPDX-License-Identifier: MIT
"""Standard input, output and error, in whatever state they are. The host's commands use it too."""

from __future__ import annotations

import contextlib
import io
import os
import sys


def make_usable() -> None:
    """Gives each closed one a place to read from or write to, and lets no character stop what is printed.

    A file that is opened would else become the standard output.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            handle = os.open(os.devnull, os.O_RDWR)
            if handle != number:
                os.dup2(handle, number)
                os.close(handle)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def written(program: str, status: int, unusable: int) -> int:
    """`status`, once all that was printed is written; `unusable` and a sentence where it cannot be.

    A pipe whose reader has gone is no error: he has seen what he wanted.
    """
    try:
        sys.stdout.flush()
    except OSError as err:
        # Python flushes once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(err, BrokenPipeError):
            complain(f"{program}: standard output: {err.strerror}")
            status = unusable
    try:
        sys.stderr.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    return status


def complain(text: str) -> None:
    """Writes a line to standard error, if that can be written: else nobody would hear it anyway."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr)
