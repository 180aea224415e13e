# SPDX-License-Identifier: MIT
"""The page of a release: what a release engineer forwards."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from huawei_modem.report import Finding, Report
from huawei_modem_check.installer.rules import BENCH_MARK
from modem_image.check.drawing import DrawnDevice, drawn
from modem_image.check.page import html_environment
from modem_image.release.changes import TITLES, Change

SHOWN = 200
"""Changes of one kind on the page; diff.json has them all."""
MODULES = {
    "0032": "Colibri iMX7S 256MB",
    "0033": "Colibri iMX7D 512MB",
    "0039": "Colibri iMX7D 1GB (eMMC)",
    "0041": "Colibri iMX7D 512MB",
    "0081": "Colibri iMX7D 512MB",
}


@dataclasses.dataclass(frozen=True)
class PageImage:
    """An image on the page, in the release's folder `folder`."""

    folder: str
    title: str
    description: Mapping[str, Any]
    report: Report

    @property
    def modules(self) -> list[str]:
        """The modules that it is for, by name where we know it."""
        ids = self.description.get("supported_product_ids")
        return (
            [f"{MODULES.get(str(item), 'product')} {item}" for item in ids] if isinstance(ids, list) else []
        )

    @property
    def is_bench(self) -> bool:
        """Whether it is the emulated board's, which boots on no module."""
        return BENCH_MARK in self.description

    @property
    def devices(self) -> list[DrawnDevice]:
        """Its partitions, to be drawn."""
        return [device for _document, devices in drawn(self.report.facts) for device in devices]


@dataclasses.dataclass(frozen=True)
class ReleasePage:
    """All that the page shows. `earlier`: version and date; `base` is None for the first release."""

    version: str
    date: str
    images: Sequence[PageImage]
    notes: Markup
    base: str | None
    changes: Sequence[Change]
    layers: Mapping[str, str]
    documents: Sequence[str]
    earlier: Sequence[tuple[str, str]]
    signed: bool
    url: str | None = None

    def to_html(self, place: str, earlier_place: str) -> str:
        """`place` is the way to this release's files, `earlier_place` to the others' folders."""
        template = html_environment().get_template("release.html.j2")
        return template.render(
            page=self,
            place=place,
            earlier_place=earlier_place,
            groups=self._groups(),
            findings=once([image.report for image in self.images]),
            modules=sorted({name for image in self.images for name in image.modules}),
            shown=SHOWN,
        )

    def _groups(self) -> list[tuple[str, list[Change]]]:
        by_kind: dict[str, list[Change]] = {}
        for change in self.changes:
            by_kind.setdefault(change.kind, []).append(change)
        return [(title, by_kind[kind]) for kind, title in TITLES.items() if kind in by_kind]


def once(reports: Sequence[Report]) -> list[tuple[Finding, tuple[str, ...]]]:
    """Every finding once, with the images that have it, the worst first."""
    found: dict[tuple[str, str], tuple[Finding, list[str]]] = {}
    for report in reports:
        for finding in report.findings:
            entry = found.setdefault((finding.code, finding.title), (finding, []))
            entry[1].append(Path(report.input).name)
    order = ["error", "warning", "info"]
    items = sorted(found.values(), key=lambda item: order.index(item[0].severity.value))
    return [(finding, tuple(dict.fromkeys(names))) for finding, names in items]
