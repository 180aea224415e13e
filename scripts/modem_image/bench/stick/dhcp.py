# SPDX-License-Identifier: MIT
"""A DHCP server with one address to give (RFC 2131, options of RFC 2132)."""

from __future__ import annotations

import enum
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

SERVER_PORT, CLIENT_PORT = 67, 68
LEASE_S = 3600

_HEADER = struct.Struct(">BBBBIHH4s4s4s4s16s64s128s4s")
_COOKIE = bytes((99, 130, 83, 99))
_BOOTREQUEST, _BOOTREPLY = 1, 2
_PAD, _END = 0, 255


class MessageType(enum.IntEnum):
    """Option 53 (RFC 2132, 9.6)."""

    DISCOVER = 1
    OFFER = 2
    REQUEST = 3
    ACK = 5
    NAK = 6
    INFORM = 8


class Option(enum.IntEnum):
    """Options that are read or sent."""

    SUBNET_MASK = 1
    ROUTER = 3
    DNS = 6
    REQUESTED_ADDRESS = 50
    LEASE_TIME = 51
    MESSAGE_TYPE = 53
    SERVER_IDENTIFIER = 54


@dataclass(frozen=True)
class Lease:
    """What the one client gets."""

    address: IPv4Address
    subnet: IPv4Network
    router: IPv4Address
    dns: tuple[IPv4Address, ...]


@dataclass(frozen=True)
class Answer:
    """A reply of the server: its type, and the UDP payload."""

    type: MessageType
    message: bytes


def answer(request: bytes, lease: Lease) -> Answer | None:
    """OFFER, ACK or NAK; None for what is no request to this server."""
    if len(request) < _HEADER.size:
        return None
    operation, kind, size, _, transaction, _, flags, client, _, _, _, hardware, _, _, cookie = (
        _HEADER.unpack_from(request)
    )
    options = parse_options(request[_HEADER.size :])
    if operation != _BOOTREQUEST or cookie != _COOKIE or (kind, size) != (1, 6) or options is None:
        return None
    reply = _reply_type(options, IPv4Address(client), lease)
    if reply is None:
        return None
    given = bytes(4) if reply is MessageType.NAK else lease.address.packed
    server = lease.router.packed
    addresses = (bytes(4), given, server, bytes(4))
    head = _HEADER.pack(
        _BOOTREPLY, 1, 6, 0, transaction, 0, flags, *addresses, hardware, bytes(64), bytes(128), _COOKIE
    )
    return Answer(reply, head + _options(reply, lease))


def _reply_type(options: Mapping[int, bytes], client: IPv4Address, lease: Lease) -> MessageType | None:
    server = options.get(Option.SERVER_IDENTIFIER)
    if server is not None and server != lease.router.packed:
        return None  # the client has chosen another server
    match options.get(Option.MESSAGE_TYPE):
        case b"\x01":
            return MessageType.OFFER
        case b"\x03":
            # A renewing client names its address in ciaddr instead of option 50 (RFC 2131, 4.3.2).
            wanted = options.get(Option.REQUESTED_ADDRESS, client.packed)
            return MessageType.ACK if wanted == lease.address.packed else MessageType.NAK
    return None


def parse_options(data: bytes) -> dict[int, bytes] | None:
    """The options by number; None when one is cut short. The first of two of a kind counts."""
    options: dict[int, bytes] = {}
    position = 0
    while position < len(data) and data[position] != _END:
        if data[position] == _PAD:
            position += 1
            continue
        if position + 2 > len(data) or position + 2 + data[position + 1] > len(data):
            return None
        size = data[position + 1]
        options.setdefault(data[position], data[position + 2 : position + 2 + size])
        position += 2 + size
    return options


def _options(kind: MessageType, lease: Lease) -> bytes:
    values: dict[int, bytes] = {
        Option.MESSAGE_TYPE: bytes((kind,)),
        Option.SERVER_IDENTIFIER: lease.router.packed,
    }
    if kind is not MessageType.NAK:
        values |= {
            Option.LEASE_TIME: struct.pack(">I", LEASE_S),
            Option.SUBNET_MASK: lease.subnet.netmask.packed,
            Option.ROUTER: lease.router.packed,
            Option.DNS: b"".join(address.packed for address in lease.dns),
        }
    return b"".join(bytes((number, len(value))) + value for number, value in values.items()) + bytes((_END,))
