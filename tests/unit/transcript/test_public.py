# SPDX-License-Identifier: MIT
"""Public reports: what was written down as right before the doctor had seen them, and nothing false."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from .test_corpus import CORPUS, diagnosed

MUST_NOT_SAY = (
    "CONFIG_USB_ETH_RNDIS makes",
    "echo 1 >",
    "bConfigurationValue",
)
"""Statements that were wrong for somebody, wherever they stand in a report."""

HAS = {
    "ofono": ("connman",),
    "connman": ("ofono",),
    "openwrt": ("netifd",),
    "modemmanager": ("modem-manager", "networkmanager", "[modem0]"),
}
"""What else shows that a system has the program."""


def reports() -> Iterator[Any]:
    for path in sorted((CORPUS / "public").glob("*.toml")):
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
            yield pytest.param(case, id=f"{path.stem}: {case['name']}")


@pytest.mark.parametrize("case", list(reports()))
def test_a_report_gets_the_verdict_that_was_written_before(case: dict[str, Any]) -> None:
    report = diagnosed(case["text"])
    codes = [item.code for item in report.findings]
    right = case["right"].split()
    if right == ["ok"]:
        assert report.verdict.value == "ok"
    else:
        assert set(right) & set(codes), codes
    faults = {item.code for item in report.findings if item.severity.value == "error"}
    assert faults <= {*right, *case.get("also", [])}
    assert not set(case.get("never", [])) & set(codes)


@pytest.mark.parametrize("case", list(reports()))
def test_nobody_is_sent_to_a_program_that_the_text_does_not_have(case: dict[str, Any]) -> None:
    """Commands of a daemon are for those who have it."""
    text = case["text"].lower()
    report = diagnosed(case["text"])
    said = " ".join(step for item in report.findings for step in item.remedy) + report.facts["next"]
    for command, owner in (
        ("list-modems", "ofono"),
        ("connmanctl", "connman"),
        ("huawei-modem connect", "ofono"),
        ("nmcli", "networkmanager"),
        ("mmcli", "modemmanager"),
        ("uci set", "openwrt"),
    ):
        if not any(word in text for word in (owner, command, *HAS.get(owner, ()))):
            assert command not in said, said
    for statement in MUST_NOT_SAY:
        assert statement not in said
