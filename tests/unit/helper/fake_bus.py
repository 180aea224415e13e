# SPDX-License-Identifier: MIT
"""A bus that answers as oFono and ConnMan do, and keeps what it is told."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from huawei_modem.bus import NO_REPLY, BusError
from huawei_modem.connect import Connector
from huawei_modem.progress import Progress
from huawei_modem.settings import Wishes
from unit.helper.trees import write

MODEM = "/huawei_0"
CELLULAR = "/net/connman/technology/cellular"
CONFIGURED = "[apn 00101]\napn = configured\nusername = user\npassword = hidden\n"


class FakeBus:
    """oFono with one modem, and ConnMan, each as far as a test wants them."""

    def __init__(self) -> None:
        self.owners = {"org.ofono", "net.connman"}
        self.listed = True
        self.modem: dict[str, Any] = {
            "Type": "hardware",
            "Powered": True,
            "Online": True,
            "Interfaces": [
                f"org.ofono.{name}" for name in ("SimManager", "ConnectionManager", "NetworkRegistration")
            ],
        }
        self.sim: dict[str, Any] = {
            "Present": True,
            "PinRequired": "none",
            "SubscriberIdentity": "001010123456789",
            "MobileCountryCode": "001",
            "MobileNetworkCode": "01",
        }
        self.network: dict[str, Any] = {"Status": "registered", "Name": "Test Network", "Technology": "lte"}
        self.connection: dict[str, Any] = {"Attached": True, "RoamingAllowed": False}
        self.right_pin = "1234"
        self.pins: list[tuple[str, ...]] = []
        self.offline = False
        self.contexts: dict[str, dict[str, Any]] = {
            "/huawei_0/context1": {"Type": "internet", "AccessPointName": ""}
        }
        self.technology = {"Type": "cellular", "Powered": False}
        self.service_path = "/net/connman/service/cellular_test"
        self.service: dict[str, Any] = {"Type": "cellular", "State": "idle"}
        self.refuses = self.stuck = False
        self.toggled = 0
        self.failures: list[BusError] = []
        self.connected = 0

    def has_owner(self, service: str, seconds: float = 0) -> bool:
        return service in self.owners

    def call(
        self, service: str, path: str, interface: str, method: str, *arguments: Any, seconds: float = 30
    ) -> Any:
        assert path.startswith("/") and (service == "org.ofono") == interface.startswith("org.ofono")
        if self.failures:
            raise self.failures.pop()
        answers: dict[str, Callable[[], Any]] = {
            "GetModems": lambda: [[MODEM, self.modem]] if self.listed else [],
            "GetTechnologies": lambda: [
                ["/net/connman/technology/ethernet", {}],
                [CELLULAR, self.technology],
            ],
            "GetServices": lambda: [[self.service_path, self.service]],
            "GetContexts": lambda: list(self.contexts.items()),
            "GetProperties": lambda: self._properties(interface),
            "EnterPin": lambda: self._enter_pin(*arguments),
            "Disconnect": self._disconnect,
            "AddContext": lambda: self._add_context(*arguments),
            "Connect": self._connect,
        }
        return answers[method]()

    def set_property(self, service: str, path: str, interface: str, name: str, value: Any) -> None:
        if path == CELLULAR:
            assert (service, interface) == ("net.connman", "net.connman.Technology")
            if self.technology["Powered"] and value:
                raise BusError("net.connman.Error.AlreadyEnabled", "Already enabled")
            self.technology[name] = value
            self.toggled += not value
            if not value:
                self.stuck = False
                self.service.pop("Error", None)
        elif path == MODEM:
            assert (service, interface) == ("org.ofono", "org.ofono.ConnectionManager")
            self.connection[name] = value
        else:
            assert (service, interface) == ("org.ofono", "org.ofono.ConnectionContext")
            if self.contexts[path].get("Active") and name != "Active":
                raise BusError("org.ofono.Error.InUse", "The resource is currently in use")
            self.contexts[path][name] = value

    def _add_context(self, kind: str) -> str:
        path = f"{MODEM}/context{len(self.contexts) + 1}"
        self.contexts[path] = {"Type": kind, "AccessPointName": ""}
        return path

    def _connect(self) -> None:
        if self.stuck:
            raise BusError("net.connman.Error.InProgress", "In progress")
        self.connected += 1
        if self.refuses:
            self.stuck = True
            self.service.update(State="idle", Error="connect-failed")
            raise BusError(NO_REPLY, "net.connman did not answer Connect in time")
        self.service["State"] = "online"
        self.contexts["/huawei_0/context1"]["Active"] = True

    def _disconnect(self) -> None:
        self.service["State"] = "idle"
        self.contexts["/huawei_0/context1"]["Active"] = False

    def _properties(self, interface: str) -> dict[str, Any]:
        return {
            "org.ofono.SimManager": self.sim,
            "org.ofono.NetworkRegistration": self.network,
            "org.ofono.ConnectionManager": self.connection,
            "net.connman.Manager": {"OfflineMode": self.offline},
        }[interface]

    def _enter_pin(self, *arguments: str) -> None:
        self.pins.append(arguments)
        if arguments != ("pin", self.right_pin):
            raise BusError("org.ofono.Error.Failed", f"the text of an error may repeat {arguments[1]}")
        self.sim["PinRequired"] = "none"


class Told(Progress):
    """Progress without pauses. `also` is done in each."""

    def __init__(self, said: list[str], also: Callable[[], object] = lambda: None) -> None:
        super().__init__(io.StringIO())
        self._said = said
        self._also = also

    def say(self, line: str) -> None:
        self._said.append(line)

    def sleep(self, seconds: float) -> None:
        self._also()


def connector(
    bus: FakeBus,
    root: Path,
    said: list[str] | None = None,
    seconds: float = 60,
    wishes: Wishes | None = None,
    also: Callable[[], object] = lambda: None,
    only: str = "",
) -> Connector:
    told = Told([] if said is None else said, also)
    return Connector(bus, root, time.monotonic() + seconds, told, wishes, only)


def pin_file(root: Path, text: str = "1234\n") -> Path:
    path = root / "pin"
    write(path, text)
    path.chmod(0o600)
    return path
