# SPDX-License-Identifier: MIT
"""The doctor over the logs of a run that went well: nothing is found, and the journal shows the network."""

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
