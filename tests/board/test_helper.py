# SPDX-License-Identifier: MIT
"""`ports` and `doctor --fix` on the board, at the end of runs that others look at too."""

from __future__ import annotations

import pytest

from .conftest import Run

pytestmark = pytest.mark.bench


@pytest.fixture(scope="module")
def ports(good_tour: dict[str, Run]) -> Run:
    return good_tour["ms2372h"]


def test_ports_that_ofono_has_are_not_asked(ports: Run) -> None:
    status, output = ports.asked("refused")
    assert (status, "--borrow" in output) == (1, True), output


def test_borrowed_ports_say_what_they_are(ports: Run) -> None:
    status, output = ports.asked("borrowed")
    assert status == 0, output
    for line in ("ttyUSB0   modem    (by its number)", "ttyUSB2   pcui     (by its number)"):
        assert line in output, output
    # The modem port was in a call when its daemon was made to let go of it.
    assert "ttyUSB0: answers AT" in output and "ttyUSB2: answers AT" in output, output
    assert "ttyUSB1: silent" in output and "cdc-wdm0: answers AT" in output, output


def test_a_borrowed_modem_is_given_back(ports: Run) -> None:
    assert "powered again" in ports.asked("borrowed")[1]
    assert "powered, online" in ports.asked("after")[1]


@pytest.fixture(scope="module")
def repair(good_tour: dict[str, Run]) -> Run:
    return good_tour["e353-acm"]


def test_what_was_taken_away_is_found(repair: Run) -> None:
    assert repair.asked("broken")[0] == 0
    status, output = repair.asked("found")
    assert (status, "tun-missing" in output, "ofono-not-running" in output) == (1, True, True), output


def test_a_dry_run_tells_and_does_nothing(repair: Run) -> None:
    _, output = repair.asked("would")
    assert "would: load the module tun" in output and "  modprobe tun" in output, output
    assert repair.asked("not-loaded")[0] == 1


def test_fix_puts_it_right_and_the_stick_comes_up_again(repair: Run) -> None:
    _, output = repair.asked("fixed")
    assert "fix: load the module tun" in output and "fix: start oFono" in output, output
    assert repair.asked("loaded")[0] == 0
    status, output = repair.asked("connected")
    assert (status, "connected: ppp0" in output) == (0, True), output


def test_undo_takes_it_back(repair: Run) -> None:
    _, output = repair.asked("undone")
    assert "undo: start oFono" in output and "undo: load the module tun" in output, output
    assert "failed" not in output
    assert repair.asked("unloaded")[0] == 1
