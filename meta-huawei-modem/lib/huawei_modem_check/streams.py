# SPDX-License-Identifier: MIT
"""Streams of bytes, and what inflates them: nothing is unpacked to disk or kept in memory."""

from __future__ import annotations

import bz2
import contextlib
import fcntl
import io
import os
import stat
import subprocess
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from huawei_modem_check.errors import MissingError

_CHUNK = 1 << 20
_HEAD = 512
_PIPE = 1 << 20  # bytes; Linux's own limit for a user. Its default, 64 KiB, makes both ends wait in turns
# xz writes 8 KiB at a time; to be woken for each costs both sides a fifth of the time that it inflates for.
_LITTLE = 64 << 10  # bytes
_NAP = 0.002  # seconds, in which no tool fills the pipe
_F_SETPIPE_SZ = 1031  # fcntl names it since Python 3.10
_BLOCK_MAXIMUM = 32 << 20  # bytes of a block that xz may keep whole, one for each thread


class ArchiveError(Exception):
    """The archive is damaged, truncated or inflates beyond all measure; the text says which."""


class Readable(Protocol):
    """A source of bytes; `read` gives fewer than `size` bytes only at the end."""

    def read(self, size: int, /) -> bytes: ...


class Measured(Readable, Protocol):
    """One that says how many bytes were taken from it."""

    @property
    def count(self) -> int: ...


class Source(Protocol):
    """One that fills a buffer, as far as it likes: with 0 bytes only at the end."""

    def readinto(self, buffer: memoryview, /) -> int: ...


class Seekable:
    """Content of which any part can be read alone, and more than once. A class: isinstance() is quick."""

    def read(self, size: int, /) -> bytes:
        """From the start."""
        raise NotImplementedError

    def opened(self) -> contextlib.AbstractContextManager[Callable[[int, int], bytes]]:
        """Takes an offset and a size; gives what is there, which may be less."""
        raise NotImplementedError


class Counted:
    """Passes `source` on, counts the bytes and shows each piece to `seen`."""

    def __init__(self, source: Readable, seen: Callable[[bytes], object] | None = None) -> None:
        self.count = 0
        self._source = source
        self._seen = seen

    def read(self, size: int, /) -> bytes:
        data = self._source.read(size)
        self.count += len(data)
        if self._seen:
            self._seen(data)
        return data


class PlainFile:
    """A file on disk from where it stands; a tool may read it by itself, which moves it on as well."""

    def __init__(self, file: BinaryIO) -> None:
        self.handle = file.fileno()

    @property
    def count(self) -> int:
        """How far it was read."""
        return os.lseek(self.handle, 0, os.SEEK_CUR)

    def head(self, size: int) -> bytes:
        """What comes next, which stays."""
        return os.pread(self.handle, size, self.count)

    def read(self, size: int, /) -> bytes:
        return os.read(self.handle, size)


class _Preceded:
    """`source` again from its start, of which `head` was read already."""

    def __init__(self, head: bytes, source: Readable) -> None:
        self._head = head
        self._source = source

    def read(self, size: int, /) -> bytes:
        if not self._head:
            return self._source.read(size)
        head, self._head = self._head[:size], self._head[size:]
        return head + self._source.read(size - len(head)) if len(head) < size else head


class _Filling:
    """A Readable as a Source."""

    def __init__(self, source: Readable) -> None:
        self._source = source

    def readinto(self, buffer: memoryview, /) -> int:
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


@contextlib.contextmanager
def measured(path: Path) -> Iterator[Measured]:
    """The bytes of the file at `path`, which may be a pipe."""
    with path.open("rb") as file:
        yield PlainFile(file) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else Counted(file)


def drain(source: Readable) -> None:
    """Read `source` to its end: only there does a checksum say whether it was whole."""
    while source.read(_CHUNK):
        pass


def collect(read: Callable[[int], bytes], size: int) -> bytes:
    """`size` bytes of what `read` gives piece by piece; fewer at its end."""
    collected = io.BytesIO()  # joining a list would need the memory twice
    while data := read(size - collected.tell()):
        collected.write(data)
    return collected.getvalue()


# --- Compression ------------------------------------------------------------------------------------


@contextlib.contextmanager
def decompressed(source: Measured) -> Iterator[Source]:
    """The inflated bytes of `source`, whatever its compression is, or its own bytes if it has none.

    Reading raises ArchiveError for damaged data, MissingError when a tool is not installed.
    """
    whole: Readable = source
    if isinstance(source, PlainFile):
        head = source.head(_HEAD)
    else:
        head = source.read(_HEAD)
        whole = _Preceded(head, source)
    if tool := tool_for(head):
        with _by_tool(whole, *tool) as inflated:
            yield inflated
    elif head.startswith(b"\x1f\x8b"):
        yield _Inflated(whole, _Gzip)
    elif head.startswith(b"BZh"):
        yield _Inflated(whole, bz2.BZ2Decompressor)
    else:
        yield _Filling(whole)


def tool_for(head: bytes) -> tuple[str, ...]:
    """Debian's package, and the command that inflates its input. Empty where this process does it."""
    if head.startswith(b"\xfd7zXZ\0"):
        return ("xz-utils", "xz", "-dc", f"-T{_threads if _has_small_blocks(head) else 1}")
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return ("zstd", "zstd", "-dcq", "--long=27")
    if head.startswith((b"\x04\x22\x4d\x18", b"\x02\x21\x4c\x18")):  # OpenEmbedded makes the second
        return ("lz4", "lz4", "-dc")
    if head.startswith(b"\x89LZO\0"):
        return ("lzop", "lzop", "-dc")
    return ()


def _has_small_blocks(head: bytes) -> bool:
    """Whether several threads can inflate what begins with `head`, by the header of its first block.

    That of OpenEmbedded, packed with -9, has 192 MiB: xz would keep it and the next in memory.
    Layout: section 3.1 of the .xz file format.
    """
    flags, sizes = head[13:14], head[14:32]
    if not flags or flags[0] & 0xC0 != 0xC0:  # both sizes are there
        return False
    values = [0, 0]
    for which in range(2):
        length = next((place for place, byte in enumerate(sizes) if byte < 0x80), len(sizes) - 1) + 1
        values[which] = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(sizes[:length]))
        sizes = sizes[length:]
    return values[1] <= _BLOCK_MAXIMUM


_threads = 2


def use_threads(number: int) -> None:
    """How many threads may inflate one archive, in this process from now on."""
    global _threads
    _threads = number


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes: ...


class _Gzip:
    """zlib's decompressor with the interface of the other."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)

    @property
    def eof(self) -> bool:
        return self._inflater.eof

    @property
    def needs_input(self) -> bool:
        return not self._inflater.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inflater.unused_data

    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes:
        return self._inflater.decompress(self._inflater.unconsumed_tail + data, max(0, max_length))


class _Inflated:
    """A stream inflated in this process; several compressed streams in a row count as one."""

    def __init__(self, source: Readable, make: Callable[[], _Decompressor]) -> None:
        self._source = source
        self._make = make
        self._inflater = make()
        self._ended = False

    def readinto(self, buffer: memoryview, /) -> int:
        data = b""
        while not data and not self._ended:
            try:
                data = self._step(len(buffer))
            except (zlib.error, OSError, EOFError) as err:
                raise ArchiveError(f"damaged: {err}") from err
        buffer[: len(data)] = data
        return len(data)

    def _step(self, size: int) -> bytes:
        data = b""
        if self._inflater.eof:
            data = self._inflater.unused_data or self._source.read(_CHUNK)
            if not data.strip(b"\0"):
                self._ended = True
                return b""
            self._inflater = self._make()
        elif self._inflater.needs_input:
            data = self._source.read(_CHUNK)
            if not data:
                raise ArchiveError("truncated: the compressed data ends in the middle")
        return self._inflater.decompress(data, size)


@contextlib.contextmanager
def _by_tool(source: Readable, package: str, *command: str) -> Iterator[Source]:
    own = source.handle if isinstance(source, PlainFile) else subprocess.PIPE
    try:
        process = subprocess.Popen(
            command, stdin=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
        )
    except FileNotFoundError as err:
        raise MissingError(f"{command[0]} is not installed: apt-get install {package}") from err
    feeder = None
    try:
        if process.stdin:
            feeder = _Feeder(source, process)
            feeder.start()
        yield _ToolOutput(process, feeder)
    finally:
        process.kill()
        if feeder:
            feeder.join()
        with process:  # closes the pipes and waits
            pass


def _widen(pipe: int) -> bool:
    """Whether the pipe holds more from now on; a user may have used up the room for pipes."""
    try:
        return fcntl.fcntl(pipe, _F_SETPIPE_SZ, _PIPE) >= _PIPE
    except OSError:
        return False


class _Feeder(threading.Thread):
    """Copies `source` into a process. What goes wrong with the source is kept for the reader."""

    def __init__(self, source: Readable, process: subprocess.Popen[bytes]) -> None:
        super().__init__(daemon=True)
        self.failure: BaseException | None = None
        self._source = source
        self._process = process

    def run(self) -> None:
        assert self._process.stdin is not None  # noqa: S101  a pipe was asked for
        try:
            # A broken pipe: the tool gave up, or the reader needs no more.
            with contextlib.suppress(BrokenPipeError), self._process.stdin as sink:
                _widen(sink.fileno())
                while data := self._source.read(_CHUNK):
                    rest = memoryview(data)
                    while rest:
                        rest = rest[os.write(sink.fileno(), rest) :]
        except Exception as err:  # noqa: BLE001  raised again in the reader's thread
            self.failure = err


class _ToolOutput:
    def __init__(self, process: subprocess.Popen[bytes], feeder: _Feeder | None) -> None:
        assert process.stdout is not None and process.stderr is not None  # noqa: S101  pipes were asked for
        self._stdout = process.stdout.fileno()
        self._stderr = process.stderr
        self._process = process
        self._feeder = feeder
        self._is_wide = _widen(self._stdout)
        self._found_little = False

    def readinto(self, buffer: memoryview, /) -> int:
        if self._found_little and self._is_wide:
            time.sleep(_NAP)
        size = os.readv(self._stdout, [buffer])
        self._found_little = 0 < size < _LITTLE
        if not size:
            self._check_end()
        return size

    def _check_end(self) -> None:
        complaint = self._stderr.read(400).decode("utf-8", "replace").strip()
        status = self._process.wait()
        if self._feeder:
            self._feeder.join()
            if self._feeder.failure:
                raise self._feeder.failure
        if status != 0:
            raise ArchiveError(f"damaged or truncated: {complaint or 'the tool stopped'}")
