# SPDX-License-Identifier: MIT
"""The reports as one page for people, without scripts and without anything from elsewhere."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import jinja2

from huawei_modem.report import Report


@functools.cache
def html_environment() -> jinja2.Environment:
    """Jinja for pages: every value is escaped, because names in an archive are anybody's."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("modem_image"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def to_html(reports: Sequence[Report]) -> str:
    """A page with a section for each report: verdict, findings, kernels and modules."""
    return html_environment().get_template("check.html.j2").render(reports=reports)
