# SPDX-License-Identifier: MIT
"""Text from a file, a folder, a capture or a stream, line by line and in bounded memory."""

from __future__ import annotations

import io
import re
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO

from huawei_modem import outputs
from huawei_modem.transcript import archive

_LONGEST = 1 << 16
"""Characters of a line that are kept; what follows up to its end is passed over."""
_NO_LINE = 1 << 24
"""Characters without an end of line that are no text: a file of holes, or a device."""
_WINDOW, _EVERY = 1 << 16, 1 << 20
"""Characters that are looked at for whether it is a text, and how often."""
_ODD = re.compile("[\x01-\x06\x0e-\x1a\x1c-\x1f\x7f]")
"""Controls that no log, terminal or modem writes; NUL is left of a file that was open when power went."""
_MOST_ODD = _WINDOW // 20
_MOST_FILES = 2000
UTF16 = (b"\xff\xfe", b"\xfe\xff")
"""What PowerShell begins a file with."""


_OWN = re.compile(r"\bdoctor\b")
"""Whose results are no log: the doctor's, in the folder that it is asked about once more."""


class SourceError(ValueError):
    """The source cannot be read as text. The message says what it is, and what can be read."""


class BinaryError(SourceError):
    """It began like a text, and is none."""


def texts(path: Path) -> Iterator[tuple[str, Iterator[str]]]:
    """Name and lines of each text in `path`: one file, a folder's files, or the members of a tar.

    Raises SourceError when there is nothing to read.
    """
    if not path.exists():
        raise SourceError(f"{path}: no such file or folder")
    if path.is_dir():
        found = sorted(entry for entry in path.rglob("*") if entry.is_file() and not entry.is_symlink())
        found = [entry for entry in found if not _OWN.search(outputs.writer(entry))]
        if not found:
            raise SourceError(f"{path}: an empty folder")
        for entry in found[:_MOST_FILES]:
            yield from _file(entry, str(entry.relative_to(path)), alone=False)
    else:
        yield from _file(path, path.name, alone=True)


def lines(stream: IO[str]) -> Iterator[str]:
    """The lines of a stream; one that is too long is cut, and counts as one.

    Raises SourceError for a line of more than 16 MiB, BinaryError for what is no text.
    """
    read = odd = windows = 0
    while text := stream.readline(_LONGEST):
        if read % _EVERY < _WINDOW:
            if read // _EVERY >= windows:
                # A line seldom ends where a window begins.
                windows, odd = read // _EVERY + 1, 0
            odd += len(_ODD.findall(text))
            if odd > _MOST_ODD:
                raise BinaryError("no text: too many control characters. A log is expected")
        read += len(text)
        if not text.endswith("\n"):
            _pass_over(stream)
        yield text


def _pass_over(stream: IO[str]) -> None:
    passed = 0
    while (rest := stream.readline(_LONGEST)) and not rest.endswith("\n"):
        passed += len(rest)
        if passed > _NO_LINE:
            raise SourceError(f"a line of more than {_NO_LINE >> 20} MiB: no text")


def _file(path: Path, name: str, alone: bool) -> Iterator[tuple[str, Iterator[str]]]:
    try:
        with archive.unpacked(path) as (stream, head):
            if archive.is_tar(head):
                for member, content in archive.members(stream):
                    yield member, _guarded(path, lines(as_text(content)), alone=False)
            elif head[:2] in UTF16:
                yield name, _guarded(path, lines(as_text(stream, "utf-16")), alone)
            elif b"\0" not in head:
                yield name, _guarded(path, lines(as_text(stream)), alone)
            elif alone:
                raise SourceError(f"{path}: no text. A log, a folder of logs, or a tar of them is expected")
    except archive.ArchiveError as err:
        raise SourceError(f"{path}: {err}") from err
    except OSError as err:
        raise SourceError(f"{path}: cannot be read: {err.strerror or err}") from err


def _guarded(path: Path, text: Iterator[str], alone: bool) -> Iterator[str]:
    """`text`, which is read as it comes: what breaks off then is said like what cannot be opened.

    One of several that is no text after all ends there.
    """
    try:
        yield from text
    except BinaryError as err:
        if alone:
            raise SourceError(f"{path}: {err}") from err
    except (archive.ArchiveError, SourceError) as err:
        raise SourceError(f"{path}: {err}") from err
    except (OSError, EOFError, tarfile.TarError, zlib.error) as err:
        raise SourceError(f"{path}: damaged, or not whole: {err}") from err


def as_text(stream: BinaryIO | IO[bytes], encoding: str = "utf-8") -> IO[str]:
    """Bytes as text; what is none becomes a replacement character."""
    return io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline=None)
