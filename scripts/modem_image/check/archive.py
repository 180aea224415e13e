# SPDX-License-Identifier: MIT
"""Read tar archives as streams: nothing is unpacked to disk, and no member is taken on trust."""

from __future__ import annotations

import bz2
import contextlib
import dataclasses
import io
import lzma
import re
import subprocess
import tarfile
import threading
import zlib
from collections.abc import Callable, Generator, Iterator
from typing import IO, TYPE_CHECKING, Protocol, cast

from modem_image.errors import MissingError

if TYPE_CHECKING:
    from typing import Self

_CHUNK = 1 << 20
_HEAD = 512
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TAR_BUFFER = 128 << 10  # tarfile copies what is left of it for every header


class ArchiveError(Exception):
    """The archive is damaged, truncated or inflates beyond all measure; the text says which."""


class Readable(Protocol):
    """A source of bytes; `read` gives fewer than `size` bytes only at the end."""

    def read(self, size: int, /) -> bytes: ...


class Seekable:
    """Content of which any part can be read alone, and more than once. A class: isinstance() is quick."""

    def read(self, size: int, /) -> bytes:
        """From the start."""
        raise NotImplementedError

    def opened(self) -> contextlib.AbstractContextManager[Callable[[int, int], bytes]]:
        """Takes an offset and a size; gives what is there, which may be less."""
        raise NotImplementedError


@dataclasses.dataclass(frozen=True)
class Limits:
    """What an archive may grow to before it is called a bomb."""

    total: int = 8 << 30  # bytes; the eMMC of a Colibri iMX7D 1GB holds 4 GB
    ratio: int = 250  # zeros in xz reach far more, so small archives are exempt:
    ratio_from: int = 256 << 20  # bytes
    members: int = 500_000


DEFAULT_LIMITS = Limits()


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


def drain(source: Readable) -> None:
    """Read `source` to its end: only there does a checksum say whether it was whole."""
    while source.read(_CHUNK):
        pass


# --- Compression ------------------------------------------------------------------------------------


@contextlib.contextmanager
def decompressed(source: Readable) -> Iterator[Readable]:
    """The inflated bytes of `source`, whatever its compression is, or its own bytes if it has none.

    Reading raises ArchiveError for damaged data, MissingError when a tool is not installed.
    """
    head = source.read(_HEAD)
    whole = _Preceded(head, source)
    if head.startswith(b"\xfd7zXZ\0"):
        # Two threads inflate what was packed in blocks; the pipe leaves this process free to parse.
        with _by_tool(whole, "xz-utils", "xz", "-dc", "-T2") as inflated:
            yield inflated
    elif head.startswith(b"\x28\xb5\x2f\xfd"):
        with _by_tool(whole, "zstd", "zstd", "-dcq", "--long=27") as inflated:
            yield inflated
    elif head.startswith((b"\x04\x22\x4d\x18", b"\x02\x21\x4c\x18")):  # OpenEmbedded makes the second
        with _by_tool(whole, "lz4", "lz4", "-dc") as inflated:
            yield inflated
    elif head.startswith(b"\x89LZO\0"):
        with _by_tool(whole, "lzop", "lzop", "-dc") as inflated:
            yield inflated
    elif head.startswith(b"\x1f\x8b"):
        yield _Inflated(whole, _Gzip)
    elif head.startswith(b"BZh"):
        yield _Inflated(whole, bz2.BZ2Decompressor)
    else:
        yield whole


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes: ...


class _Gzip:
    """zlib's decompressor with the interface of the other two."""

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
        self._ready = b""
        self._ended = False

    def read(self, size: int, /) -> bytes:
        pieces = []
        while size > 0 and (self._ready or self._more()):
            piece, self._ready = self._ready[:size], self._ready[size:]
            size -= len(piece)
            pieces.append(piece)
        return b"".join(pieces)

    def _more(self) -> bool:
        while not self._ready and not self._ended:
            try:
                self._step()
            except (zlib.error, OSError, EOFError, lzma.LZMAError) as err:
                raise ArchiveError(f"damaged: {err}") from err
        return bool(self._ready)

    def _step(self) -> None:
        data = b""
        if self._inflater.eof:
            data = self._inflater.unused_data or self._source.read(_CHUNK)
            if not data.strip(b"\0"):
                self._ended = True
                return
            self._inflater = self._make()
        elif self._inflater.needs_input:
            data = self._source.read(_CHUNK)
            if not data:
                raise ArchiveError("truncated: the compressed data ends in the middle")
        self._ready = self._inflater.decompress(data, _CHUNK)


@contextlib.contextmanager
def _by_tool(source: Readable, package: str, *command: str) -> Iterator[Readable]:
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    except FileNotFoundError as err:
        raise MissingError(f"{command[0]} is not installed: apt-get install {package}") from err
    feeder = _Feeder(source, process)
    feeder.start()
    try:
        yield _ToolOutput(process, feeder)
    finally:
        process.kill()
        feeder.join()
        with process:  # closes the pipes and waits
            pass


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
                while data := self._source.read(_CHUNK):
                    sink.write(data)
        except Exception as err:  # noqa: BLE001  raised again in the reader's thread
            self.failure = err


class _ToolOutput:
    def __init__(self, process: subprocess.Popen[bytes], feeder: _Feeder) -> None:
        assert process.stdout is not None and process.stderr is not None  # noqa: S101  pipes were asked for
        self._stdout: IO[bytes] = process.stdout
        self._stderr: IO[bytes] = process.stderr
        self._process = process
        self._feeder = feeder

    def read(self, size: int, /) -> bytes:
        data = self._stdout.read(size)
        if len(data) < size:
            self._check_end()
        return data

    def _check_end(self) -> None:
        complaint = self._stderr.read(400).decode("utf-8", "replace").strip()
        status = self._process.wait()
        self._feeder.join()
        if self._feeder.failure:
            raise self._feeder.failure
        if status != 0:
            raise ArchiveError(f"damaged or truncated: {complaint or 'the tool stopped'}")


# --- tar --------------------------------------------------------------------------------------------


def path_parts(name: str) -> list[str]:
    """The parts of a member's path, without those that lead nowhere: `./lib//modules` has two."""
    return [part for part in name.split("/") if part not in ("", ".")]


class Vetting:
    """Judges the members of one archive in their order; remembers its links."""

    def __init__(self) -> None:
        self._links: set[str] = set()
        self._clear = ""  # the folder of the last member, when no link leads to it

    def reason(self, member: tarfile.TarInfo) -> str | None:
        """Why `member` must not be unpacked, or None."""
        parts = path_parts(member.name)
        if member.name.startswith("/"):
            return "an absolute path"
        if ".." in parts:
            return "a path out of the archive"
        if _CONTROL.search(member.name):
            return "a control character in the name"
        # A real tree has no path through a link; in an archive it writes where the link points to.
        folder = "/".join(parts[:-1])
        if folder != self._clear:
            if any("/".join(parts[:depth]) in self._links for depth in range(1, len(parts))):
                return "a path through a link of the same archive"
            self._clear = folder
        if member.issym():
            self._links.add("/".join(parts))
            self._clear = ""
        if member.islnk() and (member.linkname.startswith("/") or ".." in member.linkname.split("/")):
            return f"a hard link out of the archive, to {member.linkname}"
        if (member.ischr() or member.isblk()) and parts[:1] != ["dev"]:
            return "a device outside dev"
        return None


class _Header(tarfile.TarInfo):
    """A header that is damaged or cut off is an error; tarfile takes it for the end of the archive."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> Self:
        # Not frombuf: Debian 12's Python 3.11.2, with its security fixes, does not call it.
        try:
            return super().fromtarfile(archive)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
            raise
        except tarfile.HeaderError as err:
            raise ArchiveError(f"damaged or truncated: {err}") from err


def members(
    source: Readable, refused: Callable[[str, str], None], limits: Limits = DEFAULT_LIMITS
) -> Generator[tuple[tarfile.TarInfo, Readable], None, None]:
    """The members of a tar archive, compressed or not, each with its content (empty if not a file).

    A content can be read until the next member is taken. A member that must not be unpacked goes to
    `refused` with the reason instead. Raises ArchiveError for an archive that is damaged, truncated
    or a bomb, and MissingError when the tool for its compression is not installed.
    """
    packed = Counted(source)
    with decompressed(packed) as inflated:

        def check_size(_data: bytes) -> None:
            _check_size(limits, packed.count, unpacked.count)

        unpacked = Counted(inflated, check_size)
        vetting = Vetting()
        with _tar_errors(), _open(unpacked) as archive:
            for number, member in enumerate(iter(archive.next, None)):
                assert member is not None  # noqa: S101  iter() stops at None
                if number >= limits.members:
                    raise ArchiveError(f"more than {limits.members} members")
                archive.members.clear()  # type: ignore[attr-defined]  # or a long archive fills the memory
                if reason := vetting.reason(member):
                    refused(member.name, reason)
                    continue
                content = archive.extractfile(member) if member.isreg() else None
                yield member, _Content(content or io.BytesIO())
        drain(unpacked)


class _Content:
    """A member's content, whose errors are those of the archive."""

    def __init__(self, source: Readable) -> None:
        self._source = source

    def read(self, size: int, /) -> bytes:
        with _tar_errors():
            if size <= _CHUNK:
                return self._source.read(size)
            collected = io.BytesIO()  # tarfile joins a list, which needs the memory twice
            while data := self._source.read(min(_CHUNK, size - collected.tell())):
                collected.write(data)
            return collected.getvalue()


def _open(source: Readable) -> tarfile.TarFile:
    # tarfile reads its stream by read(size) only.
    stream = cast("IO[bytes]", source)
    return tarfile.open(fileobj=stream, mode="r|", bufsize=_TAR_BUFFER, tarinfo=_Header)


def _check_size(limits: Limits, packed: int, unpacked: int) -> None:
    if unpacked > limits.total:
        raise ArchiveError(f"inflates to more than {limits.total >> 30} GiB")
    if unpacked > limits.ratio_from and unpacked > limits.ratio * max(packed, 1):
        raise ArchiveError(f"inflates more than {limits.ratio} times")


@contextlib.contextmanager
def _tar_errors() -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as err:
        raise ArchiveError(f"damaged or truncated: {err}") from err
