# SPDX-License-Identifier: MIT
"""IPv4, ICMP, UDP and TCP headers: bytes to data and back. RFC 791, 792, 768, 9293.

Every `parse` returns None for what is damaged, cut short or not understood; none raises.
"""

from __future__ import annotations

import enum
import struct
from dataclasses import dataclass
from ipaddress import IPv4Address

HEADER = struct.Struct(">BBHHHBBH4s4s")
UDP_HEADER = struct.Struct(">HHHH")
TCP_HEADER = struct.Struct(">HHIIBBHHH")


class Protocol(enum.IntEnum):
    """Protocol numbers of the IPv4 header."""

    ICMP = 1
    TCP = 6
    UDP = 17


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071) of `data`; 0 over data that holds a right checksum."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


@dataclass(frozen=True)
class Ipv4:
    """An unfragmented packet."""

    source: IPv4Address
    destination: IPv4Address
    protocol: int
    payload: bytes

    @classmethod
    def parse(cls, data: bytes) -> Ipv4 | None:
        if len(data) < HEADER.size:
            return None
        version, _, total, _, fragment, _, protocol, _, source, destination = HEADER.unpack_from(data)
        header = (version & 0x0F) * 4
        # Fragments (more to come, or an offset) are dropped: nothing here needs packets above the MTU.
        if version >> 4 != 4 or header < HEADER.size or not header <= total <= len(data) or fragment & 0x3FFF:
            return None
        if checksum(data[:header]) != 0:
            return None
        return cls(IPv4Address(source), IPv4Address(destination), protocol, data[header:total])

    def encode(self) -> bytes:
        total = HEADER.size + len(self.payload)
        fields = (0x45, 0, total, 0, 0x4000, 64, self.protocol)
        addresses = (self.source.packed, self.destination.packed)
        head = HEADER.pack(*fields, 0, *addresses)
        return HEADER.pack(*fields, checksum(head), *addresses) + self.payload

    def answer(self, payload: bytes, protocol: int | None = None) -> Ipv4:
        """A packet back to the sender."""
        return Ipv4(self.destination, self.source, self.protocol if protocol is None else protocol, payload)

    def pseudo_header(self, length: int) -> bytes:
        """What TCP and UDP include in their checksums."""
        return self.source.packed + self.destination.packed + struct.pack(">BBH", 0, self.protocol, length)


@dataclass(frozen=True)
class Udp:
    """A UDP datagram."""

    source_port: int
    destination_port: int
    payload: bytes

    @classmethod
    def parse(cls, packet: Ipv4) -> Udp | None:
        data = packet.payload
        if len(data) < UDP_HEADER.size:
            return None
        source, destination, length, check = UDP_HEADER.unpack_from(data)
        if not UDP_HEADER.size <= length <= len(data):
            return None
        data = data[:length]
        if check and checksum(packet.pseudo_header(length) + data) != 0:
            return None
        return cls(source, destination, data[UDP_HEADER.size :])

    def encode(self, source: IPv4Address, destination: IPv4Address) -> bytes:
        """The whole IPv4 packet."""
        length = UDP_HEADER.size + len(self.payload)
        packet = Ipv4(source, destination, Protocol.UDP, b"")
        head = UDP_HEADER.pack(self.source_port, self.destination_port, length, 0)
        check = checksum(packet.pseudo_header(length) + head + self.payload) or 0xFFFF
        head = UDP_HEADER.pack(self.source_port, self.destination_port, length, check)
        return Ipv4(source, destination, Protocol.UDP, head + self.payload).encode()


class Flag(enum.IntFlag):
    """TCP control bits."""

    FIN = 0x01
    SYN = 0x02
    RST = 0x04
    PSH = 0x08
    ACK = 0x10


@dataclass(frozen=True)
class Tcp:
    """A TCP segment; options of received segments are ignored. `mss` is sent with SYN only.

    `window` in octets: nothing here offers to scale it.
    """

    source_port: int
    destination_port: int
    sequence: int
    acknowledgement: int
    flags: Flag
    payload: bytes = b""
    mss: int | None = None
    window: int = 0xFFFF

    @classmethod
    def parse(cls, packet: Ipv4) -> Tcp | None:
        data = packet.payload
        if len(data) < TCP_HEADER.size:
            return None
        source, destination, sequence, acknowledgement, offset, flags, window, *_ = TCP_HEADER.unpack_from(
            data
        )
        header = (offset >> 4) * 4
        if not TCP_HEADER.size <= header <= len(data):
            return None
        if checksum(packet.pseudo_header(len(data)) + data) != 0:
            return None
        numbers = (source, destination, sequence, acknowledgement)
        return cls(*numbers, Flag(flags & 0x1F), data[header:], window=window)

    @property
    def span(self) -> int:
        """Sequence numbers that the segment takes."""
        return len(self.payload) + bool(self.flags & Flag.SYN) + bool(self.flags & Flag.FIN)

    def encode(self, source: IPv4Address, destination: IPv4Address) -> bytes:
        """The whole IPv4 packet."""
        options = struct.pack(">BBH", 2, 4, self.mss) if self.mss is not None else b""
        offset = (TCP_HEADER.size + len(options)) // 4 << 4

        def head(check: int) -> bytes:
            ports = (self.source_port, self.destination_port)
            numbers = (self.sequence & 0xFFFFFFFF, self.acknowledgement & 0xFFFFFFFF)
            return TCP_HEADER.pack(*ports, *numbers, offset, self.flags, self.window, check, 0) + options

        segment = head(0) + self.payload
        pseudo = Ipv4(source, destination, Protocol.TCP, b"").pseudo_header(len(segment))
        return Ipv4(
            source, destination, Protocol.TCP, head(checksum(pseudo + segment)) + self.payload
        ).encode()
