# SPDX-License-Identifier: MIT
"""The command `ports`: asks all ports of all sticks, and prints what they are."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huawei_modem import sysfs
from huawei_modem.bus import BusError, BusUnavailableError, open_bus
from huawei_modem.database import Database
from huawei_modem.facts import stick_facts
from huawei_modem.ports import ask, entry
from huawei_modem.ports.ask import Asked, PortRole
from huawei_modem.ports.borrow import Borrowed, BorrowError, powered_modems
from huawei_modem.text import printable

if TYPE_CHECKING:
    from huawei_modem.shapes import StickFacts

_REFUSAL = (
    "oFono has {modems} powered and its ports open: what is asked now would take oFono's answers away.\n"
    "  do: huawei-modem ports --borrow    powers the modem down for some seconds; its connection ends"
)


class PortsError(Exception):
    """Nothing could be asked; the text says what to do."""


def run(
    root: Path, database: Database, borrow: bool, say: Callable[[str], None]
) -> tuple[str, dict[str, Any]]:
    """Asks everything. Returns the text for people, and the same as plain data. Raises PortsError."""
    sticks = [(device, stick_facts(root, device, database)) for device in sysfs.sticks(root)]
    if not sticks:
        raise PortsError("no Huawei stick on the USB bus; huawei-modem doctor says more")
    bus, modems = None, {}
    try:
        # A fake root has no oFono of its own, but a test gives it one by DBUS_SYSTEM_BUS_ADDRESS.
        bus = open_bus()
        modems = powered_modems(bus)
    except BusUnavailableError:
        pass  # no bus, no oFono
    except BusError as err:
        raise PortsError(f"oFono does not say whether it has the ports: {err}") from err
    if not modems or bus is None:
        return _ask_all(root, sticks, database)
    if not borrow:
        raise PortsError(_REFUSAL.format(modems=", ".join(modems)))
    try:
        with Borrowed(bus, modems, say):
            return _ask_all(root, sticks, database)
    except BorrowError as err:
        raise PortsError(str(err)) from err


def _ask_all(
    root: Path, sticks: list[tuple[Path, StickFacts]], database: Database
) -> tuple[str, dict[str, Any]]:
    names = [
        f"/dev/{item['tty']}" for _device, stick in sticks for item in stick["interfaces"] if item["tty"]
    ]
    names += [f"/dev/{path.name}" for path in (root / "sys/class/usbmisc").glob("cdc-wdm*")]
    held = ask.holders(root, names)
    texts, data = [], []
    for device, stick in sticks:
        found = ask.ask_stick(root, stick, held, ask.ask_port, _may_ask_modes(stick, database))
        configuration = sysfs.attribute(device, "bConfigurationValue")
        described = entry.entry(
            stick, found, int(configuration or 1), database, time.strftime("%Y-%m-%d", time.gmtime())
        )
        rule = entry.udev_rule(stick, found)
        unknown = stick["id"] is None and bool(stick["interfaces"])
        texts.append("".join(f"{line}\n" for line in _lines(stick, found)))
        if unknown:
            texts.append(_proposal(stick, described, rule))
        data.append(_plain(stick, found, described if unknown else None, rule if unknown else None))
    return "\n".join(texts), {"schema": 1, "tool": "huawei-modem ports", "sticks": data}


def _may_ask_modes(stick: StickFacts, database: Database) -> bool:
    """Not where the firmware is known to crash at AT^GETPORTMODE."""
    return not any(
        quirk.name == "no-getportmode"
        for known, _mode in database.candidates(stick["usb"])
        for quirk in known.quirks
    )


_STATES = {
    "at": "answers AT",
    "silent": "silent",
    "echo": "echoes and answers nothing",
    "other": "talks, but not AT",
    "not-asked": "not asked",
}
_KNOWN_BY = {
    "number": "by its number",
    "stick": "says the stick (^GETPORTMODE)",
    "answers": "guessed from its answers",
}


def _lines(stick: StickFacts, found: list[PortRole]) -> Iterator[str]:
    name = stick["name"] or "not in the database"
    yield printable(f"{stick['usb']} at {stick['path'].rsplit('/', 1)[-1]}: {name}")
    about = entry.identity(found)
    if about:
        yield f"  says: {', '.join(about.values())}"
    for port in found:
        item = port.interface
        triple = f"{item['usb_class']}/{item['subclass']}/{item['protocol']}"
        device = item["tty"] or item["net"] or "-"
        role = port.role or "unknown"
        how = f" ({_KNOWN_BY[port.known_by]})" if port.known_by else ""
        doubt = f"; but {port.doubt}" if port.doubt and port.role else f"; {port.doubt}" if port.doubt else ""
        yield printable(f"  if {item['number']}  {triple}  {device:9} {role:8}{how}{doubt}")
        for asked in port.asked:
            yield printable(f"        {asked.device}: {_told(asked)}")


def _told(asked: Asked) -> str:
    if asked.state == "held":
        return f"not asked: {asked.detail} has it open"
    text = _STATES.get(asked.state, asked.state)
    return f"{text}{f': {asked.detail}' if asked.detail else ''}{', talks by itself' if asked.talks else ''}"


def _proposal(stick: StickFacts, described: str, rule: str | None) -> str:
    if rule is None:
        rule = "# udev: no rule needed. 70-huawei-modem.rules labels the ports by Huawei's numbers.\n"
    head = (
        f"# {stick['usb']} is not in the database, or looks like several. Its entry, to be sent or added:\n"
    )
    return f"{head}\n{described}\n{rule}"


def _plain(
    stick: StickFacts, found: list[PortRole], described: str | None, rule: str | None
) -> dict[str, Any]:
    return {
        "usb": stick["usb"],
        "id": stick["id"],
        "path": stick["path"],
        "identity": dict(entry.identity(found)),
        "ports": [
            {
                "number": port.interface["number"],
                "role": port.role,
                "known_by": port.known_by or None,
                "doubt": port.doubt or None,
                "asked": [
                    {"device": item.device, "state": item.state, "detail": item.detail, "talks": item.talks}
                    for item in port.asked
                ],
            }
            for port in found
        ],
        "entry": described,
        "udev_rule": rule,
    }
