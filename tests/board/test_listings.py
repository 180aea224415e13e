# SPDX-License-Identifier: MIT
"""Every listing of a real stick, plugged in on the board: each interface has the driver that the listing saw.

One boot, by descriptors alone: no daemon asks them anything, not even udevd, whose rules and programs take
the board most of a minute for a stick. The drivers are loaded before; what the kernel then binds is the
question. Which module it loads for an interface, tests/kernel/test_listings.py holds to the kernel's tables.
What the board's own lsusb, usb-devices, kernel and report say of some is imported again. On demand.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from modem_image.bench.stick import data
from modem_image.bench.stick.peer import Peer
from modem_image.bench.stick.stick import Stick, StickSettings, Switching
from modem_image.sticks.recording import file, reader, show
from modem_image.sticks.recording.entry import expected_driver
from modem_image.sticks.recording.model import Configuration, Device, Recording, Setting
from modem_image.sticks.recording.stick import linux_choice, recorded
from unit.sticks.known import DATABASE

from .basic import DEVICE, BasicBench, basic_bench

pytestmark = [pytest.mark.bench, pytest.mark.on_demand]

LISTINGS = Path(__file__).parents[1] / "corpus" / "listings"
NAMES = sorted(path.stem for path in LISTINGS.glob("*.txt"))
VENDORS = {0x12D1, 0x3566, 0x03F0}
AGAIN = ("e173-hisilicon-1506", "e3372h-320-155e", "e3372-14dc-huawei-mobile")
"""Those that are imported again from what the board says of them."""

OTHER_KERNEL = {
    ("15d5-e303-movistar", "12d1:15d5", 1): "huawei_cdc_ncm",  # new in Linux 3.15, before it option
    (
        "e398-1505-1506-full-speed",
        "12d1:1506",
        3,
    ): "qmi_wwan",  # the listing names its control device's driver
    ("k4510-14cb", "12d1:14cb", 1): "qmi_wwan",  # the same
    ("e1820-14ac", "12d1:14ac", 1): "",  # option took any class once; since Linux 3.4 class ff alone
    ("e1820-14ac", "12d1:14ac", 2): "",  # the same
    ("k3806-14ae", "12d1:14ae", 1): "",  # the same
    (
        "k3765-1465",
        "12d1:1465",
        2,
    ): "",  # option leaves 1 and 2 of this id to a network driver (RSVD, option.c)
    ("ideos-1038", "12d1:1038", 1): "",  # usbfs: a program, adb, had the interface
}
"""Interfaces that have another driver in the listing than on the board, which has this one."""

FUNCTIONS = {
    ("e173-hisilicon-1506", "modem"): {0: "modem", 3: "pcui"},  # ModemManager: AT ports are 0 and 3
    ("e3372h-320-155e", "modem"): {2: "pcui"},  # the AT port is the third ttyUSB
    ("e3372s-153-15b6-ff02", "modem"): {0: "pcui", 1: "modem"},  # AT^SETPORT? has 12 (PCUI), 10 (MODEM), 16
    ("e3531-15e7-1506", "modem"): {2: "diag", 3: "pcui"},  # ModemManager: 2 is no AT port, 3 is the first
}
"""What the sources say that ports are for, by interface; the labels have to be these."""


def recordings() -> Iterator[tuple[str, Recording]]:
    for name in NAMES:
        found = reader.devices_of((LISTINGS / f"{name}.txt").read_bytes(), VENDORS)
        yield name, recorded(name, found, DATABASE)


ALL = dict(recordings())
MODES = {(name, device.mode): device for name, made in ALL.items() for device in made.devices}


@dataclasses.dataclass(frozen=True)
class Seen:
    """Class, driver and label by interface; what the board's tools say, by tool, where they were asked."""

    interfaces: dict[int, tuple[str, str, str]]
    told: dict[str, bytes]


_DRIVERS = "option qmi_wwan cdc_ether cdc_ncm huawei_cdc_ncm cdc_mbim cdc_acm rndis_host usb_storage"
# bNumInterfaces is read under the device's lock: the kernel answers when it has offered all interfaces.
_LOOK = f"""cat {DEVICE}/bNumInterfaces; grep -H . {DEVICE}:*/bInterface[NCSP]*; \
ls -ld {DEVICE}:*/driver || true"""
_LABELS = f"""for p in {DEVICE}:*/ttyUSB*; do \
echo "$p $(udevadm test /sys/class/tty/${{p##*/}} 2>/dev/null | sed -n s/^OFONO_LABEL=//p)"; done"""
_ATTRIBUTE = re.compile(r":(\d+\.\d+)/bInterface(Number|Class|SubClass|Protocol):([0-9a-f]+)")
_DRIVER_LINK = re.compile(r":(\d+\.\d+)/driver -> \S*/([\w-]+)")
_LABEL = re.compile(r":(\d+\.\d+)/ttyUSB\d+ (\w+)")
_TOOLS = {
    "lsusb -v": "lsusb -v -d 12d1: 2>/dev/null",
    "usb-devices": "usb-devices",
    "the kernel's table": "cat /sys/kernel/debug/usb/devices",
    "report": "rm -f /run/r.tar.gz; huawei-modem report /run/r.tar.gz >/dev/null; cat /run/r.tar.gz",
}


class QuietBench(BasicBench):
    """A board on which nothing but the kernel looks at a stick."""

    def quieten(self) -> None:
        udevd = "systemd-udevd-kernel.socket systemd-udevd-control.socket systemd-udevd.service"
        self.run(f"udevadm settle; systemctl stop {udevd}")
        self.run(f"modprobe -a {_DRIVERS}")
        self.run("mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug")

    @contextmanager
    def plugged(self, stick: Stick, last: str) -> Iterator[None]:
        """The stick, with its interface `last`; at the end it is out, and the kernel has let go of it."""
        peer = Peer(self._board.stick, stick, self._recorder.record)
        peer.start()
        try:
            self.run(f"until [ -e {DEVICE}:{last} ]; do sleep 0.1; done")
            yield
        finally:
            peer.stop()
            peer.join(10)
        self.run(f"while [ -e {DEVICE} ]; do sleep 0.1; done")


def look(bench: BasicBench, *, labels: bool, again: bool) -> Seen:
    said = bench.run(_LOOK)
    numbers: dict[str, dict[str, str]] = {}
    for place, name, value in _ATTRIBUTE.findall(said):
        numbers.setdefault(place, {})[name] = value
    drivers = dict(_DRIVER_LINK.findall(said))
    shown = dict(_LABEL.findall(bench.run(_LABELS))) if labels else {}
    interfaces = {
        int(one["Number"], 16): (
            f"{one['Class']}/{one['SubClass']}/{one['Protocol']}",
            drivers.get(place, ""),
            shown.get(place, ""),
        )
        for place, one in numbers.items()
    }
    told = {}
    for tool, command in _TOOLS.items() if again else ():
        bench.run(f"{{ {command}; }} >/run/told")
        told[tool] = bench.fetch("/run/told")
    return Seen(interfaces, told)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Seen]:
    folder = tmp_path_factory.mktemp("listings")
    found = {}
    with basic_bench(QuietBench, folder) as bench:
        bench.quieten()
        for name, made in ALL.items():
            path = folder / f"{name}.toml"
            path.write_text(file.to_toml(made))
            for device in made.devices:
                settings = StickSettings(start=device.mode, switching=Switching.IGNORES)
                chosen = linux_choice(device.configurations)
                last = f"{chosen.value}.{chosen.numbers[-1]}"
                with bench.plugged(Stick(data.load(path), settings), last):
                    place = name, device.mode
                    found[place] = look(bench, labels=place in FUNCTIONS, again=name in AGAIN)
    return found


def addresses(device: Device) -> dict[tuple[int, int], list[int]]:
    """The endpoints' addresses by interface and alternate, where the listing has them."""
    return {
        (setting.number, setting.alternate): sorted(one.address for one in setting.endpoints)
        for setting in device.settings
        if "endpoints" not in setting.filled and "alternate" not in setting.filled
    }


def chosen_settings(device: Device) -> dict[int, Setting]:
    one: Configuration = linux_choice(device.configurations)
    return {number: one.first_setting(number) for number in one.numbers}


@pytest.mark.parametrize(("name", "mode"), MODES, ids=[" ".join(key) for key in MODES])
def test_each_interface_has_the_driver_of_its_listing(
    seen: dict[tuple[str, str], Seen], name: str, mode: str
) -> None:
    device = MODES[name, mode]
    known = tuple(item for _, item in DATABASE.candidates(device.usb))
    wrong = {}
    for number, setting in chosen_settings(device).items():
        _, driver, _ = seen[name, mode].interfaces[number]
        wanted: str | None = OTHER_KERNEL.get((name, device.usb, number), setting.driver or None)
        if wanted is None:  # the listing's kernel had none: what the database says is held to the board
            wanted = expected_driver(setting, known, DATABASE)
            if wanted is None or (device.usb, setting.class_text) in NO_DRIVER:
                continue
        if driver != wanted:
            wrong[number] = (setting.class_text, driver, wanted)
    assert wrong == {}


NO_DRIVER = {
    ("12d1:14c9", "ff/02/37"),
    ("12d1:15c1", "ff/06/16"),
}
"""In no driver's table: tests/kernel/test_drivers.py. The second is of a configuration that Linux does not
choose, and its listing has that one alone."""


@pytest.mark.parametrize(("name", "mode"), MODES, ids=[" ".join(key) for key in MODES])
def test_the_kernel_shows_the_classes_of_the_listing(
    seen: dict[tuple[str, str], Seen], name: str, mode: str
) -> None:
    shown = {number: item[0] for number, item in seen[name, mode].interfaces.items()}
    assert shown == {n: s.class_text for n, s in chosen_settings(MODES[name, mode]).items()}


@pytest.mark.parametrize(("name", "mode"), FUNCTIONS, ids=[" ".join(key) for key in FUNCTIONS])
def test_ports_are_labelled_as_the_source_says(
    seen: dict[tuple[str, str], Seen], name: str, mode: str
) -> None:
    wanted = FUNCTIONS[name, mode]
    assert {number: seen[name, mode].interfaces[number][2] for number in wanted} == wanted


@pytest.mark.parametrize("tool", _TOOLS)
@pytest.mark.parametrize("name", AGAIN)
def test_what_the_board_says_of_a_stick_is_the_same_stick(
    seen: dict[tuple[str, str], Seen], tmp_path: Path, name: str, tool: str
) -> None:
    (device,) = ALL[name].devices
    path = tmp_path / ("told.tar.gz" if tool == "report" else "told.txt")
    path.write_bytes(seen[name, device.mode].told[tool])
    (found,) = recorded(name, reader.devices_of(reader.content_of(path), VENDORS), DATABASE).devices
    whole = Recording(name, (device,))
    left = show.differences(whole, Recording(name, (found,)))
    if tool == "report":  # no strings leave
        left = [line for line in left if " manufacturer " not in line and " name " not in line]
    if tool in ("usb-devices", "the kernel's table"):
        # They have no class-specific descriptors; QEMU's bus is of full speed, where 512 octets become 64.
        left = [line for line in left if ": descriptors " not in line and ": endpoints " not in line]
        left = [line for line in left if line != f"{device.usb}: speed 'high', 'full'"]
        if tool == "usb-devices":  # it prints no associations
            left = [line for line in left if ": associations " not in line]
        assert addresses(found) == {place: addresses(device)[place] for place in addresses(found)}
    assert left == []
    if tool != "lsusb -v":
        drivers = {s.number: s.driver for s in found.settings}
        assert drivers == {n: item[1] for n, item in seen[name, device.mode].interfaces.items()}
