# SPDX-License-Identifier: MIT
"""Of bitbake's warnings those that our masks and other layers cause are left out, and no other."""

from __future__ import annotations

from stacks.stack import Outcome

MASK = "WARNING: No bb files in default matched BBFILE_PATTERN_core '^/l/meta/'"
DANGLING = "WARNING: No recipes in default available for:\n  /l/meta-freescale/a.bbappend"
OURS = "  /l/meta-huawei-modem/b.bbappend"


def warnings(*lines: str) -> list[str]:
    return Outcome(0, "\n".join(["Loading cache...", *lines, "NOTE: done"])).warnings


def test_what_others_cause_is_left_out() -> None:
    assert warnings(MASK, DANGLING) == []


def test_ours_is_not() -> None:
    assert warnings(DANGLING, OURS) == [f"{DANGLING}\n{OURS}"]
    ours = MASK.replace("core", "huawei-modem")
    assert warnings(MASK, ours, "ERROR: x") == [ours, "ERROR: x"]
