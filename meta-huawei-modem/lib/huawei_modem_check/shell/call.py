# SPDX-License-Identifier: MIT
"""A command that the shell comes to, as those that answer for it take it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from huawei_modem_check.shell.budget import Budget
from huawei_modem_check.shell.values import Reason, State, Value
from huawei_modem_check.shell.words import Expander, Fields
from huawei_modem_check.shell.world import World

if TYPE_CHECKING:
    from huawei_modem_check.shell.tree import Node

NOT_FOUND = 127


class Frame:
    """What leaves a loop or a function before its end."""

    def __init__(self) -> None:
        self.left: list[State] = []
        self.again: list[State] = []


class Running(Protocol):
    """The shell (`interpreter.Shell`), as those see it who answer for a part of the language."""

    world: World
    budget: Budget
    loops: list[Frame]
    calls: list[Frame]
    waits: Reason | None
    is_inner: bool
    has_outer_loop: bool

    @property
    def exits(self) -> Sequence[object]: ...

    def leave(self, state: State, status: int, reason: Reason) -> None: ...

    def anything(self, state: State, reason: Reason) -> None: ...

    def joined(self, line: int, states: Iterable[State | None]) -> State | None: ...

    def run(self, node: Node, state: State, tested: bool) -> State | None: ...

    def branches(self, state: State | None) -> tuple[State | None, State | None]: ...

    def subshell(self, body: Node, state: State, tested: bool) -> State | None: ...

    def expander(self, state: State, line: int) -> Expander: ...

    def call(self, body: Node, state: State, fields: Fields, tested: bool) -> State | None: ...

    def program(self, call: Call) -> State | None: ...

    def finds(self, name: Value, state: State) -> bool | None: ...


class Call(NamedTuple):
    """`fields` begin with the command's name; `reason` is its place."""

    shell: Running
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

    def spend(self, cost: int) -> None:
        """Raises TooMuchError."""
        self.shell.budget.spend(self.reason.line, cost)

    def waits(self) -> None:
        """It waits for input, which the installer never gives and never ends (QProcess's open channel)."""
        self.shell.waits = self.shell.waits or Reason(
            self.reason.line, f"{self.reason.text}: it waits for input, and the installer gives none"
        )

    def unknown(self) -> State:
        """It runs something in this shell that is not known, and that may end it."""
        self.shell.anything(self.state, self.reason)
        return self.state
