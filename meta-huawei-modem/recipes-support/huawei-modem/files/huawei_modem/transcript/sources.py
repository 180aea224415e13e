# SPDX-License-Identifier: MIT
"""Text from a file, a folder, a capture or a stream, line by line and in bounded memory."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO

_LONGEST = 1 << 16
"""Characters of a line that are kept; what follows up to its end is passed over."""
_MOST_FILES = 2000
_HEAD = 4096
_GZIP = b"\x1f\x8b"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
"""What PowerShell begins a file with."""


class SourceError(ValueError):
    """The source cannot be read as text. The message says what it is, and what can be read."""


def texts(path: Path) -> Iterator[tuple[str, Iterator[str]]]:
    """Name and lines of each text in `path`: one file, a folder's files, or the members of a tar.

    Raises SourceError when there is nothing to read.
    """
    if not path.exists():
        raise SourceError(f"{path}: no such file or folder")
    if path.is_dir():
        found = sorted(entry for entry in path.rglob("*") if entry.is_file() and not entry.is_symlink())
        if not found:
            raise SourceError(f"{path}: an empty folder")
        for entry in found[:_MOST_FILES]:
            yield from _file(entry, str(entry.relative_to(path)), alone=False)
    else:
        yield from _file(path, path.name, alone=True)


def lines(stream: IO[str]) -> Iterator[str]:
    """The lines of a stream; one that is too long is cut, and counts as one."""
    while text := stream.readline(_LONGEST):
        if not text.endswith("\n"):
            _pass_over(stream)
        yield text


def _pass_over(stream: IO[str]) -> None:
    while (rest := stream.readline(_LONGEST)) and not rest.endswith("\n"):
        pass


def _file(path: Path, name: str, alone: bool) -> Iterator[tuple[str, Iterator[str]]]:
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
            stream.seek(0)
            if _is_tar(path, head):
                yield from _members(path)
            elif head[:2] == _GZIP:
                yield name, _guarded(path, _unpacked(stream))
            elif head[:2] in _UTF16:
                yield name, _guarded(path, lines(as_text(stream, "utf-16")))
            elif b"\0" not in head:
                yield name, _guarded(path, lines(as_text(stream)))
            elif alone:
                raise SourceError(f"{path}: no text. A log, a folder of logs, or a tar of them is expected")
    except OSError as err:
        raise SourceError(f"{path}: cannot be read: {err.strerror or err}") from err


def _unpacked(stream: BinaryIO) -> Iterator[str]:
    """The lines of a rotated log, such as messages.2.gz."""
    import gzip

    with gzip.open(stream, "rt", encoding="utf-8", errors="replace") as text:
        yield from lines(text)


def _guarded(path: Path, text: Iterator[str]) -> Iterator[str]:
    """`text`, which is read as it comes: what breaks off then is told like what cannot be opened."""
    import tarfile
    import zlib

    try:
        yield from text
    except (OSError, EOFError, zlib.error, tarfile.TarError) as err:
        raise SourceError(f"{path}: damaged, or not whole: {err}") from err


def _is_tar(path: Path, head: bytes) -> bool:
    return head[257:262] == b"ustar" or ((head[:2] == _GZIP and ".tar" in path.name) or path.suffix == ".tgz")


def _members(path: Path) -> Iterator[tuple[str, Iterator[str]]]:
    import tarfile
    import zlib

    try:
        with tarfile.open(path, "r:*") as archive:
            for number, member in enumerate(archive):
                if number >= _MOST_FILES:
                    break
                content = archive.extractfile(member) if member.isfile() else None
                if content is not None:
                    yield member.name, _guarded(path, lines(as_text(content)))
    except (tarfile.TarError, zlib.error, EOFError) as err:
        raise SourceError(f"{path}: a damaged archive: {err}") from err


def as_text(stream: BinaryIO | IO[bytes], encoding: str = "utf-8") -> IO[str]:
    """Bytes as text; what is none becomes a replacement character."""
    return io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline=None)
