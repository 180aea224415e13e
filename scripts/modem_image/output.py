# SPDX-License-Identifier: MIT
"""Results for machines."""

from __future__ import annotations

import sys
from pathlib import Path

from huawei_modem.report import Report
from modem_image.files import write_atomic


def write_json(report: Report, target: str | None) -> None:
    """The report as JSON to a file, to standard output for `-`, nowhere for None."""
    if target == "-":
        sys.stdout.write(report.to_json())
    elif target is not None:
        write_atomic(Path(target), report.to_json().encode())
