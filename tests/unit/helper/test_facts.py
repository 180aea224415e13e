# SPDX-License-Identifier: MIT
"""Facts about the daemons: what is taken from their answers, and what must never be."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from huawei_modem import bus, capture, daemons, facts, listing, status
from huawei_modem.bus import NO_REPLY, BusError, Questions
from huawei_modem.mask import Masker
from huawei_modem.mask import facts as mask_facts
from modem_image import HELPER, PROJECT
from modem_image.errors import InputError
from modem_image.render.facts import keys
from unit.helper.samples import changed, healthy
from unit.helper.trees import write

IDENTITIES = ("001010123456789", "490154203237518", "8988211000000000001", "+15555550100", "secret")
ANSWERS: dict[tuple[str, str], Any] = {
    ("org.ofono.Manager", "GetModems"): [
        [
            "/huawei_0",
            {
                "Type": "hardware",
                "Powered": True,
                "Online": True,
                "Serial": "490154203237518",
                "Interfaces": [
                    "org.ofono.SimManager",
                    "org.ofono.NetworkRegistration",
                    "org.ofono.ConnectionManager",
                ],
            },
        ]
    ],
    ("org.ofono.SimManager", "GetProperties"): {
        "Present": True,
        "PinRequired": "none",
        "SubscriberIdentity": "001010123456789",
        "CardIdentifier": "8988211000000000001",
        "SubscriberNumbers": ["+15555550100"],
    },
    ("org.ofono.NetworkRegistration", "GetProperties"): {
        "Status": "registered",
        "Name": "Test Network",
        "Technology": "lte",
        "Strength": 64,
    },
    ("org.ofono.ConnectionManager", "GetProperties"): {"Attached": True, "RoamingAllowed": False},
    ("org.ofono.ConnectionManager", "GetContexts"): [
        [
            "/huawei_0/context1",
            {"Type": "internet", "Active": True, "AccessPointName": "internet", "Password": "secret"},
        ]
    ],
    ("net.connman.Manager", "GetTechnologies"): [
        ["/net/connman/technology/cellular", {"Type": "cellular", "Powered": True, "Connected": True}]
    ],
    ("net.connman.Manager", "GetServices"): [
        [
            "/net/connman/service/cellular_001010123456789_context1",
            {
                "Type": "cellular",
                "Name": "Test network",
                "State": "online",
                "Ethernet": {"Interface": "ppp0", "Address": "02:00:00:00:00:01"},
                "IPv4": {"Address": "10.64.0.2"},
            },
        ]
    ],
    ("net.connman.Manager", "GetProperties"): {"OfflineMode": False},
}


class RecordedBus:
    """Answers from a table; what `refused` names is an error."""

    def __init__(self, refused: str = "", error: str = "org.ofono.Error.Failed") -> None:
        self.refused, self.error = refused, error

    def has_owner(self, service: str, seconds: float = 0) -> bool:
        return service in ("org.ofono", "net.connman") and service != self.refused

    def call(self, *call: str, seconds: float = 30) -> Any:
        _service, _path, interface, method = call
        if self.refused in (interface, method):
            raise BusError(self.error, "gone")
        return ANSWERS[interface, method]

    def set_property(self, *_call: Any) -> None:
        raise AssertionError("asking changes nothing")


def test_answers_become_the_facts_of_a_healthy_system() -> None:
    assert daemons.ofono_facts(RecordedBus()) == healthy()["ofono"]
    assert daemons.connman_facts(RecordedBus()) == healthy()["connman"]


def test_a_phone_and_the_simulator_are_no_sticks(monkeypatch: pytest.MonkeyPatch) -> None:
    """They may come before it; oFono's simulator counts as hardware there (plugins/phonesim.c)."""
    manager = ("org.ofono.Manager", "GetModems")
    others = [["/phonesim", {"Type": "hardware"}], ["/hfp/org/bluez/hci0/dev_1", {"Type": "hfp"}]]
    monkeypatch.setitem(ANSWERS, manager, [*others, *ANSWERS[manager]])
    assert [path for path, _ in daemons.modems(RecordedBus())] == ["/huawei_0"]
    assert daemons.ofono_facts(RecordedBus()) == healthy()["ofono"]


def test_no_identity_is_taken_in() -> None:
    text = json.dumps([daemons.ofono_facts(RecordedBus()), daemons.connman_facts(RecordedBus())])
    for identity in (*IDENTITIES, "02:00:00:00:00:01"):
        assert identity in json.dumps(list(ANSWERS.values()))
        assert identity not in text


@pytest.mark.parametrize("service", ["org.ofono", "net.connman"])
def test_a_daemon_that_is_not_there_is_not_running(service: str) -> None:
    bus = RecordedBus(refused=service)
    found = {"org.ofono": daemons.ofono_facts, "net.connman": daemons.connman_facts}[service](bus)
    assert found["running"] is False


@pytest.mark.parametrize(
    ("refused", "unknown"),
    [
        ("org.ofono.SimManager", {"sim_present", "pin_required"}),
        ("org.ofono.NetworkRegistration", {"registration", "operator", "technology", "strength"}),
        ("GetContexts", {"contexts"}),
    ],
)
def test_what_a_modem_refuses_is_not_known(refused: str, unknown: set[str]) -> None:
    (modem,) = daemons.ofono_facts(RecordedBus(refused))["modems"]
    assert {key for key, value in modem.items() if value is None} == unknown


@pytest.mark.parametrize("silent", ["org.ofono.SimManager", "GetContexts"])
def test_one_that_falls_silent_is_not_half_known(silent: str) -> None:
    found = daemons.ofono_facts(RecordedBus(silent, NO_REPLY))
    assert found["running"] is None and found["reason"] == f"{NO_REPLY}: gone"


def test_a_manager_that_does_not_answer_leaves_its_state_open() -> None:
    assert daemons.ofono_facts(RecordedBus("GetModems"))["running"] is None
    assert daemons.connman_facts(RecordedBus("GetServices"))["running"] is None


def test_a_daemon_that_hangs_is_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It keeps its name on the bus, and each question to it would cost as long as the first."""
    waited: list[tuple[str, float]] = []

    class Hanging(RecordedBus):
        def call(self, *call: str, seconds: float = 30) -> Any:
            waited.append((call[0], seconds))
            raise BusError(NO_REPLY, "in time")

    monkeypatch.setattr(bus, "open_bus", lambda seconds: Hanging())
    ofono, connman = daemons.collect()
    assert ofono["running"] is connman["running"] is None
    assert [service for service, _ in waited] == ["org.ofono", "net.connman"]
    assert sum(seconds for _, seconds in waited) <= 10

    waited.clear()
    for _name, text in listing.texts(Questions(Hanging(), 1), Masker()):
        assert text == f"{NO_REPLY}: in time\n"
    assert len(waited) == 2


def test_a_bus_that_hangs_is_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes us in, and answers nothing more."""
    waited: list[float] = []

    class Silent(RecordedBus):
        def has_owner(self, service: str, seconds: float = 30) -> bool:
            waited.append(seconds)
            raise BusError(NO_REPLY, "in time")

    monkeypatch.setattr(bus, "open_bus", lambda seconds: Silent())
    ofono, connman = daemons.collect()
    assert ofono["running"] is connman["running"] is None
    assert set(dict(listing.texts(Questions(Silent(), 1), Masker())).values()) == {f"{NO_REPLY}: in time\n"}
    assert waited == [daemons.QUESTION_SECONDS, 1]


@pytest.mark.parametrize("silent", ["at once", "once it has taken us in"])
def test_a_capture_waits_for_a_silent_bus_once(silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    class Silent(RecordedBus):
        def has_owner(self, service: str, seconds: float = 30) -> bool:
            waited.append(seconds)
            raise BusError(NO_REPLY, "in time")

    def opened(seconds: float) -> Silent:
        if silent == "at once":
            waited.append(seconds)
            raise bus.BusUnavailableError("timed out")
        return Silent()

    monkeypatch.setattr(bus, "open_bus", opened)
    monkeypatch.setattr(capture, "_COMMANDS", {})
    asked = bus.Once()
    ofono, connman = daemons.collect(bus=asked)
    running = capture.live(asked)
    assert ofono["running"] is connman["running"] is None
    texts = list(listing.texts(running.bus, Masker())) if running.bus else []
    assert bool(texts) == (silent != "at once")
    assert waited == [daemons.QUESTION_SECONDS]


def test_all_questions_of_a_command_have_one_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that answers each of them late is asked for a minute, and no more."""
    clock = [0.0]

    class Late(RecordedBus):
        def call(self, *call: str, seconds: float = 30) -> Any:
            clock[0] += min(seconds, 4.0)
            return {}

    monkeypatch.setattr(bus, "monotonic", lambda: clock[0])
    asked = Questions(Late(), 5).within(15)
    with pytest.raises(BusError, match="more than a minute"):
        for _ in range(100):
            asked.call("org.ofono", "/", "org.ofono.Manager", "GetProperties")
    assert clock[0] <= 60


def test_a_listing_holds_what_a_daemon_complains_of_and_asks_none_that_is_not_there() -> None:
    named = dict(listing.texts(RecordedBus("GetServices"), Masker()))
    assert named["connmanctl_services.txt"] == "org.ofono.Error.Failed: gone\n"
    assert "[ /huawei_0 ]" in named["list-modems.txt"]
    assert set(dict(listing.texts(RecordedBus("org.ofono"), Masker()))) == {
        name for name in named if "connman" in name
    }


def test_a_bus_that_breaks_off_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(RecordedBus):
        def has_owner(self, service: str, seconds: float = 0) -> bool:
            raise BusError("org.freedesktop.DBus.Error.Disconnected", service)

    assert all("Disconnected" in text for _name, text in listing.texts(Broken(), Masker()))
    monkeypatch.setattr(bus, "open_bus", lambda seconds: Broken())
    ofono, connman = daemons.collect()
    assert (ofono["running"], connman["running"]) == (None, None)
    assert "Disconnected" in (ofono["reason"] or "")


def test_status_shows_a_healthy_system_on_a_screen() -> None:
    text = status.to_text(healthy())
    assert text.splitlines() == [
        "kernel    6.1.55-7.0, modules match",
        "stick     12d1:1596 at 1-1: Huawei MS2372h (Vodafone), modem mode",
        "  if 0    ff/03/31 modem   option          ttyUSB0 for oFono: modem",
        "  if 1    ff/03/33 diag    option          ttyUSB1 for oFono: diag",
        "  if 2    ff/03/32 pcui    option          ttyUSB2 for oFono: pcui",
        "  if 3    ff/03/46 ncm     huawei_cdc_ncm  wwan0",
        "oFono     /huawei_0: powered, online, registered Test Network lte 64 %, attached, "
        "APN internet, active",
        "ConnMan   cellular on",
        "  cellular: Test network, online ppp0 10.64.0.2",
        "data      ppp0 10.64.0.2, default route",
    ]


@pytest.mark.parametrize(
    ("table", "route"),
    [
        ("", None),
        ("eth0 00000000 0102000A 0003 0 0 10 00000000 0 0 0\nppp0 00000000 0 1 0 0 5 00000000 0 0 0", "ppp0"),
        ("eth0 0002000A 00000000 0001 0 0 0 00FFFFFF 0 0 0\ngarbage", None),
    ],
)
def test_the_default_route_is_the_one_of_the_lowest_metric(
    tmp_path: Path, table: str, route: str | None
) -> None:
    write(tmp_path / "proc/net/route", f"Iface Destination Gateway Flags RefCnt Use Metric Mask\n{table}\n")
    assert facts.default_route(tmp_path) == route


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (("default_route",), "eth0", "data      ppp0 10.64.0.2, default route: eth0"),
        (("connman", "services"), [], "data      none over the modem; default route: ppp0"),
    ],
)
def test_status_says_where_data_goes(path: tuple[str, ...], value: Any, line: str) -> None:
    assert status.to_text(changed(*path, to=value)).splitlines()[-1] == line


def test_status_says_where_the_data_of_each_modem_goes() -> None:
    (service,) = healthy()["connman"]["services"]
    other = {**service, "interface": "ppp1", "address": "10.64.0.3"}
    text = status.to_text(changed("connman", "services", to=[service, other]))
    assert text.splitlines()[-2:] == [
        "data      ppp0 10.64.0.2, default route",
        "data      ppp1 10.64.0.3, default route: ppp0",
    ]


def test_status_lets_no_control_character_through() -> None:
    text = status.to_text(changed("connman", "services", 0, "name", to="\x1b]0;x\x07\r\n\x9b2J"))
    assert all(char.isprintable() for line in text.split("\n") for char in line)
    assert len(text.splitlines()) == 10


def test_every_key_is_in_the_table() -> None:
    """That what is collected has the shape, mypy says; the page is rendered of it."""
    rows = re.findall(r"^\| `([^`]+)` \|", (PROJECT / "docs/dev/facts.md").read_text("utf-8"), re.MULTILINE)
    assert rows == [key.path for key in keys(HELPER / "huawei_modem/shapes.py")]

    def paths(value: Any, before: str = "") -> set[str]:
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return set().union(*(paths(item, f"{before}[]") for item in value))
        if isinstance(value, dict) and before not in ("kernel.foreign", "kernel.unread"):
            return set().union(*(paths(item, f"{before}.{key}".lstrip(".")) for key, item in value.items()))
        return {before}

    assert {path for path in paths(healthy()) if not path.endswith("[]")} - set(rows) == set()


def test_every_key_may_leave_by_the_filters_list() -> None:
    """A key that is added to the shapes alone would be in no capture."""

    def paths(kind: Any, before: str) -> set[str]:
        if kind is mask_facts._service:
            kind = mask_facts._SERVICE
        if isinstance(kind, list):
            return paths(kind[0], f"{before}[]")
        if isinstance(kind, dict):
            return set().union(*(paths(item, f"{before}.{key}".lstrip(".")) for key, item in kind.items()))
        return {before}

    leaves = {key.path for key in keys(HELPER / "huawei_modem/shapes.py") if "table or" not in key.type}
    assert {path.removesuffix("[]") for path in paths(mask_facts._FACTS, "")} == leaves


def test_a_key_without_a_word_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shapes.py").write_text("class Facts(TypedDict):\n    tun: bool\n")
    with pytest.raises(InputError, match=r"shapes\.py:2: Facts\.tun: says nothing"):
        keys(tmp_path / "shapes.py")
