# SPDX-License-Identifier: MIT
"""connect, against a bus that answers as oFono and ConnMan do, and keeps what it is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huawei_modem.bus import BusError
from huawei_modem.connect import CONFIG, STAMP, AccessPoint, ConnectError, Connector, access_point
from unit.helper.trees import write

MODEM = "/huawei_0"
CELLULAR = "/net/connman/technology/cellular"
CONFIGURED = "[apn 00101]\napn = configured\nusername = user\npassword = hidden\n"


class FakeBus:
    """oFono with one modem, and ConnMan, each as far as a test wants them."""

    def __init__(self) -> None:
        self.owners = {"org.ofono", "net.connman"}
        self.modem: dict[str, Any] = {"Type": "hardware", "Interfaces": ["org.ofono.ConnectionManager"]}
        self.sim = {"MobileCountryCode": "001", "MobileNetworkCode": "01"}
        self.contexts: dict[str, dict[str, Any]] = {
            "/huawei_0/context1": {"Type": "internet", "AccessPointName": ""}
        }
        self.technology = {"Type": "cellular", "Powered": False}
        self.service = {"Type": "cellular", "State": "idle"}
        self.failures: list[BusError] = []
        self.connected = 0

    def has_owner(self, service: str) -> bool:
        return service in self.owners

    def call(self, service: str, path: str, interface: str, method: str, *arguments: Any) -> Any:
        assert path.startswith("/") and (service == "org.ofono") == interface.startswith("org.ofono")
        if self.failures:
            raise self.failures.pop()
        answers: dict[str, Callable[[], Any]] = {
            "GetModems": lambda: [[MODEM, self.modem]],
            "GetTechnologies": lambda: [
                ["/net/connman/technology/ethernet", {}],
                [CELLULAR, self.technology],
            ],
            "GetServices": lambda: [["/net/connman/service/cellular_test", self.service]],
            "GetContexts": lambda: list(self.contexts.items()),
            "GetProperties": lambda: self.sim,
            "AddContext": lambda: self._add_context(*arguments),
            "Connect": self._connect,
        }
        return answers[method]()

    def set_property(self, service: str, path: str, interface: str, name: str, value: Any) -> None:
        if path == CELLULAR:
            assert (service, interface) == ("net.connman", "net.connman.Technology")
            if self.technology["Powered"]:
                raise BusError("net.connman.Error.AlreadyEnabled", "Already enabled")
            self.technology[name] = value
        else:
            assert (service, interface) == ("org.ofono", "org.ofono.ConnectionContext")
            self.contexts[path][name] = value

    def _add_context(self, kind: str) -> str:
        path = f"{MODEM}/context{len(self.contexts) + 1}"
        self.contexts[path] = {"Type": kind, "AccessPointName": ""}
        return path

    def _connect(self) -> None:
        self.connected += 1
        self.service["State"] = "online"


def connector(bus: FakeBus, root: Path, said: list[str] | None = None, seconds: float = 60) -> Connector:
    say = said.append if said is not None else lambda _line: None
    return Connector(bus, root, time.monotonic() + seconds, say, lambda _seconds: None)


def test_a_new_system_gets_technology_and_access_point(tmp_path: Path) -> None:
    write(tmp_path / CONFIG, CONFIGURED)
    bus, said = FakeBus(), list[str]()
    assert connector(bus, tmp_path, said).prepare() == MODEM
    assert bus.technology["Powered"] is True
    (context,) = bus.contexts.values()
    assert (context["AccessPointName"], context["Username"], context["Password"]) == (
        "configured",
        "user",
        "hidden",
    )
    assert "hidden" not in "\n".join(said)


def test_the_access_point_is_set_after_its_password(tmp_path: Path) -> None:
    """ConnMan takes the context up as soon as it has an access point."""
    write(tmp_path / CONFIG, CONFIGURED)
    bus, order = FakeBus(), list[str]()
    bus.set_property = lambda *arguments: order.append(arguments[3])  # type: ignore[method-assign,misc,assignment]
    connector(bus, tmp_path).prepare()
    assert order == ["Powered", "Username", "Password", "AccessPointName"]


def test_what_a_person_set_stays(tmp_path: Path) -> None:
    write(tmp_path / CONFIG, CONFIGURED)
    bus = FakeBus()
    bus.contexts["/huawei_0/context1"]["AccessPointName"] = "by.hand"
    connector(bus, tmp_path).prepare()
    assert bus.contexts["/huawei_0/context1"] == {"Type": "internet", "AccessPointName": "by.hand"}


def test_an_access_point_on_the_command_line_is_obeyed(tmp_path: Path) -> None:
    bus = FakeBus()
    bus.contexts["/huawei_0/context1"]["AccessPointName"] = "old"
    connector(bus, tmp_path).prepare(AccessPoint("chosen"))
    assert bus.contexts["/huawei_0/context1"]["AccessPointName"] == "chosen"


def test_a_technology_that_was_switched_off_later_stays_off(tmp_path: Path) -> None:
    write(tmp_path / CONFIG, CONFIGURED)
    bus = FakeBus()
    connector(bus, tmp_path).prepare()
    assert (tmp_path / STAMP).exists()
    bus.technology["Powered"] = False
    connector(bus, tmp_path).prepare()
    assert bus.technology["Powered"] is False


def test_a_context_is_made_where_there_is_none_for_the_internet(tmp_path: Path) -> None:
    write(tmp_path / CONFIG, CONFIGURED)
    bus = FakeBus()
    bus.contexts = {"/huawei_0/context1": {"Type": "mms", "AccessPointName": "mms"}}
    connector(bus, tmp_path).prepare()
    assert bus.contexts["/huawei_0/context2"]["AccessPointName"] == "configured"
    assert bus.contexts["/huawei_0/context1"]["AccessPointName"] == "mms"


def test_a_daemon_that_starts_late_is_waited_for(tmp_path: Path) -> None:
    write(tmp_path / CONFIG, CONFIGURED)
    bus = FakeBus()
    bus.owners.clear()
    bus.failures = [BusError("org.freedesktop.DBus.Error.NoReply", "starting")]
    late = iter(["org.ofono", "net.connman"])
    waiting = Connector(
        bus,
        tmp_path,
        time.monotonic() + 60,
        lambda _line: None,
        lambda _seconds: bus.owners.update([next(late, "x")]),
    )
    assert waiting.prepare() == MODEM


@pytest.mark.parametrize(
    ("break_it", "step"),
    [
        (lambda bus: bus.owners.discard("org.ofono"), "oFono on D-Bus"),
        (lambda bus: bus.modem.update(Type="test"), "a modem in oFono"),
        (lambda bus: bus.owners.discard("net.connman"), "ConnMan on D-Bus"),
        (lambda bus: bus.modem.update(Interfaces=[]), "packet data in oFono"),
        (lambda bus: bus.sim.clear(), "the SIM's network code"),
    ],
)
def test_the_step_that_is_not_reached_is_named(
    tmp_path: Path, break_it: Callable[[FakeBus], None], step: str
) -> None:
    bus = FakeBus()
    break_it(bus)
    with pytest.raises(ConnectError, match=f"{step}: not there in time"):
        connector(bus, tmp_path, seconds=0).prepare()


def test_without_any_access_point_the_file_and_the_command_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConnectError, match=r"Add \[apn 00101\] to /etc/huawei-modem/config\.ini, or run"):
        connector(FakeBus(), tmp_path).prepare()


def test_connect_asks_connman_once_and_waits(tmp_path: Path) -> None:
    bus, said = FakeBus(), list[str]()
    assert connector(bus, tmp_path, said).connect() == "online"
    assert bus.connected == 1
    assert said == ["service online"]


def test_connect_leaves_a_connection_alone(tmp_path: Path) -> None:
    bus = FakeBus()
    bus.service["State"] = "ready"
    assert connector(bus, tmp_path).connect() == "ready"
    assert bus.connected == 0


def test_a_sections_own_network_comes_before_the_default() -> None:
    config = CONFIGURED + "[apn default]\napn = everywhere\n"
    assert access_point(config, "00101") == AccessPoint("configured", "user", "hidden")
    assert access_point(config, "00102") == AccessPoint("everywhere")
    assert access_point(CONFIGURED, "00102") is None


def test_a_password_with_a_percent_sign_is_taken_as_it_is() -> None:
    config = CONFIGURED.replace("hidden", "50%(x)s")
    found = access_point(config, "00101")
    assert found is not None
    assert found.password == "50%(x)s"  # noqa: S105  (a test value)


@pytest.mark.parametrize(
    "config", ["password = hidden\n", "[apn 00101]\nhidden\n", "[apn 00101]\npassword = hidden\n"]
)
def test_a_broken_file_is_refused_without_quoting_it(config: str) -> None:
    with pytest.raises(ConnectError) as caught:
        access_point(config, "00101")
    assert "config.ini" in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_a_stamp_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    write(tmp_path / "var/lib/huawei-modem", "a file where the folder should be")
    with pytest.raises(ConnectError, match="cellular-enabled: cannot be written"):
        connector(FakeBus(), tmp_path).prepare()
