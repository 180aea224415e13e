# SPDX-License-Identifier: MIT
"""The little of pathlib that looking at a system takes: its import is half of what `status` may cost.

A `Folder` goes where a Path is asked for, as long as no more is done with it than is here.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO, Any

_CHUNK = 1 << 16


class Folder:
    """A path, with the methods of pathlib.Path that the readers use."""

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        self._path = path

    def __str__(self) -> str:
        return self._path

    def __fspath__(self) -> str:
        return self._path

    def __truediv__(self, name: object) -> Folder:
        return Folder(f"{self._path.rstrip('/')}/{name}")

    def __lt__(self, other: Folder) -> bool:
        return self._path < other._path

    @property
    def name(self) -> str:
        return self._path.rpartition("/")[2]

    def iterdir(self) -> Iterator[Folder]:
        return (self / name for name in os.listdir(self._path))

    def exists(self) -> bool:
        return os.path.exists(self._path)

    def is_dir(self) -> bool:
        return os.path.isdir(self._path)

    def is_file(self) -> bool:
        return os.path.isfile(self._path)

    def open(self, mode: str = "r") -> IO[Any]:
        return open(self._path, mode)

    def read_bytes(self) -> bytes:
        # open() asks four questions about each file that sysfs answers the same for all.
        file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            parts = []
            while part := os.read(file, _CHUNK):
                parts.append(part)
        finally:
            os.close(file)
        return b"".join(parts)

    def read_text(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return self.read_bytes().decode(encoding, errors)


def root() -> Path:
    """The live system's root, for those who ask for a Path."""
    return Folder("/")  # type: ignore[return-value]
