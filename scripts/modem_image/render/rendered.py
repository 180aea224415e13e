# SPDX-License-Identifier: MIT
"""Renders what follows from modems.toml: rules, the helper's data, the README's table; and example pipelines.

What is rendered is committed, so that a build needs no Jinja; `render --check` and a test find drift.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2

from huawei_modem.database import Database, every_interface
from modem_image.bench.stick import data as stick_data
from modem_image.errors import InputError
from modem_image.render.pipelines import render_pipelines
from modem_image.sticks import database
from modem_image.sticks.reach import STAY, by_hand, mbim_of, rows

FILES = Path("meta-huawei-modem/recipes-support/huawei-modem/files")
README = Path("README.md")
PAGE = Path("docs/sticks.md")
BEGIN, END = "<!-- sticks:begin -->", "<!-- sticks:end -->"


def render_all(project: Path) -> dict[Path, str]:
    """Content of every rendered file, by path below `project`. Nothing is written.

    Raises InputError when modems.toml breaks its schema or README.md has no place for the table.
    """
    sticks, document = database.load(project / FILES / "modems.toml")
    return {
        FILES / "huawei_modem" / "modems.json": _compact(document),
        FILES / "udev" / "70-huawei-modem.rules": _template("70-huawei-modem.rules.j2", sticks),
        README: _between_marks(_read(project / README), _template("sticks.md.j2", sticks)),
        PAGE: _template("sticks-page.md.j2", sticks),
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


def _compact(document: Mapping[str, Any]) -> str:
    """JSON with one line for each entry: small on the target, and a change shows where it is."""
    parts = []
    for key, value in document.items():
        if isinstance(value, list):
            lines = ",\n".join(json.dumps(item, separators=(",", ":")) for item in value)
            parts.append(f"{json.dumps(key)}:[\n{lines}\n]")
        else:
            parts.append(f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}")
    return "{" + ",\n".join(parts) + "}\n"


def _template(name: str, sticks: Database) -> str:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("modem_image"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701  (no HTML: udev rules and Markdown, and the schema vets each value)
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name).render(
        family=sticks.family,
        sticks=sticks.sticks,
        sources=sticks.sources,
        quirks=sticks.quirks,
        symbols=sticks.symbols(),
        rows=rows(sticks),
        by_hand=by_hand(sticks),
        mbim_of=mbim_of,
        stay=STAY,
        labels_by_id=_labels_by_id(sticks),
        emulated=[stick.name for stick in sticks.sticks if stick.id in stick_data.names()],
    )


def _labels_by_id(sticks: Database) -> list[tuple[str, str, str, str, list[str]]]:
    """Labels that the numbering does not give: label, class, protocol, interface's number, product ids."""
    label_of = {item.name: item.ofono_label for item in sticks.family.functions}
    found: dict[tuple[str, str, str, str], list[str]] = {}
    for stick in sticks.sticks:
        for mode in stick.modes:
            for item in every_interface(mode):
                label = label_of.get(item.function or "")
                if label and not sticks.family.function_of(item.usb_class, item.protocol):
                    key = (label, item.usb_class, item.protocol, f"{item.number:02x}")
                    products = found.setdefault(key, [])
                    products.append(mode.usb.partition(":")[2])
    return [(*key, sorted(set(products))) for key, products in found.items()]


def _between_marks(readme: str, table: str) -> str:
    before, begin, rest = readme.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise InputError(
            f"{README}: the marks {BEGIN} and {END} are missing; put them where the table of sticks goes."
        )
    return f"{before}{BEGIN}\n{table}{END}{after}"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
