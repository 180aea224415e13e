# SPDX-License-Identifier: MIT
"""The doctor's report as one page: what to do, the USB devices with their drivers, what happened when."""

from __future__ import annotations

from huawei_modem.report import Report
from modem_image.check.page import html_environment
from modem_image.doctor.tree import devices_of, placed, tree


def to_html(report: Report, recognised: str) -> str:
    """A page without scripts and without anything from elsewhere. All that comes from a text is escaped."""
    devices = devices_of(report.facts)
    return (
        html_environment()
        .get_template("doctor.html.j2")
        .render(
            report=report,
            next=report.facts.get("next", ""),
            tree=tree(devices),
            elsewhere=[item for item in devices if not placed(item)],
            course=report.facts.get("course", []),
            codes={finding.code for finding in report.findings},
            states=report.facts.get("states", []),
            recognised=recognised,
        )
    )
