# SPDX-License-Identifier: MIT
"""The usbredir state machine with a whole stick behind it: from the plug to the ping."""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huawei_modem.database import load
from modem_image.bench.stick import data
from modem_image.bench.stick.link import HIGH_SPEED, MAX_PENDING, MAX_QUEUED, Link, Stage
from modem_image.bench.stick.stick import Stick, StickSettings, load_stick
from modem_image.bench.stick.usbredir import PacketType, ProtocolError, Status
from modem_image.sticks.recording import file, reader
from modem_image.sticks.recording.stick import recorded
from unit.stick.tools import QEMU_HELLO, Host, Recorder

LISTINGS = Path(__file__).parents[2] / "corpus" / "listings"
SWITCH = bytes.fromhex("55534243123456780000000000000011062000000101000100000000000000")
MODEM_OUT, MODEM_IN, PCUI_OUT, PCUI_IN = 0x01, 0x82, 0x03, 0x84
NCM_INTERRUPT = 0x85


def plugged(start: str = "storage", name: str = "ms2372h-vodafone") -> tuple[Host, Recorder]:
    """A host that has just seen the stick."""
    events = Recorder()
    return Host(Link(load_stick(name, StickSettings(start=start)), events)), events


def configured(start: str = "modem") -> tuple[Host, Recorder]:
    host, events = plugged(start)
    host.send(PacketType.SET_CONFIGURATION, b"\x01")
    return host, events


def connect_ids(host: Host) -> list[str]:
    """vendor:product of each device_connect so far."""
    numbers = [struct.unpack_from("<HH", packet.payload, 4) for packet in host.of(PacketType.DEVICE_CONNECT)]
    return [f"{vendor:04x}:{product:04x}" for vendor, product in numbers]


# --- Plug, unplug, switch ---


def test_the_tables_go_before_the_device() -> None:
    host, events = plugged()
    kinds = [packet.type for packet in host.packets]
    hello, tables, device = kinds[0], kinds[1:3], kinds[3]
    assert hello is PacketType.HELLO
    assert tables == [PacketType.INTERFACE_INFO, PacketType.EP_INFO]
    assert device is PacketType.DEVICE_CONNECT
    assert host.packets[3].payload == bytes.fromhex("02000000d112011f0201")
    assert events.events == [("attached", {"mode": "storage", "usb": "12d1:1f01"})]


def test_a_recording_of_full_speed_is_announced_as_high(tmp_path: Path) -> None:
    """QEMU's EHCI port is for high speed alone; the endpoints stay those of the recording."""
    text = (LISTINGS / "e398-1505-1506-full-speed.txt").read_bytes()
    made = recorded("e398", reader.devices_of(text, {0x12D1}), load())
    (tmp_path / "e398.toml").write_text(file.to_toml(made))
    stick = Stick(data.load(tmp_path / "e398.toml"), StickSettings(start="modem"))
    host = Host(Link(stick, Recorder()))
    (device,) = host.of(PacketType.DEVICE_CONNECT)
    assert device.payload[0] == HIGH_SPEED
    host.send(PacketType.SET_CONFIGURATION, b"\x01")
    tables = host.of(PacketType.EP_INFO)[-1].payload
    assert b"\x40\x00" in tables[96:] and b"\x00\x02" not in tables[96:]


@pytest.mark.parametrize(
    ("name", "ids"),
    [("ms2372h-vodafone", ["12d1:1f01", "12d1:1596"]), ("ms2372h", ["12d1:14fe", "12d1:1506"])],
)
def test_the_mode_switch_waits_for_the_acknowledgement(name: str, ids: list[str]) -> None:
    host, events = plugged(name=name)
    host.send(PacketType.SET_CONFIGURATION, b"\x01")
    assert host.bulk_out(0x01, SWITCH) == Status.SUCCESS
    assert host.of(PacketType.DEVICE_DISCONNECT) == [], "it takes a moment"
    host.pass_time(0.06)
    assert len(host.of(PacketType.DEVICE_DISCONNECT)) == 1
    host.pass_time(10)
    assert connect_ids(host) == ids[:1], "nothing is plugged before the acknowledgement"
    host.send(PacketType.DEVICE_DISCONNECT_ACK)
    host.pass_time(0.5)
    assert connect_ids(host) == ids[:1], "a real stick takes longer"
    host.pass_time(0.7)
    assert connect_ids(host) == ids
    assert events.names == ["attached", "configured", "switch-requested", "detached", "attached"]


def test_replugging_starts_in_the_start_mode_again() -> None:
    host, events = configured()
    host.link.unplug()
    host.link.plug()
    host.collect()
    host.send(PacketType.DEVICE_DISCONNECT_ACK)
    host.pass_time(1.2)
    assert connect_ids(host) == ["12d1:1596", "12d1:1596"]
    assert host.link.deadline() is None
    assert events.names == ["attached", "configured", "detached", "attached"]


def test_unplugging_in_the_middle_of_a_switch_stays_unplugged() -> None:
    host, _ = plugged()
    host.send(PacketType.SET_CONFIGURATION, b"\x01")
    host.bulk_out(0x01, SWITCH)
    host.pass_time(0.06)
    host.link.unplug()
    host.send(PacketType.DEVICE_DISCONNECT_ACK)
    host.pass_time(1)
    assert host.link.stage is Stage.UNPLUGGED
    host.link.plug()
    host.pass_time(0)
    assert connect_ids(host) == ["12d1:1f01", "12d1:1f01"], "power was lost: the start mode"


def test_a_stick_that_is_not_plugged_in_waits() -> None:
    link = Link(load_stick("ms2372h"), Recorder(), plugged=False)
    host = Host(link)
    host.pass_time(1)
    assert connect_ids(host) == []
    link.plug()
    host.pass_time(0)
    assert connect_ids(host) == ["12d1:14fe"]


def test_a_rejected_device_is_told() -> None:
    host, events = plugged()
    host.send(PacketType.FILTER_REJECT)
    host.link.plug()
    host.pass_time(1)
    assert host.link.stage is Stage.REJECTED
    assert events.names == ["attached", "protocol-error"]


def test_a_host_without_acknowledgements() -> None:
    link = Link(load_stick("ms2372h"), Recorder())
    link.poll(0)
    link.receive(QEMU_HELLO[:-4] + bytes.fromhex("20000000"))
    link.unplug()
    assert link.stage is Stage.UNPLUGGED


# --- Settings and control transfers ---


def test_configuration_and_alternate_setting() -> None:
    host, events = plugged("modem")
    tables = len(host.of(PacketType.EP_INFO))
    id_ = host.send(PacketType.SET_CONFIGURATION, b"\x01")
    assert host.answer(id_).payload == b"\x00\x01"
    assert len(host.of(PacketType.EP_INFO)) == tables + 1
    assert host.answer(host.send(PacketType.GET_CONFIGURATION)).payload == b"\x00\x01"
    tables = len(host.of(PacketType.EP_INFO))
    id_ = host.send(PacketType.SET_ALT_SETTING, b"\x03\x01")
    assert host.answer(id_).payload == b"\x00\x03\x01"
    assert len(host.of(PacketType.EP_INFO)) == tables + 1
    endpoints = host.of(PacketType.EP_INFO)[-1].payload
    assert endpoints[16 + 6] == 2, "the bulk IN endpoint of setting 1 is there now"
    assert host.answer(host.send(PacketType.GET_ALT_SETTING, b"\x03")).payload == b"\x00\x03\x01"
    assert events.names == ["attached", "configured", "ncm-up"]


def test_refused_settings_stall() -> None:
    host, _ = configured()
    assert host.answer(host.send(PacketType.SET_CONFIGURATION, b"\x07")).payload == b"\x04\x01"
    assert host.answer(host.send(PacketType.SET_ALT_SETTING, b"\x03\x07")).payload == b"\x04\x03\x00"
    assert host.answer(host.send(PacketType.START_ISO_STREAM, b"\x81\x01\x01")).payload == b"\x02\x81"


def test_control_transfers() -> None:
    host, _ = configured()
    assert host.control(0x80, 6, 0x0100, length=8) == (0, bytes.fromhex("1201000200000040"))
    assert host.control(0x80, 6, 0x0F00, length=8) == (Status.STALL, b"")
    assert host.control(0x21, 0x22, 3, 0) == (0, b"")


# --- Bulk and interrupt transfers ---


def test_in_requests_wait_for_data_and_are_cut() -> None:
    host, _ = configured()
    first = host.request_in(PCUI_IN, 4)
    assert [packet for packet in host.packets if packet.id == first] == []
    host.bulk_out(PCUI_OUT, b"AT\r")
    assert host.answer(first).payload[10:] == b"AT\r\r"
    assert host.bulk_in(PCUI_IN, 512) == b"\nOK\r\n"


def test_a_cancelled_request_takes_no_data() -> None:
    host, _ = configured()
    id_ = host.request_in(PCUI_IN)
    head = struct.pack("<IIQ", PacketType.CANCEL_DATA_PACKET, 0, id_)
    host.link.receive(head)
    host.collect()
    assert host.answer(id_).payload[1] == Status.CANCELLED
    host.bulk_out(PCUI_OUT, b"AT\r")
    assert host.bulk_in(PCUI_IN) == b"AT\r\r\nOK\r\n"


def test_notifications_go_out_while_they_are_polled() -> None:
    host, _ = configured()
    host.control(0x21, 0x00, 0, 3, b"AT\r")
    assert host.of(PacketType.INTERRUPT_PACKET) == []
    assert (
        host.answer(host.send(PacketType.START_INTERRUPT_RECEIVING, bytes((NCM_INTERRUPT,)))).payload[0] == 0
    )
    (notification,) = host.of(PacketType.INTERRUPT_PACKET)
    assert notification.payload == bytes.fromhex("85000800a101000003000000")
    host.send(PacketType.STOP_INTERRUPT_RECEIVING, bytes((NCM_INTERRUPT,)))
    host.control(0x21, 0x00, 0, 3, b"AT\r")
    assert len(host.of(PacketType.INTERRUPT_PACKET)) == 1
    assert host.control(0xA1, 0x01, 0, 3, length=512) == (0, b"\r\nOK\r\n")


def test_polling_what_is_no_interrupt_endpoint_is_invalid() -> None:
    host, _ = configured()
    for endpoint in (PCUI_IN, 0x8F):
        id_ = host.send(PacketType.START_INTERRUPT_RECEIVING, bytes((endpoint,)))
        assert host.answer(id_).payload[0] == Status.INVALID


def test_junk_for_the_storage_stalls_what_waits() -> None:
    host, _ = configured("storage")
    waiting = host.request_in(0x81)
    assert host.bulk_out(0x01, b"junk") == Status.STALL
    assert host.answer(waiting).payload[1] == Status.STALL


def test_transfers_to_nowhere_stall() -> None:
    host, _ = configured()
    assert host.bulk_out(0x0F, b"x") == Status.STALL
    assert host.answer(host.request_in(0x8F)).payload[1] == Status.STALL
    id_ = host.send(PacketType.INTERRUPT_PACKET, struct.pack("<BBH", 0x0F, 0, 1) + b"x")
    assert host.answer(id_).payload[1] == Status.STALL


def test_a_host_that_never_reads_loses_data_but_no_memory() -> None:
    host, _ = configured()
    for _ in range(2 * MAX_QUEUED // 60000):
        host.bulk_out(PCUI_OUT, b"x" * 60000)
    taken = 0
    with contextlib.suppress(ValueError):  # no more data: no answer to unpack
        while True:
            taken += len(host.bulk_in(PCUI_IN, 60000))
    assert 0 < taken <= MAX_QUEUED


def test_too_many_waiting_requests_are_a_protocol_error() -> None:
    host, _ = configured()
    with pytest.raises(ProtocolError, match="requests wait"):
        for _ in range(MAX_PENDING + 1):
            host.request_in(PCUI_IN)


def test_a_reset_forgets_what_waited() -> None:
    host, _ = configured()
    host.bulk_out(PCUI_OUT, b"AT\r")
    host.send(PacketType.RESET)
    host.send(PacketType.SET_CONFIGURATION, b"\x01")
    id_ = host.request_in(PCUI_IN)
    assert [packet for packet in host.packets if packet.id == id_] == []


# --- Hostile input ---

KINDS = st.sampled_from([kind for kind in PacketType if kind != PacketType.HELLO])
ENDPOINTS = st.sampled_from([0x01, 0x02, 0x03, 0x04, 0x81, 0x82, 0x84, 0x85, 0x86, 0x00, 0xFF])
BULK = st.builds(
    lambda endpoint, data: (
        PacketType.BULK_PACKET,
        struct.pack("<BBHIH", endpoint, 0, len(data), 0, 0) + (b"" if endpoint & 0x80 else data),
    ),
    ENDPOINTS,
    st.binary(max_size=64),
)


@settings(max_examples=150, deadline=None)
@pytest.mark.slow
@given(
    st.sampled_from(["storage", "modem"]),
    st.lists(st.tuples(KINDS, st.binary(max_size=24)) | BULK, max_size=30),
)
def test_any_packets_of_the_host(start: str, packets: list[tuple[PacketType, bytes]]) -> None:
    host, _ = configured(start)
    for kind, payload in packets:
        try:
            host.send(kind, payload)
        except ProtocolError:
            break
        host.pass_time(0.05)
    host.link.unplug()
    host.collect()
