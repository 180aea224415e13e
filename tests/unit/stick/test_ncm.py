# SPDX-License-Identifier: MIT
"""Transfer blocks (CDC-NCM 1.0, section 3) and the network port."""

from __future__ import annotations

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem_image.bench.stick import ntb
from modem_image.bench.stick.ncm import NtbRequests
from modem_image.bench.stick.ntb import NtbError, NtbFormat
from modem_image.bench.stick.stick import load_stick
from modem_image.bench.stick.usb import Device, Setup
from unit.stick.tools import GUEST, GUEST_MAC, Recorder, lines

BULK_OUT, BULK_IN, INTERRUPT_IN = 0x04, 0x86, 0x85
ARP_REQUEST = (
    b"\xff" * 6
    + GUEST_MAC
    + bytes.fromhex("0806 0001 0800 06 04 0001")
    + GUEST_MAC
    + GUEST.packed
    + bytes(6)
    + bytes.fromhex("0a400001")
)


def block16(*frames: bytes, crc: bytes = b"0") -> bytes:
    """An NTB-16 by hand: header of 12 octets, one table, the frames behind it."""
    table = 8 + 4 * (len(frames) + 1)
    entries, body = b"", b""
    for frame in frames:
        entries += struct.pack("<HH", 12 + table + len(body), len(frame))
        body += frame
    head = struct.pack("<4sHHHH", b"NCMH", 12, 1, 12 + table + len(body), 12)
    return head + struct.pack("<4sHH", b"NCM" + crc, table, 0) + entries + bytes(4) + body


# --- Transfer blocks ---


def test_ntb16_of_table_3_1() -> None:
    assert ntb.parse(block16(b"first frame", b"second")) == [b"first frame", b"second"]


def test_check_sequences_are_cut_off() -> None:
    assert ntb.parse(block16(b"frame" + b"CRC!", crc=b"1")) == [b"frame"]


def test_table_at_the_end_as_linux_sends_it_to_huawei_sticks() -> None:
    frame = b"0123456789abcdef"
    head = struct.pack("<4sHHHH", b"NCMH", 12, 0, 12 + 16 + 16, 28)
    table = struct.pack("<4sHHHHHH", b"NCM0", 16, 0, 12, 16, 0, 0)
    assert ntb.parse(head + frame + table) == [frame]


def test_ntb32_by_hand() -> None:
    head = struct.pack("<4sHHII", b"ncmh", 16, 0, 16 + 32 + 5, 16)
    table = struct.pack("<4sHHIIIIII", b"ncm0", 32, 0, 0, 0, 48, 5, 0, 0)
    assert ntb.parse(head + table + b"frame") == [b"frame"]


@given(st.binary(min_size=1, max_size=1514), st.integers(0, 0x1FFFF), st.sampled_from(list(NtbFormat)))
def test_round_trip(frame: bytes, sequence: int, format_: NtbFormat) -> None:
    block = ntb.build([frame], sequence, format_)
    assert ntb.parse(block) == [frame]
    assert len(block) - len(frame) == {NtbFormat.NTB16: 28, NtbFormat.NTB32: 48}[format_]


@given(
    st.lists(st.binary(min_size=1, max_size=1514), min_size=1, max_size=20), st.sampled_from(list(NtbFormat))
)
def test_several_frames_in_one_block(frames: list[bytes], format_: NtbFormat) -> None:
    block = ntb.build(frames, 0, format_)
    assert ntb.parse(block) == frames
    assert len(block) <= sum(map(len, frames)) + ntb.overhead(len(frames))


def test_blocks_keep_to_the_size_that_the_host_set() -> None:
    requests = NtbRequests(GUEST_MAC)
    requests.set(0x86, 0, struct.pack("<I", 4096))
    frames = [bytes((number,)) * 1400 for number in range(7)]
    blocks = list(requests.blocks(frames))
    assert [frame for block in blocks for frame in ntb.parse(block)] == frames
    assert len(blocks) == 4
    assert all(len(block) <= 4096 for block in blocks)


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        (b"", "no header"),
        (b"NCMH", "no header"),
        (block16(b"x")[:-1], "lengths"),
        (struct.pack("<4sHHHH", b"NCMH", 12, 0, 12, 400), "outside"),
        (struct.pack("<4sHHHH4sHH", b"NCMH", 12, 0, 20, 12, b"NCM0", 8, 12), "loop"),
        (struct.pack("<4sHHHH4sHH", b"NCMH", 12, 0, 20, 12, b"XYZ0", 8, 0), "malformed"),
        (struct.pack("<4sHHHH4sHHHH", b"NCMH", 12, 0, 24, 12, b"NCM0", 12, 0, 20, 9), "outside"),
        (block16(*[b"x"] * 300), "too many"),
    ],
)
def test_malformed_blocks(block: bytes, reason: str) -> None:
    with pytest.raises(NtbError, match=reason):
        ntb.parse(block)


@given(st.binary(max_size=80), st.sampled_from([b"", b"NCMH\x0c\0", b"ncmh\x10\0"]))
def test_any_block_is_parsed_or_refused(data: bytes, prefix: bytes) -> None:
    with contextlib.suppress(NtbError):
        ntb.parse(prefix + data)


# --- The port ---


class Port:
    """The network port of a configured stick."""

    def __init__(self) -> None:
        self.events = Recorder()
        self.device: Device = load_stick("ms2372h-vodafone").switched(
            "modem", self.events, lambda _mode: None
        )
        self.device.set_configuration(1)

    def get(self, request: int, length: int = 64) -> bytes | None:
        return self.device.control(Setup(0xA1, request, 0, 3, length), b"")

    def set(self, request: int, value: int = 0, data: bytes = b"") -> bytes | None:
        return self.device.control(Setup(0x21, request, value, 3, len(data)), data)

    def command(self, line: str) -> list[str]:
        """An AT command over the encapsulated channel."""
        assert self.set(0x00, data=line.encode() + b"\r") == b""
        notification = self.device.outgoing.popleft()
        assert (notification.endpoint, notification.data.hex()) == (INTERRUPT_IN, "a101000003000000")
        answer = self.get(0x01, 4096)
        assert answer is not None
        return lines(answer)

    def send(self, block: bytes) -> list[bytes]:
        """Send a block; returns the frames that come back."""
        assert self.device.data_out(BULK_OUT, block)
        blocks = [transfer.data for transfer in self.device.outgoing if transfer.endpoint == BULK_IN]
        self.device.outgoing.clear()
        return [frame for data in blocks for frame in ntb.parse(data)]

    def dial(self) -> None:
        assert "OK" in self.command('AT^NDISDUP=1,1,"internet.example"')


def test_parameters_of_table_6_3() -> None:
    parameters = Port().get(0x80)
    assert parameters is not None
    length, formats, in_size, *_, reserved, out_size, _, _, _, datagrams = struct.unpack(
        "<HHIHHHHIHHHH", parameters
    )
    assert (length, formats, in_size, reserved, out_size) == (28, 3, 16384, 0, 16384)
    assert datagrams == ntb.MAX_DATAGRAMS


def test_settings() -> None:
    port = Port()
    assert port.get(0x83) == b"\0\0"
    assert port.set(0x84, value=1) == b""
    assert port.get(0x83) == b"\x01\0"
    assert port.set(0x84, value=2) is None
    assert port.set(0x86, data=struct.pack("<I", 4096)) == b""
    assert port.get(0x85) == struct.pack("<I", 4096)
    assert port.set(0x86, data=struct.pack("<I", 100)) is None
    assert port.get(0x87) == struct.pack("<H", 1514)
    assert port.get(0x81) == GUEST_MAC
    assert (port.set(0x8A, value=0), port.set(0x8A, value=1)) == (b"", None)
    assert port.get(0x42) is None


def test_at_commands_beside_the_data_path() -> None:
    port = Port()
    assert port.command("AT+CGMI") == ["huawei", "OK"]
    assert port.command("ATD*99#") == ["ERROR"]
    assert port.get(0x01) == b"", "nothing waits any more"
    assert port.events.of("at-opened") == [{"port": "ncm"}]


def test_alternate_setting_1_starts_and_0_puts_back() -> None:
    port = Port()
    port.set(0x84, value=1)
    port.device.set_alternate(3, 1)
    assert port.events.of("ncm-up") == [{"alternate": 1, "format": "NTB32"}]
    port.device.set_alternate(3, 0)
    assert port.get(0x83) == b"\0\0"


@pytest.mark.parametrize("format_", list(NtbFormat))
def test_frames_pass_while_a_call_is_up(format_: NtbFormat) -> None:
    port = Port()
    port.set(0x84, value=format_)
    port.device.set_alternate(3, 1)
    assert port.send(block16(ARP_REQUEST)) == [], "not dialled yet"
    port.dial()
    (reply,) = port.send(block16(ARP_REQUEST))
    assert reply[:6] == GUEST_MAC
    assert reply[20:22] == bytes.fromhex("0002")


def test_a_broken_block_is_reported_and_dropped() -> None:
    port = Port()
    port.device.set_alternate(3, 1)
    port.dial()
    assert port.send(b"junk") == []
    assert port.events.of("protocol-error")[0]["layer"] == "ncm"


@given(st.lists(st.binary(max_size=120)), st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=20))))
@pytest.mark.slow
def test_any_blocks_and_requests(blocks: list[bytes], requests: list[tuple[int, bytes]]) -> None:
    port = Port()
    port.device.set_alternate(3, 1)
    port.dial()
    for block in blocks:
        assert port.device.data_out(BULK_OUT, block16(block, block))
        assert port.device.data_out(BULK_OUT, block)
    for request, data in requests:
        port.set(request, data=data)
        port.get(request)
