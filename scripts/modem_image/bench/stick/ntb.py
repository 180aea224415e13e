# SPDX-License-Identifier: MIT
"""Transfer blocks of CDC-NCM: Ethernet frames in NTB-16 or NTB-32, and back.

Sources: USB CDC Subclass Specification for Network Control Model Devices 1.0, section 3; USB MBIM 1.0,
section 7 (the same blocks with IP packets, whose pointer tables name the session).
"""

from __future__ import annotations

import enum
import struct
from collections.abc import Sequence
from dataclasses import dataclass

ALIGNMENT = 4
MAX_DATAGRAMS = 256


class NtbError(Exception):
    """The block breaks the specification; it is dropped whole."""


class NtbFormat(enum.IntEnum):
    """wNtbFormat of SET_NTB_FORMAT (6.2.5)."""

    NTB16 = 0
    NTB32 = 1


@dataclass(frozen=True)
class _Layout:
    """Where the two formats differ (tables 3-1 to 3-4)."""

    header_signature: bytes
    header: struct.Struct  # signature, header length, sequence, block length, index of the first NDP
    table_signature: bytes  # without its last octet: "0" or "1" for NCM, the session for MBIM
    session_signature: bytes
    table: struct.Struct  # signature, length, (reserved), next index, (reserved)
    entry: struct.Struct
    reserved: tuple[int, ...]


_LAYOUTS = {
    NtbFormat.NTB16: _Layout(
        header_signature=b"NCMH",
        header=struct.Struct("<4sHHHH"),
        table_signature=b"NCM",
        session_signature=b"IPS",
        table=struct.Struct("<4sHH"),
        entry=struct.Struct("<HH"),
        reserved=(),
    ),
    NtbFormat.NTB32: _Layout(
        header_signature=b"ncmh",
        header=struct.Struct("<4sHHII"),
        table_signature=b"ncm",
        session_signature=b"ips",
        table=struct.Struct("<4sHHII"),
        entry=struct.Struct("<II"),
        reserved=(0,),
    ),
}
_WITH_CRC, _WITHOUT_CRC = b"1", b"0"
_CRC_SIZE = 4


def parse(block: bytes, session: int | None = None) -> list[bytes]:
    """The Ethernet frames of a block, in order, without any check sequence. Raises NtbError.

    With `session` the block is MBIM's, and the IP packets of that session are given.
    """
    layout = next((x for x in _LAYOUTS.values() if block.startswith(x.header_signature)), None)
    if layout is None or len(block) < layout.header.size:
        raise NtbError("no header of a transfer block")
    _, header_length, _, length, index = layout.header.unpack_from(block)
    if header_length != layout.header.size or length > len(block):
        raise NtbError("the header's lengths are wrong")
    if length:
        block = block[:length]
    frames: list[bytes] = []
    seen: set[int] = set()
    while index:
        if index in seen:
            raise NtbError("the datagram pointer tables form a loop")
        seen.add(index)
        found, index = _table(block, index, layout, session)
        frames += found
        if len(frames) > MAX_DATAGRAMS:
            raise NtbError("too many datagrams")
    return frames


def _table(block: bytes, index: int, layout: _Layout, session: int | None) -> tuple[list[bytes], int]:
    """The frames of one datagram pointer table, and the index of the next one."""
    if index + layout.table.size > len(block):
        raise NtbError("a datagram pointer table lies outside the block")
    signature, length, *rest = layout.table.unpack_from(block, index)
    prefix = layout.table_signature if session is None else layout.session_signature
    kind = signature.removeprefix(prefix)
    known = len(kind) == 1 if session is not None else kind in (_WITH_CRC, _WITHOUT_CRC)
    if not known or index + length > len(block):
        raise NtbError("a datagram pointer table is malformed")
    following = rest[1] if layout.reserved else rest[0]
    if session is not None and kind[0] != session:
        return [], following
    entries = block[index + layout.table.size : index + length]
    count = len(entries) // layout.entry.size
    frames: list[bytes] = []
    for number in range(count):
        start, size = layout.entry.unpack_from(entries, number * layout.entry.size)
        if not start or not size:
            break  # a null entry ends the table
        if start + size > len(block):
            raise NtbError("a datagram lies outside the block")
        frame = block[start : start + size]
        frames.append(frame[:-_CRC_SIZE] if session is None and kind == _WITH_CRC else frame)
    return frames, following


def build(frames: Sequence[bytes], sequence: int, format_: NtbFormat, session: int | None = None) -> bytes:
    """A block with these frames: header, pointer table, then each frame at a multiple of ALIGNMENT."""
    layout = _LAYOUTS[format_]
    table_length = layout.table.size + (len(frames) + 1) * layout.entry.size
    position = _aligned(layout.header.size + table_length)
    entries, body = b"", b""
    for frame in frames:
        body = body.ljust(_aligned(len(body)), b"\0")
        entries += layout.entry.pack(position + len(body), len(frame))
        body += frame
    length = position + len(body)
    header = layout.header.pack(
        layout.header_signature, layout.header.size, sequence & 0xFFFF, length, layout.header.size
    )
    links = (*layout.reserved, 0, *layout.reserved)
    signature = layout.table_signature + _WITHOUT_CRC
    if session is not None:
        signature = layout.session_signature + bytes((session,))
    table = layout.table.pack(signature, table_length, *links)
    return (header + table + entries + layout.entry.pack(0, 0)).ljust(position, b"\0") + body


def overhead(frames: int) -> int:
    """Octets that a block of either format takes beside so many frames, at most."""
    layout = _LAYOUTS[NtbFormat.NTB32]
    sizes = layout.header.size + layout.table.size + (frames + 1) * layout.entry.size
    return sizes + (frames + 1) * ALIGNMENT


def _aligned(position: int) -> int:
    return position + -position % ALIGNMENT
