# SPDX-License-Identifier: MIT
"""What to ask for where no fault is found and the text does not reach the network.

The question follows from what the text shows: which program dials on this system, and how far it came. What
is pasted already is not asked for.
"""

from __future__ import annotations

from collections.abc import Sequence

from huawei_modem.catalogue import found
from huawei_modem.report import Evidence, Finding
from huawei_modem.transcript import fitting, ids, person
from huawei_modem.transcript.model import History, Leaving, Seen
from huawei_modem.transcript.plugged import Bus, bus_of, converter, others_drive, talks
from huawei_modem.transcript.rules.rule import (
    HILINK_NET,
    View,
    is_link_local,
    is_loaded,
    is_modems,
    pin_taken,
)

_PROGRAMS = {
    "ofonod": "ofono",
    "connmand": "ofono",
    "ModemManager": "mm",
    "modem-manager": "mm",
    "NetworkManager": "nm",
    "netifd": "netifd",
    "comgt": "netifd",
    "wvdial": "wvdial",
    "pppd": "ppp",
    "chat": "ppp",
    "mpd": "ppp",
}
_KINDS = {
    "wvdial": "wvdial",
    "pppd and chat": "ppp",
    "ModemManager": "mm",
    "mmcli": "mm",
    "mmcli of a bearer": "mm",
    "mmcli in part": "mm",
    "mmcli -L": "mm",
    "nmcli": "nm",
    "NetworkManager": "nm",
    "netifd": "netifd",
    "uqmi": "netifd",
    "diallers over QMI": "qmi",
    "quectel-CM": "qmi",
    "qmicli and mbimcli": "qmi",
    "umbim": "netifd",
    "connmanctl": "ofono",
    "list-modems": "ofono",
    "ofonod": "ofono",
}
"""Kinds of recognised text that only one dialler's system has."""
_BY_WORD = {"openwrt": "netifd", "qmi": "qmi"}
"""Words of the text that name the system's dialler where nothing shows it."""
_CABLES = ("eth1", "eth2", "usb", "enx", "lan")
"""What a HiLink stick's network is called, after the board's own."""
_ROUTERS = ("cdc_ether", "rndis_host")
"""Drivers of sticks that are routers, and of Ethernet adapters: never of a modem that is dialled."""
_CONFIGURATIONS = ("usb-devices", "lsusb -v")
"""Kinds of text that show what a device can be."""
_HUBS = ("1d6b", "0424", "05e3", "2109", "8087", "1a40")
"""Vendors of hubs and of the board's own controllers."""
_OWN = ("eth0", "br", "wl", "lo")
"""The board's own networks."""


def diallers(history: History, views: Sequence[View]) -> frozenset[str]:
    """The programs that dial on this system, as far as the text shows; `none` where it shows none."""
    names = {_PROGRAMS[name] for name in history.programs if name in _PROGRAMS}
    names |= {_KINDS[part.kind] for part in history.parts if part.kind in _KINDS}
    for view in views:
        state = view.state
        if state.modems is not None or state.ofono or state.contexts is not None or state.offered:
            names.add("ofono")
        if (
            state.services is not None
            or state.connman
            or "connman" in state.latest
            or "ofono" in state.latest
        ):
            names.add("ofono")
        if "=netifd-up" in state.events or (state.host or "").lower() in ("openwrt", "lede"):
            names.add("netifd")
        if any("ofono" in line.value.lower() for file in state.rules_files for line in file.lines):
            names.add("ofono")
    names = names or person.dialler(history)
    if not names:
        names |= {program for word, program in _BY_WORD.items() if word in history.words}
    return frozenset(names or {"none"})


def is_online(views: Sequence[View]) -> bool:
    """Whether the last thing that is known of the network is that it works."""
    for view in reversed(views):
        state = view.state
        if (said := state.said("data")) and said not in ("=dialling", "=created"):
            return said == "=online"
        if any(
            flags.value[-1:] in ("R", "O")
            and (mac in state.bus.hardware or state.bus.links.get(mac) in state.bus.nets)
            for mac, flags in state.wired.items()
        ):
            return True  # ConnMan has the stick's own interface ready or online
        cellular = [seen for name, seen in state.addresses.items() if is_modems(view, name)]
        if cellular:
            return any(seen.value and not is_link_local(seen.value) for seen in cellular)
        if state.sessions and state.sessions[-1].address is not None:
            return True
        cables = [
            seen.value for name, seen in state.addresses.items() if name.startswith(_CABLES) and seen.value
        ]
        if cables and (_is_router(view) or view.others() or view.maker()):
            return any(not is_link_local(address) for address in cables)
        hilink = [seen for name, seen in state.addresses.items() if not name.startswith(_OWN)]
        if any(seen.value.startswith(HILINK_NET) for seen in hilink):
            return True
        if state.events_of("=ping"):
            return True
    return False


def _is_router(view: View) -> bool:
    stick = view.known_stick()
    return stick is not None and view.mode(stick) == ids.ROUTER


def question(views: Sequence[View], known: frozenset[str], history: History) -> Finding:
    """The first step on the way to the network that the text does not show."""
    bus = bus_of(views)
    if "wants mode" in history.words and not any(part.kind in _CONFIGURATIONS for part in history.parts):
        return found("insufficient-data:configuration", bus.evidence)
    if "wants net" in history.words and _only_ports(views, bus, history):
        return found("insufficient-data:no-net", bus.evidence)
    if (taken := _pin_taken(views)) is not None:
        return found("insufficient-data:pin-taken", [taken.evidence])
    refused = [seen for view in views for seen in view.state.events_of("=message-refused")]
    if refused:
        return found("insufficient-data:messages", [refused[-1].evidence], text=refused[-1].value)
    asked = _of_bus(views, known, bus, history) or _of_dialler(views, known, bus, history)
    return (
        fitting.of_words(history, asked.kind)
        or fitting.of_symptom(history, asked, shown=_shows(views))
        or asked
    )


def _pin_taken(views: Sequence[View]) -> Seen[str] | None:
    """The line in which the PIN was taken, where nothing shows what came of it."""
    if any(view.state.said("registration") or view.state.said("data") for view in views):
        return None
    return next((seen for view in reversed(views) if (seen := pin_taken(view)) is not None), None)


def _shows(views: Sequence[View]) -> frozenset[str]:
    """Of what sentences may call missing, what lines show: ports, nets."""
    ports = any(view.ports() is not None for view in views)
    ports = ports or any(
        seen.value == "cdc_acm" for view in views for seen in view.state.bus.drivers.values()
    )
    nets = any(view.state.bus.nets or view.state.addresses for view in views)
    return frozenset(name for name, there in (("ports", ports), ("nets", nets)) if there)


def _only_ports(views: Sequence[View], bus: Bus, history: History) -> bool:
    """Whether the stick is shown with serial ports, and neither a network interface nor its class numbers."""
    shown = any(part.kind in _CONFIGURATIONS for part in history.parts)
    nets = any(view.state.bus.nets for view in views)
    return bus.stick is not None and not shown and not nets and any(_drivers_shown(view) for view in views)


def _of_bus(views: Sequence[View], known: frozenset[str], bus: Bus, history: History) -> Finding | None:
    """What to ask of the stick itself; None where it is known enough."""
    dials = known - {"none"}
    if bus.stick is None and (other := fitting.of_other_device(views, history)) is not None:
        return other
    if bus.stick is None and any(view.maker() for view in views) and dials & {"ofono", "netifd"}:
        return None
    if bus.stick is None and (history.others or any(view.others() or view.maker() for view in views)):
        return _of_other(views)
    if bus.stick is None and bus.ports is None and bus.driver is not None and bus.driver.value in _ROUTERS:
        return _ethernet(views, bus.driver)
    if (left := _of_leavings(views, bus)) is not None:
        return left
    if bus.stick is not None and views[-1].mode(bus.stick) == ids.ROUTER:
        return found("insufficient-data:address", bus.evidence)
    shown = [seen.evidence for view in views for seen in view.state.events_of("=bsd-ports", "=bsd-came")]
    if shown or any(view.state.events_of("=bsd-left") for view in views):
        return found("insufficient-data:bsd", shown[:1])
    if bus.is_empty and not (
        known & {"ppp", "wvdial", *(person.dialler(history) & {"ofono", "mm"})}
        or any(talks(view) for view in views)
    ):
        return _unseen(views, history, known)
    return None


def _of_leaving(view: View, bus: Bus) -> Finding | None:
    """What to ask of a stick that left the bus, or whose ports went."""
    leavings = view.state.bus.left
    lost = [left for left in leavings.values() if left.back is None and not left.quiet]
    if lost and bus.ports is None and (bus.stick is None or not view.sticks()):
        named = any(left.seen.value or left.in_use for left in lost)
        kind = "gone" if named or view.known_stick() is not None else "gone-unknown"
        return found(f"insufficient-data:{kind}", [lost[-1].seen.evidence])
    gone = view.state.events_of("=net-gone")
    if gone and bus.is_empty:
        return found("insufficient-data:gone", [gone[-1].evidence])
    quiet = [left.seen for left in leavings.values() if left.back is None and left.quiet]
    if quiet and bus.ports is None:
        return found("insufficient-data:let-go", [quiet[-1].evidence])
    return _in_use(view)


def _on_request(view: View, left: Leaving) -> bool:
    """Whether somebody took it out and put it in, as the text says, and no more than that."""
    return "replugged" in view.words and left.in_use == 1


def _of_leavings(views: Sequence[View], bus: Bus) -> Finding | None:
    """What left the bus, for good or for a while, or was no modem from the beginning."""
    if not views:
        return None
    if bus.is_empty and not views[-1].state.bus.left and (serial := converter(views)) is not None:
        return serial
    return _of_leaving(views[-1], bus)


def _in_use(view: View) -> Finding | None:
    """What left the bus while it was in use, and is there again."""
    for port, left in view.state.bus.left.items():
        if left.in_use and left.back is not None and not _on_request(view, left):
            return _returned(view, port, left)
    return None


def _of_other(views: Sequence[View]) -> Finding:
    """What to ask of another maker's modem."""
    for view in views:
        if (usb := others_drive(view)) is not None:
            return found("insufficient-data:other-drive", [usb.evidence], usb=usb.value)
    return (_in_use(views[-1]) if views else None) or found("insufficient-data:other")


def _returned(view: View, port: str, left: Leaving) -> Finding:
    """A stick that was in use left the bus and is there again, with which ports."""
    now = sorted(tty for tty, seen in view.state.bus.attached.items() if seen.value == port)
    moved = f" with other ports ({', '.join(now)}; before {', '.join(sorted(left.ttys))})"
    shown = [left.seen.evidence, *([left.back.evidence] if left.back is not None else [])]
    return found(
        "insufficient-data:returned",
        shown,
        port=port,
        as_what=moved if left.ttys and now and sorted(left.ttys) != now else "",
    )


def _unseen(views: Sequence[View], history: History, known: frozenset[str]) -> Finding:
    """Nothing of the bus is shown: what the text names all the same."""
    runs = [run for run in views[-1].state.runs if run.outcome is not None and run.usb]
    if runs and runs[-1].outcome and runs[-1].outcome.value == "switched":
        return found("insufficient-data:switched", [runs[-1].outcome.evidence], usb=runs[-1].usb)
    if views[-1].named:
        return found("insufficient-data:named", usb=views[-1].named[0])
    for name in ("netifd", "qmi"):
        if name in known and history.port is not None:
            return found(f"insufficient-data:{name}", [history.port.evidence])
    if history.port is not None:
        return found("insufficient-data:port", [history.port.evidence], port=history.port.value)
    return found("insufficient-data:stick")


def _answering(views: Sequence[View]) -> Finding:
    """A modem answers: on which port, where the text has it."""
    for view in reversed(views):
        for seen in view.state.events_of("=modem-answers"):
            if seen.value.startswith("/dev/"):
                return found("insufficient-data:answers", [seen.evidence], port=seen.value)
    return found("insufficient-data:modem")


def _ethernet(views: Sequence[View], driver: Seen[str]) -> Finding:
    """A router's driver has an interface: whose it is, where the same text has the id of the device."""
    for view in views:
        bus = view.state.bus
        for port, seen in bus.drivers.items():
            usb = bus.ports.get(port, "")
            if seen is driver and usb and usb[:4] != ids.VENDOR and usb[:4] not in ids.KIN:
                return found("insufficient-data:foreign", [seen.evidence], driver=seen.value, usb=usb)
        listed = [usb for usb in bus.present if usb[:4] not in _HUBS]
        if listed and not any(usb[:4] == ids.VENDOR or usb[:4] in ids.KIN for usb in listed):
            return found(
                "insufficient-data:foreign", [driver.evidence], driver=driver.value, usb=", ".join(listed[:3])
            )
    return found("insufficient-data:ethernet", [driver.evidence], driver=driver.value)


def _of_dialler(views: Sequence[View], known: frozenset[str], bus: Bus, history: History) -> Finding:
    """What to ask of the program that dials."""
    if known == {"none"} and (half := _half_answered(views)) is not None:
        return half
    answers = any(view.state.latest or view.state.events_of("=modem-answers") for view in views)
    told = any(view.state.events_of("=modem-answers") for view in views)
    if known == {"none"} and (told or (bus.stick is None and answers)):
        return _answering(views)
    modems = next((view.state.modems for view in reversed(views) if view.state.modems is not None), None)
    if modems is not None and modems.value:
        return found("insufficient-data:network", [modems.evidence])
    undriven = bus.ports is None and bus.driver is None and not any(_drivers_shown(view) for view in views)
    if undriven and known == {"none"} and bus.stick is None:
        return _unseen(views, history, known)
    if undriven and known == {"none"}:
        kind = "tree" if _nameless_tree(views) else "drivers"
        return found(f"insufficient-data:{kind}", bus.evidence)
    place = [bus.ports.evidence] if bus.ports is not None else bus.evidence
    if known == {"netifd", "ppp"}:
        return _of_pppd(views, history, place)
    for name in ("ofono", "nm", "mm", "netifd", "qmi"):
        if name in known:
            return found(f"insufficient-data:{name}", place)
    if known == {"none"}:
        return found("insufficient-data:dialler", place)
    return _of_pppd(views, history, place)


def _of_pppd(views: Sequence[View], history: History, place: list[Evidence]) -> Finding:
    """What to ask of a dialler whose lines are shown in part."""
    kinds = {part.kind for part in history.parts}
    runs = [run for view in views for run in view.state.sessions]
    if "wvdial" in kinds and runs:
        return found("insufficient-data:pppd", [runs[-1].started.evidence])
    return found("insufficient-data:ppp-rest" if "pppd and chat" in kinds else "insufficient-data:ppp", place)


def _half_answered(views: Sequence[View]) -> Finding | None:
    """A modem that answers, and once did not, or refuses a command."""
    late = [seen for view in views for seen in view.state.events_of("=answer-late")]
    if late:
        return found("insufficient-data:late", [late[-1].evidence], text=late[-1].value)
    refused = [seen for view in views for seen in view.state.events_of("=at-refused")]
    if refused and not any(view.state.said("data") for view in views):
        return found("insufficient-data:refused", [refused[0].evidence], text=refused[0].value)
    return None


def _nameless_tree(views: Sequence[View]) -> bool:
    """lsusb -t is pasted, and names no classes and no drivers."""
    items = [
        item
        for view in views
        for device in view.state.bus.tree.values()
        for item in device.interfaces.values()
    ]
    return bool(items) and all(item.usb_class is None for item in items)


def _drivers_shown(view: View) -> bool:
    return any(
        item.driver is not None and item.driver.value not in ("", "usb-storage", "uas")
        for stick in view.sticks()
        for item in view.interfaces(stick).values()
    )


def modules_shown(views: Sequence[View]) -> bool:
    """Whether kernel and modules are shown together of the state without ports, or of a later kernel."""
    last = max(
        (number for number, view in enumerate(views) if view.sticks() and view.ports() is None), default=0
    )
    # A kernel that was known before the fault came says nothing of the one that has it.
    before = {view.state.release.value for view in views[:last] if view.state.release}
    if any(is_loaded(view, "option") for view in views[last:]):
        return True
    return any(
        view.state.release is not None
        and view.state.folders is not None
        and view.state.release.value not in before
        for view in views[last:]
    )
