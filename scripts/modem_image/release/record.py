# SPDX-License-Identifier: MIT
"""What is in a release, in a file beside it, and what changed between two."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from huawei_modem.kernel import module_name
from huawei_modem_check.facts import Image
from huawei_modem_kernel.dotconfig import parse_config
from modem_image.errors import InputError
from modem_image.release.feed import RECORD

_SCHEMA = 1
_LOCKED = re.compile(r"^ +([\w.+-]+):\n +commit: ([0-9a-f]{40})$", re.MULTILINE)
_PARTS = (
    ("kernels", "kernel"),
    ("modules", "module"),
    ("packages", "package"),
    ("config", "option"),
)

Record = Mapping[str, Any]


def make_record(version: str, images: Mapping[str, Image], layers: Mapping[str, str]) -> Record:
    """The record of a release; `images` by their title, `layers` maps repositories to commits."""
    return {
        "schema": _SCHEMA,
        "version": version,
        "layers": dict(layers),
        "images": {title: _image_record(image) for title, image in images.items()},
    }


def _image_record(image: Image) -> dict[str, Any]:
    texts = [text for text, _source in image.configs.values()]
    texts += [kernel.config for kernel in image.kernels if kernel.config]
    return {
        "kernels": {kernel.source.rpartition(":")[2]: kernel.release for kernel in image.kernels},
        "modules": {
            module_name(path): folder.release for folder in image.folders for path in sorted(folder.files)
        },
        "packages": dict(sorted(image.packages.items())),
        "config": {name: value for text in texts for name, value in sorted(parse_config(text).items())},
    }


def load_record(folder: Path) -> Record:
    """The record in a release's folder. Raises InputError when there is none that can be read."""
    path = folder / RECORD
    try:
        record = json.loads(path.read_text())
    except FileNotFoundError as err:
        raise InputError(f"{folder}: no release of this feed (it has no {RECORD})") from err
    except (OSError, ValueError) as err:
        raise InputError(f"{path}: cannot be read: {err}") from err
    if not isinstance(record, dict) or record.get("schema") != _SCHEMA:
        raise InputError(f"{path}: is not of schema {_SCHEMA}; it is from another version of this tool")
    return record


def locked_commits(texts: Iterable[str]) -> dict[str, str]:
    """Repository to commit, from the texts of kas lock files."""
    return {name: commit for text in texts for name, commit in _LOCKED.findall(text)}


def changes(old: Record, new: Record) -> list[str]:
    """A line for everything that was added, removed or changed from `old` to `new`."""
    lines = [*_changes("layer", old["layers"], new["layers"])]
    for title in sorted({*old["images"], *new["images"]}):
        before, after = old["images"].get(title), new["images"].get(title)
        if before is None or after is None:
            lines.append(f"image {title}: {'added' if before is None else 'removed'}")
            continue
        for part, word in _PARTS:
            lines += _changes(word, before[part], after[part])
    return lines


def _changes(word: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted({*old, *new}):
        if name not in old:
            yield f"{word} {name}: added, {new[name]}"
        elif name not in new:
            yield f"{word} {name}: removed, was {old[name]}"
        elif old[name] != new[name]:
            yield f"{word} {name}: {old[name]} -> {new[name]}"
