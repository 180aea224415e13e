# SPDX-License-Identifier: MIT
"""All properties of oFono and ConnMan as text, in the form of oFono's list-modems and of connmanctl.

For a capture: people know the form, and the doctor reads it. Where the stick is stays out (cell and area);
who it is goes through the mask, like every text of a capture.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from huawei_modem.bus import CONNMAN, OFONO, BusError

if TYPE_CHECKING:
    from huawei_modem.bus import Bus

_PLACES = ("CellId", "LocationAreaCode", "TrackingAreaCode")
_FLAGS = {"ready": "R", "online": "O", "association": "a", "configuration": "c", "failure": "f"}
"""ConnMan 1.41 client/services.c."""
_NAMED = ("cellular", "ethernet", "gadget")
"""The name of a WLAN tells where the board stands, and is nothing to the modem."""


def texts(bus: Bus) -> Iterator[tuple[str, str]]:
    """Name and text of each listing; a daemon's complaint where it does not answer.

    A daemon that does not run is not asked: the bus might start it.
    """
    for service, name, listing in (
        (OFONO, "list-modems", _modems),
        (OFONO, "list-contexts", _contexts),
        (CONNMAN, "connmanctl_state", _state),
        (CONNMAN, "connmanctl_technologies", _technologies),
        (CONNMAN, "connmanctl_services", _services),
    ):
        try:
            if not bus.has_owner(service):
                continue
            text = "".join(f"{line}\n" for line in listing(bus))
        except BusError as err:
            text = f"{err}\n"
        yield f"{name}.txt", text


def _modems(bus: Bus) -> Iterator[str]:
    for path, properties in bus.call(OFONO, "/", "org.ofono.Manager", "GetModems"):
        yield f"[ {path} ]"
        yield from _values(properties, 4)
        for interface in properties.get("Interfaces", ()):
            yield f"    [ {interface} ]"
            try:
                yield from _values(bus.call(OFONO, path, interface, "GetProperties"), 8)
            except BusError as err:
                # Not every interface has properties.
                yield f"        # {err.name}"


def _contexts(bus: Bus) -> Iterator[str]:
    for path, properties in bus.call(OFONO, "/", "org.ofono.Manager", "GetModems"):
        if "org.ofono.ConnectionManager" not in properties.get("Interfaces", ()):
            continue
        yield f"[ {path} ]"
        for context, values in bus.call(OFONO, path, "org.ofono.ConnectionManager", "GetContexts"):
            yield f"    [ {context} ]"
            yield from _values(values, 8)


def _state(bus: Bus) -> Iterator[str]:
    yield from _values(bus.call(CONNMAN, "/", f"{CONNMAN}.Manager", "GetProperties"), 2)


def _technologies(bus: Bus) -> Iterator[str]:
    for path, properties in bus.call(CONNMAN, "/", f"{CONNMAN}.Manager", "GetTechnologies"):
        yield str(path)
        yield from _values(properties, 2)


def _services(bus: Bus) -> Iterator[str]:
    """Each service in a line, and all properties of the cellular ones below the lines."""
    services = bus.call(CONNMAN, "/", f"{CONNMAN}.Manager", "GetServices")
    for path, properties in services:
        name = str(properties.get("Name", "")) if properties.get("Type") in _NAMED else ""
        flags = (
            ("*" if properties.get("Favorite") else " ")
            + ("A" if properties.get("AutoConnect") else " ")
            + _FLAGS.get(str(properties.get("State")), " ")
        )
        yield f"{flags} {name:<20} {path.rpartition('/')[2]}"
    for path, properties in services:
        if properties.get("Type") == "cellular":
            yield str(path)
            yield from _values(properties, 2)


def _values(properties: Mapping[str, Any], indent: int) -> Iterator[str]:
    for key, value in properties.items():
        if key not in _PLACES:
            yield f"{'':{indent}}{key} = {_plain(value)}"


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = " ".join(f"{key}={_plain(item)}" for key, item in value.items() if key not in _PLACES)
        return f"{{ {inner} }}" if inner else "{ }"
    if isinstance(value, (list, tuple)):
        return " ".join(["[", *map(_plain, value), "]"])
    return str(value).replace("\n", " ")
