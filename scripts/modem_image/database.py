# SPDX-License-Identifier: MIT
"""Reads modems.toml, and names the line of an entry that breaks the schema."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from huawei_modem.database import Database, DatabaseError, Where, describe, from_document
from modem_image.errors import InputError

_HEADER = re.compile(r"^\s*\[(\[)?\s*([^\]\s]+)\s*\]")


def load(path: Path) -> tuple[Database, dict[str, Any]]:
    """The checked database in `path`, and the document as it stands there.

    Raises InputError, with file and line, when it cannot be read, is no TOML or breaks the schema.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise InputError(f"{path}: cannot be read: {err}") from err
    try:
        document = tomllib.loads(text)
        return from_document(document), document
    except tomllib.TOMLDecodeError as err:
        raise InputError(f"{path}: no TOML: {err}. Correct the line and render again.") from err
    except DatabaseError as err:
        line = line_of(text, err.where)
        raise InputError(f"{path}:{line}: {describe(err.where)}: {err.reason}") from err


def line_of(text: str, where: Where) -> int:
    """Line, from 1, of the table header that `where` leads to, or of the nearest one around it."""
    best_line, best_depth = 1, 0
    for line, path in _tables(text):
        depth = len(path)
        if depth > best_depth and where[:depth] == path:
            best_line, best_depth = line, depth
    return best_line


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
