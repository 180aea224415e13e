# SPDX-License-Identifier: MIT
"""The edge to D-Bus: the only module that needs python3-dbus, and it says so when it is missing.

Values come back as plain Python: no dbus types leave this module.
"""

from __future__ import annotations

import sys
from typing import Any, Protocol

OFONO = "org.ofono"
CONNMAN = "net.connman"
_SECONDS = 30


class BusError(Exception):
    """A call failed. `name` is the D-Bus error's name, such as org.ofono.Error.InProgress."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"{name}: {text}")
        self.name = name


class BusUnavailableError(Exception):
    """There is no bus to talk on; the text says what is missing."""


class Bus(Protocol):
    """What the helper needs of the system bus. Tests give their own."""

    def has_owner(self, service: str) -> bool:
        """Whether the daemon is on the bus."""

    def call(self, service: str, path: str, interface: str, method: str, *arguments: Any) -> Any:
        """The reply as plain Python. Raises BusError."""

    def set_property(self, service: str, path: str, interface: str, name: str, value: Any) -> None:
        """SetProperty, as oFono and ConnMan have it on their own interfaces. Raises BusError."""


def open_bus() -> Bus:
    """The system bus. Raises BusUnavailableError."""
    if sys.flags.no_site:
        # The launcher leaves `site` out to start faster; dbus lies where only `site` looks.
        import site

        site.main()
    try:
        import dbus
    except ImportError as err:
        raise BusUnavailableError("python3-dbus is not installed") from err
    try:
        return _SystemBus(dbus)
    except dbus.exceptions.DBusException as err:
        raise BusUnavailableError(f"no system bus: {err.get_dbus_message()}") from err


class _SystemBus:
    def __init__(self, dbus: Any) -> None:
        self._dbus = dbus
        self._bus = dbus.SystemBus()

    def has_owner(self, service: str) -> bool:
        return bool(self._bus.name_has_owner(service))

    def call(self, service: str, path: str, interface: str, method: str, *arguments: Any) -> Any:
        return self._call(service, path, interface, method, arguments)

    def set_property(self, service: str, path: str, interface: str, name: str, value: Any) -> None:
        # Without introspection nothing else tells dbus that the value travels as a variant.
        self._call(service, path, interface, "SetProperty", (name, value), signature="sv")

    def _call(
        self, service: str, path: str, interface: str, method: str, arguments: tuple[Any, ...], **options: str
    ) -> Any:
        try:
            # Without introspection: half the messages, and no XML parser at work.
            proxy = self._bus.get_object(service, path, introspect=False)
            return _plain(proxy.get_dbus_method(method, interface)(*arguments, timeout=_SECONDS, **options))
        except self._dbus.exceptions.DBusException as err:
            raise BusError(err.get_dbus_name() or "unknown", err.get_dbus_message()) from err


def _plain(value: Any) -> Any:
    # dbus.Boolean is an int and dbus.String a str: only the exact types may stay.
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if type(value).__name__ == "Boolean":
        return bool(value)
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)
    return value
