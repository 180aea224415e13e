# SPDX-License-Identifier: MIT
"""One stick in both of its modes: the router by itself, and the modem where a team has chosen it."""

from __future__ import annotations

import pytest

from modem_image.bench.steps import expected_steps
from modem_image.bench.stick.stick import StickSettings, load_stick

from .conftest import CHOSEN, Run

pytestmark = pytest.mark.bench
AS_MODEM = load_stick("e3372h", StickSettings(becomes="modem"))
STEPS = [step.name for step in expected_steps(AS_MODEM, first=False)]


@pytest.mark.parametrize("step", STEPS)
def test_every_step_as_a_modem_is_seen(good_tour: dict[str, Run], step: str) -> None:
    assert good_tour[CHOSEN].seconds(step) is not None, good_tour[CHOSEN].said


def test_the_same_stick_is_a_router_and_a_modem(good_tour: dict[str, Run]) -> None:
    router, modem = good_tour["e3372h"], good_tour[CHOSEN]
    assert "configured mode=hilink usb=12d1:14dc" in (router.folder / "stick.log").read_text()
    log = (modem.folder / "stick.log").read_text()
    assert "configured mode=modem usb=12d1:155e" in log
    assert "usb=12d1:14dc" not in log
    status = modem.report["facts"]["status"]
    (stick,) = status["sticks"]
    assert [item["driver"] for item in stick["interfaces"]] == [*["option"] * 3, *["cdc_ncm"] * 2]
    assert [item["label"] for item in stick["interfaces"]] == ["modem", "diag", "pcui", None, None]
    (service,) = [item for item in status["connman"]["services"] if item["type"] == "cellular"]
    assert service["state"] == "online"
