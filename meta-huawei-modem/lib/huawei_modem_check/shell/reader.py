# SPDX-License-Identifier: MIT
"""A script's text as a tree, read as BusyBox's ash 1.36 with its bash compatibility reads it.

The shell itself has parsed the script before, so that what is not understood here is only said to be so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from huawei_modem_check.shell.scanner import NAME, WORD_ENDS, NotUnderstoodError, Scanner, TooMuchError
from huawei_modem_check.shell.tree import (
    AndOr,
    Background,
    Case,
    Commands,
    For,
    Function,
    Group,
    If,
    Literal,
    Loop,
    Pipeline,
    Redirection,
    Simple,
)

if TYPE_CHECKING:
    from huawei_modem_check.shell.tree import Node, Part, Word

_DEPTH = 60
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\+?)=", re.ASCII)
_FUNCTION = re.compile(r"[\w.-]+")
_BRACKETS = re.compile(r"[ \t]*\([ \t]*\)")
_REDIRECTION = re.compile(r"(\d*)(<<-|<<|<&|>&|>>|<>|>\||&>|<|>)")
_RESERVED = {"then", "else", "elif", "fi", "do", "done", "esac", "}", ";;", ")"}


def read(text: str, line: int = 1) -> Commands:
    """The commands of a script. Raises NotUnderstoodError."""
    reader = _Reader(text, line)
    found = reader.sequence(frozenset())
    if reader.at < len(text):
        raise NotUnderstoodError(reader.line(), text[reader.at : reader.at + 20])
    return found


class _Reader(Scanner):
    depth = 0

    def inner(self, text: str, line: int) -> Commands:
        return read(text, line)

    # --- commands -----------------------------------------------------------------------------------

    def sequence(self, ends: frozenset[str]) -> Commands:
        """Commands up to one of the words or operators of `ends`, which stays."""
        self.depth += 1
        if self.depth > _DEPTH:
            raise TooMuchError(self.line(), "it is nested too deeply")
        start = self.line()
        items: list[Node] = []
        while True:
            self.newlines()
            if self.at >= len(self.text) or self.peek() in ends:
                break
            item = self.and_or()
            operator = self.operator()
            if operator == "&":
                item = Background(self.line(), item)
            if operator in ("&", ";", "\n"):
                self.take(operator)
            items.append(item)
            if operator not in ("&", ";", "\n"):
                break
        self.depth -= 1
        return Commands(start, tuple(items))

    def and_or(self) -> Node:
        left = self.pipeline()
        while self.operator() in ("&&", "||"):
            operator = self.operator()
            line = self.line()
            self.take(operator)
            self.newlines()
            left = AndOr(line, left, self.pipeline(), operator == "||")
        return left

    def pipeline(self) -> Node:
        line = self.line()
        negated = False
        while self.peek() == "!":
            negated = not negated
            self.take("!")
        parts = [self.command()]
        while self.operator() == "|":
            self.take("|")
            self.newlines()
            parts.append(self.command())
        return Pipeline(line, tuple(parts), negated) if negated or len(parts) > 1 else parts[0]

    def command(self) -> Node:
        self.blanks()
        line, word = self.line(), self.peek()
        if word == "(":
            self.take("(")
            body: Node = self.sequence(frozenset((")",)))
            self.take(")")
            return Group(line, body, self.redirections(), True)
        compound = {
            "{": self.group,
            "if": self.condition,
            "case": self.case,
            "for": self.for_loop,
            "while": self.loop,
            "until": self.loop,
        }.get(word)
        if compound:
            self.take(word)
            body = compound(line, word)
            redirections = self.redirections()
            return Group(line, body, redirections, False) if redirections else body
        if word in _RESERVED:
            raise self.fail(word)
        if function := self.function(line):
            return function
        return self.simple(line)

    def group(self, _line: int, _word: str) -> Node:
        return self.until("}")

    def until(self, *ends: str) -> Commands:
        """Commands up to the first of `ends`, which is taken if it is the only one."""
        body = self.sequence(frozenset(ends))
        if len(ends) == 1:
            self.take(ends[0])
        return body

    def condition(self, line: int, _word: str) -> Node:
        arms: list[tuple[Commands, Commands]] = []
        while True:
            condition = self.until("then")
            body = self.until("elif", "else", "fi")
            arms.append((condition, body))
            end = self.peek()
            self.take(end)
            if end == "fi":
                return If(line, tuple(arms), None)
            if end == "else":
                return If(line, tuple(arms), self.until("fi"))

    def loop(self, line: int, word: str) -> Node:
        condition = self.until("do")
        return Loop(line, condition, self.until("done"), word == "until")

    def for_loop(self, line: int, _word: str) -> Node:
        self.blanks()
        name = self.matched(NAME)
        self.newlines()
        words: list[Word] | None = None
        if self.peek() == "in":
            self.take("in")
            words = []
            while self.operator() not in (";", "\n"):
                words.append(self.word())
        if self.operator() == ";":
            self.take(";")
        self.newlines()
        self.take("do")
        return For(line, name, None if words is None else tuple(words), self.until("done"))

    def case(self, line: int, _word: str) -> Node:
        self.blanks()
        subject = self.word()
        self.newlines()
        self.take("in")
        clauses: list[tuple[tuple[Word, ...], Commands]] = []
        while True:
            self.newlines()
            if self.peek() == "esac":
                self.take("esac")
                return Case(line, subject, tuple(clauses))
            if self.operator() == "(":
                self.take("(")
            patterns = [self.pattern()]
            while self.operator() == "|":
                self.take("|")
                patterns.append(self.pattern())
            self.take(")")
            clauses.append((tuple(patterns), self.sequence(frozenset((";;", "esac")))))
            if self.operator() == ";;":
                self.take(";;")

    def pattern(self) -> Word:
        self.blanks()
        return self.word()

    def function(self, line: int) -> Node | None:
        start = self.at
        keyword = self.peek() == "function"
        if keyword:
            self.take("function")
            self.blanks()
        name = self.skip(_FUNCTION)
        if name and (self.skip(_BRACKETS) or keyword):
            self.newlines()
            return Function(line, name, self.command())
        self.at = start
        return None

    def simple(self, line: int) -> Node:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirections: list[Redirection] = []
        brackets = False
        while True:
            self.blanks()
            if redirection := None if brackets else self.redirection():
                redirections.append(redirection)
                continue
            operator = self.operator()
            if brackets and operator in ("&&", "||", "(", ")"):
                self.at += len(operator)
                words.append((Literal({"&&": "-a", "||": "-o"}.get(operator, operator), True),))
                continue
            if self.at >= len(self.text) or operator:
                break
            assignment = None if words else _ASSIGNMENT.match(self.text, self.at)
            if assignment:
                if assignment[2]:
                    raise self.fail(assignment[0])
                self.at = assignment.end()
                ended = self.at >= len(self.text) or self.text[self.at] in WORD_ENDS
                assignments.append((assignment[1], () if ended else self.word()))
                continue
            words.append(self.word())
            plain = words[-1] == (Literal("[[", False),)
            brackets = (brackets or (plain and len(words) == 1)) and words[-1] != (Literal("]]", False),)
        if not (assignments or words or redirections):
            raise self.fail(self.text[self.at : self.at + 20])
        return Simple(line, tuple(assignments), tuple(words), tuple(redirections))

    def redirections(self) -> tuple[Redirection, ...]:
        found: list[Redirection] = []
        self.blanks()
        while redirection := self.redirection():
            found.append(redirection)
            self.blanks()
        return tuple(found)

    def redirection(self) -> Redirection | None:
        match = _REDIRECTION.match(self.text, self.at)
        if not match:
            return None
        number, operator = match.groups()
        self.at = match.end()
        self.blanks()
        if self.text.startswith("<", self.at) or self.text.startswith("(", self.at):
            raise self.fail(match[0])
        target = self.word()
        descriptor = int(number[:4]) if number else 0 if operator.startswith("<") else 1
        if operator.startswith("<<"):
            parts: list[Part] = []
            quoted = any(isinstance(part, Literal) and part.quoted for part in target)
            end = "".join(part.text for part in target if isinstance(part, Literal))
            document = Redirection(descriptor, "<<", parts)
            self.documents.append((end, operator == "<<-", quoted, parts))
            return document
        return Redirection(descriptor, operator, target)
