# SPDX-License-Identifier: MIT
"""Simple commands: their fields, redirections and assignments, and who answers for their name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from huawei_modem_check.shell import builtins, commands
from huawei_modem_check.shell.call import Call, Running
from huawei_modem_check.shell.tree import Literal, Redirection, Simple
from huawei_modem_check.shell.values import MISUSED, Reason, State, Value
from huawei_modem_check.shell.words import Expander, Fields, ShellEndsError
from huawei_modem_check.shell.world import is_elsewhere

if TYPE_CHECKING:
    from huawei_modem_check.shell.tree import Word

_SHOWN = 60
_ASSIGN = {Literal(name, False) for name in ("export", "readonly", "local")}
_ASSIGNS = re.compile(r"([A-Za-z_]\w*)=", re.ASCII)


def run(shell: Running, node: Simple, state: State, tested: bool) -> State | None:
    """The state after a simple command. Raises ShellEndsError."""
    expander = shell.expander(state, node.line)
    fields = _fields(expander, node)
    bare = not fields.values and fields.is_exact
    first = fields.values[0] if fields.values else Value()
    if not bare and first.text is None and first.folder is None:
        redirect(shell, expander, node.redirections)
        shell.anything(state, Reason(node.line, "a command whose name is not known"))
        return state
    before, output = state.stdin, state.output
    opened = redirect(shell, expander, node.redirections)
    failed = None if opened else _not_opened(shell, node, state, first, before, output)
    if opened is False:
        return failed
    saved = {name: state.variables.get(name) for name, _word in node.assignments}
    held = [name for name in saved if name in state.variables]
    for name, word in node.assignments:
        _set(expander, name, word)
    if bare:
        state.status = 0 if expander.output_status is None else expander.output_status
        now: State | None = state
    else:
        now = _called(shell, Call(shell, state, fields, Reason(node.line, shown(fields))), tested)
    if now is not None:
        if not bare and first.text not in builtins.SPECIAL:
            for name, value in saved.items():
                now.variables.pop(name, None)
                if name in held:
                    now.variables[name] = value
        if first.text != "exec" or len(fields.values) > 1:
            restore(now, node.redirections, before, output)
    return shell.joined(node.line, (now, failed))


def _fields(expander: Expander, node: Simple) -> Fields:
    """The command's fields; what export and its kin assign is not split."""
    first = node.words[0] if node.words else ()
    if len(first) != 1 or first[0] not in _ASSIGN:
        return expander.fields(node.words)
    values = list(expander.fields(node.words[:1]).values)
    exact = True
    for word in node.words[1:]:
        begin = word[0]
        if isinstance(begin, Literal) and not begin.quoted and (match := _ASSIGNS.match(begin.text)):
            rest = (begin._replace(text=begin.text[match.end() :]), *word[1:])
            values.append(expander.text(rest)._replace(key=match[1]))
            continue
        more = expander.split(word)
        values.extend(more.values)
        exact = exact and more.is_exact
    return Fields(values, exact)


def _set(expander: Expander, name: str, word: Word) -> None:
    value = expander.text(word)
    if name in expander.state.readonly:
        raise ShellEndsError(MISUSED, f"{name} is read-only")
    expander.state.variables[name] = value


def _called(shell: Running, call: Call, tested: bool) -> State | None:
    name = call.name or ""
    if name in call.state.functions:
        body = call.state.functions[name]
        return call.unknown() if body is None else shell.call(body, call.state, call.fields, tested)
    return builtins.ALL[name](call) if name in builtins.ALL else commands.run(call)


def shown(fields: Fields) -> str:
    """A command as a reader knows it again."""
    words = ["…" if value.text is None else value.text for value in fields.values]
    text = " ".join(words) + ("" if fields.is_exact else " …")
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


# --- redirections --------------------------------------------------------------------------------------


def redirect(shell: Running, expander: Expander, redirections: Iterable[Redirection]) -> bool | None:
    """Opens them in the expander's state. Whether all of them can be opened; None is not known."""
    state = expander.state
    answer: bool | None = True
    for item in redirections:
        target = expander.text(item.target)
        opened: bool | None = True
        if item.operator == "<<":
            known = target.text
            state.stdin = "unknown" if known is None else known.encode("utf-8", "surrogateescape")
        elif item.operator == "<":
            opened = {"none": False, "": None}.get(shell.world.kind(target, state), True)
            content = shell.world.content(target, state)
            state.stdin = "unknown" if content is None else content
        elif item.operator not in (">&", "<&"):
            opened = shell.world.can_write(target, state)
            state.is_written = state.is_written or (opened is not False and not is_elsewhere(target))
        if opened is False:
            return False
        answer = answer if opened else None
    return answer


def restore(
    state: State, redirections: Iterable[Redirection], stdin: str | bytes, output: str | None
) -> None:
    """Ends redirections: what stood before them, from then on."""
    descriptors = {item.descriptor for item in redirections}
    if 0 in descriptors:
        state.stdin = stdin
    if 1 in descriptors:
        state.output = output


def _not_opened(
    shell: Running, node: Simple, state: State, first: Value, stdin: str | bytes, output: str | None
) -> State | None:
    """The state when a file cannot be opened; a special command ends the shell with it."""
    failed = without(state, node.line, stdin, output)
    if first.text not in builtins.SPECIAL or first.text in state.functions:
        return failed
    shell.leave(failed, failed.status, failed.reason)
    return None


def without(state: State, line: int, stdin: str | bytes, output: str | None) -> State:
    """`state` after a command that was not run, as a file of its could not be opened."""
    failed = state.copy()
    failed.stdin, failed.output = stdin, output
    failed.status, failed.reason = 1, Reason(line, "a file that cannot be opened")
    return failed
