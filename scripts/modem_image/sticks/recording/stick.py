# SPDX-License-Identifier: MIT
"""Makes a recording of listings: names the modes, ties the switch messages to them, says what was added."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from huawei_modem.database import Database
from modem_image.errors import InputError
from modem_image.sticks.recording.fill import completed, function_of
from modem_image.sticks.recording.model import Configuration, Device, Recording
from modem_image.sticks.recording.text import one_line

STORAGE = "storage"


def recorded(name: str, devices: Sequence[Device], database: Database, source: str = "") -> Recording:
    """The stick that shows itself as these devices, one after the other.

    Raises InputError where none of them shows an interface.
    """
    shown = [device for device in devices if device.settings]
    if not shown:
        ids = ", ".join(dict.fromkeys(device.usb for device in devices))
        raise InputError(
            f"{ids}: no interface is listed, so there is nothing to plug in."
            " Give the whole of lsusb -v or usb-devices"
        )
    whole = [completed(device, database) for device in shown]
    named = [replace(one, mode=mode) for one, mode in zip(whole, _modes(whole, database), strict=True)]
    linked = tuple(_with_message(named, position, database) for position in range(len(named)))
    return Recording(one_line(name), linked, one_line(source), tuple(_notes(linked)))


def _modes(devices: Sequence[Device], database: Database) -> Iterator[str]:
    seen: dict[str, int] = {}
    for device in devices:
        mode = _mode(device, database)
        seen[mode] = seen.get(mode, 0) + 1
        yield mode if seen[mode] == 1 else f"{mode}-{seen[mode]}"


def _mode(device: Device, database: Database) -> str:
    """What the stick is in this mode, by all its interfaces."""
    said = [(setting.triple[0], function_of(setting, database)) for setting in device.settings]
    # What only a debugger speaks to, as phones and routers have it, says nothing of the stick.
    functions = {function for _, function in said if function != "adb"}
    vendor = any(usb_class == 0xFF and function != "adb" for usb_class, function in said)
    if functions == {"storage"}:
        return STORAGE
    if "mbim" in functions and not vendor:
        return "mbim"
    if functions & {"ether", "rndis", "ncm"} and not vendor:
        return "hilink"
    return "modem"


def _with_message(devices: Sequence[Device], position: int, database: Database) -> Device:
    """A device that a drive becomes, with the message: the listing's own, or the one of the drive's id."""
    device = devices[position]
    drives = [one for one in devices[:position] if is_drive(one)]
    if device.switched_by or not drives or is_drive(device):
        return device if drives else replace(device, switched_by=None)
    if any(one.switched_by for one in devices if one is not device):
        return device
    for _, mode in database.candidates(drives[-1].usb):
        for way in (mode.switch, mode.alternative):
            if way and device.usb in way.target:
                return replace(device, switched_by=way.message, filled=(*device.filled, "switched_by"))
    known = [mode.switch.message for _, mode in database.candidates(drives[-1].usb) if mode.switch]
    message = known[0] if known else database.sticks[0].modes[0].switch
    text = message if isinstance(message, str) else message.message if message else ""
    return replace(device, switched_by=text or None, filled=(*device.filled, "switched_by"))


def is_drive(device: Device) -> bool:
    """Whether it shows a drive and nothing else."""
    return {setting.triple[0] for setting in device.settings} == {0x08}


def linux_choice(configurations: Sequence[Configuration]) -> Configuration:
    """The configuration that Linux chooses by itself (usb_choose_configuration() of Linux 6.1).

    The first whose first interface is not of the vendor's class, and no RNDIS that comes first of several.
    """
    for position, one in enumerate(configurations):
        triple = one.settings[0].triple if one.settings else (0xFF, 0xFF, 0xFF)
        if position == 0 and len(configurations) > 1 and triple in ((0xE0, 0x01, 0x03), (0x02, 0x02, 0xFF)):
            continue
        if triple[0] != 0xFF:
            return one
    return configurations[0]


def _notes(devices: Sequence[Device]) -> Iterator[str]:
    """What was added, for the head of the file."""
    yield "A recording: docs/sticks.md explains the keys. Serial numbers are not kept."
    added = [text for device in devices for text in additions(device)]
    if added:
        yield "Not in the listing and filled in by rule (the keys `filled`):"
        yield from (f"  {text}" for text in added)


def additions(device: Device) -> Iterator[str]:
    """What the listing left out, a line each."""
    if device.filled:
        yield f"{device.usb} {device.mode}: {', '.join(device.filled)}"
    for one in device.configurations:
        where = f"{device.usb} {device.mode}, configuration {one.value}"
        if one.filled:
            yield f"{where}: {', '.join(one.filled)}"
        for setting in one.settings:
            if setting.filled:
                alternate = f", alternate {setting.alternate}" if setting.alternate else ""
                yield f"{where}, interface {setting.number}{alternate}: {', '.join(setting.filled)}"
        if one.total is not None and (length := total_length(one)) != one.total:
            yield f"{where}: the descriptors have {one.total} octets, these {length}"


def total_length(configuration: Configuration) -> int:
    """wTotalLength of what is known of the configuration (USB 2.0, table 9-10)."""
    settings = configuration.settings
    extra = sum(len(item) for s in settings for item in s.descriptors)
    endpoints = sum(len(s.endpoints) for s in settings)
    return 9 + 9 * len(settings) + 7 * endpoints + 8 * len(configuration.associations) + extra
