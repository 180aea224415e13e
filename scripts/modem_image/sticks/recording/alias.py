# SPDX-License-Identifier: MIT
"""Reads where the kernel's module aliases stand: `udevadm info --export-db`, `hwinfo --usb`.

An alias has the ids of the device and the class of one interface (`in` is its number since Linux 3.3); the
paragraph around it says its place and driver. Sources: Linux Documentation/ABI/testing/sysfs-bus-usb and
scripts/mod/file2alias.c, systemd 252 udevadm-info.c, hwinfo 21 src/hd/hdp.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from modem_image.sticks.recording.model import Configuration, Device, Setting, Triple
from modem_image.sticks.recording.speed import SPEEDS
from modem_image.sticks.recording.text import Lines, few

_ALIAS = re.compile(
    r"\busb:v([0-9A-F]{4})p([0-9A-F]{4})d([0-9A-F]{4})dc([0-9A-F]{2})dsc([0-9A-F]{2})dp([0-9A-F]{2})"
    r"ic([0-9A-F]{2})isc([0-9A-F]{2})ip([0-9A-F]{2})(?:in([0-9A-F]{2}))?\b"
)
_PLACE = re.compile(r"\b(\d{1,3}-\d{1,3}(?:\.\d{1,3}){0,6}):(\d{1,3})\.(\d{1,3})\b")
"""An interface's name in sysfs: bus-ports:configuration.interface."""
_DRIVER = re.compile(r"^[ \t]*(?:E:[ \t]*DRIVER=|Driver:[ \t]*)\"?([\w.+/-]+)", re.MULTILINE)
_SPEED = re.compile(r"^[ \t]*Speed:[ \t]*([\d.]{1,6})[ \t]*Mbps", re.MULTILINE)
_PARAGRAPH = re.compile(r"(?:[^\n]*\S[^\n]*\n?)+")


@dataclass(frozen=True)
class _Seen:
    """One interface. `port` is the device's name in sysfs."""

    port: str
    device: Device
    configuration: int
    setting: Setting


@dataclass(frozen=True)
class _Draft:
    """A device and its interfaces so far: by configuration, then by number."""

    device: Device
    configurations: dict[int, dict[int, Setting]] = field(default_factory=dict)

    def whole(self) -> Device:
        """The device with all that was seen of it."""
        found = (
            Configuration(value=value, active=True, settings=tuple(of for _, of in sorted(settings.items())))
            for value, settings in self.configurations.items()
        )
        return replace(self.device, configurations=tuple(found))


def read(text: str) -> list[Device]:
    """The devices of all such paragraphs in the text; none where there is none."""
    if "usb:v" not in text:
        return []
    drafts: list[_Draft] = []
    of_port: dict[tuple[str, str], _Draft] = {}
    for seen in _interfaces(text):
        key = (seen.port, seen.device.usb)
        draft = of_port.get(key)
        # An interface that is there already: the device was plugged in anew.
        if draft is None or seen.setting.number in draft.configurations.get(seen.configuration, ()):
            few(len(drafts))
            draft = of_port[key] = _Draft(seen.device)
            drafts.append(draft)
        draft.configurations.setdefault(seen.configuration, {})[seen.setting.number] = seen.setting
    return [draft.whole() for draft in drafts]


def _interfaces(text: str) -> Iterator[_Seen]:
    lines = Lines(text)
    for paragraph in _PARAGRAPH.finditer(text):
        alias, place = _ALIAS.search(paragraph[0]), _PLACE.search(paragraph[0])
        if alias is None or place is None:
            continue
        driver, speed = _DRIVER.search(paragraph[0]), _SPEED.search(paragraph[0])
        number = int(alias[10], 16) if alias[10] else int(place[3])
        yield _Seen(
            place[1],
            Device(
                vendor=int(alias[1], 16),
                product=int(alias[2], 16),
                release=int(alias[3], 16),
                triple=_triple(alias[4], alias[5], alias[6]),
                speed=SPEEDS.get(speed[1]) if speed else None,
                line=lines.at(paragraph.start()),
            ),
            int(place[2]),
            Setting(number, triple=_triple(alias[7], alias[8], alias[9]), driver=driver[1] if driver else ""),
        )


def _triple(first: str, second: str, third: str) -> Triple:
    return int(first, 16), int(second, 16), int(third, 16)
