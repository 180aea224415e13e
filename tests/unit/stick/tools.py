# SPDX-License-Identifier: MIT
"""The other sides of the emulated stick: a recorder of events, a usbredir host, a PPP guest, packets."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from modem_image.bench.stick import data, hdlc
from modem_image.bench.stick.ip import Ipv4, Protocol, checksum
from modem_image.bench.stick.link import Link
from modem_image.bench.stick.ppp import PppPeer
from modem_image.bench.stick.ppp_packets import IPCP, LCP, ControlPacket
from modem_image.bench.stick.usbredir import PacketType

GUEST, GATEWAY = IPv4Address("10.64.0.2"), IPv4Address("10.64.0.1")
ELSEWHERE = IPv4Address("198.51.100.7")  # TEST-NET-2
GUEST_MAC, GATEWAY_MAC = bytes.fromhex("020000000002"), bytes.fromhex("020000000001")

# What QEMU 7.2 sends first (captured): "qemu usb-redir guest 7.2.22", all eight capabilities.
QEMU_HELLO = bytes.fromhex(
    "000000004400000000000000" + b"qemu usb-redir guest 7.2.22".ljust(64, b"\0").hex() + "ff000000"
)

NETWORK = data.load("ms2372h-vodafone").network


@dataclass
class Recorder:
    """An Emit that keeps what it was told."""

    events: list[tuple[str, dict[str, str | int]]] = field(default_factory=list)

    def __call__(self, name: str, /, **detail: str | int) -> None:
        self.events.append((name, detail))

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.events]

    def of(self, name: str) -> list[dict[str, str | int]]:
        return [detail for seen, detail in self.events if seen == name]


@dataclass(frozen=True)
class Packet:
    """A usbredir packet of the device's side."""

    type: PacketType
    id: int
    payload: bytes


class Host:
    """QEMU's side of a Link, with 64-bit ids and 32-bit bulk lengths."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.packets: list[Packet] = []
        self._id = 0
        self._seen_hello = False
        self.now = 0.0
        link.poll(self.now)
        link.receive(QEMU_HELLO)
        self.collect()

    def send(self, kind: PacketType, payload: bytes = b"") -> int:
        """Send one packet; returns its id."""
        self._id += 1
        self.link.receive(struct.pack("<IIQ", kind, len(payload), self._id) + payload)
        self.collect()
        return self._id

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.link.poll(self.now)
        self.collect()

    def collect(self) -> None:
        data = self.link.take_output()
        while data:
            layout = "<IIQ" if self._seen_hello else "<III"
            kind, length, id_ = struct.unpack_from(layout, data)
            size = struct.calcsize(layout)
            self._seen_hello = True
            self.packets.append(Packet(PacketType(kind), id_, data[size : size + length]))
            data = data[size + length :]

    def of(self, kind: PacketType) -> list[Packet]:
        return [packet for packet in self.packets if packet.type is kind]

    def answer(self, id_: int) -> Packet:
        """The one packet that answers the request `id_`."""
        (found,) = [packet for packet in self.packets if packet.id == id_]
        return found

    def control(
        self,
        request_type: int,
        request: int,
        value: int = 0,
        index: int = 0,
        data: bytes = b"",
        length: int = 0,
    ) -> tuple[int, bytes]:
        """A control transfer; returns status and IN data."""
        length = len(data) or length
        endpoint = request_type & 0x80
        head = struct.pack("<BBBBHHH", endpoint, request, request_type, 0, value, index, length)
        payload = self.answer(self.send(PacketType.CONTROL_PACKET, head + data)).payload
        return payload[3], payload[10:]

    def bulk_out(self, endpoint: int, data: bytes) -> int:
        """Returns the status."""
        head = struct.pack("<BBHIH", endpoint, 0, len(data) & 0xFFFF, 0, len(data) >> 16)
        return self.answer(self.send(PacketType.BULK_PACKET, head + data)).payload[1]

    def request_in(self, endpoint: int, length: int = 512) -> int:
        """Ask for IN data; returns the id to look for."""
        return self.send(PacketType.BULK_PACKET, struct.pack("<BBHIH", endpoint, 0, length, 0, 0))

    def bulk_in(self, endpoint: int, length: int = 512) -> bytes:
        """IN data that waits already."""
        payload = self.answer(self.request_in(endpoint, length)).payload
        assert payload[1] == 0, "the transfer failed"
        return payload[10:]


class PppGuest:
    """Frames for a PppPeer and those that come back."""

    def __init__(self, peer: PppPeer) -> None:
        self.peer = peer
        self._deframer = hdlc.Deframer()

    def send(
        self, protocol: int, code: int, identifier: int, data: bytes = b""
    ) -> list[tuple[int, ControlPacket]]:
        return self.send_raw(protocol, ControlPacket(code, identifier, data).encode())

    def send_raw(self, protocol: int, information: bytes) -> list[tuple[int, ControlPacket]]:
        answers = []
        for answered, payload in self.frames(protocol, information):
            packet = ControlPacket.parse(payload)
            assert packet is not None
            answers.append((answered, packet))
        return answers

    def frames(self, protocol: int, information: bytes) -> list[tuple[int, bytes]]:
        return list(self._deframer.feed(self.peer.receive(hdlc.encode(protocol, information))))

    def open_lcp(self) -> list[tuple[int, ControlPacket]]:
        """Agree on LCP; returns what the peer sent when it was open."""
        answers = self.send(LCP, 1, 1, bytes.fromhex("0506deadbeef"))
        (request,) = [packet for protocol, packet in answers if protocol == LCP and packet.code == 1]
        return self.send(LCP, 2, request.identifier, request.data)

    def open_ipcp(self) -> None:
        """Agree on IPCP, knowing the address beforehand."""
        answers = self.send(IPCP, 1, 1, bytes.fromhex("0306") + GUEST.packed)
        (request,) = [packet for protocol, packet in answers if protocol == IPCP and packet.code == 1]
        self.send(IPCP, 2, request.identifier, request.data)


def lines(data: bytes) -> list[str]:
    """The lines of an AT port's output, without the empty ones."""
    return [line for line in data.decode().replace("\r", "\n").split("\n") if line]


def joined(chunks: Iterable[bytes]) -> bytes:
    return b"".join(chunks)


def echo_request(payload: bytes = b"ping") -> bytes:
    rest = struct.pack(">HH", 1, 2) + payload
    return struct.pack(">BBH", 8, 0, checksum(b"\x08\0\0\0" + rest)) + rest


def ip_packet(payload: bytes, protocol: int = Protocol.ICMP, destination: IPv4Address = GATEWAY) -> bytes:
    return Ipv4(GUEST, destination, protocol, payload).encode()


def frame(kind: int, payload: bytes, destination: bytes = b"\xff" * 6) -> bytes:
    return destination + GUEST_MAC + struct.pack(">H", kind) + payload
