# SPDX-License-Identifier: MIT
"""Reads modems.json, which the host has rendered and checked: no check again here, on every call.

A test holds what this makes against what `schema`, which stays on the host, makes of the same file.
"""

from __future__ import annotations

from huawei_modem.database import (
    Configuration,
    Database,
    DatabaseError,
    DriverIdGap,
    Fact,
    Family,
    Function,
    Interface,
    Mode,
    Other,
    Quirk,
    Standard,
    Stick,
    Switch,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any


def read(text: str, of: Collection[str] | None = None) -> Database:
    """The database in `text`; with `of`, only the sticks that have one of these ids (`vendor:product`).

    Raises DatabaseError for what is no rendered database.
    """
    try:
        document = _json(text)
        return _Builder(document).database(of)
    except (KeyError, TypeError, AttributeError, IndexError) as err:
        raise DatabaseError((), f"not a rendered database: {type(err).__name__} {err}") from err


def _json(text: str) -> Any:
    """json.loads without its Python part, which imports regular expressions."""

    class Context:
        strict = True
        object_hook = object_pairs_hook = parse_constant = None
        parse_float, parse_int = float, int
        memo: dict[str, str] = {}  # noqa: RUF012

    try:
        from _json import make_scanner

        value, end = make_scanner(Context)(text, 0)  # type: ignore[arg-type]
    except (ImportError, StopIteration, ValueError, AttributeError, SystemError):
        # SystemError: the scanner alone leaves it to its caller what is wrong.
        value, end = None, -1
    if end < 0 or text[end:].strip():
        import json

        try:
            return json.loads(text)
        except json.JSONDecodeError as err:
            raise DatabaseError((), f"no JSON: {err}") from err
    return value


class _Builder:
    """Makes records of the tables. The keys are those of docs/dev/database.md."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._standards = tuple(self._standard(item) for item in document["standard"])
        self._family = self._read_family(document["family"])

    def database(self, of: Collection[str] | None) -> Database:
        sticks = self._document["stick"]
        if of is not None:
            sticks = [item for item in sticks if any(mode["usb"] in of for mode in item["mode"])]
        return Database(
            self._family,
            self._standards,
            tuple(self._stick(item) for item in sticks),
            tuple(
                Other(item["mode"], tuple(item["products"]), _fact(item)) for item in self._document["other"]
            ),
            self._document["sources"],
            self._document["quirks"],
        )

    def _read_family(self, item: dict[str, Any]) -> Family:
        functions = tuple(
            Function(
                function["name"],
                tuple(function["protocols"]),
                function["driver"],
                function["symbol"],
                _fact(function),
                function.get("ofono_label"),
            )
            for function in item["function"]
        )
        gaps = tuple(
            DriverIdGap(gap["driver"], gap["subclass"], tuple(gap["protocols"]), _fact(gap))
            for gap in item.get("driver_id_gap", ())
        )
        return Family(item["vendor"], item["class"], item["offsets"], functions, gaps, _fact(item))

    def _standard(self, item: dict[str, Any]) -> Standard:
        triple = item["class"], item.get("subclass"), item.get("protocol")
        return Standard(*triple, item["function"], item.get("driver"), item.get("symbol"), _fact(item))

    def _stick(self, item: dict[str, Any]) -> Stick:
        quirks = tuple(Quirk(quirk["name"], _fact(quirk)) for quirk in item.get("quirk", ()))
        return Stick(item["id"], item["name"], tuple(self._mode(mode) for mode in item["mode"]), quirks)

    def _mode(self, item: dict[str, Any]) -> Mode:
        fact = _fact(item)
        others = []
        for other in item.get("configurations", ()):
            own = _fact(other, fact)
            others.append(Configuration(other["value"], self._interfaces(other, own), own))
        return Mode(
            item["name"],
            item["usb"],
            self._interfaces(item, fact),
            fact,
            item.get("shared", False),
            item.get("configuration", 1),
            tuple(others),
            _switch(item.get("switch"), fact),
            _switch(item.get("alternative"), fact),
            item.get("mbim_preferred", False),
        )

    def _interfaces(self, item: dict[str, Any], around: Fact) -> tuple[Interface, ...]:
        return tuple(self._interface(interface, around) for interface in item.get("interfaces", ()))

    def _interface(self, item: dict[str, Any], around: Fact) -> Interface:
        triple = item["class"], item["subclass"], item["protocol"]
        function = item.get("function")
        driver = symbol = None
        standard = next((standard for standard in self._standards if standard.matches(triple)), None)
        if standard:
            driver, symbol = standard.driver, standard.symbol
        else:
            own = next((own for own in self._family.functions if own.name == function), None)
            if own:
                driver, symbol = own.driver, own.symbol
        return Interface(
            item["number"],
            *triple,
            function,
            item.get("driver") or driver,
            item.get("symbol") or symbol,
            _fact(item, around),
        )


def _fact(item: dict[str, Any], around: Fact | None = None) -> Fact:
    if around is None:
        return Fact(tuple(item["source"]), item["confidence"])
    source = tuple(item["source"]) if "source" in item else around.source
    return Fact(source, item.get("confidence", around.confidence))


def _switch(item: dict[str, Any] | None, around: Fact) -> Switch | None:
    return Switch(item["message"], tuple(item["target"]), _fact(item, around)) if item else None
