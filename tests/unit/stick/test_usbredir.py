# SPDX-License-Identifier: MIT
"""The usbredir codec against bytes of the protocol description and of QEMU 7.2."""

from __future__ import annotations

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem_image.bench.stick import redir_encoder, usbredir
from modem_image.bench.stick.redir_encoder import Encoder
from modem_image.bench.stick.usbredir import Capability, Decoder, PacketType, ProtocolError, Status
from unit.stick.tools import QEMU_HELLO


def decoded(data: bytes) -> list[usbredir.Message]:
    """The messages after QEMU's hello."""
    return list(Decoder().feed(QEMU_HELLO + data))[1:]


def packet(kind: PacketType, payload: bytes = b"", id_: int = 7) -> bytes:
    return struct.pack("<IIQ", kind, len(payload), id_) + payload


def test_hello_of_qemu() -> None:
    (hello,) = Decoder().feed(QEMU_HELLO)
    assert hello == usbredir.Hello("qemu usb-redir guest 7.2.22", Capability(0xFF))


def test_own_hello_has_a_short_header_and_68_octets() -> None:
    data = redir_encoder.hello()
    assert data[:12] == bytes.fromhex("000000004400000000000000")
    assert len(data) == 12 + 68
    assert data[-4:] == bytes.fromhex("7a000000")


def test_ids_are_32_bit_wide_when_one_side_has_no_64_bit_ids() -> None:
    old_host = QEMU_HELLO[:-4] + bytes.fromhex("00000000")
    decoder = Decoder()
    messages = list(decoder.feed(old_host + struct.pack("<IIIB", PacketType.SET_CONFIGURATION, 1, 9, 1)))
    assert messages[1] == usbredir.SetConfiguration(9, 1)
    assert Encoder(decoder.common).device_disconnect() == bytes.fromhex("020000000000000000000000")


def test_bulk_length_above_64_kib_is_in_two_parts() -> None:
    request = packet(PacketType.BULK_PACKET, struct.pack("<BBHIH", 0x82, 0, 0x0001, 0, 0x0001))
    assert decoded(request) == [usbredir.BulkPacket(7, 0x82, 0, 0x10001)]


def test_control_packet_round_trip() -> None:
    setup = struct.pack("<BBBBHHH", 0x80, 6, 0x80, 0, 0x0100, 0, 18)
    (request,) = decoded(packet(PacketType.CONTROL_PACKET, setup))
    assert isinstance(request, usbredir.ControlPacket)
    assert (request.request, request.request_type, request.value, request.length) == (6, 0x80, 0x0100, 18)
    answer = Encoder(usbredir.OWN_CAPABILITIES).control(request, Status.SUCCESS, b"\x12\x01")
    assert answer[:16] == struct.pack("<IIQ", PacketType.CONTROL_PACKET, 12, 7)
    assert answer[16:] == struct.pack("<BBBBHHH", 0x80, 6, 0x80, 0, 0x0100, 0, 2) + b"\x12\x01"


def test_messages_arrive_in_any_pieces() -> None:
    stream = QEMU_HELLO + packet(PacketType.RESET) + packet(PacketType.SET_ALT_SETTING, b"\x03\x01")
    decoder = Decoder()
    messages = [message for octet in stream for message in decoder.feed(bytes((octet,)))]
    assert messages[1:] == [usbredir.Reset(), usbredir.SetAlternate(7, 3, 1)]


def test_endpoint_table_has_out_then_in() -> None:
    entry = redir_encoder.EndpointEntry(0x82, 2, 0, 0, 512)
    payload = Encoder(usbredir.OWN_CAPABILITIES).ep_info([entry])[16:]
    assert len(payload) == 32 * 5
    assert payload[16 + 2] == 2, "endpoint 2 IN is bulk"
    assert payload[2] == 255, "endpoint 2 OUT does not exist"
    assert payload[0] == payload[16] == 0, "endpoint 0 is control"
    assert struct.unpack_from("<H", payload, 96 + 2 * 18) == (512,)


def test_interface_table_is_in_columns() -> None:
    entries = [redir_encoder.InterfaceEntry(0, 0xFF, 3, 0x31), redir_encoder.InterfaceEntry(3, 0xFF, 3, 0x46)]
    payload = Encoder(usbredir.OWN_CAPABILITIES).interface_info(entries)[16:]
    assert len(payload) == 4 + 4 * 32
    assert payload[:6] == bytes.fromhex("020000000003")
    assert payload[4 + 96 : 4 + 98] == bytes.fromhex("3146")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (packet(PacketType.RESET), "before the hello"),
        (QEMU_HELLO[:4] + b"\xff\xff\xff\x7f" + QEMU_HELLO[8:], "announces"),
        (QEMU_HELLO[:4] + struct.pack("<I", 4) + bytes(8), "hello has 4 octets"),
        (QEMU_HELLO + packet(PacketType.HELLO, QEMU_HELLO[12:]), "second hello"),
        (QEMU_HELLO + packet(PacketType.DEVICE_CONNECT, bytes(10)), "does not send"),
        (QEMU_HELLO + packet(PacketType.SET_CONFIGURATION, b"\1\1"), "2 octets instead of 1"),
        (
            QEMU_HELLO + packet(PacketType.BULK_PACKET, struct.pack("<BBHIH", 1, 0, 9, 0, 0)),
            "length 9 carries 0",
        ),
        (
            QEMU_HELLO + packet(PacketType.INTERRUPT_PACKET, struct.pack("<BBH", 0x81, 0, 0)),
            "interrupt packet",
        ),
        (QEMU_HELLO + packet(PacketType.CONTROL_PACKET, b"\0"), "control packet has 1"),
    ],
)
def test_what_the_protocol_forbids(data: bytes, reason: str) -> None:
    with pytest.raises(ProtocolError, match=reason):
        list(Decoder().feed(data))


@given(st.lists(st.binary(max_size=64)), st.booleans())
def test_any_input_is_a_message_or_a_protocol_error(pieces: list[bytes], after_hello: bool) -> None:
    decoder = Decoder()
    with contextlib.suppress(ProtocolError):
        for piece in [QEMU_HELLO if after_hello else b"", *pieces]:
            for message in decoder.feed(piece):
                assert message is not None


@given(st.sampled_from(list(PacketType)), st.binary(max_size=48))
def test_any_payload_of_a_known_type(kind: PacketType, payload: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        assert len(decoded(packet(kind, payload))) == 1
