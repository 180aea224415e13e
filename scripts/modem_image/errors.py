# SPDX-License-Identifier: MIT
"""Errors for people, each with the exit status that the command ends with."""

from __future__ import annotations

from collections.abc import Callable

EXIT_OK, EXIT_FAULT, EXIT_UNUSABLE, EXIT_MISSING = 0, 1, 2, 3


class UserError(Exception):
    """What is wrong, where, and what to do. Shown without a traceback."""

    exit_status = EXIT_UNUSABLE


class InputError(UserError):
    """The input cannot be used: not the format it claims to be, truncated, unsafe."""


class MissingError(UserError):
    """Something needed is missing on this machine; the message names the command that installs it."""

    exit_status = EXIT_MISSING


class FaultError(UserError):
    """The work was done and found a fault."""

    exit_status = EXIT_FAULT


def check_all(*checks: Callable[[], object]) -> None:
    """Run every check, so that all that is wrong is said at once.

    Raises what the only failing one raises, or one error with the words of them all: an InputError when one
    of them is, else a MissingError.
    """
    wrong = []
    for check in checks:
        try:
            check()
        except UserError as error:
            wrong.append(error)
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        unusable = any(error.exit_status == EXIT_UNUSABLE for error in wrong)
        raise (InputError if unusable else MissingError)("\n".join(map(str, wrong)))
