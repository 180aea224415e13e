# SPDX-License-Identifier: MIT
"""oFono and ConnMan as the helper sees them, on the bus in DBUS_SYSTEM_BUS_ADDRESS.

Started by test_bus.py with the distribution's Python, which has dbus and gi. Signatures are those of
oFono's doc/*-api.txt and ConnMan's doc/*-api.txt. Prints `ready`, then each property that is set.
"""

import json
from typing import Any

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

MODEM = "/huawei_0"
CONTEXT = f"{MODEM}/context1"
TECHNOLOGY = "/net/connman/technology/cellular"
SERVICE = "/net/connman/service/cellular_001010123456789_context1"
INTERFACES = ["org.ofono.SimManager", "org.ofono.ConnectionManager", "org.ofono.NetworkRegistration"]

context: dict[str, Any] = {"Type": "internet", "Active": False, "AccessPointName": ""}
technology: dict[str, Any] = {"Type": "cellular", "Powered": False, "Connected": False}
service: dict[str, Any] = {"Type": "cellular", "Name": "Test network", "State": "idle"}


def tell(path: str, name: str, value: object) -> None:
    plain = bool(value) if isinstance(value, dbus.Boolean) else str(value)
    print(json.dumps([path, name, plain]), flush=True)


class OfonoManager(dbus.service.Object):
    @dbus.service.method("org.ofono.Manager", out_signature="a(oa{sv})")
    def GetModems(self) -> Any:  # noqa: N802  (the D-Bus name)
        properties = {"Type": "hardware", "Powered": True, "Online": True}
        return [(MODEM, {**properties, "Interfaces": dbus.Array(INTERFACES, signature="s")})]


class SimManager(dbus.service.Object):
    @dbus.service.method("org.ofono.SimManager", out_signature="a{sv}")
    def GetProperties(self) -> Any:  # noqa: N802
        codes = {"MobileCountryCode": "001", "MobileNetworkCode": "01"}
        return {"Present": True, "PinRequired": "none", "SubscriberIdentity": "001010123456789", **codes}


class ConnectionManager(dbus.service.Object):
    @dbus.service.method("org.ofono.ConnectionManager", out_signature="a{sv}")
    def GetProperties(self) -> Any:  # noqa: N802
        return {"Attached": True}

    @dbus.service.method("org.ofono.ConnectionManager", out_signature="a(oa{sv})")
    def GetContexts(self) -> Any:  # noqa: N802
        return [(CONTEXT, context)]


class NetworkRegistration(dbus.service.Object):
    @dbus.service.method("org.ofono.NetworkRegistration", out_signature="a{sv}")
    def GetProperties(self) -> Any:  # noqa: N802
        return {"Status": "registered", "Name": "Test Network", "Strength": dbus.Byte(64)}


class Modem(SimManager, ConnectionManager, NetworkRegistration):
    """One object with all interfaces; dbus-python wants a class for each GetProperties."""


class Context(dbus.service.Object):
    @dbus.service.method("org.ofono.ConnectionContext", in_signature="sv")
    def SetProperty(self, name: str, value: Any) -> None:  # noqa: N802
        context[name] = value
        tell(CONTEXT, name, value)


class ConnmanManager(dbus.service.Object):
    @dbus.service.method("net.connman.Manager", out_signature="a(oa{sv})")
    def GetTechnologies(self) -> Any:  # noqa: N802
        return [(TECHNOLOGY, technology)]

    @dbus.service.method("net.connman.Manager", out_signature="a(oa{sv})")
    def GetServices(self) -> Any:  # noqa: N802
        return [(SERVICE, service)]

    @dbus.service.method("net.connman.Manager", out_signature="a{sv}")
    def GetProperties(self) -> Any:  # noqa: N802
        return {"OfflineMode": False}


class Technology(dbus.service.Object):
    @dbus.service.method("net.connman.Technology", in_signature="sv")
    def SetProperty(self, name: str, value: Any) -> None:  # noqa: N802
        technology[name] = value
        tell(TECHNOLOGY, name, value)


class Service(dbus.service.Object):
    @dbus.service.method("net.connman.Service")
    def Connect(self) -> None:  # noqa: N802
        service["State"] = "online"


def main() -> None:
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    # Both daemons have an object at /, so each gets a connection of its own.
    ofono, connman = dbus.SystemBus(private=True), dbus.SystemBus(private=True)
    kept = [
        dbus.service.BusName("org.ofono", ofono),
        dbus.service.BusName("net.connman", connman),
        OfonoManager(ofono, "/"),
        Modem(ofono, MODEM),
        Context(ofono, CONTEXT),
        ConnmanManager(connman, "/"),
        Technology(connman, TECHNOLOGY),
        Service(connman, SERVICE),
    ]
    print("ready", flush=True)
    GLib.MainLoop().run()
    kept.clear()


main()
