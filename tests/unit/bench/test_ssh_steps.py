# SPDX-License-Identifier: MIT
"""The steps of a real board from what its kernel and daemons print, as the emulated board printed it."""

from __future__ import annotations

from pathlib import Path

import pytest

from huawei_modem.database import load
from modem_image.bench import observe, steps
from modem_image.bench.observe import Observation
from modem_image.bench.ssh.steps import Seen, expected, plugged_in, seen_of

RECORDED = Path(__file__).with_name("real-board")
VENDORS = frozenset({"12d1"})


def observed(kind: str) -> list[Observation]:
    """All of a recording, in seconds since plug-in."""
    by_uptime = observe.Clock(0.0, 0.0)
    journal, bus = ((RECORDED / f"{kind}.{name}.txt").read_text() for name in ("journal", "dbus"))
    moment = plugged_in(list(observe.from_journal(journal, by_uptime)), VENDORS)
    assert moment is not None
    clock = observe.Clock(moment, 0.0)
    found = [*observe.from_journal(journal, clock), *observe.from_signals(bus, clock)]
    return sorted((one for one in found if one.time >= 0), key=lambda one: one.time)


def outcome(found: list[Observation]) -> dict[str, float | None]:
    wanted = expected(seen_of(found, VENDORS), load(), with_data=False)
    return {one.step.name: one.seconds for one in steps.results(wanted, found)}


@pytest.mark.parametrize(
    ("kind", "usb", "names"),
    [
        (
            "modem",
            ("12d1:1f01", "12d1:1596"),
            {"storage", "switched", "serial", "network", "dialled", "data"},
        ),
        ("mbim", ("12d1:157d",), {"network", "modem", "registered", "data"}),
        ("router", ("12d1:1f01", "12d1:14dc"), {"storage", "switched", "network", "service", "data"}),
    ],
)
def test_every_step_of_a_stick_that_came_online_is_seen(
    kind: str, usb: tuple[str, ...], names: set[str]
) -> None:
    found = observed(kind)
    assert seen_of(found, VENDORS).usb[: len(usb)] == usb
    done = outcome(found)
    assert names <= done.keys()
    assert None not in done.values(), done


def test_plug_in_is_when_the_kernel_noticed_the_stick_and_not_another_device() -> None:
    def line(time: float, text: str) -> Observation:
        return Observation(time, "kernel", "kernel", text)

    mouse = [
        line(1.0, "usb 1-2: new low-speed USB device number 2 using ci_hdrc"),
        line(1.2, "usb 1-2: New USB device found, idVendor=046d, idProduct=c077, bcdDevice=72.00"),
    ]
    stick = [
        line(5.0, "usb 1-1: new high-speed USB device number 3 using ci_hdrc"),
        line(5.3, "usb 1-1: New USB device found, idVendor=12d1, idProduct=1506, bcdDevice= 1.02"),
    ]
    assert plugged_in(mouse, VENDORS) is None
    assert plugged_in([*mouse, *stick], VENDORS) == 5.0
    assert seen_of([*mouse, *stick], VENDORS) == Seen(("12d1:1506",))


def test_a_stick_that_stays_a_disk_misses_the_switch_first() -> None:
    found = [one for one in observed("modem") if one.time < 1.5]
    missed = [name for name, seconds in outcome(found).items() if seconds is None]
    assert missed[0] == "switched"


def test_what_the_router_needs_is_its_own_service_and_not_the_cables() -> None:
    """The board's own Ethernet port is a service of the same kind."""
    found = observed("router")
    cable = [
        Observation(one.time, one.source, one.name, one.text.replace("00005e005301", "00142d000001"))
        for one in found
        if one.source == "connman"
    ]
    others = [one for one in found if one.source != "connman"]
    assert outcome([*others, *cable])["data"] is None


@pytest.mark.parametrize("usb", ["12d1:fffe", "12d1:1506"])
def test_a_stick_that_is_in_no_database_is_a_modem_with_at_least_a_port(usb: str) -> None:
    wanted = {step.name: step for step in expected(Seen((usb,), None, None, ports=True), load())}
    assert wanted["serial"].count == (1 if usb == "12d1:fffe" else 3)
    assert list(wanted)[-4:] == ["ping", "doctor", "modules", "capture"]
