# SPDX-License-Identifier: MIT
"""connect, against a bus that answers as oFono and ConnMan do, and keeps what it is told."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huawei_modem.bus import ACCESS_DENIED, NO_REPLY, BusError
from huawei_modem.connect import STAMP, Connector
from huawei_modem.pin import MARK
from huawei_modem.progress import Progress
from huawei_modem.settings import CONFIG, AccessPoint, Config, ConnectError, Wishes, read_secret
from unit.helper.trees import write

MODEM = "/huawei_0"
CELLULAR = "/net/connman/technology/cellular"
CONFIGURED = "[apn 00101]\napn = configured\nusername = user\npassword = hidden\n"


class FakeBus:
    """oFono with one modem, and ConnMan, each as far as a test wants them."""

    def __init__(self) -> None:
        self.owners = {"org.ofono", "net.connman"}
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
        self.service: dict[str, Any] = {"Type": "cellular", "State": "idle"}
        self.refuses = self.stuck = False
        self.toggled = 0
        self.failures: list[BusError] = []
        self.connected = 0

    def has_owner(self, service: str) -> bool:
        return service in self.owners

    def call(
        self, service: str, path: str, interface: str, method: str, *arguments: Any, seconds: float = 30
    ) -> Any:
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
) -> Connector:
    told = Told([] if said is None else said, also)
    return Connector(bus, root, time.monotonic() + seconds, told, wishes)


def pin_file(root: Path, text: str = "1234\n") -> Path:
    path = root / "pin"
    write(path, text)
    path.chmod(0o600)
    return path


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


@pytest.mark.parametrize("section", ["00101", "001010", "default"])
def test_without_the_length_of_the_network_code_the_imsi_tells(tmp_path: Path, section: str) -> None:
    """oFono's MBIM driver publishes no MobileNetworkCode."""
    write(tmp_path / CONFIG, f"[apn {section}]\napn = found\n")
    bus = FakeBus()
    bus.sim = {"SubscriberIdentity": "001010123456789", "Present": True}
    connector(bus, tmp_path).prepare()
    assert [context["AccessPointName"] for context in bus.contexts.values()] == ["found"]


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
    write(tmp_path / CONFIG, CONFIGURED)
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
    waiting = connector(bus, tmp_path, said := [], also=lambda: bus.owners.update([next(late, "x")]))
    assert waiting.prepare() == MODEM
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
    assert connector(bus, tmp_path, said).connect(MODEM) == "online"
    assert bus.connected == 1
    assert said == [
        "network: registered, Test Network, lte",
        "waiting for a connection",
        "connected: (online)",
    ]


def test_connect_leaves_a_connection_alone(tmp_path: Path) -> None:
    bus = FakeBus()
    bus.service["State"] = "ready"
    assert connector(bus, tmp_path).connect(MODEM) == "ready"
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
        connector(bus, tmp_path, seconds=0).connect(MODEM)


def test_a_connection_that_is_refused_is_tried_twice(tmp_path: Path) -> None:
    """As ConnMan 1.41 does it: no answer, then the state idle with an error, and InProgress from then on."""
    bus = FakeBus()
    bus.technology["Powered"] = True
    bus.refuses = True
    with pytest.raises(ConnectError, match=r"refused 2 times \(connect-failed\).*APN"):
        connector(bus, tmp_path).connect(MODEM)
    assert (bus.connected, bus.toggled) == (2, 1)
    bus.refuses = False
    assert connector(bus, tmp_path).connect(MODEM) == "online", (
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
    connector(bus, tmp_path).connect(MODEM)
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
        connector(bus, tmp_path).connect(MODEM)
    allowed = connector(bus, tmp_path, wishes=Wishes(roaming=True))
    assert allowed.connect(allowed.prepare()) == "online"
    assert bus.connection["RoamingAllowed"] is True
    connector(bus, tmp_path).prepare()
    assert bus.connection["RoamingAllowed"] is True, "without a word it stays"
    write(tmp_path / CONFIG, "[sim]\nroaming = no\n")
    connector(bus, tmp_path).prepare()
    assert bus.connection["RoamingAllowed"] is False


# --- PIN ---


def test_the_pin_is_entered_from_its_file(tmp_path: Path) -> None:
    bus, said = FakeBus(), list[str]()
    bus.sim.update(PinRequired="pin", Retries={"pin": 3})
    bus.contexts["/huawei_0/context1"]["AccessPointName"] = "internet"
    write(tmp_path / CONFIG, f"[sim]\npin-file = {pin_file(tmp_path)}\n")
    connector(bus, tmp_path, said).prepare()
    assert bus.pins == [("pin", "1234")]
    assert "1234" not in "\n".join(said)
    assert not (tmp_path / MARK).exists()


def test_a_refused_pin_is_never_entered_again(tmp_path: Path) -> None:
    """Three wrong ones lock the SIM, and systemd starts the unit again and again."""
    bus, said = FakeBus(), list[str]()
    bus.sim["PinRequired"] = "pin"
    wishes = Wishes(pin_file=pin_file(tmp_path, "9999\n"))
    texts = []
    for _ in range(4):
        with pytest.raises(ConnectError) as caught:
            connector(bus, tmp_path, said, wishes=wishes).prepare(attended=False)
        texts.append(str(caught.value))
    assert bus.pins == [("pin", "9999")]
    assert "not accepted (org.ofono.Error.Failed)" in texts[0]
    assert "Write the right one" in texts[1]
    assert "9999" not in "\n".join([*texts, *said])
    bus.right_pin = "1234"
    bus.contexts["/huawei_0/context1"]["AccessPointName"] = "internet"
    connector(bus, tmp_path, wishes=Wishes(pin_file=pin_file(tmp_path))).prepare()
    assert bus.pins == [("pin", "9999"), ("pin", "1234")]


def test_a_pin_whose_fate_is_unknown_counts_as_refused(tmp_path: Path) -> None:
    """The power may go, or the daemon, while the SIM is asked."""
    bus = FakeBus()
    bus.sim["PinRequired"] = "pin"
    wishes = Wishes(pin_file=pin_file(tmp_path))

    def die(*arguments: str) -> None:
        bus.pins.append(arguments)
        raise KeyboardInterrupt

    bus._enter_pin = die  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        connector(bus, tmp_path, wishes=wishes).prepare()
    with pytest.raises(ConnectError, match="not tried again"):
        connector(bus, tmp_path, wishes=wishes).prepare()
    assert len(bus.pins) == 1


def test_after_its_pin_the_sim_is_given_time(tmp_path: Path) -> None:
    """oFono says for some seconds that the PIN is still required: no reason to enter it twice."""
    bus = FakeBus()
    bus.sim["PinRequired"] = "pin"
    bus.contexts["/huawei_0/context1"]["AccessPointName"] = "internet"
    bus._enter_pin = lambda *arguments: bus.pins.append(arguments)  # type: ignore[method-assign]
    pauses = iter(range(3))

    def later() -> None:
        if next(pauses, None) is None:
            bus.sim["PinRequired"] = "none"

    connector(bus, tmp_path, wishes=Wishes(pin_file=pin_file(tmp_path)), also=later).prepare()
    assert len(bus.pins) == 1


@pytest.mark.parametrize(
    ("sim", "text"),
    [
        ({"PinRequired": "puk"}, "asks for its PUK.*destroy"),
        ({"PinRequired": "pin", "Retries": {"pin": 1}}, "1 tries are left"),
        ({"PinRequired": "network"}, "'network'"),
    ],
)
def test_what_no_pin_may_be_risked_for(tmp_path: Path, sim: dict[str, Any], text: str) -> None:
    bus = FakeBus()
    bus.sim.update(sim)
    with pytest.raises(ConnectError, match=text):
        connector(bus, tmp_path, wishes=Wishes(pin_file=pin_file(tmp_path))).prepare()
    assert bus.pins == []


def test_a_locked_sim_without_a_pin_file_names_the_option(tmp_path: Path) -> None:
    bus = FakeBus()
    bus.sim["PinRequired"] = "pin"
    with pytest.raises(ConnectError, match="--pin-file FILE"):
        connector(bus, tmp_path).prepare()


@pytest.mark.parametrize("text", ["12a4\n", "123\n", "123456789\n", "\n", "+CPIN\n"])
def test_what_is_no_pin_is_not_sent_and_not_quoted(tmp_path: Path, text: str) -> None:
    bus = FakeBus()
    bus.sim["PinRequired"] = "pin"
    with pytest.raises(ConnectError) as caught:
        connector(bus, tmp_path, wishes=Wishes(pin_file=pin_file(tmp_path, text))).prepare()
    assert bus.pins == []
    assert not text.strip() or text.strip() not in str(caught.value).replace(str(tmp_path), "")


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = pin_file(tmp_path)
    assert read_secret(path, "PIN")[0] == "1234"
    path.chmod(0o640)
    with pytest.raises(ConnectError, match="chmod 600"):
        read_secret(path, "PIN")
    with pytest.raises(ConnectError, match="cannot be read: No such file"):
        read_secret(tmp_path / "absent", "PIN")


def test_an_access_point_does_not_show_its_password() -> None:
    assert "hidden" not in repr(Wishes(AccessPoint("apn", "user", "hidden")))


# --- config.ini ---


def access_point(config: str, network: str) -> AccessPoint | None:
    return Config(config).access_point(network)


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


def test_only_known_ways_to_authenticate_are_taken() -> None:
    assert access_point(f"{CONFIGURED}auth = pap\n", "00101") == AccessPoint(
        "configured", "user", "hidden", "pap"
    )
    with pytest.raises(ConnectError, match="auth is one of"):
        access_point(f"{CONFIGURED}auth = plain\n", "00101")


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
