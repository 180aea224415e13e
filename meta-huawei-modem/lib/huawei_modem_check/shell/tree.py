# SPDX-License-Identifier: MIT
"""What a script is made of: commands, and the words in them. Lines count from 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Literal(NamedTuple):
    """Text as it stands; `quoted` text is neither split nor a pattern."""

    text: str
    quoted: bool


class Parameter(NamedTuple):
    """$NAME or ${NAME OP WORD}; with `length` it is ${#NAME}."""

    name: str
    operator: str
    word: tuple[Part, ...]
    quoted: bool
    length: bool = False


class Output(NamedTuple):
    """$(BODY), or the same in backticks."""

    body: Commands
    quoted: bool


class Arithmetic(NamedTuple):
    """$((WORD))."""

    word: tuple[Part, ...]
    quoted: bool


if TYPE_CHECKING:
    Part = Literal | Parameter | Output | Arithmetic
    Word = tuple[Part, ...]


class Redirection(NamedTuple):
    """`operator` without its number; for << `target` is the here-document's text, filled at its end."""

    descriptor: int
    operator: str
    target: Sequence[Part]


class Simple(NamedTuple):
    line: int
    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirections: tuple[Redirection, ...]


class Pipeline(NamedTuple):
    line: int
    parts: tuple[Node, ...]
    negated: bool


class AndOr(NamedTuple):
    """LEFT && RIGHT, or LEFT || RIGHT with `is_or`."""

    line: int
    left: Node
    right: Node
    is_or: bool


class Background(NamedTuple):
    line: int
    body: Node


class Commands(NamedTuple):
    line: int
    items: tuple[Node, ...]


class If(NamedTuple):
    line: int
    arms: tuple[tuple[Commands, Commands], ...]
    otherwise: Commands | None


class Loop(NamedTuple):
    """while, or until."""

    line: int
    condition: Commands
    body: Commands
    until: bool


class For(NamedTuple):
    """`words` is None for the arguments."""

    line: int
    name: str
    words: tuple[Word, ...] | None
    body: Commands


class Case(NamedTuple):
    line: int
    word: Word
    clauses: tuple[tuple[tuple[Word, ...], Commands], ...]


class Group(NamedTuple):
    """A compound command with redirections of its own, or in ( ) with `is_subshell`."""

    line: int
    body: Node
    redirections: tuple[Redirection, ...]
    is_subshell: bool


class Function(NamedTuple):
    line: int
    name: str
    body: Node


if TYPE_CHECKING:
    Node = Simple | Pipeline | AndOr | Background | Commands | If | Loop | For | Case | Group | Function
