# SPDX-License-Identifier: MIT
"""Reads the kernel's table of USB devices: usb-devices, /sys/kernel/debug/usb/devices, tables noted by hand.

The lines are those of Linux's drivers/usb/core/devices.c (T, B, D, P, S, C, A, I, E); F is a class-specific
descriptor in hexadecimal under its interface, and # a remark. A `?` is a value that is not known. Lines may
be indented, broken at a space or run together: a record begins where its letter and its first key stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from modem_image.sticks.recording.model import (
    INTERRUPT,
    Association,
    Configuration,
    Device,
    Endpoint,
    Setting,
    Triple,
)
from modem_image.sticks.recording.speed import SPEEDS, bulk_packets, speed_of
from modem_image.sticks.recording.text import Lines, few, shown

_START = re.compile(
    r"(?<![A-Za-z_%])(?:(?P<letter>[TDPSCAIE]):[ \t]*(?P<star>\*?)\s*"
    r"(?=Bus=|Ver=|Vendor=|Manufacturer=|Product=|SerialNumber=|#Ifs=|FirstIf#=|If#=|Ad=)"
    r"|(?P<bytes>F):[ \t]*(?=[0-9a-fA-F]{2}\b)|(?P<other>[BH]):[ \t]*(?=Alloc=)"
    r"|^[ \t]*(?P<note>\#)(?!(?:Ifs|Cfgs|EPs)\b)"
    r"|^[ \t]*(?=Vendor=[0-9a-fA-F]{4}[ \t]+ProdID=))",
    re.MULTILINE,
)
_KEYS = (
    "Bus Lev Prnt Port Cnt Dev# Spd MxCh Ver Cls Sub Prot MxPS #Cfgs Vendor ProdID Rev #Ifs Cfg# Atr MxPwr"
    " FirstIf# IfCount If# Alt #EPs Driver Ad Ivl"
)
_KEY = "(?:" + "|".join(_KEYS.split()) + ")="
# A value ends at a space, or at the next key where the space between them was lost.
_VALUE = re.compile(rf"({_KEY})\s*((?!{_KEY})\S+?)?(?=\s|$|{_KEY})")
_DRIVER = re.compile(r"\(none\)|[\w.+/-]+")
"""A module's name; a remark may stand behind it without a space."""
_SWITCHED = re.compile(r"switched by\W+(55534243[0-9a-fA-F]{54})\b", re.IGNORECASE)


@dataclass
class _Draft:
    """A device that is being read."""

    device: Device
    configurations: list[Configuration] = field(default_factory=list)
    speed_mbit: int | None = None
    switched_by: str | None = None


def read(text: str) -> list[Device]:
    """The devices of all such tables in the text; none where there is none."""
    drafts: list[_Draft] = []
    pending: str | None = None
    for letter, star, body, line in _records(text):
        if letter in "BH":  # of a bus and a hub
            continue
        if letter == "#":
            if found := _SWITCHED.search(body):
                pending = found[1].lower()
            continue
        if _begins(letter, drafts):
            few(len(drafts))
            drafts.append(_Draft(Device(line=line), switched_by=pending))
            pending = None
        draft = drafts[-1]
        if letter == "S":
            _string(draft, body)
        elif letter == "F":
            _bytes(draft, body)
        else:
            # What is written behind a line, as a remark, comes second and does not count.
            _fields(draft, letter, star, {key[:-1]: value for key, value in reversed(_VALUE.findall(body))})
    return [_finished(draft) for draft in drafts]


def _records(text: str) -> Iterator[tuple[str, str, str, int]]:
    starts = list(_START.finditer(text))
    lines = Lines(text)
    ends = [found.start() for found in starts[1:]] + [len(text)]
    for found, end in zip(starts, ends, strict=bool(starts)):
        # The line of the ids is quoted alone, without its letter.
        letter = found["letter"] or found["bytes"] or found["other"] or found["note"] or "P"
        body = text[found.end() : end]
        if letter in "#SF":
            body = body.partition("\n")[0]
        yield letter, found["star"] or "", body, lines.at(found.start())


def _begins(letter: str, drafts: list[_Draft]) -> bool:
    """Whether the record is the first of another device."""
    if not drafts or letter == "T":
        return True
    draft = drafts[-1]
    if letter == "D":
        return (
            draft.device.version is not None or draft.device.vendor is not None or bool(draft.configurations)
        )
    return letter == "P" and (draft.device.vendor is not None or bool(draft.configurations))


def _string(draft: _Draft, body: str) -> None:
    key, _, value = body.partition("=")
    value = shown(value)
    if key == "Manufacturer":
        draft.device = replace(draft.device, manufacturer=value)
    elif key == "Product":
        draft.device = replace(draft.device, name=value)
    elif key == "SerialNumber":
        draft.device = replace(draft.device, has_serial=True)


def _bytes(draft: _Draft, body: str) -> None:
    """A class-specific descriptor, which is left out when its length says that it is cut."""
    octets = re.match(r"(?:[0-9a-fA-F]{2}(?:\s+|$))+", body)
    data = bytes.fromhex(octets[0]) if octets else b""
    if data and data[0] == len(data) and draft.configurations and draft.configurations[-1].settings:
        setting = draft.configurations[-1].settings[-1]
        _replace_last(draft, replace(setting, descriptors=(*setting.descriptors, data)))


def _fields(draft: _Draft, letter: str, star: str, values: dict[str, str]) -> None:
    if letter == "T":
        draft.speed_mbit = _decimal(values.get("Spd"))
    elif letter == "D":
        draft.device = replace(
            draft.device,
            version=_bcd(values.get("Ver")),
            triple=_triple(values),
            max_packet=_decimal(values.get("MxPS")),
            count=_decimal(values.get("#Cfgs")),
        )
    elif letter == "P":
        draft.device = replace(
            draft.device,
            vendor=_hexadecimal(values.get("Vendor")),
            product=_hexadecimal(values.get("ProdID")),
            release=_bcd(values.get("Rev")),
        )
    elif letter == "C":
        draft.configurations.append(
            Configuration(
                value=_decimal(values.get("Cfg#")) or 0,
                count=_decimal(values.get("#Ifs")),
                attributes=_hexadecimal(values.get("Atr")),
                max_power=_decimal(values.get("MxPwr")),
                active=True if star else None,
            )
        )
    else:
        _part(draft, letter, values)


def _part(draft: _Draft, letter: str, values: dict[str, str]) -> None:
    """What belongs to a configuration; a listing of drivers alone has none, and means the first."""
    if not draft.configurations:
        draft.configurations.append(Configuration(value=1))
    configuration = draft.configurations[-1]
    if letter == "A":
        first, count = _number(values.get("FirstIf#")), _number(values.get("IfCount"))
        if first is not None and count is not None:
            association = Association(first, count, _triple(values))
            draft.configurations[-1] = replace(
                configuration, associations=(*configuration.associations, association)
            )
    elif letter == "I" and (number := _number(values.get("If#"))) is not None:
        driver = _DRIVER.match(values.get("Driver") or "")
        setting = Setting(
            number=number,
            alternate=_number(values.get("Alt")) or 0,
            triple=_triple(values),
            count=_decimal(values.get("#EPs")),
            driver=None if driver is None else "" if driver[0] == "(none)" else driver[0],
            filled=("alternate",) if _number(values.get("Alt")) is None else (),
        )
        draft.configurations[-1] = replace(configuration, settings=(*configuration.settings, setting))
    elif letter == "E" and configuration.settings:
        setting = configuration.settings[-1]
        address, kind = _hexadecimal(values.get("Ad")), _hexadecimal(values.get("Atr"))
        packet = _decimal(values.get("MxPS"))
        if address is not None and kind is not None and packet is not None:
            # The interval is in time, and its unit is the speed's: `_finished` knows that.
            found = Endpoint(address, kind & 3, packet & 0x7FF, _microseconds(values.get("Ivl")))
            _replace_last(draft, replace(setting, endpoints=(*setting.endpoints, found)))


def _replace_last(draft: _Draft, setting: Setting) -> None:
    configuration = draft.configurations[-1]
    draft.configurations[-1] = replace(configuration, settings=(*configuration.settings[:-1], setting))


def _finished(draft: _Draft) -> Device:
    """The device with its speed, and with bInterval in the place of the time that the kernel prints."""
    packets = bulk_packets(s for one in draft.configurations for s in one.settings)
    speed = SPEEDS.get(str(draft.speed_mbit))
    if packets and (speed is None or max(packets) >= 512):
        # A bus may be slower than what the stick says of itself, and 512 octets are not of full speed.
        speed = speed_of(packets)
    configurations = tuple(
        replace(
            one,
            settings=tuple(
                replace(s, endpoints=tuple(_with_interval(e, speed) for e in s.endpoints))
                for s in one.settings
            ),
        )
        for one in draft.configurations
    )
    if len(configurations) == 1 and (draft.device.count or 1) == 1:
        configurations = (replace(configurations[0], active=True),)
    device = draft.device
    known_strings = device.manufacturer is not None or device.name is not None
    return replace(
        device,
        configurations=configurations,
        speed=speed,
        switched_by=draft.switched_by,
        has_serial=device.has_serial or (False if known_strings else None),
    )


def _with_interval(endpoint: Endpoint, speed: str | None) -> Endpoint:
    """usb_dump_endpoint_descriptor() the other way round: at high speed 2^(bInterval-1) microframes."""
    time = endpoint.interval
    if not time or (endpoint.kind != INTERRUPT and speed != "high"):
        return replace(endpoint, interval=0)
    if speed != "high":
        return replace(endpoint, interval=min(time // 1000, 255))
    frames = time // 125
    interval = frames.bit_length() if endpoint.kind == INTERRUPT else frames
    return replace(endpoint, interval=min(interval, 255))


def _triple(values: dict[str, str]) -> Triple:
    return _hexadecimal(values.get("Cls")), _hexadecimal(values.get("Sub")), _hexadecimal(values.get("Prot"))


def _hexadecimal(text: str | None) -> int | None:
    found = re.match(r"(?:0x)?([0-9a-fA-F]{1,4})(?![0-9a-fA-F])", text or "")
    return int(found[1], 16) if found else None


def _decimal(text: str | None) -> int | None:
    found = re.match(r"\d{1,5}", text or "")
    return int(found[0]) if found else None


def _number(text: str | None) -> int | None:
    """An interface's number: usb-devices before usbutils 014 prints it as 0x0."""
    return _hexadecimal(text) if (text or "").lower().startswith("0x") else _decimal(text)


def _bcd(text: str | None) -> int | None:
    found = re.match(r"([0-9a-fA-F]{1,2})\.([0-9a-fA-F]{1,2})(?![0-9a-fA-F])", text or "")
    return int(found[1], 16) << 8 | int(found[2], 16) if found else None


def _microseconds(text: str | None) -> int:
    found = re.match(r"(\d{1,7})(ms|us)", text or "")
    return int(found[1]) * (1000 if found[2] == "ms" else 1) if found else 0
