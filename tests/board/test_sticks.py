# SPDX-License-Identifier: MIT
"""Each kind of stick from plug-in to ping, one after the other at the same running board."""

from __future__ import annotations

import pytest

from modem_image.bench.steps import expected_steps
from modem_image.bench.stick.stick import load_stick

from .conftest import GOOD, Run

pytestmark = pytest.mark.bench
STEPS = [
    pytest.param(stick, step.name, id=f"{stick}-{step.name}")
    for stick in GOOD
    for step in expected_steps(load_stick(stick), first=False)
]


@pytest.mark.parametrize(("stick", "step"), STEPS)
def test_step_is_seen(good_tour: dict[str, Run], stick: str, step: str) -> None:
    assert good_tour[stick].seconds(step) is not None, good_tour[stick].said


def test_all_of_them_end_well(good_tour: dict[str, Run]) -> None:
    assert [(run.report["verdict"], run.status) for run in good_tour.values()] == [("ok", 0)] * (
        len(GOOD) + 1
    )


def drivers(run: Run) -> list[str]:
    (stick,) = run.report["facts"]["status"]["sticks"]
    return [interface["driver"] for interface in stick["interfaces"]]


def test_e353_has_ports_of_acms_class_that_option_drives(good_tour: dict[str, Run]) -> None:
    """No Huawei stick with ports for cdc_acm was found; the driver is there, and leaves this one alone."""
    run = good_tour["e353-acm"]
    assert drivers(run) == [*["option"] * 3, *["usb-storage"] * 2]
    (stick,) = run.report["facts"]["status"]["sticks"]
    assert [interface["usb_class"] for interface in stick["interfaces"]] == ["02", "02", "02", "08", "08"]
    assert [interface["label"] for interface in stick["interfaces"]] == ["modem", "diag", "pcui", None, None]


def test_hilink_is_an_ethernet_service(good_tour: dict[str, Run]) -> None:
    run = good_tour["e3372h"]
    assert drivers(run) == ["cdc_ether", "cdc_ether", "usb-storage"]
    status = run.report["facts"]["status"]
    assert status["ofono"]["modems"] == []
    (service,) = [item for item in status["connman"]["services"] if item["type"] == "ethernet"]
    assert service["state"] == "online"
    assert "dhcp-lease address=192.168.8.100" in (run.folder / "stick.log").read_text()


def test_mbim_is_chosen_by_usb_modeswitch_and_not_switched_away(good_tour: dict[str, Run]) -> None:
    """Its disk is the first configuration, and usb-modeswitch-data would make it a router."""
    run = good_tour["e3372-mbim"]
    log = (run.folder / "stick.log").read_text()
    assert "configured mode=mbim usb=12d1:157d value=2" in log
    assert "switch-re" not in log
    assert drivers(run) == ["cdc_mbim", "cdc_mbim"]
    (modem,) = run.report["facts"]["status"]["ofono"]["modems"]
    assert (modem["powered"], modem["online"], modem["attached"]) == (True, True, True)


def test_mbim_gets_its_apn_without_the_sims_network_code(good_tour: dict[str, Run]) -> None:
    """oFono's MBIM driver does not read how long it is; config.ini has [apn 00101]."""
    log = (good_tour["e3372-mbim"].folder / "stick.log").read_text()
    assert "dialled port=mbim cid=0 apn=internet.example" in log


def test_what_one_stick_left_is_not_taken_for_the_next(good_tour: dict[str, Run]) -> None:
    for stick, run in good_tour.items():
        assert all(entry["seconds"] >= 0 for entry in run.report["facts"]["timeline"]), stick
