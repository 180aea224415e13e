# SPDX-License-Identifier: MIT
"""A command that the shell comes to, as those that answer for it take it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from huawei_modem_check.shell.values import Reason, State, Value
from huawei_modem_check.shell.words import Fields

if TYPE_CHECKING:
    from huawei_modem_check.shell.interpreter import Shell

MISUSED = 2
NOT_FOUND = 127
_PRINTED = 65536


class Call(NamedTuple):
    """`fields` begin with the command's name; `reason` is its place."""

    shell: Shell
    state: State
    fields: Fields
    reason: Reason

    @property
    def name(self) -> str | None:
        return self.fields.values[0].text

    @property
    def words(self) -> Sequence[Value]:
        return self.fields.values[1:]

    @property
    def is_exact(self) -> bool:
        return self.fields.is_exact

    def ends(self, status: int, why: str = "") -> State:
        """The state after it; `why` says more than the command itself."""
        self.state.status = status
        self.state.reason = Reason(self.reason.line, f"{self.reason.text}: {why}") if why else self.reason
        return self.state

    def leaves(self, status: int, why: str = "") -> None:
        """It ends the shell."""
        reason = Reason(self.reason.line, f"{self.reason.text}: {why}") if why else self.reason
        self.shell.leave(self.state, status, reason)

    def prints(self, text: str) -> None:
        """It prints `text`; very much is not kept."""
        if self.state.output is not None:
            self.state.output = self.state.output + text if len(self.state.output) < _PRINTED else None

    def waits(self) -> None:
        """It waits for input, which the installer never gives and never ends (QProcess's open channel)."""
        self.shell.waits = self.shell.waits or Reason(
            self.reason.line, f"{self.reason.text}: it waits for input, and the installer gives none"
        )

    def unknown(self) -> State:
        """It runs something in this shell that is not known, and that may end it."""
        self.shell.anything(self.state, self.reason)
        return self.state
