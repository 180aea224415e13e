# SPDX-License-Identifier: MIT
"""Packets and options of PPP's control protocols, and what the network thinks of a guest's options.

Sources: RFC 1661 (LCP), 1332 and 1877 (IPCP, DNS), 1334 (PAP), 1994 (CHAP).
"""

from __future__ import annotations

import enum
import hashlib
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

LCP, PAP, CHAP, IPCP, IPV4 = 0xC021, 0xC023, 0xC223, 0x8021, 0x0021


class Code(enum.IntEnum):
    """Codes of LCP and IPCP packets (RFC 1661, 5)."""

    CONFIGURE_REQUEST = 1
    CONFIGURE_ACK = 2
    CONFIGURE_NAK = 3
    CONFIGURE_REJECT = 4
    TERMINATE_REQUEST = 5
    TERMINATE_ACK = 6
    CODE_REJECT = 7
    PROTOCOL_REJECT = 8
    ECHO_REQUEST = 9
    ECHO_REPLY = 10
    DISCARD_REQUEST = 11


class LcpOption(enum.IntEnum):
    """LCP configuration options (RFC 1661, 6; RFC 1662, 7.1)."""

    MRU = 1
    ACCM = 2
    AUTHENTICATION = 3
    MAGIC = 5
    PROTOCOL_COMPRESSION = 7
    ADDRESS_COMPRESSION = 8


class IpcpOption(enum.IntEnum):
    """IPCP configuration options (RFC 1332, 3; RFC 1877, 1)."""

    ADDRESS = 3
    PRIMARY_DNS = 129
    SECONDARY_DNS = 131


class Auth(enum.Enum):
    """How the network asks the guest who it is; the values are those of StickSettings.

    ANY is what the real stick of the public thread did: ask for CHAP, let PAP or nothing do instead, and
    accept whatever name and secret come. PAP and CHAP insist, and compare.
    """

    NONE = "none"
    ANY = "any"
    PAP = "pap"
    CHAP = "chap"


AUTH_OPTION = {PAP: PAP.to_bytes(2, "big"), CHAP: CHAP.to_bytes(2, "big") + b"\x05"}


@dataclass(frozen=True)
class PppSettings:
    """The network's end of the link. `accept_apn` False: the call ends in IPCP, as with a wrong APN."""

    local: IPv4Address
    guest: IPv4Address
    dns: tuple[IPv4Address, IPv4Address]
    auth: Auth = Auth.NONE
    username: str = ""
    password: str = ""
    accept_apn: bool = True


@dataclass(frozen=True)
class ControlPacket:
    """A packet of LCP, IPCP, PAP or CHAP."""

    code: int
    identifier: int
    data: bytes

    @classmethod
    def parse(cls, information: bytes) -> ControlPacket | None:
        """None for what must be discarded: too short for its length field (RFC 1661, 5)."""
        if len(information) < 4:
            return None
        code, identifier, length = struct.unpack_from(">BBH", information)
        if not 4 <= length <= len(information):
            return None
        return cls(code, identifier, information[4:length])

    def encode(self) -> bytes:
        return struct.pack(">BBH", self.code, self.identifier, 4 + len(self.data)) + self.data


@dataclass(frozen=True)
class Option:
    """A configuration option of LCP or IPCP."""

    type: int
    value: bytes

    def encode(self) -> bytes:
        return bytes((self.type, 2 + len(self.value))) + self.value


def parse_options(data: bytes) -> tuple[Option, ...] | None:
    """None when a length is wrong: such a packet is discarded."""
    options: list[Option] = []
    while data:
        if len(data) < 2 or not 2 <= data[1] <= len(data):
            return None
        options.append(Option(data[0], data[2 : data[1]]))
        data = data[data[1] :]
    return tuple(options)


def encode_options(options: Iterable[Option]) -> bytes:
    return b"".join(option.encode() for option in options)


Judgement = tuple[Code, tuple[Option, ...]]


def judge_lcp(options: tuple[Option, ...]) -> Judgement:
    """Ack, Nak or Reject of the guest's LCP options, with the options to send along."""
    sizes: dict[int, int] = {LcpOption.MRU: 2, LcpOption.ACCM: 4, LcpOption.MAGIC: 4}
    rejected = tuple(o for o in options if len(o.value) != sizes.get(o.type))
    if rejected:
        return Code.CONFIGURE_REJECT, rejected
    return Code.CONFIGURE_ACK, options


def judge_ipcp(options: tuple[Option, ...], settings: PppSettings) -> Judgement:
    """As `judge_lcp`: the guest gets its address and its name servers by Nak."""
    wanted: dict[int, IPv4Address] = {
        IpcpOption.ADDRESS: settings.guest,
        IpcpOption.PRIMARY_DNS: settings.dns[0],
        IpcpOption.SECONDARY_DNS: settings.dns[1],
    }
    rejected = tuple(o for o in options if o.type not in wanted or len(o.value) != 4)
    if rejected:
        return Code.CONFIGURE_REJECT, rejected
    other = tuple(Option(o.type, wanted[o.type].packed) for o in options if o.value != wanted[o.type].packed)
    if other:
        return Code.CONFIGURE_NAK, other
    return Code.CONFIGURE_ACK, options


class PapCode(enum.IntEnum):
    """RFC 1334, 2.2."""

    REQUEST = 1
    ACK = 2
    NAK = 3


class ChapCode(enum.IntEnum):
    """RFC 1994, 4."""

    CHALLENGE = 1
    RESPONSE = 2
    SUCCESS = 3
    FAILURE = 4


def chap_response(identifier: int, secret: bytes, challenge: bytes) -> bytes:
    """The MD5 response of RFC 1994, 4.1."""
    return hashlib.md5(bytes((identifier,)) + secret + challenge, usedforsecurity=False).digest()


def counted_strings(data: bytes) -> Iterator[bytes]:
    """Strings that each follow a length octet; ends at the first that is cut short."""
    while data and len(data) > data[0]:
        yield data[1 : 1 + data[0]]
        data = data[1 + data[0] :]
