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
_PORT = 40007
_WISH = re.compile(r"(tcp|udp)/(\d{1,5})")
_MOST = 8


class Intruder:
    """Calls from `host`."""

    def __init__(self, host: IPv4Address, emit: Emit) -> None:
        self._host = host
        self._emit = emit

    def knocked(self, guest: IPv4Address, wishes: bytes) -> list[bytes]:
        """The packets that try the ports of `guest` which `wishes` names."""
        found = _WISH.findall(wishes.decode("ascii", "replace"))[:_MOST]
        tries = [(kind, int(port)) for kind, port in found if int(port) <= 0xFFFF]
        for kind, port in tries:
            self._emit("intrusion", protocol=kind, port=port)
        return [self._try(kind, port, guest) for kind, port in tries]

    def _try(self, kind: str, port: int, guest: IPv4Address) -> bytes:
        if kind == "udp":
            return Udp(_PORT, port, b"?").encode(self._host, guest)
        return Tcp(_PORT, port, 1, 0, Flag.SYN, mss=1360).encode(self._host, guest)

    def takes(self, packet: Ipv4) -> bool:
        """Whether the packet answers a call; then it is an event, and nothing goes back."""
        if packet.destination != self._host:
            return False
        parsed = {Protocol.TCP: Tcp.parse, Protocol.UDP: Udp.parse}.get(Protocol(packet.protocol))
        answer = parsed(packet) if parsed else None
        if answer is None or answer.destination_port != _PORT:
            return False
        said = "reset" if isinstance(answer, Tcp) and answer.flags & Flag.RST else "open"
        kind = "tcp" if isinstance(answer, Tcp) else "udp"
        self._emit("intruded", protocol=kind, port=answer.source_port, answer=said)
        return True
