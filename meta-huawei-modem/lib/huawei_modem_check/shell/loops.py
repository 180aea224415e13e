# SPDX-License-Identifier: MIT
"""Loops: one round after the other as long as that is known, and then until nothing new comes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from huawei_modem_check.shell.call import Frame, Running
from huawei_modem_check.shell.tree import Commands, For, Loop
from huawei_modem_check.shell.values import ANY, UNKNOWN, Reason, State, Value
from huawei_modem_check.shell.words import Fields

if TYPE_CHECKING:
    from collections.abc import Callable

_ROUNDS = 60


def run_for(shell: Running, node: For, state: State, tested: bool) -> State | None:
    expander = shell.expander(state, node.line)
    fields = (
        Fields(list(state.arguments), state.arguments_known)
        if node.words is None
        else expander.fields(node.words)
    )
    state.status = 0
    if fields.is_exact:
        return _each(shell, node, fields.values, state, tested)

    def one_more(now: State) -> tuple[State | None, State | None]:
        ended = now.copy()
        now.variables[node.name] = UNKNOWN
        return now, ended

    return _rounds(shell, one_more, node.body, state, tested)


def _each(shell: Running, node: For, values: Iterable[Value], state: State, tested: bool) -> State | None:
    """A round for each of the values."""
    now: State | None = state
    frame = Frame()
    shell.loops.append(frame)
    for value in values:
        if now is None:
            break
        now.variables[node.name] = value
        after = shell.run(node.body, now, tested)
        now = shell.joined(node.line, (after, *frame.again))
        frame.again = []
    shell.loops.pop()
    return shell.joined(node.line, (now, *frame.left))


def run_while(shell: Running, node: Loop, state: State, tested: bool) -> State | None:
    def condition(now: State) -> tuple[State | None, State | None]:
        status = now.status
        yes, no = shell.branches(shell.run(node.condition, now, True))
        yes, no = (no, yes) if node.until else (yes, no)
        if no is not None:
            no.status = status
        return yes, no

    state.status = 0
    return _rounds(shell, condition, node.body, state, tested)


def _rounds(
    shell: Running,
    condition: Callable[[State], tuple[State | None, State | None]],
    body: Commands,
    state: State,
    tested: bool,
) -> State | None:
    """A loop: one round after the other as long as it is known, and then until nothing new comes."""
    ends: list[State | None] = []
    now: State | None = state
    frame = Frame()
    shell.loops.append(frame)
    merging = False
    for count in range(_ROUNDS * 3):
        if now is None:
            break
        begun = now.copy()
        going, ended = condition(now)
        ends.append(ended)
        after = shell.run(body, going, tested) if going is not None else None
        frame.again, again = [], frame.again
        after = shell.joined(body.line, (after, *again))
        merging = merging or (ended is not None and after is not None) or count > _ROUNDS
        if count > 2 * _ROUNDS and after is not None:
            after.forget()
            after.status = ANY
        now = shell.joined(body.line, (begun, after)) if merging and after is not None else after
        if now == begun:
            break
    shell.loops.pop()
    after = shell.joined(body.line, (*ends, *frame.left))
    if after is None and not shell.exits:
        shell.waits = shell.waits or Reason(body.line, "this loop goes on for ever")
    return after
