# SPDX-License-Identifier: MIT
"""What was recognised, as plain data for the JSON report and as lines for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from huawei_modem.database import Database
from huawei_modem.mask import Masker
from huawei_modem.text import printable
from huawei_modem.transcript import quoted
from huawei_modem.transcript.model import Device, History, Part, State
from huawei_modem.transcript.rules.rule import View

_NAMED = 12


def facts(history: History, mask: Masker) -> dict[str, Any]:
    """Parts with their lines, states with what tells them apart, and the harmless messages."""
    return {
        "lines": history.lines,
        "recognised": [
            {"kind": part.kind, "source": part.source, "first": part.first, "last": part.last}
            for part in history.parts
        ],
        "states": [_state(state, mask) for state in history.states],
        "harmless": [
            {"why": seen.value, **seen.evidence.to_dict(), "text": quoted.line(mask(seen.evidence.text))}
            for seen in history.harmless
        ],
    }


def devices(history: History, database: Database, mask: Masker) -> list[dict[str, Any]]:
    """The devices of the last state that shows any, in the order of their ports.

    A driver is "" for none, None for not shown; so is a port.
    """
    last = next((state for state in reversed(history.states) if state.bus.devices or state.bus.tree), None)
    if last is None:
        return []
    view = View(last, (), database)
    bus = last.bus
    placed = [
        (found.port, bus.devices.get(bus.addresses.get(address, ""), found))
        for address, found in bus.tree.items()
    ]
    drawn = {found.usb.value for _port, found in placed}
    ports = {usb: port for port, usb in bus.ports.items()}
    placed += [
        (ports.get(usb), found)
        for usb, found in bus.devices.items()
        if usb not in drawn and (not bus.present or usb in bus.present)
    ]
    listed = [_device(view, port, found, mask) for port, found in placed]
    return sorted(listed, key=lambda item: (item["port"] is None, _port_order(item["port"])))


def _port_order(port: str | None) -> list[int]:
    return [int(part) for part in (port or "").replace("-", ".").split(".") if part.isdigit()]


def _device(view: View, port: str | None, device: Device, mask: Masker) -> dict[str, Any]:
    usb = device.usb.value
    attached = [tty for tty, seen in view.state.bus.attached.items() if port and seen.value == port]
    known = {item.number: (tty, item.label) for tty, item in view.state.udev_ports.items() if item.usb == usb}
    interfaces = []
    for number, item in sorted(view.interfaces(device).items()):
        tty, label = known.get(number, (None, None))
        interfaces.append(
            {
                "number": number,
                "class": item.usb_class,
                "triple": "/".join(item.triple) if item.triple else None,
                "function": view.function(device, number) if usb.startswith("12d1:") else None,
                "driver": item.driver.value if item.driver is not None else None,
                "tty": tty,
                "label": label.value if label else None,
            }
        )
    return {
        "usb": usb,
        "name": quoted.line(mask(device.name)),
        "port": port,
        "ttys": sorted(attached),
        "interfaces": interfaces,
    }


def _state(state: State, mask: Masker) -> dict[str, Any]:
    return {
        "host": quoted.line(mask(state.host)) if state.host else state.host,
        "kernel": quoted.line(mask(state.release.value)) if state.release else None,
        "sticks": [usb for usb in state.bus.present if usb.startswith("12d1:")],
        "ports": sorted(state.bus.attached),
        "modems": [quoted.line(mask(path)) for path in state.modems.value] if state.modems else None,
    }


def to_text(history: History) -> str:
    """What was recognised, a line a kind, and which messages mean nothing."""
    return "".join(f"{printable(line)}\n" for line in _lines(history))


def _lines(history: History) -> Iterator[str]:
    kinds: dict[str, list[Part]] = {}
    for part in history.parts:
        kinds.setdefault(part.kind, []).append(part)
    for kind, parts in kinds.items():
        places = ", ".join(_place(part) for part in parts[:_NAMED])
        yield f"recognised: {kind}: {places}{', …' if len(parts) > _NAMED else ''}"
    for seen in history.harmless:
        place = f"{seen.evidence.source}:{seen.evidence.line}"
        yield f"harmless: {place}: {seen.value}"


def _place(part: Part) -> str:
    return f"{part.source}:{part.first}" + (f"-{part.last}" if part.last != part.first else "")
