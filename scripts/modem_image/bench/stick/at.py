# SPDX-License-Identifier: MIT
"""The AT command language, and one port that speaks it.

Sources: ITU-T V.250 (5.2 command lines, 5.4 extended syntax, 5.7 result codes), 3GPP TS 27.007 (9.1 +CMEE).
What the commands mean is the business of the `Interpreter` behind the port.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from modem_image.bench.stick.events import Emit, masked

MAX_LINE = 2048
"""Characters; a longer command line is an ERROR."""


class CmeError(enum.IntEnum):
    """Errors of the equipment (TS 27.007, 9.2)."""

    OPERATION_NOT_ALLOWED = 3
    OPERATION_NOT_SUPPORTED = 4
    SIM_NOT_INSERTED = 10
    SIM_PIN_REQUIRED = 11
    SIM_PUK_REQUIRED = 12
    INCORRECT_PASSWORD = 16
    NO_NETWORK_SERVICE = 30
    INCORRECT_PARAMETERS = 50

    @property
    def text(self) -> str:
        words = self.name.lower().replace("_", " ")
        return words.replace("sim", "SIM").replace("pin", "PIN").replace("puk", "PUK")


@dataclass(frozen=True)
class Call:
    """A packet data call: the context that was dialled. `apn` is empty when the context has none."""

    cid: int
    apn: str


@dataclass(frozen=True)
class Reply:
    """What one command answers: information lines, then the final result code.

    `error` is the final code in the form that +CMEE selects; `unsolicited` lines follow the final code.
    """

    lines: tuple[str, ...] = ()
    final: str = "OK"
    error: CmeError | None = None
    unsolicited: tuple[str, ...] = ()
    call: Call | None = None

    @property
    def succeeded(self) -> bool:
        return self.error is None and self.final == "OK"


OK = Reply()
ERROR = Reply(final="ERROR")
NO_CARRIER = Reply(final="NO CARRIER")


def failure(error: CmeError) -> Reply:
    return Reply(error=error)


@dataclass(frozen=True)
class Row:
    """One row of a reply table: a command (regular expression, without AT) and what it answers.

    `lines` may hold {fields} of the modem's state. `needs_sim`: fails while there is no usable SIM.
    """

    pattern: re.Pattern[str]
    lines: tuple[str, ...] = ()
    final: str = "OK"
    needs_sim: bool = False

    def reply(self, fields: Mapping[str, str]) -> Reply:
        return Reply(tuple(line.format_map(fields) for line in self.lines), self.final)


def look_up(rows: Sequence[Row], command: str) -> Row | None:
    """The first row whose pattern is the whole command."""
    return next((row for row in rows if row.pattern.fullmatch(command)), None)


class Form(enum.Enum):
    """The four forms of an extended command (V.250, 5.4)."""

    EXECUTE = ""
    READ = "?"
    TEST = "=?"
    SET = "="


@dataclass(frozen=True)
class Extended:
    """An extended command, taken apart; the name in upper case, strings without their quotes."""

    name: str
    form: Form
    arguments: tuple[str, ...] = ()

    def number(self, position: int, default: int = -1) -> int:
        """The argument as a number; `default` where it is absent, -1 where it is no number."""
        if position >= len(self.arguments) or not self.arguments[position]:
            return default
        text = self.arguments[position]
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1

    def text(self, position: int) -> str:
        return self.arguments[position] if position < len(self.arguments) else ""


_EXTENDED = re.compile(r"(?P<name>[+^$*#%][A-Za-z0-9]+)(?P<form>=\?|\?|=)?(?P<arguments>.*)", re.DOTALL)
_QUOTED = re.compile(r'("[^"]*"?)')
_BASIC = re.compile(r"S\d+(?:=\d*|\?)|&?[A-Z]\d*", re.IGNORECASE)
_EXTENDED_PART = re.compile(r'(?:"[^"]*"?|[^";])*')


def parse_extended(command: str) -> Extended | None:
    """None when the command is no extended one or has text where there should be none."""
    match = _EXTENDED.fullmatch(command)
    if match is None:
        return None
    form = Form(match["form"] or "")
    if form is not Form.SET:
        return None if match["arguments"] else Extended(match["name"].upper(), form)
    arguments = tuple(part.strip('"') for part in _split_arguments(match["arguments"]))
    return Extended(match["name"].upper(), form, arguments)


def _split_arguments(text: str) -> Iterator[str]:
    part = ""
    for piece in _QUOTED.split(text):
        if piece.startswith('"'):
            part += piece
            continue
        head, *rest = piece.split(",")
        part += head
        for following in rest:
            yield part
            part = following
    yield part


def split_line(body: str) -> list[str]:
    """The commands of a command line without its AT prefix (V.250, 5.2.1): `E0 +CMEE=1` holds two.

    Spaces count only within quotes. A dial command takes the rest of the line.
    """
    body = "".join(part if part.startswith('"') else part.replace(" ", "") for part in _QUOTED.split(body))
    commands: list[str] = []
    position = 0
    while position < len(body):
        if body[position] == ";":
            position += 1
            continue
        command = _next_command(body, position)
        commands.append(command)
        position += len(command)
    return commands


def _next_command(body: str, position: int) -> str:
    if body[position] in "Dd":
        return body[position:]
    if body[position] in "+^$*#%":
        match = _EXTENDED_PART.match(body, position)
    else:
        match = _BASIC.match(body, position)
    return match[0] if match and match[0] else body[position:]


class Interpreter(Protocol):
    """What stands behind the ports: the modem."""

    def execute(self, port: str, command: str) -> Reply:
        """Run one command (without AT) that the port does not handle itself."""
        ...


class AtPort:
    """One AT port: line editing, echo, result codes. Input by `feed`; output waits in `take_output`."""

    def __init__(self, name: str, interpreter: Interpreter, emit: Emit, *, echo: bool = True) -> None:
        self.name = name
        self.call: Call | None = None
        self._interpreter = interpreter
        self._emit = emit
        self._echo = self._default_echo = echo
        self._cmee = 0
        self._line = bytearray()
        self._overflow = False
        self._opened = False
        self._output = bytearray()

    def take_output(self) -> bytes:
        """What is to be sent, once."""
        output = bytes(self._output)
        self._output.clear()
        return output

    def feed(self, data: bytes) -> bytes:
        """Take input up to a command that brings a call up (see `call`); return what follows that."""
        while data:
            piece, terminator, data = data.partition(b"\r")
            if self._echo:
                self._output += piece + terminator
            self._collect(piece)
            if not terminator:
                break
            self._end_of_line()
            if self.call is not None:
                return data
        return b""

    def say(self, line: str) -> None:
        """An unsolicited line or a result code of its own, such as NO CARRIER."""
        self._output += f"\r\n{line}\r\n".encode("latin-1", "replace")

    def hang_up(self) -> None:
        """The call is over; the port takes commands again."""
        self.call = None

    def _collect(self, piece: bytes) -> None:
        room = MAX_LINE - len(self._line)
        self._overflow = self._overflow or len(piece) > room
        self._line += piece[:room]

    def _end_of_line(self) -> None:
        line = self._line.decode("latin-1").strip("\n \t\x00\x1a\x1b")
        overflow = self._overflow
        self._line.clear()
        self._overflow = False
        if overflow:
            self.say("ERROR")
        elif line[:2].upper() == "AT":
            # What lacks the prefix is no command line and is ignored (V.250, 5.2.1).
            self._run(line)

    def _run(self, line: str) -> None:
        if not self._opened:
            self._opened = True
            self._emit("at-opened", port=self.name)
        reply = OK
        after: list[str] = []
        for command in split_line(line[2:]):
            reply = self._execute(command)
            for information in reply.lines:
                self.say(information)
            after += reply.unsolicited
            if not reply.succeeded:
                break
        final = self._final(reply)
        self._emit("at-command", port=self.name, command=masked(line), final=final)
        self.say(final)
        for unsolicited in after:
            self.say(unsolicited)
        self.call = reply.call

    def _final(self, reply: Reply) -> str:
        if reply.error is None:
            return reply.final
        return {0: "ERROR", 1: f"+CME ERROR: {int(reply.error)}"}.get(
            self._cmee, f"+CME ERROR: {reply.error.text}"
        )

    def _execute(self, command: str) -> Reply:
        name = command.upper()
        if name in ("E", "E0", "E1"):
            self._echo = name == "E1"
            return OK
        if name in ("Z", "Z0", "&F", "&F0"):
            self._echo, self._cmee = self._default_echo, 0
            return OK
        if name.startswith("+CMEE"):
            return self._error_form(name)
        return self._interpreter.execute(self.name, command)

    def _error_form(self, name: str) -> Reply:
        match name:
            case "+CMEE=0" | "+CMEE=1" | "+CMEE=2":
                self._cmee = int(name[-1])
                return OK
            case "+CMEE?":
                return Reply((f"+CMEE: {self._cmee}",))
            case "+CMEE=?":
                return Reply(("+CMEE: (0-2)",))
        return failure(CmeError.INCORRECT_PARAMETERS)
