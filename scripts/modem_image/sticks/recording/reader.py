# SPDX-License-Identifier: MIT
"""Reads what somebody has of a stick, whatever made it: a listing, several of them, or a capture."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from huawei_modem import archive
from modem_image import files
from modem_image.errors import InputError
from modem_image.sticks.recording import lsusb, raw, table, tree
from modem_image.sticks.recording.model import BULK, Configuration, Device, Setting
from modem_image.sticks.recording.text import LONGEST, plain

_USB_TEXT = "usb.txt"
"""The member of a capture that has the descriptors."""
_SETTINGS = 512
"""Interfaces and alternates of a device: a stick has ten or so, and the work grows with their square."""
_WANTED = (
    "Give the output of: lsusb -v -d 12d1: (as root), usb-devices, cat /sys/kernel/debug/usb/devices,"
    " or a capture of: huawei-modem report"
)


def content_of(path: Path) -> bytes:
    """The listing in a file, in a capture (tar.gz or unpacked). Raises InputError where there is none."""
    try:
        if path.is_dir():
            return _bounded(files.content_of(path / _USB_TEXT))
        data = files.content_of(path)
    except OSError as err:
        raise InputError(f"{path}: cannot be read: {err.strerror}. {_WANTED}") from err
    if data[:2] == b"\x1f\x8b" or data[257:262] == b"ustar":
        return _member(path, data)
    return _bounded(data)


def _bounded(data: bytes) -> bytes:
    return data[:LONGEST]


def _member(path: Path, data: bytes) -> bytes:
    try:
        stream, _head = archive.stream_of(io.BytesIO(data))
        for name, content in archive.members(stream):
            if name.rsplit("/", 1)[-1] == _USB_TEXT:
                return content.read(LONGEST)
    except (OSError, archive.ArchiveError) as err:
        raise InputError(f"{path}: no archive that can be read: {err}. {_WANTED}") from err
    raise InputError(
        f"{path}: no {_USB_TEXT} in it, so it is not a capture of huawei-modem report. {_WANTED}"
    )


def devices_of(data: bytes, vendors: Collection[int], usb: str | None = None) -> list[Device]:
    """The sticks of a listing: those of `vendors`, or with `usb` (vendor:product) that one.

    Two listings of one device, such as lsusb -v and usb-devices, are one device. Raises InputError where
    there is no such device, and says what else was there.
    """
    text = plain(data)
    found = [device for read in (table.read, lsusb.read, raw.read, tree.read) for device in read(text)]
    if not found:
        raise InputError(f"no USB device is listed here in a form that is known. {_WANTED}")
    if max(len(device.settings) for device in found) > _SETTINGS:
        raise InputError(f"a device of more than {_SETTINGS} interfaces: this is no listing of USB")
    if usb:
        vendor, product = (int(part, 16) for part in usb.split(":"))
        found = [replace(d, vendor=vendor, product=product) if d.vendor is None else d for d in found]
    chosen = [d for d in found if (d.usb == usb if usb else d.vendor in vendors)]
    if not chosen:
        others = ", ".join(dict.fromkeys(d.usb if d.vendor else "one without its id" for d in found))
        raise InputError(
            f"no stick of a known vendor is listed here, only: {others}. Name the one that you mean: --usb ID"
        )
    return list(_merged(sorted(chosen, key=lambda device: device.line)))


def _merged(devices: list[Device]) -> Iterator[Device]:
    kept: list[Device] = []
    for device in devices:
        for position, other in enumerate(kept):
            if (both := merge(other, device)) is not None:
                kept[position] = both
                break
        else:
            kept.append(device)
    # A line with an id alone says nothing beside a listing of the same.
    shown = {device.usb for device in kept if device.settings}
    yield from (device for device in kept if device.settings or device.usb not in shown)


def merge(first: Device, second: Device) -> Device | None:
    """Both listings as one, where they can be of the same device: nothing in one contradicts the other."""
    if first.usb != second.usb:
        return None
    values: dict[str, Any] = {}
    for name in ("version", "max_packet", "release", "manufacturer", "name", "has_serial", "count", "speed"):
        one, two = getattr(first, name), getattr(second, name)
        if one is not None and two is not None and one != two:
            return None
        values[name] = two if one is None else one
    if first.switched_by and second.switched_by and first.switched_by != second.switched_by:
        return None
    configurations = _both(first, second)
    if configurations is None or not _agree(first.triple, second.triple):
        return None
    return replace(
        first,
        **values,
        triple=first.triple if None not in first.triple else second.triple,
        configurations=configurations,
        switched_by=first.switched_by or second.switched_by,
    )


def _both(first: Device, second: Device) -> tuple[Configuration, ...] | None:
    by_value = {one.value: one for one in first.configurations}
    for other in second.configurations:
        known = by_value.get(other.value)
        joined = _configuration(known, other) if known else other
        if joined is None:
            return None
        by_value[other.value] = joined
    return tuple(by_value[value] for value in sorted(by_value))


def _configuration(first: Configuration, second: Configuration) -> Configuration | None:
    values: dict[str, Any] = {}
    for name in ("count", "attributes", "max_power", "total", "active"):
        one, two = getattr(first, name), getattr(second, name)
        if one is not None and two is not None and one != two:
            return None
        values[name] = two if one is None else one
    settings = {(s.number, s.alternate): s for s in first.settings}
    drivers = {s.number: s.driver for s in (*first.settings, *second.settings) if s.driver is not None}
    for other in second.settings:
        known = settings.get((other.number, other.alternate))
        joined = _setting(known, other) if known else other
        if joined is None:
            return None
        settings[(other.number, other.alternate)] = joined
    return replace(
        first,
        **values,
        associations=first.associations or second.associations,
        settings=tuple(
            replace(settings[key], driver=drivers.get(key[0], settings[key].driver))
            for key in sorted(settings)
        ),
    )


def _setting(first: Setting, second: Setting) -> Setting | None:
    counts = first.count is not None and second.count is not None and first.count != second.count
    addresses = [{e.address for e in s.endpoints if e.kind == BULK} for s in (first, second) if s.endpoints]
    if (
        counts
        or not _agree(first.triple, second.triple)
        or (len(addresses) == 2 and addresses[0] != addresses[1])
    ):
        return None
    return replace(
        first,
        triple=first.triple if None not in first.triple else second.triple,
        count=second.count if first.count is None else first.count,
        endpoints=first.endpoints if len(first.endpoints) >= len(second.endpoints) else second.endpoints,
        descriptors=first.descriptors or second.descriptors,
        driver=second.driver if first.driver is None else first.driver,
        string=first.string or second.string,
    )


def _agree(first: tuple[int | None, ...], second: tuple[int | None, ...]) -> bool:
    return all(one is None or two is None or one == two for one, two in zip(first, second, strict=True))
