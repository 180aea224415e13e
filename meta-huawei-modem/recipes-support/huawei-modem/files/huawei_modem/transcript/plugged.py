# SPDX-License-Identifier: MIT
"""What the text shows of the bus, and of who has spoken with a modem on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from huawei_modem.report import Evidence
from huawei_modem.transcript import ids
from huawei_modem.transcript.model import Device, Seen
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
