# SPDX-License-Identifier: MIT
"""The kernel's log of a stick that came, as people paste it: tests/corpus/listings/kernel-logs.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from modem_image.sticks.recording import reader
from modem_image.sticks.recording.entry import AGREES, CONTRADICTS, judged
from modem_image.sticks.recording.model import Device
from modem_image.sticks.recording.stick import recorded
from unit.sticks.known import DATABASE

CORPUS = Path(__file__).parents[2] / "corpus" / "listings" / "kernel-logs.toml"
LOGS: dict[str, dict[str, Any]] = {log["source"]: log for log in tomllib.loads(CORPUS.read_text())["log"]}
VENDORS = {0x12D1, 0x3566}


def devices(text: str, usb: str | None = None) -> list[Device]:
    return reader.devices_of(text.encode(), VENDORS, usb)


def drivers(device: Device) -> dict[str, str | None]:
    return {str(setting.number): setting.driver for setting in device.settings}


@pytest.mark.parametrize("source", LOGS)
def test_devices_and_drivers_are_those_that_the_text_names(source: str) -> None:
    found = devices(LOGS[source]["text"])
    assert [[device.usb, drivers(device)] for device in found] == LOGS[source]["devices"]
    strings = [text for device in found for text in (device.name, device.manufacturer) if text]
    assert not [text for text in strings if "[" in text or "usb" in text], "a message of its own"


@pytest.mark.parametrize("source", LOGS)
def test_it_is_no_contradiction_to_the_database_and_can_be_plugged_in(source: str) -> None:
    recording = recorded("stick", devices(LOGS[source]["text"]), DATABASE, source)
    assert not [item for item in judged(recording, DATABASE) if item.kind == CONTRADICTS]
    for device, (_usb, named) in zip(recording.devices, LOGS[source]["devices"], strict=True):
        assert None not in device.triple
        shown = {str(s.number) for s in device.settings}
        assert named.keys() <= shown
        assert all(None not in s.triple for s in device.settings)


def test_what_a_driver_takes_along_is_filled_in_where_one_entry_fits() -> None:
    """No log names a data interface: cdc_ether and cdc_ncm take it along."""
    (text,) = (log["text"] for log in LOGS.values() if "E8372" in log["source"])
    recording = recorded("stick", devices(text), DATABASE, "")
    _drive, router = recording.devices
    assert [setting.class_text for setting in router.settings] == ["02/06/00", "0a/06/00"]
    assert [item.kind for item in judged(recording, DATABASE)] == [AGREES] * 2


def test_a_log_without_the_line_of_the_ids_takes_the_one_that_is_named() -> None:
    """forum.gl-inet.com topic 4079: an E3372h-607 in stick mode; the log begins behind them."""
    text = """\
[  126.890000] usb 1-1: new high-speed USB device number 2 using ehci-platform
[  127.080000] option 1-1:1.0: GSM modem (1-port) converter detected
[  127.110000] option 1-1:1.1: GSM modem (1-port) converter detected
[  127.140000] huawei_cdc_ncm 1-1:1.2: no of_node; not parsing pinctrl DT
[  127.220000] huawei_cdc_ncm 1-1:1.2: cdc-wdm0: USB WDM device
"""
    (found,) = devices(text, "12d1:1506")
    assert (found.usb, drivers(found)) == (
        "12d1:1506",
        {"0": "option", "1": "option", "2": "huawei_cdc_ncm"},
    )


def test_ncm_of_huaweis_own_class_before_linux_3_13() -> None:
    """cdc_ncm had it then (ff/02/16, 46, 76): it is not the standard's, which takes a data interface too."""
    (text,) = (log["text"] for log in LOGS.values() if "cdc_ncm before 3.13" in log["source"])
    recording = recorded("stick", devices(text), DATABASE, "")
    (stick,) = recording.devices
    assert [setting.class_text for setting in stick.settings if setting.number == 1] == ["ff/03/16"] * 2
    assert {(item.kind, item.text) for item in judged(recording, DATABASE)} == {
        (AGREES, "12d1:1506 configuration 1: as e3131 in configuration 1")
    }
