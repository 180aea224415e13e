# SPDX-License-Identifier: MIT
"""Errors for people, each with the exit status that the command ends with."""

from __future__ import annotations

EXIT_OK, EXIT_FAULT, EXIT_UNUSABLE, EXIT_MISSING = 0, 1, 2, 3


class UserError(Exception):
    """What is wrong, where, and what to do. Shown without a traceback."""

    exit_status = EXIT_UNUSABLE


class InputError(UserError):
    """The input cannot be used: not the format it claims to be, truncated, unsafe."""


class MissingError(UserError):
    """Something needed is missing on this machine; the message names the command that installs it."""

    exit_status = EXIT_MISSING
