# SPDX-License-Identifier: MIT
"""The doctor's report as one page: findings, USB devices with what is bound to them, the parts."""

from __future__ import annotations

from typing import Any

from huawei_modem.report import Report
from modem_image.check.page import html_environment


def to_html(report: Report, recognised: str) -> str:
    """A page without scripts and without anything from elsewhere. All that comes from a text is escaped."""
    return (
        html_environment()
        .get_template("doctor.html.j2")
        .render(report=report, devices=_devices(report), recognised=recognised)
    )


def _devices(report: Report) -> list[dict[str, Any]]:
    """The devices of a text, or the sticks of a capture, in one shape."""
    if "sticks" not in report.facts:
        return list(report.facts.get("usb", []))
    return [
        {
            "usb": stick["usb"],
            "name": stick["name"] or "",
            "interfaces": [
                {
                    "number": item["number"],
                    "triple": f"{item['usb_class']}/{item['subclass']}/{item['protocol']}",
                    "function": item["function"],
                    "driver": item["driver"] or "",
                }
                for item in stick["interfaces"]
            ],
        }
        for stick in report.facts["sticks"]
    ]
