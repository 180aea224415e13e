# SPDX-License-Identifier: MIT
"""Who reads which line: the tables that each reader gives, and how two of them become one."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Callable, Iterable, Mapping

Handler = Callable[[str], object]
"""Takes a line. True: the line is known, and no other reader needs to see it."""
Output = Callable[[str], bool]
"""Takes a line of a command's output; False ends the output, and the line is read like any other."""

Starter = Callable[[list[str]], "Output | None"]
"""Takes a command's words and returns who reads what it writes."""


@dataclasses.dataclass(frozen=True)
class Tables:
    """Who reads what, by the word that tells it."""

    heads: Mapping[str, Handler] = dataclasses.field(default_factory=dict)
    programs: Mapping[str, Handler] = dataclasses.field(default_factory=dict)
    kernel: Mapping[str, Handler] = dataclasses.field(default_factory=dict)
    commands: Mapping[str, Starter] = dataclasses.field(default_factory=dict)
    cues: tuple[tuple[tuple[str, ...], Handler], ...] = ()
    """Who takes plain lines of no known head that hold one of these texts."""
    symbols: tuple[Handler, ...] = ()
    """Take lines that begin as those of a kernel's .config do: a file of nothing else has thousands."""
    numbered: Mapping[str, Handler] = dataclasses.field(default_factory=dict)
    """Who takes lines whose first word is this and a number: ugen0.2:, u3g0:."""

    @functools.cached_property
    def cue(self) -> re.Pattern[str]:
        """Any of the texts of `cues`: most lines of prose and of logs have none."""
        return _compiled(frozenset(word for some, _handler in self.cues for word in some))

    def __add__(self, other: Tables) -> Tables:
        """Both; where both read a word, each reads it."""
        return Tables(
            _both(self.heads, other.heads),
            _both(self.programs, other.programs),
            _both(self.kernel, other.kernel),
            _both_starters(self.commands, other.commands),
            self.cues + other.cues,
            self.symbols + other.symbols,
            _both(self.numbered, other.numbered),
        )


def _both(first: Mapping[str, Handler], second: Mapping[str, Handler]) -> dict[str, Handler]:
    joined = {**first, **second}
    for word in first.keys() & second.keys():
        joined[word] = _in_turn(first[word], second[word])
    return joined


def _both_starters(first: Mapping[str, Starter], second: Mapping[str, Starter]) -> dict[str, Starter]:
    joined = {**first, **second}
    for word in first.keys() & second.keys():
        joined[word] = _either(first[word], second[word])
    return joined


def _either(first: Starter, second: Starter) -> Starter:
    def starter(words: list[str]) -> Output | None:
        outputs = (first(words), second(words))
        return outputs[0] or outputs[1]

    return starter


def _in_turn(first: Handler, second: Handler) -> Handler:
    def handler(text: str) -> object:
        return first(text) is True or second(text)

    return handler


@functools.lru_cache(maxsize=8)
def _compiled(words: frozenset[str]) -> re.Pattern[str]:
    """The expression for any of the words: the same for every reader of the same areas."""
    return re.compile(_any_of(words) if words else r"(?!)")


def _any_of(words: Iterable[str]) -> str:
    """An expression for any of the words that looks at a beginning which several have in common once only."""
    by_first: dict[str, list[str]] = {}
    for word in sorted(words):
        by_first.setdefault(word[:1], []).append(word[1:])
    if "" in by_first:
        # What is longer begins with a word that is found already.
        return ""
    branches = [re.escape(first) + _any_of(rest) for first, rest in by_first.items()]
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"
