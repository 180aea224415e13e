# SPDX-License-Identifier: MIT
"""What inflates a stream: this process, or a tool of the system where that is faster."""

from __future__ import annotations

import bz2
import contextlib
import fcntl
import os
import re
import struct
import subprocess
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

from huawei_modem_check import limits
from huawei_modem_check.errors import MissingError
from huawei_modem_check.inflate import FORMATS
from huawei_modem_check.streams import ArchiveError, Filling, Measured, PlainFile, Preceded, Readable, Source

_CHUNK = 1 << 20
_HEAD = 512
_PIPE = 1 << 20  # bytes; Linux's own limit for a user. Its default, 64 KiB, makes both ends wait in turns
# xz writes 8 KiB at a time; to be woken for each costs both sides a fifth of the time that it inflates for.
_LITTLE = 64 << 10  # bytes
_NAP = 0.002  # seconds, in which no tool fills the pipe
_F_SETPIPE_SZ = 1031  # fcntl names it since Python 3.10


@contextlib.contextmanager
def decompressed(source: Measured) -> Iterator[Source]:
    """The inflated bytes of `source`, whatever its compression is, or its own bytes if it has none.

    Reading raises ArchiveError for damaged data, MissingError when a tool is not installed.
    """
    head, whole = peeked(source)
    packing = packing_of(head)
    if tool := tool_for(head):
        with _by_tool(whole, *tool) as inflated:
            yield inflated
    elif packing == "gzip":
        yield _Inflated(whole, lambda: _Zlib(zlib.MAX_WBITS | 16))
    elif packing == "bzip2":
        yield _Inflated(whole, bz2.BZ2Decompressor, next_begins=b"BZh")
    elif packing == "zip":
        yield _first_of_zip(whole)
    else:
        yield Filling(whole)


def peeked(source: Measured) -> tuple[bytes, Measured]:
    """How `source` begins, and all of it."""
    if isinstance(source, PlainFile):
        return source.head(_HEAD), source
    head = source.read(_HEAD)
    return head, Preceded(head, source)


MAGIC = {
    "xz": (b"\xfd7zXZ\0",),
    "zstd": (b"\x28\xb5\x2f\xfd",),
    "lz4": (b"\x04\x22\x4d\x18", b"\x02\x21\x4c\x18"),  # OpenEmbedded makes the second
    "lzo": (b"\x89LZO\0",),
    "gzip": (b"\x1f\x8b",),
    "bzip2": (b"BZh",),
    "zip": (b"PK\x03\x04",),
}


_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18(.{4})", re.DOTALL)


def packing_of(head: bytes) -> str | None:
    """What the content that begins with `head` is packed by; None when it is nothing that is known here.

    Skippable frames may come first (RFC 8878, section 3.1.2): pzstd writes one before each of its frames.
    """
    while frame := _SKIPPABLE.match(head):
        head = head[8 + int.from_bytes(frame[1], "little") :]
        if not head:  # lz4 has the same frames, and nothing is known that begins with one there
            return "zstd"
    if re.match(FORMATS["lzma"].magic, head, re.DOTALL):
        return "lzma"  # xz -dc takes it as well
    return next((name for name, magics in MAGIC.items() if head.startswith(magics)), None)


def tool_for(head: bytes) -> tuple[str, ...]:
    """Debian's package, and the command that inflates its input. Empty where this process does it."""
    packing = packing_of(head)
    if packing in ("xz", "lzma"):
        return (
            "xz-utils",
            "xz",
            "-dc",
            f"--memlimit-decompress={limits.XZ_MEMORY}",
            f"-T{_threads if packing == 'xz' and _has_small_blocks(head) else 1}",
        )
    if packing == "zstd":
        return ("zstd", "zstd", "-dcq", "--long=27")
    if packing == "lz4":
        return ("lz4", "lz4", "-dc")
    if packing == "lzo":
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
    return values[1] <= limits.XZ_BLOCK


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


class _Zlib:
    """zlib's decompressor with the interface of the other; `form` says which of its formats (its wbits)."""

    def __init__(self, form: int) -> None:
        self._inflater = zlib.decompressobj(form)

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
    """A stream inflated in this process; several compressed streams in a row count as one.

    What follows the last of them and does not begin with `next_begins` is passed over, as bzip2 does: it
    warns of trailing garbage and succeeds. gzip fails then.
    """

    def __init__(
        self,
        source: Readable,
        make: Callable[[], _Decompressor],
        single: bool = False,
        next_begins: bytes = b"",
    ) -> None:
        self._source = source
        self._make = make
        self._single = single
        self._next_begins = next_begins
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
        if self._inflater.eof and self._single:
            self._ended = True
            return b""
        if self._inflater.eof:
            data = self._inflater.unused_data or self._source.read(_CHUNK)
            if 0 < len(data) < len(self._next_begins):
                data += self._source.read(_CHUNK)
            if not data.strip(b"\0") or not data.startswith(self._next_begins):
                self._ended = True
                return b""
            self._inflater = self._make()
        elif self._inflater.needs_input:
            data = self._source.read(_CHUNK)
            if not data:
                raise ArchiveError("truncated: the compressed data ends in the middle")
        return self._inflater.decompress(data, size)


class _Stored:
    """The next `size` bytes of a source."""

    def __init__(self, source: Readable, size: int) -> None:
        self._source = source
        self._left = size

    def readinto(self, buffer: memoryview, /) -> int:
        data = self._source.read(min(len(buffer), self._left))
        if not data and self._left:
            raise ArchiveError("truncated: the zip ends inside its first member")
        self._left -= len(data)
        buffer[: len(data)] = data
        return len(data)


def _first_of_zip(source: Readable) -> Source:
    """The first member of a zip, as funzip gives it (APPNOTE.TXT, 4.3.7)."""
    header = source.read(30)
    if len(header) < 30:
        raise ArchiveError("truncated: the zip ends inside its first header")
    _version, _flags, method = struct.unpack_from("<3H", header, 4)
    size, _unpacked, name, extra = struct.unpack_from("<IIHH", header, 18)
    source.read(name + extra)
    if method == 0:
        return _Stored(source, size)
    if method != 8:
        raise ArchiveError(f"damaged: a zip by method {method}, and funzip knows stored and deflated")
    return _Inflated(source, lambda: _Zlib(-zlib.MAX_WBITS), single=True)


@contextlib.contextmanager
def _by_tool(source: Readable, package: str, *command: str) -> Iterator[Source]:
    own = subprocess.PIPE
    if isinstance(source, PlainFile):
        own = source.handle
        _not_empty(own)
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


def _not_empty(handle: int) -> None:
    """Raises ArchiveError where most of a packed file was never written: a tool takes it for padding."""
    state = os.fstat(handle)
    written = state.st_blocks * 512  # 0 where the file system does not say
    if state.st_size > limits.HALF_WRITTEN_FROM and 0 < written < state.st_size // 2:
        raise ArchiveError(
            f"truncated: of {state.st_size >> 20} MiB only {written >> 20} were written, as a download that "
            "has not ended"
        )


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
        # Less than there was room for: a reader of small pieces gets each of them whole, and more is there.
        self._found_little = 0 < size < min(_LITTLE, len(buffer))
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
