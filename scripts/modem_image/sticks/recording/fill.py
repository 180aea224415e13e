# SPDX-License-Identifier: MIT
"""Completes what a listing leaves out, so that the stick can be plugged in; everything added is marked.

The rules, in this order: a stick of the database that shows itself alike; the driver that the listing names;
the habits of the family, as its complete listings have them (docs/sticks.md, Recordings).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count

from huawei_modem.database import Database, Mode
from modem_image.sticks.recording.model import (
    BULK,
    INTERRUPT,
    UNKNOWN,
    Configuration,
    Device,
    Endpoint,
    Setting,
    Triple,
    triple_text,
)

_BY_DRIVER: dict[str, Triple] = {
    "usb-storage": (0x08, 0x06, 0x50),
    "uas": (0x08, 0x06, 0x62),
    "huawei_cdc_ncm": (0xFF, None, 0x16),
    "option": (0xFF, None, None),
    "cdc_acm": (0x02, 0x02, 0x01),
    "cdc_mbim": (0x02, 0x0E, 0x00),
    "cdc_ncm": (0x02, 0x0D, 0x00),
    "cdc_ether": (0x02, 0x06, 0x00),
    "rndis_host": (0xE0, 0x01, 0x03),
    "qmi_wwan": (0xFF, None, 0x07),
}
"""Class, subclass, protocol that make Linux choose the driver (id tables of Linux 6.1)."""
_DATA_OF: dict[int, Triple] = {0x06: (0x0A, 0x00, 0x00), 0x0D: (0x0A, 0x00, 0x01), 0x0E: (0x0A, 0x00, 0x02)}
"""The data interface by the subclass of its communication interface (CDC 1.2, NCM 1.0, MBIM 1.0)."""
_QMI_DATA = {0x09: 0x08, 0x39: 0x38}
"""Protocol of the data interface by that of the QMI control interface, in Huawei's class."""
_PORT_DRIVERS = ("option", "usbserial_generic", "usbserial", "generic")
_MAC_STRING = 5
_HEADER = bytes.fromhex("0524001001")
_NAMES = ("HUAWEI_MOBILE", "HUAWEI_MOBILE")


def completed(device: Device, database: Database) -> Device:
    """The device with nothing unknown; `filled` of each part names what was added."""
    marks = list(device.filled)

    def known(name: str, value: object, default: object) -> object:
        if value is not None:
            return value
        marks.append(name)
        return default

    values = {
        "version": known("version", device.version, 0x0200),
        "max_packet": known("max_packet", device.max_packet, 64),
        "release": known("release", device.release, 0x0102),
        "manufacturer": known("manufacturer", device.manufacturer, _NAMES[0]),
        "name": known("product", device.name, _NAMES[1]),
        "has_serial": known("serial", device.has_serial, default=False),
        "speed": known("speed", device.speed, "high"),
    }
    triple = device.triple
    if None in triple:
        triple = (0, 0, 0)
        marks.append("class")
    modes = [mode for _, mode in database.candidates(device.usb)]
    speed = str(values["speed"])
    configurations = tuple(_configuration(one, modes, database, speed) for one in device.configurations)
    if device.count is not None and device.count > len(configurations):
        marks.append("configurations")
    return replace(device, **values, triple=triple, configurations=configurations, filled=tuple(marks))  # type: ignore[arg-type]


def _configuration(
    one: Configuration, modes: Sequence[Mode], database: Database, speed: str
) -> Configuration:
    marks = list(one.filled)
    if one.attributes is None:
        marks.append("attributes")
    if one.max_power is None:
        marks.append("max_power")
    one = replace(
        one, attributes=one.attributes or 0x80, max_power=500 if one.max_power is None else one.max_power
    )
    one = _by_look_alike(one, modes, marks)
    one = replace(one, settings=tuple(_by_driver(one.settings)))
    settings = tuple(_with_alternates(one.settings, database))
    settings = tuple(_with_endpoints(settings, database, speed))
    settings = tuple(_with_descriptors(setting, settings, database) for setting in settings)
    cut = one.count is not None and one.count > len(one.numbers)
    settings = tuple(_with_functions(settings, modes, database, cut=cut))
    if cut:
        marks.append("interfaces")
    return replace(one, settings=settings, filled=tuple(marks))


# --- Classes -------------------------------------------------------------------------------------------


def _by_look_alike(one: Configuration, modes: Sequence[Mode], marks: list[str]) -> Configuration:
    """Unknown classes and missing interfaces, from the database's only layout that fits all that is known."""
    missing = one.count is not None and one.count > len(one.numbers)
    if not missing and not any(None in setting.triple for setting in one.settings):
        return one
    layouts = {layout for mode in modes for layout in _layouts(mode) if _fits(one, dict(layout))}
    if len(layouts) != 1:
        return one
    (layout,) = layouts
    triples = dict(layout)
    settings = [
        replace(s, triple=triples[s.number], filled=(*s.filled, "class")) if None in s.triple else s
        for s in one.settings
    ]
    for number in sorted(set(triples) - set(one.numbers)):
        settings.append(Setting(number, triple=triples[number], filled=("class", "interface")))
        marks.append(f"interface {number}")
    return replace(one, settings=tuple(sorted(settings, key=lambda s: (s.number, s.alternate))))


def _layouts(mode: Mode) -> Iterator[tuple[tuple[int, Triple], ...]]:
    for interfaces in (mode.interfaces, *(other.interfaces for other in mode.configurations)):
        yield tuple(
            (item.number, (int(item.usb_class, 16), int(item.subclass, 16), int(item.protocol, 16)))
            for item in interfaces
        )


def _fits(one: Configuration, triples: dict[int, Triple]) -> bool:
    # A listing of drivers alone, as a kernel's log is, does not name what a driver takes along.
    silent = {n for n, triple in triples.items() if triple[0] == 0x0A and not _has_classes(one)}
    if len(triples.keys() - silent) != (one.count or len(set(one.numbers) - silent)):
        return False
    for setting in one.settings:
        other = triples.get(setting.number)
        if other is None or any(a is not None and a != b for a, b in zip(setting.triple, other, strict=True)):
            return False
        if None in setting.triple and not driver_fits(driver_today(setting, one.settings), other):
            return False
    return True


def _has_classes(one: Configuration) -> bool:
    return any(setting.triple != UNKNOWN for setting in one.settings)


def driver_today(setting: Setting, settings: Sequence[Setting]) -> str | None:
    """The listing's driver, by its name since Linux 3.13: before, cdc_ncm took Huawei's own NCM too.

    That is one interface, where NCM of the standard's class is followed by its data interface, which cdc_ncm
    has as well (id table of cdc_ncm.c in Linux 3.5 to 3.12: 12d1, ff/02/16, 46 and 76).
    """
    after = next((one for one in settings if one.number == setting.number + 1), None)
    own = setting.triple[0] in (None, 0xFF) and after and after.driver and after.driver != "cdc_ncm"
    return "huawei_cdc_ncm" if own and setting.driver == "cdc_ncm" else setting.driver


def driver_fits(driver: str | None, triple: Triple) -> bool:
    """Whether Linux's driver takes an interface of this class; one that nobody knows may."""
    wanted = _BY_DRIVER.get(driver or "", UNKNOWN)
    return all(a is None or a == b for a, b in zip(wanted, triple, strict=True))


def _by_driver(settings: Sequence[Setting]) -> Iterator[Setting]:
    """Unknown classes from the driver; a subclass of the vendor's class is that of its other interfaces."""
    others = [s.triple[1] for s in settings if s.triple[0] == 0xFF and s.triple[1] is not None]
    subclass = others[0] if others else 0xFF
    previous: Setting | None = None
    for setting in settings:
        if None not in setting.triple:
            previous = setting
            yield setting
            continue
        triple = _BY_DRIVER.get(driver_today(setting, settings) or "", (0xFF, None, None))
        if previous and previous.triple[0] == 0x02 and previous.driver == setting.driver:
            triple = _DATA_OF.get(previous.triple[1] or 0, triple)
        elif setting.triple[0] == 0x08:
            triple = _BY_DRIVER["usb-storage"]
        defaults = (0xFF, subclass, 0xFF if subclass == 0xFF else 0x03)
        full = tuple(
            own if own is not None else by if by is not None else default
            for own, by, default in zip(setting.triple, triple, defaults, strict=True)
        )
        previous = replace(setting, triple=(full[0], full[1], full[2]), filled=(*setting.filled, "class"))
        yield previous


# --- Functions -----------------------------------------------------------------------------------------


def _with_functions(
    settings: Sequence[Setting], modes: Sequence[Mode], database: Database, *, cut: bool
) -> Iterator[Setting]:
    """Ports of which neither the numbers (ff/ff/ff) nor the id say anything: the first is the modem port, and
    the last, unless the listing is `cut`, the PCUI port.

    So it is in each stick of the database with such ports, and in oFono's setup_huawei() (1.31).
    """
    ports = [
        s for s in settings if s.triple == (0xFF, 0xFF, 0xFF) and (s.driver or "option") in _PORT_DRIVERS
    ]
    guessed: dict[int, str] = {}
    if ports and not any(database.purpose_of(s.number, ("ff",) * 3, tuple(modes))[0] for s in ports):
        last = {} if cut else {ports[-1].number: "pcui"}
        guessed = {**last, ports[0].number: "modem"}
    for setting in settings:
        function = guessed.get(setting.number) if setting.function is None else None
        yield (
            replace(setting, function=function, filled=(*setting.filled, "function")) if function else setting
        )


# --- Alternate settings --------------------------------------------------------------------------------


def function_of(setting: Setting, database: Database) -> str | None:
    """What the interface is for by its numbers alone."""
    texts = triple_text(setting.triple).split("/")
    return setting.function or database.function_name(texts[0], texts[1], texts[2])


def _is_alone(setting: Setting, settings: Sequence[Setting], database: Database) -> bool:
    """Whether it is an NCM that has its data in its own second setting, as Huawei's of the vendor's class."""
    if function_of(setting, database) != "ncm":
        return False
    return setting.triple[0] == 0xFF or _data_of(setting, settings) is None


def _data_of(control: Setting, settings: Sequence[Setting]) -> Setting | None:
    """The data interface behind a communication interface; None where another class or nothing follows."""
    after = next((one for one in settings if one.number > control.number), None)
    return after if after and after.triple[0] == 0x0A else None


def _qmi_data_of(control: Setting, settings: Sequence[Setting]) -> Setting | None:
    """The data interface of a QMI whose control interface has none: Linux's qmi_wwan finds it by their union.

    Protocols 09 and 39 with 08 and 38, as an E398's complete listing has them.
    """
    protocol = control.triple[2]
    if control.triple[0] != 0xFF or protocol not in _QMI_DATA or len(control.endpoints) > 1:
        return None
    wanted = (*control.triple[:2], _QMI_DATA[protocol])
    return next((one for one in settings if one.triple == wanted), None)


def _control_of(data: Setting, settings: Sequence[Setting]) -> Setting | None:
    """The communication interface before a data interface."""
    before = [one for one in settings if one.number < data.number]
    return before[-1] if before and before[-1].triple[0] == 0x02 else None


def _with_alternates(settings: Sequence[Setting], database: Database) -> Iterator[Setting]:
    """The other setting of a network interface: sysfs, and so usb-devices, shows the chosen one alone."""
    for number in dict.fromkeys(setting.number for setting in settings):
        own = [setting for setting in settings if setting.number == number]
        added = _other_alternates(own[0], settings, database) if len(own) == 1 else ()
        yield from sorted((*own, *added), key=lambda s: s.alternate)


def _other_alternates(only: Setting, settings: Sequence[Setting], database: Database) -> Iterator[Setting]:
    size = only.count if only.count is not None else len(only.endpoints)
    added = replace(only, endpoints=(), descriptors=(), filled=("alternate",))
    if _is_alone(only, settings, database):
        if size in (0, 1) and only.alternate == 0:
            yield replace(added, alternate=1, count=3)
        elif only.alternate == 1:
            yield replace(added, alternate=0, count=1, descriptors=only.descriptors)
    elif only.triple[0] == 0x0A:
        # NCM and MBIM start with a setting without endpoints; of Huawei's ECM only one setting was ever seen.
        control = _control_of(only, settings)
        two = only.triple[2] in (0x01, 0x02) or (control is not None and control.triple[1] in (0x0D, 0x0E))
        if only.alternate == 1:
            yield replace(added, alternate=0, count=0)
        elif two and size == 0:
            yield replace(added, alternate=1, count=2)


# --- Endpoints -----------------------------------------------------------------------------------------


def _wanted_count(setting: Setting, settings: Sequence[Setting], database: Database) -> int:
    if setting.count is not None:
        return setting.count
    if setting.endpoints:
        return len(setting.endpoints)
    function = function_of(setting, database)
    if _is_alone(setting, settings, database):
        return 3 if setting.alternate else 1
    if setting.triple[0] == 0x02 and setting.triple[1] != 0x02:
        return 1
    if function == "modem" or (function is None and setting is settings[0]):
        return 3
    return 2


def _with_endpoints(settings: Sequence[Setting], database: Database, speed: str) -> Iterator[Setting]:
    """Endpoints that are not listed: interrupt IN, bulk IN, bulk OUT, numbered upwards from what is taken."""
    used = {e.address for setting in settings for e in setting.endpoints}
    numbers = {
        0x80: (n for n in count(0x81) if n not in used),
        0x00: (n for n in count(0x01) if n not in used),
    }
    kept: dict[tuple[int, str], int] = {}
    for setting in settings:
        wanted = _wanted_count(setting, settings, database)
        if len(setting.endpoints) >= wanted:
            kept |= {(setting.number, _role(e)): e.address for e in setting.endpoints}
            yield setting if setting.count == wanted else replace(setting, count=len(setting.endpoints))
            continue
        endpoints = list(setting.endpoints)
        there = {_role(endpoint) for endpoint in endpoints}
        for role in _roles(wanted):
            if role not in there:
                direction = 0x00 if role == "out" else 0x80
                place = (setting.number, role)
                if place not in kept:
                    kept[place] = next(numbers[direction])
                endpoints.append(_endpoint(role, kept[place], setting, speed))
        yield replace(
            setting, count=len(endpoints), endpoints=tuple(endpoints), filled=(*setting.filled, "endpoints")
        )


def _role(endpoint: Endpoint) -> str:
    return "interrupt" if endpoint.kind == INTERRUPT else "in" if endpoint.is_in else "out"


def _roles(wanted: int) -> tuple[str, ...]:
    return {0: (), 1: ("interrupt",), 2: ("in", "out")}.get(wanted, ("interrupt", "in", "out"))


def _endpoint(role: str, address: int, setting: Setting, speed: str) -> Endpoint:
    if role != "interrupt":
        return Endpoint(address, BULK, 512 if speed == "high" else 64)
    if setting.triple[0] == 0x02 or setting.triple[2] in (0x16, 0x46, 0x76):
        return Endpoint(address, INTERRUPT, 16, 5 if speed == "high" else 2)
    return Endpoint(address, INTERRUPT, 10, 9 if speed == "high" else 32)


# --- Class-specific descriptors ------------------------------------------------------------------------


def _with_descriptors(setting: Setting, settings: Sequence[Setting], database: Database) -> Setting:
    """The functional descriptors without which Linux's driver does not take the interface."""
    first = min(s.alternate for s in settings if s.number == setting.number)
    if setting.descriptors or setting.alternate != first:
        return setting
    data = (_data_of(setting, settings) or _qmi_data_of(setting, settings) or setting).number
    made = _descriptors(setting, data, function_of(setting, database))
    return replace(setting, descriptors=made, filled=(*setting.filled, "descriptors")) if made else setting


def _descriptors(setting: Setting, data: int, function: str | None) -> tuple[bytes, ...]:
    # Linux counts the Ethernet address as that of the device when its string is twelve hexadecimal digits.
    ethernet = struct.pack("<BBBBIHHB", 13, 0x24, 0x0F, _MAC_STRING, 0, 1514, 3, 0)
    ncm = bytes.fromhex("06241a00011f")
    if setting.triple[0] == 0xFF and data != setting.number:
        return _HEADER, _union(setting.number, data), ethernet
    if setting.triple[0] == 0xFF:
        if function != "ncm":
            return ()
        # Statistics and wake-up filter as an E173 of this class has them.
        own = struct.pack("<BBBBIHHB", 13, 0x24, 0x0F, _MAC_STRING, 0x0F, 1514, 3, 1)
        return _HEADER, ncm, own, _union(setting.number, setting.number)
    subclass = setting.triple[1] if setting.triple[0] == 0x02 else None
    if subclass == 0x06:
        return _HEADER, _union(setting.number, data), ethernet
    if subclass == 0x0D:
        return _HEADER, _union(setting.number, data), ethernet, ncm
    if subclass == 0x0E:
        mbim = bytes.fromhex("0c241b000100102080000800")  # 1.00, messages of 4096 octets
        return _HEADER, _union(setting.number, data), mbim, bytes.fromhex("08241c000140dc05")
    return ()


def _union(control: int, data: int) -> bytes:
    return bytes((5, 0x24, 0x06, control, data))
