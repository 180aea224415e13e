# SPDX-License-Identifier: MIT
"""Renders what follows from modems.toml and findings.toml: rules, data, tables, pages; and example pipelines.

What is rendered is committed, so that a build needs no Jinja; `render --check` and a test find drift.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jinja2

from huawei_modem.database import Database, Interface, Mode, every_interface
from modem_image.bench.stick import data as stick_data
from modem_image.errors import InputError
from modem_image.render import completion, facts, findings, messages
from modem_image.render.pipelines import render_pipelines
from modem_image.sticks import database
from modem_image.sticks.apart import told_apart
from modem_image.sticks.choices import choices, has_own_entry
from modem_image.sticks.reach import mbim_of, rows
from modem_image.sticks.summary import summary

FILES = Path("meta-huawei-modem/recipes-support/huawei-modem/files")
README = Path("README.md")
PAGE = Path("docs/sticks.md")
FINDINGS, DOCTOR = Path("docs/findings.md"), Path("docs/doctor.md")
MESSAGES = Path("docs/dev/messages.md")
FACTS = Path("docs/dev/facts.md")
IN_EACH_RUN = frozenset({"ms2372h-vodafone", "ms2372h", "e3372s", "e3372h", "e3372-mbim", "e353-acm"})
"""The emulated sticks that tests/board takes from plug-in to ping; others have only been recorded."""


def render_all(project: Path) -> dict[Path, str]:
    """Content of every rendered file, by path below `project`. Nothing is written.

    Raises InputError when modems.toml or findings.toml breaks its rules, or a page has no marks for a table.
    """
    sticks, _document = database.load(project / FILES / "modems.toml")
    catalogue = findings.load(project / FILES / "findings.toml")
    kinds = {entry.code: entry.kinds for entry in catalogue}
    return {
        FILES / "huawei_modem" / "modems.json": _compact(for_target(sticks)),
        **{FILES / "modeswitch" / choice.file: choice.text for choice in choices(sticks)},
        FILES / "udev" / "70-huawei-modem.rules": rules_of(sticks),
        README: _between_marks(project, README, "sticks", _of_sticks("sticks.md.j2", sticks)),
        PAGE: _of_sticks("sticks-page.md.j2", sticks),
        FILES / "huawei_modem" / "findings.json": _compact_mapping(findings.document(catalogue)),
        FILES / "huawei_modem" / "transcript" / "findings.json": _compact_mapping(
            findings.beyond_board(catalogue)
        ),
        FILES / "huawei_modem" / "transcript" / "messages.json": _compact_mapping(
            messages.document(kinds=kinds)
        ),
        MESSAGES: _between_marks(
            project,
            MESSAGES,
            "messages",
            _template("messages-count.md.j2", counts=messages.counts(kinds=kinds)),
        ),
        FACTS: _between_marks(
            project,
            FACTS,
            "facts",
            _template("facts.md.j2", keys=facts.keys(project / FILES / "huawei_modem" / "shapes.py")),
        ),
        FINDINGS: _template(
            "findings.md.j2", sections=findings.sections(catalogue), rules=FILES / "huawei_modem"
        ),
        DOCTOR: _between_marks(
            project,
            DOCTOR,
            "needs",
            _template("findings-needs.md.j2", entries=list(findings.needs(catalogue))),
        ),
        completion.COMPLETION: _template("completion.bash.j2", **completion.words()),
        **render_pipelines(),
    }


def check(project: Path, rendered: Mapping[Path, str]) -> dict[Path, str]:
    """The files that differ from `rendered`, each with its unified diff."""
    stale: dict[Path, str] = {}
    for path, content in rendered.items():
        there = _read(project / path)
        if there != content:
            stale[path] = "".join(
                difflib.unified_diff(
                    there.splitlines(keepends=True),
                    content.splitlines(keepends=True),
                    f"{path} (committed)",
                    f"{path} (rendered)",
                )
            )
    return stale


def for_target(sticks: Database) -> dict[str, Any]:
    """The database as the helper reads it: without where each thing is known from, and what that means."""
    return {key: _plain(value) for key, value in sticks._asdict().items() if key not in ("sources", "quirks")}


def _plain(value: Any) -> Any:
    """A named tuple as a row, without its fact."""
    if isinstance(value, tuple):
        names = getattr(value, "_fields", None)
        items = [item for name, item in zip(names, value, strict=True) if name != "fact"] if names else value
        return tuple(map(_plain, items)) if names is None else list(map(_plain, items))
    return value


def _compact(document: Mapping[str, Any]) -> str:
    """JSON with one line for each entry: small on the target, and a change shows where it is."""
    parts = []
    for key, value in document.items():
        if type(value) is tuple:  # no named one: rows
            lines = ",\n".join(json.dumps(item, separators=(",", ":")) for item in value)
            parts.append(f"{json.dumps(key)}:[\n{lines}\n]")
        else:
            parts.append(f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}")
    return "{" + ",\n".join(parts) + "}\n"


def _compact_mapping(document: Mapping[str, Any]) -> str:
    """JSON with one line for each key, for the same reasons."""
    lines = [
        f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in document.items()
    ]
    return "{" + ",\n".join(lines) + "}\n"


def _template(name: str, **values: Any) -> str:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("modem_image"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701  (no HTML: udev rules and Markdown, and the schema vets each value)
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["shown"] = findings.shown
    return environment.get_template(name).render(values)


def _of_sticks(name: str, sticks: Database) -> str:
    return _template(
        name,
        family=sticks.family,
        sticks=sticks.sticks,
        sources=sticks.sources,
        quirks=sticks.quirks,
        symbols=sticks.symbols(),
        rows=rows(sticks),
        choices=choices(sticks),
        summary=summary(sticks),
        mbim_of=mbim_of,
        labels_by_id=_labels_by_id(sticks),
        drives_of_others=_drives_of_others(sticks),
        emulated=[stick.name for stick in sticks.sticks if stick.id in IN_EACH_RUN],
        recorded=[stick.name for stick in sticks.sticks if stick.id in set(stick_data.names()) - IN_EACH_RUN],
    )


def _drives_of_others(sticks: Database) -> list[str]:
    """Drives that usb-modeswitch-data has neither entry nor rule for, as PRODUCT of a uevent begins."""
    found = (mode.usb.split(":") for stick in sticks.sticks for mode in stick.modes if has_own_entry(mode))
    return [f"{int(v, 16):x}/{int(p, 16):x}" for v, p in found if v != sticks.family.vendor]


class _Label(NamedTuple):
    """A label that the numbering does not give, by class, protocol and number of an interface.

    `apart`: tests of ID_USB_INTERFACES, where other models of the id have another port there.
    """

    label: str
    usb_class: str
    protocol: str
    number: str
    apart: tuple[str, ...]


def rules_of(sticks: Database) -> str:
    """udev's rules."""
    return _of_sticks("70-huawei-modem.rules.j2", sticks)


def _labels_by_id(sticks: Database) -> list[tuple[_Label, list[str]]]:
    """Each such label with its product ids."""
    label_of = {item.name: item.ofono_label for item in sticks.family.functions}
    found: dict[_Label, list[str]] = {}
    for stick in sticks.sticks:
        for mode in stick.modes:
            for item in every_interface(mode):
                label = label_of.get(item.function or "")
                if label and not sticks.family.function_of(*item.triple):
                    number = f"{item.number:02x}"
                    key = _Label(label, item.usb_class, item.protocol, number, _apart(sticks, mode, item))
                    found.setdefault(key, []).append(mode.usb.partition(":")[2])
    return [(key, sorted(set(products))) for key, products in found.items()]


def _apart(sticks: Database, mode: Mode, item: Interface) -> tuple[str, ...]:
    """The tests that keep the label from each other model; the schema holds that there is one for each."""
    others = (
        other
        for _stick, other in sticks.candidates(mode.usb)
        for theirs in every_interface(other)
        if (theirs.number, theirs.triple) == (item.number, item.triple) and theirs.function != item.function
    )
    return tuple(sorted({test for other in others if (test := told_apart(mode, other))}))


def _between_marks(project: Path, page: Path, name: str, table: str) -> str:
    """The page with `table` in the place that its marks called `name` keep for it."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    before, has_begin, rest = _read(project / page).partition(begin)
    _old, has_end, after = rest.partition(end)
    if not has_begin or not has_end:
        raise InputError(f"{page}: the marks {begin} and {end} are missing; put them where the table goes.")
    return f"{before}{begin}\n{table}{end}{after}"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
