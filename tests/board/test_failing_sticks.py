# SPDX-License-Identifier: MIT
"""Sticks made to fail, one after the other at one board: the doctor there, and over what was left."""

from __future__ import annotations

import pytest

from huawei_modem.database import load
from huawei_modem.report import Severity, Verdict
from huawei_modem.transcript import doctor
from modem_image.bench.scenario import load_scenarios

from .conftest import FAULTS, Run
from .online import assert_judged_alike

pytestmark = pytest.mark.bench


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
    assert_judged_alike(fault_tour[name])


@pytest.mark.parametrize("name", FAULTS)
def test_the_journal_of_a_fault_blames_nothing_else(fault_tour: dict[str, Run], name: str) -> None:
    """What oFono knows of SIM and network is not in the journal: the doctor then asks for it."""
    report, _recognised = doctor.of_path(fault_tour[name].folder / "journal.txt", load())
    errors = {found.code for found in report.findings if found.severity is Severity.ERROR}
    assert errors <= {FAULTS[name]}
    assert report.verdict is not Verdict.OK


def test_each_scenario_that_provokes_a_fault_says_which(fault_tour: dict[str, Run]) -> None:
    for name, code in FAULTS.items():
        assert load_scenarios()[name.partition(":")[2]].finding == code


def test_without_its_driver_mbim_would_be_switched_to_a_router(fault_tour: dict[str, Run]) -> None:
    """usb_modeswitch chooses MBIM only where cdc_mbim is installed; the stick refuses the message here."""
    log = (fault_tour["e3372-mbim:no-mbim-driver"].folder / "stick.log").read_text()
    assert "switch-refused" in log
    assert "value=2" not in log
