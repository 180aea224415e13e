# SPDX-License-Identifier: MIT
"""USB 2.0 descriptors: what a device says of itself, as data and as bytes.

Source: USB 2.0 specification, chapter 9 (tables 9-5 to 9-15).
"""

from __future__ import annotations

import enum
import struct
from dataclasses import dataclass

from modem_image.sticks.recording.model import Endpoint

DIRECTION_IN = 0x80
"""Bit 7 of an endpoint address and of bmRequestType."""

LANGUAGE = 0x0409
"""English (United States): the only language of the strings."""

SELF_ATTRIBUTES = 0x80
"""bmAttributes: bus powered, no remote wake-up."""


class EndpointType(enum.IntEnum):
    """Transfer types, as in bmAttributes of an endpoint descriptor."""

    CONTROL = 0
    ISOCHRONOUS = 1
    BULK = 2
    INTERRUPT = 3


class DescriptorType(enum.IntEnum):
    """Descriptor types (table 9-5)."""

    DEVICE = 1
    CONFIGURATION = 2
    STRING = 3
    INTERFACE = 4
    ENDPOINT = 5
    DEVICE_QUALIFIER = 6
    INTERFACE_ASSOCIATION = 11


def endpoint_descriptor(endpoint: Endpoint) -> bytes:
    """Table 9-13."""
    return struct.pack(
        "<BBBBHB",
        7,
        DescriptorType.ENDPOINT,
        endpoint.address,
        endpoint.kind,
        endpoint.max_packet,
        endpoint.interval,
    )


@dataclass(frozen=True)
class Interface:
    """One alternate setting of an interface. `extra` holds its class-specific descriptors, as bytes."""

    number: int
    alternate: int
    class_: int
    subclass: int
    protocol: int
    endpoints: tuple[Endpoint, ...] = ()
    extra: bytes = b""
    string: int = 0

    def descriptor(self) -> bytes:
        head = struct.pack(
            "<9B",
            9,
            DescriptorType.INTERFACE,
            self.number,
            self.alternate,
            len(self.endpoints),
            self.class_,
            self.subclass,
            self.protocol,
            self.string,
        )
        return head + self.extra + b"".join(map(endpoint_descriptor, self.endpoints))


@dataclass(frozen=True)
class Association:
    """Interfaces that are one function: `count` of them from `first` on (ECN of USB 2.0, table 9-Z)."""

    first: int
    count: int
    class_triple: tuple[int, int, int]

    def descriptor(self) -> bytes:
        return struct.pack(
            "<8B", 8, DescriptorType.INTERFACE_ASSOCIATION, self.first, self.count, *self.class_triple, 0
        )


@dataclass(frozen=True)
class Configuration:
    """A configuration with all alternate settings; an association stands before its first interface."""

    value: int
    interfaces: tuple[Interface, ...]
    max_power_ma: int = 500
    attributes: int = SELF_ATTRIBUTES
    associations: tuple[Association, ...] = ()

    def descriptor(self) -> bytes:
        body = b""
        left = {one.first: one for one in self.associations}
        for interface in self.interfaces:
            if association := left.pop(interface.number, None):
                body += association.descriptor()
            body += interface.descriptor()
        count = len({interface.number for interface in self.interfaces})
        head = struct.pack(
            "<BBHBBBBB",
            9,
            DescriptorType.CONFIGURATION,
            9 + len(body),
            count,
            self.value,
            0,
            self.attributes,
            self.max_power_ma // 2,
        )
        return head + body


@dataclass(frozen=True)
class DeviceDescription:
    """What a device says of itself. `strings` by index; `named`: of manufacturer, product, serial number."""

    vendor: int
    product: int
    bcd_device: int
    strings: dict[int, str]
    configurations: tuple[Configuration, ...]
    usb_version: int = 0x0200
    max_packet_0: int = 64
    class_triple: tuple[int, int, int] = (0, 0, 0)
    named: tuple[int, int, int] = (1, 2, 3)

    @property
    def usb_id(self) -> str:
        return f"{self.vendor:04x}:{self.product:04x}"

    def descriptor(self) -> bytes:
        manufacturer, product, serial = (index if index in self.strings else 0 for index in self.named)
        return struct.pack(
            "<BBHBBBBHHHBBBB",
            18,
            DescriptorType.DEVICE,
            self.usb_version,
            *self.class_triple,
            self.max_packet_0,
            self.vendor,
            self.product,
            self.bcd_device,
            manufacturer,
            product,
            serial,
            len(self.configurations),
        )

    def qualifier(self) -> bytes:
        return struct.pack(
            "<BBHBBBBBB",
            10,
            DescriptorType.DEVICE_QUALIFIER,
            self.usb_version,
            *self.class_triple,
            self.max_packet_0,
            len(self.configurations),
            0,
        )

    def string(self, index: int) -> bytes | None:
        if index == 0:
            return struct.pack("<BBH", 4, DescriptorType.STRING, LANGUAGE)
        if index not in self.strings:
            return None
        text = self.strings[index].encode("utf-16-le")[:252]
        return bytes((len(text) + 2, DescriptorType.STRING)) + text
