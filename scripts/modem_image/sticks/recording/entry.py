# SPDX-License-Identifier: MIT
"""A recording beside the database: what agrees, what is new, what contradicts; and an entry for it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from huawei_modem.database import MODES, Database, DatabaseError, Mode, Stick
from huawei_modem.numbering import Triple
from modem_image.errors import InputError
from modem_image.sticks.recording.fill import driver_fits, driver_today, function_of
from modem_image.sticks.recording.model import Configuration, Device, Recording, Setting
from modem_image.sticks.recording.stick import STORAGE, linux_choice
from modem_image.sticks.schema import from_document

AGREES, NEW, CONTRADICTS, OPEN = "agrees", "new", "contradicts", "open"


class Judgement(NamedTuple):
    """One statement about the recording: `kind` is one of the words above."""

    kind: str
    text: str


def judged(recording: Recording, database: Database) -> list[Judgement]:
    """The recording's devices, each beside the entries that have its id, and the drivers that were seen."""
    return [
        item
        for device in recording.devices
        for item in (*_identity(device, database), *_drivers(device, database))
    ]


def layout(configuration: Configuration) -> dict[int, Triple]:
    """Class, subclass and protocol by interface: of what the listing itself has."""
    found: dict[int, Triple] = {}
    for setting in configuration.settings:
        if "class" not in setting.filled:
            class_, subclass, protocol = setting.class_text.split("/")
            found.setdefault(setting.number, (class_, subclass, protocol))
    return found


def _identity(device: Device, database: Database) -> Iterator[Judgement]:
    known = database.candidates(device.usb)
    if not known:
        mode = database.mode_name(device.usb)
        what = f"known as {mode}, and no more" if mode else "not in the database"
        yield Judgement(NEW, f"{device.usb}: {what}")
        return
    for one in device.configurations:
        yield from _configuration(device, one, known)


def _configuration(
    device: Device, one: Configuration, known: Sequence[tuple[Stick, Mode]]
) -> Iterator[Judgement]:
    shown = layout(one)
    where = f"{device.usb} configuration {one.value}"
    cut = "interfaces" in one.filled
    layouts = [
        (f"{stick.id} in configuration {value}", triples)
        for stick, mode in known
        for value, triples in _layouts(mode)
        if triples
    ]
    if layouts and not shown:
        yield _by_drivers(one, where, layouts)
        return
    for place, triples in layouts:
        if (cut or set(one.numbers) == set(triples)) and shown.items() <= triples.items():
            yield Judgement(AGREES, f"{where}: as {place}")
            return
    for place, triples in layouts:
        if (cut or shown.keys() == triples.keys()) and _plain(shown).items() <= _plain(triples).items():
            text = f"as {place}, but for the subclass, which depends on who switched it"
            yield Judgement(AGREES, f"{where}: {text}")
            return
    if not layouts:
        yield Judgement(NEW, f"{where}: its interfaces were not known")
        return
    differences = [(place, _differences(shown, triples, cut=cut)) for place, triples in layouts]
    same = f" in configuration {one.value}"
    place, parts = min(differences, key=lambda item: (not item[0].endswith(same), len(item[1])))
    drives = [place for place, triples in layouts if not cut and _ports(shown) == _ports(triples)]
    if drives:
        place, parts = min((item for item in differences if item[0] in drives), key=lambda item: len(item[1]))
        yield Judgement(NEW, f"{where}: {place} with other drives: {', '.join(parts)}")
    elif any(mode.shared for _, mode in known) or len(known) > 1:
        text = f"another layout of an id that several models have; nearest is {place}"
        yield Judgement(NEW, f"{where}: {text}: {', '.join(parts)}")
    elif all(value != one.value for _, mode in known for value, _ in _layouts(mode)):
        yield Judgement(NEW, f"{where}: a configuration that {place.split()[0]} was not known to have")
    else:
        yield Judgement(CONTRADICTS, f"{where}: as in no entry; {place}: {', '.join(parts)}")


def _by_drivers(
    one: Configuration, where: str, layouts: Sequence[tuple[str, Mapping[int, Triple]]]
) -> Judgement:
    """Of a listing with drivers alone, which may leave interfaces out: the entry that has most of them."""
    names = set(one.numbers)
    fitting = [
        (place, triples)
        for place, triples in layouts
        if names <= triples.keys()
        and all(driver_fits(driver_today(s, one.settings), _numbers(triples[s.number])) for s in one.settings)
    ]
    if not fitting:
        return Judgement(NEW, f"{where}: its drivers are those of no entry")
    place, _ = min(fitting, key=lambda item: len(item[1].keys() - names))
    return Judgement(AGREES, f"{where}: as {place}, as far as its drivers say")


def _numbers(triple: Triple) -> tuple[int, int, int]:
    class_, subclass, protocol = (int(part, 16) for part in triple)
    return class_, subclass, protocol


def _plain(triples: Mapping[int, Triple]) -> dict[int, Triple]:
    """Without the subclass of the vendor's class, which is 01, 02 or 03 after what switched the stick."""
    return {n: (t[0], "" if t[0] == "ff" and t[1] != "ff" else t[1], t[2]) for n, t in triples.items()}


def _ports(triples: Mapping[int, Triple]) -> dict[int, Triple]:
    """All but the drives: one stick is sold with and without a card reader."""
    return {n: t for n, t in _plain(triples).items() if t[0] != "08"}


def _layouts(mode: Mode) -> Iterator[tuple[int, dict[int, Triple]]]:
    yield mode.configuration, {item.number: item.triple for item in mode.interfaces}
    for other in mode.configurations:
        yield other.value, {item.number: item.triple for item in other.interfaces}


def _differences(shown: Mapping[int, Triple], known: Mapping[int, Triple], *, cut: bool) -> list[str]:
    """How they differ, an interface each; what a listing that is cut does not show is no difference."""
    parts = []
    for number in sorted(shown.keys() if cut else shown.keys() | known.keys()):
        here, there = ("/".join(one[number]) if number in one else "nothing" for one in (shown, known))
        plain_here, plain_there = (_plain(one).get(number) for one in (shown, known))
        if plain_here != plain_there:
            parts.append(f"interface {number} is {here} here, {there} there")
    return parts


def _drivers(device: Device, database: Database) -> Iterator[Judgement]:
    modes = tuple(mode for _, mode in database.candidates(device.usb))
    seen: set[tuple[int, int]] = set()
    for one in device.configurations:
        for setting in one.settings:
            place = (one.value, setting.number)
            if setting.driver is None or place in seen or None in setting.triple:
                continue
            seen.add(place)
            expected = expected_driver(setting, modes, database)
            if expected is not None and not _same_driver(setting.driver, expected):
                where = f"{device.usb} interface {setting.number} ({setting.class_text})"
                if not setting.driver:
                    text = f"no driver there, {expected} by the database: its kernel may have lacked that"
                    yield Judgement(OPEN, f"{where}: {text}")
                elif setting.driver in _FOREIGN_DRIVERS:
                    text = f"driver {setting.driver} there, which is not of Linux; {expected} by the database"
                    yield Judgement(OPEN, f"{where}: {text}")
                else:
                    text = f"driver {setting.driver} there, {expected} by the database"
                    yield Judgement(CONTRADICTS, f"{where}: {text}")


_FOREIGN_DRIVERS = {"huawei_ether", "hw_cdc_driver", "ndis", "GobiNet", "usbserial_generic", "usbfs"}
"""Of Huawei's and others' own packages, a driver for anything, and a program that has the interface."""


_OLDER = {"cdc_wdm": ("qmi_wwan", "cdc_mbim", "huawei_cdc_ncm"), "cdc_ncm": ("huawei_cdc_ncm",)}
"""What older listings name: the driver of a control channel, and the one of all NCM before Linux 3.13."""


def _same_driver(seen: str, expected: str) -> bool:
    """Whether both name one driver."""
    seen, expected = seen.replace("-", "_"), expected.replace("-", "_")
    return seen == expected or expected in _OLDER.get(seen, ())


def expected_driver(setting: Setting, modes: tuple[Mode, ...], database: Database) -> str | None:
    """The driver by the database; None where another interface's driver takes it along, or nobody knows."""
    class_, subclass, protocol = setting.class_text.split("/")
    return database.purpose_of(setting.number, (class_, subclass, protocol), modes)[1]


# --- The entry -----------------------------------------------------------------------------------------


def proposed(recording: Recording, database: Database, document: Mapping[str, Any]) -> str:
    """An entry for modems/*.toml that the schema accepts, and the line for [sources] that it names.

    `document`: the database as it is now, to try it with. Raises InputError where the schema refuses it.
    """
    identifier = _identifier(recording.name, {stick.id for stick in database.sticks})
    source = f"import-{identifier}"
    stick = _stick(recording, identifier, source, database)
    # Alone, so that nothing is shared: what others have to say then stands above the entry.
    alone = {**stick, "mode": [{k: v for k, v in mode.items() if k != "shared"} for mode in stick["mode"]]}
    sources = {**document["sources"], source: recording.source or "?"}
    try:
        from_document({**document, "stick": [alone], "other": [], "sources": sources})
    except DatabaseError as error:
        raise InputError(f"{recording.name}: no entry can be made of it: {error}") from error
    shared = sorted({mode["usb"] for mode in stick["mode"] if mode.get("shared")})
    return "\n".join(
        [
            f"# In [sources] of modems.toml:\n# {source} = {_value(recording.source or '?')}",
            *(f"# Other entries have {usb} too: each of them has to say shared = true." for usb in shared),
            "",
            *_entry_lines(stick),
        ]
    )


def _identifier(name: str, taken: set[str]) -> str:
    identifier = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-") or "stick"
    while identifier in taken:
        identifier += "-new"
    return identifier


def _stick(recording: Recording, identifier: str, source: str, database: Database) -> dict[str, Any]:
    modes: list[dict[str, Any]] = []
    for device in recording.devices:
        name = device.mode.partition("-")[0]
        if name in MODES and name not in [mode["name"] for mode in modes]:
            modes.append(_mode(device, recording, name, source, database))
    return {"id": identifier, "name": recording.name, "mode": modes}


def _mode(device: Device, recording: Recording, name: str, source: str, database: Database) -> dict[str, Any]:
    chosen = linux_choice(device.configurations)
    mode: dict[str, Any] = {"name": name, "usb": device.usb}
    if database.candidates(device.usb):
        mode["shared"] = True
    if chosen.value != 1:
        mode["configuration"] = chosen.value
    modes = tuple(known for _, known in database.candidates(device.usb))
    mode["interfaces"] = _interfaces(chosen, modes, database)
    others = [one for one in device.configurations if one is not chosen]
    if others:
        mode["configurations"] = [
            {"value": one.value, "interfaces": _interfaces(one, modes, database)} for one in others
        ]
    if name == STORAGE:
        later = recording.devices[recording.devices.index(device) + 1 :]
        messages = [other.switched_by for other in later if other.switched_by]
        if messages:
            mode["switch"] = {
                "message": messages[0],
                "target": sorted({other.usb for other in later if other.switched_by == messages[0]}),
            }
    return {**mode, "source": [source], "confidence": "reported"}


def _interfaces(one: Configuration, modes: tuple[Mode, ...], database: Database) -> list[dict[str, Any]]:
    found = []
    for number in one.numbers:
        setting = one.first_setting(number)
        class_, subclass, protocol = setting.class_text.split("/")
        item = {"number": number, "class": class_, "subclass": subclass, "protocol": protocol}
        function = (
            function_of(setting, database)
            or database.purpose_of(number, (class_, subclass, protocol), modes)[0]
        )
        if function:
            item["function"] = function
        if {"class", "function"} & set(setting.filled):
            item["confidence"] = "inferred"
        found.append(item)
    return found


def _entry_lines(stick: Mapping[str, Any]) -> Iterator[str]:
    yield "[[stick]]"
    yield f"id = {_value(stick['id'])}"
    yield f"name = {_value(stick['name'])}"
    for mode in stick["mode"]:
        yield ""
        yield "[[stick.mode]]"
        for key, value in mode.items():
            if key == "interfaces":
                yield "interfaces = ["
                yield from (f"  {_value(item)}," for item in value)
                yield "]"
            elif key == "configurations":
                yield "configurations = ["
                for other in value:
                    yield f"  {{ value = {other['value']}, interfaces = ["
                    yield from (f"    {_value(item)}," for item in other["interfaces"])
                    yield "  ] },"
                yield "]"
            else:
                yield f"{key} = {_value(value)}"
    yield ""


def _value(value: object) -> str:
    """A value as TOML: what JSON writes, but for inline tables."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_value(item)}' for key, item in value.items())} }}"
    return json.dumps(value, ensure_ascii=False)
