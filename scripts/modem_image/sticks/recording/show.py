# SPDX-License-Identifier: MIT
"""Recordings for people, and as documents: what they are, and how two of them differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from huawei_modem.database import Database
from modem_image.console import table
from modem_image.sticks.recording.entry import CONTRADICTS, Judgement, expected_driver
from modem_image.sticks.recording.file import KINDS
from modem_image.sticks.recording.fill import function_of
from modem_image.sticks.recording.model import Configuration, Device, Endpoint, Recording, triple_text
from modem_image.sticks.recording.stick import additions


def is_usb_id(text: str) -> bool:
    """Whether it is VENDOR:PRODUCT."""
    return re.fullmatch(r"[0-9a-fA-F]{4}:[0-9a-fA-F]{4}", text) is not None


def file_stem(name: str) -> str:
    """A name of a file, of a name that somebody chose."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.")[:80] or "stick"


def summary(recording: Recording, judgements: Iterable[Judgement]) -> str:
    """What the recording has, what was added, and what the database says to it."""
    lines = [
        f"{recording.name}: " + ", then ".join(f"{one.usb} ({one.mode})" for one in recording.devices),
    ]
    for kind, text in judgements:
        lines.append(f"  {kind}: {text}")
    added = [text for device in recording.devices for text in additions(device)]
    if added:
        lines.append("not in the listing, filled in by rule and marked so:")
        lines += [f"  {text}" for text in added]
    return "\n".join(lines) + "\n"


def details(recording: Recording, database: Database) -> str:
    """Every interface with what it is for and the driver that it gets."""
    parts = []
    for device in recording.devices:
        modes = tuple(mode for _, mode in database.candidates(device.usb))
        rows = []
        for one in device.configurations:
            for setting in one.settings:
                driver = expected_driver(setting, modes, database)
                rows.append(
                    [
                        f"{one.value}.{setting.number}" + (f"/{setting.alternate}" * bool(setting.alternate)),
                        setting.class_text,
                        function_of(setting, database) or _by_id(setting, modes, database) or "?",
                        driver or "-",
                        "?" if setting.driver is None else setting.driver or "none",
                        " ".join(map(_endpoint_text, setting.endpoints)) or "-",
                    ]
                )
        strings = ", ".join(filter(None, (device.manufacturer, device.name))) or "no strings"
        parts.append(f"{device.usb} {device.mode}: {strings}, {device.speed} speed\n")
        parts.append(table(rows, ["interface", "class", "function", "driver", "seen", "endpoints"]) + "\n")
    return "".join(parts)


def _by_id(setting: Any, modes: Any, database: Database) -> str | None:
    class_, subclass, protocol = setting.class_text.split("/")
    return database.purpose_of(setting.number, (class_, subclass, protocol), modes)[0]


def _endpoint_text(endpoint: Endpoint) -> str:
    return f"{endpoint.address:02x}:{KINDS[endpoint.kind]}:{endpoint.max_packet}"


def as_document(recording: Recording, judgements: Iterable[Judgement]) -> dict[str, Any]:
    """The recording and the judgement for machines; descriptors in hexadecimal."""
    judged = [{"kind": kind, "text": text} for kind, text in judgements]
    return {
        "schema": 1,
        "tool": "modem-image stick",
        "name": recording.name,
        "verdict": CONTRADICTS if any(item["kind"] == CONTRADICTS for item in judged) else "ok",
        "judgement": judged,
        "filled": [text for device in recording.devices for text in additions(device)],
        "devices": [_plain({**asdict(device), "usb": device.usb}) for device in recording.devices],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def differences(first: Recording, second: Recording) -> list[str]:
    """How the second differs from the first, a line each; drivers and what was filled in do not count.

    Devices are compared by their id, in the order in which they come.
    """
    rest = list(second.devices)
    found = []
    for device in first.devices:
        other = next((one for one in rest if one.usb == device.usb), None)
        if other is None:
            found.append(f"{device.usb} ({device.mode}): in the first only")
            continue
        rest.remove(other)
        found += [f"{device.usb}: {text}" for text in _device(device, other)]
    return found + [f"{other.usb} ({other.mode}): in the second only" for other in rest]


def _device(one: Device, other: Device) -> Iterator[str]:
    names = ("version", "max_packet", "release", "manufacturer", "name", "has_serial", "speed")
    for name in names:
        if getattr(one, name) != getattr(other, name):
            yield f"{name} {getattr(one, name)!r}, {getattr(other, name)!r}"
    if one.triple != other.triple:
        yield f"class {triple_text(one.triple)}, {triple_text(other.triple)}"
    ours = {item.value: item for item in one.configurations}
    theirs = {item.value: item for item in other.configurations}
    for value in sorted(ours.keys() | theirs.keys()):
        if value not in ours or value not in theirs:
            yield f"configuration {value} in the {'first' if value in ours else 'second'} only"
        else:
            yield from (
                f"configuration {value}: {text}" for text in _configuration(ours[value], theirs[value])
            )


def _configuration(one: Configuration, other: Configuration) -> Iterator[str]:
    for name in ("attributes", "max_power", "associations"):
        if getattr(one, name) != getattr(other, name):
            yield f"{name} {getattr(one, name)!r}, {getattr(other, name)!r}"
    ours = {(item.number, item.alternate): item for item in one.settings}
    theirs = {(item.number, item.alternate): item for item in other.settings}
    for place in sorted(ours.keys() | theirs.keys()):
        where = f"interface {place[0]}" + (f" alternate {place[1]}" if place[1] else "")
        if place not in ours or place not in theirs:
            yield f"{where} in the {'first' if place in ours else 'second'} only"
            continue
        first, second = ours[place], theirs[place]
        if first.triple != second.triple:
            yield f"{where}: class {first.class_text}, {second.class_text}"
        if first.endpoints != second.endpoints:
            texts = [" ".join(map(_endpoint_text, item.endpoints)) or "none" for item in (first, second)]
            yield f"{where}: endpoints {texts[0]}; {texts[1]}"
        if first.descriptors != second.descriptors:
            texts = [" | ".join(data.hex(" ") for data in item.descriptors) for item in (first, second)]
            yield f"{where}: descriptors {texts[0] or 'none'}; {texts[1] or 'none'}"
