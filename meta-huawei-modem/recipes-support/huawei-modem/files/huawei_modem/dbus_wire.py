# SPDX-License-Identifier: MIT
"""D-Bus messages as bytes (D-Bus Specification 0.41, "Marshaling" and "Message Format").

As much of it as the helper needs: method calls with strings and variants go out, everything comes in.
A system bus checks each message before it passes it on; what is none all the same raises WireError.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

METHOD_CALL, METHOD_RETURN, ERROR = 1, 2, 3
_NO_AUTO_START = 0x2
_PATH, _INTERFACE, _MEMBER, _ERROR_NAME, _REPLY_SERIAL, _DESTINATION, _SIGNATURE = 1, 2, 3, 4, 5, 6, 8
HEADER = 16
"""Octets of a message's fixed part, which tells how long the rest is."""

# Type code -> size, which is also the alignment, and format of struct.
_FIXED = {
    "y": (1, "B"),
    "b": (4, "I"),
    "n": (2, "h"),
    "q": (2, "H"),
    "i": (4, "i"),
    "u": (4, "I"),
    "h": (4, "I"),
    "x": (8, "q"),
    "t": (8, "Q"),
    "d": (8, "d"),
}
_DEEPEST = 64
"""Containers within each other: 32 arrays and 32 structures (D-Bus Specification, "Valid Signatures")."""
_ALIGNMENT = {"s": 4, "o": 4, "a": 4, "g": 1, "v": 1, "(": 8, "{": 8}


class WireError(ValueError):
    """The octets are no D-Bus message."""


class Message:
    """What matters of a message that came in. `body` holds its arguments as plain Python."""

    __slots__ = ("body", "error", "kind", "reply_serial", "signature")

    def __init__(self, kind: int, reply_serial: int, error: str, signature: str, body: list[Any]) -> None:
        self.kind = kind
        self.reply_serial = reply_serial
        self.error = error
        self.signature = signature
        self.body = body


def method_call(
    serial: int,
    destination: str,
    path: str,
    interface: str,
    member: str,
    signature: str,
    arguments: tuple[Any, ...],
) -> bytes:
    """The octets of a call. `signature` may hold s and v; a variant carries a str, a bool or an int."""
    body = bytearray()
    for code, value in zip(signature, arguments, strict=True):
        _put(body, code, value)
    fields = bytearray()
    for number, code, text in (
        (_PATH, "o", path),
        (_INTERFACE, "s", interface),
        (_MEMBER, "s", member),
        (_DESTINATION, "s", destination),
        (_SIGNATURE, "g", signature),
    ):
        if text:
            _pad(fields, 8)
            fields += bytes((number, 1)) + code.encode() + b"\0"
            _put(fields, code, text)
    message = bytearray(
        struct.pack("<cBBBIII", b"l", METHOD_CALL, _NO_AUTO_START, 1, len(body), serial, len(fields)) + fields
    )
    _pad(message, 8)
    return bytes(message + body)


def remaining(header: bytes) -> int:
    """How many octets follow a message's first HEADER octets."""
    order = "<" if header[:1] == b"l" else ">"
    body, _serial, fields = struct.unpack_from(f"{order}III", header, 4)
    return int((fields + 7) // 8 * 8 + body)


def parse(data: bytes) -> Message:
    """A whole message. Raises WireError."""
    try:
        return _parsed(data)
    except (struct.error, IndexError, KeyError, TypeError, ValueError, RecursionError) as err:
        raise WireError(f"no D-Bus message: {type(err).__name__} {err}") from err


def _parsed(data: bytes) -> Message:
    order = "<" if data[:1] == b"l" else ">"
    reader = _Reader(data, order)
    reader.position = 12
    fields = dict(reader.take("a(yv)"))
    reader.align(8)
    signature = fields.get(_SIGNATURE, "")
    error = fields.get(_ERROR_NAME, "")
    return Message(data[1], fields.get(_REPLY_SERIAL, 0), error, signature, reader.all(signature))


def _pad(data: bytearray, alignment: int) -> None:
    data += bytes(-len(data) % alignment)


def _put(data: bytearray, code: str, value: Any) -> None:
    if code == "v":
        # bool first: it is an int too.
        inner = "b" if isinstance(value, bool) else "u" if isinstance(value, int) else "s"
        _put(data, "g", inner)
        _put(data, inner, value)
    elif code == "g":
        text = value.encode()
        data += bytes((len(text),)) + text + b"\0"
    elif code in "bu":
        _pad(data, 4)
        data += struct.pack("<I", value)
    else:
        _pad(data, 4)
        text = value.encode()
        data += struct.pack("<I", len(text)) + text + b"\0"


class _Reader:
    """Reads values of a message; alignment counts from its first octet."""

    def __init__(self, data: bytes, order: str) -> None:
        self.position = 0
        self._depth = 0
        self._data = data
        self._order = order

    def align(self, size: int) -> None:
        self.position += -self.position % size

    def all(self, signature: str) -> list[Any]:
        """The values of a sequence of types."""
        values = []
        while signature:
            one, signature = _split(signature)
            values.append(self.take(one))
        return values

    def take(self, signature: str) -> Any:
        """The value of one complete type."""
        code = signature[0]
        if code in _FIXED:
            size, layout = _FIXED[code]
            value = self._unpack(size, layout)
            return bool(value) if code == "b" else value
        if code in "so":
            return self._text(self._unpack(4, "I"))
        if code == "g":
            return self._text(self._unpack(1, "B"))
        self._depth += 1
        if self._depth > _DEEPEST:
            raise WireError(f"more than {_DEEPEST} containers within each other")
        value = self._container(signature)
        self._depth -= 1
        return value

    def _container(self, signature: str) -> Any:
        code = signature[0]
        if code == "v":
            one, rest = _split(self._text(self._unpack(1, "B")))
            if rest:
                raise WireError("a variant of more than one type")
            return self.take(one)
        if code == "a":
            return self._array(signature[1:])
        if code not in "({":
            raise WireError(f"type {code!r}")
        self.align(8)
        return self.all(signature[1:-1])

    def _array(self, item: str) -> Any:
        size = self._unpack(4, "I")
        self.align(_FIXED[item][0] if item in _FIXED else _ALIGNMENT[item[0]])
        end = self.position + size
        if end > len(self._data):
            raise WireError("an array longer than the message")
        values = []
        while self.position < end:
            before = self.position
            values.append(self.take(item))
            if self.position == before:
                raise WireError("an array of nothing")
        return dict(values) if item[0] == "{" else values

    def _unpack(self, size: int, layout: str) -> Any:
        self.align(size)
        (value,) = struct.unpack_from(self._order + layout, self._data, self.position)
        self.position += size
        return value

    def _text(self, size: int) -> str:
        start = self.position
        self.position += size + 1
        if self.position > len(self._data):
            raise WireError("a text longer than the message")
        return self._data[start : start + size].decode("utf-8", "replace")


def _split(signature: str) -> tuple[str, str]:
    """The first complete type of a signature, and what follows it."""
    end, depth = 0, 0
    while True:
        code = signature[end]
        end += 1
        depth += (code in "({") - (code in ")}")
        if depth == 0 and code != "a":
            return signature[:end], signature[end:]
