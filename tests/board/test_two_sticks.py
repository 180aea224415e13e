# SPDX-License-Identifier: MIT
"""Two sticks at once on the board that has two ports for them: a router and a modem."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from modem_image.bench.beside import steps_with
from modem_image.bench.page.runs import PAGE
from modem_image.bench.stick.stick import load_stick

from .conftest import LAUNCHER

pytestmark = [pytest.mark.bench, pytest.mark.on_demand]
FIRST, OTHER = "e3372h", "ms2372h"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of the bench's own image for qemuarm."""
    output = tmp_path_factory.mktemp("two")
    words = ["bench", "--board", "qemuarm", "--stick", FIRST, "--beside", OTHER, "--output", output]
    done = subprocess.run([LAUNCHER, *words], capture_output=True, text=True, check=False, timeout=1800)
    assert done.returncode == 0, done.stdout + done.stderr
    return output / f"run-hot-plug-{FIRST}-beside-{OTHER}"


@pytest.fixture(scope="module")
def facts(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "summary.json").read_text())["facts"]
    return found


def test_the_board_keeps_them_apart(facts: dict[str, Any]) -> None:
    """By port; by oFono, which has one modem; by ConnMan, which has a service of each, by its interface."""
    status = facts["status"]
    assert {stick["path"].rpartition("/")[2]: stick["id"] for stick in status["sticks"]} == {
        "1-1": FIRST,
        "1-2": OTHER,
    }
    assert len(status["ofono"]["modems"]) == 1
    services = {item["type"]: item for item in status["connman"]["services"]}
    assert {kind: item["state"] for kind, item in services.items()} == {
        "ethernet": "online",
        "cellular": "ready",
    }
    assert services["ethernet"]["interface"] != services["cellular"]["interface"]


def test_each_carries_when_the_other_is_pulled(facts: dict[str, Any]) -> None:
    seconds = {step["step"]: step["seconds"] for step in facts["timeline"]}
    for step in (step for steps in steps_with(load_stick(FIRST), load_stick(OTHER)) for step in steps):
        assert seconds[step.name] is not None, step.title


def test_the_page_of_the_run_shows_both(run: Path) -> None:
    page = (run / PAGE).read_text()
    assert f"{FIRST}, beside it {OTHER}" in page
    assert f"{FIRST} is pulled: {OTHER} carries" in page
    assert "12d1:14dc" in page and "12d1:1506" in page
    assert (run / "stick2.log").read_text() and (run / "usb2.pcap").stat().st_size > 24
