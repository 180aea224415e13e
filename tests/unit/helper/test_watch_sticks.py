# SPDX-License-Identifier: MIT
"""huawei-modem-watch where a board has several sticks; real daemons: tests/daemons/test_two_sticks.py."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from huawei_modem.bus import NO_REPLY, BusError
from huawei_modem.shapes import ModemFacts
from huawei_modem_watch import act as acting
from huawei_modem_watch.act import act
from huawei_modem_watch.look import cellular_service, judged, look
from huawei_modem_watch.policy import Action
from unit.helper.trees import link, write


def modem(path: str, registration: str, *, active: bool = False) -> ModemFacts:
    return {
        "path": path,
        "powered": True,
        "online": True,
        "sim_present": True,
        "pin_required": "none",
        "registration": registration,
        "operator": None,
        "technology": None,
        "strength": None,
        "attached": True,
        "roaming_allowed": None,
        "contexts": [{"type": "internet", "active": active, "apn": "internet"}],
    }


@pytest.mark.parametrize(
    ("modems", "path"),
    [
        ([modem("/a", "searching"), modem("/b", "registered")], "/b"),
        ([modem("/a", "registered"), modem("/b", "roaming", active=True)], "/b"),
        ([modem("/a", "registered"), modem("/b", "registered")], "/a"),
        ([modem("/a", "denied"), modem("/b", "searching")], "/a"),
    ],
)
def test_the_modem_that_is_judged_is_the_one_that_can_carry(modems: list[ModemFacts], path: str) -> None:
    found = judged(modems)
    assert found is not None
    assert found["path"] == path
    assert judged([]) is None


class ConnmansServices:
    """A bus with nothing but ConnMan's list of services."""

    def __init__(self, *states: str) -> None:
        self._states = states

    def call(self, *_where: str) -> list[tuple[str, dict[str, Any]]]:
        return [(f"/{n}", {"Type": "cellular", "State": state}) for n, state in enumerate(self._states)]


@pytest.mark.parametrize(
    ("states", "path"),
    [(("failure", "online"), "/1"), (("idle", "ready"), "/1"), (("idle", "failure"), "/0"), ((), None)],
)
def test_the_service_is_the_one_that_carries(states: tuple[str, ...], path: str | None) -> None:
    found = cellular_service(ConnmansServices(*states))  # type: ignore[arg-type]
    assert (found.path if found else None) == path


@pytest.mark.parametrize(("stick", "asked"), [(True, ["org.ofono", "net.connman"]), (False, ["net.connman"])])
def test_daemons_that_hang_do_not_hold_up_a_look(tmp_path: Path, stick: bool, asked: list[str]) -> None:
    """An oFono that hung made each look take half a minute on the emulated board, and a pull two minutes."""
    waited: list[tuple[str, float]] = []

    class Hanging:
        def has_owner(self, _service: str, seconds: float = 0) -> bool:
            return True

        def call(self, service: str, *_call: str, seconds: float = 30) -> None:
            waited.append((service, seconds))
            raise BusError(NO_REPLY, "in time")

    if stick:
        write(tmp_path / "sys/bus/usb/devices/1-1/idVendor", "12d1\n")
    seen = look(Hanging(), tmp_path, {})  # type: ignore[arg-type]
    assert (seen.stick, seen.ofono, seen.connman) == (stick, False, False)
    assert [service for service, _ in waited] == asked
    assert sum(seconds for _, seconds in waited) <= 10


def test_a_port_that_was_switched_off_is_switched_on_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the emulated board it stayed off: with its power the stick's folder in sysfs goes (Linux 6.1)."""
    port = tmp_path / "sys/devices/usb1/1-0:1.0/usb1-port1"
    stick = tmp_path / "sys/devices/usb1/1-1"
    write(port / "disable", "0\n")
    write(stick / "idVendor", "12d1\n")
    (stick / "port").symlink_to(port)
    link(tmp_path / "sys/bus/usb/devices/1-1", stick)
    written: list[str] = []

    def wait(_seconds: float) -> None:
        written.append((port / "disable").read_text())
        shutil.rmtree(stick)

    monkeypatch.setattr(acting.time, "sleep", wait)
    act(Action.REPLUG, None, tmp_path)  # type: ignore[arg-type]
    assert [*written, (port / "disable").read_text()] == ["1", "0"]


@pytest.mark.parametrize(
    ("route", "plugged_again"), [("eth1", {"1-1"}), ("ppp0", {"1-1", "1-2"}), ("", {"1-1", "1-2"})]
)
def test_a_router_that_carries_the_boards_data_is_not_pulled_for_the_modem_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, route: str, plugged_again: set[str]
) -> None:
    monkeypatch.setattr(acting, "_POWERLESS_S", 0.0)
    for port, device in (("1-1", "wwan0"), ("1-2", "eth1")):
        stick = tmp_path / "sys/devices" / port
        write(stick / "idVendor", "12d1\n")
        write(stick / f"{port}:1.0/bInterfaceNumber", "00\n")
        (stick / f"{port}:1.0/net" / device).mkdir(parents=True)
        link(tmp_path / "sys/bus/usb/devices" / port, stick)
    line = f"{route} 00000000 0 1 0 0 5 00000000 0 0 0\n" if route else ""
    write(tmp_path / "proc/net/route", f"Iface Destination Gateway Flags\n{line}")
    act(Action.REPLUG, None, tmp_path)  # type: ignore[arg-type]
    assert {path.parent.name for path in tmp_path.glob("sys/devices/*/authorized")} == plugged_again
