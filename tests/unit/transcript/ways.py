# SPDX-License-Identifier: MIT
"""In how many ways a regular expression can be laid over the worst line, told from its structure alone.

A repeat that what follows cannot tell from its own characters is *open*: the engine tries each of its lengths
before it gives up. Open repeats multiply. What takes a character that is none of a repeat's closes it.
Nothing is run and nothing is timed, so the answer is the same on any machine.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Sequence
from math import prod
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

LINE = 2000
"""Characters of a line that are looked at (`reader._LONGEST`)."""
_SAMPLE = tuple(map(chr, range(9, 127))) + tuple("\xa0é—Жж中٣“’")
_WORD = frozenset(one for one in _SAMPLE if one.isalnum() or one == "_")
_REPEATS = (code.MAX_REPEAT, code.MIN_REPEAT)
_SINGLE = (code.LITERAL, code.NOT_LITERAL, code.ANY, code.IN)
_REST = [(code.ANY, None)]
Node = tuple[Any, Any]
Set = frozenset[str]


class Repeat(NamedTuple):
    """One repeat: its characters, and how many lengths it may have."""

    chars: Set
    ways: float


class Laid(NamedTuple):
    """The repeats that are open, and the most ways so far.

    Neighbours that share no character are in one group: where one gives back what it took, the next takes
    nothing, so that their ways add up. Those of groups multiply.
    """

    open: tuple[tuple[Repeat, ...], ...] = ()
    most: float = 1

    def ways(self) -> float:
        """All combinations of the open ones."""
        return prod(sum(repeat.ways for repeat in group) for group in self.open)

    def kept(self, is_open: Callable[[Repeat], bool]) -> Laid:
        """With those repeats alone that are still open."""
        groups = (tuple(filter(is_open, group)) for group in self.open)
        return self._replace(open=tuple(filter(None, groups)))

    def closed(self, taken: Sequence[Set]) -> Laid:
        """After characters that must be there; a longer piece fits at fewer places."""
        left = self.kept(lambda repeat: all(repeat.chars & one for one in taken))
        if len(taken) == 1 or not left.open:
            return left
        fewer = tuple(repeat._replace(ways=max(1.0, repeat.ways / len(taken))) for repeat in left.open[-1])
        return left._replace(open=(*left.open[:-1], fewer))

    def opened(self, chars: Set, ways: float) -> Laid:
        """After a repeat that takes these characters."""
        repeat, groups = Repeat(chars, ways), self.open
        if groups and not any(chars & other.chars for other in groups[-1]):
            now = self._replace(open=(*groups[:-1], (*groups[-1], repeat)))
        else:
            now = self._replace(open=(*groups, (repeat,)))
        return now._replace(most=max(now.most, now.ways()))

    def bounded(self) -> Laid:
        """At the edge of a word: what takes letters alone ends here or nowhere."""
        return self.kept(lambda repeat: not repeat.chars <= _WORD)


def ways(pattern: str, flags: int = 0) -> float:
    """The most ways in which the pattern is tried at one place of a line.

    What a pattern ends in, `.*`, takes the rest of the line and is not tried again.
    """
    tree = parser.parse(pattern, flags & ~re.DEBUG)
    return _sequence(list(tree), Laid(), tree.state.flags, last=True).most


def _sequence(nodes: list[Node], laid: Laid, flags: int, last: bool = False) -> Laid:
    while last and nodes and _is_rest(nodes[-1]):
        nodes.pop()
    at = 0
    while at < len(nodes):
        taken: list[Set] = []
        while at < len(nodes) and (one := _taken(nodes[at], flags)) is not None:
            taken.append(one)
            at += 1
        if taken:
            laid = laid.closed(taken)
        else:
            laid = _node(nodes[at], laid, flags, last and at == len(nodes) - 1)
            at += 1
    return laid


def _node(node: Node, laid: Laid, flags: int, last: bool) -> Laid:
    what, of = node
    if what in _REPEATS:
        return _repeat(of[0], min(int(of[1]), LINE), list(of[2]), laid, flags)
    if what is code.SUBPATTERN:
        return _sequence(list(of[3]), laid, flags | of[1], last)
    if what is code.BRANCH:
        ends = [_sequence(list(branch), laid, flags, last) for branch in of[1]]
        end = max(ends, key=Laid.ways)._replace(most=max(end.most for end in ends))
        begins = [_begins(branch, flags)[0] for branch in of[1]]
        both = [one & other for at, one in enumerate(begins) for other in begins[:at] if one & other]
        return end.opened(frozenset().union(*both), 2) if both else end
    if what in (code.ASSERT, code.ASSERT_NOT):
        seen = _sequence(list(of[1]), laid, flags, last=True)
        # What must follow tells where the repeats before it end; how it was found is not tried again.
        if what is code.ASSERT_NOT or of[0] < 0:
            return laid._replace(most=seen.most)
        after = {repeat for group in seen.open for repeat in group}
        return laid.kept(after.__contains__)._replace(most=seen.most)
    if what is code.AT and of is code.AT_BOUNDARY:
        return laid.bounded()
    assert what in (code.AT, code.GROUPREF), f"a node that is not known here: {what}"
    return laid


def _repeat(low: int, high: int, body: list[Node], laid: Laid, flags: int) -> Laid:
    begins, empty = _begins(body, flags)
    if low and not empty:
        laid = laid.closed([begins])
    if len(body) > 1 or _taken(body[0], flags) is None:
        once = _sequence(list(body), laid, flags)
        if high > 1:
            twice = _sequence(list(body), once, flags)
            # What is open behind a whole turn multiplies at each further one.
            grown = (twice.ways() / once.ways()) ** min(high - 2, 60)
            once = twice._replace(most=max(twice.most, twice.ways() * grown))
        laid = once
    return laid.opened(begins, high - low + 1) if high > low else laid


def _is_rest(node: Node) -> bool:
    return node[0] in _REPEATS and node[1][:2] == (0, code.MAXREPEAT) and list(node[1][2]) == _REST


def _begins(nodes: Iterable[Node], flags: int) -> tuple[Set, bool]:
    """What a sequence may begin with, and whether it may be empty."""
    chars: Set = frozenset()
    for what, of in nodes:
        one, empty = _taken((what, of), flags), False
        if one is None and what in _REPEATS:
            one, empty = _begins(of[2], flags)
            empty = empty or not of[0]
        elif one is None and what is code.SUBPATTERN:
            one, empty = _begins(of[3], flags | of[1])
        elif one is None and what is code.BRANCH:
            each = [_begins(branch, flags) for branch in of[1]]
            one, empty = frozenset().union(*(begin for begin, _ in each)), any(none for _, none in each)
        elif one is None:
            one, empty = frozenset(), True
        chars |= one
        if not empty:
            return chars, False
    return chars, True


def _taken(node: Node, flags: int) -> Set | None:
    """The characters that a node of one character takes; None for any other node."""
    what, of = node
    return _taken_by(what, tuple(of) if what is code.IN else of, flags) if what in _SINGLE else None


@functools.cache
def _taken_by(what: Any, of: Any, flags: int) -> Set:
    if what is code.LITERAL or what is code.NOT_LITERAL:
        same = {chr(of)} if not flags & re.IGNORECASE else {chr(of).lower(), chr(of).upper(), chr(of)}
        return frozenset(same if what is code.LITERAL else set(_SAMPLE) - same)
    if what is code.ANY:
        return frozenset(_SAMPLE) - {"\n"}
    negated = of[0][0] is code.NEGATE
    pieces = of[1:] if negated else of
    found = {one for one in _SAMPLE if any(_is_of(one, *piece, flags) for piece in pieces)}
    found |= {chr(value) for kind, value in pieces if kind is code.LITERAL}
    return frozenset(set(_SAMPLE) - found if negated else found)


def _is_of(one: str, kind: Any, value: Any, flags: int) -> bool:
    if kind is code.CATEGORY:
        name = str(value)
        held = (
            one.isdecimal()
            if "DIGIT" in name
            else one.isspace()
            if "SPACE" in name
            else (one.isalnum() or one == "_")
        )
        return held != ("NOT" in name)
    low, high = value if kind is code.RANGE else (value, value)
    cases = {one, one.lower(), one.upper()} if flags & re.IGNORECASE else {one}
    return any(low <= ord(case) <= high for case in cases)
