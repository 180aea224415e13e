# SPDX-License-Identifier: MIT
"""How much work a script may cause: anybody wrote it, and the check has 96 MiB and a second or two for it."""

from __future__ import annotations

from huawei_modem_check.shell.scanner import TooMuchError

_ALL = 200_000
STEP = 20
"""What one command costs, without its words."""


class Budget:
    """What is left, in units of about 4 microseconds, for a shell and all of its subshells."""

    def __init__(self) -> None:
        self.left = _ALL

    def spend(self, line: int, cost: int) -> None:
        """Raises TooMuchError when nothing is left."""
        self.left -= cost
        if self.left < 0:
            raise TooMuchError(line, "its course is too long to be followed")
