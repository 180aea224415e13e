# SPDX-License-Identifier: MIT
"""The database of sticks: its shape, and the copy that lies beside this module.

`modems.toml` is the source (docs/dev/database.md). The host checks it and renders it to `modems.json`, since
Python 3.10 has no reader of TOML: the same named tuples as arrays, with every default filled in, and without
where each is known from, which nothing on the target asks.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from huawei_modem.numbering import ON_THE_HOST, DriverIdGap, Fact, Family, Function, Standard, Triple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import Any, TypeVar

    _T = TypeVar("_T")

    Where = tuple[str | int, ...]
    """Path of an entry in the document: table names, and positions from 0 within arrays of tables."""
else:
    # For the checker alone: a build host's Python, which runs the image check, may be 3.8.
    Where = tuple

SCHEMA = 1
CONFIDENCE = ("measured", "reported", "inferred")
MODES = ("storage", "modem", "hilink", "mbim")


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


class Interface(NamedTuple):
    """One interface of a mode; class, subclass and protocol as two hexadecimal digits each.

    `function` is None where nobody knows; `driver` and `symbol` (without CONFIG_) where none is needed or
    known: they follow from the function unless the entry says otherwise.
    """

    number: int
    usb_class: str
    subclass: str
    protocol: str
    function: str | None
    driver: str | None
    symbol: str | None
    fact: Fact

    @property
    def confidence(self) -> str:
        """How sure this interface is."""
        return self.fact.confidence

    @property
    def triple(self) -> Triple:
        """Class, subclass, protocol."""
        return self.usb_class, self.subclass, self.protocol


class Configuration(NamedTuple):
    """One USB configuration besides the one that Linux chooses by itself."""

    value: int
    interfaces: tuple[Interface, ...]
    fact: Fact


class Switch(NamedTuple):
    """How to leave a mode: the SCSI message in hexadecimal, and the ids that may come back."""

    message: str
    target: tuple[str, ...]
    fact: Fact


class Mode(NamedTuple):
    """One face of a stick on the bus. `usb` is `vendor:product`, four hexadecimal digits each.

    `interfaces` are those of the configuration numbered `configuration`, which Linux chooses by itself;
    empty where nobody has listed them. `alternative` is a message that leads elsewhere than `switch`,
    which is the one that usb-modeswitch-data sends. `shared`: other sticks have this id too.
    `mbim_preferred`: usb_modeswitch chooses a configuration with MBIM if there is one and cdc_mbim for it.
    """

    name: str
    usb: str
    interfaces: tuple[Interface, ...]
    fact: Fact
    shared: bool = False
    configuration: int = 1
    configurations: tuple[Configuration, ...] = ()
    switch: Switch | None = None
    alternative: Switch | None = None
    mbim_preferred: bool = False

    @property
    def source(self) -> tuple[str, ...]:
        """Where the mode is known from."""
        return self.fact.source

    @property
    def confidence(self) -> str:
        """How sure the mode is."""
        return self.fact.confidence


class Quirk(NamedTuple):
    """A peculiarity; `name` is one of the table `quirks`, which says what it means."""

    name: str
    fact: Fact


class Other(NamedTuple):
    """Product ids of which no more is known than the mode that the stick is in."""

    mode: str
    products: tuple[str, ...]
    fact: Fact


class Stick(NamedTuple):
    """One model, in all its modes."""

    id: str
    name: str
    modes: tuple[Mode, ...]
    quirks: tuple[Quirk, ...] = ()


class Database(NamedTuple):
    """All that is known about Huawei's numbering and about single sticks."""

    family: Family
    standards: tuple[Standard, ...]
    sticks: tuple[Stick, ...]
    others: tuple[Other, ...]
    sources: Mapping[str, str] = {}
    quirks: Mapping[str, str] = {}

    def mode_of(self, usb: str) -> tuple[Stick, Mode] | None:
        """The first stick and mode with the id `vendor:product`; see `candidates`."""
        return next(iter(self.candidates(usb)), None)

    def candidates(
        self, usb: str, interfaces: Mapping[int, Triple] | None = None
    ) -> tuple[tuple[Stick, Mode], ...]:
        """The sticks and modes with the id `vendor:product`: ids such as 12d1:1506 belong to many models.

        `interfaces`, what the device shows by interface number, leaves those that look like it, if any do.
        """
        found = tuple((stick, mode) for stick in self.sticks for mode in stick.modes if mode.usb == usb)
        if interfaces:
            alike = tuple(item for item in found if _layout(item[1]) == interfaces)
            return alike or found
        return found

    def mode_name(self, usb: str) -> str | None:
        """The mode that a device with the id `vendor:product` is in, as far as the id tells."""
        if known := self.mode_of(usb):
            return known[1].name
        vendor, _, product = usb.partition(":")
        if vendor != self.family.vendor:
            return None
        return next((other.mode for other in self.others if product in other.products), None)

    @property
    def drivers(self) -> tuple[str, ...]:
        """Names of the kernel modules that drive the vendor's own ports and interfaces, each once."""
        return tuple(dict.fromkeys(function.driver for function in self.family.functions))

    def standard_of(self, triple: Triple) -> Standard | None:
        """What an interface of a standard class is for."""
        return next((item for item in self.standards if item.matches(triple)), None)

    def function_name(self, usb_class: str, subclass: str, protocol: str) -> str | None:
        """Name of what an interface of the vendor is for, also for standard classes."""
        function = self.family.function_of(usb_class, subclass, protocol)
        if function:
            return function.name
        standard = self.standard_of((usb_class, subclass, protocol))
        return standard.function if standard else None

    def purpose_of(
        self, number: int, triple: Triple, modes: tuple[Mode, ...] = ()
    ) -> tuple[str | None, str | None]:
        """Function and kernel module of an interface of the vendor, as far as they are known.

        Where the numbers say nothing (ff/ff/ff), the first of `modes` that has the interface does.
        """
        function = self.family.function_of(*triple)
        if function:
            return function.name, function.driver
        for mode in modes:
            for item in every_interface(mode):
                if (item.number, item.triple) == (number, triple):
                    return item.function, item.driver
        standard = self.standard_of(triple)
        return (standard.function, standard.driver) if standard else (None, None)

    def symbols(self) -> dict[str, tuple[str, ...]]:
        """Kernel symbols (without CONFIG_) of the interfaces' drivers, each with the sticks that need it."""
        needed: dict[str, dict[str, None]] = {}
        for stick in self.sticks:
            for mode in stick.modes:
                for item in every_interface(mode):
                    if item.symbol:
                        needed.setdefault(item.symbol, {})[stick.name] = None
        return {symbol: tuple(names) for symbol, names in needed.items()}


def every_interface(mode: Mode) -> tuple[Interface, ...]:
    """The interfaces of all configurations of a mode."""
    return mode.interfaces + tuple(item for other in mode.configurations for item in other.interfaces)


def _layout(mode: Mode) -> dict[int, Triple]:
    return {item.number: item.triple for item in mode.interfaces}


def load(path: Path | None = None, of: Collection[str] | None = None) -> Database:
    """The rendered database, by default the copy beside this module.

    With `of`, only the sticks with one of these ids (`vendor:product`).
    Raises DatabaseError when the file is not what the host rendered, OSError when it cannot be read.
    """
    return read((path or Path(__file__).with_name("modems.json")).read_text(encoding="utf-8"), of)


def read(text: str, of: Collection[str] | None = None) -> Database:
    """The database in `text`: what `render` makes of one. Raises DatabaseError."""
    try:
        document = json.loads(text)
        vendor, usb_class, subclasses, offsets, functions, gaps = document["family"]
        rows = document["sticks"]
        if of is not None:
            rows = [row for row in rows if any(mode[1] in of for mode in row[2])]
        return Database(
            Family(
                vendor,
                usb_class,
                tuple(subclasses),
                offsets,
                _each(_function, functions),
                _each(_gap, gaps),
                ON_THE_HOST,
            ),
            _each(_standard, document["standards"]),
            _each(_stick, rows),
            tuple(Other(mode, tuple(products), ON_THE_HOST) for mode, products in document["others"]),
        )
    except json.JSONDecodeError as err:
        raise DatabaseError((), f"no JSON: {err}") from err
    except (KeyError, TypeError, ValueError, IndexError, RecursionError) as err:
        raise DatabaseError((), f"not a rendered database: {type(err).__name__} {err}") from err


def _each(make: Callable[[Any], _T], rows: Any) -> tuple[_T, ...]:
    return tuple(make(row) for row in rows)


def _function(row: Any) -> Function:
    name, protocols, driver, symbol, label = row
    return Function(name, tuple(protocols), driver, symbol, ON_THE_HOST, label)


def _gap(row: Any) -> DriverIdGap:
    driver, subclass, protocols = row
    return DriverIdGap(driver, subclass, tuple(protocols), ON_THE_HOST)


def _standard(row: Any) -> Standard:
    usb_class, subclass, protocol, function, driver, symbol = row
    return Standard(usb_class, subclass, protocol, function, driver, symbol, ON_THE_HOST)


def _stick(row: Any) -> Stick:
    name, title, modes, quirks = row
    return Stick(name, title, _each(_mode, modes), tuple(Quirk(quirk, ON_THE_HOST) for (quirk,) in quirks))


def _mode(row: Any) -> Mode:
    name, usb, interfaces, shared, configuration, others, switch, alternative, mbim = row
    return Mode(
        name,
        usb,
        _each(_interface, interfaces),
        ON_THE_HOST,
        shared,
        configuration,
        _each(_configuration, others),
        _switch(switch),
        _switch(alternative),
        mbim,
    )


def _configuration(row: Any) -> Configuration:
    value, interfaces = row
    return Configuration(value, _each(_interface, interfaces), ON_THE_HOST)


def _interface(row: Any) -> Interface:
    number, usb_class, subclass, protocol, function, driver, symbol = row
    return Interface(number, usb_class, subclass, protocol, function, driver, symbol, ON_THE_HOST)


def _switch(row: Any) -> Switch | None:
    if row is None:
        return None
    message, target = row
    return Switch(message, tuple(target), ON_THE_HOST)
