# SPDX-License-Identifier: MIT
"""A script's text as tokens and words, as BusyBox's ash 1.36 with its bash compatibility has them."""

from __future__ import annotations

import bisect
import re
from typing import TYPE_CHECKING

from huawei_modem_check.shell.tree import Arithmetic, Commands, Literal, Output, Parameter

if TYPE_CHECKING:
    from huawei_modem_check.shell.tree import Part, Word

NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_SPECIAL = re.compile(r"[0-9@*#?$!-]")
_OPERATOR = re.compile(r"&&|\|\||;;|;&|[;&|()\n]")
WORD_ENDS = " \t\n;&|()<>"
_EXPANSION = re.compile(r":?[-=?+]|##?|%%?|//?|:")
_BLANK = re.compile(r"(?:[ \t]|\\\n)*(?:(?:(?<=[ \t\n;&|()<>])|(?<![\s\S]))#[^\n]*)?")
_PLAIN_WORD = re.compile(r"[^\s;&|()<>'\"\\$`]+(?=[\s;&|()<>]|\Z)")
_BACKTICKS = re.compile(r"`((?:\\.|[^`\\])*)`", re.DOTALL)


class NotUnderstoodError(Exception):
    """A form of the shell's that is not modelled."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line


class TooMuchError(NotUnderstoodError):
    """A script that nests or goes on too far; its text says so."""


class Scanner:
    """Reads words from `at` on; what stands in $( ) is read by the class that knows commands."""

    def __init__(self, text: str, line: int) -> None:
        self.text = text
        self.at = 0
        self.first = line
        self.ends = [match.start() for match in re.finditer("\n", text)]
        self.documents: list[tuple[str, bool, bool, list[Part]]] = []

    def sequence(self, ends: frozenset[str]) -> Commands:
        """Commands up to one of the words or operators of `ends`, which stays."""
        raise NotImplementedError

    def inner(self, text: str, line: int) -> Commands:
        """The commands of a text of its own."""
        raise NotImplementedError

    def line(self) -> int:
        return self.first + bisect.bisect_left(self.ends, self.at)

    def fail(self, what: str) -> NotUnderstoodError:
        return NotUnderstoodError(self.line(), what)

    def skip(self, pattern: re.Pattern[str]) -> str:
        """Takes what fits here, "" when nothing does."""
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return match[0] if match else ""

    # --- tokens -------------------------------------------------------------------------------------

    def blanks(self) -> None:
        self.skip(_BLANK)

    def newlines(self) -> None:
        self.blanks()
        while self.text.startswith("\n", self.at):
            self.newline()
            self.blanks()

    def newline(self) -> None:
        self.at += 1
        for end, stripped, quoted, parts in self.documents:
            parts.extend(self.here_document(end, stripped, quoted))
        self.documents = []

    def here_document(self, end: str, stripped: bool, quoted: bool) -> Word:
        lines: list[str] = []
        first = self.line()
        while self.at < len(self.text):
            stop = self.text.find("\n", self.at)
            stop = len(self.text) if stop < 0 else stop
            line = self.text[self.at : stop]
            self.at = min(stop + 1, len(self.text))
            line = line.lstrip("\t") if stripped else line
            if line == end:
                break
            lines.append(line + "\n")
        text = "".join(lines)
        if quoted:
            return (Literal(text, True),)
        inner = type(self)(text, first)
        return inner.quoted("")

    def operator(self) -> str:
        self.blanks()
        match = _OPERATOR.match(self.text, self.at)
        if not match or self.text.startswith("&>", self.at):
            return ""
        return match[0]

    def peek(self) -> str:
        """The operator, or the plain word, that stands here."""
        if operator := self.operator():
            return operator
        match = _PLAIN_WORD.match(self.text, self.at)
        return match[0] if match else ""

    def take(self, word: str) -> None:
        if self.peek() != word or not word:
            raise self.fail(self.text[self.at : self.at + 20])
        if word == "\n":
            self.newline()
        else:
            self.at += len(word)

    def matched(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if not match:
            raise self.fail(self.text[self.at : self.at + 20])
        self.at = match.end()
        return match[0]

    # --- words --------------------------------------------------------------------------------------

    def word(self, ends: str = WORD_ENDS) -> Word:
        """The parts up to an unquoted character of `ends`, which stays."""
        parts: list[Part] = []
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in ends:
            letter = self.text[self.at]
            if letter == "'" or self.text.startswith("$'", self.at):
                self.at += 1 if letter == "'" else 2
                stop = self.text.find("'", self.at)
                if stop < 0 or (letter == "$" and "\\" in self.text[self.at : stop]):
                    raise self.fail("'")
                parts.append(Literal(self.text[self.at : stop], True))
                self.at = stop + 1
            elif letter == '"':
                self.at += 1
                parts.extend(self.quoted('"') or (Literal("", True),))
                self.at += 1
            elif letter == "\\":
                if not self.text.startswith("\\\n", self.at):
                    parts.append(Literal(self.text[self.at + 1 : self.at + 2], True))
                self.at += 2
            elif letter in "$`":
                parts.append(self.expansion(False))
            else:
                parts.append(Literal(self.skip(re.compile(r"[^'\"\\$`" + re.escape(ends) + "]+")), False))
        if self.at == start and ends == WORD_ENDS:
            raise self.fail(self.text[self.at : self.at + 20])
        return tuple(parts)

    def quoted(self, end: str) -> Word:
        """The parts up to `end`, as between double quotes; "" is the text's end."""
        parts: list[Part] = []
        while self.at < len(self.text) and not (end and self.text.startswith(end, self.at)):
            letter = self.text[self.at]
            if letter == "\\":
                following = self.text[self.at + 1 : self.at + 2]
                if following != "\n":
                    parts.append(
                        Literal(following if following in ("$`\\" + end) else letter + following, True)
                    )
                self.at += 2
            elif letter in "$`":
                parts.append(self.expansion(True))
            else:
                parts.append(Literal(self.skip(re.compile(r"[^\\$`" + re.escape(end) + "]+")), True))
        if end and self.at >= len(self.text):
            raise self.fail(end)
        return tuple(parts)

    def expansion(self, quoted: bool) -> Part:
        """What begins with $ or a backtick."""
        if self.text[self.at] == "`":
            return self.backticks(quoted)
        if self.text.startswith("$((", self.at):
            self.at += 3
            return self.arithmetic(quoted)
        if self.text.startswith("$(", self.at):
            self.at += 2
            body = self.sequence(frozenset((")",)))
            self.take(")")
            return Output(body, quoted)
        if self.text.startswith("${", self.at):
            self.at += 2
            return self.braces(quoted)
        match = NAME.match(self.text, self.at + 1) or _SPECIAL.match(self.text, self.at + 1)
        self.at = match.end() if match else self.at + 1
        return Parameter(match[0], "", (), quoted) if match else Literal("$", True)

    def backticks(self, quoted: bool) -> Part:
        match = _BACKTICKS.match(self.text, self.at)
        if not match:
            raise self.fail("`")
        line = self.line()
        self.at = match.end()
        return Output(self.inner(re.sub(r"\\([$`\\])", r"\1", match[1]), line), quoted)

    def arithmetic(self, quoted: bool) -> Part:
        parts: list[Part] = []
        depth = 0
        while self.at < len(self.text):
            letter = self.text[self.at]
            if letter in "$`":
                parts.append(self.expansion(True))
                continue
            if depth == 0 and self.text.startswith("))", self.at):
                self.at += 2
                return Arithmetic(tuple(parts), quoted)
            depth += {"(": 1, ")": -1}.get(letter, 0)
            if depth < 0 or letter in "'\"\\":
                break
            parts.append(Literal(letter, True))
            self.at += 1
        raise self.fail("$((")

    def braces(self, quoted: bool) -> Part:
        length = re.compile(r"#(?=[\w@*])").match(self.text, self.at) is not None
        self.at += length
        match = NAME.match(self.text, self.at) or re.compile(r"\d+|[@*#?$!-]").match(self.text, self.at)
        if not match:
            raise self.fail("${")
        self.at = match.end()
        if self.text.startswith("}", self.at):
            self.at += 1
            return Parameter(match[0], "", (), quoted, length)
        operator = _EXPANSION.match(self.text, self.at)
        if not operator or length:
            raise self.fail("${" + match[0])
        self.at = operator.end()
        word = self.word_in_braces(quoted)
        self.at += 1
        return Parameter(match[0], operator[0], word, quoted)

    def word_in_braces(self, quoted: bool) -> Word:
        word = self.quoted("}") if quoted else self.word("}")
        if not self.text.startswith("}", self.at):
            raise self.fail("${")
        if quoted and any(isinstance(part, Literal) and "'" in part.text for part in word):
            raise self.fail("${")
        return word
