# SPDX-License-Identifier: MIT
"""The exit statuses of every command, and the error that ends one with a sentence."""

from __future__ import annotations

EXIT_OK, EXIT_FAULT, EXIT_UNUSABLE, EXIT_MISSING = 0, 1, 2, 3


def said_by_system(error: OSError) -> str:
    """What the system refused, and of which file."""
    names = [str(name) for name in (error.filename, error.filename2) if name not in (None, "")]
    return ": ".join(
        [*(name if len(name) < 100 else f"{name[:99]}\u2026" for name in names), str(error.strerror or error)]
    )


def what_is_beyond(error: Exception) -> str:
    """What a parser of Python's does not take of a well-formed text: its own words are about Python."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return "a number of too many digits" if "digits" in str(error) else str(error)


class CommandError(Exception):
    """Ends a command with a message for people and an exit status."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status
