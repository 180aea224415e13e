# SPDX-License-Identifier: MIT
"""A call at an emulated stick, through all its layers."""

from __future__ import annotations

import struct

import pytest

from modem_image.bench.stick import hdlc
from modem_image.bench.stick.ip import Ipv4, checksum
from modem_image.bench.stick.link import Link
from modem_image.bench.stick.ppp_packets import IPCP, IPV4, LCP
from modem_image.bench.stick.stick import StickSettings, load_stick
from modem_image.bench.stick.usbredir import PacketType, Status
from unit.stick.test_link import MODEM_IN, MODEM_OUT, PCUI_IN, PCUI_OUT, configured
from unit.stick.tools import GATEWAY, GUEST, Host, Recorder, lines


class Call:
    """The guest's end of a PPP call on the modem port of a host."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._deframer = hdlc.Deframer()

    def exchange(self, protocol: int, information: bytes) -> list[tuple[int, bytes]]:
        self.host.bulk_out(MODEM_OUT, hdlc.encode(protocol, information))
        return list(self._deframer.feed(self.host.bulk_in(MODEM_IN, 4096)))

    def negotiate(self, protocol: int, options: bytes) -> None:
        """Both sides agree: ours is acknowledged, theirs is too."""
        request = struct.pack(">BBH", 1, 1, 4 + len(options)) + options
        (_, answer), (_, theirs) = self.exchange(protocol, request)
        assert answer[0] == 2
        self.host.bulk_out(MODEM_OUT, hdlc.encode(protocol, b"\x02" + theirs[1:]))


def test_dial_and_ping() -> None:
    host, events = configured()
    host.bulk_out(MODEM_OUT, b"ATE0\r")
    assert lines(host.bulk_in(MODEM_IN)) == ["ATE0", "OK"]
    host.bulk_out(MODEM_OUT, b'AT+CGDCONT=1,"IP","internet.example"\r')
    assert lines(host.bulk_in(MODEM_IN)) == ["OK"]
    host.bulk_out(MODEM_OUT, b"ATD*99***1#\r")
    assert lines(host.bulk_in(MODEM_IN)) == ["CONNECT 150000000"]
    call = Call(host)
    call.negotiate(LCP, b"")
    call.negotiate(IPCP, bytes.fromhex("0306") + GUEST.packed)
    echo = b"\x08\x00" + struct.pack(">HHH", checksum(b"\x08\0\0\0\0\x01\0\x01"), 1, 1)
    ((protocol, reply),) = call.exchange(IPV4, Ipv4(GUEST, GATEWAY, 1, echo).encode())
    packet = Ipv4.parse(reply)
    assert protocol == IPV4
    assert packet is not None
    assert (packet.source, packet.payload[0]) == (GATEWAY, 0)
    host.bulk_out(MODEM_OUT, hdlc.encode(LCP, bytes.fromhex("05090004")))
    assert b"NO CARRIER" in host.bulk_in(MODEM_IN, 4096) + host.bulk_in(MODEM_IN, 4096)
    host.bulk_out(MODEM_OUT, b"AT\r")
    assert lines(host.bulk_in(MODEM_IN)) == ["OK"]
    seen = [name for name in events.names if name not in ("at-command", "at-opened")]
    assert seen == [
        "attached",
        "configured",
        "context-defined",
        "dialled",
        "ppp-lcp-up",
        "ppp-up",
        "icmp-echo",
        "ppp-closed",
    ]


@pytest.mark.parametrize(
    ("wanted", "answer"), [("internet.example", 2), ("INTERNET.EXAMPLE", 2), ("other.example", 3), (None, 2)]
)
def test_the_network_takes_one_apn_only(wanted: str | None, answer: int) -> None:
    """IPCP is acknowledged (2) for the right one and refused (3, an empty Nak) for another."""
    stick = load_stick("ms2372h", StickSettings(start="modem", apn=wanted))
    host = Host(Link(stick, Recorder()))
    host.send(PacketType.SET_CONFIGURATION, b"\x01")
    host.bulk_out(MODEM_OUT, b'ATE0;+CGDCONT=1,"IP","internet.example";D*99***1#\r')
    host.bulk_in(MODEM_IN)
    call = Call(host)
    call.negotiate(LCP, b"")
    request = bytes.fromhex("0101000a0306") + GUEST.packed
    assert call.exchange(IPCP, request)[0][1][0] == answer


def test_dropping_dtr_hangs_up() -> None:
    host, events = configured()
    host.bulk_out(MODEM_OUT, b"ATE0D*99#\r")
    host.bulk_in(MODEM_IN)
    host.control(0x21, 0x22, 0, 0)
    host.bulk_out(MODEM_OUT, b"AT\r")
    assert lines(host.bulk_in(MODEM_IN)) == ["OK"]
    assert events.of("ppp-closed") == [{"reason": "the guest hung up"}]


def test_the_open_port_reports_by_itself_until_it_is_told_not_to() -> None:
    host, _ = configured()
    host.pass_time(60)
    waiting = host.request_in(PCUI_IN)
    assert [packet for packet in host.packets if packet.id == waiting] == [], "nobody has opened the port"
    host.control(0x21, 0x22, 3, 2)
    assert host.link.deadline() == host.now + 10
    host.pass_time(10)
    assert host.answer(waiting).payload[10:] == b"\r\n^RSSI:20\r\n"
    host.bulk_out(PCUI_OUT, b"ATE0;^CURC=0\r")
    host.bulk_in(PCUI_IN)
    host.pass_time(10)
    waiting = host.request_in(PCUI_IN)
    assert [packet for packet in host.packets if packet.id == waiting] == []
    host.control(0x21, 0x22, 0, 2)
    assert host.link.deadline() is None


def test_the_diagnosis_port_swallows() -> None:
    host, events = configured()
    assert host.bulk_out(0x02, b"AT\r") == Status.SUCCESS
    id_ = host.request_in(0x83)
    assert [packet for packet in host.packets if packet.id == id_] == []
    assert "at-opened" not in events.names
