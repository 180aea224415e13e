# SPDX-License-Identifier: MIT
"""One pass over the text: takes each line's prefix off, finds who wrote it, hands it to a reader.

A line costs one look-up by its first word, so a log of any size is read in linear time; only lines
that mean something are kept. The tables of readers/ name who reads what: by the first word of a plain
line, by the program of a syslog line, by the first word of a kernel message, or by the command whose
output follows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Protocol

from huawei_modem.transcript import clause, marks, paste, prefix, shipped, source
from huawei_modem.transcript.commands import Commands
from huawei_modem.transcript.line import (
    CUT,
    LOGGERS,
    PREFIXES,
    STAMP_INSIDE,
    WITH_ID,
    as_printable,
    is_command,
    is_comment,
    parts_of,
    retyped,
)
from huawei_modem.transcript.model import Part, State
from huawei_modem.transcript.notes import KEPT
from huawei_modem.transcript.tables import Handler, Tables, joined

_Route = tuple[Callable[[Any], None], Any]
"""What is done with a line without a prefix, as far as the line alone tells, and what it is done with."""
_Plain = tuple[str, "Handler | None", tuple[Handler, ...]]
_MOST_ROUTES = 4096
_GLUED = 120
"""Characters from which on a line may be several."""
_LONGEST = 2000
"""Characters of a line that are looked at; the longest line that means something has some hundred."""
_LONGEST_GLUED = 1 << 14
"""Characters of a line that many lines were glued into."""
_KERNEL_LATE, _PROGRAMS_LATE = 1.0, 60.0
"""Seconds. Messages of several processors come a little out of turn; what programs say is stamped when they
say it and listed when it was read, which was three seconds later on a busy board."""
_SYMBOLS = ("CONFIG_", "# CONFIG_")
_SCRIPTED = frozenset("ACRTSEH'\"")
"""What a line of a chat script begins with."""


def _nobody(_text: str) -> None:
    """Takes nothing."""


class HasTables(Protocol):
    """One area's reader."""

    def tables(self) -> Tables:
        """Which lines it takes."""


_OF_ANYBODY = ("+C", "org.ofono.E", "ModemManager1.E", "gammu.E", "esponse", "egistered", "/dev/", "ttyUSB")
"""Pieces of what a program that is not known here may say of the modem."""


class Reader(Commands):
    """Reads lines into a history. `feed` it each source in its turn."""

    def __init__(self, parts: Iterable[Callable[[Reader], HasTables]]) -> None:
        super().__init__()
        self._routes: dict[str, _Route] = {"": (self._blank, None)}
        """Who takes which plain line. Logs and quotations repeat themselves, and a line is looked at once."""
        self.tables = joined([part(self).tables() for part in parts])
        self._of_file = 0
        """The last line of a file that was pasted; 0 where that was another source's."""
        self._complain = self.tables.programs.get("?", _nobody)
        self._symbols, self._kernels, self._heads = self.tables.symbols, self.tables.kernel, self.tables.heads
        self._cued = self.tables.cued

    def feed(self, source: str, lines: Iterable[str]) -> None:
        """Reads a file or a paste. The state goes on from one source to the next."""
        self.source, self.line, self.output, self.stamp, self.block = source, 0, None, None, ""
        self.part, self._of_file = Part("", source, 0, 0), 0
        self._command_of_name(source)
        pasted = paste.lines_of(lines)
        self._step = pasted.step
        if pasted.width:
            self._broken(pasted)
        else:
            self._whole(pasted.numbered)
        self.finish()
        self.history.lines += self.line

    def _whole(self, numbered: Iterable[tuple[int, str]]) -> None:
        one, routes = self._one, self._routes
        for self.line, raw in numbered:
            self.text = text = raw.rstrip()
            if (route := routes.get(text)) is not None:
                route[0](route[1])
            else:
                one(text)

    def _broken(self, pasted: paste.Lines) -> None:
        """Lines that were broken at a width: one that means nothing by itself is read with its rest."""
        whole, last, first = "", "", 0
        routes, mixed = self._routes, pasted.mixed
        for number, raw in pasted.numbered:
            self.text = text = raw.rstrip()
            self.line = number
            known = self._is_known(first)
            if (
                whole
                and not known
                and paste.goes_on(last, text, pasted.width)
                and (not mixed or paste.logged(whole))
            ):
                whole = f"{whole} {paste.unquoted(text)}"[:_LONGEST]
                self.line = first
                self._one(whole)
                self.line = number
                if not self._is_known(first):
                    self.text = text
                    self._one(text)
            elif whole and known and paste.has_more(whole, last, text, pasted.width):
                # Its reason stands on the next line, and says more than the line did.
                whole = f"{whole} {paste.unquoted(text)}"[:_LONGEST]
                self.line = first
                self._one(whole)
                self.line = number
            else:
                whole, first = text, number
                if (route := routes.get(text)) is not None:
                    route[0](route[1])
                else:
                    self._one(text)
            last = text

    def _is_known(self, line: int) -> bool:
        """Whether the latest line that meant something is this one."""
        return self.part.last == line and self.part.source == self.source

    def _one(self, text: str) -> None:
        """A line that no look-up knows."""
        if len(text) > _LONGEST:
            glued = paste.pieces(text[:_LONGEST_GLUED])
            if len(glued) > 1:
                for piece in glued:
                    self._one(piece[:_LONGEST].rstrip())
                return
            text = text[:_LONGEST].rstrip()
        if not text.isprintable():
            text = as_printable(text)
        if text[-1:] in paste.LAST or "&" in text or '=""' in text:
            text = paste.tidy(text)
        self.text = text = retyped(text)
        if len(text) > _GLUED:
            pieces = paste.pieces(text)
            for self.text in pieces if len(pieces) > 1 else clause.paragraph(text):
                self._line(self.text)
        else:
            self._line(text)

    def finish(self) -> None:
        """The source ends here; whether it was cut is not known, so nothing is made of an empty output."""
        self.output, self.ended = None, None

    # Lines

    def _line(self, text: str) -> None:
        first = text[:1]
        if first == "[" and text[13:15] == "] " and "]: " not in text and " kernel: " not in text:
            # [   83.411050] as printk pads it: nearly every line of a log, read without a further call.
            try:
                stamp = float(text[1:13])
            except ValueError:
                self._unprefixed(text)
                return
            if self.stamp is None or stamp < self.stamp:
                self._clock(stamp)
            else:
                self.stamp = stamp
            self.history.kernel_lines += 1
            handler = self._kernels.get(text[15:].partition(" ")[0])
            if handler is not None:
                handler(text[15:])
        elif (first == "C" or first == "#") and text.startswith(_SYMBOLS):
            if self.output is None or not self._taken_as_output(text):
                for symbol in self._symbols:
                    symbol(text)
        elif first == ">":
            self._quoted(text)
        elif not (first in PREFIXES and self._prefixed(parts_of(text, first))):
            self._unprefixed(text)

    def _unprefixed(self, text: str) -> None:
        if "]: " in text and (program := WITH_ID.match(text)) and not STAMP_INSIDE.search(text):
            # A program's line with its process id: few are ever seen again.
            if self.output is None or not self._taken_as_output(text):
                self._program(program[1], text[program.end() :])
            return
        act, operand = route = self._routes.get(text) or self._route(text)
        if len(self._routes) < _MOST_ROUTES and len(text) < KEPT:
            self._routes[text] = route
        act(operand)

    def _route(self, text: str) -> _Route:
        """What is to be done with a line that has no prefix: nothing here depends on the lines before."""
        if (bare := marks.as_written(text)) != text:
            return self._line, bare
        if ("#" in text or "$" in text) and not is_comment(text) and (prompt := self._prompt_of(text)):
            return self._prompt, prompt
        if text[:1] in paste.FIRST or text[:1].isdecimal():
            bare = paste.undecorated(paste.tidy(text))
            if bare != text:
                return self._line, bare
        if "Device " in text and (listed := marks.listed(text)):
            return self._listed_in, listed
        if ":" in text[5:16] and (parts := prefix.foreign(text)):
            return self._behind_margin, parts
        if (
            text[:1] == " "
            and (inner := text.lstrip())[:1] in PREFIXES
            and (parts := parts_of(inner, inner[0]))
        ):
            return self._behind_margin, parts
        if "[" in text and (inside := STAMP_INSIDE.search(text)):
            # The console wrote the kernel's message into the line of another program.
            start = inside.start()
            return self._cut_into, (prefix.kernel(text[start:]), self._plain_route(text[:start].rstrip()))
        return self._way_of(self._plain_route(text))

    def _way_of(self, plain: _Plain) -> _Route:
        """Whether a line says what it says, only speaks of it, or has a collector's front."""
        text, handler, cues = plain
        known = handler is not None or bool(cues)
        if source.is_written(text) if known else text[:1] in _SCRIPTED and source.of_chat(text):
            return self._written, plain
        if known and clause.only_mentions(text):
            return self._mentioned, plain
        if handler is None and (within := shipped.inner(text, self.tables)) is not None:
            return self._shipped, (plain, within)
        return self._plain, plain

    def _shipped(self, route: tuple[_Plain, shipped.Inner]) -> None:
        """What a program that collects logs passed on, unless it is a row of a command's output."""
        plain, inner = route
        if self.output is not None and self._taken_as_output(plain[0]):
            return
        if not isinstance(inner, str):
            self._prefixed(inner)
            return
        self._plain(plain)
        if not self._is_known(self.line):
            self._line(inner)

    def _listed_in(self, lines: list[str]) -> None:
        """Rows of lsusb in a sentence are a look at the bus of its own."""
        self.block = ""
        for line in lines:
            self._line(line)

    def _quoted(self, text: str) -> None:
        """An answer quotes what it answers."""
        text = paste.unquoted(text)
        if text:
            self._line(text)
        else:
            self._blank()

    def _blank(self, _nothing: None = None) -> None:
        if self.output is not None and not self.output(""):
            self.output = None

    def _taken_as_output(self, text: str) -> bool:
        """Whether the line belongs to the command above it; one that does not ends its output."""
        if self.output is None:
            return False
        if self.output(text):
            return True
        self._end_output(by_prompt=False)
        return False

    def _plain(self, route: _Plain) -> None:
        text, handler, cues = route
        if self.output is not None and self._taken_as_output(text):
            return
        if self._of_file and self.follows(self._of_file) and source.goes_on(text):
            self._written(route)
        elif handler is None or handler(text) is False:
            for cue in cues:
                cue(text)

    def _written(self, route: _Plain) -> None:
        """A line of a script, of code or of settings."""
        self._of_file = 0
        with source.unheard(self.history):
            self._mentioned(route)
        self._of_file = self.line

    def _mentioned(self, route: _Plain) -> None:
        """A line that only speaks of what a program may say: what it names is noted of no state."""
        if self.output is not None and self._taken_as_output(route[0]):
            return  # the output that it ends has said what it has said
        state, touched = self.state, self.touched
        self.state, self.mentions, self.touched = State(state.number, state.host), True, False
        self._plain(route)
        self.state, self.mentions, self.touched = state, False, touched

    def _cut_into(self, route: tuple[tuple[str, str, float | None] | None, _Plain]) -> None:
        self._prefixed(route[0])
        self._plain(route[1])

    def _plain_route(self, text: str) -> _Plain:
        """The line, who takes it by its first word, and who takes it then by what else is in it."""
        words = text.split(None, 1)
        if not words:
            return text, None, ()
        head = words[0]
        handler = self._heads.get(head) or self._kernels.get(head)
        if handler is not None:
            return text, handler, self._cued(text)
        if head[-2:] == "]:" and (program := WITH_ID.match(text)):
            return text, partial(self._named, program[1], text[program.end() :]), ()
        handler = self._heads.get(head[0] if head[0] in "+^" else head.partition("=")[0])
        if handler is None and head[0] in "Aa" and is_command(head):
            handler = self._heads.get("AT")
        if handler is not None:
            return text, handler, ()
        if head[-1:] in ":>0123456789" and (numbered := head.rstrip(":.0123456789")) in self.tables.numbered:
            return text, self.tables.numbered[numbered], ()
        if "kernel: " in text and (wrapped := CUT.match(text)):
            return text, partial(self._named, "kernel", text[wrapped.end() :]), ()
        if head[-1:] == ":" and head[:-1] in LOGGERS and len(words) > 1:
            return text, partial(self._undated, head[:-1], words[1]), self._cued(text)
        return text, None, self._cued(text)

    def _undated(self, program: str, said: str, _text: str) -> bool:
        """A line of a log without its date; False where nothing in it is known."""
        self._program(program, said)
        return self._is_known(self.line)

    def _named(self, program: str, said: str, _text: str) -> None:
        self._program(program, said)

    def _behind_margin(self, parts: tuple[str, str, float | None]) -> None:
        self._prefixed(parts)

    def _prefixed(self, parts: tuple[str, str, float | None] | None) -> bool:
        """Whether the line had a prefix; then it is read as what its program says."""
        if parts is None:
            return False
        program, text, stamp = parts
        if stamp is not None:
            if self.stamp is not None and stamp >= self.stamp:
                self.stamp = stamp
            else:
                self._clock(stamp, _PROGRAMS_LATE if program not in ("", "kernel") else _KERNEL_LATE)
        if program and program != "kernel":
            return self._program(program, text)
        if text[:1] in ("[", "<") and (inner := prefix.kernel(text)) is not None:
            return self._prefixed(inner)
        self._kernel(text)
        return True

    def _kernel(self, text: str) -> None:
        self.history.kernel_lines += 1
        word, _, rest = text.partition(" ")
        handler = self._kernels.get(word)
        if handler is not None:
            handler(text)
        elif word[-1:] == ":" and (numbered := word.rstrip(":.0123456789")) in self.tables.numbered:
            self.tables.numbered[numbered](text)
        elif word[-2:] == "]:":
            # The kernel speaks of a process, or the console shows a program's line with the kernel's stamp.
            self._program(word.partition("[")[0], rest)

    def _clock(self, stamp: float, late: float = _KERNEL_LATE) -> None:
        """A boot starts at nought: a stamp earlier than the last by more than `late` is of another."""
        if self.stamp is not None and stamp < self.stamp - late:
            self.new_state()
        elif late == _PROGRAMS_LATE:
            return
        self.stamp = stamp

    def _program(self, program: str, text: str) -> bool:
        name = program.rpartition("/")[2] if "/" in program else program
        if name == "kernel":
            return self._prefixed(("", text, None))
        handler = self.tables.programs.get(name)
        if handler is not None:
            programs = self.history.programs
            programs[name] = programs.get(name, 0) + 1
            handler(text)
            if ("rror" in text or "ail" in text) and not self._is_known(self.line):
                self.history.complaint = self.seen(name)
                self._complain(text)
        elif any(word in text for word in _OF_ANYBODY):
            self._anybody(text)
        elif "rror" in text or "ail" in text or "not " in text:
            self._complain(text)
        return True

    def _anybody(self, text: str) -> None:
        """What a script or a program that is not known here says of the modem."""
        known = self.tables.programs.get("")
        for handler in self._cued(text) if known is None else (known, *self._cued(text)):
            handler(text)
