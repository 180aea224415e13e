# SPDX-License-Identifier: MIT
"""The doctor over what a run left: the journal of a good one, and the capture that the board wrote."""

from __future__ import annotations

import pytest

from huawei_modem.database import load
from huawei_modem.transcript import doctor

from .conftest import Run

pytestmark = pytest.mark.bench


@pytest.mark.parametrize("fixture", ["hot_plug", "cold_plug", "unbranded"])
def test_the_journal_of_a_good_run_is_ok(request: pytest.FixtureRequest, fixture: str) -> None:
    run = request.getfixturevalue(fixture)
    assert isinstance(run, Run)
    report, _recognised = doctor.of_path(run.folder / "journal.txt", load())
    assert (report.verdict.value, report.findings) == ("ok", ())
    assert report.facts["states"][-1]["ports"] == ["ttyUSB0", "ttyUSB1", "ttyUSB2"]


@pytest.mark.parametrize("fixture", ["hot_plug", "cold_plug", "unbranded"])
def test_the_capture_is_judged_as_the_board_was(request: pytest.FixtureRequest, fixture: str) -> None:
    run = request.getfixturevalue(fixture)
    assert isinstance(run, Run)
    report, _recognised = doctor.of_path(run.folder / "capture.tar.gz", load())
    assert [found.code for found in report.findings] == [found["code"] for found in run.report["findings"]]
    assert report.facts["sticks"] == run.report["facts"]["status"]["sticks"]
