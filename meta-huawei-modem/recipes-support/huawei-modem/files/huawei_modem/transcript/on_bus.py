# SPDX-License-Identifier: MIT
"""What the devices on the bus have a question of their own for: whose they are, and what left.

In the order in which they come before each other, as in observed.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from huawei_modem.catalogue import found
from huawei_modem.report import Finding
from huawei_modem.transcript import ids, plugged
from huawei_modem.transcript.model import Leaving
from huawei_modem.transcript.rules.rule import View
from huawei_modem.transcript.sight import ROUTERS, Sight, is_others

_HUBS = ("1d6b", "0424", "05e3", "2109", "8087", "1a40")
"""Vendors of hubs and of the board's own controllers."""


def no_modem(sight: Sight) -> Finding | None:
    """A driver of modems has what is none, or the port that is used is a serial adapter's."""
    if sight.bus.stick is not None:
        return None
    for view in sight.views:
        bus = view.state.bus
        for seen in bus.attached.values():
            usb, name = bus.ports.get(seen.value, ""), bus.names.get(seen.value, "")
            if usb and ids.is_no_modem(usb, name):
                driver = bus.drivers.get(seen.value, seen).value
                return found(
                    "insufficient-data:no-modem",
                    [seen.evidence],
                    driver=driver if driver != seen.value else "a modem's driver",
                    usb=usb,
                    name=f" ({name})" if name else "",
                    product=usb[5:],
                )
        port = sight.history.port
        if port is not None and (adapter := bus.adapters.get(port.value.rpartition("/")[2])) is not None:
            shown = [adapter.evidence, port.evidence]
            return found("insufficient-data:adapter", shown, port=port.value, driver=adapter.value)
    return None


def other_makers(sight: Sight) -> Finding | None:
    """Another maker's modem that shows its drive alone, or left while it was in use."""
    if sight.bus.stick is not None or not is_others(sight):
        return None
    for view in sight.views:
        if (usb := plugged.others_drive(view)) is not None:
            return found("insufficient-data:other-drive", [usb.evidence], usb=usb.value)
    return _in_use(sight.views[-1]) if sight.views else None


def ethernet(sight: Sight) -> Finding | None:
    """A router's driver has an interface: whose it is, where the same text has the id of the device."""
    driver = sight.bus.driver
    if sight.bus.stick is not None or sight.bus.ports is not None or is_others(sight):
        return None
    if driver is None or driver.value not in ROUTERS:
        return None
    for view in sight.views:
        bus = view.state.bus
        whose = [bus.ports.get(port, "") for port, seen in bus.drivers.items() if seen is driver]
        listed = [usb for usb in bus.present if usb[:4] not in _HUBS]
        others = [usb for usb in whose if usb and not _is_huaweis(usb)][:1]
        if not others and listed and not any(_is_huaweis(usb) for usb in listed):
            others = listed[:3]
        if others:
            values = {"driver": driver.value, "usb": ", ".join(others)}
            return found("insufficient-data:foreign", [driver.evidence], **values)
    return found("insufficient-data:ethernet", [driver.evidence], driver=driver.value)


def _is_huaweis(usb: str) -> bool:
    return usb[:4] == ids.VENDOR or usb[:4] in ids.KIN


def left(sight: Sight) -> Finding | None:
    """What left the bus, for good or for a while, or was no modem from the beginning."""
    views, bus = sight.views, sight.bus
    if not views:
        return None
    if bus.is_empty and not views[-1].state.bus.left and (serial := _converter(views)) is not None:
        return serial
    view, leavings = views[-1], views[-1].state.bus.left
    lost = [left for left in leavings.values() if left.back is None and not left.quiet]
    # The first time may have been its switch, where a drive is shown, or its id.
    most = 1 if view.state.bus.drive or any(left.seen.value for left in lost) else 0
    if again := [
        port for port, left in leavings.items() if left in lost and left.in_use > most and left.times > 1
    ]:
        return _returned(view, again[-1], leavings[again[-1]])
    if lost and bus.ports is None and (bus.stick is None or not view.sticks()):
        named = any(left.seen.value or left.in_use for left in lost)
        kind = "gone" if named or view.known_stick() is not None else "gone-unknown"
        return found(f"insufficient-data:{kind}", [lost[-1].seen.evidence])
    if (gone := view.state.events_of("=net-gone")) and bus.is_empty:
        return found("insufficient-data:gone", [gone[-1].evidence])
    quiet = [left.seen for left in leavings.values() if left.back is None and left.quiet]
    if quiet and bus.ports is None:
        return found("insufficient-data:let-go", [quiet[-1].evidence])
    return _in_use(view)


def _converter(views: Sequence[View]) -> Finding | None:
    """Serial ports of a converter, and no modem."""
    shown = [seen for view in views for seen in view.state.events_of("=converter")]
    if not shown or any(plugged.talks(view) for view in views):
        return None
    return found("insufficient-data:converter", [shown[-1].evidence], driver=shown[-1].value)


def _in_use(view: View) -> Finding | None:
    """What left the bus while it was in use, and is there again."""
    for port, left in view.state.bus.left.items():
        # That somebody took it out and put it in, as the text says, and no more than that, is no fault.
        asked = "replugged" in view.words and left.in_use == 1
        if left.in_use and left.back is not None and not asked:
            return _returned(view, port, left)
    return None


def _returned(view: View, port: str, left: Leaving) -> Finding:
    """A stick that was in use left the bus and is there again, with which ports."""
    now = sorted(tty for tty, seen in view.state.bus.attached.items() if seen.value == port)
    moved = f" with other ports ({', '.join(now)}; before {', '.join(sorted(left.ttys))})"
    shown = [left.seen.evidence, *([left.back.evidence] if left.back is not None else [])]
    as_what = moved if left.ttys and now and sorted(left.ttys) != now else ""
    if left.back is None:
        as_what = f", and left again ({left.times} times in this text)"
    return found("insufficient-data:returned", shown, port=port, as_what=as_what)


def bsd(sight: Sight) -> Finding | None:
    if "ethernet modem" in sight.history.words:
        return None
    shown = [seen for view in sight.views for seen in view.state.events_of("=bsd-ports", "=bsd-came")]
    if not shown and not any(view.state.events_of("=bsd-left") for view in sight.views):
        return None
    return found("insufficient-data:bsd", [seen.evidence for seen in shown[:1]])


def switched(sight: Sight) -> Finding | None:
    """Nothing of the bus is shown but that the stick was switched."""
    if not sight.bus.is_empty or not sight.views or any(map(plugged.talks, sight.views)):
        return None
    runs = [run for run in sight.views[-1].state.runs if run.outcome is not None and run.usb]
    if runs and runs[-1].outcome and runs[-1].outcome.value == "switched":
        return found("insufficient-data:switched", [runs[-1].outcome.evidence], usb=runs[-1].usb)
    return None
