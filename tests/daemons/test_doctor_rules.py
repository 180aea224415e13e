# SPDX-License-Identifier: MIT
"""The lines of udev rules that the doctor tells to write, in the real udev."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemons.bed.client import MARKS, Bed, labels
from daemons.bed.describe import plugged
from huawei_modem.catalogue import found
from huawei_modem.database import load

pytestmark = MARKS


def rule_lines() -> list[str]:
    """The lines that the remedy gives."""
    return [step for step in found("ofono-ports-unlabelled:text", fault="").remedy if step.startswith("ENV{")]


@pytest.mark.parametrize("usb", ["12d1:1596", "12d1:15c1"])
def test_they_label_both_ports_and_no_other(tmp_path: Path, usb: str) -> None:
    file = tmp_path / "own.rules"
    file.write_text("".join(f"{line}\n" for line in rule_lines()), encoding="utf-8")
    (_stick, mode), *_others = load().candidates(usb)
    stick = plugged(mode)
    with Bed(tmp_path, rules={"70-modem.rules": file}) as bed:
        seen = labels(
            bed.plug(stick, only=[path for path in stick.paths if "/tty/" in path]), list(stick.ttys.values())
        )
    functions = {tty: item.function for item in mode.interfaces if (tty := stick.ttys.get(item.number))}
    assert seen == {tty: name if name in ("modem", "pcui") else None for tty, name in functions.items()}
