# SPDX-License-Identifier: MIT
"""PPP in HDLC-like framing (RFC 1662) over an octet stream."""

from __future__ import annotations

from collections.abc import Iterator

FLAG, ESCAPE, ESCAPE_BIT = 0x7E, 0x7D, 0x20
ADDRESS_CONTROL = b"\xff\x03"
MAX_FRAME = 4096
"""Octets between two flags, escaped; longer frames are dropped. The MRU is 1500."""

_GOOD_FCS = 0xF0B8


def _fcs_entry(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ 0x8408 if value & 1 else value >> 1
    return value


_FCS_TABLE = tuple(_fcs_entry(value) for value in range(256))

# Every control character is escaped, whatever map was negotiated: always permitted (RFC 1662, 4.2).
_ESCAPES = {
    octet: bytes((ESCAPE, octet ^ ESCAPE_BIT)) if octet < 0x20 or octet in (FLAG, ESCAPE) else bytes((octet,))
    for octet in range(256)
}


def fcs16(data: bytes) -> int:
    """The running 16-bit frame check sequence of `data`, not complemented (RFC 1662, C.2)."""
    fcs = 0xFFFF
    for octet in data:
        fcs = fcs >> 8 ^ _FCS_TABLE[(fcs ^ octet) & 0xFF]
    return fcs


def encode(protocol: int, information: bytes) -> bytes:
    """One frame with address, control, uncompressed protocol field, check sequence and both flags."""
    frame = ADDRESS_CONTROL + protocol.to_bytes(2, "big") + information
    frame += (fcs16(frame) ^ 0xFFFF).to_bytes(2, "little")
    return bytes((FLAG,)) + b"".join(_ESCAPES[octet] for octet in frame) + bytes((FLAG,))


class Deframer:
    """Finds frames in an octet stream; what is damaged, too long or too short is dropped silently."""

    def __init__(self) -> None:
        self._frame = bytearray()
        self._too_long = False

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield (protocol, information) of each whole, undamaged frame."""
        *complete, rest = data.split(bytes((FLAG,)))
        for part in complete:
            self._append(part)
            packet = None if self._too_long else _unwrap(bytes(self._frame))
            self._frame.clear()
            self._too_long = False
            if packet is not None:
                yield packet
        self._append(rest)

    def _append(self, part: bytes) -> None:
        self._too_long = self._too_long or len(self._frame) + len(part) > MAX_FRAME
        if not self._too_long:
            self._frame += part


def _unwrap(escaped: bytes) -> tuple[int, bytes] | None:
    if escaped.endswith(bytes((ESCAPE,))):
        return None  # an aborted frame (RFC 1662, 4.3)
    head, *parts = escaped.split(bytes((ESCAPE,)))
    if any(not part for part in parts):
        return None
    frame = head + b"".join(bytes((part[0] ^ ESCAPE_BIT,)) + part[1:] for part in parts)
    if len(frame) < 4 or fcs16(frame) != _GOOD_FCS:
        return None
    body = frame[:-2].removeprefix(ADDRESS_CONTROL)
    # Compressed protocol fields have one octet, which is odd (RFC 1661, 6.5).
    size = 1 if body[:1] and body[0] & 1 else 2
    if len(body) < size:
        return None
    return int.from_bytes(body[:size], "big"), body[size:]
