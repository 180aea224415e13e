# SPDX-License-Identifier: MIT
"""The commands that are ash's own, but for those that change the shell's state (`settings`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from huawei_modem_check.shell import conditions, settings
from huawei_modem_check.shell.arithmetic import ArithmeticFaultError, UnmodelledError, evaluate
from huawei_modem_check.shell.call import NOT_FOUND, Call
from huawei_modem_check.shell.reader import read
from huawei_modem_check.shell.scanner import NotUnderstoodError
from huawei_modem_check.shell.values import ANY, FAILED, MISUSED, State
from huawei_modem_check.shell.words import Fields, ShellEndsError
from huawei_modem_check.shell.world import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable

    Builtin = Callable[[Call], State | None]


def _well(call: Call) -> State | None:
    return call.ends(0)


def _false(call: Call) -> State | None:
    return call.ends(1)


def _unknown(call: Call) -> State | None:
    return call.ends(ANY)


def _pwd(call: Call) -> State | None:
    call.state.prints(None)
    return call.ends(0)


def _echo(call: Call) -> State | None:
    texts = [value.text for value in call.words]
    newline = "\n"
    if texts and texts[0] == "-n":
        newline = ""
        texts.pop(0)
    plain = call.is_exact and all(text is not None and "\\" not in text for text in texts)
    if not plain or (texts and (texts[0] or "").startswith("-")):
        call.state.prints(None)
    else:
        call.state.prints(" ".join(text for text in texts if text is not None) + newline)
    return call.ends(0)


def _printf(call: Call) -> State | None:
    if not call.words and call.is_exact:
        return call.ends(MISUSED)
    form = call.words[0].text if call.words and call.is_exact else None
    if form in ("%s", "%s\\n") and len(call.words) == 2 and (text := call.words[1].text) is not None:
        call.state.prints(text + ("\n" if form != "%s" else ""))
        return call.ends(0)
    call.state.prints(None)
    plain = form is not None and "%" not in form.replace("%%", "").replace("%s", "")
    return call.ends(0 if plain else ANY)


def _test(call: Call) -> State | None:
    words = list(call.words)
    if call.name in ("[", "[["):
        closing = {"[": "]", "[[": "]]"}[call.name]
        if not words or words[-1].text != closing:
            return call.ends(MISUSED if call.is_exact else ANY)
        words.pop()
    if not call.is_exact:
        return call.ends(ANY)
    return call.ends(conditions.test(words, call.shell.world, call.state, call.name == "[["))


def _number(call: Call) -> int | None:
    """The status that exit or return is given; None is a word that is no number."""
    if not call.is_exact:
        return ANY
    if not call.words:
        return call.state.status
    value = call.words[0]
    if value.text is None:
        return FAILED if value.is_failure else ANY
    return int(value.text) % 256 if re.fullmatch(r"\d{1,9}", value.text, re.ASCII) else None


def _exit(call: Call) -> State | None:
    status = _number(call)
    if not call.words and call.state.status != 0:
        call = call._replace(reason=call.state.reason)
    call.leaves(MISUSED if status is None else status)
    return None


def _return(call: Call) -> State | None:
    status = _number(call)
    if not call.words and call.state.status != 0:
        call = call._replace(reason=call.state.reason)
    if status is None or not call.shell.calls:
        call.leaves(MISUSED if status is None else status)
    else:
        call.shell.calls[-1].left.append(call.ends(status))
    return None


def _leave_loop(call: Call) -> State | None:
    """break and continue."""
    state = call.ends(0)
    if not call.shell.loops:
        if not call.shell.has_outer_loop:
            return state
        call.leaves(0)
        return None
    levels = call.words[0].text if call.words else "1"
    if levels is None or not levels.isdigit() or levels == "0" or not call.is_exact:
        raise NotUnderstoodError(call.reason.line, call.reason.text)
    target = call.shell.loops[-min(int(levels[:4]), len(call.shell.loops))]
    (target.left if call.name == "break" else target.again).append(state)
    return None


def _eval(call: Call) -> State | None:
    texts = [value.text for value in call.words]
    if not call.is_exact or None in texts:
        return call.unknown()
    script = " ".join(text for text in texts if text is not None)
    call.spend(2 * len(script))
    try:
        tree = read(script, call.reason.line)
    except NotUnderstoodError:
        return call.unknown()
    return call.shell.run(tree, call.state, False) if tree.items else call.ends(0)


def _source(call: Call) -> State | None:
    if not call.words:
        return call.ends(ANY)
    path = call.words[0]
    # A name without a slash is looked for in PATH alone (ASH_BASH_SOURCE_CURDIR is not set).
    if path.text is not None and "/" not in path.text and path.text not in COMMANDS:
        raise ShellEndsError(MISUSED, f"{call.reason.text}: it is looked for in PATH, and is not there")
    if call.shell.world.kind(path, call.state) == "none":
        raise ShellEndsError(MISUSED, f"{call.reason.text}: there is no such file")
    return call.ends(0) if path.text == "/dev/null" else call.unknown()


def _exec(call: Call) -> State | None:
    if not call.words:
        return call.ends(0) if call.is_exact else call.unknown()
    state = call.state.copy()
    state.functions = {}
    after = call.shell.program(call._replace(state=state, fields=Fields(list(call.words), call.is_exact)))
    if after is not None:
        after.trap = ""
        call.shell.leave(after, after.status, after.reason)
    return None


def _kill(call: Call) -> State | None:
    words = call.words
    own = bool(words) and call.is_exact and words[-1].is_own_pid
    signal = words[0].text if len(words) == 2 else "-TERM" if len(words) == 1 else None
    if own and signal == "-0":
        return call.ends(0)
    plain = not call.state.has_traps and not call.shell.is_inner
    if own and (signal in ("-9", "-KILL", "-SIGKILL") or (signal in ("-TERM", "-15", "-SIGTERM") and plain)):
        call.state.trap = ""
        call.leaves(FAILED)
        return None
    if own or any(word.text is None for word in words) or not call.is_exact:
        return call.unknown()
    return call.ends(ANY)


def _let(call: Call) -> State | None:
    expander = call.shell.expander(call.state, call.reason.line)
    value: int | None = None
    for word in call.words:
        try:
            value = None if word.text is None else evaluate(word.text, expander.number, expander.put)
        except ArithmeticFaultError as err:
            raise ShellEndsError(MISUSED, f"let: {err}") from None
        except (UnmodelledError, RecursionError):
            value = None
        if value is None:
            call.state.forget_variables()
    if not call.is_exact or value is None:
        return call.ends(ANY)
    return call.ends(1 if value == 0 else 0)


def _command(call: Call) -> State | None:
    """A command without -v and -V runs what is not a function."""
    rest = [value for value in call.words if value.text not in ("-v", "-V")]
    if len(rest) < len(call.words):
        return _type(call)
    if not rest:
        return call.ends(0)
    inner = call._replace(fields=Fields(rest, call.is_exact))
    name = inner.name or ""
    return ALL[name](inner) if name in ALL and not name.startswith("-") else call.shell.program(inner)


def _type(call: Call) -> State | None:
    """type, hash, and command -v: whether there is such a command."""
    rest = [value for value in call.words if value.text not in ("-v", "-V")]
    call.state.prints(None)
    if not call.is_exact or len(rest) != 1:
        return call.ends(ANY if rest else 0)
    found = call.shell.finds(rest[0], call.state)
    if found is None:
        return call.ends(ANY)
    return call.ends(0 if found else 1 if call.name == "hash" else NOT_FOUND)


def _wait(call: Call) -> State | None:
    return call.ends(0 if not call.words and call.is_exact else ANY)


def _alias(call: Call) -> State | None:
    for word in call.words:
        # What it stands for from the next line on is not followed.
        call.state.functions[(word.text or "").partition("=")[0]] = None
    return call.ends(0 if call.is_exact and call.words else ANY)


def _umask(call: Call) -> State | None:
    mode = call.words[0].text if call.words else "0"
    return call.ends(0 if mode and re.fullmatch("[0-7]{1,4}", mode) else ANY)


SPECIAL = {
    *(":", ".", "source", "break", "continue", "eval", "exec", "exit", "export", "readonly", "return"),
    *("set", "shift", "times", "trap", "unset", "local"),
}
"""A redirection that fails ends the shell with these, and what is set before them stays."""

ALL: dict[str, Builtin] = {
    **dict.fromkeys((":", "true", "times", "jobs"), _well),
    "false": _false,
    **dict.fromkeys(("unalias", "ulimit", "getopts", "fg", "bg", "help", "history"), _unknown),
    "echo": _echo,
    "printf": _printf,
    **dict.fromkeys(("test", "[", "[["), _test),
    "exit": _exit,
    "return": _return,
    **dict.fromkeys(("break", "continue"), _leave_loop),
    **dict.fromkeys(("cd", "chdir"), settings.change_folder),
    "set": settings.set_options,
    "shift": settings.shift,
    **dict.fromkeys(("export", "readonly", "local"), settings.assign),
    "unset": settings.unset,
    "eval": _eval,
    **dict.fromkeys((".", "source"), _source),
    "exec": _exec,
    "trap": settings.trap,
    "read": settings.read_line,
    "kill": _kill,
    "let": _let,
    **dict.fromkeys(("type", "hash"), _type),
    "command": _command,
    "wait": _wait,
    "alias": _alias,
    "umask": _umask,
    "pwd": _pwd,
}
"""By name."""
