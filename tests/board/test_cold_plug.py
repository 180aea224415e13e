# SPDX-License-Identifier: MIT
"""The stick that is there from power-on, and the same one pulled out and plugged in again."""

from __future__ import annotations

import pytest

from modem_image.bench.steps import expected_steps
from modem_image.bench.stick.stick import load_stick

from .conftest import Run
from .online import CameOnline

pytestmark = pytest.mark.bench
STEPS = [step.name for step in expected_steps(load_stick("ms2372h"), first=True)]


class TestFromPowerOn(CameOnline):
    @pytest.fixture
    def any_run(self, cold_plug: Run) -> Run:
        return cold_plug

    @pytest.mark.parametrize("step", STEPS)
    def test_step_is_seen(self, any_run: Run, step: str) -> None:
        assert any_run.seconds(step) is not None, any_run.said


def test_a_stick_that_is_plugged_in_again_comes_online_again(cold_plug: Run, replug: Run) -> None:
    """By itself: ConnMan knows the service, oFono the access point, and the kernel the run-time id."""
    assert (replug.report["verdict"], replug.status) == ("ok", 0), replug.said
    steps = [entry for entry in replug.report["facts"]["timeline"] if entry["seconds"] is None]
    assert steps == []
    first, again = ((run.folder / "stick.log").read_text() for run in (cold_plug, replug))
    assert "context-defined cid=1 apn=internet.example" in first
    assert "context-defined cid=1 apn=internet.example" in again
