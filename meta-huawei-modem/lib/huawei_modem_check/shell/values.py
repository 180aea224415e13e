# SPDX-License-Identifier: MIT
"""What is known of texts, exit statuses and the shell itself at a place of a script."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sized
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from huawei_modem_check.shell.tree import Node

MISUSED = 2
"""What the shell and its own commands end with when they are called wrongly."""
FAILED = -1
"""An exit status that is not 0, and more is not known."""
ANY = -2
"""An exit status of which nothing is known. All others are numbers from 0 to 255."""


class Value(NamedTuple):
    """A text of which `text` is what it is, when that is known.

    Otherwise: `is_full`: it is not empty. `is_word`: no blank or pattern splits it. `is_failure`: it is an
    exit status that is not 0. `folder` is the path below the image's folder that it names, "" for that
    itself. `may_be_unset`: the variable may not be set at all. `is_own_pid`: it is $$. `key`: it is what
    export, readonly or local give the variable of this name.
    """

    text: str | None = None
    is_full: bool = False
    is_word: bool = False
    is_failure: bool = False
    folder: str | None = None
    may_be_unset: bool = False
    is_own_pid: bool = False
    key: str | None = None


LONGEST = 4096
_PRINTED = 1 << 18
UNKNOWN = Value()
SOMETHING = Value(is_full=True)
FOLDER = Value(is_full=True, folder="")


def known(text: str) -> Value:
    """A text that is known; a very long one is not kept."""
    return Value(text, bool(text)) if len(text) <= LONGEST else SOMETHING


def of_status(status: int) -> Value:
    """$? after a command that ended with `status`."""
    if status >= 0:
        return known(str(status))
    return Value(None, True, True, status == FAILED)


def joined(one: Value | None, other: Value | None) -> Value:
    """What is known when it is one of two; None is a variable that is not set."""
    if one is None or other is None:
        present = one or other or UNKNOWN
        return present._replace(may_be_unset=True, text=None, is_full=False, folder=None)
    unset = one.may_be_unset or other.may_be_unset
    if one.text == other.text and one.text is not None:
        return one._replace(may_be_unset=unset)
    return Value(
        None,
        one.is_full and other.is_full,
        _is_word(one) and _is_word(other),
        _is_failure(one) and _is_failure(other),
        one.folder if one.folder == other.folder else None,
        unset,
    )


def _is_word(value: Value) -> bool:
    return value.is_word or (value.text is not None and value.text.isalnum())


def _is_failure(value: Value) -> bool:
    return value.is_failure or (
        value.text is not None and value.text.isdigit() and value.text.strip("0") != ""
    )


def joined_status(one: int, other: int) -> int:
    if one == other:
        return one
    return FAILED if one != 0 and other != 0 and ANY not in (one, other) else ANY


class Reason(NamedTuple):
    """Where, and by what, a status came about."""

    line: int
    text: str


NO_REASON = Reason(0, "")


@dataclasses.dataclass
class State:
    """The shell between two commands.

    `folder` is where it is, below the image's folder, None where that is not known. `is_written`: commands
    may have made files, `is_mounted`: folders at the root too. `has_traps`: for a signal. `stdin` is
    "waiting" (the installer's own, which gives nothing and never ends), "unknown", or what will be read.
    `output` collects what is printed, None when that is not known. `strict`, `unset_ends` and `pipefail`
    are set -e, -u and -o pipefail, None when that is not known; `trap` is the action for EXIT. `locals` are
    the values from before the function. `anything`: any variable may have any value.
    """

    variables: dict[str, Value | None]
    arguments: list[Value]
    functions: dict[str, Node | None] = dataclasses.field(default_factory=dict)
    status: int = 0
    reason: Reason = NO_REASON
    strict: bool | None = False
    unset_ends: bool | None = False
    pipefail: bool | None = False
    arguments_known: bool = True
    folder: str | None = ""
    is_written: bool = False
    stdin: str | bytes = "waiting"
    output: str | None = ""
    trap: str | None = ""
    readonly: frozenset[str] = frozenset()
    is_mounted: bool = False
    has_traps: bool = False
    locals: dict[str, Value | None] = dataclasses.field(default_factory=dict)
    anything: bool = False

    def copy(self) -> State:
        return dataclasses.replace(
            self,
            variables=dict(self.variables),
            arguments=list(self.arguments),
            functions=dict(self.functions),
            locals=dict(self.locals),
        )

    def weight(self) -> int:
        """What a copy costs, in what it may hold."""
        read = self.stdin if isinstance(self.stdin, bytes) else b""
        kept: tuple[Sized, ...] = (self.variables, self.functions, self.arguments, self.locals, self.readonly)
        # A character may take 4 bytes.
        return sum(map(len, kept)) + (len(read) + 4 * len(self.output or "")) // 16

    def prints(self, text: str | None) -> None:
        """It prints `text`, None where that is not known; very much is not kept."""
        if self.output is None or text is None or len(self.output) + len(text) > _PRINTED:
            self.output = None
        else:
            self.output += text

    def get(self, name: str) -> Value | None:
        """The value of a variable, None when it is not set."""
        if name in self.variables:
            return self.variables[name]
        return Value(may_be_unset=True) if self.anything else None

    def forget_variables(self) -> None:
        """Something may have changed any variable."""
        self.anything = True
        self.variables = {}

    def forget(self) -> None:
        """Something ran that may have changed everything of the shell's own."""
        self.forget_variables()
        self.strict = self.unset_ends = self.pipefail = None
        self.arguments_known = False
        self.folder = self.output = self.trap = None
        self.is_written = self.is_mounted = True
        self.functions = dict.fromkeys(self.functions)


def joined_states(states: Iterable[State | None], spend: Callable[[int], None]) -> State | None:
    """What is known when the shell is in one of several states; None is one that is not come to.

    `spend` is given the cost of each that is joined.
    """
    found: State | None = None
    for state in states:
        if state is not None and found is not None:
            spend((found.weight() + state.weight()) // 4)
            found = _joined(found, state)
        elif state is not None:
            found = state.copy()
    return found


def _joined(one: State, other: State) -> State:
    names = dict.fromkeys([*one.variables, *other.variables])
    same_arguments = (
        one.arguments_known and other.arguments_known and len(one.arguments) == len(other.arguments)
    )
    status = joined_status(one.status, other.status)
    return State(
        {name: _joined_variable(one.get(name), other.get(name)) for name in names},
        list(map(joined, one.arguments, other.arguments)) if same_arguments else [],
        {
            name: one.functions.get(name) if one.functions.get(name) is other.functions.get(name) else None
            for name in dict.fromkeys([*one.functions, *other.functions])
        },
        status,
        other.reason if one.status == 0 else one.reason,
        one.strict if one.strict == other.strict else None,
        one.unset_ends if one.unset_ends == other.unset_ends else None,
        one.pipefail if one.pipefail == other.pipefail else None,
        same_arguments,
        one.folder if one.folder == other.folder else None,
        one.is_written or other.is_written,
        one.stdin if one.stdin == other.stdin else "unknown",
        one.output if one.output == other.output else None,
        one.trap if one.trap == other.trap else None,
        one.readonly | other.readonly,
        one.is_mounted or other.is_mounted,
        one.has_traps or other.has_traps,
        {
            name: _joined_variable(
                one.locals.get(name, one.get(name)), other.locals.get(name, other.get(name))
            )
            for name in dict.fromkeys([*one.locals, *other.locals])
        },
        one.anything or other.anything,
    )


def _joined_variable(one: Value | None, other: Value | None) -> Value | None:
    return None if one is None and other is None else joined(one, other)
