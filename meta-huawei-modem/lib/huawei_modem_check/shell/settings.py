# SPDX-License-Identifier: MIT
"""ash's own commands that change what the shell knows: variables, options, arguments, folder, traps."""

from __future__ import annotations

import re

from huawei_modem_check.shell.call import Call
from huawei_modem_check.shell.scanner import NAME, NotUnderstoodError
from huawei_modem_check.shell.values import ANY, FAILED, MISUSED, SOMETHING, UNKNOWN, State, Value, known
from huawei_modem_check.shell.words import ShellEndsError

_EXIT = ("EXIT", "0")
_LETTERS = {"e": "errexit", "u": "nounset", "n": "noexec"}
_OPTIONS = {
    *("errexit", "noglob", "ignoreeof", "monitor", "noexec", "stdin", "xtrace", "verbose", "noclobber"),
    *("allexport", "notify", "nounset", "vi", "nolog", "pipefail"),
}
_READ_VALUED = tuple("ptnNdu")


def change_folder(call: Call) -> State | None:
    words = [value for value in call.words if value.text not in ("-P", "-L", "--")]
    state = call.state
    if not call.is_exact or len(words) != 1 or words[0].text == "-":
        state.folder = None
        return call.ends(ANY)
    kind = call.shell.world.kind(words[0], state)
    if kind in ("none", "file", "device"):
        return call.ends(0 if words[0].text == "" else MISUSED)
    if words[0].text in (".", "./"):
        return call.ends(0)
    state.folder = words[0].folder
    state.variables["PWD"] = SOMETHING
    return call.ends(0 if kind == "folder" else ANY)


def set_options(call: Call) -> State | None:
    words = list(call.words)
    if not call.is_exact or any(value.text is None for value in words[:1]):
        return call.unknown()
    while words and re.match(r"[-+].", word := words[0].text or ""):
        words.pop(0)
        if word == "--":
            call.state.arguments, call.state.arguments_known = words, True
            return call.ends(0)
        for letter in word[1:]:
            option = _LETTERS.get(letter, "")
            if letter == "o" and words:
                option = words.pop(0).text or ""
                if option not in _OPTIONS:
                    return call.ends(ANY)
            _switch(call, option, word[0] == "-")
    if words:
        call.state.arguments, call.state.arguments_known = words, True
    return call.ends(0)


def _switch(call: Call, option: str, on: bool) -> None:
    if option == "errexit":
        call.state.strict = on
    elif option == "nounset":
        call.state.unset_ends = on
    elif option == "pipefail":
        call.state.pipefail = on
    elif option == "noexec":
        raise NotUnderstoodError(call.reason.line, "set -n")


def shift(call: Call) -> State | None:
    count = call.words[0].text if call.words else "1"
    if not call.state.arguments_known or count is None or not re.fullmatch(r"\d{1,4}", count):
        call.state.arguments_known = False
        return call.ends(ANY)
    if int(count) > len(call.state.arguments):
        return call.ends(1)
    del call.state.arguments[: int(count)]
    return call.ends(0)


def assign(call: Call) -> State | None:
    """export, readonly and local."""
    state = call.state
    if call.name == "local" and not call.shell.calls:
        raise ShellEndsError(MISUSED, "local stands in no function")
    for word in call.words:
        key = word.text if word.key is None else word.key
        if key is None:
            state.forget_variables()
            continue
        if key.startswith("-"):
            continue
        _checked(call, key, state.readonly if word.key is not None else frozenset())
        if call.name == "local" and key not in state.locals:
            state.locals[key] = state.get(key)
        if word.key is not None:
            state.variables[key] = word._replace(key=None)
        if call.name == "readonly":
            state.readonly = state.readonly | {key}
    return call.ends(0)


def _checked(call: Call, key: str, readonly: frozenset[str]) -> None:
    if not NAME.fullmatch(key):
        raise ShellEndsError(MISUSED, f"{call.name}: {key!r} is not a name of a variable")
    if key in readonly:
        raise ShellEndsError(MISUSED, f"{call.name}: {key} is read-only")


def unset(call: Call) -> State | None:
    of_functions = False
    for word in call.words:
        if word.text is None:
            call.unknown()
        elif word.text in ("-f", "-v"):
            of_functions = word.text == "-f"
        elif of_functions:
            call.state.functions.pop(word.text, None)
        else:
            _checked(call, word.text, call.state.readonly)
            call.state.variables[word.text] = None
    return call.ends(0)


def trap(call: Call) -> State | None:
    texts = [value.text for value in call.words]
    if not call.is_exact or None in texts:
        call.state.trap = None
        return call.ends(0)
    words = [text for text in texts if text is not None]
    if len(words) == 1 and words[0] in _EXIT:
        call.state.trap = ""
    elif len(words) > 1:
        action, *signals = words
        cleared = action in ("", "-")
        if set(signals) & set(_EXIT):
            call.state.trap = "" if cleared else action
        call.state.has_traps = call.state.has_traps or (not cleared and bool(set(signals) - set(_EXIT)))
    return call.ends(0)


def read_line(call: Call) -> State | None:
    names, waits = _read_options([value.text or "" for value in call.words])
    state = call.state
    if state.stdin == "waiting" and waits and call.is_exact:
        return call.waits()
    if isinstance(state.stdin, bytes) and state.stdin and _taken(state, names):
        return call.ends(0)
    status = FAILED if state.stdin == "waiting" else 1 if state.stdin == b"" else ANY
    for name in names:
        if NAME.fullmatch(name):
            state.variables[name] = UNKNOWN if status == ANY else known("")
    if state.stdin not in ("waiting", b""):
        state.stdin = "unknown"
    return call.ends(status)


def _read_options(texts: list[str]) -> tuple[list[str], bool]:
    """Names of variables, and whether it waits without end."""
    names: list[str] = []
    waits = True
    while texts:
        text = texts.pop(0)
        if text.startswith("-"):
            waits = waits and "t" not in text
            if text[1:] in _READ_VALUED and texts:
                texts.pop(0)
        else:
            names.append(text)
    return names or ["REPLY"], waits


def _taken(state: State, names: list[str]) -> bool:
    """Takes one whole line of plain words from what stands in front of the shell; False is not known."""
    text = state.stdin if isinstance(state.stdin, bytes) else b""
    line, newline, rest = text.partition(b"\n")
    plain = newline and b"\\" not in line and "IFS" not in state.variables
    if not plain or any(not NAME.fullmatch(name) for name in names):
        return False
    state.stdin = rest
    words = line.decode("utf-8", "surrogateescape").split()
    for number, name in enumerate(names):
        if number == len(names) - 1 and len(words) > len(names):
            value: Value = SOMETHING
        else:
            value = known("".join(words[number : number + 1]))
        state.variables[name] = value
    return True
