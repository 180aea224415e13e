# SPDX-License-Identifier: MIT
"""Codec of the USB network redirection protocol, version 0.7, for the side that has the device.

This module turns bytes of the host into messages; redir_encoder.py makes the packets for the host. Both
are pure; all integers are little endian. Source: usbredir, "USB Network Redirection protocol description
version 0.7 (19 May 2014)" and its usbredirproto.h.
"""

from __future__ import annotations

import enum
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MAX_PAYLOAD = 1 << 20
"""Octets. A USB transfer of the host is at most some tens of KiB; more than this is no usbredir."""


class ProtocolError(Exception):
    """The peer sent what the protocol does not allow. The connection is of no further use."""


class PacketType(enum.IntEnum):
    """Packet types, in the order of usbredirproto.h."""

    HELLO = 0
    DEVICE_CONNECT = 1
    DEVICE_DISCONNECT = 2
    RESET = 3
    INTERFACE_INFO = 4
    EP_INFO = 5
    SET_CONFIGURATION = 6
    GET_CONFIGURATION = 7
    CONFIGURATION_STATUS = 8
    SET_ALT_SETTING = 9
    GET_ALT_SETTING = 10
    ALT_SETTING_STATUS = 11
    START_ISO_STREAM = 12
    STOP_ISO_STREAM = 13
    ISO_STREAM_STATUS = 14
    START_INTERRUPT_RECEIVING = 15
    STOP_INTERRUPT_RECEIVING = 16
    INTERRUPT_RECEIVING_STATUS = 17
    CANCEL_DATA_PACKET = 21
    FILTER_REJECT = 22
    FILTER_FILTER = 23
    DEVICE_DISCONNECT_ACK = 24
    CONTROL_PACKET = 100
    BULK_PACKET = 101
    INTERRUPT_PACKET = 103


class Status(enum.IntEnum):
    """How a transfer or a request ended."""

    SUCCESS = 0
    CANCELLED = 1
    INVALID = 2
    IO_ERROR = 3
    STALL = 4


class Capability(enum.IntFlag):
    """Capability bits of the hello packet (first 32-bit word)."""

    BULK_STREAMS = 1 << 0
    CONNECT_DEVICE_VERSION = 1 << 1
    FILTER = 1 << 2
    DEVICE_DISCONNECT_ACK = 1 << 3
    EP_INFO_MAX_PACKET_SIZE = 1 << 4
    IDS_64_BIT = 1 << 5
    BULK_LENGTH_32_BIT = 1 << 6
    BULK_RECEIVING = 1 << 7


NO_CAPABILITIES = Capability(0)
OWN_CAPABILITIES = (
    Capability.CONNECT_DEVICE_VERSION
    | Capability.DEVICE_DISCONNECT_ACK
    | Capability.EP_INFO_MAX_PACKET_SIZE
    | Capability.IDS_64_BIT
    | Capability.BULK_LENGTH_32_BIT
)

# --- What the host's side sends ------------------------------------------------------------------


@dataclass(frozen=True)
class Hello:
    """The first packet of each side; its header always has a 32-bit id."""

    version: str
    capabilities: Capability


@dataclass(frozen=True)
class Reset:
    """A bus reset: the device is unconfigured after it."""


@dataclass(frozen=True)
class SetConfiguration:
    id: int
    value: int


@dataclass(frozen=True)
class GetConfiguration:
    id: int


@dataclass(frozen=True)
class SetAlternate:
    id: int
    interface: int
    alternate: int


@dataclass(frozen=True)
class GetAlternate:
    id: int
    interface: int


@dataclass(frozen=True)
class InterruptReceiving:
    """Start or stop polling an interrupt IN endpoint."""

    id: int
    endpoint: int
    start: bool


@dataclass(frozen=True)
class IsoStream:
    """Start or stop an isochronous stream; this device has no such endpoint."""

    id: int
    endpoint: int


@dataclass(frozen=True)
class CancelData:
    """Give up the pending transfer that has this id."""

    id: int


@dataclass(frozen=True)
class Filter:
    """The host's device filter, or (`rejected`) its refusal of this device."""

    rejected: bool


@dataclass(frozen=True)
class DisconnectAck:
    """The host has processed device_disconnect; a new device may follow."""


@dataclass(frozen=True)
class ControlPacket:
    """A control transfer: the request of the host, or its result. `data` is of the data stage."""

    id: int
    endpoint: int
    request: int
    request_type: int
    status: int
    value: int
    index: int
    length: int
    data: bytes = b""


@dataclass(frozen=True)
class BulkPacket:
    """A bulk transfer: OUT with its data, a request for IN data, or the result of either."""

    id: int
    endpoint: int
    status: int
    length: int
    stream: int = 0
    data: bytes = b""


@dataclass(frozen=True)
class InterruptPacket:
    """Data of an interrupt endpoint, in either direction."""

    id: int
    endpoint: int
    status: int
    data: bytes = b""


Message = (
    Hello
    | Reset
    | SetConfiguration
    | GetConfiguration
    | SetAlternate
    | GetAlternate
    | InterruptReceiving
    | IsoStream
    | CancelData
    | Filter
    | DisconnectAck
    | ControlPacket
    | BulkPacket
    | InterruptPacket
)

_HELLO = struct.Struct("<64s")
CONTROL_HEADER = struct.Struct("<BBBBHHH")
BULK_HEADER = struct.Struct("<BBHI")
BULK_32_HEADER = struct.Struct("<BBHIH")
INTERRUPT_HEADER = struct.Struct("<BBH")


class Decoder:
    """Turns the octet stream of the host into messages.

    It learns the width of the ids and of the bulk lengths from the host's hello, which must come first.
    """

    def __init__(self, own: Capability = OWN_CAPABILITIES) -> None:
        self._own = own
        self._common: Capability | None = None
        self._buffer = bytearray()

    @property
    def common(self) -> Capability:
        """The capabilities that both sides have; none before the host's hello."""
        return self._common or NO_CAPABILITIES

    def feed(self, data: bytes) -> Iterator[Message]:
        """Yield the messages that `data` completes. Raises ProtocolError; feed no more after that."""
        self._buffer += data
        while (message := self._next()) is not None:
            yield message

    def _next(self) -> Message | None:
        head = struct.Struct("<IIQ" if Capability.IDS_64_BIT in self.common else "<III")
        if len(self._buffer) < head.size:
            return None
        kind, length, id_ = head.unpack_from(self._buffer)
        if length > MAX_PAYLOAD:
            raise ProtocolError(f"a packet of type {kind} announces {length} octets")
        if len(self._buffer) < head.size + length:
            return None
        payload = bytes(self._buffer[head.size : head.size + length])
        del self._buffer[: head.size + length]
        return self._message(kind, id_, payload)

    def _message(self, kind: int, id_: int, payload: bytes) -> Message:
        if self._common is None and kind != PacketType.HELLO:
            raise ProtocolError(f"a packet of type {kind} came before the hello")
        if kind == PacketType.HELLO:
            if self._common is not None:
                raise ProtocolError("a second hello")
            hello = _hello(payload)
            self._common = self._own & hello.capabilities
            return hello
        if kind == PacketType.BULK_PACKET:
            return _bulk(id_, payload, wide=Capability.BULK_LENGTH_32_BIT in self.common)
        decode = _DECODERS.get(kind)
        if decode is None:
            raise ProtocolError(f"a packet of type {kind}, which the host's side does not send")
        return decode(id_, payload)


def _unpack(layout: struct.Struct, payload: bytes, name: str) -> tuple[int, ...]:
    if len(payload) != layout.size:
        raise ProtocolError(f"{name} has {len(payload)} octets instead of {layout.size}")
    return layout.unpack(payload)


def _hello(payload: bytes) -> Hello:
    if len(payload) < _HELLO.size:
        raise ProtocolError(f"the hello has {len(payload)} octets instead of at least {_HELLO.size}")
    words = payload[_HELLO.size : _HELLO.size + 4]
    capabilities = Capability(int.from_bytes(words, "little") & 0xFF) if len(words) == 4 else Capability(0)
    return Hello(payload[:64].split(b"\0")[0].decode("ascii", "replace"), capabilities)


def _control(id_: int, payload: bytes) -> ControlPacket:
    if len(payload) < CONTROL_HEADER.size:
        raise ProtocolError(f"a control packet has {len(payload)} octets")
    endpoint, request, request_type, status, value, index, length = CONTROL_HEADER.unpack_from(payload)
    data = payload[CONTROL_HEADER.size :]
    if len(data) != (0 if request_type & 0x80 else length):
        raise ProtocolError(f"a control packet of length {length} carries {len(data)} octets")
    return ControlPacket(id_, endpoint, request, request_type, status, value, index, length, data)


def _bulk(id_: int, payload: bytes, *, wide: bool) -> BulkPacket:
    layout = BULK_32_HEADER if wide else BULK_HEADER
    if len(payload) < layout.size:
        raise ProtocolError(f"a bulk packet has {len(payload)} octets")
    endpoint, status, low, stream, *high = layout.unpack_from(payload)
    length = low | (high[0] << 16 if high else 0)
    data = payload[layout.size :]
    if len(data) != (0 if endpoint & 0x80 else length):
        raise ProtocolError(f"a bulk packet of length {length} carries {len(data)} octets")
    return BulkPacket(id_, endpoint, status, length, stream, data)


def _interrupt(id_: int, payload: bytes) -> InterruptPacket:
    if len(payload) < INTERRUPT_HEADER.size:
        raise ProtocolError(f"an interrupt packet has {len(payload)} octets")
    endpoint, status, length = INTERRUPT_HEADER.unpack_from(payload)
    data = payload[INTERRUPT_HEADER.size :]
    if endpoint & 0x80 or len(data) != length:
        raise ProtocolError(f"an interrupt packet of length {length} carries {len(data)} octets")
    return InterruptPacket(id_, endpoint, status, data)


def _fixed(layout: str, name: str, make: Callable[..., Message]) -> Callable[[int, bytes], Message]:
    packed = struct.Struct(layout)
    return lambda id_, payload: make(id_, *_unpack(packed, payload, name))


_DECODERS: dict[int, Callable[[int, bytes], Message]] = {
    PacketType.RESET: _fixed("<", "reset", lambda _id: Reset()),
    PacketType.SET_CONFIGURATION: _fixed("<B", "set_configuration", SetConfiguration),
    PacketType.GET_CONFIGURATION: _fixed("<", "get_configuration", GetConfiguration),
    PacketType.SET_ALT_SETTING: _fixed("<BB", "set_alt_setting", SetAlternate),
    PacketType.GET_ALT_SETTING: _fixed("<B", "get_alt_setting", GetAlternate),
    PacketType.START_ISO_STREAM: _fixed(
        "<BBB", "start_iso_stream", lambda id_, endpoint, _packets, _urbs: IsoStream(id_, endpoint)
    ),
    PacketType.STOP_ISO_STREAM: _fixed("<B", "stop_iso_stream", IsoStream),
    PacketType.START_INTERRUPT_RECEIVING: _fixed(
        "<B", "start_interrupt_receiving", lambda id_, endpoint: InterruptReceiving(id_, endpoint, start=True)
    ),
    PacketType.STOP_INTERRUPT_RECEIVING: _fixed(
        "<B", "stop_interrupt_receiving", lambda id_, endpoint: InterruptReceiving(id_, endpoint, start=False)
    ),
    PacketType.CANCEL_DATA_PACKET: _fixed("<", "cancel_data_packet", CancelData),
    PacketType.FILTER_REJECT: _fixed("<", "filter_reject", lambda _id: Filter(rejected=True)),
    PacketType.FILTER_FILTER: lambda _id, _payload: Filter(rejected=False),
    PacketType.DEVICE_DISCONNECT_ACK: _fixed("<", "device_disconnect_ack", lambda _id: DisconnectAck()),
    PacketType.CONTROL_PACKET: _control,
    PacketType.INTERRUPT_PACKET: _interrupt,
}
