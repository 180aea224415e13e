# SPDX-License-Identifier: MIT
"""Reads what somebody has of a stick, whatever made it: a listing, several of them, or a capture."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from huawei_modem.transcript import archive
from modem_image import files
from modem_image.errors import InputError
from modem_image.sticks.recording import alias, log, lsusb, raw, table, tree
from modem_image.sticks.recording.merge import each_once, merge
from modem_image.sticks.recording.model import Device
from modem_image.sticks.recording.speed import at_high_speed
from modem_image.sticks.recording.text import LONGEST, few, plain

_USB_TEXT = "usb.txt"
"""The member of a capture that has the descriptors."""
_READERS = (table.read, lsusb.read, raw.read, tree.read, alias.read, log.read)
_PARTS = 8
"""Interfaces and alternates that count as much as one device in the work."""
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
        raise InputError(f"{path}: not an archive that can be read: {err}. {_WANTED}") from err
    raise InputError(
        f"{path}: no {_USB_TEXT} in it, so it is not a capture of huawei-modem report. {_WANTED}"
    )


def devices_of(data: bytes, vendors: Collection[int], usb: str | None = None) -> list[Device]:
    """The sticks of a listing: those of `vendors`, or with `usb` (vendor:product) that one.

    Two listings of one device, such as lsusb -v and usb-devices, are one device. Raises InputError where
    there is no such device, and says what else was there.
    """
    text = plain(data)
    found = [device for read in _READERS for device in read(text)]
    if not found:
        raise InputError(f"no USB device is listed here in a form that is known. {_WANTED}")
    few(len(found) + sum(len(device.settings) for device in found) // _PARTS)
    found = [at_high_speed(each_once(device)) for device in found]
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
