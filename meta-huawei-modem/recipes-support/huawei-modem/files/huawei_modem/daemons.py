# SPDX-License-Identifier: MIT
"""Facts about oFono and ConnMan, asked over D-Bus. Identities of SIM and stick are left behind here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huawei_modem.bus import (
    CONNMAN,
    MODEMMANAGER,
    NO_REPLY,
    OFONO,
    BusError,
    BusUnavailableError,
    Once,
)

if TYPE_CHECKING:
    from typing import Any

    from huawei_modem.bus import Asked
    from huawei_modem.shapes import ConnmanFacts, ContextFacts, ModemFacts, OfonoFacts, ServiceFacts

QUESTION_SECONDS = 5.0
"""Their main loops answer all that is asked here from memory."""
_SIMULATOR = "/phonesim"


def collect(live: bool = True, bus: Once | None = None) -> tuple[OfonoFacts, ConnmanFacts]:
    """What both daemons say; where there is no bus, why."""
    if not live:
        return _unknown("no D-Bus in a capture")
    try:
        asked = (bus or Once()).questions(QUESTION_SECONDS)
        return ofono_facts(asked), connman_facts(asked)
    except (BusUnavailableError, BusError) as err:
        return _unknown(str(err))


def modems(bus: Asked) -> list[tuple[str, dict[str, Any]]]:
    """oFono's modems that may be sticks, in its order: path and properties. Raises BusError.

    Not a phone's over Bluetooth (hfp, sap), nor oFono's simulator, which counts as hardware there.
    """
    listed = bus.call(OFONO, "/", "org.ofono.Manager", "GetModems")
    return [
        (path, dict(item)) for path, item in listed if item.get("Type") == "hardware" and path != _SIMULATOR
    ]


def ofono_facts(bus: Asked) -> OfonoFacts:
    """The modems of oFono and how far each has come."""
    if not bus.has_owner(OFONO):
        return {"running": False, "reason": None, "modems": [], "modemmanager": False}
    try:
        found = [_modem(bus, path, item) for path, item in modems(bus)]
    except BusError as err:
        return {"running": None, "reason": str(err), "modems": [], "modemmanager": False}
    return {
        "running": True,
        "reason": None,
        "modems": found,
        "modemmanager": bus.has_owner(MODEMMANAGER),
    }


def connman_facts(bus: Asked) -> ConnmanFacts:
    """ConnMan's cellular technology and its services."""
    if not bus.has_owner(CONNMAN):
        return {"running": False, "reason": None, "offline_mode": None, "cellular": None, "services": []}
    manager = f"{CONNMAN}.Manager"
    try:
        technologies = bus.call(CONNMAN, "/", manager, "GetTechnologies")
        services = bus.call(CONNMAN, "/", manager, "GetServices")
        properties = bus.call(CONNMAN, "/", manager, "GetProperties")
    except BusError as err:
        return {"running": None, "reason": str(err), "offline_mode": None, "cellular": None, "services": []}
    cellular = next((item for _path, item in technologies if item.get("Type") == "cellular"), None)
    return {
        "running": True,
        "reason": None,
        "offline_mode": bool(properties.get("OfflineMode")),
        "cellular": {"powered": bool(cellular.get("Powered")), "connected": bool(cellular.get("Connected"))}
        if cellular is not None
        else None,
        "services": [_service(item) for _path, item in services],
    }


def _unknown(reason: str) -> tuple[OfonoFacts, ConnmanFacts]:
    return (
        {"running": None, "reason": reason, "modems": [], "modemmanager": False},
        {"running": None, "reason": reason, "offline_mode": None, "cellular": None, "services": []},
    )


def _modem(bus: Asked, path: str, properties: dict[str, Any]) -> ModemFacts:
    interfaces = properties.get("Interfaces", ())

    def ask(name: str) -> dict[str, Any]:
        interface = f"org.ofono.{name}"
        if interface not in interfaces:
            return {}
        try:
            return dict(bus.call(OFONO, path, interface, "GetProperties"))
        except BusError as err:
            if err.name == NO_REPLY:
                raise  # it hangs, whatever it has said so far
            # The modem went or changes state while we ask: what it does not say is not known.
            return {}

    sim, network, connection = ask("SimManager"), ask("NetworkRegistration"), ask("ConnectionManager")
    return {
        "path": path,
        "powered": bool(properties.get("Powered")),
        "online": bool(properties.get("Online")),
        "sim_present": sim.get("Present"),
        "pin_required": sim.get("PinRequired"),
        "registration": network.get("Status"),
        "operator": network.get("Name"),
        "technology": network.get("Technology"),
        "strength": network.get("Strength"),
        "attached": connection.get("Attached"),
        "roaming_allowed": connection.get("RoamingAllowed"),
        "contexts": _contexts(bus, path) if connection else None,
    }


def _contexts(bus: Asked, path: str) -> list[ContextFacts] | None:
    try:
        contexts = bus.call(OFONO, path, "org.ofono.ConnectionManager", "GetContexts")
    except BusError as err:
        if err.name == NO_REPLY:
            raise
        return None
    return [
        {
            "type": item.get("Type", ""),
            "active": bool(item.get("Active")),
            "apn": item.get("AccessPointName", ""),
        }
        for _path, item in contexts
    ]


def _service(properties: dict[str, Any]) -> ServiceFacts:
    return {
        "type": properties.get("Type", ""),
        "name": properties.get("Name", ""),
        "state": properties.get("State", ""),
        "error": properties.get("Error") or None,
        "interface": properties.get("Ethernet", {}).get("Interface"),
        "address": properties.get("IPv4", {}).get("Address"),
    }
