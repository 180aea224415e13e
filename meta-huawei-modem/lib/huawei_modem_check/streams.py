# SPDX-License-Identifier: MIT
"""Streams of bytes: nothing is unpacked to disk or kept in memory."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

_CHUNK = 1 << 20


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


class LinkTo:
    """In place of content: what a link leads to. `hard` is for a name of a member of the same archive."""

    def __init__(self, target: str, hard: bool = False) -> None:
        self._target = target
        self.hard = hard

    def read(self, size: int, /) -> bytes:  # noqa: ARG002  as every content has it
        """Nothing."""
        return b""

    def seen_from(self, path: str) -> str:
        """The target as a path from the root, for a link at `path`; without a leading slash."""
        start = "" if self.hard or self._target.startswith("/") else path.rpartition("/")[0]
        parts: list[str] = []
        for part in f"{start}/{self._target}".split("/"):
            if part == ".." and parts:
                parts.pop()
            elif part not in ("", ".", ".."):
                parts.append(part)
        return "/".join(parts)


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


class Preceded:
    """`source` again from its start, of which `head` was read already."""

    def __init__(self, head: bytes, source: Measured) -> None:
        self._head = head
        self._source = source

    @property
    def count(self) -> int:
        """How many bytes were taken from the source."""
        return self._source.count

    def read(self, size: int, /) -> bytes:
        if not self._head:
            return self._source.read(size)
        head, self._head = self._head[:size], self._head[size:]
        return head + self._source.read(size - len(head)) if len(head) < size else head


class Filling:
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
