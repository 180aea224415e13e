# SPDX-License-Identifier: MIT
"""The schema of the database of sticks, as code: reads a document, and refuses one that breaks it.

docs/dev/database.md is the same for people. Every error carries the path of its entry.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from huawei_modem.database import (
    CONFIDENCE,
    MODES,
    SCHEMA,
    Configuration,
    Database,
    DatabaseError,
    Interface,
    Mode,
    Other,
    Quirk,
    Stick,
    Switch,
    Where,
    every_interface,
)
from huawei_modem.numbering import DriverIdGap, Fact, Family, Function, Standard
from modem_image.sticks.apart import told_apart
from modem_image.sticks.table import HEX2, NAME, USB, Table

_DRIVER = r"[a-z0-9_-]+"
_SYMBOL = r"[A-Z0-9_]+"


def from_document(document: Mapping[str, Any]) -> Database:
    """The database of a parsed `modems.toml` or `modems.json`. Raises DatabaseError for a wrong one."""
    root = Table(
        (), document, required=("schema", "family", "standard", "other", "stick", "sources", "quirks")
    )
    if root.get("schema", int) != SCHEMA:
        raise DatabaseError((), f"schema {document['schema']!r}; this version reads schema {SCHEMA}")
    sources, quirks = root.texts("sources"), root.texts("quirks")
    reader = _Reader(sources, quirks)
    reader.family = reader.read_family(root.child("family"))
    reader.standards = root.children("standard", reader.standard)
    sticks = root.children("stick", reader.stick)
    _check_unique(sticks)
    _check_labels(sticks, reader.family)
    others = root.children("other", reader.other)
    _check_others(others, sticks, reader.family.vendor)
    return Database(reader.family, reader.standards, sticks, others, sources, quirks)


class _Reader:
    """Reads the entries; what stands before the sticks is needed to read them."""

    family: Family
    standards: tuple[Standard, ...]

    def __init__(self, sources: Mapping[str, str], quirks: Mapping[str, str]) -> None:
        self.sources = sources
        self.quirks = quirks

    def fact(self, table: Table, around: Fact | None = None) -> Fact:
        """Source and confidence of a table; what it lacks is that of the entry around it."""
        source = tuple(table.get("source", list)) if around is None or "source" in table else around.source
        for item in source:
            if not isinstance(item, str) or item.partition(": ")[0] not in self.sources:
                raise DatabaseError(table.where, f"source {item!r}: sources has no such entry")
        if not source:
            raise DatabaseError(table.where, "source is empty")
        if around is not None and "confidence" not in table:
            return Fact(source, around.confidence)
        return Fact(source, table.matching("confidence", "|".join(CONFIDENCE)))

    def read_family(self, entry: tuple[Where, Any]) -> Family:
        table = Table(
            *entry,
            required=("vendor", "class", "subclasses", "offsets", "source", "confidence", "function"),
            optional=("driver_id_gap",),
        )
        offsets = table.texts("offsets")
        for brand, offset in offsets.items():
            if not re.fullmatch(HEX2, offset):
                raise DatabaseError(
                    table.where, f"offset {brand!r} = {offset!r}: two hexadecimal digits are expected"
                )
        return Family(
            vendor=table.matching("vendor", r"[0-9a-f]{4}"),
            usb_class=table.matching("class"),
            subclasses=table.matching_list("subclasses"),
            offsets=offsets,
            functions=table.children("function", self.function),
            driver_id_gaps=table.children("driver_id_gap", self.driver_id_gap),
            fact=self.fact(table),
        )

    def function(self, entry: tuple[Where, Any]) -> Function:
        table = Table(
            *entry,
            required=("name", "protocols", "driver", "symbol", "source", "confidence"),
            optional=("ofono_label",),
        )
        return Function(
            name=table.matching("name", NAME),
            protocols=table.matching_list("protocols"),
            driver=table.matching("driver", _DRIVER),
            symbol=table.matching("symbol", _SYMBOL),
            fact=self.fact(table),
            # It becomes part of a udev rule and of a device's name.
            ofono_label=table.maybe("ofono_label", "[a-z]+"),
        )

    def standard(self, entry: tuple[Where, Any]) -> Standard:
        table = Table(
            *entry,
            required=("class", "function", "source", "confidence"),
            optional=("subclass", "protocol", "driver", "symbol"),
        )
        return Standard(
            usb_class=table.matching("class"),
            subclass=table.maybe("subclass"),
            protocol=table.maybe("protocol"),
            function=table.matching("function", NAME),
            driver=table.maybe("driver", _DRIVER),
            symbol=table.maybe("symbol", _SYMBOL),
            fact=self.fact(table),
        )

    def other(self, entry: tuple[Where, Any]) -> Other:
        table = Table(*entry, required=("mode", "products", "source", "confidence"))
        products = table.matching_list("products", r"[0-9a-f]{4}")
        return Other(table.matching("mode", "|".join(MODES)), products, self.fact(table))

    def driver_id_gap(self, entry: tuple[Where, Any]) -> DriverIdGap:
        table = Table(*entry, required=("driver", "subclass", "protocols", "source", "confidence"))
        return DriverIdGap(
            driver=table.matching("driver", _DRIVER),
            subclass=table.matching("subclass"),
            protocols=table.matching_list("protocols"),
            fact=self.fact(table),
        )

    def stick(self, entry: tuple[Where, Any]) -> Stick:
        table = Table(*entry, required=("id", "name", "mode"), optional=("quirk",))
        modes = table.children("mode", self.mode)
        for position, mode in enumerate(modes):
            if mode.name in [other.name for other in modes[:position]]:
                raise DatabaseError((*table.where, "mode", position), f"name {mode.name!r} is there twice")
        quirks = table.children("quirk", self.quirk)
        return Stick(table.matching("id", NAME), table.text("name"), modes, quirks)

    def quirk(self, entry: tuple[Where, Any]) -> Quirk:
        table = Table(*entry, required=("name", "source", "confidence"))
        name = table.matching("name", NAME)
        if name not in self.quirks:
            raise DatabaseError(table.where, f"name {name!r}: quirks has no such entry")
        return Quirk(name, self.fact(table))

    def mode(self, entry: tuple[Where, Any]) -> Mode:
        table = Table(
            *entry,
            required=("name", "usb", "source", "confidence"),
            optional=(
                "shared",
                "configuration",
                "interfaces",
                "configurations",
                "switch",
                "alternative",
                "mbim_preferred",
            ),
        )
        fact = self.fact(table)
        mode = Mode(
            name=table.matching("name", "|".join(MODES)),
            usb=table.matching("usb", USB),
            shared=table.get("shared", bool) if "shared" in table else False,
            configuration=table.number("configuration", 1),
            interfaces=table.children("interfaces", lambda entry: self.interface(entry, fact)),
            configurations=table.children("configurations", lambda entry: self.configuration(entry, fact)),
            switch=self.switch(table.child("switch"), fact) if "switch" in table else None,
            alternative=self.switch(table.child("alternative"), fact) if "alternative" in table else None,
            mbim_preferred=table.get("mbim_preferred", bool) if "mbim_preferred" in table else False,
            fact=fact,
        )
        _check_numbers(mode, table.where)
        return mode

    def configuration(self, entry: tuple[Where, Any], around: Fact) -> Configuration:
        table = Table(*entry, required=("value", "interfaces"), optional=("source", "confidence"))
        fact = self.fact(table, around)
        interfaces = table.children("interfaces", lambda entry: self.interface(entry, fact))
        return Configuration(table.number("value"), interfaces, fact)

    def interface(self, entry: tuple[Where, Any], around: Fact) -> Interface:
        table = Table(
            *entry,
            required=("number", "class", "subclass", "protocol"),
            optional=("function", "driver", "symbol", "source", "confidence"),
        )
        triple = table.matching("class"), table.matching("subclass"), table.matching("protocol")
        function = table.maybe("function", NAME)
        own = table.maybe("driver", _DRIVER)
        expected = self._checked_function(table.where, triple, function, own)
        driver, symbol = self._driver(triple, function or expected)
        return Interface(
            table.number("number"),
            *triple,
            function=function,
            driver=own or driver,
            symbol=table.maybe("symbol", _SYMBOL) or symbol,
            fact=self.fact(table, around),
        )

    def _checked_function(
        self, where: Where, triple: tuple[str, str, str], function: str | None, driver: str | None
    ) -> str | None:
        """An interface says what its number says; a slip of the pen would label the wrong port."""
        own = self.family.function_of(*triple)
        standard = next((item for item in self.standards if item.matches(triple)), None)
        expected = own.name if own else standard.function if standard else None
        # Ports of ACM's class are alike by their numbers: there the entry says which is which.
        if expected == "acm" and any(item.name == function for item in self.family.functions):
            return expected
        # A driver that lists the interface by its id knows better than its standard class.
        if not own and standard and driver and driver != standard.driver:
            return function
        if expected is not None and function != expected:
            raise DatabaseError(
                where,
                f"function {function!r}, and {'/'.join(triple)} is {expected!r} by the family's numbers",
            )
        known = {item.name for item in self.family.functions} | {item.function for item in self.standards}
        if function is not None and function not in known:
            raise DatabaseError(where, f"function {function!r}; known: {', '.join(sorted(known))}")
        return expected

    def _driver(self, triple: tuple[str, str, str], function: str | None) -> tuple[str | None, str | None]:
        """Driver and symbol: of the standard class if it is one, else of the vendor's function."""
        for standard in self.standards:
            if standard.matches(triple):
                return standard.driver, standard.symbol
        for own in self.family.functions:
            if own.name == function:
                return own.driver, own.symbol
        return None, None

    def switch(self, entry: tuple[Where, Any], around: Fact) -> Switch:
        table = Table(*entry, required=("message", "target"), optional=("source", "confidence"))
        return Switch(
            # A SCSI command in the 31 octets of a command block wrapper (USB mass storage, bulk-only).
            message=table.matching("message", r"55534243[0-9a-f]{54}"),
            target=table.matching_list("target", USB),
            fact=self.fact(table, around),
        )


def _check_numbers(mode: Mode, where: Where) -> None:
    """No number twice: neither of an interface in a configuration, nor of a configuration."""
    values = [mode.configuration, *(item.value for item in mode.configurations)]
    layouts = [mode.interfaces, *(item.interfaces for item in mode.configurations)]
    for numbers, what in (
        (values, "configuration"),
        *(([i.number for i in x], "interface") for x in layouts),
    ):
        twice = sorted({number for number in numbers if numbers.count(number) > 1})
        if twice:
            raise DatabaseError(where, f"{what} {twice[0]} is there twice")


def _check_unique(sticks: tuple[Stick, ...]) -> None:
    """One id names one stick, and one USB id one mode, unless every claimant says that it is shared.

    A stick may keep its id where its interfaces tell which mode it is in.
    """
    known: dict[str, int] = {}
    modes: dict[str, tuple[str, Mode]] = {}
    claims: dict[str, list[Where]] = {}
    for number, stick in enumerate(sticks):
        if stick.id in known:
            raise DatabaseError(
                ("stick", number), f"id {stick.id!r} is the id of stick {known[stick.id] + 1} already"
            )
        known[stick.id] = number
        for position, mode in enumerate(stick.modes):
            where: Where = ("stick", number, "mode", position)
            owner, other = modes.setdefault(mode.usb, (f"{stick.id}, mode {mode.name}", mode))
            if other is not mode and other in stick.modes and told_apart(mode, other):
                continue
            if other is not mode and not (mode.shared and other.shared):
                raise DatabaseError(
                    where,
                    f"usb {mode.usb!r} belongs to {owner} already; where models do share an id, "
                    "each says shared = true",
                )
            if other.name != mode.name:
                raise DatabaseError(
                    where, f"usb {mode.usb!r} is {other.name} mode of {owner}, not {mode.name}"
                )
            claims.setdefault(mode.usb, []).append(where)
    for usb, places in claims.items():
        if modes[usb][1].shared and len(places) == 1:
            raise DatabaseError(places[0], f"shared = true, and no other stick has {usb!r}")


def _check_labels(sticks: tuple[Stick, ...], family: Family) -> None:
    """Where the numbers say nothing the product id does: models that share it agree on a port, or can be told
    apart by another interface."""
    known: dict[tuple[str, int], list[tuple[Stick, Mode, str | None]]] = {}
    for number, stick in enumerate(sticks):
        for position, mode in enumerate(stick.modes):
            for item in every_interface(mode):
                if item.usb_class != family.usb_class or family.function_of(*item.triple):
                    continue
                others = known.setdefault((mode.usb, item.number), [])
                for owner, other, function in others:
                    if function != item.function and told_apart(mode, other) is None:
                        raise DatabaseError(
                            ("stick", number, "mode", position),
                            f"interface {item.number}: function {item.function!r}, and {function!r} in "
                            f"{owner.id}, which has the id {mode.usb} and all its interfaces too",
                        )
                others.append((stick, mode, item.function))


def _check_others(others: tuple[Other, ...], sticks: tuple[Stick, ...], vendor: str) -> None:
    """An id is told once: with a stick, or in one of the lists."""
    known = {mode.usb: f"stick {stick.id}" for stick in sticks for mode in stick.modes}
    for number, other in enumerate(others):
        for product in other.products:
            usb = f"{vendor}:{product}"
            if usb in known:
                raise DatabaseError(("other", number), f"products {product!r} is there already: {known[usb]}")
            known[usb] = f"other {number + 1}"
