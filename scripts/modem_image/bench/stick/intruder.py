# SPDX-License-Identifier: MIT
"""A host of the operator's network that calls at the guest's ports unasked, when the guest wants it to.

A datagram to KNOCK_PORT names them (`tcp/22 udp/5353`). Each is tried at once, from another port than the one
that was knocked at, so that no firewall takes it for an answer. What comes back is an event: `intruded`.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address

from modem_image.bench.stick.events import Emit
from modem_image.bench.stick.ip import Flag, Ipv4, Protocol, Tcp, Udp

KNOCK_PORT = 7007
_PORTS = range(40000, 41000)
_WISH = re.compile(r"(tcp|udp)/(\d{1,5})")
_MOST = 8


class Intruder:
    """Calls from `host`, each from a port of its own."""

    def __init__(self, host: IPv4Address, emit: Emit) -> None:
        self._host = host
        self._emit = emit
        self._calls = 0

    def knocked(self, guest: IPv4Address, wishes: bytes) -> list[bytes]:
        """The packets that try the ports of `guest` which `wishes` names."""
        found = _WISH.findall(wishes.decode("ascii", "replace"))[:_MOST]
        return [self._call(kind, int(port), guest) for kind, port in found if int(port) <= 0xFFFF]

    def _call(self, kind: str, port: int, guest: IPv4Address) -> bytes:
        self._emit("intrusion", protocol=kind, port=port)
        source = _PORTS[self._calls % len(_PORTS)]
        self._calls += 1
        if kind == "udp":
            return Udp(source, port, b"?").encode(self._host, guest)
        return Tcp(source, port, 1, 0, Flag.SYN, mss=1360).encode(self._host, guest)

    def answered(self, packet: Ipv4) -> list[bytes] | None:
        """What goes back for an answer to a call, which is an event; None for any other packet."""
        if packet.destination != self._host:
            return None
        answer = Udp.parse(packet) if packet.protocol == Protocol.UDP else Tcp.parse(packet)
        if answer is None or answer.destination_port not in _PORTS:
            return None
        if isinstance(answer, Udp):
            self._emit("intruded", protocol="udp", port=answer.source_port, answer="open")
            return []
        reset = bool(answer.flags & Flag.RST)
        self._emit("intruded", protocol="tcp", port=answer.source_port, answer="reset" if reset else "open")
        if reset:
            return []
        # Or the guest would answer again and again.
        end = Tcp(answer.destination_port, answer.source_port, answer.acknowledgement, 0, Flag.RST)
        return [end.encode(self._host, packet.source)]
