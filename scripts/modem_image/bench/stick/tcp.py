# SPDX-License-Identifier: MIT
"""A TCP server that is good enough for echo and for HTTP answers (RFC 9293, without timers).

The links below lose nothing, so nothing is sent twice by itself; what the guest repeats is acknowledged
again. A long answer goes out as the guest acknowledges it and has room for it, IN_FLIGHT octets at once.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from modem_image.bench.stick.ip import Flag, Ipv4, Tcp

MSS = 1360
"""Octets of data in a segment, either way: fits a PPP link with an MTU of 1400 or more."""
IN_FLIGHT = 24 * MSS
"""Octets that are sent before the guest has to acknowledge some."""
MAX_CONNECTIONS = 64
"""The oldest one is forgotten when there are more."""

Key = tuple[IPv4Address, int, IPv4Address, int]


@dataclass(frozen=True)
class Output:
    """What a service does with data: octets to send, and whether it then closes."""

    data: bytes = b""
    close: bool = False


Service = Callable[[bytes], Output]
"""One connection's service: takes the data of each segment in order."""


@dataclass
class _Connection:
    service: Service
    send_next: int
    receive_next: int
    acknowledged: int
    pending: deque[bytes] = field(default_factory=deque)
    """Chunks of at most MSS octets that have not been sent."""
    ends: bool = False
    """Our FIN follows what is pending."""
    closing: bool = False
    """We have sent our FIN."""
    guest_closed: bool = False

    @property
    def in_flight(self) -> int:
        return (self.send_next - self.acknowledged) & 0xFFFFFFFF


class TcpServer:
    """Connections to any address; `services` makes the service of a port for each new connection."""

    def __init__(self, services: dict[int, Callable[[], Service]]) -> None:
        self._services = services
        self._connections: OrderedDict[Key, _Connection] = OrderedDict()
        self._initial_sequence = 0

    def receive(self, packet: Ipv4, segment: Tcp) -> list[bytes]:
        """The IPv4 packets that answer a segment."""
        key = (packet.source, segment.source_port, packet.destination, segment.destination_port)
        replies = self._segment(key, segment)
        return [reply.encode(packet.destination, packet.source) for reply in replies]

    def _segment(self, key: Key, segment: Tcp) -> Iterator[Tcp]:
        connection = self._connections.get(key)
        if segment.flags & Flag.RST:
            self._connections.pop(key, None)
        elif segment.flags & Flag.SYN:
            yield self._open(key, segment)
        elif connection is None:
            yield _reset(segment)
        else:
            yield from self._established(key, connection, segment)

    def _open(self, key: Key, segment: Tcp) -> Tcp:
        make_service = self._services.get(segment.destination_port)
        if make_service is None or segment.flags & Flag.ACK:
            return _reset(segment)
        self._initial_sequence = (self._initial_sequence + 64000) & 0xFFFFFFFF
        start = self._initial_sequence
        connection = _Connection(make_service(), start, _after(segment.sequence, 1), start)
        self._connections[key] = connection
        if len(self._connections) > MAX_CONNECTIONS:
            self._connections.popitem(last=False)
        reply = _reply(segment, connection, Flag.SYN | Flag.ACK, mss=MSS)
        connection.send_next = _after(connection.send_next, 1)
        return reply

    def _established(self, key: Key, connection: _Connection, segment: Tcp) -> Iterator[Tcp]:
        if segment.sequence != connection.receive_next:
            if segment.span or _is_before(segment.sequence, connection.receive_next):
                yield _reply(segment, connection, Flag.ACK)
            return
        if segment.flags & Flag.ACK:
            connection.acknowledged = segment.acknowledgement
        if segment.span:
            _take(connection, segment)
        yield from _send(connection, segment)
        if connection.closing and connection.guest_closed and segment.acknowledgement == connection.send_next:
            del self._connections[key]


def _take(connection: _Connection, segment: Tcp) -> None:
    """What the guest sent, in order, and what the service answers to it."""
    connection.receive_next = _after(connection.receive_next, segment.span)
    output = Output()
    if segment.payload and not connection.ends:
        output = connection.service(segment.payload)
    if segment.flags & Flag.FIN:
        connection.guest_closed = True
    connection.pending.extend(output.data[i : i + MSS] for i in range(0, len(output.data), MSS))
    connection.ends = connection.ends or output.close or connection.guest_closed


def _send(connection: _Connection, segment: Tcp) -> Iterator[Tcp]:
    """What may be sent now, the last one with FIN if it ends; a bare acknowledgement if there is none."""
    sent = False
    room = min(IN_FLIGHT, segment.window)
    while connection.pending and connection.in_flight + len(connection.pending[0]) <= room:
        chunk = connection.pending.popleft()
        last = connection.ends and not connection.pending
        yield _next(connection, segment, Flag.ACK | Flag.PSH | (Flag.FIN if last else Flag(0)), chunk)
        connection.closing, sent = last, True
    if connection.ends and not connection.closing and not connection.pending:
        yield _next(connection, segment, Flag.ACK | Flag.FIN)
        connection.closing = sent = True
    if segment.span and not sent:
        yield _next(connection, segment, Flag.ACK)


def _next(connection: _Connection, segment: Tcp, flags: Flag, payload: bytes = b"") -> Tcp:
    reply = _reply(segment, connection, flags, payload)
    connection.send_next = _after(connection.send_next, reply.span)
    return reply


def _reply(
    segment: Tcp, connection: _Connection, flags: Flag, payload: bytes = b"", mss: int | None = None
) -> Tcp:
    ports = (segment.destination_port, segment.source_port)
    return Tcp(*ports, connection.send_next, connection.receive_next, flags, payload, mss)


def _reset(segment: Tcp) -> Tcp:
    """RFC 9293, 3.5.2: take the guest's acknowledgement as our sequence, or acknowledge what came."""
    ports = (segment.destination_port, segment.source_port)
    if segment.flags & Flag.ACK:
        return Tcp(*ports, segment.acknowledgement, 0, Flag.RST)
    return Tcp(*ports, 0, _after(segment.sequence, segment.span), Flag.RST | Flag.ACK)


def _after(number: int, count: int) -> int:
    return (number + count) & 0xFFFFFFFF


def _is_before(number: int, other: int) -> bool:
    """Whether `number` comes before `other`, modulo 2**32."""
    return number != other and (other - number) & 0xFFFFFFFF < 1 << 31
