# SPDX-License-Identifier: MIT
"""The operator's network: IPv4, ICMP, UDP, DNS, TCP with echo and HTTP; test_ethernet.py has ARP and DHCP."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem_image.bench.stick.ip import Flag, Ipv4, Tcp, Udp, checksum
from modem_image.bench.stick.network import Ethernet, Network
from modem_image.bench.stick.services import MAX_REQUEST, dns_answer, http_answer
from modem_image.bench.stick.tcp import IN_FLIGHT, MAX_CONNECTIONS, MSS
from unit.stick.tools import (
    ELSEWHERE,
    GATEWAY,
    GUEST,
    NETWORK,
    Recorder,
    echo_request,
    frame,
    ip_packet,
    joined,
)

# A query for ipv4.connman.net, type A, as ConnMan 1.41 sent it (captured).
DNS_QUERY = bytes.fromhex("fece01000001000000000000046970763407636f6e6e6d616e036e65740000010001")


def network() -> tuple[Network, Recorder]:
    events = Recorder()
    return Network(NETWORK, events), events


# --- IPv4 ---


def test_checksum_of_rfc_1071() -> None:
    # RFC 1071, 3: the sum of 0001 f203 f4f5 f6f7 is ddf2.
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == ~0xDDF2 & 0xFFFF


def test_header_as_others_write_it() -> None:
    # A header from Wikipedia's article on the checksum: 192.168.0.1 to 192.168.0.199, UDP, checksum b861.
    header = bytes.fromhex("45000073000040004011b861c0a80001c0a800c7")
    packet = Ipv4.parse(header + bytes(0x73 - 20))
    assert packet is not None
    assert (str(packet.source), str(packet.destination), packet.protocol) == (
        "192.168.0.1",
        "192.168.0.199",
        17,
    )
    assert packet.encode()[:20] == header


@pytest.mark.parametrize(
    "damage",
    [
        lambda packet: packet[:19],
        lambda packet: b"\x65" + packet[1:],
        lambda packet: b"\x44" + packet[1:],
        lambda packet: packet[:10] + b"\0\0" + packet[12:],
        lambda packet: packet[:-1],
        lambda packet: Ipv4(GUEST, GATEWAY, 1, packet[20:]).encode()[:6] + b"\x20\0" + packet[8:],
    ],
)
def test_damaged_packets_get_no_answer(damage: Callable[[bytes], bytes]) -> None:
    assert network()[0].receive(damage(ip_packet(echo_request()))) == []


# --- ICMP ---


@pytest.mark.parametrize("destination", [GATEWAY, ELSEWHERE])
def test_every_host_answers_echo(destination: IPv4Address) -> None:
    net, events = network()
    (reply,) = net.receive(ip_packet(echo_request(), destination=destination))
    packet = Ipv4.parse(reply)
    assert packet is not None
    assert (packet.source, packet.destination) == (destination, GUEST)
    assert packet.payload[0] == 0
    assert packet.payload[4:] == echo_request()[4:]
    assert checksum(packet.payload) == 0
    assert events.of("icmp-echo") == [{"address": str(destination), "octets": 12}]


def test_broadcasts_and_replies_get_no_answer() -> None:
    net, events = network()
    assert net.receive(ip_packet(echo_request(), destination=IPv4Address("255.255.255.255"))) == []
    assert net.receive(ip_packet(echo_request(), destination=IPv4Address("224.0.0.1"))) == []
    assert net.receive(ip_packet(b"\0" * 8)) == []
    assert events.names == []


# --- UDP and DNS ---


def test_every_name_is_a_host_beyond_the_gateway() -> None:
    net, events = network()
    query = Udp(40000, 53, DNS_QUERY).encode(GUEST, GATEWAY)
    (reply,) = net.receive(query)
    packet = Ipv4.parse(reply)
    assert packet is not None
    datagram = Udp.parse(packet)
    assert datagram is not None
    assert (datagram.source_port, datagram.destination_port) == (53, 40000)
    answer = datagram.payload
    assert answer[:12].hex() == "fece81800001000100000000"
    assert answer[12 : len(DNS_QUERY)] == DNS_QUERY[12:]
    assert answer[len(DNS_QUERY) :].hex() == "c00c000100010000003c0004" + NETWORK.host.packed.hex()
    assert NETWORK.host not in NETWORK.subnet
    assert events.of("dns-query") == [{"name": "ipv4.connman.net", "type": 1}]


def test_other_types_have_no_answer_but_no_error() -> None:
    answer = dns_answer(DNS_QUERY[:-4] + bytes.fromhex("001c0001"), GATEWAY)
    assert answer is not None
    assert answer.message[2:8].hex() == "818000010000"


def test_other_operations_are_not_implemented() -> None:
    answer = dns_answer(DNS_QUERY[:2] + bytes.fromhex("2800") + DNS_QUERY[4:], GATEWAY)
    assert answer is not None
    assert answer.message[3] & 0x0F == 4


@pytest.mark.parametrize(
    "query",
    [
        DNS_QUERY[:11],
        DNS_QUERY[:-1],
        DNS_QUERY[:2] + b"\x81\x80" + DNS_QUERY[4:],
        DNS_QUERY[:12] + b"\xc0\x0c" + DNS_QUERY[14:],
    ],
)
def test_no_query_no_answer(query: bytes) -> None:
    assert dns_answer(query, GATEWAY) is None


def test_udp_echo_and_a_closed_port() -> None:
    net, _ = network()
    (echo,) = net.receive(Udp(40000, 7, b"hello").encode(GUEST, ELSEWHERE))
    assert echo == Udp(7, 40000, b"hello").encode(ELSEWHERE, GUEST)
    sent = Udp(40000, 123, b"ntp").encode(GUEST, ELSEWHERE)
    (refusal,) = net.receive(sent)
    packet = Ipv4.parse(refusal)
    assert packet is not None
    assert packet.payload[:2] == b"\x03\x03"
    assert packet.payload[8:] == sent[:28]


# --- TCP ---


class Client:
    """A guest's TCP connection."""

    def __init__(self, port: int, net: Network | None = None, own_port: int = 40000) -> None:
        self.net = net or network()[0]
        self.port, self.own_port = port, own_port
        self.sequence, self.acknowledgement = 0xFFFFFFF0, 0
        self.window = 0xFFFF

    def send(self, flags: Flag, payload: bytes = b"") -> list[Tcp]:
        """Send a segment, take in order what comes back."""
        numbers = (self.own_port, self.port, self.sequence, self.acknowledgement)
        segment = Tcp(*numbers, flags, payload, window=self.window)
        self.sequence = (self.sequence + segment.span) & 0xFFFFFFFF
        replies = []
        for data_ in self.net.receive(segment.encode(GUEST, GATEWAY)):
            packet = Ipv4.parse(data_)
            assert packet is not None
            reply = Tcp.parse(packet)
            assert reply is not None, "the checksum is right"
            replies.append(reply)
            if reply.span:
                self.acknowledgement = (reply.sequence + reply.span) & 0xFFFFFFFF
        return replies

    def connect(self) -> None:
        (reply,) = self.send(Flag.SYN)
        assert reply.flags == Flag.SYN | Flag.ACK
        assert reply.acknowledgement == self.sequence
        assert self.send(Flag.ACK) == []


def test_tcp_echo_across_the_end_of_the_sequence_numbers() -> None:
    client = Client(7)
    client.connect()
    for text in (b"hello", b"x" * 100):
        (reply,) = client.send(Flag.ACK | Flag.PSH, text)
        assert (reply.payload, reply.acknowledgement) == (text, client.sequence)
    (reply,) = client.send(Flag.ACK | Flag.FIN)
    assert reply.flags & Flag.FIN
    assert client.send(Flag.ACK) == []
    (reset,) = client.send(Flag.ACK, b"after the end")
    assert reset.flags & Flag.RST


def test_a_long_echo_is_cut_into_segments() -> None:
    client = Client(7)
    client.connect()
    replies = client.send(Flag.ACK, b"y" * (MSS + 10))
    assert [len(reply.payload) for reply in replies] == [MSS, 10]


def test_a_long_page_goes_out_as_it_is_acknowledged() -> None:
    client = Client(80)
    client.connect()
    replies = client.send(Flag.ACK, b"GET /octets/200000 HTTP/1.1\r\n\r\n")
    assert sum(len(reply.payload) for reply in replies) <= IN_FLIGHT
    for _ in range(20):
        replies += client.send(Flag.ACK)
    page = b"".join(reply.payload for reply in replies)
    assert page.endswith(b"Content-Length: 200000\r\n\r\n" + bytes(200000))
    assert [bool(reply.flags & Flag.FIN) for reply in replies].index(True) == len(replies) - 1


def test_a_guest_that_has_no_room_gets_nothing_until_it_has() -> None:
    """Linux drops what is beyond its window, and nothing is sent twice here."""
    client = Client(80)
    client.connect()
    client.window = 2 * MSS
    replies = client.send(Flag.ACK, b"GET /octets/200000 HTTP/1.1\r\n\r\n")
    assert [len(reply.payload) for reply in replies] == [MSS, MSS]
    client.window = 0
    assert client.send(Flag.ACK) == []
    client.window = MSS
    assert [len(reply.payload) for reply in client.send(Flag.ACK)] == [MSS]


def test_what_is_repeated_is_acknowledged_again_and_served_once() -> None:
    client = Client(7)
    client.connect()
    client.send(Flag.ACK, b"once")
    client.sequence -= 4
    (reply,) = client.send(Flag.ACK, b"once")
    assert (reply.payload, reply.acknowledgement) == (b"", client.sequence)


def test_a_closed_port_resets() -> None:
    client = Client(22)
    (reply,) = client.send(Flag.SYN)
    assert reply.flags == Flag.RST | Flag.ACK
    assert reply.acknowledgement == client.sequence


def test_the_oldest_connection_is_forgotten() -> None:
    net, _ = network()
    clients = [Client(7, net, own_port=port) for port in range(1000, 1001 + MAX_CONNECTIONS)]
    for client in clients:
        client.connect()
    assert clients[0].send(Flag.ACK, b"x")[0].flags & Flag.RST
    assert clients[1].send(Flag.ACK, b"x")[0].payload == b"x"


# --- HTTP ---


def test_online_check_of_connman() -> None:
    net, events = network()
    client = Client(80, net)
    client.connect()
    request = b"GET /online/status.html HTTP/1.1\r\nHost: ipv4.connman.net\r\nConnection: close\r\n\r\n"
    (acknowledgement,) = client.send(Flag.ACK, request[:30])
    assert acknowledgement.payload == b""
    replies = client.send(Flag.ACK | Flag.PSH, request[30:])
    head, _, body = joined(reply.payload for reply in replies).partition(b"\r\n\r\n")
    status, *fields = head.split(b"\r\n")
    assert status == b"HTTP/1.1 200 OK"
    assert b"X-ConnMan-Status: online" in fields
    assert b"Content-Length: 0" in fields
    assert body == b"", "ConnMan 1.41 with the fix for CVE-2022-32293 gives up at the first octet of a body"
    assert replies[-1].flags & Flag.FIN
    assert events.of("http-request") == [{"path": "/online/status.html", "host": "ipv4.connman.net"}]


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /generate_204 HTTP/1.1\r\nHost: x\r\n\r\n", b"204 No Content"),
        (b"HEAD / HTTP/1.0\r\n\r\n", b"200 OK"),
        (b"POST / HTTP/1.1\r\n\r\n", b"405 Method Not Allowed"),
        (b"nonsense\r\n\r\n", b"400 Bad Request"),
        (b"x" * (MAX_REQUEST + 1), b"400 Bad Request"),
    ],
)
def test_http_status(request_: bytes, status: bytes) -> None:
    answer = http_answer(request_)
    assert answer is not None
    assert answer.message.startswith(b"HTTP/1.1 " + status + b"\r\n")
    assert (b"X-ConnMan-Status" in answer.message) == status.startswith(b"200")


# --- Hostile input ---


@given(st.binary(max_size=80))
def test_any_packet(packet: bytes) -> None:
    network()[0].receive(packet)


@given(st.sampled_from([1, 6, 17, 47]), st.binary(max_size=80))
def test_any_payload_in_a_good_packet(protocol: int, payload: bytes) -> None:
    for reply in network()[0].receive(ip_packet(payload, protocol)):
        assert Ipv4.parse(reply) is not None


@given(st.sampled_from([7, 53, 67, 80]), st.binary(max_size=300))
def test_any_datagram_and_any_stream(port: int, payload: bytes) -> None:
    net, events = network()
    net.receive(Udp(40000, port, payload).encode(GUEST, GATEWAY))
    Ethernet(net, events).receive(frame(0x0800, Udp(68, port, payload).encode(GUEST, GATEWAY)))
    client = Client(port, net)
    client.send(Flag.SYN)
    client.send(Flag.ACK, payload)


@given(st.lists(st.tuples(st.integers(0, 31), st.integers(0, 0xFFFFFFFF), st.binary(max_size=20))))
def test_any_order_of_segments(segments: list[tuple[int, int, bytes]]) -> None:
    client = Client(7)
    client.connect()
    for flags, sequence, payload in segments:
        client.sequence = sequence
        client.send(Flag(flags), payload)
