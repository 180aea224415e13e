# SPDX-License-Identifier: MIT
"""The exit statuses of every command, and the error that ends one with a sentence."""

from __future__ import annotations

EXIT_OK, EXIT_FAULT, EXIT_UNUSABLE, EXIT_MISSING = 0, 1, 2, 3


class CommandError(Exception):
    """Ends a command with a message for people and an exit status."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status
