# SPDX-License-Identifier: MIT
"""Reads modems.toml and modems/*.toml, and names file and line of an entry that breaks the schema."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huawei_modem.database import Database, DatabaseError, Where, describe
from modem_image.errors import InputError
from modem_image.files import content_of
from modem_image.sticks.schema import from_document

_HEADER = re.compile(r"^\s*\[(\[)?\s*([^\]\s]+)\s*\]")
_KEY = re.compile(r"^\s*([A-Za-z0-9_-]+)\s*=")
_STICK = "stick"


@dataclass(frozen=True)
class _File:
    """One file: its text and its document. `first` is the position of its first stick among all."""

    path: Path
    text: str
    document: dict[str, Any]
    first: int

    @property
    def sticks(self) -> list[Any]:
        value = self.document.get(_STICK, [])
        return value if isinstance(value, list) else [value]


def load(path: Path) -> tuple[Database, dict[str, Any]]:
    """The checked database in `path` and in the folder of its name beside it, and all as one document.

    Raises InputError, with file and line, when a file cannot be read, is no TOML or breaks the schema, and
    when there is no stick at all.
    """
    files = list(_files(path))
    if not any(file.sticks for file in files):
        raise InputError(
            f"{path}:1: no stick, neither here nor in {path.with_suffix('')}/*.toml, where they belong"
        )
    document = {**files[0].document, _STICK: [stick for file in files for stick in file.sticks]}
    for file in files[1:]:
        for key in file.document:
            if key != _STICK:
                line = line_of(file.text, (key,))
                raise InputError(
                    f"{file.path}:{line}: {key!r}: only sticks belong here; the rest is in {path.name}"
                )
    try:
        return from_document(document), document
    except DatabaseError as err:
        raise _placed(files, err) from err


def _files(path: Path) -> Iterator[_File]:
    first = 0
    for place in (path, *sorted(path.with_suffix("").glob("*.toml"))):
        try:
            content = content_of(place)
        except OSError as err:
            raise InputError(f"{place}: cannot be read: {err}") from err
        file = _read(place, content, first)
        yield file
        first += len(file.sticks)


def _read(place: Path, content: bytes, first: int) -> _File:
    try:
        text = content.decode()
        return _File(place, text, tomllib.loads(text), first)
    except UnicodeDecodeError as err:
        line = content.count(b"\n", 0, err.start) + 1
        raise InputError(
            f"{place}:{line}: not UTF-8: byte {content[err.start]:#04x}. Save it as UTF-8 and render again."
        ) from err
    except tomllib.TOMLDecodeError as err:
        # The parser says where, and "end of document" where nothing follows.
        told = re.search(r"line (\d+)", str(err))
        line = int(told[1]) if told else text.count("\n") + 1
        raise InputError(f"{place}:{line}: not TOML: {err}. Correct the line and render again.") from err


def _placed(files: Sequence[_File], err: DatabaseError) -> InputError:
    """The error with the file and line of its entry; sticks are counted within their own file."""
    file, where = files[0], err.where
    if len(where) > 1 and where[0] == _STICK and isinstance(where[1], int):
        file = [item for item in files if item.first <= where[1]][-1]
        where = (_STICK, where[1] - file.first, *where[2:])
    return InputError(f"{file.path}:{line_of(file.text, where)}: {describe(where)}: {err.reason}")


def line_of(text: str, where: Where) -> int:
    """Line, from 1, of the table header, key or inline table that `where` leads to, or of what is nearest."""
    best_line, best_depth = 1, 0
    for line, path in _tables(text):
        depth = len(path)
        if depth > best_depth and where[:depth] == path:
            best_line, best_depth = line, depth
    return _inline(text.splitlines(), best_line, where[best_depth:])


def _inline(lines: Sequence[str], line: int, rest: Where) -> int:
    """From the header in `line` on to the key, and the entry of its array that starts a line of its own."""
    if not rest or not isinstance(rest[0], str):
        return line
    start = 0 if line == 1 and not _HEADER.match(lines[0] if lines else "") else line
    for number in range(start, len(lines)):
        key = _KEY.match(lines[number])
        if key and key[1] == rest[0]:
            return _entry(lines, number + 1, rest[1] if len(rest) > 1 else None)
        if _HEADER.match(lines[number]):
            break
    return line


def _entry(lines: Sequence[str], line: int, position: str | int | None) -> int:
    """The line of the array's entry at `position`, when the array has one entry a line."""
    if not isinstance(position, int):
        return line
    entries = []
    for number in range(line, len(lines)):
        if re.match(r"  \{", lines[number]):
            entries.append(number + 1)
        elif re.match(r"\S", lines[number]):
            break
    return entries[position] if position < len(entries) else line


def _tables(text: str) -> list[tuple[int, Where]]:
    """Line and path of every table header of the text."""
    tables: list[tuple[int, Where]] = []
    counts: dict[Where, int] = {}
    for line, content in enumerate(text.splitlines(), 1):
        header = _HEADER.match(content)
        if not header:
            continue
        path: Where = ()
        names = header[2].split(".")
        for position, name in enumerate(names):
            path = (*path, name)
            if header[1] and position == len(names) - 1:
                counts[path] = counts.get(path, -1) + 1
                # Counters of the arrays inside start again.
                counts = {
                    key: value for key, value in counts.items() if key[: len(path)] != path or key == path
                }
            if path in counts:
                path = (*path, counts[path])
        tables.append((line, path))
    return tables
