# SPDX-License-Identifier: MIT
"""One look at the system: sysfs, oFono and ConnMan over D-Bus. Identities are left behind."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from huawei_modem import daemons, facts, sysfs
from huawei_modem.bus import CONNMAN, OFONO, BusError, Questions
from huawei_modem.connect import DISCONNECTED
from huawei_modem_watch.machine import Link, Seen

if TYPE_CHECKING:
    from huawei_modem.bus import Asked, Bus
    from huawei_modem.shapes import ConnmanFacts, ModemFacts

    _Services = list[tuple[str, dict[str, Any]]]

SYSTEMD = "org.freedesktop.systemd1"
OFONO_UNIT = "ofono.service"
_STORAGE = "08"
_CARRIES = ("ready", "online")


class Service(NamedTuple):
    """The modem's service in ConnMan. `path` holds the IMSI: it is for calls alone."""

    path: str
    state: str
    error: str
    automatic: bool
    interface: str
    nameservers: tuple[str, ...]


def look(bus: Bus, root: Path, answers: dict[str, bool | None]) -> Seen:
    """What is there now; `answers` are those of the last probes, by network device. Raises BusError."""
    sticks = sysfs.sticks(root)
    own = network_devices(sticks)
    now = time.monotonic()
    asked = Questions(bus, daemons.QUESTION_SECONDS)  # one that hangs is to hold up no remedy
    if not sticks:
        services = []
        with suppress(BusError):  # a ConnMan that is not there has no cable
            services = _services(asked)
        return Seen(now, cable=_cable(services, root, own, answers))
    ofono = daemons.ofono_facts(asked)
    connman = daemons.connman_facts(asked)
    services = _services(asked) if connman["running"] else []
    modem = judged(ofono["modems"])
    router = _is_router(sticks, bool(modem))
    service = _service_of(services, own if router else None)
    return Seen(
        now,
        stick=True,
        storage=all(_is_storage(stick) for stick in sticks),
        router=router,
        ofono=bool(ofono["running"]),
        # Not known: it is on the bus, and hangs.
        ofono_wanted=ofono["running"] is not False or _unit_wanted(bus, OFONO_UNIT),
        connman=bool(connman["running"]),
        off=_is_off(root, connman, router),
        modem=modem is not None,
        service=service.state if service else "",
        error=service.error if service else "",
        automatic=service.automatic if service else True,
        busy=modem is not None and service is not None and _given_up(service) and hangs(bus, modem["path"]),
        link=link_of(root, service.interface, answers) if service and service.interface else None,
        cable=_cable(services, root, own, answers),
        **_of_modem(modem),
    )


def judged(modems: list[ModemFacts]) -> ModemFacts | None:
    """Of several modems the one that is dialled in, else one with a network: ConnMan connects one of them."""

    def rank(modem: ModemFacts) -> tuple[bool, bool]:
        active = any(one["active"] and one["type"] == "internet" for one in modem["contexts"] or ())
        return active, modem["registration"] in ("registered", "roaming")

    return max(modems, key=rank, default=None)


def _given_up(service: Service) -> bool:
    """Nobody dials: ConnMan's call has failed, and it is kept from the next one."""
    return bool(service.error) and service.state in ("idle", "failure") and not service.automatic


def hangs(bus: Bus, modem: str) -> bool:
    """Whether oFono is busy with a call of an inactive context: it is asked to end what is not there.

    It says InProgress as long as an activation is under way, else nothing happens (pri_set_property() of
    src/gprs.c, oFono 1.31 to 2.13).
    """
    try:
        for path, item in bus.call(OFONO, modem, f"{OFONO}.ConnectionManager", "GetContexts"):
            if item.get("Type") == "internet" and not item.get("Active"):
                bus.set_property(OFONO, path, f"{OFONO}.ConnectionContext", "Active", False)
    except BusError as err:
        return err.name == f"{OFONO}.Error.InProgress"
    return False


def _of_modem(modem: ModemFacts | None) -> dict[str, Any]:
    if modem is None:
        return {}
    locked = modem["pin_required"] not in (None, "none")
    return {
        "sim": modem["sim_present"] is not False and not locked,
        "registration": modem["registration"] or "",
        "technology": modem["technology"] or "",
        "operator": modem["operator"] or "",
        "signal": modem["strength"],
    }


def cellular_service(bus: Bus) -> Service | None:
    """Raises BusError."""
    return _service_of(_services(bus), None)


def _services(bus: Asked) -> _Services:
    """ConnMan's, the one that it prefers first: path and properties. Raises BusError."""
    return [tuple(item) for item in bus.call(CONNMAN, "/", f"{CONNMAN}.Manager", "GetServices")]


def _service_of(services: _Services, devices: set[str] | None) -> Service | None:
    """The cellular service; with `devices`, the one of a network device among them. Of several, one that
    carries, else the one that ConnMan prefers."""
    found = []
    for path, item in services:
        interface = str(item.get("Ethernet", {}).get("Interface", ""))
        wanted = item.get("Type") == "cellular" if devices is None else interface in devices
        if wanted:
            service = Service(
                path,
                str(item.get("State", "")),
                str(item.get("Error", "")),
                bool(item.get("AutoConnect", True)),
                interface,
                tuple(map(str, item.get("Nameservers", ()))),
            )
            found.append(service)
    return max(found, key=lambda one: one.state in _CARRIES, default=None)


def nameservers(bus: Bus, device: str) -> tuple[str, ...]:
    """Those of the service that has this network device. Raises BusError."""
    found = _service_of(_services(bus), {device})
    return found.nameservers if found else ()


def link_of(root: Path, device: str, answers: dict[str, bool | None]) -> Link:
    folder = root / "sys/class/net" / device / "statistics"
    received, sent = (sysfs.attribute(folder, name) for name in ("rx_bytes", "tx_bytes"))
    return Link(device, _number(received), _number(sent), answers.get(device))


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _cable(services: _Services, root: Path, own: set[str], answers: dict[str, bool | None]) -> Link | None:
    """The device that ConnMan uses first, where that is neither the modem's nor a stick's."""
    for _path, item in services[:1]:
        device = str(item.get("Ethernet", {}).get("Interface", ""))
        used = item.get("State") in _CARRIES and item.get("Type") in ("ethernet", "wifi")
        if used and device not in own and device == facts.default_route(root):
            return link_of(root, device, answers)
    return None


def network_devices(sticks: list[Path]) -> set[str]:
    names = (sysfs.network_device(one) for stick in sticks for one in sysfs.interfaces(stick))
    return {name for name in names if name}


def _is_storage(stick: Path) -> bool:
    classes = {sysfs.attribute(one, "bInterfaceClass") for one in sysfs.interfaces(stick)}
    return classes == {_STORAGE}


def _is_router(sticks: list[Path], modem: bool) -> bool:
    """A network device, and no serial port or control device that oFono could use."""
    interfaces = [one for stick in sticks for one in sysfs.interfaces(stick)]
    ports = any(sysfs.tty(one) or sysfs.control_device(one) for one in interfaces)
    return not modem and not ports and any(sysfs.network_device(one) for one in interfaces)


def _is_off(root: Path, connman: ConnmanFacts, router: bool) -> bool:
    cellular = connman["cellular"]
    switched_off = not router and cellular is not None and not cellular["powered"]
    return bool(connman["offline_mode"]) or switched_off or (root / DISCONNECTED).exists()


def _unit_wanted(bus: Bus, unit: str) -> bool:
    """Whether a unit runs or failed; one that somebody stopped is inactive."""
    manager = f"{SYSTEMD}.Manager"
    try:
        path = bus.call(SYSTEMD, "/org/freedesktop/systemd1", manager, "LoadUnit", unit)
        properties = "org.freedesktop.DBus.Properties"
        state = bus.call(SYSTEMD, path, properties, "Get", f"{SYSTEMD}.Unit", "ActiveState")
    except BusError:
        return False
    return state in ("active", "failed")
