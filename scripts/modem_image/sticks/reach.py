# SPDX-License-Identifier: MIT
"""What the table of docs/sticks.md says of each stick: derived from the database, and held to it by tests.

tests/daemons/test_sticks.py plugs every mode into the real daemons and fails unless it comes exactly as far
as `reaches` claims; tests/unit/host/test_sticks.py fails on a cell that no test's parameters cover.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from huawei_modem.database import CONFIDENCE, Database, Interface, Mode, Stick
from huawei_modem.functions import OFONO_NEEDS

_SERIAL_DRIVERS = ("option", "cdc_acm")
_BY_CHOICE = "#choosing-a-mode"
_NO_DRIVER = "no-network-driver"


class Reach(enum.Enum):
    """How far a mode comes in the real daemons over mocked devices; the values are for people."""

    UNKNOWN = "not known: no public source lists its interfaces"
    SWITCHED = "usb_modeswitch sends the message"
    LABELLED = "ports labelled; oFono needs a second AT port"
    LISTED = "oFono lists the modem as MBIM"
    CONTEXT = "oFono: context active, PPP"
    ADDRESS = "ConnMan: address by DHCP"


class Way(enum.Enum):
    """How a stick gets into a mode."""

    PLUGGED = "it is plugged in so, or the database has no drive that it was before"
    SWITCHED = "by the message that usb_modeswitch sends by itself"
    WITHOUT_MBIM = "by that message, sent where the kernel has no cdc_mbim for the drive's own MBIM"
    MESSAGE = "by another message, which somebody has to send"
    UNKNOWN = "no public source says how"


class Face(NamedTuple):
    """A stick in one mode and configuration. `name` is that of its tests.

    `label` tells it from the stick's other faces; `note` says that it does not get there by itself.
    """

    name: str
    mode: Mode
    label: str = ""
    note: str = ""


class Cell(NamedTuple):
    """One line of a cell of the table: the column is that of `Row`."""

    column: str
    face: Face
    text: str


class Row(NamedTuple):
    """One row of the table; texts in Markdown."""

    name: str
    ids: str
    switch: str
    ports: str
    data: str
    works: str
    confidence: str


def mbim_of(mode: Mode) -> Mode | None:
    """The mode in its configuration with MBIM, if it has one."""
    for other in mode.configurations:
        if any(item.function == "mbim" for item in other.interfaces):
            return mode._replace(
                interfaces=other.interfaces, configuration=other.value, configurations=(), fact=other.fact
            )
    return None


def reaches(mode: Mode) -> Reach:
    """How far the mode comes in the real daemons."""
    functions = {item.function for item in mode.interfaces}
    if not mode.interfaces:
        return Reach.UNKNOWN
    if functions == {"storage"} and (mode.name == "storage" or mode.switch):
        return Reach.SWITCHED
    if functions >= set(OFONO_NEEDS):
        return Reach.CONTEXT
    if "mbim" in functions:
        return Reach.LISTED
    if mode.name == "hilink" and functions & {"ether", "rndis"}:
        return Reach.ADDRESS
    return Reach.LABELLED


def ports_of(mode: Mode) -> dict[str, str]:
    """Function by tty, for a stick that is plugged in alone and whose interfaces are bound in order."""
    serial = [item for item in mode.interfaces if item.driver in _SERIAL_DRIVERS]
    return {f"ttyUSB{position}": item.function or "?" for position, item in enumerate(serial)}


def way_to(stick: Stick, mode: Mode) -> Way:
    """How the stick gets into the mode."""
    before = [other for other in stick.modes if other is not mode and (other.switch or other.alternative)]
    if not before:
        return Way.PLUGGED
    switched = [other for other in before if other.switch and mode.usb in other.switch.target]
    if switched:
        is_mbim_first = all(other.mbim_preferred and mbim_of(other) for other in switched)
        return Way.WITHOUT_MBIM if is_mbim_first else Way.SWITCHED
    if any(other.alternative and mode.usb in other.alternative.target for other in before):
        return Way.MESSAGE
    return Way.UNKNOWN


def faces(stick: Stick) -> tuple[Face, ...]:
    """What the stick is once it is no drive; a drive that has MBIM in another configuration becomes that."""
    found = []
    used = [m for m in stick.modes if m.name != "storage" or (m.mbim_preferred and mbim_of(m))]
    for mode in used:
        label = product_of(mode.usb) if len(used) > 1 else ""
        there = "" if way_to(stick, mode) in (Way.PLUGGED, Way.SWITCHED) else "not by itself"
        own = Face(f"{stick.id}-{mode.name}", mode, label, there)
        if mode.mbim_preferred:
            found += _configurations(stick, own)
        else:
            found.append(own)
    return tuple(found)


def _configurations(stick: Stick, own: Face) -> list[Face]:
    """The configuration that usb_modeswitch chooses, if it is known, and that of Linux after it."""
    mbim = mbim_of(own.mode)
    if mbim is None:
        return [own._replace(note="if it has no MBIM")]
    chosen = Face(f"{stick.id}-mbim-configuration", mbim, own.label, own.note)
    if {item.function for item in own.mode.interfaces} == {"storage"}:
        return [chosen]
    return [
        chosen._replace(label=f"configuration {mbim.configuration}"),
        own._replace(label=f"configuration {own.mode.configuration}", note="not by itself"),
    ]


def cells(database: Database, stick: Stick) -> Iterator[Cell]:
    """What the stick's row says, a line each; none where there is nothing to say."""
    for mode in stick.modes:
        yield Cell("switch", Face(f"{stick.id}-{mode.name}", mode), _switch(database, stick, mode))
    for face in faces(stick):
        ports = ", ".join(f"{tty} {name}" for tty, name in ports_of(face.mode).items())
        yield Cell("ports", face, _labelled(face.label, ports))
        networks = [] if _NO_DRIVER in {quirk.name for quirk in stick.quirks} else networks_of(face.mode)
        yield Cell("data", face, _labelled(face.label, _data(database, face.mode, networks)))
        label = ", ".join(part for part in (face.label, face.note) if part)
        yield Cell("works", face, _labelled(label, reaches(face.mode).value))
        yield Cell("confidence", face, weakest(face.mode))


def rows(database: Database) -> Iterator[Row]:
    """The table, a stick a row."""
    for stick in database.sticks:
        yield _row(stick, tuple(cells(database, stick)))


def _row(stick: Stick, told: tuple[Cell, ...]) -> Row:
    def lines(column: str) -> str:
        return _lines(cell.text for cell in told if cell.column == column)

    return Row(
        name=stick.name,
        ids=", ".join(f"`{mode.usb}` {mode.name}" for mode in stick.modes),
        switch=lines("switch"),
        ports=lines("ports"),
        data=lines("data"),
        works=lines("works"),
        confidence=lines("confidence"),
    )


def product_of(usb: str) -> str:
    """The product id of VENDOR:PRODUCT."""
    return usb.partition(":")[2]


def _labelled(label: str, text: str) -> str:
    return f"{label}: {text}" if label and text else text


def _lines(texts: Iterable[str]) -> str:
    return "<br>".join(dict.fromkeys(text for text in texts if text)) or "-"


def _switch(database: Database, stick: Stick, mode: Mode) -> str:
    product = product_of(mode.usb)
    if mode.mbim_preferred:
        mbim = mbim_of(mode)
        where = f"configuration {mbim.configuration}" if mbim else "with MBIM if it has that"
        return f"{product} stays, {where}"
    if mode.switch:
        targets = ", ".join(map(product_of, mode.switch.target))
        if not {other.usb for other in stick.modes}.isdisjoint(mode.switch.target):
            return f"{product} to {targets}"
        return f"{product} to {targets} ({_kinds(database, mode.switch.target)}), which is not in this row"
    return {
        Way.MESSAGE: f"{product} [by choice]({_BY_CHOICE})",
        Way.UNKNOWN: f"{product}: no way known",
    }.get(way_to(stick, mode), "")


def _kinds(database: Database, targets: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(database.mode_name(target) or "unknown" for target in targets))


def _data(database: Database, mode: Mode, networks: Iterable[Interface]) -> str:
    """How packets get through: oFono's PPP, and the network interface with its driver."""
    ways = ["PPP"] if {item.function for item in mode.interfaces} >= set(OFONO_NEEDS) else []
    ways += [_network(database, item) for item in networks]
    return ", ".join(dict.fromkeys(ways))


def networks_of(mode: Mode) -> list[Interface]:
    """The interfaces that carry packets without PPP."""
    return [item for item in mode.interfaces if item.function in _NETWORK]


_NETWORK: Mapping[str | None, str] = {
    "ncm": "NCM",
    "qmi": "QMI",
    "ether": "Ethernet",
    "mbim": "MBIM",
    "rndis": "RNDIS",
}


def _network(database: Database, item: Interface) -> str:
    gap = database.family.gap_of(*item.triple)
    return f"{_NETWORK[item.function]} ({item.driver}{', patched' if gap else ''})"


def weakest(mode: Mode) -> str:
    """How sure the least sure fact of the mode is."""
    found = {mode.confidence, *(item.confidence for item in mode.interfaces)}
    return max(found, key=CONFIDENCE.index)
