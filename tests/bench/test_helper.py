# SPDX-License-Identifier: MIT
"""The helper's commands that act, on the board: they are asked at the end of runs that others look at too."""

from __future__ import annotations

import pytest

from .conftest import ASKED, Run

pytestmark = pytest.mark.bench


def asked(run: Run, name: str) -> tuple[int, str]:
    answer = run.report["facts"]["asked"][name]
    return answer["status"], answer["output"]


@pytest.fixture(scope="module")
def ports(good_tour: dict[str, Run]) -> Run:
    return good_tour[ASKED]


@pytest.fixture(scope="module")
def blacklisted(fault_tour: dict[str, Run]) -> Run:
    return fault_tour["ms2372h-vodafone:blacklisted"]


def test_ports_that_ofono_has_are_not_asked(ports: Run) -> None:
    status, output = asked(ports, "refused")
    assert (status, "--borrow" in output) == (1, True), output


def test_borrowed_ports_say_what_they_are(ports: Run) -> None:
    status, output = asked(ports, "borrowed")
    assert status == 0, output
    for line in ("ttyUSB0   modem    (by its number)", "ttyUSB2   pcui     (by its number)"):
        assert line in output, output
    # The modem port was in a call when its daemon was made to let go of it.
    assert "ttyUSB0: answers AT" in output and "ttyUSB2: answers AT" in output, output
    assert "ttyUSB1: silent" in output and "cdc-wdm0: answers AT" in output, output


def test_a_borrowed_modem_is_given_back(ports: Run) -> None:
    assert "powered again" in asked(ports, "borrowed")[1]
    assert "powered, online" in asked(ports, "after")[1]


def test_a_dry_run_tells_the_remedy_and_does_nothing(blacklisted: Run) -> None:
    assert "would: load the module option (serial-driver-missing)" in asked(blacklisted, "would")[1]
    assert asked(blacklisted, "ports")[0] != 0


def test_the_fix_brings_the_stick_online(blacklisted: Run) -> None:
    _status, output = asked(blacklisted, "fixed")
    assert "fix: load the module option" in output and "failed" not in output, output
    assert "error: serial-driver-missing" not in output
    status, output = asked(blacklisted, "online")
    assert (status, "connected" in output) == (0, True), output


def test_the_fix_is_taken_back_though_ofono_has_the_ports(blacklisted: Run) -> None:
    _status, output = asked(blacklisted, "undone")
    assert "modprobe -r option" in output and "failed" not in output, output
    assert asked(blacklisted, "loaded")[0] != 0
