# SPDX-License-Identifier: MIT
"""The doctor on the board and over what a run left: good runs, and sticks that were made to fail."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from huawei_modem.database import load
from huawei_modem.mask import Masker
from huawei_modem.mask import facts as mask_facts
from huawei_modem.report import Severity, Verdict
from huawei_modem.transcript import doctor
from modem_image.bench.scenario import load_scenarios

from .conftest import FAULTS, GOOD, Run

pytestmark = pytest.mark.bench


@pytest.mark.parametrize("fixture", ["hot_plug", "cold_plug", "unbranded"])
def test_the_journal_of_a_good_run_is_ok(request: pytest.FixtureRequest, fixture: str) -> None:
    run = request.getfixturevalue(fixture)
    assert isinstance(run, Run)
    report, _recognised = doctor.of_path(run.folder / "journal.txt", load())
    assert (report.verdict.value, report.findings) == ("ok", ())
    assert report.facts["states"][-1]["ports"] == ["ttyUSB0", "ttyUSB1", "ttyUSB2"]


@pytest.mark.parametrize("fixture", ["hot_plug", "cold_plug"])
def test_the_capture_is_judged_as_the_board_was(request: pytest.FixtureRequest, fixture: str) -> None:
    run = request.getfixturevalue(fixture)
    assert isinstance(run, Run)
    judged_alike(run)


def unnumbered(facts: Any) -> Any:
    return json.loads(re.sub(r"\[masked-\d+\]", "[masked]", json.dumps(facts)))


def judged_alike(run: Run) -> None:
    report, _recognised = doctor.of_path(run.folder / "capture.tar.gz", load())
    assert [found.code for found in report.findings] == [found["code"] for found in run.report["findings"]]
    seen: Any = run.report["facts"]["status"]
    # Each mask counts what it finds from one on.
    assert unnumbered(report.facts["sticks"]) == unnumbered(mask_facts.facts(seen, Masker())["sticks"])


@pytest.mark.parametrize("name", FAULTS)
def test_the_doctor_on_the_board_finds_the_fault(fault_tour: dict[str, Run], name: str) -> None:
    run = fault_tour[name]
    errors = [found["code"] for found in run.report["findings"] if found["severity"] == "error"]
    assert FAULTS[name] in errors, run.said
    # The steps up to the fault were seen; ConnMan's missing service follows from it.
    assert set(errors) <= {FAULTS[name], "connman-no-service"}
    assert (run.report["verdict"], run.status) == ("fault", 1)


@pytest.mark.parametrize("name", FAULTS)
def test_the_capture_of_a_fault_is_judged_as_the_board_was(fault_tour: dict[str, Run], name: str) -> None:
    judged_alike(fault_tour[name])


@pytest.mark.parametrize("name", FAULTS)
def test_the_journal_of_a_fault_blames_nothing_else(fault_tour: dict[str, Run], name: str) -> None:
    """What oFono knows of SIM and network is not in the journal: the doctor then asks for it."""
    report, _recognised = doctor.of_path(fault_tour[name].folder / "journal.txt", load())
    errors = {found.code for found in report.findings if found.severity is Severity.ERROR}
    assert errors <= {FAULTS[name]}
    assert report.verdict is not Verdict.OK


@pytest.mark.parametrize("stick", GOOD)
def test_the_journal_of_any_good_stick_shows_the_network(good_tour: dict[str, Run], stick: str) -> None:
    report, _recognised = doctor.of_path(good_tour[stick].folder / "journal.txt", load())
    assert report.verdict is Verdict.OK
    assert {found.severity for found in report.findings} <= {Severity.INFO}


def test_each_scenario_that_provokes_a_fault_says_which(fault_tour: dict[str, Run]) -> None:
    for name, code in FAULTS.items():
        assert load_scenarios()[name.partition(":")[2]].finding == code


def test_without_its_driver_mbim_would_be_switched_to_a_router(fault_tour: dict[str, Run]) -> None:
    """usb_modeswitch chooses MBIM only where cdc_mbim is installed; the stick refuses the message here."""
    log = (fault_tour["e3372-mbim:no-mbim-driver"].folder / "stick.log").read_text()
    assert "switch-refused" in log
    assert "value=2" not in log
