# SPDX-License-Identifier: MIT
"""The catalogue of findings: findings.toml read and checked, and what is rendered from it."""

from __future__ import annotations

import dataclasses
import string
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from huawei_modem.report import Severity
from modem_image.errors import InputError

BY = ("image", "kernel-config", "target", "text", "bench")
"""Who makes findings; docs/findings.md says which command each is."""
_REQUIRED = {"code", "section", "by", "prose", "kinds"}


@dataclasses.dataclass(frozen=True)
class Kind:
    """One way in which a code is seen. Words in braces are parameters."""

    severity: str
    title: str
    remedy: tuple[str, ...]
    by: tuple[str, ...] = ()
    """Who finds it, where not all that find the code do."""


@dataclasses.dataclass(frozen=True)
class Entry:
    """One code of the catalogue."""

    code: str
    section: str
    by: tuple[str, ...]
    needs: str
    """What a text must show for it; empty where no rule judges it in texts."""
    prose: str
    kinds: Mapping[str, Kind]


def load(path: Path) -> tuple[Entry, ...]:
    """The entries of `path` in their order. Raises InputError for a catalogue that breaks its own rules."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    steps = document["steps"]
    entries = tuple(_entry(path, item, steps) for item in document["finding"])
    codes = [entry.code for entry in entries]
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        raise InputError(f"{path}: {', '.join(twice)}: each code stands once")
    return entries


def _entry(path: Path, item: Mapping[str, Any], steps: Mapping[str, str]) -> Entry:
    where = f"{path}: {item.get('code', 'a finding without code')}"
    if lacking := _REQUIRED - item.keys():
        raise InputError(f"{where}: lacks {', '.join(sorted(lacking))}")
    if unknown := item.keys() - _REQUIRED - {"needs"}:
        raise InputError(f"{where}: has {', '.join(sorted(unknown))}, which nothing reads")
    by = _finders(where, item["by"])
    kinds = {name: _kind(f"{where}, kind {name}", kind, steps) for name, kind in item["kinds"].items()}
    return Entry(
        item["code"],
        item["section"],
        by,
        item.get("needs", ""),
        item["prose"].strip(),
        kinds,
    )


def _kind(where: str, kind: Mapping[str, Any], steps: Mapping[str, str]) -> Kind:
    if kind.keys() - {"by"} != {"severity", "title", "remedy"}:
        raise InputError(f"{where}: a kind has severity, title, remedy, may have by, and nothing else")
    if kind["severity"] not in [item.value for item in Severity]:
        raise InputError(f"{where}: severity {kind['severity']} is none of error, warning, info")
    remedy = []
    for step in kind["remedy"]:
        if step.startswith("@") and step[1:] not in steps:
            raise InputError(f"{where}: {step} is not among [steps]")
        remedy.append(steps[step[1:]] if step.startswith("@") else step)
    for text in (kind["title"], *remedy):
        for _before, name, form, conversion in string.Formatter().parse(text):
            if name is not None and (not name.isidentifier() or form or conversion):
                raise InputError(f"{where}: {{{name}}} is not a plain parameter")
    return Kind(kind["severity"], kind["title"], tuple(remedy), _finders(where, kind.get("by", ())))


def _finders(where: str, by: Collection[str]) -> tuple[str, ...]:
    if unknown := set(by) - set(BY):
        raise InputError(
            f"{where}: {', '.join(sorted(unknown))} makes no findings; known are {', '.join(BY)}"
        )
    return tuple(by)


_BEYOND_BOARD = ("Mode switch", "Easy Installer", "Releases", "The bench")
"""Sections whose codes no rule of the board's own package finds: texts and the host's commands do."""
_ON_BOARD = {"image", "target", "kernel-config"}


def _is_on_board(entry: Entry, kind: Kind) -> bool:
    """Whether the board's own package needs the words of this kind: not what only texts show."""
    return entry.section not in _BEYOND_BOARD and bool(_ON_BOARD & set(kind.by or entry.by))


def document(entries: tuple[Entry, ...]) -> dict[str, dict[str, Any]]:
    """What findings.json holds, which the board has: by code of each kind severity, title and steps."""
    found = {entry.code: {"kinds": _kinds(entry, on_board=True)} for entry in entries}
    return {code: item for code, item in found.items() if item["kinds"]}


def beyond_board(entries: tuple[Entry, ...]) -> dict[str, dict[str, Any]]:
    """What transcript/findings.json adds: what a text must show, and the kinds that the board lacks."""
    found = {}
    for entry in entries:
        kinds = _kinds(entry, on_board=False)
        item = {**({"needs": entry.needs} if entry.needs else {}), **({"kinds": kinds} if kinds else {})}
        if item:
            found[entry.code] = item
    return found


def _kinds(entry: Entry, on_board: bool) -> dict[str, list[Any]]:
    return {
        name: [kind.severity, kind.title, list(kind.remedy)]
        for name, kind in entry.kinds.items()
        if _is_on_board(entry, kind) == on_board
    }


def sections(entries: tuple[Entry, ...]) -> dict[str, list[Entry]]:
    """The entries by section, in the order of the catalogue."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.section, []).append(entry)
    return found


def needs(entries: tuple[Entry, ...]) -> Iterator[Entry]:
    """The entries that the doctor judges in texts."""
    return (entry for entry in entries if entry.needs)


def shown(text: str) -> str:
    """A title or a step as the documentation has it: an example for each parameter, or its name in capitals.

    What may be empty and stands right behind a word, a bracket or another parameter is left out: there it is
    glued to what is before it.
    """
    pieces: list[str] = []
    for before, name, _form, _conversion in string.Formatter().parse(text):
        glued = before[-1:].isalnum() or before[-1:] in ("'", ")") or (not before and bool(pieces))
        pieces.append(before)
        if name is not None and not (glued and name in _MAY_BE_EMPTY):
            pieces.append(_EXAMPLES.get(name, name.upper().replace("_", " ")))
    return "".join(pieces)


_MAY_BE_EMPTY = ("unknown", "took", "what", "name", "maker", "broken", "strip", "entry")
_EXAMPLES = {
    "usb": "ID",
    "unsure": "ID",
    "modem": "VENDOR:TARGET",
    "message": "5553...",
    "number": "2",
    "count": "3",
    "release": "6.1.55",
    "daemon": "oFono",
    "unit": "ofono",
    "lock": "PIN",
    "emmc": "0039",
    "nand": "0032, 0033, 0041, 0081",
    "taken": "DRIVER2",
    "unnamed": "FILE",
    "how": "is down",
    "what": "what was found",
    "fault": "what is wrong with the rules",
    "text": "the line that says so",
    "command": "run connmanctl enable cellular",
}
"""Values that are right for every stick; else a name in capitals: no one id, driver or symbol fits all."""
