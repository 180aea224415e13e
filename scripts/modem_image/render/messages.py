# SPDX-License-Identifier: MIT
"""The tables of what programs say (doctor/messages/), and what the helper needs of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import Any

from huawei_modem.catalogue import catalogue
from huawei_modem.transcript.messages import FIELDS
from modem_image import doctor
from modem_image.errors import InputError

FOLDER = Path(doctor.__file__).with_name("messages")
HARMLESS = "harmless"
UNIMPORTANT = "-"


@dataclasses.dataclass(frozen=True)
class Row:
    """One message of a program."""

    program: str
    meaning: str
    versions: str
    file: str
    text: str


Kinds = Mapping[str, Container[str]]
"""Code of the catalogue of findings to its kinds."""


def rows(folder: Path = FOLDER, kinds: Kinds | None = None) -> Iterator[Row]:
    """Every message of every program. Raises InputError for a row that means nothing that is known.

    `kinds` are those of a catalogue that is not rendered yet; else those of the rendered one.
    """
    reasons = harmless(folder)
    known = kinds or {code: entry["kinds"] for code, entry in catalogue().items()}
    for path in sorted(folder.glob("*.tsv")):
        if path.stem != HARMLESS:
            for number, parts in _lines(path, 4):
                row = Row(path.stem, *parts)
                if complaint := _complaint(row, reasons, known):
                    raise InputError(f"{path}:{number}: {complaint}")
                yield row


def harmless(folder: Path = FOLDER) -> dict[str, str]:
    """Key to reason."""
    return {key: reason for _number, (key, reason) in _lines(folder / f"{HARMLESS}.tsv", 2)}


def _lines(path: Path, fields: int) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.startswith("#"):
            parts = line.split("\t")
            if len(parts) != fields:
                raise InputError(f"{path}:{number}: {len(parts)} fields, and {fields} are needed")
            yield number, parts


def _complaint(row: Row, reasons: Mapping[str, str], known: Kinds) -> str:
    letters = {part[:1] for part in row.text.split("%")[1:]}
    if unknown := letters - FIELDS.keys() - {"", " "}:
        return f"%{', %'.join(sorted(unknown))} is not a notation of a message"
    if row.meaning.startswith("~"):
        return "" if row.meaning[1:] in reasons else f"{row.meaning} has no reason in {HARMLESS}.tsv"
    if row.meaning.startswith(("=", UNIMPORTANT)):
        return ""
    code, _, kind = row.meaning.partition(":")
    if code not in known or (kind and kind not in known[code] and kind != "possible"):
        return f"{row.meaning} is not in the catalogue of findings"
    return ""


def document(folder: Path = FOLDER, kinds: Kinds | None = None) -> dict[str, Any]:
    """What transcript/messages.json holds: the reasons, and what has a meaning of each program."""
    programs: dict[str, list[list[str]]] = {}
    for row in rows(folder, kinds):
        if row.meaning != UNIMPORTANT:
            programs.setdefault(row.program, []).append([row.meaning, row.text])
    return {"harmless": harmless(folder), "programs": programs}


def counts(folder: Path = FOLDER, kinds: Kinds | None = None) -> list[tuple[str, int, int, int]]:
    """Of each program: messages that its sources have, those in its table, and those with a meaning."""
    found: dict[str, list[Row]] = {}
    for row in rows(folder, kinds):
        found.setdefault(row.program, []).append(row)
    result = []
    for program, items in found.items():
        head = (folder / f"{program}.tsv").read_text(encoding="utf-8").partition("\n")[0]
        meant = sum(item.meaning != UNIMPORTANT for item in items)
        total = int(head.rpartition(": ")[2].strip(". "))
        result.append((program, max(total, len(items)), len(items), meant))
    return result
