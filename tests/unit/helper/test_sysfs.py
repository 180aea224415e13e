# SPDX-License-Identifier: MIT
"""Facts about sticks, read from trees as the kernel and udev make them."""

from __future__ import annotations

from pathlib import Path

import pytest

from huawei_modem import facts, sysfs
from huawei_modem.database import load
from unit.helper.trees import plug, write


def test_a_working_stick_is_described_in_full(tmp_path: Path) -> None:
    plug(tmp_path, "12d1:1596")
    (device,) = sysfs.sticks(tmp_path)
    stick = facts.stick_facts(tmp_path, device, load())
    assert (stick["id"], stick["mode"], stick["usb"]) == ("ms2372h-vodafone", "modem", "12d1:1596")
    assert stick["path"] == "/sys/bus/usb/devices/1-1"
    seen = [(item["function"], item["driver"], item["tty"], item["label"]) for item in stick["interfaces"]]
    assert seen == [
        ("modem", "option", "ttyUSB0", "modem"),
        ("diag", "option", "ttyUSB1", "diag"),
        ("pcui", "option", "ttyUSB2", "pcui"),
        ("ncm", "huawei_cdc_ncm", None, None),
    ]
    assert stick["interfaces"][3]["net"] == "wwan0"
    assert [item["listed"] for item in stick["interfaces"]] == [True, True, True, False]


def test_a_stick_without_drivers_and_labels_has_none_of_them(tmp_path: Path) -> None:
    plug(tmp_path, "12d1:1506", drivers=False)
    stick = facts.stick_facts(tmp_path, sysfs.sticks(tmp_path)[0], load())
    for item in stick["interfaces"]:
        assert (item["driver"], item["tty"], item["net"], item["label"]) == (None, None, None, None)
        assert item["listed"]


def test_devices_of_other_vendors_are_left_out(tmp_path: Path) -> None:
    plug(tmp_path, "12d1:1596", vendor="0bda")
    assert sysfs.sticks(tmp_path) == []


def test_an_acm_port_is_found(tmp_path: Path) -> None:
    write(tmp_path / "if0/tty/ttyACM0/dev", "166:0\n")
    assert sysfs.tty(tmp_path / "if0") == "ttyACM0"


def test_a_stick_that_goes_while_it_is_read_leaves_gaps_only(tmp_path: Path) -> None:
    device = plug(tmp_path, "12d1:1596")
    (device / "idProduct").unlink()
    (device / "1-1:1.0/bInterfaceProtocol").unlink()
    stick = facts.stick_facts(tmp_path, device, load())
    assert stick["id"] is None
    assert stick["interfaces"][0]["function"] is None


@pytest.mark.parametrize("number", ["zz", "0x1", "-1", "1_0", "\u0661", "100"])
def test_an_interface_whose_number_is_none_is_as_one_that_is_not_there(tmp_path: Path, number: str) -> None:
    device = plug(tmp_path, "12d1:1596")
    write(device / "1-1:1.0/bInterfaceNumber", f"{number}\n")
    assert [entry.name for entry in sysfs.interfaces(device)] == ["1-1:1.1", "1-1:1.2", "1-1:1.3"]
    stick = facts.stick_facts(tmp_path, device, load())
    assert [item["number"] for item in stick["interfaces"]] == [1, 2, 3]


def test_the_vendors_are_the_databases() -> None:
    database = load()
    ids = {mode.usb[:4] for stick in database.sticks for mode in stick.modes}
    assert set(sysfs.VENDORS) == ids
    assert database.family.vendor in ids


def test_a_stick_that_is_sold_as_brovi_is_seen_as_the_drive_that_it_is(tmp_path: Path) -> None:
    device = tmp_path / "sys/bus/usb/devices/1-1"
    for name, value in {"idVendor": "3566", "idProduct": "2001", "bNumConfigurations": "1"}.items():
        write(device / name, f"{value}\n")
    assert sysfs.usb_ids(tmp_path) == {"3566:2001"}
    stick = facts.stick_facts(tmp_path, sysfs.sticks(tmp_path)[0], load())
    assert (stick["id"], stick["mode"]) == ("brovi-e3372-325", "storage")
