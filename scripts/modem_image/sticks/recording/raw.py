# SPDX-License-Identifier: MIT
"""Reads the octets of a device's descriptors, as sysfs' `descriptors` file and a capture's usb.txt have them.

Source: USB 2.0, tables 9-8 and 9-10 to 9-13; interface association descriptor ECN.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from modem_image.sticks.recording.model import Association, Configuration, Device, Endpoint, Setting
from modem_image.sticks.recording.speed import SPEEDS, bulk_packets, speed_of
from modem_image.sticks.recording.text import Lines, few, shown

_RUN = re.compile(r"\b12[ :]?01[ :0-9a-fA-F]{32,}")
_OCTETS = re.compile(r"(?:[ :]?[0-9a-fA-F]{2}){18,66000}(?![0-9a-fA-F])")
"""Descriptors have less than 64 KiB (wTotalLength); a repetition without end takes memory for each turn."""
# A capture's lines above the octets: "1-1: …, speed 480, …" and "  1-1:1.0: …, driver option".
_DEVICE_LINE = re.compile(r"^(\d+-[\d.]+): .*$", re.MULTILINE)
_STRING_LINE = re.compile(r"^  (manufacturer|product): (.+)$", re.MULTILINE)
_INTERFACE_LINE = re.compile(r"^\s+\d+-[\d.]+:(\d{1,3})\.(\d{1,3}): \S+, driver (\S+)\s*$", re.MULTILINE)


def read(text: str) -> list[Device]:
    """The devices whose octets stand in the text."""
    devices: list[Device] = []
    end = 0
    lines = Lines(text)
    for run in _RUN.finditer(text):
        if (found := _OCTETS.match(text, run.start())) is None:
            continue
        octets = bytes.fromhex(re.sub(r"[ :]", "", found[0]))
        above = text[end : found.start()]
        end = found.end()
        if octets[:2] == b"\x12\x01":
            few(len(devices))
            devices.append(_noted(decode(octets, lines.at(found.start())), above))
    return devices


def _noted(device: Device, above: str) -> Device:
    """With what a capture's lines above say: speed, the chosen configuration, each interface's driver."""
    heads = list(_DEVICE_LINE.finditer(above))
    if not heads:
        return device
    above = above[heads[-1].start() :]
    head = heads[-1][0]
    speed = re.search(r"\bspeed (\d+)", head)
    chosen = re.search(r"\bbConfigurationValue (\d{1,3})\b", head)
    drivers = {(int(c), int(n)): "" if d == "none" else d for c, n, d in _INTERFACE_LINE.findall(above)}
    configurations = tuple(
        replace(
            one,
            active=one.value == int(chosen[1]) if chosen else one.active,
            settings=tuple(
                replace(s, driver=drivers.get((one.value, s.number), s.driver)) for s in one.settings
            ),
        )
        for one in device.configurations
    )
    known = SPEEDS.get(speed[1]) if speed else None
    strings = {name: shown(text) for name, text in _STRING_LINE.findall(above)}
    return replace(
        device,
        configurations=configurations,
        speed=device.speed or known,
        manufacturer=device.manufacturer or strings.get("manufacturer"),
        name=device.name or strings.get("product"),
    )


@dataclass
class _Reading:
    configurations: list[Configuration] = field(default_factory=list)

    def change(self, **values: object) -> None:
        self.configurations[-1] = replace(self.configurations[-1], **values)  # type: ignore[arg-type]


def decode(octets: bytes, line: int = 1) -> Device:
    """The device of these octets; what is cut at the end is left out.

    `octets`: a device descriptor of 18 octets, and each configuration with all that belongs to it.
    """
    (_, _, version, c, s, p, packet, vendor, product, release, manufacturer, name, serial, count) = (
        struct.unpack("<BBHBBBBHHHBBBB", octets[:18])
    )
    reading = _Reading()
    for descriptor in _descriptors(octets[18:]):
        _add(reading, descriptor)
    device = Device(
        vendor=vendor,
        product=product,
        version=version,
        triple=(c, s, p),
        max_packet=packet,
        release=release,
        # Their texts are no part of the descriptors; an index of 0 says that there is none.
        manufacturer=None if manufacturer else "",
        name=None if name else "",
        has_serial=bool(serial),
        count=count,
        line=line,
    )
    configurations = tuple(reading.configurations)
    if len(configurations) == 1 == count:
        configurations = (replace(configurations[0], active=True),)
    device = replace(device, configurations=configurations)
    return replace(device, speed=speed_of(bulk_packets(device.settings)))


def _descriptors(octets: bytes) -> Iterator[bytes]:
    start = 0
    while start + 2 <= len(octets) and 2 <= octets[start] <= len(octets) - start:
        yield octets[start : start + octets[start]]
        start += octets[start]


def _add(reading: _Reading, data: bytes) -> None:
    kind = data[1]
    if kind == 2 and len(data) >= 9:
        total, count, value = struct.unpack_from("<HBB", data, 2)
        reading.configurations.append(
            Configuration(value, count, attributes=data[7], max_power=2 * data[8], total=total)
        )
    elif not reading.configurations:
        return
    elif kind == 11 and len(data) >= 8:
        found = Association(data[2], data[3], (data[4], data[5], data[6]))
        reading.change(associations=(*reading.configurations[-1].associations, found))
    elif kind == 4 and len(data) >= 9:
        setting = Setting(data[2], data[3], (data[5], data[6], data[7]), count=data[4])
        reading.change(settings=(*reading.configurations[-1].settings, setting))
    elif settings := reading.configurations[-1].settings:
        last = settings[-1]
        if kind == 5 and len(data) >= 7:
            address, attributes, packet, interval = struct.unpack_from("<BBHB", data, 2)
            endpoint = Endpoint(address, attributes & 3, packet & 0x7FF, interval)
            last = replace(last, endpoints=(*last.endpoints, endpoint))
        elif kind == 0x24:
            last = replace(last, descriptors=(*last.descriptors, data))
        reading.change(settings=(*settings[:-1], last))
