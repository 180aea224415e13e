# SPDX-License-Identifier: MIT
"""What is in a release, in files beside it: the record, the contents of its archives, what changed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from huawei_modem.running_kernel import module_name
from huawei_modem_check.facts import Image
from huawei_modem_kernel.dotconfig import parse_config
from modem_image.errors import InputError
from modem_image.files import text_of
from modem_image.release.changes import Change, Snapshot
from modem_image.release.contents import CONTENTS, ENTRY, Contents
from modem_image.release.feed import RECORD

DIFF = "diff.json"
_SCHEMA = 1
_LIMIT = 64 << 20
_MOST_VALUES = 500_000
"""Commas, tables and lists of a record: each value takes 50 to 250 octets in memory, however short it is. A
root file system of 8,700 members has 9,000."""
_LOCKED = re.compile(r"^ +([\w.+-]+):\n +commit: ([0-9a-f]{40})$", re.MULTILINE)
_PARTS = ("kernels", "modules", "packages", "config")

Record = Mapping[str, Any]


def make_record(
    version: str,
    date: str,
    images: Mapping[str, tuple[str, Image, Mapping[str, Any]]],
    layers: Mapping[str, str],
) -> Record:
    """The record of a release.

    `images` by their title: folder, facts and image.json; `layers` maps repositories to commits; `date` is
    the day as ISO 8601 has it.
    """
    return {
        "schema": _SCHEMA,
        "version": version,
        "date": date,
        "layers": dict(layers),
        "images": {title: _image_record(*image) for title, image in images.items()},
    }


def _image_record(folder: str, image: Image, description: Mapping[str, Any]) -> dict[str, Any]:
    texts = [text for text, _source in image.configs.values()]
    texts += [kernel.config for kernel in image.kernels if kernel.config]
    return {
        "folder": folder,
        "description": dict(description),
        "files": {file.name: file.sha256 for file in image.files.values()},
        "kernels": {kernel.source.rpartition(":")[2]: kernel.release for kernel in image.kernels},
        "modules": {module_name(path): each.release for each in image.folders for path in sorted(each.files)},
        "packages": dict(sorted(image.packages.items())),
        "config": {name: value for text in texts for name, value in sorted(parse_config(text).items())},
    }


def load_snapshot(folder: Path) -> Snapshot:
    """A release's record and, where it has them, the contents of its archives.

    Raises InputError when there is no record that can be read.
    """
    record = _load(folder / RECORD)
    if record is None:
        raise InputError(f"{folder}: no release of this feed (it has no {RECORD})")
    images = record.get("images")
    right = isinstance(record.get("layers"), dict) and isinstance(images, dict)
    for image in images.values() if isinstance(images, dict) else ():
        right = right and isinstance(image, dict)
        right = right and all(isinstance(image.get(part), dict) for part in _PARTS)
    if not right:
        raise InputError(f"{folder / RECORD}: is damaged: it lacks what a record has")
    contents = _load(folder / CONTENTS)
    return Snapshot(record, {} if contents is None else _contents(folder / CONTENTS, contents))


def _load(path: Path) -> dict[str, Any] | None:
    try:
        document = json.loads(_bounded(text_of(path, _LIMIT)))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as err:
        raise InputError(f"{path}: cannot be read: {err}") from err
    if not isinstance(document, dict) or document.get("schema") != _SCHEMA:
        raise InputError(f"{path}: is not of schema {_SCHEMA}: damaged, or of another version of this tool")
    return document


def _bounded(text: str) -> str:
    """`text`, unless what it describes takes too much memory: raises ValueError."""
    if not text.isascii() and len(text) > _LIMIT // 4:
        raise ValueError("it is larger than that of any release")  # four octets a character in memory
    if sum(map(text.count, ",[{")) > _MOST_VALUES:
        raise ValueError(f"it has more than {_MOST_VALUES} values, more than any release")
    return text


def _contents(path: Path, document: Mapping[str, Any]) -> dict[str, Contents]:
    images = document.get("images")
    for image in images.values() if isinstance(images, dict) else (None,):
        for archive in image.values() if isinstance(image, dict) else (None,):
            if not isinstance(archive, dict) or not all(
                isinstance(entry, str) and ENTRY.fullmatch(entry) for entry in archive.values()
            ):
                raise InputError(f"{path}: is damaged: it lacks what a list of contents has")
    return dict(images or {})


def contents_document(images: Mapping[str, Contents]) -> Mapping[str, Any]:
    """The JSON of what the archives hold."""
    return {"schema": _SCHEMA, "images": images}


def diff_document(base: str | None, version: str, changes: Iterable[Change]) -> Mapping[str, Any]:
    """The JSON of what changed since the release `base`; None is for the first."""
    return {
        "schema": _SCHEMA,
        "from": base,
        "to": version,
        "changes": [change.to_dict() for change in changes],
    }


def locked_commits(texts: Iterable[str]) -> dict[str, str]:
    """Repository to commit, from the texts of kas lock files."""
    return {name: commit for text in texts for name, commit in _LOCKED.findall(text)}
