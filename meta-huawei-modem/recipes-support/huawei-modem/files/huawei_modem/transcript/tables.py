# SPDX-License-Identifier: MIT
"""Who reads which line: the tables that each reader gives, and how two of them become one."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

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
    def cued(self) -> Cues:
        """Who takes a line by one of the texts of `cues`."""
        return Cues(self.cues)


def joined(tables: Sequence[Tables]) -> Tables:
    """All of them as one; where several read a word, each reads it."""
    return Tables(
        _handlers(each.heads for each in tables),
        _handlers(each.programs for each in tables),
        _handlers(each.kernel for each in tables),
        _starters(each.commands for each in tables),
        tuple(cue for each in tables for cue in each.cues),
        tuple(symbol for each in tables for symbol in each.symbols),
        _handlers(each.numbered for each in tables),
    )


_MOST_WORDS, _LONG_WORD = 8192, 24
"""Words of which is kept who may take a line with them, and their characters: logs repeat their words."""


class Cues:
    """Finds who takes a line by a text in it: word by word, for most lines of prose and of logs have none."""

    def __init__(self, cues: Iterable[tuple[tuple[str, ...], Handler]]) -> None:
        tables = tuple(cues)
        self._handlers = tuple(handler for _some, handler in tables)
        self._words = _words_of(tuple(some for some, _handler in tables))

    def __call__(self, text: str) -> tuple[Handler, ...]:
        """The handlers of the line, in the order of the tables."""
        found = self._words.cues(text)
        if not found:
            return ()
        return tuple(self._handlers[number] for number in sorted({n for cue, n in found if cue in text}))


class _Words:
    """Which words may hold a cue, which one, and the number of who takes it: the same for every reader.

    Of a text of several words the longest one is looked for first, with a blank where it has one: " dev " is
    the word dev, "ttyUSB" any word with it.
    """

    def __init__(self, cues: Iterable[tuple[str, ...]]) -> None:
        found = [(_telling(cue), (cue, number)) for number, some in enumerate(cues) for cue in some]
        pieces = {piece for piece, _cue in found}
        if any(piece.strip().isdecimal() for piece in pieces):
            raise ValueError("a number is not a cue: any text has numbers")
        self._any = re.compile(_any_of(pieces) if pieces else r"(?!)")
        self._begun: dict[str, list[tuple[str, tuple[str, int]]]] = {}
        """Pieces by the shortest with which they begin, which is what the expression finds there."""
        for piece, cue in found:
            if shortest := self._any.match(piece):
                self._begun.setdefault(shortest[0], []).append((piece, cue))
        self._none: set[str] = set()
        """Words that no cue is in."""
        self._known: dict[str, tuple[tuple[str, int], ...]] = {}

    def cues(self, text: str) -> set[tuple[str, int]]:
        """Those that the line may hold."""
        none = self._none
        words = [word for word in text.split() if word not in none]
        found: set[tuple[str, int]] = set()
        for word in words:
            if not word.isdecimal():
                found.update(self._known.get(word) or self._of_word(word))
        return found

    def _of_word(self, word: str) -> tuple[tuple[str, int], ...]:
        padded = f" {word} "
        match = self._any.search(padded)
        if match is None:
            # Words with digits are addresses, times and numbers: few come again.
            plain = word.isalpha() or word[:-1].isalpha()
            if plain and len(word) <= _LONG_WORD and len(self._none) < _MOST_WORDS:
                self._none.add(word)
            return ()
        begun = set()
        while match is not None:
            begun.add(match[0])
            match = self._any.search(padded, match.start() + 1)
        found = tuple({cue for each in begun for piece, cue in self._begun[each] if piece in padded})
        if len(word) <= _LONG_WORD and len(self._known) < _MOST_WORDS:
            self._known[word] = found
        return found


@functools.lru_cache(maxsize=2)
def _words_of(cues: tuple[tuple[str, ...], ...]) -> _Words:
    return _Words(cues)


def _telling(cue: str) -> str:
    """The longest word of a cue, with the blanks that it has around it there."""
    pieces: list[str] = re.findall(r" ?[^ ]+ ?", cue)
    return max(pieces, key=lambda piece: len(piece.strip()))


def _handlers(tables: Iterable[Mapping[str, Handler]]) -> dict[str, Handler]:
    joined: dict[str, Handler] = {}
    for table in tables:
        for word, handler in table.items():
            before = joined.get(word)
            joined[word] = handler if before is None else _in_turn(before, handler)
    return joined


def _starters(tables: Iterable[Mapping[str, Starter]]) -> dict[str, Starter]:
    joined: dict[str, Starter] = {}
    for table in tables:
        both = {word: _either(joined[word], table[word]) for word in joined.keys() & table.keys()}
        joined |= {**table, **both}
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
