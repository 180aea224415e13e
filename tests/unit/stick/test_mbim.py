# SPDX-License-Identifier: MIT
"""MBIM: control messages, the modem behind them, and the sessions' blocks. The bytes are by hand.

Sections are of the USB MBIM 1.0 specification.
"""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem_image.bench.stick import mbim, ntb
from modem_image.bench.stick.mbim import Assembler, MbimError, Message, MessageType
from modem_image.bench.stick.mbim_device import BASIC_CONNECT, INTERNET, Cid
from modem_image.bench.stick.modem import Registration
from modem_image.bench.stick.ntb import NtbError, NtbFormat
from modem_image.bench.stick.sim import SimState
from modem_image.bench.stick.stick import StickSettings, load_stick
from modem_image.bench.stick.usb import Device, Setup
from unit.stick.test_network import echo_request, ip_packet
from unit.stick.tools import GATEWAY, GUEST, Recorder

BULK_OUT, BULK_IN, INTERRUPT_IN = 0x01, 0x82, 0x81
SEND, GET = 0x00, 0x01
SUCCESS, FAILURE, NO_SIM, PIN_REQUIRED, NOT_REGISTERED, NO_SUPPORT, NOT_ACTIVATED = 0, 2, 3, 5, 7, 9, 16


class Host:
    """The host's side of the control interface, in the configuration with MBIM."""

    def __init__(self, settings: StickSettings | None = None, max_transfer: int = 4096) -> None:
        self.events = Recorder()
        stick = load_stick("e3372-mbim", settings or StickSettings(apn="internet.example"))
        self.device: Device = stick.power_on(self.events, lambda mode: None)
        assert self.device.set_configuration(2)
        assert self.device.set_alternate(1, 1)
        self.transaction = 0
        self.told: list[tuple[int, bytes]] = []
        (opened,) = self.exchange(MessageType.OPEN, struct.pack("<I", max_transfer))
        assert opened == struct.pack("<IIII", MessageType.OPEN_DONE, 16, self.transaction, 0)

    def exchange(self, kind: int, body: bytes) -> list[bytes]:
        """Send a message; every answer that a notification announces."""
        self.transaction += 1
        message = struct.pack("<III", kind, 12 + len(body), self.transaction) + body
        assert self.device.control(Setup(0x21, SEND, 0, 0, len(message)), message) == b""
        return self.fetch()

    def fetch(self) -> list[bytes]:
        notices = [item for item in self.device.outgoing if item.endpoint == INTERRUPT_IN]
        self.device.outgoing.clear()
        assert all(item.data == bytes.fromhex("a101000000000000") for item in notices)
        return [self.device.control(Setup(0xA1, GET, 0, 0, 4096), b"") or b"" for _ in notices]

    def command(self, cid: int, information: bytes = b"", *, is_set: bool = False) -> tuple[int, bytes]:
        """Status and information of the answer; indications are kept in `told`."""
        body = struct.pack("<II16sIII", 1, 0, BASIC_CONNECT, cid, int(is_set), len(information)) + information
        answer, *told = self.exchange(MessageType.COMMAND, body)
        for one in told:
            assert struct.unpack_from("<I", one)[0] == MessageType.INDICATE_STATUS
            self.told.append((struct.unpack_from("<I", one, 36)[0], one[44:]))
        kind, length, transaction = struct.unpack_from("<III", answer)
        assert (kind, length, transaction) == (MessageType.COMMAND_DONE, len(answer), self.transaction)
        service, of_cid, status, size = struct.unpack_from("<16sIII", answer, 20)
        assert (service, of_cid, size) == (BASIC_CONNECT, cid, len(answer) - 48)
        return status, answer[48:]

    def numbers(self, cid: int, information: bytes = b"", *, is_set: bool = False) -> tuple[int, ...]:
        """The information of a command that succeeds, as 32-bit numbers."""
        status, found = self.command(cid, information, is_set=is_set)
        assert status == SUCCESS
        return struct.unpack(f"<{len(found) // 4}I", found[: len(found) // 4 * 4])

    def connect(self, session: int, apn: str = "internet.example", *, activate: bool = True) -> int:
        """CONNECT as in 10.5.12.1: the APN behind the 60 octets of the fixed part; returns the status."""
        text = apn.encode("utf-16-le")
        fixed = struct.pack("<IIIIIIIIIII", session, int(activate), 60, len(text), 0, 0, 0, 0, 0, 0, 1)
        return self.command(Cid.CONNECT, fixed + INTERNET + text, is_set=True)[0]

    def online(self) -> None:
        self.command(Cid.RADIO_STATE, struct.pack("<I", 1), is_set=True)
        self.command(Cid.PACKET_SERVICE, struct.pack("<I", 0), is_set=True)


def text_at(information: bytes, position: int) -> str:
    offset, size = struct.unpack_from("<II", information, position)
    return information[offset : offset + size].decode("utf-16-le")


# --- Messages ---


def test_open_done_and_close_done() -> None:
    host = Host()
    (closed,) = host.exchange(MessageType.CLOSE, b"")
    assert closed == struct.pack("<IIII", 0x80000002, 16, host.transaction, SUCCESS)


def test_a_command_before_open_is_a_function_error() -> None:
    host = Host()
    host.exchange(MessageType.CLOSE, b"")
    (answer,) = host.exchange(MessageType.COMMAND, bytes(36))
    assert answer == struct.pack("<IIII", 0x80000004, 16, host.transaction, 5)  # 9.3.4.1: not opened


def test_a_length_that_is_wrong() -> None:
    host = Host()
    message = struct.pack("<III", 1, 99, 7) + bytes(4)
    host.device.control(Setup(0x21, SEND, 0, 0, len(message)), message)
    assert host.fetch() == [struct.pack("<IIII", 0x80000004, 16, 0, 3)]
    assert host.events.of("protocol-error")[0]["layer"] == "mbim"


def test_fragments_are_put_together() -> None:
    body = struct.pack("<16sIII", BASIC_CONNECT, 1, 0, 4) + b"info"
    parts = [struct.pack("<II", 2, number) + part for number, part in enumerate((body[:20], body[20:]))]
    assembler = Assembler()
    assert assembler.add(Message(3, 9, parts[0])) is None
    command = assembler.add(Message(3, 9, parts[1]))
    assert command is not None
    assert (command.transaction, command.cid, command.is_set, command.information) == (9, 1, False, b"info")


def test_a_fragment_out_of_sequence_drops_the_command() -> None:
    assembler = Assembler()
    assembler.add(Message(3, 9, struct.pack("<II", 3, 0)))
    with pytest.raises(MbimError, match="fragment 2 of 3"):
        assembler.add(Message(3, 9, struct.pack("<II", 3, 2)))
    with pytest.raises(MbimError, match="fragment 1 of 3"):
        assembler.add(Message(3, 9, struct.pack("<II", 3, 1)))


def test_long_answers_come_in_fragments() -> None:
    host = Host(max_transfer=64)
    body = struct.pack("<II16sIII", 1, 0, BASIC_CONNECT, Cid.DEVICE_CAPS, 0, 0)
    answers = host.exchange(MessageType.COMMAND, body)
    assert len(answers) > 1
    assert all(len(answer) <= 64 for answer in answers)
    assert [struct.unpack_from("<II", answer, 12) for answer in answers] == [
        (len(answers), number) for number in range(len(answers))
    ]


@given(st.binary(max_size=200))
@pytest.mark.slow
def test_any_message_is_answered_or_ignored(noise: bytes) -> None:
    host = Host()
    host.device.control(Setup(0x21, SEND, 0, 0, len(noise)), noise)
    host.exchange(MessageType.COMMAND, noise)
    assert host.numbers(Cid.RADIO_STATE) == (1, 0)


@given(st.text(max_size=20), st.integers(0, 0xFFFFFFFF))
def test_what_is_packed_can_be_read(words: str, number: int) -> None:
    reader = mbim.Reader(mbim.pack(number, words, b"sixteen octets!!", words))
    assert reader.number() == number
    assert reader.text() == words
    assert reader.octets(16) == b"sixteen octets!!"
    assert reader.text() == words


# --- The modem ---


def test_device_caps() -> None:
    status, caps = Host().command(Cid.DEVICE_CAPS)
    assert status == SUCCESS
    assert struct.unpack_from("<8I", caps) == (2, 1, 1, 2, 0x3C, 0, 1, 1)
    assert text_at(caps, 40) == "490154203237518"


@pytest.mark.parametrize(
    ("state", "ready", "imsi"),
    [(SimState.READY, 1, "001010123456789"), (SimState.PIN, 6, ""), (SimState.ABSENT, 2, "")],
)
def test_the_subscriber(state: SimState, ready: int, imsi: str) -> None:
    _, found = Host(StickSettings(sim=state)).command(Cid.SUBSCRIBER_READY_STATUS)
    assert struct.unpack_from("<I", found)[0] == ready
    assert text_at(found, 4) == imsi


def test_the_right_pin_unlocks_and_tells() -> None:
    host = Host(StickSettings(sim=SimState.PIN, pin="1234"))
    assert host.numbers(Cid.PIN) == (2, 1, 3)
    pin = "1234".encode("utf-16-le")
    wrong = "0000".encode("utf-16-le")
    head = struct.pack("<IIIIII", 2, 0, 24, 8, 0, 0)
    assert host.command(Cid.PIN, head + wrong, is_set=True)[0] == FAILURE
    assert host.numbers(Cid.PIN) == (2, 1, 2)
    assert host.command(Cid.PIN, head + pin, is_set=True)[0] == SUCCESS
    assert host.told[0][0] == Cid.SUBSCRIBER_READY_STATUS


def test_the_radio_brings_registration_and_tells_of_it() -> None:
    host = Host()
    assert host.numbers(Cid.REGISTER_STATE)[1] == 1  # deregistered
    assert host.numbers(Cid.RADIO_STATE, struct.pack("<I", 1), is_set=True) == (1, 1)
    assert [cid for cid, _ in host.told] == [Cid.REGISTER_STATE, Cid.PACKET_SERVICE]
    _, found = host.command(Cid.REGISTER_STATE)
    assert struct.unpack_from("<4I", found) == (0, 3, 1, 0x20)
    assert (text_at(found, 20), text_at(found, 28)) == ("00101", "Test Network")


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        (StickSettings(sim=SimState.ABSENT), NO_SIM),
        (StickSettings(sim=SimState.PIN), PIN_REQUIRED),
        (StickSettings(registration=Registration.DENIED), NOT_REGISTERED),
        (StickSettings(apn="other.example"), FAILURE),
        (StickSettings(), SUCCESS),
    ],
)
def test_what_keeps_a_session_from_coming_up(settings: StickSettings, status: int) -> None:
    host = Host(settings)
    host.online()
    assert host.connect(0) == status


def test_addresses_of_the_session() -> None:
    host = Host()
    host.online()
    assert host.command(Cid.IP_CONFIGURATION, bytes(60))[0] == NOT_ACTIVATED
    assert host.connect(0) == SUCCESS
    status, found = host.command(Cid.IP_CONFIGURATION, bytes(60))
    assert status == SUCCESS
    fields = struct.unpack_from("<15I", found)
    assert fields[:4] == (0, 0xF, 0, 1)
    address, gateway, dns = fields[4], fields[7], fields[10]
    assert found[address : address + 8] == struct.pack("<I", 24) + GUEST.packed
    assert found[gateway : gateway + 4] == GATEWAY.packed
    assert fields[9] == 2
    assert found[dns : dns + 8] == GATEWAY.packed + bytes((10, 64, 0, 3))
    assert fields[13] == 1500
    assert host.connect(0, activate=False) == SUCCESS
    assert host.connect(0, activate=False) == NOT_ACTIVATED


def test_other_services_are_refused() -> None:
    body = struct.pack("<II16sIII", 1, 0, bytes(16), 1, 0, 0)
    (answer,) = Host().exchange(MessageType.COMMAND, body)
    assert struct.unpack_from("<I", answer, 40)[0] == NO_SUPPORT


def test_the_list_of_services_names_the_commands() -> None:
    found = Host().numbers(Cid.DEVICE_SERVICES)
    assert found[0] == 1
    element = found[found[2] // 4 :]
    assert element[6] == len(element[7:])
    assert set(element[7:]) == set(Cid)


# --- Data ---


def block(packet: bytes, session: int, signature: bytes = b"IPS") -> bytes:
    """An NTB-16 with one packet and its table at the end, as Linux's cdc_mbim sends it to Huawei's sticks."""
    padded = packet.ljust(-(-len(packet) // 4) * 4, b"\0")
    table = 12 + len(padded)
    head = struct.pack("<4sHHHH", b"NCMH", 12, 0, table + 16, table)
    pointers = struct.pack("<4sHHHHHH", signature + bytes((session,)), 16, 0, 12, len(packet), 0, 0)
    return head + padded + pointers


def test_a_session_carries_packets() -> None:
    host = Host()
    ping = ip_packet(echo_request(b"ping"))
    host.device.data_out(BULK_OUT, block(ping, 0))
    assert not host.device.outgoing, "no session is up yet"
    host.online()
    host.connect(0)
    host.device.data_out(BULK_OUT, block(ping, 0))
    (answer,) = host.device.outgoing
    assert answer.endpoint == BULK_IN
    (packet,) = ntb.parse(answer.data, session=0)
    assert packet[20] == 0  # echo reply
    assert packet.endswith(b"ping")


def test_packets_of_another_session_are_not_carried() -> None:
    host = Host()
    host.online()
    host.connect(0)
    host.device.data_out(BULK_OUT, block(ip_packet(echo_request(b"ping")), 1))
    assert not host.device.outgoing


def test_ethernet_frames_are_no_packets_of_a_session() -> None:
    with pytest.raises(NtbError, match="malformed"):
        ntb.parse(block(b"frame", ord("0"), b"NCM"), session=0)


@given(st.binary(min_size=1, max_size=1500), st.integers(0, 255), st.sampled_from(list(NtbFormat)))
def test_round_trip_of_a_session(packet: bytes, session: int, format_: NtbFormat) -> None:
    found = ntb.build([packet], 0, format_, session)
    assert ntb.parse(found, session) == [packet]
    assert ntb.parse(found, (session + 1) % 256) == []


def test_the_disk_is_the_first_configuration() -> None:
    """Linux chooses it; the class of its interface is storage, which is what usb_modeswitch looks for."""
    stick = load_stick("e3372-mbim")
    description = stick.description.modes["mbim"].description
    assert [[one.class_ for one in config.interfaces] for config in description.configurations] == [
        [0x08],
        [0x02, 0x0A, 0x0A],
    ]
