# SPDX-License-Identifier: MIT
"""What the words of a command become: parameters, outputs and arithmetic, split into fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from huawei_modem_check.shell.arithmetic import ArithmeticFaultError, UnmodelledError, evaluate
from huawei_modem_check.shell.budget import Budget
from huawei_modem_check.shell.tree import Arithmetic, Commands, Literal, Output, Parameter
from huawei_modem_check.shell.values import (
    LONGEST,
    MISUSED,
    SOMETHING,
    UNKNOWN,
    Reason,
    State,
    Value,
    joined,
    known,
    of_status,
)
from huawei_modem_check.shell.world import World

if TYPE_CHECKING:
    from huawei_modem_check.shell.tree import Part

_BLANKS = re.compile(r"[ \t\n]+")
_MANY = 200
_TRIES = 1_000_000
# The installer sets PATH alone (multiimagewritethread.cpp:175); these the shell sets by itself.
_OWN = {
    *("PWD", "OLDPWD", "PPID", "OPTIND", "OPTARG", "OPTERR", "LINENO", "IFS", "PS1", "PS2", "PS4"),
    *("HOSTNAME", "FUNCNAME", "RANDOM", "EPOCHSECONDS", "EPOCHREALTIME", "_", "SHLVL", "HOME", "TERM"),
    *("SHELL", "USER", "LOGNAME", "HISTFILE", "MAIL", "MAILPATH", "LANG", "TZ"),
}


class ShellEndsError(Exception):
    """The shell ends over an expansion, with `status`."""

    def __init__(self, status: int, what: str) -> None:
        super().__init__(what)
        self.status = status


class Fields(NamedTuple):
    """The fields of several words; without `is_exact` there may be more or fewer."""

    values: list[Value]
    is_exact: bool


class Expander:
    """Expands words in `state`, and changes it as they do.

    `run` runs the commands of $(...), and says what they print and how they end; `may_end` is told when the
    shell may end.
    """

    def __init__(
        self,
        state: State,
        line: int,
        run: Callable[[Commands, State], tuple[Value, int]],
        may_end: Callable[[State, int, Reason], None],
        world: World,
        budget: Budget,
    ) -> None:
        self.state = state
        self.line = line
        self.run = run
        self.may_end = may_end
        self.world = world
        self.budget = budget
        self.output_status: int | None = None

    def spend(self, cost: int) -> None:
        """Raises TooMuchError."""
        self.budget.spend(self.line, cost)

    def text(self, word: Sequence[Part]) -> Value:
        """A word that is not split: of an assignment, of case, of a redirection."""
        return together(self.value(part) for part in word)

    def fields(self, words: Iterable[Sequence[Part]]) -> Fields:
        values: list[Value] = []
        exact = True
        for word in words:
            found = self.split(word)
            values.extend(found.values)
            exact = exact and found.is_exact
            if len(values) > _MANY:
                return Fields(values[:_MANY], False)
        return Fields(values, exact)

    def split(self, word: Sequence[Part]) -> Fields:
        if any(isinstance(part, Parameter) and part.name in "@*" and not part.operator for part in word):
            return self.arguments(word)
        pieces: list[list[Value]] = [[]]
        exact = True
        unquoted = ""
        for part in word:
            if len(pieces) > _MANY or len(unquoted) > LONGEST:
                exact = False
                break
            value = self.value(part)
            if part.quoted or isinstance(part, Literal) or value.is_own_pid:
                pieces[-1].append(value)
                unquoted += "" if part.quoted else value.text or ""
            elif value.text is None:
                exact = exact and value.is_word
                pieces[-1].append(value)
            else:
                unquoted += value.text
                exact = exact and ("IFS" not in self.state.variables or value.text.isalnum())
                self.add_split(pieces, value.text)
        values = [together(piece) for piece in pieces if piece]
        if exact and _is_pattern(unquoted):
            return self.matching(word, values)
        return Fields(values, exact)

    def matching(self, word: Sequence[Part], values: list[Value]) -> Fields:
        """A pattern's names, where these are known."""
        pattern = self.pattern(word) if len(values) == 1 and "/" not in (values[0].text or "/") else None
        names = self.world.listed(self.state) if pattern else None
        if pattern is None or names is None:
            return Fields(values, False)
        self.spend(len(self.world.names))
        if any(self.too_many(pattern, name) for name in names):
            return Fields(values, False)
        return Fields([known(name) for name in names if pattern.fullmatch(name)] or values, True)

    def add_split(self, pieces: list[list[Value]], text: str) -> None:
        if not text:
            return
        self.spend(len(text) // 16)
        first, *others = _BLANKS.split(text)
        if first:
            pieces[-1].append(known(first))
        for other in others:
            if pieces[-1]:
                pieces.append([])
            if other:
                pieces[-1].append(known(other))

    def arguments(self, word: Sequence[Part]) -> Fields:
        """ "$@" alone, or one of its kin, of which only the number is looked at."""
        part = word[0]
        plain = len(word) == 1 and isinstance(part, Parameter) and part.name == "@" and part.quoted
        if plain and not part.length:  # type: ignore[union-attr]
            self.spend(len(self.state.arguments))
            return Fields(list(self.state.arguments), self.state.arguments_known)
        return Fields([together(self.value(part) for part in word)], False)

    def value(self, part: Part) -> Value:
        self.spend(1)
        if isinstance(part, Literal):
            return known(part.text)
        if isinstance(part, Output):
            value, self.output_status = self.run(part.body, self.state)
            return value
        if isinstance(part, Arithmetic):
            return self.arithmetic(part)
        return self.parameter(part)

    # --- parameters ---------------------------------------------------------------------------------

    def parameter(self, part: Parameter) -> Value:
        value = self.raw(part.name)
        missing = value is None or value.may_be_unset
        certain = value is None
        if part.operator in ("-", ":-", "=", ":=", "?", ":?", "+", ":+"):
            return self.alternative(part, value)
        if missing and self.state.unset_ends is not False and part.name not in "@*":
            reason = f"{part.name} is not set, and set -u ends the script over it"
            if certain and self.state.unset_ends:
                raise ShellEndsError(MISUSED, reason)
            self.may_end(self.state, MISUSED, Reason(self.line, reason))
        if value is None:
            return known("0") if part.length else known("")
        value = value._replace(may_be_unset=False)
        if part.length:
            return known(str(len(value.text))) if value.text is not None else SOMETHING._replace(is_word=True)
        if part.operator in ("#", "##", "%", "%%"):
            return self.trimmed(part, value)
        return UNKNOWN if part.operator else value

    def raw(self, name: str) -> Value | None:
        """A parameter's value, None when it is not set."""
        state = self.state
        if name == "?":
            return of_status(state.status)
        if name in ("@", "*"):
            return UNKNOWN
        if name == "#":
            return known(str(len(state.arguments))) if state.arguments_known else SOMETHING
        if name == "$":
            # Any number does: nobody compares it with one.
            return known("4711")._replace(is_own_pid=True)
        if name == "0":
            return SOMETHING
        if name in ("!", "-"):
            return UNKNOWN._replace(is_word=True, may_be_unset=name == "!")
        if name.isdigit():
            if not state.arguments_known:
                return Value(may_be_unset=True)
            place = int(name[:9])
            return state.arguments[place - 1] if place <= len(state.arguments) else None
        value = state.get(name)
        if value is None and name in _OWN and name not in state.variables:
            return Value(may_be_unset=True)
        return value

    def alternative(self, part: Parameter, value: Value | None) -> Value:
        """The forms that say what to take for a parameter that is not set, or with a colon empty."""
        colon = part.operator.startswith(":")
        operator = part.operator[-1]
        lacks = _lacks(value, colon)
        if operator == "+":
            return known("") if lacks else self.either(part, known(""), lacks)
        present = UNKNOWN if value is None else value._replace(may_be_unset=False)
        if lacks is False:
            return present
        if operator == "?":
            reason = Reason(
                self.line, f"{part.name} is not set, and ${{{part.name}:?}} ends the script over it"
            )
            if lacks:
                raise ShellEndsError(MISUSED, reason.text)
            self.may_end(self.state, MISUSED, reason)
            return present._replace(is_full=present.is_full or colon)
        found = self.either(part, present, None if lacks is None else False)
        if operator == "=":
            self.state.variables[part.name] = found
        return found

    def either(self, part: Parameter, other: Value, lacks: bool | None) -> Value:
        """The form's word, or what may be there as well when `lacks` is None."""
        if lacks is None:
            self.spend(self.state.weight())
            before = self.state.copy()
            word = self.text(part.word)
            for name in dict.fromkeys([*before.variables, *self.state.variables]):
                if before.get(name) != self.state.get(name):
                    self.state.variables[name] = Value(may_be_unset=True)
            return joined(word, other)
        return self.text(part.word)

    def trimmed(self, part: Parameter, value: Value) -> Value:
        pattern = self.pattern(part.word)
        if value.text is None or pattern is None or self.too_many(pattern, value.text, 1):
            return UNKNOWN
        text = value.text
        cuts = range(len(text) + 1)
        if part.operator.startswith("#"):
            places = cuts if part.operator == "#" else reversed(cuts)
            return known(next((text[cut:] for cut in places if pattern.fullmatch(text[:cut])), text))
        places = reversed(cuts) if part.operator == "%" else cuts
        return known(next((text[:cut] for cut in places if pattern.fullmatch(text[cut:])), text))

    # --- patterns and arithmetic --------------------------------------------------------------------

    def pattern(self, word: Sequence[Part]) -> re.Pattern[str] | None:
        """A word as a pattern, None when it is not known."""
        parts: list[str] = []
        length = 0
        for part in word:
            value = self.value(part)
            length += len(value.text or "")
            if value.text is None or length > LONGEST:
                return None
            expression = re.escape(value.text) if part.quoted else _expression(value.text)
            if expression is None:
                return None
            parts.append(expression)
        self.spend(10 + length // 4)
        try:
            return re.compile("".join(parts), re.DOTALL)
        except re.error:
            return None

    def too_many(self, pattern: re.Pattern[str], text: str, times: int = 0) -> bool:
        """Whether a pattern with this many stars would be tried too often on a text."""
        tries: int = (len(text) + 1) ** (pattern.pattern.count(".*") + times)
        if tries > _TRIES:
            return True
        self.spend(tries // 256 + times * len(text) // 8)
        return False

    def arithmetic(self, part: Arithmetic) -> Value:
        text = self.text(part.word)
        if text.text is None:
            return SOMETHING._replace(is_word=True)
        self.spend(len(text.text) // 2)
        try:
            value = evaluate(text.text, self.number, self.put)
        except ArithmeticFaultError as err:
            raise ShellEndsError(MISUSED, f"arithmetic: {err}") from None
        except (UnmodelledError, RecursionError):
            return SOMETHING._replace(is_word=True)
        return SOMETHING._replace(is_word=True) if value is None else known(str(value))

    def number(self, name: str) -> int | None:
        value = self.raw(name)
        if value is None or value.text == "":
            return 0
        if value.text is None or not re.fullmatch(r"-?(?:0|[1-9]\d{0,17})", value.text):
            return None
        return int(value.text)

    def put(self, name: str, value: int | None) -> None:
        found = SOMETHING._replace(is_word=True) if value is None else known(str(value))
        self.state.variables[name] = found


def _is_pattern(text: str) -> bool:
    return "*" in text or "?" in text or -1 < text.find("[") < text.rfind("]")


def _lacks(value: Value | None, colon: bool) -> bool | None:
    """Whether a parameter is not set, or with `colon` empty; None is not known."""
    if value is None:
        return True
    if value.may_be_unset:
        return None if value.text != "" or not colon else True
    if not colon or value.is_full:
        return False
    return None if value.text is None else value.text == ""


def together(values: Iterable[Value]) -> Value:
    """Values one behind the other."""
    parts = [value for value in values if value.text != ""]
    if not parts:
        return known("")
    if len(parts) == 1:
        return parts[0]._replace(may_be_unset=False)
    texts = [value.text for value in parts]
    short = sum(len(text or "") for text in texts) <= LONGEST
    if all(text is not None for text in texts):
        return known("".join(text for text in texts if text is not None)) if short else SOMETHING
    folder = parts[0].folder
    if short and folder is not None and all(text is not None for text in texts[1:]):
        return Value(None, True, folder=folder + "".join(text for text in texts[1:] if text is not None))
    return Value(
        None,
        any(value.is_full or value.text for value in parts),
        all(
            value.is_word or (value.text is not None and not re.search(r"[\s*?\[]", value.text))
            for value in parts
        ),
    )


def _expression(pattern: str) -> str | None:
    """A shell's pattern as a regular expression, None for what is not modelled."""
    found: list[str] = []
    at = 0
    while at < len(pattern):
        letter = pattern[at]
        if letter == "[":
            match = re.compile(r"\[([!^]?)(\]?[^\]\\\[]*)\]").match(pattern, at)
            if not match or not match[2]:
                return None
            inner = re.sub(r"([\]&~|^])", r"\\\1", match[2])
            found.append(f"[{'^' if match[1] else ''}{inner}]")
            at = match.end()
            continue
        found.append({"*": ".*", "?": "."}.get(letter) or re.escape(letter))
        at += 1
    return "".join(found)
