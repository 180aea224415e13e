# SPDX-License-Identifier: MIT
"""What Debian's own lsusb, usb-devices and udevadm print of a stick is imported as the stick that it was.

The sticks are public listings, shown in a mocked sysfs; libusb reads the descriptors there, octet by octet.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from daemons.bed.client import MARKS, Bed
from daemons.bed.describe import BUS, Plugged, escaped
from daemons.test_connman import HELPER_RUN
from modem_image.bench.stick import data
from modem_image.bench.stick.descriptors import DeviceDescription
from modem_image.sticks.recording import file, reader, show
from modem_image.sticks.recording.entry import judged
from modem_image.sticks.recording.model import Configuration, Device, Endpoint, Recording, Setting
from modem_image.sticks.recording.stick import linux_choice, recorded
from unit.sticks.known import DATABASE

pytestmark = MARKS

LISTINGS = Path(__file__).parents[1] / "corpus" / "listings"
VENDORS = {0x12D1, 0x3566, 0x03F0}
NAMES = (
    "e173-hisilicon-1506",
    "e3372-14dc-huawei-mobile",
    "e3372h-320-155e",
    "e3372s-153-15b6-ff02",
    "e398-1506-linux-order",
    "me906s-15c1-configuration-3",
    "1f1e-vodafone",
    "k4203-1590",
)


def described(device: Device, description: DeviceDescription) -> Plugged:
    """The device as the kernel shows it in sysfs, the interfaces in the setting that their drivers choose."""
    path = f"{BUS}/1-1"
    chosen = linux_choice(device.configurations)
    octets = b"".join([description.descriptor(), *(one.descriptor() for one in description.configurations)])
    attributes = {
        "idVendor": f"{device.vendor:04x}",
        "idProduct": f"{device.product:04x}",
        "bcdDevice": f"{device.release:04x}",
        "version": f"{(device.version or 0) >> 8:2x}.{(device.version or 0) & 0xFF:02x}",
        "bDeviceClass": f"{device.triple[0]:02x}",
        "bDeviceSubClass": f"{device.triple[1]:02x}",
        "bDeviceProtocol": f"{device.triple[2]:02x}",
        "bMaxPacketSize0": str(device.max_packet),
        "bNumConfigurations": str(len(device.configurations)),
        "bConfigurationValue": str(chosen.value),
        "bNumInterfaces": f"{len(chosen.numbers):2}",
        "bmAttributes": f"{chosen.attributes:02x}",
        "bMaxPower": f"{chosen.max_power}mA",
        "busnum": "1",
        "devnum": "3",
        "devpath": "1",
        "maxchild": "0",
        "speed": "480" if device.speed == "high" else "12",
        "manufacturer": device.manufacturer or "",
        "product": device.name or "",
    } | ({"serial": data.SERIAL} if device.has_serial else {})
    blocks = [
        f"P: {path}\nN: bus/usb/001/003\nE: DEVNAME=/dev/bus/usb/001/003\nE: DEVTYPE=usb_device\n"
        "E: SUBSYSTEM=usb\nE: DRIVER=usb\nE: MAJOR=189\nE: MINOR=2\nE: BUSNUM=001\nE: DEVNUM=003\n"
        f"E: PRODUCT={device.vendor:x}/{device.product:x}/{device.release:x}\nE: TYPE=0/0/0\n"
        f"H: descriptors={octets.hex().upper()}\n{_lines(attributes)}"
    ]
    blocks += [_interface(path, device, setting, chosen.value) for setting in shown_settings(chosen)]
    return Plugged("\n".join(blocks), path, 3, {}, {}, {}, (path,))


def shown_settings(chosen: Configuration) -> Iterator[Setting]:
    """Each interface in its last setting: that with the data path, which usbnet's drivers choose."""
    for number in chosen.numbers:
        yield max((s for s in chosen.settings if s.number == number), key=lambda s: s.alternate)


def _interface(path: str, device: Device, setting: Setting, configuration: int) -> str:
    here = f"{path}/1-1:{configuration}.{setting.number}"
    class_, subclass, protocol = setting.class_text.split("/")
    attributes = {
        "bInterfaceNumber": f"{setting.number:02x}",
        "bAlternateSetting": f"{setting.alternate:2}",
        "bNumEndpoints": f"{len(setting.endpoints):02x}",
        "bInterfaceClass": class_,
        "bInterfaceSubClass": subclass,
        "bInterfaceProtocol": protocol,
    }
    for one in setting.endpoints:
        folder = f"ep_{one.address:02x}"
        attributes |= {
            f"{folder}/bEndpointAddress": f"{one.address:02x}",
            f"{folder}/bmAttributes": f"{one.kind:02x}",
            f"{folder}/direction": "in" if one.is_in else "out",
            f"{folder}/type": {2: "Bulk", 3: "Interrupt"}[one.kind],
            f"{folder}/wMaxPacketSize": f"{one.max_packet:04x}",
            f"{folder}/interval": _interval(one, device.speed),
        }
    driver = ""
    if setting.driver:
        driver = f"L: driver={'../' * here.count('/')}bus/usb/drivers/{setting.driver}\n"
    own = f"E: DRIVER={setting.driver}\n" if setting.driver else ""
    own += f"E: MODALIAS={_alias(device, setting)}\n"
    return f"P: {here}\nE: DEVTYPE=usb_interface\nE: SUBSYSTEM=usb\n{own}{driver}{_lines(attributes)}"


def _alias(device: Device, setting: Setting) -> str:
    """As usb_uevent() and usb_if_uevent() of Linux 6.1 have it."""
    ids = f"v{device.vendor:04X}p{device.product:04X}d{device.release:04X}"
    classes = "dc{:02X}dsc{:02X}dp{:02X}".format(*device.triple)
    return f"usb:{ids}{classes}" + "ic{:02X}isc{:02X}ip{:02X}in{:02X}".format(*setting.triple, setting.number)


def _interval(one: Endpoint, speed: str | None) -> str:
    """As interval_show() of Linux's drivers/usb/core/endpoint.c prints it."""
    if one.kind == 3:
        time = (1 << (one.interval - 1)) * 125 if speed == "high" else one.interval * 1000
    else:
        time = one.interval * 125 if speed == "high" and not one.is_in else 0
    return f"{time}us" if time % 1000 else f"{time // 1000}ms"


def _lines(attributes: dict[str, str]) -> str:
    return "".join(f"A: {name}={escaped(value)}\\n\n" for name, value in attributes.items())


@pytest.fixture(scope="module", params=NAMES)
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Device, dict[str, str]]:
    """A device, and what the tools print of it."""
    folder = tmp_path_factory.mktemp("told")
    found = reader.devices_of((LISTINGS / f"{request.param}.txt").read_bytes(), VENDORS)
    made = recorded(request.param, found, DATABASE)
    device = made.devices[-1]
    path = folder / "stick.toml"
    path.write_text(file.to_toml(made))
    description = data.load(path).modes[device.mode].description
    (folder / "bed").mkdir()
    with Bed(folder / "bed") as bed:
        bed.plug(described(device, description), only=[])
        ask = {
            "lsusb": f"lsusb -v -d {device.usb}",
            "usb-devices": "usb-devices 2>&1",
            "udevadm": "udevadm info --export-db",
        }
        said = {name: str(bed.run("sh", "-c", line, preload=True)["out"]) for name, line in ask.items()}
        capture = folder / "capture.tar.gz"
        done = bed.run("python3", "-c", HELPER_RUN, "report", str(capture), preload=True)
        assert done["status"] in (0, 1), done  # 1: a stick alone has faults enough
        said["report"] = reader.content_of(capture).decode()
    return device, said


def imported(text: str) -> Device:
    (found,) = recorded("told", reader.devices_of(text.encode(), VENDORS), DATABASE).devices
    return found


def test_lsusb_of_a_stick_is_the_stick(told: tuple[Device, dict[str, str]]) -> None:
    device, said = told
    found = imported(said["lsusb"])
    left = show.differences(Recording("was", (device,)), Recording("is", (found,)))
    assert left == []
    assert data.SERIAL not in repr(found)


def test_a_report_at_a_stick_is_the_stick_and_its_entry_agrees(told: tuple[Device, dict[str, str]]) -> None:
    """docs/sticks.md, "Give us yours": a capture has descriptors and names, no serial number nor address."""
    device, said = told
    found = imported(said["report"])
    left = show.differences(Recording("was", (device,)), Recording("is", (found,)))
    assert [line for line in left if "descriptors" not in line] == []
    assert data.SERIAL not in said["report"]
    if not any(one.filled for one in device.configurations):  # what was cut there is whole here
        of = [judged(recorded("told", [one], DATABASE), DATABASE) for one in (device, found)]
        assert of[0] == of[1]


def test_udevs_database_has_ids_classes_and_drivers(told: tuple[Device, dict[str, str]]) -> None:
    device, said = told
    (found,) = reader.devices_of(said["udevadm"].encode(), VENDORS)
    assert (found.usb, found.release, found.triple) == (device.usb, device.release, device.triple)
    (one,) = found.configurations
    chosen = linux_choice(device.configurations)
    assert one.value == chosen.value
    assert [(s.number, s.triple, s.driver) for s in one.settings] == [
        (s.number, s.triple, s.driver or "") for s in shown_settings(chosen)
    ]


def test_usb_devices_of_a_stick_is_the_stick_as_far_as_it_shows_it(
    told: tuple[Device, dict[str, str]],
) -> None:
    device, said = told
    found = imported(said["usb-devices"])
    assert (found.usb, found.version, found.triple, found.release) == (
        device.usb,
        device.version,
        device.triple,
        device.release,
    )
    assert (found.manufacturer, found.name, found.has_serial) == (
        device.manufacturer,
        device.name,
        device.has_serial,
    )
    chosen = linux_choice(device.configurations)
    (one,) = found.configurations
    assert (one.value, one.attributes, one.max_power) == (chosen.value, chosen.attributes, chosen.max_power)
    got = {(s.number, s.alternate): s for s in one.settings}
    for setting in shown_settings(chosen):
        item = got[setting.number, setting.alternate]
        assert (item.triple, item.driver) == (setting.triple, setting.driver or "")
        assert sorted(item.endpoints, key=lambda e: e.address) == sorted(
            setting.endpoints, key=lambda e: e.address
        )
