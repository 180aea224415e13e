# SPDX-License-Identifier: MIT
"""One pass over the text: takes each line's prefix off, finds who wrote it, hands it to a reader.

A line costs one look-up by its first word, so a log of any size is read in linear time; only lines
that mean something are kept. The tables of readers/ name who reads what: by the first word of a plain
line, by the program of a syslog line, by the first word of a kernel message, or by the command whose
output follows.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar

from huawei_modem.transcript.model import MOST_ENTRIES, History, Part, Seen, State

T = TypeVar("T")
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

    def __add__(self, other: Tables) -> Tables:
        """Both; where both read a word, each reads it."""
        return Tables(
            _both(self.heads, other.heads),
            _both(self.programs, other.programs),
            _both(self.kernel, other.kernel),
            _both_starters(self.commands, other.commands),
            self.cues + other.cues,
            self.symbols + other.symbols,
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


_KEPT = 200
"""Characters of a line that are kept as evidence."""
_LONGEST = 2000
"""Characters of a line that are looked at; the longest line that means something has some hundred."""
_KERNEL_LATE, _PROGRAMS_LATE = 1.0, 60.0
"""Seconds. Messages of several processors come a little out of turn; what programs say is stamped when they
say it and listed when it was read, which was three seconds later on a busy board."""
_SYMBOLS = ("CONFIG_", "# CONFIG_")
_DATES = "Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
_NAMES_OF_DATES = frozenset(_DATES.split())
_KERNEL = re.compile(
    r"(?:<\d{1,3}>)?\[ *(?:(\d{1,9}\.\d{3,6})|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4})\]"
    r"(?:\[ *[TC]\d+\])? ?"
)
_STAMP_INSIDE = re.compile(r"\[ *\d{1,7}\.\d{6}\] ")
_SYSLOG = re.compile(
    r"(?:[A-Z][a-z]{2} [ \d]\d [\d:]{8}(?:\.\d+)?|\d{4}-\d\d-\d\d[T ][\d:]{8}\S*"
    # logread of OpenWrt has the facility where others have the host.
    r"|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4}) \S+ "
    r"([\w./@-]+?)(?:\[\d+\])?: "
)
_MONOTONIC = re.compile(r"(?:\S+ )?([\w./@-]+)\[\d+\]: |\S+ kernel: ")
_WITH_ID = re.compile(r"([\w.-]+)\[\d+\]: ")
_PROMPT = re.compile(
    r"\s*(?:\[?[\w.-]+@([\w.-]+)[: ][^#$>]{0,80}[#$]|(?:(?:[\w-]+:)?[~/][\w./-]{0,80} ?)?[#$])\s*(.*)"
)
_COMMENT = re.compile(r"#(?: [A-Z]|$)").match
"""No prompt: a command begins with a small letter."""
# Also what word processors and forums put between letters: zero-width characters, marks of direction.
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0e-\x1f\u200b-\u200f\ufeff]")


def _printable(text: str) -> str:
    text = text.expandtabs(4)
    if text.isprintable():
        return text
    text = _ESCAPES.sub("", text)
    # Blanks of word processors and forums.
    return text if text.isascii() else text.replace("\xa0", " ").replace("\u202f", " ").replace("\u2009", " ")


class HasTables(Protocol):
    """One area's reader."""

    def tables(self) -> Tables:
        """Which lines it takes."""


class Reader:
    """Reads lines into a history. `feed` it each source in its turn."""

    def __init__(self, parts: Iterable[Callable[[Reader], HasTables]]) -> None:
        self.history = History()
        self.source = ""
        self.line = 0
        self.text = ""
        self.command = ""
        self.command_line = 0
        self.output: Output | None = None
        self.ended: Callable[[bool], None] | None = None
        """Set by a command's reader: called when something else follows its output, True for a prompt."""
        self.stamp: float | None = None
        self.touched = False
        """Whether the present state holds anything yet."""
        self.block = ""
        """What kind of lines the last ones were, for what spans lines."""
        self.block_end = 0
        self.part = Part("", "", 0, 0)
        """The stretch of text that the last known lines belong to."""
        self.state = State(0, None)
        self.history.states.append(self.state)
        self._releases: set[str] = set()
        """Of all states so far."""
        self.tables = Tables()
        for part in parts:
            self.tables += part(self).tables()
        self._symbols, self._kernels = self.tables.symbols, self.tables.kernel

    def feed(self, source: str, lines: Iterable[str]) -> None:
        """Reads a file or a paste. The state goes on from one source to the next."""
        self.source, self.line, self.output, self.stamp, self.block = source, 0, None, None, ""
        self.part = Part("", source, 0, 0)
        self._command_of_name(source)
        read, blank, longest = self._line, self._blank, _LONGEST
        for self.line, raw in enumerate(lines, 1):
            text = (raw if len(raw) <= longest else raw[:longest]).rstrip()
            if not text.isprintable():
                text = _printable(text)
            self.text = text
            if text:
                read(text)
            else:
                blank()
        self.finish()
        self.history.lines += self.line

    def finish(self) -> None:
        """The source ends here; whether it was cut is not known, so nothing is made of an empty output."""
        self.output, self.ended = None, None

    # What readers call

    def seen(self, value: T) -> Seen[T]:
        """`value` with the present line as its evidence."""
        text = self.text
        return Seen(value, (self.source, text if len(text) < _KEPT else text.strip()[:_KEPT], self.line))

    def seen_command(self, value: T) -> Seen[T]:
        """`value` with the command as its evidence, for what is known by its silence."""
        return Seen(value, (self.source, self.command, self.command_line))

    def file_name(self, suffix: str) -> str:
        """The source's name where it is a file with this suffix."""
        return self.source if self.source.endswith(suffix) else ""

    def mark(self, kind: str) -> None:
        """The present line is of `kind`."""
        self.touched = True
        part = self.part
        if part.kind == kind:
            part.last = self.line
            return
        self.part = Part(kind, self.source, self.line, self.line)
        if len(self.history.parts) < MOST_ENTRIES:
            self.history.parts.append(self.part)

    def joins(self, block: str) -> bool:
        """Whether the line goes on with the block of lines before it; from now on it is one of it."""
        joined = self.block == block and self.line - self.block_end <= 1
        self.block, self.block_end = block, self.line
        return joined

    def new_state(self) -> None:
        """The system has changed: what was known of it is history."""
        if not self.touched:
            return
        self.state = State(self.state.number + 1, self.state.host)
        self.history.states.append(self.state)
        self.touched = False
        self.block = ""

    def release_is(self, release: str) -> None:
        """The running kernel's release. Another one, or the one of an earlier boot, is a new state."""
        known = self.state.release
        if (known is None and release in self._releases) or (known is not None and known.value != release):
            self.new_state()
        if len(self._releases) < MOST_ENTRIES:
            self._releases.add(release)
        self.state.release = self.seen(release)
        self.mark("uname")

    def _command_of_name(self, source: str) -> None:
        """lsusb.txt or uname-r.txt in a folder holds what that command wrote."""
        words = re.split(r"[ _]+|-(?=\w\b)", source.rpartition("/")[2].rsplit(".", 1)[0])
        if words[0] in self.tables.commands:
            self.start_command([words[0], *(f"-{word}" if len(word) == 1 else word for word in words[1:])])

    # Lines

    def _line(self, text: str) -> None:
        first = text[0]
        if first == ">":
            self._quoted(text)
            return
        if first == "[" or first == "<":
            if self._kernel_line(text):
                return
        elif (first == "C" or first == "#") and text.startswith(_SYMBOLS):
            if self.output is None or not self._taken_as_output(text):
                for handler in self._symbols:
                    handler(text)
            return
        elif (first == "2" or text[:3] in _NAMES_OF_DATES) and self._syslog_line(text):
            return
        if ("#" in text or "$" in text) and not _COMMENT(text) and self._prompt(text):
            return
        if "[" in text and (inside := _STAMP_INSIDE.search(text)):
            # The console wrote the kernel's message into the line of another program.
            self._kernel_line(text[inside.start() :])
            text = text[: inside.start()].rstrip()
        self._plain(text)

    def _quoted(self, text: str) -> None:
        """An answer quotes what it answers."""
        text = text.lstrip("> ")
        if text:
            self._line(text)
        else:
            self._blank()

    def _blank(self) -> None:
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

    def _plain(self, text: str) -> None:
        if self.output is not None and self._taken_as_output(text):
            return
        words = text.split(None, 1)
        if not words:
            return
        head = words[0]
        handler = self.tables.heads.get(head) or self.tables.kernel.get(head)
        if handler is not None:
            handler(text)
        elif head[-2:] == "]:" and (program := _WITH_ID.match(text)):
            self._program(program[1], text[program.end() :])
        elif "=" in head and (handler := self.tables.heads.get(head.partition("=")[0])):
            handler(text)
        elif "=" in text or "CONFIG_" in text:
            for cues, handler in self.tables.cues:
                for cue in cues:
                    if cue in text:
                        handler(text)
                        break

    def _kernel_line(self, text: str) -> bool:
        stamp = None
        if text[13:15] == "] " and text[6] == "." and text[7:13].isdecimal() and text[5].isdecimal():
            # [   83.411050] as printk pads it: nearly every line of a log, told without an expression.
            try:
                stamp, rest = float(text[1:13]), text[15:]
            except ValueError:
                return False
        else:
            match = _KERNEL.match(text)
            if match is None:
                return False
            rest = text[match.end() :]
            if match[1]:
                stamp = float(match[1])
        if stamp is not None:
            # journalctl -o short-monotonic names the host and the program after the stamp.
            if "]: " in rest or " kernel: " in rest:
                program = _MONOTONIC.match(rest)
                if program is not None:
                    self._clock(stamp, _PROGRAMS_LATE if program[1] else _KERNEL_LATE)
                    return self._program(program[1] or "kernel", rest[program.end() :])
            if self.stamp is not None and stamp >= self.stamp:
                self.stamp = stamp
            else:
                self._clock(stamp)
        self._kernel(rest)
        return True

    def _kernel(self, text: str) -> None:
        word, _, rest = text.partition(" ")
        handler = self._kernels.get(word)
        if handler is not None:
            handler(text)
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

    def _syslog_line(self, text: str) -> bool:
        if text[6:7] == text[15:16] == " " and text[9:10] == text[12:13] == ":":
            # Nov 22 13:00:00 host program[1]: what it says. The form of nearly every log.
            head, colon, rest = text[16:].partition(": ")
            _host, blank, program = head.partition(" ")
            if colon and blank and " " not in program:
                return self._program(program.partition("[")[0], rest)
        match = _SYSLOG.match(text)
        return match is not None and self._program(match[1], text[match.end() :])

    def _program(self, program: str, text: str) -> bool:
        name = program.rpartition("/")[2] if "/" in program else program
        if name == "kernel":
            if text[:1] != "[" or not self._kernel_line(text):
                self._kernel(text)
            return True
        handler = self.tables.programs.get(name)
        if handler is not None:
            handler(text)
        return True

    def _prompt(self, text: str) -> bool:
        match = _PROMPT.match(text)
        if match is None:
            return False
        words = match[2].replace("\\", "").split()
        while words and words[0] in ("sudo", "#"):
            del words[0]
        program = words[0].rpartition("/")[2] if words else ""
        # A lone # may begin a comment: it is a prompt only before a command that is known.
        if match[1] is None and program not in self.tables.commands:
            return False
        if match[1]:
            self._host_is(match[1])
        self.start_command([program, *words[1:]])
        return True

    def start_command(self, words: list[str]) -> None:
        """What follows is the output of this command."""
        self._end_output(by_prompt=True)
        self.command, self.command_line = " ".join(words), self.line
        starter = self.tables.commands.get(words[0]) if words else None
        if starter is not None:
            self.output = starter(words)

    def _end_output(self, by_prompt: bool) -> None:
        ended, self.output, self.ended = self.ended, None, None
        if ended is not None:
            ended(by_prompt)

    def _host_is(self, host: str) -> None:
        if self.state.host is None:
            self.state.host = host
            # Whoever wrote before the first prompt with a name wrote about the same machine.
            for state in self.history.states:
                state.host = state.host or host
        elif self.state.host != host:
            self.touched = True
            self.new_state()
            self.state.host = host
            self.stamp = None
