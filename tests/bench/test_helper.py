# SPDX-License-Identifier: MIT
"""`ports` on the board, at the end of a run that others look at too."""

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
