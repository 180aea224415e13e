# SPDX-License-Identifier: MIT
"""Packed files and tars, as streams and within bounds: what is too large is refused before it is unpacked.

A tar is read by tarfile, which trusts the sizes in it: a header of names may say one GiB, and it is read into
memory. So headers are looked at first. What a member holds is never written anywhere.
"""

from __future__ import annotations

import io
import os
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, NoReturn

MOST_MEMBERS = 2000
_NAMES = 1 << 16
"""Octets of a header with names, which pax and GNU tar put before a member."""
MOST_UNPACKED = 1 << 29
"""Octets in all: a packed file of one MB may unpack to one GB. A larger log is to be given unpacked."""
_LINES = 1 << 22
"""Lines in all: a MiB of them, empty, is packed in three octets, and each is looked at."""
_DICTIONARY = 20 << 20
"""Octets that xz may take: presets up to -7. The board has little more for all of the doctor."""
_FRAME = 1 << 16
"""Octets around the packed data: a name, a comment; zeros, as tapes and flashes fill their last block."""
_HEAD = 512
_GZIP, _BZIP2, _XZ, _ZSTD = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"
PACKED = (_GZIP, _BZIP2, _XZ, _ZSTD)
"""What a packed file may begin with."""
_DAMAGED = (
    tarfile.TarError,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    KeyError,
    OverflowError,
    RecursionError,
)
"""What tarfile and the unpackers raise at bytes that nobody wrote on purpose, or somebody did."""


class ArchiveError(ValueError):
    """The file is damaged, or larger than it may be. The message says which, without the file's name."""


class _Vetted(tarfile.TarInfo):
    """A member whose headers are small, and which is no sparse file: these have maps, in several forms."""

    def _proc_member(self, archive: tarfile.TarFile) -> Any:
        named = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE)
        long = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
        if self.type in named + long and self.size > _NAMES:
            raise ArchiveError(f"a header of {self.size} bytes for names; at most {_NAMES} are read")
        if self.type == tarfile.GNUTYPE_SPARSE:
            self._sparse()
        return super()._proc_member(archive)  # type: ignore[misc]

    def _sparse(self, *_arguments: Any) -> NoReturn:
        raise ArchiveError("a sparse file in a tar, which is not read: pack it without --sparse")

    _proc_gnusparse_00 = _proc_gnusparse_01 = _proc_gnusparse_10 = _sparse


class _Bounded(io.RawIOBase):
    """A stream that ends with ArchiveError where it has given more than it may."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        super().__init__()
        self._stream = stream
        self._left = most
        self._lines = _LINES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._stream.read(min(len(buffer), 1 << 16))
        except _DAMAGED as err:
            raise _named(err) from err
        self._left -= len(data)
        if self._left < 0:
            raise ArchiveError(
                f"more than {MOST_UNPACKED >> 20} MiB when it is unpacked; unpack it and give the files"
            )
        self._lines -= data.count(b"\n")
        if self._lines < 0:
            raise ArchiveError(f"more than {_LINES} lines when it is unpacked; unpack it and give the files")
        buffer[: len(data)] = data
        return len(data)


class _AsOpened(io.RawIOBase):
    """A file as it was when it was opened: a log is written to while it is read."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        super().__init__()
        self._stream = stream
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(min(len(buffer), self._left))
        self._left -= len(data)
        buffer[: len(data)] = data
        return len(data)


class _Framed:
    """A packed file for gzip, which reads names in a header, and zeros behind the data, octet by octet."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._single = 0

    def read(self, size: int) -> bytes:
        self._single = self._single + 1 if size == 1 else 0
        if self._single > _FRAME:
            raise ArchiveError(f"more than {_FRAME} octets of gzip's header, or of zeros behind the data")
        return self._stream.read(size)


class _Xz(io.RawIOBase):
    """lzma.LZMAFile with a limit of memory, which that has not."""

    def __init__(self, stream: BinaryIO) -> None:
        import lzma

        super().__init__()
        self._stream = stream
        self._error: type[Exception] = lzma.LZMAError
        self._unpacker = lzma.LZMADecompressor(memlimit=_DICTIONARY)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = b""
        while not data and not self._unpacker.eof:
            packed = self._stream.read(1 << 14) if self._unpacker.needs_input else b""
            if self._unpacker.needs_input and not packed:
                raise EOFError("the packed data ends early")
            try:
                data = self._unpacker.decompress(packed, min(len(buffer), 1 << 16))
            except self._error as err:
                limit = "memory" in str(err).lower()
                hint = (
                    f": packed with more than {_DICTIONARY >> 20} MiB of memory (xz -8, -9)" if limit else ""
                )
                raise ArchiveError(f"cannot be unpacked: {err}{hint}") from err
        buffer[: len(data)] = data
        return len(data)


def is_tar(head: bytes) -> bool:
    """Whether unpacked data that begins so is a tar (POSIX.1-1988 and what came after)."""
    return head[257:262] == b"ustar"


@contextmanager
def unpacked(path: Path) -> Iterator[tuple[IO[bytes], bytes]]:
    """The file's data, unpacked if it was packed, and its first octets. Raises ArchiveError and OSError."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        yield stream_of(file, size)


def stream_of(file: BinaryIO, size: int = 0) -> tuple[IO[bytes], bytes]:
    """As `unpacked`, of a file that is open and can be wound back: its first `size` octets, all for 0."""
    head = file.read(6)
    file.seek(0)
    stream: Any = file
    if head.startswith(_GZIP):
        import gzip

        framed: Any = _Framed(file)
        stream = gzip.GzipFile(fileobj=framed)
    elif head.startswith(_BZIP2):
        import bz2

        stream = bz2.BZ2File(file)
    elif head.startswith(_XZ):
        stream = _Xz(file)
    elif head.startswith(_ZSTD):
        raise ArchiveError("packed with zstd, which is not read here: unpack it with `zstd -d`")
    bounded: Any = file
    if stream is not file:
        bounded = _Bounded(stream, MOST_UNPACKED)
    elif size:
        bounded = _AsOpened(file, size)
    buffered = io.BufferedReader(bounded, _HEAD * 8)
    try:
        first = buffered.peek(_HEAD)[:_HEAD]
    except _DAMAGED as err:
        raise _named(err) from err
    return buffered, first


def members(stream: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of each regular file of a tar, in its order, to be read before the next one.

    Links, devices and folders are passed over, and so is what follows the first MOST_MEMBERS.
    Raises ArchiveError.
    """
    try:
        with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Vetted, errors="replace") as archive:
            for number, member in enumerate(archive):
                if number >= MOST_MEMBERS:
                    return
                archive.members.clear()  # type: ignore[attr-defined]  # it would keep every header
                content = archive.extractfile(member) if member.isreg() else None
                if content is not None:
                    # What tarfile gives of a stream cannot say that it cannot be wound back.
                    yield member.name, io.BufferedReader(_Bounded(content, MOST_UNPACKED))
    except _DAMAGED as err:
        raise _named(err) from err


def _named(err: BaseException) -> ArchiveError:
    return err if isinstance(err, ArchiveError) else ArchiveError(f"damaged, or not whole: {err}")
