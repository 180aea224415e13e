# SPDX-License-Identifier: MIT
"""Control messages of MBIM: framing, fragments, and the buffers in them. Pure: bytes in, bytes out.

Source: USB MBIM 1.0 specification, 9.1 to 9.5 (messages), 10.3 (offset and length of variable fields).
"""

from __future__ import annotations

import enum
import struct
from dataclasses import dataclass

HEADER = struct.Struct("<III")
"""Message type, length of the whole message, transaction."""
FRAGMENT = struct.Struct("<II")
"""Number of fragments, and which this is."""
_COMMAND = struct.Struct("<16sIII")
"""Service, command, type or status, length of the information buffer."""
_INDICATION = struct.Struct("<16sII")
MAX_MESSAGE = 1 << 16
"""Octets of a command whose fragments were put together; a longer one is dropped."""


class MbimError(Exception):
    """The message breaks the specification."""


class MessageType(enum.IntEnum):
    """Table 9-3 and 9-9: what the host sends, and what the function answers."""

    OPEN = 0x00000001
    CLOSE = 0x00000002
    COMMAND = 0x00000003
    HOST_ERROR = 0x00000004
    OPEN_DONE = 0x80000001
    CLOSE_DONE = 0x80000002
    COMMAND_DONE = 0x80000003
    FUNCTION_ERROR = 0x80000004
    INDICATE_STATUS = 0x80000007


class Status(enum.IntEnum):
    """MBIM_STATUS_CODES (table 9-15), those that are given here."""

    SUCCESS = 0
    FAILURE = 2
    SIM_NOT_INSERTED = 3
    PIN_REQUIRED = 5
    NOT_REGISTERED = 7
    NO_DEVICE_SUPPORT = 9
    CONTEXT_NOT_ACTIVATED = 16
    RADIO_POWER_OFF = 20
    INVALID_PARAMETERS = 21


class ProtocolError(enum.IntEnum):
    """Errors of the messages themselves (table 9-7)."""

    FRAGMENT_OUT_OF_SEQUENCE = 2
    LENGTH_MISMATCH = 3
    NOT_OPENED = 5
    UNKNOWN = 6


class CommandType(enum.IntEnum):
    """Whether a command asks or orders (9.3.3)."""

    QUERY = 0
    SET = 1


@dataclass(frozen=True)
class Message:
    """One transfer of the host: a whole message, or one fragment of a command."""

    type: int
    transaction: int
    body: bytes


@dataclass(frozen=True)
class Command:
    """A whole command; `service` is the UUID's 16 octets, `information` its buffer."""

    transaction: int
    service: bytes
    cid: int
    is_set: bool
    information: bytes


def parse(data: bytes) -> Message:
    """Raises MbimError when the header's length is not that of `data`."""
    if len(data) < HEADER.size:
        raise MbimError(f"{len(data)} octets are not a message")
    kind, length, transaction = HEADER.unpack_from(data)
    if length != len(data):
        raise MbimError(f"a message of {length} octets came in {len(data)}")
    return Message(kind, transaction, data[HEADER.size :])


class Assembler:
    """Puts the fragments of a command together; a fragment of another transaction drops the one before."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget what was begun."""
        self._transaction: int | None = None
        self._next = 0
        self._parts = b""

    def add(self, message: Message) -> Command | None:
        """The command that is complete now. Raises MbimError for a fragment that does not follow."""
        if len(message.body) < FRAGMENT.size:
            raise MbimError("a command without fragment header")
        total, current = FRAGMENT.unpack_from(message.body)
        if current == 0:
            self.clear()
            self._transaction = message.transaction
        if message.transaction != self._transaction or current != self._next or current >= total:
            self.clear()
            raise MbimError(f"fragment {current} of {total} is out of sequence")
        self._parts += message.body[FRAGMENT.size :]
        self._next += 1
        if len(self._parts) > MAX_MESSAGE:
            self.clear()
            raise MbimError("a command that is too long")
        if self._next < total:
            return None
        whole = self._parts
        self.clear()
        return _command(message.transaction, whole)


def _command(transaction: int, data: bytes) -> Command:
    if len(data) < _COMMAND.size:
        raise MbimError("a command that is cut short")
    service, cid, kind, length = _COMMAND.unpack_from(data)
    information = data[_COMMAND.size :]
    if length != len(information):
        raise MbimError(f"an information buffer of {length} octets has {len(information)}")
    return Command(transaction, service, cid, kind == CommandType.SET, information)


def done(kind: MessageType, transaction: int, status: int) -> bytes:
    """OPEN_DONE, CLOSE_DONE, or FUNCTION_ERROR with its error code."""
    return HEADER.pack(kind, HEADER.size + 4, transaction) + struct.pack("<I", status)


def command_done(command: Command, status: Status, information: bytes, max_transfer: int) -> list[bytes]:
    """The answer to a command, in fragments of at most `max_transfer` octets."""
    body = _COMMAND.pack(command.service, command.cid, status, len(information)) + information
    return _fragments(MessageType.COMMAND_DONE, command.transaction, body, max_transfer)


def indication(service: bytes, cid: int, information: bytes, max_transfer: int) -> list[bytes]:
    """What the function tells by itself."""
    body = _INDICATION.pack(service, cid, len(information)) + information
    return _fragments(MessageType.INDICATE_STATUS, 0, body, max_transfer)


def _fragments(kind: MessageType, transaction: int, body: bytes, max_transfer: int) -> list[bytes]:
    room = max_transfer - HEADER.size - FRAGMENT.size
    parts = [body[start : start + room] for start in range(0, len(body), room)]
    return [
        HEADER.pack(kind, HEADER.size + FRAGMENT.size + len(part), transaction)
        + FRAGMENT.pack(len(parts), number)
        + part
        for number, part in enumerate(parts)
    ]


Value = int | str | bytes


def pack(*values: Value, data: bytes = b"") -> bytes:
    """An information buffer: numbers as 32 bits, bytes as they are, texts behind offset and length.

    `data` follows the fixed part; offsets into it count from the buffer's start (see `fixed_size`).
    """
    start = fixed_size(*values)
    fixed, variable = bytearray(), bytearray(data)
    for value in values:
        if isinstance(value, int):
            fixed += struct.pack("<I", value)
        elif isinstance(value, bytes):
            fixed += value
        else:
            variable += bytes(-len(variable) % 4)
            text = value.encode("utf-16-le")
            fixed += struct.pack("<II", start + len(variable) if text else 0, len(text))
            variable += text
    return bytes(fixed + variable + bytes(-len(variable) % 4))


def fixed_size(*values: Value) -> int:
    """Octets that the values take before the variable part."""
    numbers = sum(isinstance(value, int) for value in values)
    texts = sum(isinstance(value, str) for value in values)
    return 4 * numbers + 8 * texts + sum(len(value) for value in values if isinstance(value, bytes))


class Reader:
    """Reads an information buffer field by field; every getter raises MbimError where it is cut short."""

    def __init__(self, information: bytes) -> None:
        self._information = information
        self._position = 0

    def number(self) -> int:
        return int.from_bytes(self.octets(4), "little")

    def octets(self, size: int) -> bytes:
        found = self._information[self._position : self._position + size]
        if len(found) != size:
            raise MbimError("an information buffer that is cut short")
        self._position += size
        return found

    def text(self) -> str:
        """UTF-16 at an offset that counts from the buffer's start."""
        offset, size = self.number(), self.number()
        found = self._information[offset : offset + size]
        if len(found) != size:
            raise MbimError("a text outside its information buffer")
        return found.decode("utf-16-le", "replace")
