# SPDX-License-Identifier: MIT
"""Every way that a script may take: conditions, loops, functions, pipes and subshells.

A condition that is not known is followed both ways, and what both ways leave is kept as far as it is the
same. The facts are those of BusyBox's ash 1.35 and 1.36.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from huawei_modem_check.shell import commands, loops, simple
from huawei_modem_check.shell.budget import STEP, Budget
from huawei_modem_check.shell.call import Call, Frame
from huawei_modem_check.shell.reader import read
from huawei_modem_check.shell.scanner import NotUnderstoodError, TooMuchError
from huawei_modem_check.shell.tree import (
    AndOr,
    Background,
    Case,
    Commands,
    For,
    Function,
    Group,
    If,
    Loop,
    Pipeline,
    Simple,
)
from huawei_modem_check.shell.values import (
    ANY,
    FAILED,
    UNKNOWN,
    Reason,
    State,
    Value,
    joined_states,
    joined_status,
    known,
)
from huawei_modem_check.shell.words import Expander, Fields, ShellEndsError
from huawei_modem_check.shell.world import World

if TYPE_CHECKING:
    from huawei_modem_check.shell.tree import Node, Word

_CALLS = 12


class Exit(NamedTuple):
    status: int
    reason: Reason
    state: State


class _NeverEndsError(Exception):
    """$(...) does not end."""


class Shell:
    """One shell, and its subshells. `exits` are the ways that end it."""

    def __init__(self, world: World, budget: Budget) -> None:
        self.world = world
        self.budget = budget
        self.exits: list[Exit] = []
        self.loops: list[Frame] = []
        self.calls: list[Frame] = []
        self.waits: Reason | None = None
        self.is_inner = False
        self.has_outer_loop = False

    def trapped(self, found: Exit) -> Iterable[Exit]:
        """What the action of a trap for EXIT makes of an end."""
        if found.state.trap == "":
            return [found]
        if found.state.trap is None:
            return [found._replace(status=joined_status(found.status, ANY))]
        inner = self.inner()
        state = found.state.copy()
        state.status, action, state.trap = found.status, found.state.trap, ""
        self.budget.spend(found.reason.line, 2 * len(action))
        try:
            end = inner.run(read(action, found.reason.line or 1), state, True)
        except NotUnderstoodError:
            return [found._replace(status=ANY)]
        inner.exits.extend([found._replace(state=end)] if end is not None else [])
        return inner.exits

    def inner(self) -> Shell:
        """A subshell's, with its own ends."""
        shell = Shell(self.world, self.budget)
        shell.calls, shell.is_inner = [Frame() for _ in self.calls], True
        shell.has_outer_loop = self.has_outer_loop or bool(self.loops)
        return shell

    # --- leaving ------------------------------------------------------------------------------------

    def leave(self, state: State, status: int, reason: Reason) -> None:
        self.exits.append(Exit(status, reason, state.copy()))

    def anything(self, state: State, reason: Reason) -> None:
        """Something runs in this shell that is not known, and it may end it."""
        self.leave(state, ANY, reason)
        state.forget()
        state.status, state.reason = ANY, reason

    def checked(self, state: State | None, tested: bool) -> State | None:
        """What set -e makes of a command that has ended."""
        if state is None or tested or state.strict is False or state.status == 0:
            return state
        self.leave(state, state.status if state.status >= 0 else FAILED, state.reason)
        if state.strict and state.status != ANY:
            return None
        if state.strict:
            state.status = 0
        return state

    def joined(self, line: int, states: Iterable[State | None]) -> State | None:
        """What is known when it is one of these."""
        return joined_states(states, functools.partial(self.budget.spend, line))

    # --- commands -----------------------------------------------------------------------------------

    def run(self, node: Node, state: State, tested: bool) -> State | None:
        """The state after `node`, None when nothing comes after it. `tested` is the place of a condition."""
        self.budget.spend(node.line, STEP + state.weight() // 4)
        method: Callable[[Node, State, bool], State | None] = getattr(self, f"_{type(node).__name__.lower()}")
        return method(node, state, tested)

    def _commands(self, node: Commands, state: State, tested: bool) -> State | None:
        now: State | None = state
        if not node.items:
            state.status = 0
        for item in node.items:
            if now is None:
                break
            now = self.run(item, now, tested)
        return now

    def _background(self, _node: Background, state: State, _tested: bool) -> State | None:
        state.is_written = True
        state.status = 0
        return state

    def _andor(self, node: AndOr, state: State, tested: bool) -> State | None:
        yes, no = self.branches(self.run(node.left, state, True))
        going, skipped = (no, yes) if node.is_or else (yes, no)
        after = self.run(node.right, going, tested) if going is not None else None
        return self.joined(node.line, (skipped, after))

    @staticmethod
    def branches(state: State | None) -> tuple[State | None, State | None]:
        """The state when the last status is 0, and when it is not; None is a way that is not taken."""
        if state is None:
            return None, None
        yes = state.copy() if state.status in (0, ANY) else None
        no = state.copy() if state.status != 0 else None
        if yes is not None:
            yes.status = 0
        if no is not None and no.status == ANY:
            no.status = FAILED
        return yes, no

    def _if(self, node: If, state: State, tested: bool) -> State | None:
        ends: list[State | None] = []
        now: State | None = state
        for condition, body in node.arms:
            if now is None:
                break
            yes, now = self.branches(self.run(condition, now, True))
            if yes is not None:
                ends.append(self.run(body, yes, tested))
        if now is not None:
            now.status = 0
            ends.append(self.run(node.otherwise, now, tested) if node.otherwise else now)
        return self.joined(node.line, ends)

    def _case(self, node: Case, state: State, tested: bool) -> State | None:
        expander = self.expander(state, node.line)
        try:
            subject = expander.text(node.word)
            ends: list[State | None] = []
            for patterns, body in node.clauses:
                fits = [self.fits(expander, pattern, subject) for pattern in patterns]
                if not any(fit is not False for fit in fits):
                    continue
                taken = state.copy()
                taken.status = 0
                ends.append(self.run(body, taken, tested))
                if any(fits):
                    return self.joined(node.line, ends)
        except ShellEndsError as end:
            return self.ended(state, node.line, end)
        state.status = 0
        return self.joined(node.line, (*ends, state))

    @staticmethod
    def fits(expander: Expander, pattern: Word, subject: Value) -> bool | None:
        compiled = expander.pattern(pattern)
        if compiled is None:
            return None
        if subject.text is None:
            if compiled.pattern == ".*":
                return True
            return False if compiled.pattern == "" and subject.is_full else None
        if expander.too_many(compiled, subject.text):
            return None
        return compiled.fullmatch(subject.text) is not None

    def _for(self, node: For, state: State, tested: bool) -> State | None:
        try:
            return loops.run_for(self, node, state, tested)
        except ShellEndsError as end:
            return self.ended(state, node.line, end)

    def _loop(self, node: Loop, state: State, tested: bool) -> State | None:
        return loops.run_while(self, node, state, tested)

    def _function(self, node: Function, state: State, _tested: bool) -> State | None:
        state.functions[node.name] = node.body
        state.status = 0
        return state

    def _group(self, node: Group, state: State, tested: bool) -> State | None:
        before, output = state.stdin, state.output
        try:
            opened = simple.redirect(self, self.expander(state, node.line), node.redirections)
        except ShellEndsError as end:
            return self.ended(state, node.line, end)
        failed = None if opened else simple.without(state, node.line, before, output)
        if opened is False:
            return failed
        if node.is_subshell:
            now = self.checked(self.subshell(node.body, state, tested), tested)
        else:
            now = self.run(node.body, state, tested)
        if now is not None:
            simple.restore(now, node.redirections, before, output)
        return self.joined(node.line, (now, failed))

    def _pipeline(self, node: Pipeline, state: State, tested: bool) -> State | None:
        if len(node.parts) == 1:
            now = self.run(node.parts[0], state, True)
            if now is not None:
                now.status = {0: 1, ANY: ANY}.get(now.status, 0)
                now.reason = Reason(node.line, "! of what ends well")
            return now
        now = self.piped(node, state, tested or node.negated)
        if now is not None and node.negated:
            now.status = {0: 1, ANY: ANY}.get(now.status, 0)
            return now
        return self.checked(now, tested)

    def piped(self, node: Pipeline, state: State, tested: bool) -> State | None:
        stdin, output = state.stdin, state.output
        printed: str | None = None
        ended: list[tuple[int, Reason]] = []
        for number, part in enumerate(node.parts):
            inner = state.copy()
            inner.stdin, inner.output = stdin, ""
            last = number == len(node.parts) - 1
            after = self.subshell(part, inner, tested)
            if after is None:
                if last:
                    return None
                stdin = "unknown"
                ended.append((ANY, Reason(node.line, "a command of a pipe")))
                continue
            stdin = after.output.encode("utf-8", "surrogateescape") if after.output is not None else "unknown"
            ended.append((after.status, after.reason))
            printed = after.output
            state.is_written = state.is_written or after.is_written
        state.output = output
        state.prints(printed)
        state.status, state.reason = ended[-1]
        if state.pipefail is not False:
            self.pipe_failed(state, ended[:-1])
        return state

    @staticmethod
    def pipe_failed(state: State, parts: Iterable[tuple[int, Reason]]) -> None:
        """What set -o pipefail makes of the statuses before the last."""
        for status, reason in parts:
            if status == 0 or state.status not in (0, ANY):
                continue
            if state.status == 0:
                state.reason = reason
            state.status = FAILED if state.pipefail and status != ANY else ANY

    def subshell(self, body: Node, state: State, tested: bool) -> State | None:
        """`state` after a subshell that runs `body`: its status, and what it prints."""
        inner = self.inner()
        child = state.copy()
        child.trap = ""
        end = inner.run(body, child, tested)
        self.waits = self.waits or inner.waits
        for frame in inner.calls:
            inner.exits.extend(Exit(left.status, left.reason, left) for left in frame.left)
        if end is not None:
            inner.exits.append(Exit(end.status, end.reason, end))
        ways = [way for found in inner.exits for way in self.trapped(found)]
        if not ways:
            return None
        state.status, state.reason = ways[0].status, ways[0].reason
        outputs = {way.state.output for way in ways}
        state.output = outputs.pop() if len(outputs) == 1 else None
        for way in ways:
            if state.status == 0:
                state.reason = way.reason
            state.status = joined_status(state.status, way.status)
            state.is_written = state.is_written or way.state.is_written
            state.is_mounted = state.is_mounted or way.state.is_mounted
        return state

    # --- simple commands ----------------------------------------------------------------------------

    def expander(self, state: State, line: int) -> Expander:
        return Expander(state, line, self.printed, self.leave, self.world, self.budget)

    def printed(self, body: Commands, state: State) -> tuple[Value, int]:
        """What $(...) prints, and its status."""
        child = state.copy()
        child.output, child.strict = "", False
        after = self.subshell(body, child, False)
        if after is None:
            raise _NeverEndsError
        state.is_written = state.is_written or after.is_written
        state.reason = after.reason
        text = after.output
        return (UNKNOWN if text is None else known(text.rstrip("\n"))), after.status

    def ended(self, state: State, line: int, end: ShellEndsError) -> State | None:
        """The shell ends over an expansion."""
        self.leave(state, end.status, Reason(line, str(end)))
        return None

    def _simple(self, node: Simple, state: State, tested: bool) -> State | None:
        try:
            return self.checked(simple.run(self, node, state, tested), tested)
        except ShellEndsError as end:
            return self.ended(state, node.line, end)
        except _NeverEndsError:
            return None

    def program(self, call: Call) -> State | None:
        """A command that is neither the shell's nor the script's own."""
        return commands.run(call)

    def finds(self, name: Value, state: State) -> bool | None:
        """Whether there is a command of this name; None is not known."""
        return commands.is_command(self, name, state)

    def call(self, body: Node, state: State, fields: Fields, tested: bool) -> State | None:
        """A function of the script's own."""
        if len(self.calls) >= _CALLS:
            raise TooMuchError(body.line, "its functions call one another too deeply")
        frame = Frame()
        before = state.arguments, state.arguments_known
        state.arguments, state.arguments_known = fields.values[1:], fields.is_exact
        self.calls.append(frame)
        loops, self.loops = self.loops, []
        local, state.locals = state.locals, {}
        now = self.joined(body.line, (self.run(body, state, tested), *frame.left))
        self.loops = loops
        self.calls.pop()
        if now is not None:
            for name, value in now.locals.items():
                now.variables[name] = value
            now.locals = local
            now.arguments, now.arguments_known = before
        return now
