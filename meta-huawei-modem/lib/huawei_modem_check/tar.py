# SPDX-License-Identifier: MIT
"""Walk through a tar archive in one pass, whoever wrote it: V7, POSIX (ustar, pax) and GNU.

tarfile of the standard library takes longer for this than zstd takes to inflate the archive: it makes an
object of each of a header's fields, and passes each byte of the contents through its own buffers.
Layouts: POSIX.1-2017, pax; "Basic Tar Format" and "Sparse Formats" in the manual of GNU tar.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from huawei_modem_check import limits
from huawei_modem_check.streams import ArchiveError, Source

BLOCK = 512
_END = bytes(BLOCK)
_WINDOW = 1 << 20
_EXTENDED_MAXIMUM = limits.EXTENDED_HEADER
_MAP_MAXIMUM = limits.SPARSE_PIECES
MOST_HOLES = limits.HOLES
_NUMBER = re.compile(rb" *([0-7]+)[ \0]*\Z|[ \0]*\Z")
# All that GNU tar says of most members, and OpenEmbedded's archives of each.
_TIMES = re.compile(rb"(?:[0-9]{1,2} [acm]time=[0-9.-]+\n)+")
_RECORD = re.compile(rb"([0-9]{1,10}) ([^=\n]+)=")
_UNTIDY = re.compile(r"//|(?:^|/)\.(?:/|$)|^/|/$")

FILE, HARD_LINK, SYMBOLIC_LINK, CHARACTERS, BLOCKS, FOLDER, FIFO = b"0", b"1", b"2", b"3", b"4", b"5", b"6"
KINDS = frozenset({FILE, HARD_LINK, SYMBOLIC_LINK, CHARACTERS, BLOCKS, FOLDER, FIFO})
_PLAIN = frozenset({b"0", b"\0", b"7"})
_SPARSE = b"S"
_EMPTY = KINDS - {FILE}  # their size is not that of a content, whatever it says
_EXTENSIONS = frozenset({b"x", b"X", b"g", b"L", b"K"})


class Member(NamedTuple):
    """A name in an archive. `path` is it without what leads nowhere: `./lib//modules/` is `lib/modules`.

    `kind` is one of KINDS, or what an unknown header says; `size` is in bytes, of a sparse file without its
    holes; `target` is what a link leads to.
    """

    name: str
    path: str
    kind: bytes
    size: int
    target: str = ""

    @property
    def is_file(self) -> bool:
        return self.kind == FILE


class Content(Protocol):
    """What a member holds; it can be read until the next member is taken."""

    def read(self, size: int, /) -> bytes: ...


class _Header(NamedTuple):
    name: bytes
    kind: bytes
    size: int
    target: bytes
    block: bytes


def walk(window: Window) -> Iterator[tuple[Member, Content]]:
    """The members, each with its content, to the archive's own end mark.

    Raises ArchiveError for an archive that is damaged or truncated.
    """
    everywhere: dict[bytes, bytes] = {}
    holes = _Holes()
    while found := _next(window, everywhere):
        header, extended = found
        content = Part(window, 0 if header.kind in _EMPTY else header.size)
        yield _member(header, extended), _sparse(header, extended, content, window, holes) or content
        content.skip()


class Window:
    """A stream of which a piece is in memory, so that most of it is passed over and never copied."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._buffer = memoryview(bytearray(_WINDOW))
        self._start = 0
        self._end = 0

    @property
    def left(self) -> int:
        """Bytes of the piece in memory that were neither read nor passed over."""
        return self._end - self._start

    def read(self, size: int) -> bytes:
        """The next bytes; fewer only at the end."""
        start, stop = self._start, self._start + size
        if stop <= self._end:
            self._start = stop
            return bytes(self._buffer[start:stop])
        pieces = io.BytesIO()  # whose value is no further copy
        while (left := size - pieces.tell()) and (self._start < self._end or self._more()):
            stop = min(self._end, self._start + left)
            pieces.write(self._buffer[self._start : stop])
            self._start = stop
        return pieces.getvalue()

    def skip(self, size: int) -> int:
        """Pass over bytes; how many there were."""
        left = size - (self._end - self._start)
        while left > 0 and self._more():
            left -= self._end
        if left > 0:
            self._start = self._end
            return size - left
        self._start = self._end + left
        return size

    def _more(self) -> bool:
        self._start, self._end = 0, self._source.readinto(self._buffer)
        return self._end > 0


class Part:
    """The content of one member, followed by what fills its last block."""

    __slots__ = ("_left", "_padding", "_window")

    def __init__(self, window: Window, size: int) -> None:
        self._window = window
        self._left = size
        self._padding = -size % BLOCK

    def read(self, size: int, /) -> bytes:
        size = min(size, self._left)
        data = self._window.read(size)
        if len(data) < size:
            raise _cut()
        self._left -= size
        return data

    def skip(self) -> None:
        rest = self._left + self._padding
        self._left = self._padding = 0
        if rest and self._window.skip(rest) < rest:
            raise _cut()


def _cut() -> ArchiveError:
    return ArchiveError("truncated: it ends inside a member")


# --- Headers ----------------------------------------------------------------------------------------


def _next(window: Window, everywhere: dict[bytes, bytes]) -> tuple[_Header, dict[bytes, bytes]] | None:
    """The header of the next member and what stands before it about it; None at the end mark."""
    extended = everywhere.copy() if everywhere else {}
    first = True
    while header := _header(window.read(BLOCK)):
        if header.kind not in _EXTENSIONS:
            if b"size" in extended:
                header = header._replace(size=_decimal(extended[b"size"]))
            return header, extended
        first = False
        if header.size > _EXTENDED_MAXIMUM:
            raise ArchiveError(f"damaged: {header.size} bytes of names and attributes for one member")
        data = window.read(header.size + -header.size % BLOCK)
        if len(data) < header.size:
            raise _cut()
        data = data[: header.size]
        if header.kind in (b"L", b"K"):
            extended[b"path" if header.kind == b"L" else b"linkpath"] = data.split(b"\0", 1)[0]
        elif not _TIMES.fullmatch(data):
            extended.update(_records(data))
            if header.kind == b"g":
                everywhere.update(_records(data))
    if not first:
        raise ArchiveError("damaged: it ends where a member was announced")
    return None


def _header(block: bytes) -> _Header | None:
    if block == _END:
        return None
    if len(block) < BLOCK:
        raise ArchiveError("truncated: it ends without an end mark")
    if not _sum_holds(block):
        raise ArchiveError("damaged: the checksum of a header is wrong")
    kind = block[156:157]
    if kind in _EXTENSIONS:
        return _Header(b"", kind, _number(block[124:136]), b"", block)
    name = block[:100].split(b"\0", 1)[0]
    if block[345] and block[257:263] == b"ustar\0":
        name = block[345:500].split(b"\0", 1)[0] + b"/" + name
    if kind in _PLAIN:
        # V7 had no letter for a folder.
        kind = FOLDER if kind == b"\0" and name.endswith(b"/") else FILE
    target = block[157:257].split(b"\0", 1)[0] if kind in (HARD_LINK, SYMBOLIC_LINK) else b""
    return _Header(name, kind, _number(block[124:136]), target, block)


def is_header(block: bytes) -> bool:
    """Whether a file that begins with `block` is a tar archive: a header, or the end mark of an empty one."""
    if len(block) < BLOCK:
        return False
    try:
        return block == _END or _sum_holds(block)
    except ArchiveError:
        return False


def _sum_holds(block: bytes) -> bool:
    field = block[148:156]
    # The low half of Adler-32 is 1 and the sum of all, modulo 65521: quicker than sum(), and a header of
    # a greater sum takes the other way. What the sum is stored in counts as spaces.
    if b"%06o\0 " % ((zlib.adler32(block) & 0xFFFF) - 1 - sum(field) + 8 * 32) == field:
        return True
    values: tuple[int, ...] = struct.unpack("148B8x356B", block)
    signed: tuple[int, ...] = struct.unpack("148b8x356b", block)  # as old programs added it up
    return _number(field) in (sum(values) + 8 * 32, sum(signed) + 8 * 32)


def _number(field: bytes) -> int:
    """Octal digits; or, where these are too few, GNU's binary form, which is marked by the first bit."""
    if field[0] & 0x80:
        number = int.from_bytes(field, "big") & ~(0x80 << 8 * (len(field) - 1))
        if field[0] != 0x80 or number >= 1 << 63:
            raise ArchiveError("damaged: a size is negative or beyond all measure")
        return number
    digits = field.rstrip(b" \0")
    if digits.isdigit() and not digits.strip(b"01234567"):
        return int(digits, 8)
    match = _NUMBER.match(field) or _NUMBER.match(field.split(b"\0", 1)[0])
    if not match:
        raise ArchiveError(f"damaged: {field!r} is not a number")
    return int(match[1] or b"0", 8)


def _records(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keyword and value of each record of a pax header. Those of old sparse maps come many times."""
    place = 0
    pieces: list[bytes] = []
    while place < len(data) and data[place]:
        match = _RECORD.match(data, place)
        end = place + int(match[1]) if match else 0
        if not match or end <= match.end() or data[end - 1 : end] != b"\n":
            raise ArchiveError("damaged: an extended header has no proper records")
        value = data[match.end() : end - 1]
        if match[2] in (b"GNU.sparse.offset", b"GNU.sparse.numbytes"):
            pieces.append(value)
        else:
            yield match[2], value
        place = end
    if pieces:
        yield b"GNU.sparse.map", b",".join(pieces)


def _decimal(value: bytes) -> int:
    if not value.isdigit() or len(value) > 18:
        raise ArchiveError(f"damaged: {value[:30]!r} is not a size")
    return int(value)


def _member(header: _Header, extended: dict[bytes, bytes]) -> Member:
    name, target = header.name, header.target
    if extended:
        name = extended.get(b"GNU.sparse.name") or extended.get(b"path") or name
        target = extended.get(b"linkpath") or target
    text = name.decode("utf-8", "surrogateescape")
    path = text[2:] if text.startswith("./") else text
    # Looking for a few characters is quicker than the expression, and nearly every name has none.
    if (path[-1:] == "/" or path[:1] in ("/", ".") or "/." in path or "//" in path) and _UNTIDY.search(path):
        path = "/".join(path_parts(path))
    kind = FILE if header.kind == _SPARSE else header.kind
    size = 0 if kind in _EMPTY else header.size
    return Member(text, path, kind, size, target.decode("utf-8", "surrogateescape") if target else "")


def path_parts(name: str) -> list[str]:
    """The parts of a member's path, without those that lead nowhere: `./lib//modules` has two."""
    return [part for part in name.split("/") if part not in ("", ".")]


# --- Sparse files -----------------------------------------------------------------------------------


class _Holes:
    """How much of an archive was read that is not in it: a tar of 10 KiB may say that it holds exabytes."""

    def __init__(self) -> None:
        self._left = MOST_HOLES

    def made(self, octets: int) -> bytes:
        """So many zeros. Raises ArchiveError when they become too many."""
        self._left -= octets
        if self._left < 0:
            raise ArchiveError(f"sparse files with holes of more than {MOST_HOLES >> 30} GiB")
        return bytes(octets)


class Holes:
    """A sparse file: zeros, but for `places` (offset and length), which `content` has in a row."""

    def __init__(self, content: Content, places: list[tuple[int, int]], size: int, holes: _Holes) -> None:
        self._holes = holes
        self._content = content
        self._places = deque(places)
        self._places.append((size, 0))
        self._at = 0

    def read(self, size: int, /) -> bytes:
        collected = io.BytesIO()
        while (left := size - collected.tell()) and self._places:
            start, length = self._places[0]
            if start + length < self._at:
                raise ArchiveError("damaged: the pieces of a sparse file overlap")
            if self._at < start:
                piece = self._holes.made(min(left, start - self._at))
            else:
                piece = self._content.read(min(left, start + length - self._at))
            collected.write(piece)
            self._at += len(piece)
            if self._at == start + length:
                self._places.popleft()
            elif not piece:
                raise ArchiveError("damaged: a sparse file ends inside a piece")
        return collected.getvalue()


def _sparse(
    header: _Header, extended: dict[bytes, bytes], content: Content, window: Window, holes: _Holes
) -> Content | None:
    """The content of a sparse file by its map, of which there are four kinds; None for another file."""
    if header.kind == _SPARSE:
        return Holes(content, _old_map(header.block, window), _number(header.block[483:495]), holes)
    size = extended.get(b"GNU.sparse.realsize") or extended.get(b"GNU.sparse.size")
    if size is None:
        return None
    numbers = []
    if extended.get(b"GNU.sparse.major"):
        numbers = _map_before(content)
    elif pieces := extended.get(b"GNU.sparse.map"):
        numbers = [_decimal(value) for value in pieces.split(b",")]
    if len(numbers) % 2:
        raise ArchiveError("damaged: half a piece of a sparse file")
    places = [(numbers[index], numbers[index + 1]) for index in range(0, len(numbers), 2)]
    return Holes(content, places, _decimal(size), holes)


def _old_map(block: bytes, window: Window) -> list[tuple[int, int]]:
    places = _old_places(block[386:482])
    further = block[482]
    while further:
        block = window.read(BLOCK)
        if len(block) < BLOCK:
            raise _cut()
        places += _old_places(block[:504])
        further = block[504]
        if len(places) > _MAP_MAXIMUM:
            raise ArchiveError("damaged: a sparse file of too many pieces")
    return places


def _old_places(field: bytes) -> list[tuple[int, int]]:
    rows = [field[place : place + 24] for place in range(0, len(field), 24)]
    return [(_number(row[:12]), _number(row[12:])) for row in rows if row[0]]


def _map_before(content: Content) -> list[int]:
    """The map as lines of decimals at the start of the content, in whole blocks."""
    lines: list[bytes] = []
    rest = b""
    wanted = 1
    while len(lines) < wanted:
        block = content.read(BLOCK)
        if len(block) < BLOCK:
            raise ArchiveError("damaged: a sparse file ends in its map")
        *found, rest = (rest + block).split(b"\n")
        lines += found
        if lines:
            wanted = 1 + 2 * _decimal(lines[0])
            if wanted > 2 * _MAP_MAXIMUM:
                raise ArchiveError("damaged: a sparse file of too many pieces")
    return [_decimal(line) for line in lines[1:wanted]]
