# SPDX-License-Identifier: MIT
"""Kinds of listings that people paste beside the kernel's table and lsusb -v, and what they do to these.

The kinds are from public threads; the programs that print them are named, the devices are the corpus' own.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from modem_image.errors import InputError
from modem_image.sticks.recording import reader
from modem_image.sticks.recording.model import Device
from modem_image.sticks.recording.stick import recorded
from unit.sticks.known import DATABASE

LISTINGS = Path(__file__).parents[2] / "corpus" / "listings"
BOTH = "e3372-1506-openwrt-wiki"
"""A stick of which all is listed but its class-specific descriptors."""


def text_of(name: str) -> str:
    return (LISTINGS / f"{name}.txt").read_text()


def devices(text: str) -> list[Device]:
    return reader.devices_of(text.encode(), {0x12D1, 0x3566})


def bare(device: Device) -> Device:
    """Without what only Linux knows of a device: drivers, whether a configuration is chosen."""
    configurations = tuple(
        replace(c, active=None, settings=tuple(replace(s, driver=None) for s in c.settings))
        for c in device.configurations
    )
    return replace(device, line=0, configurations=configurations)


# --- What happens to a table in a forum ------------------------------------------------------------------


def test_spaces_that_were_lost_between_keys() -> None:
    """A post of 2013: `Cls=ff(vend.)Sub=ff`, `Port=00Cnt=01`."""
    text = text_of("e352-1c1e")
    (found,) = devices(re.sub(r" (Sub|Cnt|Prot)=", r"\1=", text))
    assert bare(found) == bare(devices(text)[0])


def test_two_lines_that_became_one() -> None:
    """A post of 2018: `MxCh= 0D:  Ver= 2.00`."""
    text = (
        "T:  Bus=01 Lev=01 Prnt=01 Port=01 Cnt=01 Dev#=  2 Spd=480 MxCh= 0"
        + text_of("me936-15bb-configuration-2").partition("D:")[1]
        + text_of("me936-15bb-configuration-2").partition("D:")[2]
    )
    (found,) = devices(text)
    assert (found.version, found.triple, found.count) == (0x0200, (0xEF, 0x02, 0x01), 3)


def test_colours_of_a_forum_in_the_middle_of_a_line() -> None:
    text = text_of("e220-1003").replace("EPs= 3", "[COLOR=Blue]EPs= 3[/COLOR]")
    text = text.replace("Prot=ff Driver=option", "Prot=[B]ff[/B][COLOR=#FF0000] Driver=(none)[/COLOR]")
    (found,) = devices(text)
    assert [(s.class_text, s.driver, s.count) for s in found.settings[:2]] == [
        ("ff/ff/ff", "", 3),
        ("ff/ff/ff", "", 2),
    ]


def test_a_remark_behind_a_line_does_not_count() -> None:
    text = text_of("e398-1506-linux-order").replace(
        "Prot=01 Driver=option", "Prot=01 Driver=option  EPs=9 and Prot=02 = modem port"
    )
    (found,) = devices(text)
    assert found.settings[0].class_text == "ff/01/01"


def test_a_remark_that_stands_right_behind_the_driver() -> None:
    text = text_of("e220-1003").replace("Driver=usb-storage", "Driver=usb-storage(may differ)")
    assert [s.driver for s in devices(text)[0].settings] == ["option", "option", "usb-storage", "usb-storage"]


def test_a_table_in_the_comments_of_a_script() -> None:
    text = "".join(f"        #{line}\n" for line in text_of("14dc-huawei").splitlines() if line[0] != "#")
    assert bare(devices(text)[0]) == bare(devices(text_of("14dc-huawei"))[0])


# --- lsusb -t ---------------------------------------------------------------------------------------------

TREE = """
/:  Bus 02.Port 1: Dev 1, Class=root_hub, Driver=ohci-pci/8p, 12M
    |__ Port 1: Dev 2, If 0, Class=Human Interface Device, Driver=usbhid, 12M
/:  Bus 01.Port 1: Dev 1, Class=root_hub, Driver=ehci-pci/8p, 480M
    |__ Port 1: Dev 3, If 0, Class=Vendor Specific Class, Driver=option, 480M
    |__ Port 1: Dev 3, If 1, Class=Vendor Specific Class, Driver=huawei_cdc_ncm, 480M
    |__ Port 1: Dev 3, If 2, Class=Vendor Specific Class, Driver=option, 480M
    |__ Port 1: Dev 3, If 3, Class=Vendor Specific Class, Driver=[none], 480M
    |__ Port 1: Dev 3, If 4, Class=Mass Storage, Driver=usb-storage, 480M
"""
IDS = """
Bus 002 Device 002: ID 80ee:0021 VirtualBox USB Tablet
Bus 001 Device 003: ID 12d1:1506 Huawei Technologies Co., Ltd. E398 LTE/UMTS/GSM Modem/Networkcard
"""
NEWER = """
/:  Bus 001.Port 001: Dev 001, Class=root_hub, Driver=xhci_hcd/12p, 480M
    ID 1d6b:0002 Linux Foundation 2.0 root hub
    |__ Port 003: Dev 004, If 0, Class=Communications, Driver=cdc_ether, 480M
        ID 12d1:14dc Huawei Technologies Co., Ltd. E3372 HiLink
    |__ Port 003: Dev 004, If 1, Class=CDC Data, Driver=cdc_ether, 480M
        ID 12d1:14dc Huawei Technologies Co., Ltd. E3372 HiLink
"""


@pytest.mark.parametrize("text", [TREE + IDS, IDS + TREE], ids=["ids below", "ids above"])
def test_a_tree_gives_classes_and_drivers(text: str) -> None:
    (found,) = devices(text)
    assert (found.usb, found.speed) == ("12d1:1506", "high")
    assert [(s.class_text, s.driver) for s in found.settings] == [
        ("ff/??/??", "option"),
        ("ff/??/??", "huawei_cdc_ncm"),
        ("ff/??/??", "option"),
        ("ff/??/??", ""),
        ("08/??/??", "usb-storage"),
    ]


def test_a_tree_with_its_own_ids() -> None:
    (found,) = devices(NEWER)
    assert found.usb == "12d1:14dc"
    (whole,) = recorded("tree", [found], DATABASE).devices
    assert [s.class_text for s in whole.settings] == ["02/06/00", "0a/00/00"]
    assert all("class" in s.filled for s in whole.settings)


def test_a_tree_at_superspeed_has_the_speed_of_the_other_listings() -> None:
    (found,) = devices(NEWER.replace("480M", "5000M"))
    assert found.speed == "high"


@pytest.mark.parametrize(
    "line", ["1-1: x, speed {}", "1-1: x, bConfigurationValue {}", "  1-1:{}.0: x, driver y"]
)
def test_a_number_without_end_above_the_octets(line: str) -> None:
    octets = "12 01 00 02 00 00 00 40 d1 12 06 15 02 01 01 02 03 01"
    octets += " 09 02 19 00 01 01 00 80 32 09 04 00 00 00 ff 01 01 00"
    above = "1-1: x\n" * line.startswith(" ") + line.format("4" * 5000)
    (found,) = devices(f"{above}\n{octets}\n")
    assert (found.usb, found.speed) == ("12d1:1506", None)


# --- Windows and Python -----------------------------------------------------------------------------------


def fields(device: Device) -> Iterator[tuple[str, list[tuple[str, int, int]]]]:
    """The descriptors in their order: a heading, and name, value and digits of each field."""
    (one,) = device.configurations
    triple = [number or 0 for number in device.triple]
    yield "Device", [
        ("bLength", 18, 2), ("bDescriptorType", 1, 2), ("bcdUSB", device.version or 0, 4),
        ("bDeviceClass", triple[0], 2), ("bDeviceSubClass", triple[1], 2), ("bDeviceProtocol", triple[2], 2),
        ("bMaxPacketSize0", device.max_packet or 0, 2), ("idVendor", device.vendor or 0, 4),
        ("idProduct", device.product or 0, 4), ("bcdDevice", device.release or 0, 4),
        ("iManufacturer", 1, 2), ("iProduct", 2, 2), ("iSerialNumber", 0, 2), ("bNumConfigurations", 1, 2),
    ]  # fmt: skip
    yield "Configuration", [
        ("bLength", 9, 2), ("bDescriptorType", 2, 2), ("bNumInterfaces", one.count or 0, 2),
        ("bConfigurationValue", one.value, 2), ("iConfiguration", 0, 2),
        ("bmAttributes", one.attributes or 0, 2), ("MaxPower", (one.max_power or 0) // 2, 2),
    ]  # fmt: skip
    for setting in one.settings:
        numbers = [number or 0 for number in setting.triple]
        yield "Interface", [
            ("bLength", 9, 2), ("bDescriptorType", 4, 2), ("bInterfaceNumber", setting.number, 2),
            ("bAlternateSetting", setting.alternate, 2), ("bNumEndpoints", setting.count or 0, 2),
            ("bInterfaceClass", numbers[0], 2), ("bInterfaceSubClass", numbers[1], 2),
            ("bInterfaceProtocol", numbers[2], 2), ("iInterface", 0, 2),
        ]  # fmt: skip
        for endpoint in setting.endpoints:
            yield "Endpoint", [
                ("bLength", 7, 2), ("bDescriptorType", 5, 2), ("bEndpointAddress", endpoint.address, 2),
                ("bmAttributes", endpoint.kind, 2), ("wMaxPacketSize", endpoint.max_packet, 4),
                ("bInterval", endpoint.interval, 2),
            ]  # fmt: skip


def usb_tree_view(device: Device) -> Iterator[str]:
    """Uwe Sieber's USBTreeView."""
    strings = {"iManufacturer": device.manufacturer, "iProduct": device.name}
    for heading, values in fields(device):
        yield f"        {f' {heading} Descriptor ':-^55}"
        for name, value, digits in values:
            meaning = f" ({heading} Descriptor)" if name == "bDescriptorType" else ""
            meaning = f" ({value * 2} mA)" if name == "MaxPower" else meaning
            meaning = " (String Descriptor 1)" if name in strings else meaning
            meaning = " (No String Descriptor)" if name[0] == "i" and not value else meaning
            yield f"{name:25}: 0x{value:0{digits}X}{meaning}"
            if name in strings:
                yield f' Language 0x0409         : "{strings[name]}"'


def usb_view(device: Device) -> Iterator[str]:
    """Microsoft's USBView."""
    strings = {"iManufacturer": device.manufacturer, "iProduct": device.name}
    for heading, values in fields(device):
        yield f"          ===>{heading} Descriptor<==="
        for name, value, digits in values:
            meaning = f" = {value * 2} mA" if name == "MaxPower" else ""
            meaning = "  -> Direction: IN - EndpointID: 1" if name == "bEndpointAddress" else meaning
            yield f"{name + ':':33}0x{value:0{digits}X}{meaning}"
            if name in strings:
                yield f'     English (United States)  "{strings[name]}"'
        yield ""


def py_usb(device: Device) -> Iterator[str]:
    """print() of PyUSB's Device."""
    strings = {"iManufacturer": device.manufacturer, "iProduct": device.name}
    yield f"DEVICE ID {device.usb} on Bus 001 Address 003 ================="
    for heading, values in fields(device):
        number = {
            "Configuration": "1: 500 mA",
            "Interface": "0: Vendor Specific",
            "Endpoint": "0x81: Bulk IN",
        }
        if heading != "Device":
            yield f"  {heading.upper()} {number[heading]} {'=' * 20}"
        for name, value, _ in values:
            shown = {"MaxPower": "bMaxPower"}.get(name, name)
            meaning = f"({value * 2} mA)" if name == "MaxPower" else strings.get(name) or ""
            yield f"   {shown:21}: {hex(value):>6} {meaning}"


@pytest.mark.parametrize("program", [usb_tree_view, usb_view, py_usb])
@pytest.mark.parametrize("name", [BOTH, "e1820-14ac"])
def test_what_other_systems_programs_print_is_the_same_stick(name: str, program: object) -> None:
    (wanted,) = devices("".join(line + "\n" for line in text_of(name).splitlines() if line[:2] != "A:"))
    assert callable(program)
    (found,) = devices("\n".join(program(wanted)))
    assert bare(found) == bare(replace(wanted, has_serial=False))


def test_sysfs_attributes_are_not_taken_for_decimal_numbers() -> None:
    """`grep . /sys/…`: 12 is hexadecimal there."""
    text = "Bus 001 Device 002: ID 12d1:1506\n/sys/bus/usb/devices/1-1:1.0/bInterfaceProtocol:12\n"
    assert all(device.settings == () for device in devices(text))


# --- What is filled in ------------------------------------------------------------------------------------


def test_an_ncm_without_a_data_interface_has_its_data_in_its_second_setting() -> None:
    """12d1:1c1e: a drive comes behind it, which must not be called its data interface."""
    (whole,) = recorded("e352", devices(text_of("e352-1c1e")), DATABASE).devices
    ncm = [s for s in whole.settings if s.number == 3]
    assert [(s.alternate, s.count) for s in ncm] == [(0, 1), (1, 3)]
    assert bytes((5, 0x24, 6, 3, 3)) in ncm[0].descriptors


def test_the_data_of_an_ncm_has_two_settings_whatever_its_protocol() -> None:
    """12d1:15bb: 0a/00/00 belongs to 02/0d/00."""
    text = text_of("me936-15bb-configuration-2").replace("Alt= 1 #EPs= 2", "Alt= 0 #EPs= 0")
    (whole,) = recorded("me936", devices(text), DATABASE).devices
    assert [(s.alternate, s.count) for s in whole.settings if s.number == 1] == [(0, 0), (1, 2)]


def test_the_descriptors_of_huaweis_ncm_are_those_of_a_listing_that_has_them() -> None:
    """In their order, octet by octet but for the number of the string with the address."""
    (listed,) = devices(text_of("e173-hisilicon-1506"))
    without = "\n".join(line for line in text_of("e173-hisilicon-1506").splitlines() if line[:2] != "F:")
    (whole,) = recorded("without", devices(without), DATABASE).devices
    seen, filled = (
        next(s.descriptors for s in device.settings if s.class_text == "ff/03/16")
        for device in (listed, whole)
    )
    assert [item[:3] + item[4:] if item[2] == 0x0F else item for item in filled] == [
        item[:3] + item[4:] if item[2] == 0x0F else item for item in seen
    ]


@pytest.mark.parametrize(("name", "control"), [("e398-1506-linux-order", 1), ("k4510-14cb", 1)])
def test_a_qmi_of_two_interfaces_has_the_union_by_which_linux_finds_its_data(name: str, control: int) -> None:
    """As an E398's complete listing has it: 05 24 06 03 04."""
    (device,) = recorded(name, devices(text_of(name)), DATABASE).devices
    (setting,) = (s for s in device.settings if s.number == control)
    assert bytes((5, 0x24, 6, control, control + 1)) in setting.descriptors
    (listed,) = recorded("e398", devices(text_of("e398-1505-1506-full-speed")), DATABASE).devices[1:]
    (seen,) = (s for s in listed.settings if s.number == 3)
    assert {item[2] for item in seen.descriptors} == {item[2] for item in setting.descriptors}


# --- What a thread adds to a listing -----------------------------------------------------------------------


def test_lines_that_a_reply_quotes_are_not_interfaces_again() -> None:
    """A thread of 2011: four lines quoted without their device, the last one glued to the reply."""
    whole = text_of("e220-1003")
    lines = [line for line in whole.splitlines() if line.startswith("I:")]
    assert "Driver=" in lines[-1]
    quoted = "\n".join(f"> {line}" for line in lines)
    (found,) = devices(f"{whole}\n\nSo as you can see from the\n\n{quoted}everything looks OK\n")
    assert found == devices(whole)[0]


def test_bold_of_markdown_in_the_middle_of_a_line() -> None:
    """A post of 2011, archived as Markdown: `ProdID=[COLOR=Red]**1408**[/COLOR]`, `#**Ifs= 3**`."""
    text = text_of("e220-1003").replace("ProdID=1003", "ProdID=[COLOR=Red]**1003**[/COLOR]")
    text = re.sub(r"#Ifs= (\d)", r"#**Ifs= \1**", text)
    text = re.sub(r"(Driver=\S+)", r"**[COLOR=Red]\1[/COLOR]**", text)
    assert devices(text) == devices(text_of("e220-1003"))


def test_the_source_of_a_mail() -> None:
    """linux-usb and netdev are archived with quoted-printable bodies: =3D, and lines that end in =."""
    text = text_of("e1820-14ac")
    mail = quopri.encodestring(text.encode()).decode()
    assert "Vendor=3D12d1" in mail
    assert devices(mail) == devices(text)


def test_a_listing_at_superspeed_becomes_what_the_benchs_port_sees() -> None:
    """USB 3.2: bulk endpoints of 1024 octets, and 9 as bMaxPacketSize0, for 2 to the power of it."""
    slow = text_of("e3372-1506-openwrt-wiki").replace("Spd=12 ", "Spd=480").replace("Ver= 2.00", "Ver= 2.10")
    fast = slow.replace("Spd=480", "Spd=5000").replace("MxPS= 512", "MxPS=1024").replace("MxPS=64", "MxPS= 9")
    (listed,), (wanted,) = devices(fast.replace("Ver= 2.10", "Ver= 3.20")), devices(slow)
    assert "MxPS=1024" in fast and listed.filled == ("high speed",)
    assert replace(listed, filled=()) == wanted
    assert all(e.max_packet <= 512 for s in listed.settings for e in s.endpoints)


def test_the_line_of_the_ids_alone() -> None:
    """A README on an E5377: `Vendor=12d1 ProdID=1f02 Rev= 1.02`, no more of the table."""
    (found,) = devices("descriptors are:\n```\nVendor=12d1 ProdID=1f02 Rev= 1.02\n```\n")
    assert (found.usb, found.release, found.settings) == ("12d1:1f02", 0x0102, ())


def test_the_bus_above_a_stick_is_no_device_of_its_own() -> None:
    bus = "T:  Bus=01 Lev=00 Prnt=00\nB:  Alloc=  0/800 us ( 0%), #Int=  0, #Iso=  0\n"
    with pytest.raises(InputError, match=r"only: 1d6b:0002\."):
        devices(f"{bus}D:  Ver= 2.00 Cls=09(hub  )\nP:  Vendor=1d6b ProdID=0002 Rev= 5.15\n")


def test_a_line_of_the_log_beside_a_tree_leaves_its_class() -> None:
    """A driver's README: lsusb, lsusb -t, and dmesg of one interface."""
    text = (
        "Bus 001 Device 005: ID 12d1:1506 Huawei\n"
        "/:  Bus 01.Port 1: Dev 1, Class=root_hub, Driver=xhci_hcd/8p, 480M\n"
        "    |__ Port 4: Dev 5, If 0, Class=Vendor Specific Class, Driver=option, 480M\n"
        "    |__ Port 4: Dev 5, If 1, Class=Vendor Specific Class, Driver=huawei_cdc_ncm, 480M\n"
        "huawei_cdc_ncm 1-4:1.1 wwan0: register 'huawei_cdc_ncm' at usb-0000:00:15.0-4\n"
    )
    (found,) = reader.devices_of(text.encode(), {0x12D1}, "12d1:1506")
    assert [setting.triple[0] for setting in found.settings] == [0xFF, 0xFF]
