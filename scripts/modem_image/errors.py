# SPDX-License-Identifier: MIT
"""Errors for people, each with the exit status that the command ends with."""

from __future__ import annotations

from collections.abc import Callable

from huawei_modem_check.errors import (
    EXIT_FAULT,
    EXIT_MISSING,
    EXIT_OK,
    EXIT_UNUSABLE,
    InputError,
    MissingError,
    UserError,
)

__all__ = [
    "EXIT_FAULT",
    "EXIT_MISSING",
    "EXIT_OK",
    "EXIT_UNUSABLE",
    "FaultError",
    "InputError",
    "MissingError",
    "UserError",
    "check_all",
]


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
