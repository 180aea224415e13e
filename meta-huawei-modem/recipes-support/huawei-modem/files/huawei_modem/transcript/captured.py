# SPDX-License-Identifier: MIT
"""A capture, read again on any machine: the facts that the doctor judges."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from huawei_modem.capture import FACTS, SCHEMA
from huawei_modem.errors import what_is_beyond
from huawei_modem.mask import Masker
from huawei_modem.mask import facts as mask_facts
from huawei_modem.shapes import Facts
from huawei_modem.text import printable
from huawei_modem.transcript import archive

_LARGEST_FACTS = 1 << 20
_MOST_TABLES = 20_000


class CaptureError(ValueError):
    """The file is no capture, or a damaged one. The message says what is wrong."""


def is_capture(path: Path) -> bool:
    """Whether it is a tar whose first member is that of a capture, or a folder with that member.

    False for what cannot be read.
    """
    if path.is_dir():
        return (path / FACTS).is_file()
    try:
        with archive.unpacked(path) as (stream, head):
            return archive.is_tar(head) and next(archive.members(stream), ("",))[0] == FACTS
    except (OSError, archive.ArchiveError):
        return False


def read(path: Path) -> Facts:
    """The facts of a capture. Raises CaptureError when they are not what `facts.py` describes."""

    try:
        data = _facts_of(path)
        document = json.loads(data)
    except OSError as err:
        raise CaptureError(f"{path}: cannot be read: {err.strerror or err}") from err
    except (archive.ArchiveError, CaptureError, json.JSONDecodeError, UnicodeDecodeError) as err:
        raise CaptureError(f"{path}: cannot be read: {err}") from err
    except (ValueError, RecursionError) as err:
        raise CaptureError(f"{path}: cannot be read: {what_is_beyond(err)}") from err
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise CaptureError(f"{path}: not a capture of schema {SCHEMA}")
    _complete(document.get("facts"), Facts)
    complaint = _complaint(document.get("facts"), Facts, "facts")
    if complaint:
        raise CaptureError(f"{path}: {complaint}")
    # Who made it, and whether it was masked, is not known here.
    return mask_facts.facts(document["facts"], Masker())


def _facts_of(path: Path) -> bytes:
    """The document of a capture, packed or unpacked. Raises CaptureError, ArchiveError, OSError."""
    if path.is_dir():
        with (path / FACTS).open("rb") as stream:
            return _document(path, stream)
    with archive.unpacked(path) as (whole, _head):
        for name, content in archive.members(whole):
            if name != FACTS:
                break
            return _document(path, content)
    raise CaptureError(f"{path}: no {FACTS} in it")


def _document(path: Path, stream: IO[bytes]) -> bytes:
    """All of facts.json, unless it is larger than any system's: as objects it takes many times as much."""
    data = stream.read(_LARGEST_FACTS + 1)
    if len(data) > _LARGEST_FACTS or data.count(b"{") + data.count(b"[") > _MOST_TABLES:
        raise CaptureError(f"{path}: {FACTS} is larger than that of any system")
    return data


def _complete(value: Any, kind: Any) -> None:
    """Gives a capture of an older helper the keys that it did not know: None is `not known here`."""
    if typing.get_origin(kind) is list and isinstance(value, list):
        for item in value:
            _complete(item, typing.get_args(kind)[0])
    elif _is_table(kind) and isinstance(value, dict):
        for key, hint in typing.get_type_hints(kind).items():
            if type(None) in typing.get_args(hint):
                value.setdefault(key, None)
            _complete(value.get(key), hint)


def _is_table(kind: Any) -> bool:
    """Whether it is one of the tables of facts.py, which are plain dicts at run time."""
    return typing.is_typeddict(kind)


def _complaint(value: Any, kind: Any, where: str) -> str | None:
    """What is wrong with `value` as a `kind` of facts.py, None when nothing is."""
    if _is_table(kind):
        if not isinstance(value, dict):
            return f"{where}: a table is expected"
        hints = typing.get_type_hints(kind)
        missing = [key for key in hints if key not in value]
        if missing:
            return f"{where}: {missing[0]} is missing"
        return _first(_complaint(value[key], hint, f"{where}.{key}") for key, hint in hints.items())
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        fits = any(_complaint(value, option, where) is None for option in inner)
        return None if fits else f"{where}: {value!r:.40} is of a wrong type"
    if origin is list:
        if not isinstance(value, list):
            return f"{where}: a list is expected"
        return _first(_complaint(item, inner[0], f"{where}[{number}]") for number, item in enumerate(value))
    if origin is dict:
        if not isinstance(value, dict):
            return f"{where}: a table is expected"
        return _first(_complaint(item, inner[1], f"{where}.{printable(key)}") for key, item in value.items())
    right = type(value) is kind
    return None if right else f"{where}: {value!r:.40} is of a wrong type"


def _first(complaints: Iterable[str | None]) -> str | None:
    return next((complaint for complaint in complaints if complaint), None)
