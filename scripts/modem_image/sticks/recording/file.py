# SPDX-License-Identifier: MIT
"""A recording as a file: TOML that people read and compare, and that the bench plugs in.

docs/sticks.md explains the keys. Numbers of descriptors are hexadecimal strings, as the kernel prints them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from modem_image.errors import InputError
from modem_image.files import text_of, toml_of
from modem_image.sticks.recording.model import (
    Association,
    Configuration,
    Device,
    Endpoint,
    Recording,
    Setting,
    Triple,
    triple_text,
)
from modem_image.sticks.recording.speed import SPEEDS

KINDS = ("control", "isochronous", "bulk", "interrupt")
"""Transfer types by the low two bits of bmAttributes (USB 2.0, table 9-13)."""
_LARGEST = 1 << 18
"""Octets of a recording; the largest of the bench has a twentieth. In memory it takes far more."""
_T = TypeVar("_T")


_MOST_MA = 8 * 0xFF
"""bMaxPower is in units of 8 mA at SuperSpeed (USB 3.2, 9.6.3)."""


class Table:
    """A TOML table that knows where it stands; every getter raises InputError that names the place."""

    def __init__(self, place: str, values: Mapping[str, Any]) -> None:
        self.place = place
        self.values = values

    @classmethod
    def read(cls, path: Path) -> Table:
        try:
            return cls(str(path), toml_of(text_of(path, _LARGEST)))
        except (OSError, ValueError) as error:
            raise InputError(f"{path}: cannot be read: {error}") from error

    def get(self, key: str, kind: type[_T], default: _T | None = None) -> _T:
        value = self.values.get(key, default)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise InputError(f"{self.place}: {key} must be a {kind.__name__}, not {value!r}")
        return value

    def number(self, key: str, most: int = 0xFF, default: int | None = None) -> int:
        """A number as a descriptor has it: 0 to `most`. Raises InputError."""
        value = self.get(key, int, default)
        if not 0 <= value <= most:
            raise InputError(f"{self.place}: {key} must be 0 to {most}")
        return value

    def over(self, values: Mapping[str, Any]) -> Table:
        """This table with `values` in the place of its own."""
        return Table(self.place, {**self.values, **values})

    def text(self, key: str, default: str | None = None) -> str:
        return self.get(key, str, default)

    def table(self, key: str) -> Table:
        return Table(f"{self.place}: {key}", self.get(key, dict))

    def tables(self, key: str) -> list[Table]:
        items = self.get(key, list, [])
        return [
            Table(f"{self.place}: {key} {number}", item if isinstance(item, dict) else {})
            for number, item in enumerate(items)
        ]

    def texts(self, key: str) -> tuple[str, ...]:
        return tuple(str(item) for item in self.get(key, list, []))

    def octets(self, key: str, size: int) -> bytes:
        value = self.to_octets(key, self.text(key))
        if len(value) != size:
            raise InputError(f"{self.place}: {key} must have {2 * size} hexadecimal digits")
        return value

    def to_octets(self, key: str, text: str) -> bytes:
        try:
            return bytes.fromhex(text)
        except ValueError as error:
            raise InputError(f"{self.place}: {key} must be hexadecimal, not {text!r}") from error


# --- Reading -------------------------------------------------------------------------------------------


def read(path: Path) -> tuple[Recording, Table]:
    """The recording in a file, and all of the file. Raises InputError that names the faulty place."""
    table = Table.read(path)
    devices = tuple(_device(one) for one in table.tables("device"))
    if not devices:
        raise InputError(f"{path}: no [[device]]; modem-image stick import makes such files of listings")
    modes = [device.mode for device in devices]
    if len(set(modes)) < len(modes):
        raise InputError(f"{path}: two devices have the mode {max(modes, key=modes.count)!r}")
    return Recording(table.text("name", path.stem), devices, table.text("source", "")), table


def _device(table: Table) -> Device:
    vendor, product = _pair(table, "usb", r"([0-9a-f]{4}):([0-9a-f]{4})")
    return Device(
        vendor=vendor,
        product=product,
        version=int.from_bytes(table.octets("usb_version", 2), "big"),
        triple=_triple(table, "class"),
        max_packet=table.number("max_packet", 0xFFFF),
        release=int.from_bytes(table.octets("release", 2), "big"),
        manufacturer=table.text("manufacturer"),
        name=table.text("product"),
        has_serial=table.get("serial", bool),
        speed=_speed(table),
        configurations=tuple(_configuration(one) for one in table.tables("configuration")),
        switched_by=table.text("switched_by", "") or None,
        mode=table.text("mode"),
        filled=table.texts("filled"),
    )


def _speed(table: Table) -> str:
    speed = table.text("speed")
    if speed not in SPEEDS.values():
        raise InputError(f"{table.place}: speed must be full or high, not {speed!r}")
    return speed


def _configuration(table: Table) -> Configuration:
    active = table.values.get("active")
    return Configuration(
        value=table.number("value"),
        attributes=table.octets("attributes", 1)[0],
        max_power=table.number("max_power_ma", _MOST_MA),
        active=active if isinstance(active, bool) else None,
        associations=tuple(
            Association(one.number("first"), one.number("count"), _triple(one, "class"))
            for one in table.tables("associations")
        ),
        settings=tuple(_setting(one) for one in table.tables("interface")),
        filled=table.texts("filled"),
    )


def _setting(table: Table) -> Setting:
    endpoints = tuple(_endpoint(one) for one in table.tables("endpoints"))
    return Setting(
        number=table.number("number"),
        alternate=table.number("alternate", default=0),
        triple=_triple(table, "class"),
        count=len(endpoints),
        endpoints=endpoints,
        descriptors=tuple(table.to_octets("descriptors", item) for item in table.texts("descriptors")),
        driver=table.text("driver") if "driver" in table.values else None,
        string=table.text("string", "") or None,
        function=table.text("function", "") or None,
        filled=table.texts("filled"),
    )


def _endpoint(table: Table) -> Endpoint:
    kind = table.text("type")
    if kind not in KINDS[2:]:
        raise InputError(f"{table.place}: type must be bulk or interrupt, not {kind!r}")
    return Endpoint(
        table.octets("address", 1)[0],
        KINDS.index(kind),
        table.number("max_packet", 0xFFFF),
        table.number("interval", default=0),
    )


def _pair(table: Table, key: str, pattern: str) -> tuple[int, int]:
    found = re.fullmatch(pattern, table.text(key))
    if not found:
        raise InputError(f"{table.place}: {key} is {table.text(key)!r}; it looks like 12d1:1506")
    return int(found[1], 16), int(found[2], 16)


def _triple(table: Table, key: str) -> Triple:
    found = re.fullmatch(r"([0-9a-f]{2})/([0-9a-f]{2})/([0-9a-f]{2})", table.text(key))
    if not found:
        raise InputError(f"{table.place}: {key} is {table.text(key)!r}; it looks like ff/03/10")
    return int(found[1], 16), int(found[2], 16), int(found[3], 16)


# --- Writing -------------------------------------------------------------------------------------------


def to_toml(recording: Recording) -> str:
    """The file of a recording whose devices are complete."""
    lines = ["# SPDX-License-Identifier: MIT", "#"]
    lines += [f"# {line}".rstrip() for line in recording.notes]
    lines += ["", f"name = {_text(recording.name)}"]
    if recording.source:
        lines.append(f"source = {_text(recording.source)}")
    for device in recording.devices:
        lines += ["", *_device_lines(device)]
    return "\n".join(lines) + "\n"


def _device_lines(device: Device) -> Iterator[str]:
    yield "[[device]]"
    yield f"mode = {_text(device.mode)}"
    yield f'usb = "{device.usb}"'
    yield f'usb_version = "{device.version:04x}"'
    yield f'class = "{triple_text(device.triple)}"'
    yield f"max_packet = {device.max_packet}"
    yield f'release = "{device.release:04x}"'
    yield f"manufacturer = {_text(device.manufacturer or '')}"
    yield f"product = {_text(device.name or '')}"
    yield f"serial = {str(device.has_serial).lower()}"
    yield f"speed = {_text(device.speed or '')}"
    if device.switched_by:
        yield f"switched_by = {_text(device.switched_by)}"
    yield from _filled(device.filled)
    for configuration in device.configurations:
        yield ""
        yield from _configuration_lines(configuration)


def _configuration_lines(configuration: Configuration) -> Iterator[str]:
    yield "[[device.configuration]]"
    yield f"value = {configuration.value}"
    yield f'attributes = "{configuration.attributes:02x}"'
    yield f"max_power_ma = {configuration.max_power}"
    if configuration.active is not None:
        yield f"active = {str(configuration.active).lower()}"
    if configuration.associations:
        yield "associations = ["
        for one in configuration.associations:
            yield f'  {{ first = {one.first}, count = {one.count}, class = "{triple_text(one.triple)}" }},'
        yield "]"
    yield from _filled(configuration.filled)
    for setting in configuration.settings:
        yield ""
        yield from _setting_lines(setting)


def _setting_lines(setting: Setting) -> Iterator[str]:
    yield "[[device.configuration.interface]]"
    yield f"number = {setting.number}"
    if setting.alternate:
        yield f"alternate = {setting.alternate}"
    yield f'class = "{setting.class_text}"'
    if setting.function:
        yield f"function = {_text(setting.function)}"
    if setting.driver is not None:
        yield f"driver = {_text(setting.driver)}"
    if setting.string:
        yield f"string = {_text(setting.string)}"
    if setting.descriptors:
        yield f"descriptors = [{', '.join(_text(item.hex(' ')) for item in setting.descriptors)}]"
    if setting.endpoints:
        yield "endpoints = ["
        for one in setting.endpoints:
            interval = f", interval = {one.interval}" if one.interval else ""
            kind = KINDS[one.kind]
            packet = f"max_packet = {one.max_packet}"
            yield f'  {{ address = "{one.address:02x}", type = "{kind}", {packet}{interval} }},'
        yield "]"
    yield from _filled(setting.filled)


def _filled(names: Sequence[str]) -> Iterator[str]:
    if names:
        yield f"filled = [{', '.join(map(_text, names))}]"


def _text(text: str) -> str:
    """A TOML basic string: JSON's escapes are among TOML's, but for DEL and lone surrogates."""
    text = text.encode("utf-8", "replace").decode().replace("\x7f", "")
    return json.dumps(text, ensure_ascii=False)
