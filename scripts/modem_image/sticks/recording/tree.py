# SPDX-License-Identifier: MIT
"""Reads `lsusb -t`: classes by name and drivers, without subclass, protocol and endpoints.

The tree has no ids but with -v; else they are those of the plain `lsusb` in the same text, by bus and device.
Source: usbutils 014 and 017 lsusb-t.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from modem_image.sticks.recording.model import Configuration, Device, Setting, Triple
from modem_image.sticks.recording.speed import SPEEDS
from modem_image.sticks.recording.text import Lines, few

_CLASSES = {
    "vendor specific class": 0xFF,
    "vend.": 0xFF,
    "mass storage": 0x08,
    "stor.": 0x08,
    "communications": 0x02,
    "comm.": 0x02,
    "cdc data": 0x0A,
    "data": 0x0A,
    "human interface device": 0x03,
    "hid": 0x03,
    "wireless": 0xE0,
    "wireless controller": 0xE0,
}
_LINE = re.compile(
    r"/:[ \t]+Bus[ \t]+0*(?P<bus>\d+)\.Port"
    r"|__[ \t]+Port[ \t]+\d+:[ \t]+Dev[ \t]+0*(?P<device>\d+),[ \t]+If[ \t]+(?P<interface>\d{1,3}),[ \t]+"
    r"Class=(?P<class>[^,\n]*),[ \t]*Driver=(?P<driver>[^,\n]*),[ \t]*(?P<speed>[\d.]+)M"
    r"|^[ \t|]*ID[ \t]+(?P<id>[0-9a-fA-F]{4}:[0-9a-fA-F]{4})\b",
    re.MULTILINE,
)
_BUS_LINE = re.compile(
    r"\bBus[ \t]+0*(\d+)[ \t]+Device[ \t]+0*(\d+):[ \t]+ID[ \t]+([0-9a-fA-F]{4}):([0-9a-fA-F]{4})"
)


def read(text: str) -> list[Device]:
    """The devices of all trees in the text whose id is known; none where there is none."""
    if "__ Port" not in text:
        return []
    ids = {(bus, device): (vendor, product) for bus, device, vendor, product in _BUS_LINE.findall(text)}
    return list(_named(_devices(text), ids))


def _devices(text: str) -> Iterator[tuple[tuple[str, str], tuple[str, str] | None, Device]]:
    """Each device with its bus and number, and its id where the tree itself has it."""
    bus, place, own, device = "", ("", ""), None, None
    lines, number = Lines(text), 0
    for found in _LINE.finditer(text):
        if found["bus"]:
            bus = found["bus"]
        elif found["id"]:
            vendor, _, product = found["id"].partition(":")
            own = (vendor, product)
        else:
            setting = _setting(found)
            again = device is not None and setting.number in {s.number for s in device.settings}
            if device is None or place != (bus, found["device"]) or again:
                few(number := number + 1)
                if device is not None:
                    yield place, own, device
                place, own = (bus, found["device"]), None
                device = Device(speed=SPEEDS.get(found["speed"]), line=lines.at(found.start()))
                device = replace(device, configurations=(Configuration(value=1, active=True),))
            (one,) = device.configurations
            device = replace(device, configurations=(replace(one, settings=(*one.settings, setting)),))
    if device is not None:
        yield place, own, device


def _setting(found: re.Match[str]) -> Setting:
    triple: Triple = (_CLASSES.get(found["class"].strip().lower()), None, None)
    driver = found["driver"].strip()
    return Setting(int(found["interface"]), triple=triple, driver="" if driver in ("", "[none]") else driver)


def _named(
    devices: Iterator[tuple[tuple[str, str], tuple[str, str] | None, Device]],
    ids: dict[tuple[str, str], tuple[str, str]],
) -> Iterator[Device]:
    for place, own, device in devices:
        if usb := own or ids.get(place):
            yield replace(device, vendor=int(usb[0], 16), product=int(usb[1], 16))
