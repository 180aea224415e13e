# SPDX-License-Identifier: MIT
"""The host of the emulated network that calls at the guest's ports unasked."""

from __future__ import annotations

from modem_image.bench.stick import data
from modem_image.bench.stick.events import NAMES
from modem_image.bench.stick.intruder import KNOCK_PORT
from modem_image.bench.stick.ip import Flag, Ipv4, Tcp, Udp
from modem_image.bench.stick.network import Network
from unit.stick.tools import GATEWAY, GUEST, Recorder

SETTINGS = data.load("ms2372h-vodafone").network


def test_a_knock_is_followed_by_calls_and_their_answers_are_events() -> None:
    events = Recorder()
    net = Network(SETTINGS, events)
    wishes = Udp(1000, KNOCK_PORT, b"tcp/22 udp/5353 tcp/70000 icmp/1")
    calls = net.receive(wishes.encode(GUEST, GATEWAY))
    packets = [packet for packet in map(Ipv4.parse, calls) if packet]
    syn = Tcp.parse(packets[0])
    datagram = Udp.parse(packets[1])
    assert len(packets) == 2 and syn is not None and datagram is not None
    assert (syn.destination_port, syn.flags, datagram.destination_port) == (22, Flag.SYN, 5353)
    assert {packet.source for packet in packets} == {SETTINGS.host}
    answer = Tcp(22, syn.source_port, 5, 2, Flag.SYN | Flag.ACK)
    (end,) = net.receive(answer.encode(GUEST, SETTINGS.host))
    packet = Ipv4.parse(end)
    assert packet is not None
    reset = Tcp.parse(packet)
    assert reset is not None
    assert (reset.destination_port, reset.sequence, reset.flags) == (22, 2, Flag.RST)
    assert net.receive(Udp(5353, datagram.source_port, b"!").encode(GUEST, SETTINGS.host)) == []
    refused = Tcp(23, syn.source_port, 0, 2, Flag.RST | Flag.ACK)
    assert net.receive(refused.encode(GUEST, SETTINGS.host)) == []
    said = [(each["protocol"], each["port"], each["answer"]) for each in events.of("intruded")]
    assert said == [("tcp", 22, "open"), ("udp", 5353, "open"), ("tcp", 23, "reset")]


def test_its_events_are_known() -> None:
    assert {"intrusion", "intruded"} <= NAMES
