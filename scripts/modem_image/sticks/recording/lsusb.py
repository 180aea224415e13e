# SPDX-License-Identifier: MIT
"""Reads `lsusb -v`, and what names the fields alike: FreeBSD's `usbconfig dump_all_config_desc`, Windows'
USBView and USBTreeView, PyUSB's print of a device.

Sources: usbutils 014 and 015 lsusb.c and desc-defs.c; FreeBSD 13 usr.sbin/usbconfig/dump.c; USB 2.0,
chapter 9; CDC 1.2; NCM 1.0; MBIM 1.0.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import replace

from modem_image.sticks.recording.model import Association, Configuration, Device, Endpoint, Setting, Triple
from modem_image.sticks.recording.sections import Fields, Section, sections
from modem_image.sticks.recording.speed import bulk_packets, speed_of
from modem_image.sticks.recording.text import few

_ALL_ON_ONE = re.compile(r"(?m)^(?:.*?\bbDescriptorType\b){2}.*")
"""A line of several descriptors: a page that lost its line breaks."""
_BEGINS = re.compile(
    r"[ \t]+(?=(?:Device|Configuration|Interface|Endpoint) Descriptor:|Interface Association:|CDC [A-Z]"
    r"|\*\* UNRECOGNIZED|(?:Self|Remote|Transfer|Synch|Usage) [A-Z]|MaxPower|id(?:Vendor|Product) "
    r"|i(?:Manufacturer|Product|Serial|Configuration|Interface|Function) |(?:bcd|bm|w)[A-Z]\w+ "
    r"|b(?:Length|Descriptor|Device|MaxPacket|Num|Conf|Interface|Function|First|Master|Slave|Data|Alternate|Endpoint"
    r"|Interval)\w* )"
)


def _apart(found: re.Match[str]) -> str:
    return _BEGINS.sub("\n", found[0])


def read(text: str) -> list[Device]:
    """The devices of all such listings in the text; none where there is none."""
    devices: list[Device] = []
    for section in sections(_ALL_ON_ONE.sub(_apart, text)):
        few(len(devices))
        if section.kind == "device":
            if devices and devices[-1].release is None and not devices[-1].configurations:
                devices.pop()  # the line with its id alone
            devices.append(_device(section))
        elif section.kind == "bus" or devices or section.kind in ("configuration", "interface"):
            if not devices and section.kind != "bus":
                devices.append(Device(line=section.line))
            _ADDERS.get(section.kind, _add_class_specific)(devices, section)
    return [_finished(device) for device in devices if device.vendor is not None or device.configurations]


def _number(fields: Mapping[str, str], name: str) -> int | None:
    text = fields.get(name, "").removesuffix("mA")
    if re.fullmatch(r"0x[0-9a-fA-F]+", text):
        return int(text, 16)
    if re.fullmatch(r"[0-9a-fA-F]{1,2}\.[0-9a-fA-F]{2}", text):
        major, minor = text.split(".")
        return int(major, 16) << 8 | int(minor, 16)
    return int(text) if text.isdigit() else None


def _octet(fields: Mapping[str, str], name: str) -> int | None:
    value = _number(fields, name)
    return value if value is not None and value <= 0xFF else None


def _triple(fields: Mapping[str, str], *names: str) -> Triple:
    first, second, third = (_octet(fields, name) for name in names)
    return first, second, third


def _device(section: Section) -> Device:
    fields = section.fields
    serial = fields.get("iSerial", fields.get("iSerialNumber"))
    return Device(
        vendor=_number(fields, "idVendor"),
        product=_number(fields, "idProduct"),
        version=_number(fields, "bcdUSB"),
        triple=_triple(fields, "bDeviceClass", "bDeviceSubClass", "bDeviceProtocol"),
        max_packet=_octet(fields, "bMaxPacketSize0"),
        release=_number(fields, "bcdDevice"),
        manufacturer=_text_of(fields, "iManufacturer"),
        name=_text_of(fields, "iProduct"),
        has_serial=None if serial is None else int(serial, 0) != 0,
        count=_octet(fields, "bNumConfigurations"),
        line=section.line,
    )


def _text_of(fields: Mapping[str, str], name: str) -> str | None:
    """A string; None where the device has one and the listing does not, "" where it has none."""
    index = fields.get(name)
    if index is None:
        return None
    return "" if int(index, 0) == 0 else fields.get(f"{name} text") or None


def _add_bus(devices: list[Device], section: Section) -> None:
    vendor, product = (int(part, 16) for part in section.fields["id"].split(":"))
    devices.append(Device(vendor=vendor, product=product, line=section.line))


def _add_configuration(devices: list[Device], section: Section) -> None:
    fields = section.fields
    text = fields.get("MaxPower", fields.get("bMaxPower", ""))
    power = _number(fields, "MaxPower" if "MaxPower" in fields else "bMaxPower")
    if text.endswith("mA"):
        power = int(text.removesuffix("mA"))
    elif power is not None:
        power *= 2
    configuration = Configuration(
        value=_octet(fields, "bConfigurationValue") or len(devices[-1].configurations) + 1,
        count=_octet(fields, "bNumInterfaces"),
        attributes=_octet(fields, "bmAttributes"),
        max_power=power,
        total=_number(fields, "wTotalLength"),
    )
    devices[-1] = replace(devices[-1], configurations=(*devices[-1].configurations, configuration))


def _last(devices: list[Device]) -> Configuration:
    """The configuration that is being read; of a listing that begins later, the first."""
    if not devices[-1].configurations:
        devices[-1] = replace(devices[-1], configurations=(Configuration(value=1),))
    return devices[-1].configurations[-1]


def _put(devices: list[Device], configuration: Configuration) -> None:
    devices[-1] = replace(devices[-1], configurations=(*devices[-1].configurations[:-1], configuration))


def _add_association(devices: list[Device], section: Section) -> None:
    fields, configuration = section.fields, _last(devices)
    first, count = _octet(fields, "bFirstInterface"), _octet(fields, "bInterfaceCount")
    if first is not None and count is not None:
        triple = _triple(fields, "bFunctionClass", "bFunctionSubClass", "bFunctionProtocol")
        found = Association(first, count, triple)
        _put(devices, replace(configuration, associations=(*configuration.associations, found)))


def _add_interface(devices: list[Device], section: Section) -> None:
    fields, configuration = section.fields, _last(devices)
    number = _octet(fields, "bInterfaceNumber")
    if number is None:
        return
    setting = Setting(
        number=number,
        alternate=_octet(fields, "bAlternateSetting") or 0,
        triple=_triple(fields, "bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol"),
        count=_octet(fields, "bNumEndpoints"),
        string=_text_of(fields, "iInterface") or None,
    )
    _put(devices, replace(configuration, settings=(*configuration.settings, setting)))


def _add_endpoint(devices: list[Device], section: Section) -> None:
    fields, configuration = section.fields, _last(devices)
    address, kind = _octet(fields, "bEndpointAddress"), _octet(fields, "bmAttributes")
    packet = _number(fields, "wMaxPacketSize")
    if address is None or kind is None or packet is None or not configuration.settings:
        return
    setting = configuration.settings[-1]
    found = Endpoint(address, kind & 3, packet & 0x7FF, _octet(fields, "bInterval") or 0)
    setting = replace(setting, endpoints=(*setting.endpoints, found))
    _put(devices, replace(configuration, settings=(*configuration.settings[:-1], setting)))


def _add_class_specific(devices: list[Device], section: Section) -> None:
    configuration = _last(devices)
    maker = _MAKERS.get(section.kind)
    data = section.data if section.kind == "bytes" else maker(section.fields) if maker else b""
    # What is no whole class-specific descriptor was cut, or belongs to something else.
    if len(data) < 3 or data[0] != len(data) or data[1] != 0x24 or not configuration.settings:
        return
    setting = configuration.settings[-1]
    setting = replace(setting, descriptors=(*setting.descriptors, data))
    _put(devices, replace(configuration, settings=(*configuration.settings[:-1], setting)))


_ADDERS: Mapping[str, Callable[[list[Device], Section], None]] = {
    "bus": _add_bus,
    "configuration": _add_configuration,
    "association": _add_association,
    "interface": _add_interface,
    "endpoint": _add_endpoint,
}


def _packed(subtype: int, layout: str, *names: str) -> Callable[[Fields], bytes]:
    """A maker of a functional descriptor; it gives nothing where a field is missing or too large."""

    def make(fields: Fields) -> bytes:
        values = [_number(fields, name) for name in names]
        if any(value is None for value in values):
            return b""
        try:
            body = struct.pack("<" + layout, *values)
        except struct.error:
            return b""
        return bytes((3 + len(body), 0x24, subtype)) + body

    return make


def _union(fields: Fields) -> bytes:
    names = ("bMasterInterface", "bSlaveInterface")
    if "bMasterInterface" not in fields:
        names = ("bControlInterface", "bSubordinateInterface")
    return _packed(0x06, "BB", *names)(fields)


_MAKERS: Mapping[str, Callable[[Fields], bytes]] = {
    "header": _packed(0x00, "H", "bcdCDC"),
    "call": _packed(0x01, "BB", "bmCapabilities", "bDataInterface"),
    "acm": _packed(0x02, "B", "bmCapabilities"),
    "union": _union,
    "ethernet": _packed(
        0x0F,
        "BIHHB",
        "iMacAddress",
        "bmEthernetStatistics",
        "wMaxSegmentSize",
        "wNumberMCFilters",
        "bNumberPowerFilters",
    ),
    "ncm": _packed(0x1A, "HB", "bcdNcmVersion", "bmNetworkCapabilities"),
    "mbim": _packed(
        0x1B,
        "HHBBHB",
        "bcdMBIMVersion",
        "wMaxControlMessage",
        "bNumberFilters",
        "bMaxFilterSize",
        "wMaxSegmentSize",
        "bmNetworkCapabilities",
    ),
    "mbim-extended": _packed(0x1C, "HBH", "bcdMBIMExtendedVersion", "bMaxOutstandingCommandMessages", "wMTU"),
}


def _finished(device: Device) -> Device:
    configurations = device.configurations
    if len(configurations) == 1 and (device.count or 1) == 1:
        configurations = (replace(configurations[0], active=True),)
    speed = speed_of(bulk_packets(device.settings))
    return replace(device, speed=speed, configurations=configurations)
