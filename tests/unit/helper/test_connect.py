# SPDX-License-Identifier: MIT
"""connect, against a bus that answers as oFono and ConnMan do, and keeps what it is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huawei_modem import overlooked
from huawei_modem.bus import ACCESS_DENIED, BusError
from huawei_modem.connect import STAMP
from huawei_modem.settings import CONFIG, AccessPoint, ConnectError, Wishes
from unit.helper.fake_bus import CONFIGURED, MODEM, FakeBus, connector
from unit.helper.trees import plug, write, write_secret


def test_a_new_system_gets_technology_and_access_point(tmp_path: Path) -> None:
    write_secret(tmp_path / CONFIG, CONFIGURED)
    bus, said = FakeBus(), list[str]()
    assert connector(bus, tmp_path, said).prepare() == [MODEM]
    assert bus.technology["Powered"] is True
    (context,) = bus.contexts.values()
    assert (context["AccessPointName"], context["Username"], context["Password"]) == (
        "configured",
        "user",
        "hidden",
    )
    assert "hidden" not in "\n".join(said)


def test_who_may_act_on_the_bus_needs_no_root(tmp_path: Path) -> None:
    """A member of a group that the bus's policy lets in; the unit, which is root, has to remember."""
    write_secret(tmp_path / CONFIG, CONFIGURED)
    write(tmp_path / "var", "not a folder: nothing can be written below it")
    bus, said = FakeBus(), list[str]()
    assert connector(bus, tmp_path, said).prepare(attended=True) == [MODEM]
    assert bus.technology["Powered"] is True
    assert "the connection needs it not" in "\n".join(said)
    with pytest.raises(ConnectError, match="Run as root"):
        connector(FakeBus(), tmp_path).prepare(attended=False)


@pytest.mark.parametrize("section", ["00101", "001010", "default"])
def test_without_the_length_of_the_network_code_the_imsi_tells(tmp_path: Path, section: str) -> None:
    """oFono's MBIM driver publishes no MobileNetworkCode."""
    write_secret(tmp_path / CONFIG, f"[apn {section}]\napn = found\n")
    bus = FakeBus()
    bus.sim = {"SubscriberIdentity": "001010123456789", "Present": True}
    connector(bus, tmp_path).prepare()
    assert [context["AccessPointName"] for context in bus.contexts.values()] == ["found"]


def test_the_access_point_is_set_after_its_password(tmp_path: Path) -> None:
    """ConnMan takes the context up as soon as it has an access point."""
    write_secret(tmp_path / CONFIG, CONFIGURED)
    bus, order = FakeBus(), list[str]()
    bus.set_property = lambda *arguments: order.append(arguments[3])  # type: ignore[method-assign,misc,assignment]
    connector(bus, tmp_path).prepare()
    assert order == ["Powered", "Username", "Password", "AccessPointName"]


def test_a_stick_that_ofono_has_overlooked_is_announced_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_secret(tmp_path / CONFIG, CONFIGURED)
    stick = plug(tmp_path, "12d1:1506")
    events = [stick / "1-1:1.0/ttyUSB0/tty/ttyUSB0/uevent", stick / "1-1:1.3/net/wwan0/uevent"]
    for event in events:
        write(event, "")
    monkeypatch.setattr("huawei_modem.overlooked.SECONDS", 0.1)
    bus, said = FakeBus(), list[str]()
    bus.listed = False

    def notice() -> None:
        time.sleep(0.02)
        bus.listed = all(event.read_text() == "add\n" for event in events)

    assert connector(bus, tmp_path, said, also=notice).prepare() == [MODEM]
    assert sum("announced again" in line for line in said) == 1


def test_a_port_beside_mbim_is_not_announced(tmp_path: Path) -> None:
    """oFono would take the stick for one with AT ports: tests/daemons/test_ofono.py."""
    stick = plug(tmp_path, "12d1:1592")  # whose own interfaces nobody knows
    for name, usb_class, subclass, device in (
        ("1-1:3.0", "02", "0e", "usbmisc/cdc-wdm0"),
        ("1-1:3.2", "ff", "06", "ttyUSB0/tty/ttyUSB0"),
    ):
        write(stick / name / "bInterfaceNumber", "00")
        write(stick / name / "bInterfaceClass", usb_class)
        write(stick / name / "bInterfaceSubClass", subclass)
        write(stick / name / device / "uevent", "")
    assert overlooked.announce(tmp_path) == 1
    assert (stick / "1-1:3.0/usbmisc/cdc-wdm0/uevent").read_text() == "add\n"
    assert (stick / "1-1:3.2/ttyUSB0/tty/ttyUSB0/uevent").read_text() == ""


def test_what_a_person_set_stays(tmp_path: Path) -> None:
    write_secret(tmp_path / CONFIG, CONFIGURED)
    bus = FakeBus()
    bus.contexts["/huawei_0/context1"]["AccessPointName"] = "by.hand"
    connector(bus, tmp_path).prepare()
    assert bus.contexts["/huawei_0/context1"] == {"Type": "internet", "AccessPointName": "by.hand"}


OTHER = "/huawei_1"


class TwoModems(FakeBus):
    """Another one listed before; it has `other` of a modem's properties, and goes where asked for more."""

    def __init__(self, **other: Any) -> None:
        super().__init__()
        self.other = {**self.modem, **other}

    def call(self, service: str, path: str, *rest: Any, seconds: float = 30) -> Any:
        if path.startswith(OTHER):
            raise BusError("org.freedesktop.DBus.Error.UnknownMethod", "no such object")
        found = super().call(service, path, *rest, seconds=seconds)
        return [[OTHER, self.other], *found] if rest[1] == "GetModems" else found


@pytest.mark.parametrize("other", [{"Powered": False}, {}])
def test_a_modem_that_works_does_not_wait_for_one_that_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: dict[str, Any]
) -> None:
    monkeypatch.setattr("huawei_modem.connect.connector.ATTENDED_SECONDS", 0.05)
    bus, said = TwoModems(**other), list[str]()
    bus.service_path = "/net/connman/service/cellular_001010123456789_context1"
    found = connector(bus, tmp_path, said, wishes=Wishes(AccessPoint("chosen"), roaming=True))
    assert (ready := found.prepare()) == [MODEM]
    assert found.connect(ready) == "online"
    assert bus.contexts["/huawei_0/context1"]["AccessPointName"] == "chosen"
    (left,) = (line for line in said if "left as it is" in line)
    assert left.startswith(f"{OTHER}: left as it is: ")
    assert f"{MODEM}: access point: chosen" in said


def test_of_modems_that_all_fail_each_is_named(tmp_path: Path) -> None:
    bus = TwoModems(Powered=False)
    bus.sim["Present"] = False
    with pytest.raises(ConnectError, match=f"{OTHER}: the modem to be powered.*; {MODEM}: the SIM"):
        connector(bus, tmp_path, seconds=0).prepare()


def test_a_modem_that_goes_between_two_looks_is_named_so(tmp_path: Path) -> None:
    class Going(FakeBus):
        """Its modem is listed once."""

        def call(self, service: str, path: str, *rest: Any, seconds: float = 30) -> Any:
            found = super().call(service, path, *rest, seconds=seconds)
            self.listed = self.listed and rest[1] != "GetModems"
            return found

    with pytest.raises(ConnectError, match="gone"):
        connector(Going(), tmp_path, seconds=0.1).prepare()


def test_of_two_modems_the_one_that_was_asked_for(tmp_path: Path) -> None:
    bus = TwoModems()
    assert connector(bus, tmp_path, wishes=Wishes(AccessPoint("a")), only=MODEM).prepare() == [MODEM]
    with pytest.raises(ConnectError, match=f"the modem {OTHER}2 in oFono: not there in time"):
        connector(bus, tmp_path, seconds=0, only=f"{OTHER}2").prepare()


def test_an_access_point_on_the_command_line_is_obeyed(tmp_path: Path) -> None:
    bus = FakeBus()
    bus.contexts["/huawei_0/context1"]["AccessPointName"] = "old"
    bus.contexts["/huawei_0/context1"].update({"Username": "old", "Password": "old"})
    connector(bus, tmp_path, wishes=Wishes(AccessPoint("chosen"))).prepare()
    context = bus.contexts["/huawei_0/context1"]
    assert [context[key] for key in ("AccessPointName", "Username", "Password")] == ["chosen", "", ""]


def test_a_context_in_use_is_ended_before_it_is_changed(tmp_path: Path) -> None:
    """oFono refuses to change it otherwise (org.ofono.Error.InUse)."""
    bus = FakeBus()
    bus.contexts["/huawei_0/context1"].update(AccessPointName="old", Active=True)
    bus.service["State"] = "online"
    found = connector(bus, tmp_path, wishes=Wishes(AccessPoint("chosen", "user", "hidden", "pap")))
    assert found.connect(found.prepare()) == "online"
    context = bus.contexts["/huawei_0/context1"]
    assert [context[key] for key in ("AccessPointName", "AuthenticationMethod")] == ["chosen", "pap"]
    connector(
        bus, tmp_path, said := [], wishes=Wishes(AccessPoint("chosen", "user", "hidden", "pap"))
    ).prepare()
    assert not [line for line in said if "ending" in line], "nothing to change: the connection stays"


def test_a_technology_that_was_switched_off_later_stays_off(tmp_path: Path) -> None:
    write_secret(tmp_path / CONFIG, CONFIGURED)
    bus = FakeBus()
    connector(bus, tmp_path).prepare()
    assert (tmp_path / STAMP).exists()
    bus.technology["Powered"] = False
    connector(bus, tmp_path).prepare(attended=False)
    assert bus.technology["Powered"] is False
    connector(bus, tmp_path).prepare()
    assert bus.technology["Powered"] is True, "a person asks for a connection"


def test_offline_mode_is_named(tmp_path: Path) -> None:
    bus = FakeBus()
    bus.offline = True
    with pytest.raises(ConnectError, match="connmanctl disable offline"):
        connector(bus, tmp_path).prepare()


def test_a_context_is_made_where_there_is_none_for_the_internet(tmp_path: Path) -> None:
    write_secret(tmp_path / CONFIG, CONFIGURED)
    bus = FakeBus()
    bus.contexts = {"/huawei_0/context1": {"Type": "mms", "AccessPointName": "mms"}}
    connector(bus, tmp_path).prepare()
    assert bus.contexts["/huawei_0/context2"]["AccessPointName"] == "configured"
    assert bus.contexts["/huawei_0/context1"]["AccessPointName"] == "mms"


def test_a_daemon_that_starts_late_is_waited_for(tmp_path: Path) -> None:
    write_secret(tmp_path / CONFIG, CONFIGURED)
    bus = FakeBus()
    bus.owners.clear()
    bus.failures = [BusError("org.freedesktop.DBus.Error.NoReply", "starting")]
    late = iter(["org.ofono", "net.connman"])
    waiting = connector(bus, tmp_path, said := [], also=lambda: bus.owners.update([next(late, "x")]))
    assert waiting.prepare() == [MODEM]
    assert said.count("waiting for oFono on D-Bus") == 1


@pytest.mark.parametrize(
    ("break_it", "step"),
    [
        (lambda bus: bus.owners.discard("org.ofono"), "oFono on D-Bus"),
        (lambda bus: bus.modem.update(Type="test"), "a modem in oFono"),
        (lambda bus: bus.owners.discard("net.connman"), "ConnMan on D-Bus"),
        (lambda bus: bus.modem.update(Powered=False), "the modem to be powered"),
        (lambda bus: bus.modem.update(Interfaces=[]), "the SIM"),
        (lambda bus: bus.sim.update(Present=False), "the SIM"),
        (lambda bus: bus.modem["Interfaces"].remove("org.ofono.ConnectionManager"), "packet data in oFono"),
        # "none" is what oFono says of the PIN until the SIM has answered.
        (lambda bus: bus.sim.pop("SubscriberIdentity"), "the SIM"),
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
    assert connector(bus, tmp_path, said).connect([MODEM]) == "online"
    assert bus.connected == 1
    assert said == [
        "network: registered, Test Network, lte",
        "waiting for a connection",
        "connected: (online)",
    ]


def test_connect_leaves_a_connection_alone(tmp_path: Path) -> None:
    bus = FakeBus()
    bus.service["State"] = "ready"
    assert connector(bus, tmp_path).connect([MODEM]) == "ready"
    assert bus.connected == 0


@pytest.mark.parametrize(
    ("break_it", "step"),
    [
        (lambda bus: bus.network.update(Status="denied"), r"registration with a network: .*\(denied\)"),
        (lambda bus: bus.connection.update(Attached=False), "attachment to packet data: not there in time"),
        (lambda bus: bus.service.update(Type="ethernet"), "ConnMan's cellular service: not there in time"),
        (lambda bus: bus.service.update(State="association"), r"a connection: .*\(association\)"),
    ],
)
def test_the_step_on_the_way_to_a_connection_is_named(
    tmp_path: Path, break_it: Callable[[FakeBus], None], step: str
) -> None:
    bus = FakeBus()
    break_it(bus)
    with pytest.raises(ConnectError, match=step):
        connector(bus, tmp_path, seconds=0).connect([MODEM])


def test_a_connection_that_is_refused_is_tried_twice(tmp_path: Path) -> None:
    """As ConnMan 1.41 does it: no answer, then the state idle with an error, and InProgress from then on."""
    bus = FakeBus()
    bus.technology["Powered"] = True
    bus.refuses = True
    with pytest.raises(ConnectError, match=r"refused 2 times \(connect-failed\).*APN"):
        connector(bus, tmp_path).connect([MODEM])
    assert (bus.connected, bus.toggled) == (2, 1)
    bus.refuses = False
    assert connector(bus, tmp_path).connect([MODEM]) == "online", (
        "what was refused before is not held against it"
    )
    assert bus.technology["Powered"] is True


def test_a_user_without_rights_is_told_at_once(tmp_path: Path) -> None:
    bus = FakeBus()
    bus.failures = [BusError(ACCESS_DENIED, "rejected")]
    with pytest.raises(ConnectError, match="run as root"):
        connector(bus, tmp_path).prepare()


def test_disconnect(tmp_path: Path) -> None:
    bus = FakeBus()
    assert connector(bus, tmp_path).disconnect() is False
    connector(bus, tmp_path).connect([MODEM])
    assert connector(bus, tmp_path).disconnect() is True
    assert (bus.service["State"], bus.contexts["/huawei_0/context1"]["Active"]) == ("idle", False)


def test_disconnect_without_connman_ends_the_context(tmp_path: Path) -> None:
    bus = FakeBus()
    bus.owners.discard("net.connman")
    bus.contexts["/huawei_0/context1"]["Active"] = True
    assert connector(bus, tmp_path).disconnect() is True
    assert bus.contexts["/huawei_0/context1"]["Active"] is False


# --- Roaming ---


def test_a_foreign_network_needs_permission(tmp_path: Path) -> None:
    bus = FakeBus()
    bus.network["Status"] = "roaming"
    bus.contexts["/huawei_0/context1"]["AccessPointName"] = "internet"
    with pytest.raises(ConnectError, match="huawei-modem connect --roaming"):
        connector(bus, tmp_path).connect([MODEM])
    allowed = connector(bus, tmp_path, wishes=Wishes(roaming=True))
    assert allowed.connect(allowed.prepare()) == "online"
    assert bus.connection["RoamingAllowed"] is True
    connector(bus, tmp_path).prepare()
    assert bus.connection["RoamingAllowed"] is True, "without a word it stays"
    write_secret(tmp_path / CONFIG, "[sim]\nroaming = no\n")
    connector(bus, tmp_path).prepare()
    assert bus.connection["RoamingAllowed"] is False
