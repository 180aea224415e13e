# SPDX-License-Identifier: MIT
"""Listings of real sticks against the tables of a real kernel: the driver that a listing saw is one that
Debian's kernel would load for the interface's numbers."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from huawei_modem.database import load
from kernel.test_drivers import aliases
from modem_image.sticks.recording import reader
from modem_image.sticks.recording.fill import completed
from modem_image.sticks.recording.model import Device, Setting

__all__ = ["aliases"]

LISTINGS = Path(__file__).parents[1] / "corpus" / "listings"
VENDORS = {0x12D1, 0x3566, 0x03F0}
TAKEN_ALONG = {"cdc_wdm", "cdc_ether", "cdc_ncm", "cdc_mbim", "qmi_wwan"}
"""Drivers that take a second interface along, which no table lists: class 0a, and QMI's packets."""
OTHER_KERNEL = {
    ("15d5-e303-movistar", "12d1:15d5", 1): "option took it before huawei_cdc_ncm was there (Linux 3.15)",
    ("k3806-14ae", "12d1:14ae", 1): "option took it before cdc_ether did (Linux 3.4)",
    ("ideos-1038", "12d1:1038", 1): "usbfs is no module: a program, adb, had the interface",
}


def cases() -> dict[str, tuple[str, Device, Setting]]:
    found = {}
    for path in sorted(LISTINGS.glob("*.txt")):
        for device in reader.devices_of(path.read_bytes(), VENDORS):
            for setting in device.settings:
                if setting.driver and None not in setting.triple:
                    name = f"{path.stem}-{device.usb}-{setting.number}-{setting.class_text}"
                    found[name] = (path.stem, device, setting)
    return found


CASES = cases()


def drivers_of(aliases: list[tuple[str, str]], device: Device, setting: Setting) -> set[str]:
    """The modules that the kernel would load for the interface (its modalias)."""
    device_class, device_subclass, device_protocol = ((number or 0) for number in device.triple)
    class_, subclass, protocol = ((number or 0) for number in setting.triple)
    alias = (
        f"usb:v{device.vendor:04X}p{device.product:04X}d{device.release or 0:04X}dc{device_class:02X}"
        f"dsc{device_subclass:02X}dp{device_protocol:02X}ic{class_:02X}isc{subclass:02X}ip{protocol:02X}"
        f"in{setting.number:02X}"
    )
    return {module.replace("-", "_") for pattern, module in aliases if fnmatchcase(alias, pattern)}


def test_most_interfaces_of_the_listings_are_here() -> None:
    assert len(CASES) > 80


@pytest.mark.kernel
@pytest.mark.parametrize("name", CASES)
def test_the_driver_of_a_listing_is_in_the_kernels_table(aliases: list[tuple[str, str]], name: str) -> None:
    listing, device, setting = CASES[name]
    assert setting.driver is not None
    driver = setting.driver.replace("-", "_")
    found = drivers_of(aliases, device, setting)
    if (listing, device.usb, setting.number) in OTHER_KERNEL:
        assert driver not in found, "this difference is gone"
        return
    taken_along = setting.triple[0] == 0x0A or setting.triple[2] in (0x08, 0x38, 0x68)
    if driver in TAKEN_ALONG and taken_along:
        assert driver not in found
        return
    wanted = "qmi_wwan" if driver == "cdc_wdm" else driver
    assert wanted in found, found


LOGS = LISTINGS / "kernel-logs.toml"
OLD_DRIVER = {("12d1:1506", 1, "cdc_ncm"): "before huawei_cdc_ncm was there (Linux 3.15)"}


@pytest.mark.kernel
def test_the_driver_that_a_log_names_is_that_of_the_entrys_class(aliases: list[tuple[str, str]]) -> None:
    """A log has no classes: those of the database's entry, which its drivers fit, choose the same drivers."""
    database = load()
    right = 0
    for log in tomllib.loads(LOGS.read_text())["log"]:
        for device in reader.devices_of(log["text"].encode(), VENDORS):
            whole = completed(device, database)
            layouts = [mode.interfaces for _, mode in database.candidates(device.usb)]
            for seen in device.settings:
                setting = next(one for one in whole.settings if one.number == seen.number)
                place = (device.usb, seen.number, seen.driver)
                known = any(item.number == seen.number and "/".join(item.triple) == setting.class_text
                            for layout in layouts for item in layout)  # fmt: skip
                if known and place not in OLD_DRIVER:
                    assert (seen.driver or "").replace("-", "_") in drivers_of(aliases, whole, setting), place
                    right += 1
    assert right > 20
