# SPDX-License-Identifier: MIT
"""The database of sticks: its shape, its checks, and the copy that lies beside this module.

`modems.toml` is the source. The host renders it to `modems.json`, since Python 3.10 has no reader of
TOML; both hold the same document, and `from_document` checks it. Named tuples, not dataclasses: what
udev starts reads this too, and each import counts on a small board.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

SCHEMA = 1
CONFIDENCE = ("measured", "reported", "inferred")
STANDARD_FUNCTIONS = {"08": "storage"}
"""What interfaces of a standard USB class do, by class code; class ff follows the vendor's family."""

Where = tuple[str | int, ...]
"""Path of an entry in the document: table names, and positions from 0 within arrays of tables."""


class DatabaseError(ValueError):
    """The document breaks the schema. `where` is the path of the entry, and `reason` says what is wrong."""

    def __init__(self, where: Where, reason: str) -> None:
        super().__init__(f"{describe(where)}: {reason}")
        self.where = where
        self.reason = reason


def describe(where: Where) -> str:
    """`where` for people: ("stick", 1, "mode", 0) is "stick 2, mode 1"."""
    parts: list[str] = []
    for step in where:
        if isinstance(step, int):
            parts[-1] += f" {step + 1}"
        else:
            parts.append(step)
    return ", ".join(parts) or "document"


class Function(NamedTuple):
    """What an interface is for. `protocols` are the plain numbers, two hexadecimal digits each."""

    name: str
    protocols: tuple[str, ...]
    driver: str
    symbol: str
    source: str
    confidence: str
    ofono_label: str | None = None


class DriverIdGap(NamedTuple):
    """Interfaces that `driver` can drive and whose numbers it does not list (full numbers, with offset)."""

    driver: str
    subclass: str
    protocols: tuple[str, ...]
    source: str
    confidence: str


class Family(NamedTuple):
    """The vendor's numbering: the function stands in bInterfaceProtocol, plus an offset by brand."""

    vendor: str
    usb_class: str
    offsets: Mapping[str, str]
    functions: tuple[Function, ...]
    driver_id_gaps: tuple[DriverIdGap, ...]
    source: str
    confidence: str

    def spread(self, protocols: tuple[str, ...]) -> tuple[str, ...]:
        """`protocols` in every brand's numbering, two hexadecimal digits each."""
        return tuple(
            f"{int(offset, 16) + int(protocol, 16):02x}"
            for offset in self.offsets.values()
            for protocol in protocols
        )

    def function_of(self, usb_class: str, protocol: str) -> Function | None:
        """What an interface of this vendor is for, and None when its number says nothing."""
        if usb_class != self.usb_class:
            return None
        return next((item for item in self.functions if protocol in self.spread(item.protocols)), None)

    def gap_of(self, usb_class: str, subclass: str, protocol: str) -> DriverIdGap | None:
        """The gap that the interface falls into, if any."""
        if usb_class != self.usb_class:
            return None
        return next(
            (gap for gap in self.driver_id_gaps if subclass == gap.subclass and protocol in gap.protocols),
            None,
        )


class Interface(NamedTuple):
    """One interface of a mode; class, subclass and protocol as two hexadecimal digits each."""

    number: int
    usb_class: str
    subclass: str
    protocol: str
    function: str
    confidence: str


class Switch(NamedTuple):
    """How to leave a mode: the SCSI message in hexadecimal, and the ids that may come back."""

    message: str
    target: tuple[str, ...]


class Mode(NamedTuple):
    """One face of a stick on the bus. `usb` is `vendor:product`, four hexadecimal digits each."""

    name: str
    usb: str
    interfaces: tuple[Interface, ...]
    source: str
    confidence: str
    switch: Switch | None = None


class Stick(NamedTuple):
    """One model, in all its modes."""

    id: str
    name: str
    modes: tuple[Mode, ...]


class Database(NamedTuple):
    """All that is known about Huawei's numbering and about single sticks."""

    family: Family
    sticks: tuple[Stick, ...]

    def mode_of(self, usb: str) -> tuple[Stick, Mode] | None:
        """The stick and mode with the id `vendor:product`."""
        return next(((stick, mode) for stick in self.sticks for mode in stick.modes if mode.usb == usb), None)

    @property
    def drivers(self) -> tuple[str, ...]:
        """Names of the kernel modules that drive ports and network interfaces, each once."""
        return tuple(dict.fromkeys(function.driver for function in self.family.functions))

    def function_name(self, usb_class: str, protocol: str) -> str | None:
        """Name of what an interface of the vendor is for, also for standard classes."""
        function = self.family.function_of(usb_class, protocol)
        return function.name if function else STANDARD_FUNCTIONS.get(usb_class)


def load(path: Path | None = None) -> Database:
    """The rendered database, by default the copy beside this module.

    Raises DatabaseError when the file is no JSON or breaks the schema, OSError when it cannot be read.
    """
    text = (path or Path(__file__).with_name("modems.json")).read_text(encoding="utf-8")
    try:
        return from_document(json.loads(text))
    except json.JSONDecodeError as err:
        raise DatabaseError((), f"no JSON: {err}") from err


def from_document(document: Mapping[str, Any]) -> Database:
    """The database of a parsed `modems.toml` or `modems.json`. Raises DatabaseError for a wrong one."""
    root = _Table((), document, required=("schema", "family", "stick"))
    if root.get("schema", int) != SCHEMA:
        raise DatabaseError((), f"schema {document['schema']!r}; this version reads schema {SCHEMA}")
    database = Database(_family(root.child("family")), root.children("stick", _stick))
    _check_unique(database)
    return database


class _Table:
    """One table of the document, which knows where it stands and what may be in it."""

    def __init__(
        self, where: Where, value: Any, required: tuple[str, ...], optional: tuple[str, ...] = ()
    ) -> None:
        if not isinstance(value, Mapping):
            raise DatabaseError(where, "a table is expected")
        for key in value:
            if key not in required and key not in optional:
                raise DatabaseError(where, f"unknown key {key!r}; known: {', '.join(required + optional)}")
        for key in required:
            if key not in value:
                raise DatabaseError(where, f"{key!r} is missing")
        self.where = where
        self.value = value

    def get(self, key: str, kind: type) -> Any:
        value = self.value[key]
        if not isinstance(value, kind) or isinstance(value, bool):
            raise DatabaseError(self.where, f"{key} = {value!r}: a {kind.__name__} is expected")
        return value

    def text(self, key: str) -> str:
        return str(self.get(key, str))

    def hex(self, key: str, pattern: str = r"[0-9a-f]{2}") -> str:
        return self._matching(key, self.text(key), pattern)

    def hex_list(self, key: str, pattern: str = r"[0-9a-f]{2}") -> tuple[str, ...]:
        return tuple(self._matching(key, value, pattern) for value in self.get(key, list))

    def confidence(self, default: str | None = None) -> str:
        if default is not None and "confidence" not in self.value:
            return default
        return self._matching("confidence", self.text("confidence"), "|".join(CONFIDENCE))

    def child(self, key: str) -> tuple[Where, Any]:
        return (*self.where, key), self.value[key]

    def children(self, key: str, make: Callable[[tuple[Where, Any]], Any]) -> tuple[Any, ...]:
        values = self.get(key, list) if key in self.value else []
        return tuple(make(((*self.where, key, number), value)) for number, value in enumerate(values))

    def _matching(self, key: str, value: object, pattern: str) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise DatabaseError(self.where, f"{key} = {value!r} does not match {pattern}")
        return value


def _family(entry: tuple[Where, Any]) -> Family:
    table = _Table(
        *entry,
        required=("vendor", "class", "offsets", "source", "confidence", "function"),
        optional=("driver_id_gap",),
    )
    offsets = table.get("offsets", Mapping)
    for brand, offset in offsets.items():
        if not isinstance(offset, str) or not re.fullmatch(r"[0-9a-f]{2}", offset):
            raise DatabaseError(
                table.where, f"offset {brand!r} = {offset!r}: two hexadecimal digits are expected"
            )
    return Family(
        vendor=table.hex("vendor", r"[0-9a-f]{4}"),
        usb_class=table.hex("class"),
        offsets=dict(offsets),
        functions=table.children("function", _function),
        driver_id_gaps=table.children("driver_id_gap", _driver_id_gap),
        source=table.text("source"),
        confidence=table.confidence(),
    )


def _function(entry: tuple[Where, Any]) -> Function:
    table = _Table(
        *entry,
        required=("name", "protocols", "driver", "symbol", "source", "confidence"),
        optional=("ofono_label",),
    )
    return Function(
        name=table.text("name"),
        protocols=table.hex_list("protocols"),
        driver=table.text("driver"),
        symbol=table.text("symbol"),
        source=table.text("source"),
        confidence=table.confidence(),
        # It becomes part of a udev rule and of a device's name.
        ofono_label=table.hex("ofono_label", "[a-z]+") if "ofono_label" in table.value else None,
    )


def _driver_id_gap(entry: tuple[Where, Any]) -> DriverIdGap:
    table = _Table(*entry, required=("driver", "subclass", "protocols", "source", "confidence"))
    return DriverIdGap(
        driver=table.text("driver"),
        subclass=table.hex("subclass"),
        protocols=table.hex_list("protocols"),
        source=table.text("source"),
        confidence=table.confidence(),
    )


def _stick(entry: tuple[Where, Any]) -> Stick:
    table = _Table(*entry, required=("id", "name", "mode"))
    return Stick(table.hex("id", "[a-z0-9-]+"), table.text("name"), table.children("mode", _mode))


def _mode(entry: tuple[Where, Any]) -> Mode:
    table = _Table(
        *entry, required=("name", "usb", "interfaces", "source", "confidence"), optional=("switch",)
    )
    confidence = table.confidence()

    def interface(entry: tuple[Where, Any]) -> Interface:
        return _interface(entry, confidence)

    return Mode(
        name=table.text("name"),
        usb=table.hex("usb", r"[0-9a-f]{4}:[0-9a-f]{4}"),
        interfaces=table.children("interfaces", interface),
        source=table.text("source"),
        confidence=confidence,
        switch=_switch(table.child("switch")) if "switch" in table.value else None,
    )


def _interface(entry: tuple[Where, Any], confidence: str) -> Interface:
    table = _Table(
        *entry, required=("number", "class", "subclass", "protocol", "function"), optional=("confidence",)
    )
    return Interface(
        number=int(table.get("number", int)),
        usb_class=table.hex("class"),
        subclass=table.hex("subclass"),
        protocol=table.hex("protocol"),
        function=table.text("function"),
        confidence=table.confidence(default=confidence),
    )


def _switch(entry: tuple[Where, Any]) -> Switch:
    table = _Table(*entry, required=("message", "target"))
    return Switch(
        message=table.hex("message", r"([0-9a-f]{2})+"),
        target=table.hex_list("target", r"[0-9a-f]{4}:[0-9a-f]{4}"),
    )


def _check_unique(database: Database) -> None:
    """One id names one stick, and one USB id one mode: otherwise a stick could not be told from another."""
    sticks: dict[str, int] = {}
    modes: dict[str, str] = {}
    for number, stick in enumerate(database.sticks):
        if stick.id in sticks:
            raise DatabaseError(
                ("stick", number), f"id {stick.id!r} is the id of stick {sticks[stick.id] + 1} already"
            )
        sticks[stick.id] = number
        for position, mode in enumerate(stick.modes):
            where = ("stick", number, "mode", position)
            if mode.usb in modes:
                raise DatabaseError(where, f"usb {mode.usb!r} belongs to {modes[mode.usb]} already")
            modes[mode.usb] = f"{stick.id}, mode {mode.name}"
            _check_functions(database, mode, where)


def _check_functions(database: Database, mode: Mode, where: Where) -> None:
    """An interface says what its number says; a slip of the pen would label the wrong port."""
    for item in mode.interfaces:
        expected = database.function_name(item.usb_class, item.protocol)
        if item.function != expected:
            raise DatabaseError(
                where,
                f"interface {item.number}: function {item.function!r}, and {item.usb_class}/"
                f"{item.subclass}/{item.protocol} is {expected!r} by the family's numbers",
            )
