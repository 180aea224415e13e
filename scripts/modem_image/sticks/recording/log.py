# SPDX-License-Identifier: MIT
"""Reads the kernel's log of a stick that came: ids, strings, speed, and which driver took which interface.

Nothing else is in it: no class, no endpoint. Sources: Linux 2.6.29 to 6.1 drivers/usb/core/hub.c
(announce_device) and the drivers' own first lines, which begin with the driver and the interface's name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from modem_image.sticks.recording.model import Configuration, Device, Setting
from modem_image.sticks.recording.text import Lines, few, shown

_PORT = r"\d{1,3}-\d{1,3}(?:\.\d{1,3}){0,6}"
_SAME = r"(?:(?!\[ {0,5}\d{1,6}\.\d{6}\])[^\n])"
"""A character of the same message: lines that became one keep their time in brackets."""
_EVENT = re.compile(
    rf"\busb (?P<port>{_PORT}): >?(?:"
    r"(?P<gone>USB disconnect)"
    r"|new (?P<speed>full|high|low|super)[- ]speed"
    r"|New USB device found, idVendor=(?P<vendor>[0-9a-f]{4}),\s{1,16}idProduct=(?P<product>[0-9a-f]{4})"
    r"(?:, bcdDevice=[ ]?(?P<release>[0-9a-f]{1,2}\.[0-9a-f]{2}))?"
    r"|New USB device strings: Mfr=\d+, Product=\d+,\s{1,16}SerialNumber=(?P<serial>\d+)"
    rf"|Product: (?P<name>{_SAME}{{1,126}})"
    rf"|Manufacturer: (?P<manufacturer>{_SAME}{{1,126}})"
    r")"
    r"|\b(?P<driver>[a-z][a-z0-9_-]{2,30}) "
    rf"(?P<at>{_PORT}):(?P<configuration>\d{{1,3}})\.(?P<number>\d{{1,3}})\b"
    rf"(?P<rest>{_SAME}{{0,120}})"
)
_NO_DRIVER = frozenset({"usb", "usbfs", "usbhid-ups", "of", "interface"})
_NOT_BOUND = re.compile(r"unregister|disconnect|fail|error|invalid|unable|cannot|reject|ignor", re.I)
"""A driver that lets an interface go, or never had it."""


@dataclass
class _Draft:
    """A device that came at a port, and what was said of it: drivers by configuration and interface."""

    device: Device
    drivers: dict[int, dict[int, str]] = field(default_factory=dict)

    def whole(self) -> Device:
        configurations = tuple(
            Configuration(
                value=value,
                active=True,
                settings=tuple(Setting(number, driver=driver) for number, driver in sorted(found.items())),
            )
            for value, found in sorted(self.drivers.items())
        )
        return replace(self.device, configurations=configurations)


def read(text: str) -> list[Device]:
    """The devices that come in the text, in its order; one without an id where its line is not quoted."""
    if "idVendor=" not in text and not re.search(rf"\b{_PORT}:\d", text):
        return []
    return [draft.whole() for draft in _drafts(text) if draft.device.vendor is not None or draft.drivers]


def _drafts(text: str) -> list[_Draft]:
    found: list[_Draft] = []
    at: dict[str, _Draft | None] = {}  # by port; None once it is known that what was there has gone
    speeds: dict[str, str] = {}
    lines = Lines(text)
    for event in _EVENT.finditer(text):
        port = event["port"] or event["at"]
        if event["gone"]:
            at[port] = None
        elif event["speed"]:
            at.pop(port, None)
            speeds[port] = event["speed"]
        elif event["vendor"] or (_driver(event) and port not in at):
            few(len(found))
            draft = at[port] = _Draft(_announced(event, speeds.get(port), lines.at(event.start())))
            found.append(draft)
        _said(event, at.get(port))
    return found


def _announced(event: re.Match[str], speed: str | None, line: int) -> Device:
    release = int(event["release"].replace(".", "").rjust(4, "0"), 16) if event["release"] else None
    return Device(
        vendor=int(event["vendor"], 16) if event["vendor"] else None,
        product=int(event["product"], 16) if event["product"] else None,
        release=release,
        speed=speed if speed in ("full", "high") else None,
        line=line,
    )


def _said(event: re.Match[str], draft: _Draft | None) -> None:
    """What an event says of the device that is at its port."""
    if draft is None:
        return
    if event["serial"]:
        draft.device = replace(draft.device, has_serial=event["serial"] != "0")
    elif event["name"]:
        draft.device = replace(draft.device, name=shown(event["name"]))
    elif event["manufacturer"]:
        draft.device = replace(draft.device, manufacturer=shown(event["manufacturer"]))
    elif driver := _driver(event):
        draft.drivers.setdefault(int(event["configuration"]), {})[int(event["number"])] = driver


def _driver(event: re.Match[str]) -> str:
    """The driver that took an interface; empty where it did not, or where the word is none."""
    driver = event["driver"] or ""
    return "" if driver in _NO_DRIVER or _NOT_BOUND.search(event["rest"] or "") else driver
