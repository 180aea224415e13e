# SPDX-License-Identifier: MIT
"""Listings whose interfaces stand in module aliases, and what is made of those whose numbers say nothing.

What udevadm prints: tests/daemons/test_lsusb.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from modem_image.sticks.recording import alias, reader
from modem_image.sticks.recording.model import Configuration, Device
from modem_image.sticks.recording.stick import recorded
from unit.sticks.known import DATABASE

# The form of a post of 2013 on ubuntuforums; its device has one interface, these are those of an E398.
HWINFO = """13: USB 00.{number}: 0700 Serial controller
  [Created at usb.122]
  SysFS ID: /devices/pci0000:00/0000:00:1d.7/usb1/1-8/1-8:1.{number}
  SysFS BusID: 1-8:1.{number}
  Model: "HUAWEI Technologies"
  Vendor: usb 0x12d1 "Huawei Technologies"
  Device: usb 0x1506 "HUAWEI Mobile"{driver}
  Driver Modules: "usbserial"
  Speed: 480 Mbps
  Module Alias: "usb:v12D1p1506d0000dcEFdsc02dp01icFFisc01ip{protocol}"
  Attached to: #9 (Hub)
"""
OPTION = '\n  Driver: "option"'
PORTS = (("0", "01", OPTION), ("1", "09", ""), ("3", "03", OPTION))


def hwinfo() -> str:
    return "\n".join(HWINFO.format(number=n, protocol=p, driver=d) for n, p, d in PORTS)


def devices(text: str) -> list[Device]:
    return reader.devices_of(text.encode(), {0x12D1})


def test_hwinfo_has_classes_drivers_and_the_speed() -> None:
    (found,) = devices(hwinfo())
    assert (found.usb, found.triple, found.release, found.speed) == ("12d1:1506", (0xEF, 2, 1), 0, "high")
    (one,) = found.configurations
    assert [(s.number, s.class_text, s.driver) for s in one.settings] == [
        (0, "ff/01/01", "option"),
        (1, "ff/01/09", ""),
        (3, "ff/01/03", "option"),
    ]


def test_aliases_and_the_kernels_table_of_one_device_are_one_device() -> None:
    table = """T:  Bus=01 Lev=01 Prnt=01 Port=07 Cnt=01 Dev#=  3 Spd=480 MxCh= 0
P:  Vendor=12d1 ProdID=1506 Rev=00.00
C:  #Ifs= 3 Cfg#= 1 Atr=c0 MxPwr=500mA
I:  If#= 0 Alt= 0 #EPs= 3 Cls=ff(vend.) Sub=01 Prot=01 Driver=option
I:  If#= 1 Alt= 0 #EPs= 1 Cls=ff(vend.) Sub=01 Prot=09 Driver=(none)
I:  If#= 3 Alt= 0 #EPs= 2 Cls=ff(vend.) Sub=01 Prot=03 Driver=option
"""
    (found,) = devices(f"{table}\n{hwinfo()}")
    assert [s.count for s in found.configurations[0].settings] == [3, 1, 2]


def test_a_configuration_is_put_together_once_however_long_the_text_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """8 MiB of aliases took 12 s: a device was made anew for each of its interfaces."""
    made: list[Configuration] = []

    def counted(**given: Any) -> Configuration:
        made.append(Configuration(**given))
        return made[-1]

    monkeypatch.setattr(alias, "Configuration", counted)
    lines = "".join(f"usb:v12D1p1506d0000dc00dsc00dp00icFFisc01ip01 1-1:1.{n}\n\n" for n in range(200))
    (found,) = alias.read(lines)
    assert len(found.configurations[0].settings) == 200
    assert len(made) == 1


def test_a_device_that_comes_again_with_other_classes_is_another() -> None:
    again = hwinfo().replace("isc01ip", "isc02ip")
    assert len(devices(f"{hwinfo()}\n{again}")) == 2


@pytest.mark.parametrize(
    ("interfaces", "mode"),
    [
        ("08/06/50 ff/42/01", "storage"),
        ("02/06/00 0a/00/00 ff/42/01", "hilink"),
        ("ff/01/01 ff/01/02 ff/42/01", "modem"),
    ],
)
def test_a_debuggers_interface_makes_no_modem(interfaces: str, mode: str) -> None:
    """A phone of 2010 with a drive and adb was imported as a modem, and its adb as option's port."""
    lines = ["P:  Vendor=12d1 ProdID=1038 Rev=02.26", "C:* #Ifs= 3 Cfg#= 1 Atr=a0 MxPwr=500mA"]
    for number, triple in enumerate(interfaces.split()):
        class_, subclass, protocol = triple.split("/")
        numbers = f"Cls={class_}(x) Sub={subclass} Prot={protocol}"
        lines.append(f"I:  If#= {number} Alt= 0 #EPs= 2 {numbers} Driver=(none)")
    (found,) = recorded("it", devices("\n".join(lines)), DATABASE).devices
    assert found.mode == mode
    assert DATABASE.purpose_of(2, ("ff", "42", "01")) == ("adb", None)


K3765 = """P:  Vendor=12d1 ProdID=1465 Rev=00.00
C:* #Ifs= {count} Cfg#= 1 Atr=e0 MxPwr=500mA
I:  If#= 0 Alt= 0 #EPs= 3 Cls=ff(vend.) Sub=ff Prot=ff Driver=option
I:  If#= 1 Alt= 0 #EPs= 3 Cls=ff(vend.) Sub=ff Prot=ff Driver={second}
I:  If#= 2 Alt= 0 #EPs= 2 Cls=ff(vend.) Sub=ff Prot=ff Driver=option
I:  If#= 3 Alt= 0 #EPs= 2 Cls=08(stor.) Sub=06 Prot=50 Driver=usb-storage
"""


@pytest.mark.parametrize(
    ("count", "second", "functions"),
    [
        (4, "(none)", ["modem", None, "pcui", None]),
        (4, "qmi_wwan", ["modem", None, "pcui", None]),
        (6, "option", ["modem", None, None, None]),  # cut: the last port may be another
    ],
)
def test_ports_of_which_nothing_is_known_are_named_by_their_place(
    count: int, second: str, functions: list[str | None]
) -> None:
    """A recording without a modem port answers nobody; what was guessed is marked."""
    (found,) = recorded("it", devices(K3765.format(count=count, second=second)), DATABASE).devices
    settings = found.configurations[0].settings
    assert [s.function for s in settings] == functions
    assert ["function" in s.filled for s in settings] == [one is not None for one in functions]


def test_what_the_database_says_of_an_ids_ports_counts() -> None:
    listing = K3765.format(count=4, second="qmi_wwan").replace("1465", "140c")
    (found,) = recorded("it", devices(listing), DATABASE).devices
    assert {s.function for s in found.configurations[0].settings} == {None}
