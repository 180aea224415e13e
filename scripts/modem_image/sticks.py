# SPDX-License-Identifier: MIT
"""What the README's table says of each stick: derived from the database, and held to it by tests.

tests/daemons/test_sticks.py plugs every mode into the real daemons and fails unless it comes exactly as far
as `reaches` claims.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from huawei_modem.database import CONFIDENCE, Database, Interface, Mode, Stick

NEEDED_PORTS = ("modem", "pcui")
"""oFono's setup_huawei() (plugins/udevng.c) takes a modem only with both of these ports."""
_SERIAL = ("option", "cdc_acm")


class Reach(enum.Enum):
    """How far a mode comes in the real daemons over mocked devices; the values are for people."""

    UNKNOWN = "not known: nobody has listed its interfaces"
    SWITCHED = "usb_modeswitch sends the message"
    LABELLED = "ports labelled; oFono needs a second AT port"
    LISTED = "oFono lists the modem"
    CONTEXT = "oFono: context active, PPP"
    ADDRESS = "ConnMan: address by DHCP"


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
    if mode.name == "storage" or (functions == {"storage"} and mode.switch):
        return Reach.SWITCHED
    if functions >= set(NEEDED_PORTS):
        return Reach.CONTEXT
    if "mbim" in functions:
        return Reach.LISTED
    if mode.name == "hilink" and functions & {"ether", "rndis"}:
        return Reach.ADDRESS
    return Reach.LABELLED


def ports_of(mode: Mode) -> dict[str, str]:
    """Function by tty, for a stick that is plugged in alone and whose interfaces are bound in order."""
    serial = [item for item in mode.interfaces if item.driver in _SERIAL]
    return {f"ttyUSB{position}": item.function or "?" for position, item in enumerate(serial)}


def rows(database: Database) -> Iterator[Row]:
    """The table, a stick a row."""
    for stick in database.sticks:
        yield _row(database, stick)


def _row(database: Database, stick: Stick) -> Row:
    used = [mode for mode in stick.modes if mode.name != "storage"]
    return Row(
        name=stick.name,
        ids=", ".join(f"`{mode.usb}` {mode.name}" for mode in stick.modes),
        switch=_lines(_switch(mode) for mode in stick.modes),
        ports=_lines(", ".join(f"{tty} {name}" for tty, name in ports_of(mode).items()) for mode in used),
        data=_lines(_data(database, mode) for mode in used),
        works=_lines(_works(mode) for mode in used),
        confidence=_lines(_weakest(mode) for mode in used),
    )


def _lines(texts: Iterator[str]) -> str:
    return "<br>".join(dict.fromkeys(text for text in texts if text)) or "-"


def _switch(mode: Mode) -> str:
    if mode.switch is None:
        return ""
    targets = ", ".join(target.partition(":")[2] for target in mode.switch.target)
    return f"{mode.usb.partition(':')[2]} to {targets}"


def _data(database: Database, mode: Mode) -> str:
    """How packets get through: oFono's PPP, and the network interface with its driver."""
    layouts = [mode, *([other] if (other := mbim_of(mode)) else [])]
    ways = ["PPP"] if {item.function for item in mode.interfaces} >= set(NEEDED_PORTS) else []
    for layout in layouts:
        ways += [_network(database, item) for item in layout.interfaces if item.function in _NETWORK]
    return ", ".join(dict.fromkeys(ways))


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


def _works(mode: Mode) -> str:
    texts = [reaches(mode).value]
    if mbim := mbim_of(mode):
        texts.append(f"{reaches(mbim).value} as MBIM")
    return "; ".join(texts)


def _weakest(mode: Mode) -> str:
    found = {mode.confidence, *(item.confidence for item in mode.interfaces)}
    return max(found, key=CONFIDENCE.index)
