# SPDX-License-Identifier: MIT
"""The operator's network: one gateway that stands for every host of the Internet.

`Network` takes and gives IPv4 packets (PPP uses it as it is); `Ethernet` wraps it for the network port and
adds ARP (RFC 826) and DHCP (RFC 2131).
"""

from __future__ import annotations

import enum
import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from modem_image.bench.stick import dhcp
from modem_image.bench.stick.air import Air
from modem_image.bench.stick.events import Emit
from modem_image.bench.stick.intruder import KNOCK_PORT, Intruder
from modem_image.bench.stick.ip import Ipv4, Protocol, Tcp, Udp, checksum
from modem_image.bench.stick.services import (
    DNS_PORT,
    ECHO_PORT,
    HTTP_PORT,
    dns_answer,
    http_answer,
)
from modem_image.bench.stick.tcp import Output, Service, TcpServer

ICMP_ECHO_REPLY, ICMP_UNREACHABLE, ICMP_ECHO_REQUEST = 0, 3, 8
PORT_UNREACHABLE = 3


@dataclass(frozen=True)
class NetworkSettings:
    """Addresses of the emulated operator. `gateway` is also the name server; `mac` is the gateway's.

    `host` is what every name resolves to. It lies beyond the gateway, as hosts of the Internet do:
    ConnMan sets and deletes a route to the host of its check, which must not be the gateway's.
    """

    subnet: IPv4Network
    gateway: IPv4Address
    guest: IPv4Address
    second_dns: IPv4Address
    host: IPv4Address
    mac: bytes


def lease_text(settings: NetworkSettings) -> str:
    """What AT^DHCP? tells: address, mask, gateway, DHCP server, two name servers, and the two bit rates.

    Addresses as numbers whose least significant octet is the first one, as oFono's drivers/huaweimodem and
    ModemManager's plugins/huawei read them.
    """
    addresses = (
        settings.guest,
        settings.subnet.netmask,
        settings.gateway,
        settings.gateway,
        settings.gateway,
        settings.second_dns,
    )
    numbers = [f"{int.from_bytes(address.packed, 'little'):08X}" for address in addresses]
    return ",".join([*numbers, "43200000", "43200000"])


class Network:
    """Answers IPv4 packets of the guest."""

    def __init__(self, settings: NetworkSettings, emit: Emit, air: Air | None = None) -> None:
        self.settings = settings
        self._air = air or Air()
        self._emit = emit
        self._intruder = Intruder(settings.host, emit)
        self._tcp = TcpServer({ECHO_PORT: lambda: _echo, HTTP_PORT: self._http_service})

    def receive(self, data: bytes) -> list[bytes]:
        """The packets that answer `data`; none for what is damaged or of no interest."""
        packet = Ipv4.parse(data)
        if packet is None or not _is_unicast(packet.destination) or not _is_unicast(packet.source):
            return []
        if not self._air.passes():
            return []
        if packet.protocol == Protocol.ICMP:
            return self._icmp(packet)
        if packet.protocol in (Protocol.TCP, Protocol.UDP):
            replies = self._intruder.answered(packet)
            if replies is not None:
                return replies
        if packet.protocol == Protocol.UDP:
            return self._udp(packet, data)
        if packet.protocol == Protocol.TCP:
            segment = Tcp.parse(packet)
            return [] if segment is None else self._tcp.receive(packet, segment)
        return []

    def _icmp(self, packet: Ipv4) -> list[bytes]:
        message = packet.payload
        if len(message) < 8 or message[0] != ICMP_ECHO_REQUEST or checksum(message) != 0:
            return []
        self._emit("icmp-echo", address=str(packet.destination), octets=len(message))
        return [packet.answer(_icmp_message(ICMP_ECHO_REPLY, 0, message[4:])).encode()]

    def _udp(self, packet: Ipv4, data: bytes) -> list[bytes]:
        datagram = Udp.parse(packet)
        if datagram is None:
            return []
        if datagram.destination_port == DNS_PORT:
            answer = dns_answer(datagram.payload, self.settings.host)
            if answer is None:
                return []
            self._emit("dns-query", name=answer.name, type=answer.type)
            return [_udp_reply(packet, datagram, answer.message)]
        if datagram.destination_port == KNOCK_PORT:
            return self._intruder.knocked(packet.source, datagram.payload)
        if datagram.destination_port == ECHO_PORT:
            return [_udp_reply(packet, datagram, datagram.payload)]
        # As a host would: the header and eight octets of what could not be delivered (RFC 792).
        quoted = bytes(4) + data[: (data[0] & 0x0F) * 4 + 8]
        message = _icmp_message(ICMP_UNREACHABLE, PORT_UNREACHABLE, quoted)
        return [packet.answer(message, Protocol.ICMP).encode()]

    def _http_service(self) -> Service:
        received = bytearray()

        def serve(data: bytes) -> Output:
            received.extend(data)
            answer = http_answer(bytes(received))
            if answer is None:
                return Output()
            if answer.path:
                self._emit("http-request", path=answer.path, host=answer.host)
            return Output(answer.message, close=True)

        return serve


def _echo(data: bytes) -> Output:
    return Output(data)


def _udp_reply(packet: Ipv4, datagram: Udp, payload: bytes) -> bytes:
    reply = Udp(datagram.destination_port, datagram.source_port, payload)
    return reply.encode(packet.destination, packet.source)


def _icmp_message(kind: int, code: int, rest: bytes) -> bytes:
    """An ICMP message; `rest` begins with the second word of its header."""
    check = checksum(struct.pack(">BBH", kind, code, 0) + rest)
    return struct.pack(">BBH", kind, code, check) + rest


def _is_unicast(address: IPv4Address) -> bool:
    return not (address.is_multicast or address.is_unspecified or address.is_reserved)


class EtherType:
    """The types of frames that are understood."""

    IPV4 = 0x0800
    ARP = 0x0806


_ETHERNET = struct.Struct(">6s6sH")
_ARP = struct.Struct(">HHBBH6s4s6s4s")
_ARP_IPV4 = (1, EtherType.IPV4, 6, 4)
_ARP_REQUEST, _ARP_REPLY = 1, 2


class Dhcp(enum.Enum):
    """What the network does with a request for an address; the values are those of StickSettings."""

    ANSWERS = "answers"
    SILENT = "silent"


class Ethernet:
    """The same network behind an Ethernet interface: takes and gives frames without check sequence."""

    def __init__(self, network: Network, emit: Emit, dhcp: Dhcp = Dhcp.ANSWERS) -> None:
        self._network = network
        self._emit = emit
        self._answers_dhcp = dhcp is Dhcp.ANSWERS

    def receive(self, frame: bytes) -> list[bytes]:
        """The frames that answer `frame`."""
        if len(frame) < _ETHERNET.size:
            return []
        _, source, kind = _ETHERNET.unpack_from(frame)
        payload = frame[_ETHERNET.size :]
        if kind == EtherType.ARP:
            return self._arp(source, payload)
        if kind != EtherType.IPV4:
            return []
        answers = self._dhcp(payload)
        if answers is None:
            answers = self._network.receive(payload)
        return [self._frame(source, EtherType.IPV4, answer) for answer in answers]

    def _frame(self, destination: bytes, kind: int, payload: bytes) -> bytes:
        return _ETHERNET.pack(destination, self._network.settings.mac, kind) + payload

    def _arp(self, source: bytes, payload: bytes) -> list[bytes]:
        if len(payload) < _ARP.size:
            return []
        *form, operation, sender_mac, sender, _, target = _ARP.unpack_from(payload)
        settings = self._network.settings
        # The guest's own address must stay unanswered, or its duplicate address detection fails.
        is_ours = IPv4Address(target) in settings.subnet and IPv4Address(target) != settings.guest
        if tuple(form) != _ARP_IPV4 or operation != _ARP_REQUEST or not is_ours:
            return []
        reply = _ARP.pack(*_ARP_IPV4, _ARP_REPLY, settings.mac, target, sender_mac, sender)
        return [self._frame(source, EtherType.ARP, reply)]

    def _dhcp(self, payload: bytes) -> list[bytes] | None:
        """The server's answers, or None when `payload` is no DHCP message."""
        packet = Ipv4.parse(payload)
        if packet is None or packet.protocol != Protocol.UDP:
            return None
        datagram = Udp.parse(packet)
        if datagram is None or datagram.destination_port != dhcp.SERVER_PORT:
            return None
        settings = self._network.settings
        lease = dhcp.Lease(
            settings.guest, settings.subnet, settings.gateway, (settings.gateway, settings.second_dns)
        )
        answer = dhcp.answer(datagram.payload, lease)
        if answer is None:
            return []
        if not self._answers_dhcp:
            self._emit("dhcp-ignored")
            return []
        if answer.type is dhcp.MessageType.ACK:
            self._emit("dhcp-lease", address=str(settings.guest))
        reply = Udp(dhcp.SERVER_PORT, dhcp.CLIENT_PORT, answer.message)
        return [reply.encode(settings.gateway, IPv4Address("255.255.255.255"))]
