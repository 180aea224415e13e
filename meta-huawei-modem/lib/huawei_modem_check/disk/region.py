# SPDX-License-Identifier: MIT
"""A part of a disk image, and the files that are read out of it piece by piece."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
from collections.abc import Callable, Iterator
from typing import Protocol

from huawei_modem_check.streams import ArchiveError, Seekable

MEMBERS_MAXIMUM = 500_000
"""Names in one file system; more is a damaged or a hostile one."""


@dataclasses.dataclass(frozen=True)
class Region:
    """`size` bytes from `start` of the open file `handle`."""

    handle: int
    start: int
    size: int

    def read_at(self, offset: int, size: int) -> bytes:
        """Exactly `size` bytes at `offset`. Raises ArchiveError where the image has none."""
        if offset < 0 or size < 0 or offset + size > self.size:
            raise ArchiveError(f"truncated or damaged: {size} bytes at {offset} lie outside it")
        data = os.pread(self.handle, size, self.start + offset)
        if len(data) != size:
            raise ArchiveError(f"truncated: {size} bytes expected at {offset}, {len(data)} are there")
        return data

    def part(self, start: int, size: int) -> Region:
        """The part from `start` on; what reaches beyond this region shows when it is read."""
        return Region(self.handle, self.start + start, size)

    def has(self, offset: int, content: bytes) -> bool:
        """Whether `content` stands at `offset`."""
        if offset + len(content) > self.size:
            return False
        return os.pread(self.handle, len(content), self.start + offset) == content


class Extents(Protocol):
    """A file whose pieces lie where they like."""

    @property
    def size(self) -> int:
        """Bytes."""

    def pieces(self, offset: int, size: int) -> Iterator[bytes]:
        """The bytes from `offset` on, holes as zeros."""


class DiskFile(Seekable):
    """A file's content, found in the file system when it is read."""

    def __init__(self, file: Extents) -> None:
        self._file = file

    @contextlib.contextmanager
    def opened(self) -> Iterator[Callable[[int, int], bytes]]:
        """Takes an offset and a size; gives what is there, which may be less."""
        yield self._part

    def read(self, size: int, /) -> bytes:
        """The first `size` bytes; a member is read once."""
        return self._part(0, size)

    def _part(self, offset: int, size: int) -> bytes:
        size = min(size, max(0, self._file.size - offset))
        collected = io.BytesIO()  # joining a list would need the memory twice
        for piece in self._file.pieces(offset, size):
            collected.write(piece)
        return collected.getvalue()
