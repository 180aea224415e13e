# SPDX-License-Identifier: MIT
"""What the text shows of the bus, and of the machine that the modem is plugged into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from huawei_modem.catalogue import found
from huawei_modem.report import Evidence, Finding
from huawei_modem.transcript import ids
from huawei_modem.transcript.model import Device, History, Seen
from huawei_modem.transcript.rules.rule import View


class Bus(NamedTuple):
    """What the views show of the bus, the latest that shows it."""

    stick: Device | None
    ports: Seen[str] | None
    driver: Seen[str] | None

    @property
    def is_empty(self) -> bool:
        return self.stick is None and self.ports is None and self.driver is None

    @property
    def evidence(self) -> list[Evidence]:
        return [self.stick.usb.evidence] if self.stick is not None else []


def bus_of(views: Sequence[View]) -> Bus:
    return Bus(
        next((item for view in reversed(views) if (item := view.known_stick()) is not None), None),
        next((line for view in reversed(views) if (line := view.ports()) is not None), None),
        next((line for view in reversed(views) for line in view.state.bus.drivers.values()), None),
    )


def talks(view: View) -> bool:
    """Whether some program of the text has spoken with a modem, or asked a daemon about one."""
    state = view.state
    return bool(
        state.latest
        or state.sessions
        or state.ofono
        or state.modems is not None
        or state.contexts is not None
        or state.services is not None
        or state.offered
        or state.addresses
        or state.events_of(
            *("=modem-answers", "=modemmanager-up", "=networkmanager-up", "=dialled", "=state", "=netifd-up"),
            *("=asked", "=port-shown", "=answer-late"),
        )
    )


def others_drive(view: View) -> Seen[str] | None:
    """Another maker's modem that shows its drive alone."""
    bus = view.state.bus
    for seen in view.others():
        device = bus.devices.get(seen.value)
        classes = (
            {item.usb_class for item in view.interfaces(device).values() if item.usb_class}
            if device
            else set()
        )
        drives = classes == {"08"} or (not classes and ids.is_others_drive(seen.value))
        if drives and seen.value not in bus.nets.values() and not bus.attached:
            return seen
    return None


def converter(views: Sequence[View]) -> Finding | None:
    """Serial ports of a converter, and no modem."""
    shown = [seen for view in views for seen in view.state.events_of("=converter")]
    if not shown or any(talks(view) for view in views):
        return None
    return found("insufficient-data:converter", [shown[-1].evidence], driver=shown[-1].value)


def around(bus: Bus, views: Sequence[View], history: History) -> Finding | None:
    """What to ask about the machine that the modem is plugged into, where that comes first."""
    words = history.words
    told = {name: [seen.evidence] for name, seen in history.around.items()}
    shown = any(view.state.addresses for view in views)
    if "page-refused" in told:
        return found("insufficient-data:page-refused", told["page-refused"])
    if "page" in told and not shown and words & {"page", "home assistant"}:
        kind = "page-home" if "home assistant" in words else "page"
        return found(f"insufficient-data:{kind}", told["page"])
    if "guest" in told and bus.ports is None and bus.driver is None:
        return found("insufficient-data:guest", told["guest"])
    if "second" in told and bus.stick is None and not history.named and any(view.others() for view in views):
        return found("insufficient-data:second", told["second"])
    if "unseen" in told and bus.is_empty and not history.others and not any(talks(view) for view in views):
        return found(f"insufficient-data:{'unpowered' if 'built in' in words else 'unseen'}", told["unseen"])
    hidden = "undetected" in told and "built in" in words
    if hidden and history.is_bare and not history.port and not history.named:
        return found("insufficient-data:built-in", told["undetected"])
    return None
