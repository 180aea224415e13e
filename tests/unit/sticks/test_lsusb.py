# SPDX-License-Identifier: MIT
"""lsusb -v and usbconfig, as people paste them. The texts are our own, in the form of the named programs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modem_image.sticks.recording import reader
from modem_image.sticks.recording.model import Association, Device, Endpoint
from modem_image.sticks.recording.text import shown

VENDORS = {0x12D1}

# usbutils 014 as root; the facts are those of ubuntuforums' E173 (tests/corpus/listings).
WHOLE = """\
Bus 001 Device 001: ID 1d6b:0002 Linux Foundation 2.0 root hub
Device Descriptor:
  bLength                18
  bDescriptorType         1
  bcdUSB               2.00
  bDeviceClass            9 Hub
  idVendor           0x1d6b Linux Foundation
  idProduct          0x0002 2.0 root hub
  bNumConfigurations      1

Bus 001 Device 005: ID 12d1:1506 Huawei Technologies Co., Ltd. Modem/Networkcard
Device Descriptor:
  bLength                18
  bDescriptorType         1
  bcdUSB               2.00
  bDeviceClass            2 Communications
  bDeviceSubClass         0 \n\
  bDeviceProtocol         0 \n\
  bMaxPacketSize0        64
  idVendor           0x12d1 Huawei Technologies Co., Ltd.
  idProduct          0x1506 Modem/Networkcard
  bcdDevice            1.02
  iManufacturer           3 HUAWEI
  iProduct                2 HUAWEI Mobile
  iSerial                 0 \n\
  bNumConfigurations      1
  Configuration Descriptor:
    bLength                 9
    bDescriptorType         2
    wTotalLength       0x0066
    bNumInterfaces          2
    bConfigurationValue     1
    iConfiguration          1 Huawei Configuration
    bmAttributes         0x80
      (Bus Powered)
    MaxPower              500mA
    Interface Descriptor:
      bLength                 9
      bDescriptorType         4
      bInterfaceNumber        0
      bAlternateSetting       0
      bNumEndpoints           3
      bInterfaceClass       255 Vendor Specific Class
      bInterfaceSubClass      3 \n\
      bInterfaceProtocol      1 \n\
      iInterface              7 Modem: \x1b[31mport
      ** UNRECOGNIZED:  05 24 00 10 01
      ** UNRECOGNIZED:  04 24 02 02
      Endpoint Descriptor:
        bLength                 7
        bDescriptorType         5
        bEndpointAddress     0x83  EP 3 IN
        bmAttributes            3
          Transfer Type            Interrupt
          Synch Type               None
          Usage Type               Data
        wMaxPacketSize     0x0040  1x 64 bytes
        bInterval               5
      Endpoint Descriptor:
        bLength                 7
        bDescriptorType         5
        bEndpointAddress     0x82  EP 2 IN
        bmAttributes            2
          Transfer Type            Bulk
          Synch Type               None
          Usage Type               Data
        wMaxPacketSize     0x0200  1x 512 bytes
        bInterval               0
      Endpoint Descriptor:
        bLength                 7
        bDescriptorType         5
        bEndpointAddress     0x02  EP 2 OUT
        bmAttributes            2
          Transfer Type            Bulk
        wMaxPacketSize     0x0200  1x 512 bytes
        bInterval               0
    Interface Association:
      bLength                 8
      bDescriptorType        11
      bFirstInterface         1
      bInterfaceCount         1
      bFunctionClass          2 Communications
      bFunctionSubClass      13 \n\
      bFunctionProtocol       0 \n\
      iFunction               0 \n\
    Interface Descriptor:
      bLength                 9
      bDescriptorType         4
      bInterfaceNumber        1
      bAlternateSetting       0
      bNumEndpoints           0
      bInterfaceClass         2 Communications
      bInterfaceSubClass     13 \n\
      bInterfaceProtocol      0 \n\
      iInterface              0 \n\
      CDC Header:
        bcdCDC               1.10
      CDC Union:
        bMasterInterface        1
        bSlaveInterface         2 \n\
      CDC Ethernet:
        iMacAddress                      5 0C5B8F279A64
        bmEthernetStatistics    0x00000000
        wMaxSegmentSize               1514
        wNumberMCFilters            0x0003
        bNumberPowerFilters              0
      CDC NCM:
        bcdNcmVersion        1.00
        bmNetworkCapabilities 0x1f
          crc mode
      CDC MBIM:
        bcdMBIMVersion       1.00
        wMaxControlMessage   4096
        bNumberFilters       32
        bMaxFilterSize       128
        wMaxSegmentSize      2048
        bmNetworkCapabilities 0x20
          8-byte ntb input size
      CDC MBIM Extended:
        bcdMBIMExtendedVersion           1.00
        bMaxOutstandingCommandMessages     64
        wMTU                             1500
Device Qualifier (for other device speed):
  bLength                10
  bDescriptorType         6
  bcdUSB               2.00
  bDeviceClass            9 Hub
  bMaxPacketSize0         8
  bNumConfigurations      7
Binary Object Store Descriptor:
  bLength                 5
  bDescriptorType        15
  wTotalLength       0x0016
  bNumDeviceCaps          2
can't get debug descriptor: Resource temporarily unavailable
Device Status:     0x0000
  (Bus Powered)
"""


def only(text: str, usb: str | None = None) -> Device:
    (found,) = reader.devices_of(text.encode(), VENDORS, usb)
    return found


def test_all_of_lsusb() -> None:
    device = only(WHOLE)
    assert (device.usb, device.version, device.triple, device.release) == (
        "12d1:1506",
        0x0200,
        (2, 0, 0),
        0x0102,
    )
    assert (device.manufacturer, device.name, device.has_serial) == ("HUAWEI", "HUAWEI Mobile", False)
    assert (device.max_packet, device.count, device.speed) == (64, 1, "high")
    (one,) = device.configurations
    assert (one.value, one.count, one.attributes, one.max_power, one.total) == (1, 2, 0x80, 500, 0x66)
    assert one.associations == (Association(1, 1, (2, 13, 0)),)
    modem, network = one.settings
    assert (modem.triple, modem.string) == ((255, 3, 1), "Modem: port")
    assert modem.endpoints == (Endpoint(0x83, 3, 64, 5), Endpoint(0x82, 2, 512), Endpoint(0x02, 2, 512))
    assert [item.hex() for item in modem.descriptors] == ["0524001001", "04240202"]
    assert [item.hex() for item in network.descriptors] == [
        "0524001001",
        "0524060102",
        "0d240f0500000000ea05030000",
        "06241a00011f",
        "0c241b000100102080000820",
        "08241c000140dc05",
    ]


def test_the_name_of_a_class_is_no_heading() -> None:
    """lsusb calls class 10 "CDC Data"; what follows is of the same interface."""
    text = WHOLE.replace(
        "bInterfaceClass         2 Communications\n      bInterfaceSubClass     13",
        "bInterfaceClass        10 CDC Data\n      bInterfaceSubClass      6",
    )
    assert only(text).settings[1].triple == (10, 6, 0)


def without_place(device: Device) -> Device:
    return replace(device, line=0)


def test_indentation_and_lines_do_not_matter() -> None:
    wanted = without_place(only(WHOLE))
    flat = "\n".join(" ".join(line.split()) for line in WHOLE.splitlines())
    assert without_place(only(flat)) == wanted
    quoted = "".join(f"> {line}\n" for line in WHOLE.splitlines())
    assert without_place(only(quoted)) == wanted
    numbers_below = WHOLE.replace("wMaxPacketSize ", "wMaxPacketSize\n")
    assert without_place(only(numbers_below)) == wanted
    # Headings and lengths cut out, as grep leaves it.
    bare = "\n".join(
        line for line in WHOLE.splitlines() if "Descriptor:" not in line and "bLength" not in line
    )
    assert [s.endpoints for s in only(bare).settings] == [s.endpoints for s in wanted.settings]


def test_a_blog_that_made_one_line_of_it() -> None:
    """A page of 2008, its line breaks lost. Two devices, a string with a colon, descriptors in octets."""
    whole, (bus, stick) = only(WHOLE), WHOLE.split("\n\n", 1)
    found = only(f"{' '.join(bus.split())}\n{' '.join(stick.split())}\n")
    assert without_place(found) == without_place(whole)


def test_without_root_the_strings_are_missing_and_not_empty() -> None:
    text = WHOLE.replace(
        "Device Descriptor:", "Couldn't open device, some information will be missing\nDevice Descriptor:"
    )
    text = text.replace("iManufacturer           3 HUAWEI", "iManufacturer           3 ")
    text = text.replace("iProduct                2 HUAWEI Mobile", "iProduct                2 (error)")
    device = only(text)
    assert (device.manufacturer, device.name, device.has_serial) == (None, None, False)
    assert device.configurations == only(WHOLE).configurations


def test_a_listing_that_is_cut_anywhere_has_what_stands_before_the_cut() -> None:
    whole = only(WHOLE)
    start = WHOLE.index("Configuration Descriptor:")
    for end in range(start, len(WHOLE), 97):
        device = only(WHOLE[:end])
        assert device.usb == whole.usb
        for setting, full in zip(device.settings[:-1], whole.settings, strict=False):
            assert setting == full


def test_a_serial_number_is_not_kept() -> None:
    text = WHOLE.replace("iSerial                 0 ", "iSerial                 4 0123456789ABCDEF")
    assert only(text).has_serial
    assert "0123456789ABCDEF" not in repr(only(text))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Modem 0123456789ABCDEF", "Modem 0000000000000000"),
        ("HUAWEI_K3L7N1A2B3C4D5E6", "HUAWEI_0000000000000000"),
        ("E3372 00:00:5e:00:53:01", "E3372 00:00:00:00:00:00"),
        ("00005E005301", "000000000000"),
        ("IMEI 490154203237518", "IMEI 000000000000000"),
        ("IMEI 49-015420-323751-8", "IMEI 00-000000-000000-0"),
        *[
            (name, name)
            for name in ("HUAWEI_MOBILE", "E3372h-320", "MS2131i-8", "HUAWEIE3372h153", "K5005 4G")
        ],
    ],
)
def test_nor_is_one_in_the_stick_s_name(said: str, kept: str) -> None:
    assert shown(said) == kept


# FreeBSD 13's usbconfig dump_all_config_desc; the facts are those of freebsd-src pull request 45.
FREEBSD = """\
ugen3.2: <HUAWEI Mobile HUAWEI Technology> at usbus3, cfg=1 md=HOST spd=HIGH (480Mbps) pwr=ON (500mA)

 Configuration index 0

    bLength = 0x0009
    bDescriptorType = 0x0002
    wTotalLength = 0x009d
    bNumInterfaces = 0x0005
    bConfigurationValue = 0x0001
    iConfiguration = 0x0000  <no string>
    bmAttributes = 0x00a0
    bMaxPower = 0x00fa

    Interface 0
      bLength = 0x0009
      bDescriptorType = 0x0004
      bInterfaceNumber = 0x0000
      bAlternateSetting = 0x0000
      bNumEndpoints = 0x0003
      bInterfaceClass = 0x00ff
      bInterfaceSubClass = 0x0001
      bInterfaceProtocol = 0x0010
      iInterface = 0x0031  <HUAWEI Mobile Connect - Modem>

      Additional Descriptor

      bLength = 0x05
      bDescriptorType = 0x24
      bDescriptorSubType = 0x00
       RAW dump:
       0x00 | 0x05, 0x24, 0x00, 0x10, 0x01

     Endpoint 0
        bLength = 0x0007
        bDescriptorType = 0x0005
        bEndpointAddress = 0x0081  <IN>
        bmAttributes = 0x0003  <INTERRUPT>
        wMaxPacketSize = 0x0040
        bInterval = 0x0005
        bRefresh = 0x0000
        bSynchAddress = 0x0000
"""


def test_freebsds_listing_without_an_id() -> None:
    device = only(FREEBSD, "12d1:1573")
    (one,) = device.configurations
    assert (one.count, one.attributes, one.max_power, one.total) == (5, 0xA0, 500, 157)
    (modem,) = one.settings
    assert (modem.triple, modem.string) == ((255, 1, 0x10), "HUAWEI Mobile Connect - Modem")
    assert modem.descriptors == (bytes.fromhex("0524001001"),)
    assert modem.endpoints == (Endpoint(0x81, 3, 64, 5),)


def test_a_complaint_in_the_middle_of_the_listing_changes_nothing() -> None:
    """With 2>&1 into a file it comes wherever a block of the listing ends."""
    complaint = "cannot read device status, Inappropriate ioctl for device (25)\n"
    place = WHOLE.index("criptorType         4", WHOLE.index("Interface Association"))
    assert without_place(only(WHOLE[:place] + complaint + WHOLE[place:])) == without_place(only(WHOLE))


def test_a_shortened_listing_below_the_whole_one_takes_nothing_away() -> None:
    """A post of 2019 explains an lsusb -v by its own lines, with dots for the rest."""
    whole = only(WHOLE)
    short = "\n".join(
        f"  Interface Descriptor:\n    ...\n    bInterfaceNumber   {s.number}\n"
        "    bAlternateSetting  0\n    ...\n"
        f"    bInterfaceClass    {s.triple[0]} Vendor\n    bInterfaceSubClass {s.triple[1]}\n"
        f"    bInterfaceProtocol {s.triple[2]}\n    iInterface  0\n    ..."
        for s in whole.settings
    )
    assert only(f"{WHOLE}\nIn short:\n\n{short}\n") == whole
