# SPDX-License-Identifier: MIT
"""The lines of udev rules that the doctor tells to write, in the real udev."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemons.test_udev_rules import port_path, properties, pytestmark, umockdev_stick
from huawei_modem.database import load
from huawei_modem.transcript.rules.labels import RULE_LINES

__all__ = ["pytestmark"]


@pytest.mark.parametrize("usb", ["12d1:1596", "12d1:15c1"])
@pytest.mark.parametrize("function", ["modem", "pcui", "diag"])
def test_they_label_both_ports_and_no_other(tmp_path: Path, usb: str, function: str) -> None:
    (tmp_path / "own.rules").write_text("".join(f"{line}\n" for line in RULE_LINES), encoding="utf-8")
    (_stick, mode), *_others = load().candidates(usb)
    found = properties(
        tmp_path, umockdev_stick(mode), port_path(mode, function), "70-modem.rules", tmp_path / "own.rules"
    )
    assert found.get("OFONO_LABEL") == (None if function == "diag" else function)
