# SPDX-License-Identifier: MIT
"""Programs that a script calls, of which little is known: whether they are there, and what they need.

A program that is in the installer may end well or not. What is certain: one that is not there ends with
127; one that reads a file that is not there fails; one that waits for input waits for ever, as the
installer gives none and does not close it (multiimagewritethread.cpp:189: a QProcess with its channel
open).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from huawei_modem_check.shell import builtins
from huawei_modem_check.shell.call import NOT_FOUND, Call, Running
from huawei_modem_check.shell.reader import read
from huawei_modem_check.shell.scanner import NotUnderstoodError
from huawei_modem_check.shell.values import ANY, FAILED, State, Value
from huawei_modem_check.shell.words import Fields
from huawei_modem_check.shell.world import CERTAIN, COMMANDS, is_elsewhere

if TYPE_CHECKING:
    from collections.abc import Callable

    Handler = Callable[[Call], State | None]

_NO_PERMISSION = 126
_PATH = {"/bin", "/usr/bin", "/sbin", "/usr/sbin"}
_GREPS = ("grep", "egrep", "fgrep")
_SUMS = ("md5sum", "sha1sum", "sha256sum", "sha512sum", "cksum")
# The letters of options that take the next word, of programs whose operands are looked at.
_VALUED = {
    **dict.fromkeys(("cat", "tac", "wc", "tr", "tee", "nl", "rev", "ls", "du", "rm", "rmdir", *_SUMS), ""),
    **dict.fromkeys(("chmod", "cp", "mv", "sh", "ash", "insmod"), ""),
    **dict.fromkeys(_GREPS, "efmABC"),
    "awk": "Fvf",
    "cut": "bcdf",
    "head": "nc",
    "mkdir": "m",
    "sed": "ef",
    "sort": "kto",
    "stat": "c",
    "tail": "ncs",
    "uniq": "fsw",
}
# How many operands come before the files, of those that have a script or a pattern in front.
_BEFORE = {**dict.fromkeys(_GREPS, 1), "sed": 1, "awk": 1}
_READERS = {"cat", "tac", "head", "tail", "wc", "sort", "uniq", "cut", "nl", "rev", *_SUMS, *_BEFORE}
_NEED_FILES = {*_READERS, "ls", "du", "stat", "rm", "rmdir", "chmod", "cp", "mv", "sh", "ash", "insmod"}
# They leave the image's folder as it is, whatever they are given.
_PURE = {
    *_READERS,
    *(
        "ls",
        "du",
        "stat",
        "sleep",
        "sync",
        "id",
        "uname",
        "basename",
        "dirname",
        "date",
        "expr",
        "seq",
        "free",
    ),
    *("which", "whoami", "hostname", "ps", "df", "dmesg", "readlink", "realpath", "umount", "mount", "mmc"),
    *("blkid", "fw_printenv", "cmp", "diff", "mktemp"),
}
# They make, change or remove what they are given.
_CHANGERS = {"cp", "ln", "mkdir", "mv", "rm", "rmdir", "tee", "touch", "chmod"}
_WELL = {"sync", "uname", "basename", "dirname", "id", "whoami"}
_AS_BUILTIN = {"true", "false", "echo", "printf", "test", "["}


def is_command(shell: Running, value: Value, state: State) -> bool | None:
    """Whether the shell finds a command of this name; None is not known."""
    text = value.text
    if text is None:
        return False if shell.world.kind(value, state) in ("none", "folder") else None
    if text in state.functions or text in builtins.ALL:
        return True
    folder, name = posixpath.split(text)
    if not folder:
        return True if name in CERTAIN else None if name in COMMANDS else False
    if folder in _PATH:
        return None if name in COMMANDS else False
    return False if shell.world.kind(value, state) in ("none", "folder") else None


def run(call: Call) -> State | None:
    """The state after a program."""
    value, state = call.fields.values[0], call.state
    if is_command(call.shell, value, state) is False:
        return _missing(call)
    folder, name = posixpath.split(value.text or "/?")
    own = not folder or folder in _PATH
    # After exec, or by their paths.
    if own and name in _AS_BUILTIN:
        inner = Fields([value._replace(text=name), *call.words], call.is_exact)
        return builtins.ALL[name](call._replace(fields=inner))
    printed, state.output = state.output, None
    call.ends(ANY)
    changes = not own or (name not in _PURE and not (name in _CHANGERS and _changes_elsewhere(name, call)))
    after: State | None = state
    if own and call.is_exact:
        after = _HANDLERS[name](call) if name in _HANDLERS else _plain(_Plain(call, name, printed))
    if after is not None:
        after.is_written = after.is_written or changes
        after.is_mounted = after.is_mounted or not own or name in ("mkdir", "mount", "ln")
    return after


def _missing(call: Call) -> State:
    value = call.fields.values[0]
    if call.shell.world.kind(value, call.state) == "folder" and "/" in (value.text or "/"):
        return call.ends(_NO_PERMISSION, "it is a folder")
    if value.text is not None and "/" not in value.text:
        return call.ends(
            NOT_FOUND, f"{value.text} is neither of BusyBox nor of the packages in Easy Installer"
        )
    return call.ends(NOT_FOUND, "there is no such program")


def _changes_elsewhere(name: str, call: Call) -> bool:
    operands = [value for value in call.words if not (value.text or "").startswith("-")]
    changed = operands[-1:] if name in ("cp", "ln") else operands
    return call.is_exact and all(is_elsewhere(value) for value in changed)


# --- programs with options, operands and files ---------------------------------------------------------


class _Plain(NamedTuple):
    """`printed` is what was printed before it, None where that is not known."""

    call: Call
    name: str
    printed: str | None


def _plain(what: _Plain) -> State | None:
    call, name, printed = what
    if name in _WELL:
        call.state.status = 0 if len(call.words) <= 1 else ANY
        if [name, *(word.text for word in call.words)] == ["id", "-u"]:
            call.state.output = printed
            call.state.prints("0\n")
        return call.state
    parsed = _operands(name, call.words) if name in _VALUED else None
    if parsed is None:
        return call.state
    letters, operands = parsed
    if name == "awk" and operands and "BEGIN" in (operands[0].text or ""):
        # A program of that alone reads nothing, and it may exit there.
        return call.state
    before = 0 if name in _BEFORE and letters & set("ef") else _BEFORE.get(name, 0)
    files = operands[before:-1] if name in ("cp", "mv") else operands[before:]
    from_input = name in _READERS and (not files or any(file.text == "-" for file in files))
    if (from_input and len(operands) >= before) or name in ("tr", "tee"):
        return _from_input(what, letters, operands)
    kinds = [call.shell.world.kind(file, call.state) for file in files]
    # With more than one, grep -q may have found it, and a program for sed or awk may end before.
    sure = len(files) == 1 or not ("q" in letters or name in ("sed", "awk"))
    if "none" in kinds and sure and name in _NEED_FILES and not (name == "rm" and "f" in letters):
        return call.ends(FAILED, "there is no such file")
    _results(what, letters, operands, files, kinds)
    return call.state


def _results(
    what: _Plain, letters: set[str], operands: Sequence[Value], files: Sequence[Value], kinds: Sequence[str]
) -> None:
    """What follows from files that are known."""
    call, name, _printed = what
    state = call.state
    contents = [call.shell.world.content(file, state) for file in files]
    if name == "ls" and kinds and set(kinds) <= {"folder", "device"}:
        state.status = 0
    elif name in _GREPS and len(operands) == 2 and len(contents) == 1 and contents[0] is not None:
        state.status = _found(what, contents[0], letters, operands[0])
    elif name == "cat" and not letters and contents and None not in contents:
        state.status = 0
        _print(what, contents)
    elif name == "mkdir" and set(kinds) & {"folder", "file", "device"}:
        every = set(kinds) == {"folder"}
        state.status = (0 if every else ANY) if "p" in letters else FAILED


def _operands(name: str, words: Sequence[Value]) -> tuple[set[str], list[Value]] | None:
    """Letters of the options, and operands; None where that is not sure."""
    letters: set[str] = set()
    operands: list[Value] = []
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        if word.text is None and word.folder is None and not operands and name in _BEFORE:
            return None
        if word.text == "--":
            return letters, [*operands, *waiting]
        if word.text is None or not word.text.startswith("-") or word.text == "-":
            operands.append(word)
            continue
        if word.text.startswith("--"):
            return None
        letters |= set(word.text[1:])
        if word.text[-1] in _VALUED[name]:
            del waiting[:1]
    return letters, operands


def _from_input(what: _Plain, letters: set[str], operands: Sequence[Value]) -> State | None:
    """A program that reads what stands in front of it."""
    call, name, _printed = what
    state = call.state
    if state.stdin == "waiting":
        return call.waits()
    if isinstance(state.stdin, bytes):
        if name in _GREPS and len(operands) == 1:
            state.status = _found(what, state.stdin, letters, operands[0])
        elif not letters and (name in ("cat", "wc", "sort") or (name == "tr" and len(operands) == 2)):
            state.status = 0
        if name == "cat" and not letters and not operands:
            _print(what, [state.stdin])
    return state


def _print(what: _Plain, contents: Sequence[bytes | None]) -> None:
    """It prints these behind what was printed before it."""
    state = what.call.state
    state.output = what.printed
    for content in contents:
        if state.output is not None and content is not None:
            what.call.spend(len(content) // 64)
            state.prints(content.decode("utf-8", "surrogateescape"))


def _found(what: _Plain, text: bytes, letters: set[str], pattern: Value) -> int:
    """The status of grep with a plain pattern."""
    if pattern.text is None or letters - set("qivxFEc"):
        return ANY
    what.call.spend(len(text) * (16 + len(pattern.text)) // 512)
    fixed = what.name == "fgrep" or "F" in letters
    if not fixed and not re.fullmatch(r"\^?[\w ./:=,-]*\$?", pattern.text, re.ASCII):
        return ANY
    expression = re.escape(pattern.text) if fixed else pattern.text
    compiled = re.compile(expression, re.IGNORECASE if "i" in letters else 0)
    match = compiled.fullmatch if "x" in letters else compiled.search
    lines = text.decode("utf-8", "surrogateescape").split("\n")
    if not lines[-1]:
        lines.pop()
    return 0 if any(bool(match(line)) != ("v" in letters) for line in lines) else 1


# --- programs of their own kind ------------------------------------------------------------------------


def _sleep(call: Call) -> State | None:
    text = call.words[0].text if len(call.words) == 1 else None
    return call.ends(0) if text is not None and re.fullmatch(r"\d{1,9}", text) else call.state


def _dd(call: Call) -> State | None:
    sources = [word for word in call.words if word.text is None or word.text.startswith("if=")]
    if not sources and call.state.stdin == "waiting" and call.words:
        return call.waits()
    for word in sources:
        if word.text is not None and call.shell.world.kind(Value(word.text[3:]), call.state) == "none":
            return call.ends(FAILED, "there is no such file")
    return call.state


def _mount(call: Call) -> State | None:
    """mount without a folder that is there, umount of one that is not."""
    texts = [word.text for word in call.words]
    options = {text for text in texts if text is not None and text.startswith("-")}
    if None in texts or options - {"-t", "-o", "-r", "-w"} or not texts:
        return call.state
    if call.shell.world.kind(call.words[-1], call.state) == "none":
        return call.ends(FAILED, "there is no such folder")
    return call.state


def _tar(call: Call) -> State | None:
    form = call.words[0].text if len(call.words) > 1 else None
    reads = form is not None and re.fullmatch(r"-?[tx][zjJav]*f", form)
    if reads and call.shell.world.kind(call.words[1], call.state) == "none":
        return call.ends(FAILED, "there is no such file")
    return call.state


def _shell(call: Call) -> State | None:
    """sh -c TEXT, and sh FILE."""
    state, words = call.state, call.words
    if not words:
        return call.waits() if state.stdin == "waiting" else state
    text = words[1].text if words[0].text == "-c" and len(words) > 1 else None
    if text is None:
        return _plain(_Plain(call, "sh", None))
    call.spend(2 * len(text))
    try:
        tree = read(text, call.reason.line)
    except NotUnderstoodError:
        return state
    child = State({}, list(words[3:]), reason=call.reason, folder=state.folder, stdin=state.stdin)
    child.is_written, child.is_mounted = state.is_written, state.is_mounted
    # Variables that were exported may be anything here.
    child.anything = True
    after = call.shell.subshell(tree, child, False)
    if after is None:
        return None
    state.is_written, state.is_mounted = after.is_written, after.is_mounted
    state.status, state.reason = after.status, after.reason
    return state


def _expr(call: Call) -> State | None:
    texts = [word.text for word in call.words]
    if len(texts) == 3 and None not in texts and texts[1] in ("=", "!="):
        return call.ends(0 if (texts[0] == texts[2]) == (texts[1] == "=") else 1)
    return call.state


def _which(call: Call) -> State | None:
    if len(call.words) == 1 and is_command(call.shell, call.words[0], call.state) is False:
        return call.ends(1)
    return call.state


def _kills(call: Call) -> State | None:
    """killall tezi."""
    texts = [word.text for word in call.words]
    if texts[-1:] == ["tezi"] and set(texts[:-1]) <= {"-9", "-TERM", "-KILL"}:
        call.leaves(FAILED, "it ends the installer itself")
        return None
    return call.state


_HANDLERS: dict[str, Handler] = {
    "sleep": _sleep,
    "dd": _dd,
    **dict.fromkeys(("mount", "umount"), _mount),
    "tar": _tar,
    **dict.fromkeys(("sh", "ash"), _shell),
    "expr": _expr,
    "which": _which,
    **dict.fromkeys(("killall", "pkill"), _kills),
}
