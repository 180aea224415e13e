# SPDX-License-Identifier: MIT
"""The reports as one page for people, without scripts and without anything from elsewhere."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import jinja2
from markupsafe import Markup

from huawei_modem.report import Report
from huawei_modem.text import printable
from modem_image.check.drawing import drawn


@functools.cache
def html_environment() -> jinja2.Environment:
    """Jinja for pages: every value is escaped, because names in an archive are anybody's."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("modem_image"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["amount"] = amount
    return environment


def amount(mebibytes: float) -> str:
    """A size for people: in MiB, and what is less than a tenth of it in KiB or bytes."""
    if mebibytes >= 100:
        return f"{mebibytes:.0f} MiB"
    if mebibytes >= 0.1 or not mebibytes:
        return f"{mebibytes:.1f} MiB"
    kibibytes = mebibytes * 1024
    return f"{kibibytes:.1f} KiB" if kibibytes >= 1 else f"{kibibytes * 1024:.0f} bytes"


def _shown(value: object) -> object:
    """Strings from elsewhere without control characters, those among them that turn the writing around."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return "\n".join(printable(line) for line in value.split("\n"))


def to_html(reports: Sequence[Report]) -> str:
    """A page with a section for each report: verdict, findings, the flash to scale, kernels and modules."""
    return html_environment().get_template("check.html.j2").render(reports=reports, drawn=drawn)
