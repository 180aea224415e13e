# SPDX-License-Identifier: MIT
"""The packets of the device's side of the USB network redirection protocol; see usbredir.py."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from modem_image.bench.stick.usbredir import (
    BULK_32_HEADER,
    BULK_HEADER,
    CONTROL_HEADER,
    INTERRUPT_HEADER,
    NO_CAPABILITIES,
    OWN_CAPABILITIES,
    BulkPacket,
    Capability,
    ControlPacket,
    PacketType,
    Status,
)

VERSION = b"modem-image stick"


@dataclass(frozen=True)
class InterfaceEntry:
    """One line of interface_info: an interface in its active alternate setting."""

    number: int
    class_: int
    subclass: int
    protocol: int


@dataclass(frozen=True)
class EndpointEntry:
    """One line of ep_info. `type` is of the USB specification; `max_packet` in octets."""

    address: int
    type: int
    interval: int
    interface: int
    max_packet: int


class Encoder:
    """Builds the packets of the device's side; `common` is what both hellos announced."""

    def __init__(self, common: Capability = NO_CAPABILITIES) -> None:
        self._common = common

    def _packet(self, kind: PacketType, payload: bytes = b"", id_: int = 0) -> bytes:
        layout = "<IIQ" if Capability.IDS_64_BIT in self._common else "<III"
        return struct.pack(layout, kind, len(payload), id_) + payload

    def device_connect(
        self, speed: int, device_class: tuple[int, int, int], vendor: int, product: int, bcd: int
    ) -> bytes:
        """`speed`: 0 low, 1 full, 2 high, 3 super."""
        payload = struct.pack("<BBBBHH", speed, *device_class, vendor, product)
        if Capability.CONNECT_DEVICE_VERSION in self._common:
            payload += struct.pack("<H", bcd)
        return self._packet(PacketType.DEVICE_CONNECT, payload)

    def device_disconnect(self) -> bytes:
        return self._packet(PacketType.DEVICE_DISCONNECT)

    def interface_info(self, entries: Sequence[InterfaceEntry]) -> bytes:
        columns = zip(*((e.number, e.class_, e.subclass, e.protocol) for e in entries), strict=True)
        arrays = [bytes(column).ljust(32, b"\0") for column in columns] or [bytes(32)] * 4
        return self._packet(PacketType.INTERFACE_INFO, struct.pack("<I", len(entries)) + b"".join(arrays))

    def ep_info(self, entries: Sequence[EndpointEntry]) -> bytes:
        """The table of 32 endpoints: 0 to 15 are OUT, 16 to 31 are IN; endpoint 0 is always there."""
        types, intervals, interfaces, sizes = [255] * 32, [0] * 32, [0] * 32, [0] * 32
        types[0] = types[16] = 0
        sizes[0] = sizes[16] = 64
        for entry in entries:
            slot = (entry.address & 0x0F) | (entry.address & 0x80) >> 3
            types[slot], intervals[slot] = entry.type, entry.interval
            interfaces[slot], sizes[slot] = entry.interface, entry.max_packet
        payload = bytes(types) + bytes(intervals) + bytes(interfaces)
        if Capability.EP_INFO_MAX_PACKET_SIZE in self._common:
            payload += struct.pack("<32H", *sizes)
        return self._packet(PacketType.EP_INFO, payload)

    def configuration_status(self, id_: int, status: Status, value: int) -> bytes:
        return self._packet(PacketType.CONFIGURATION_STATUS, bytes((status, value)), id_)

    def alt_setting_status(self, id_: int, status: Status, interface: int, alternate: int) -> bytes:
        return self._packet(PacketType.ALT_SETTING_STATUS, bytes((status, interface, alternate)), id_)

    def iso_stream_status(self, id_: int, status: Status, endpoint: int) -> bytes:
        return self._packet(PacketType.ISO_STREAM_STATUS, bytes((status, endpoint)), id_)

    def interrupt_receiving_status(self, id_: int, status: Status, endpoint: int) -> bytes:
        return self._packet(PacketType.INTERRUPT_RECEIVING_STATUS, bytes((status, endpoint)), id_)

    def control(self, request: ControlPacket, status: Status, data: bytes | None = None) -> bytes:
        """The result of `request`: IN data, or for OUT the count taken (all of it, or none on failure)."""
        length = len(data) if data is not None else (request.length if status is Status.SUCCESS else 0)
        r = request
        head = CONTROL_HEADER.pack(r.endpoint, r.request, r.request_type, status, r.value, r.index, length)
        return self._packet(PacketType.CONTROL_PACKET, head + (data or b""), request.id)

    def bulk(self, request: BulkPacket, status: Status, length: int, data: bytes = b"") -> bytes:
        """The result of `request`: `length` octets were moved; `data` only for IN."""
        low, high = length & 0xFFFF, length >> 16
        if Capability.BULK_LENGTH_32_BIT in self._common:
            head = BULK_32_HEADER.pack(request.endpoint, status, low, request.stream, high)
        else:
            head = BULK_HEADER.pack(request.endpoint, status, low, request.stream)
        return self._packet(PacketType.BULK_PACKET, head + data, request.id)

    def interrupt(self, endpoint: int, status: Status, data: bytes, id_: int = 0) -> bytes:
        """Data of an interrupt IN endpoint, or (no data) the result of an OUT transfer."""
        return self._packet(
            PacketType.INTERRUPT_PACKET, INTERRUPT_HEADER.pack(endpoint, status, len(data)) + data, id_
        )


def hello(capabilities: Capability = OWN_CAPABILITIES) -> bytes:
    """The device side's first packet."""
    payload = VERSION.ljust(64, b"\0") + struct.pack("<I", capabilities)
    return struct.pack("<III", PacketType.HELLO, len(payload), 0) + payload
