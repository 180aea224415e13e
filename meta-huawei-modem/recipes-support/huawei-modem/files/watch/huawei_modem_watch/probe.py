# SPDX-License-Identifier: MIT
"""Whether the Internet answers through one network device: its name server gives an address, which answers.

Some hundred octets, and only after a silence. DNS: RFC 1035, 4.1.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Sequence
from typing import NamedTuple

SECONDS = 5.0
_DNS_PORT = 53
_UNREACHABLE = (errno.ENETUNREACH, errno.ENODEV, errno.EPERM, errno.EADDRNOTAVAIL)
"""The question did not leave the board: that says nothing of the Internet."""


class Host(NamedTuple):
    """Whom to ask: by default the host of ConnMan's own online check."""

    name: str = "ipv4.connman.net"
    port: int = 80


def answers(device: str, servers: Sequence[str], host: Host) -> bool | None:
    """None where it cannot be asked: no name server of IPv4, or no way from here through the device."""
    servers = [server for server in servers if _is_ipv4(server)]
    results = [_answers(device, server, host) for server in servers[:2]]
    if True in results:
        return True
    return False if False in results else None


def _answers(device: str, server: str, host: Host) -> bool | None:
    try:
        address = _ask(device, server, host.name)
        if address is None:
            return False
        with _bound(device, socket.SOCK_STREAM) as stream:
            stream.connect((address, host.port))
    except ConnectionRefusedError:
        return True  # by somebody who is there
    except OSError as err:
        return None if err.errno in _UNREACHABLE else False
    return True


def _ask(device: str, server: str, name: str) -> str | None:
    """The address of a name, from this server; None where it has none."""
    number = os.urandom(2)
    with _bound(device, socket.SOCK_DGRAM) as datagrams:
        datagrams.connect((server, _DNS_PORT))
        datagrams.send(question(number, name))
        while True:
            message = datagrams.recv(2048)
            if message[:2] == number:
                return address_in(message)


def _bound(device: str, kind: socket.SocketKind) -> socket.socket:
    made = socket.socket(socket.AF_INET, kind)
    try:
        made.settimeout(SECONDS)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
    except OSError:
        made.close()
        raise
    return made


def question(number: bytes, name: str) -> bytes:
    """A query for the IPv4 address of `name`, recursion desired."""
    labels = b"".join(bytes((len(label),)) + label.encode() for label in name.split("."))
    return number + struct.pack(">5H", 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)


def address_in(message: bytes) -> str | None:
    """The first IPv4 address of an answer; None for one without, or damaged."""
    try:
        flags, questions, answers_, _, _ = struct.unpack_from(">5H", message, 2)
        position = 12
        for _ in range(questions):
            position = _after_name(message, position) + 4
        for _ in range(answers_ if not flags & 0x000F else 0):
            position = _after_name(message, position)
            kind, class_, _ttl, size = struct.unpack_from(">HHIH", message, position)
            position += 10
            data = message[position : position + size]
            if (kind, class_, len(data)) == (1, 1, 4):
                return ".".join(map(str, data))
            position += size
    except (struct.error, IndexError):
        return None
    return None


def _after_name(message: bytes, position: int) -> int:
    while message[position]:
        if message[position] & 0xC0:  # a pointer ends it
            return position + 2
        position += message[position] + 1
    return position + 1


def _is_ipv4(text: str) -> bool:
    parts = text.split(".")
    return len(parts) == 4 and all(part.isdigit() and int(part) < 256 for part in parts)
