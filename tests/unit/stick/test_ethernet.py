# SPDX-License-Identifier: MIT
"""The operator's network behind a network device: ARP and DHCP."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem_image.bench.stick import dhcp
from modem_image.bench.stick.ip import Ipv4, Udp
from modem_image.bench.stick.network import Ethernet, Network
from unit.stick.tools import (
    ELSEWHERE,
    GATEWAY,
    GATEWAY_MAC,
    GUEST,
    GUEST_MAC,
    NETWORK,
    Recorder,
    echo_request,
    frame,
    ip_packet,
)

NOBODY = IPv4Address(0)


def ethernet() -> tuple[Ethernet, Recorder]:
    events = Recorder()
    return Ethernet(Network(NETWORK, events), events), events


def arp(target: IPv4Address) -> bytes:
    head = bytes.fromhex("0001080006040001") + GUEST_MAC + GUEST.packed
    return frame(0x0806, head + bytes(6) + target.packed)


def test_arp_for_the_gateway() -> None:
    (reply,) = ethernet()[0].receive(arp(GATEWAY))
    assert reply[:14] == GUEST_MAC + GATEWAY_MAC + b"\x08\x06"
    assert reply[14:].hex() == (
        "0001080006040002" + GATEWAY_MAC.hex() + GATEWAY.packed.hex() + GUEST_MAC.hex() + GUEST.packed.hex()
    )


@pytest.mark.parametrize("target", [GUEST, ELSEWHERE])
def test_arp_for_the_guest_or_for_other_networks_stays_unanswered(target: IPv4Address) -> None:
    assert ethernet()[0].receive(arp(target)) == []


def test_frames_carry_packets() -> None:
    ether, _ = ethernet()
    (reply,) = ether.receive(frame(0x0800, ip_packet(echo_request()), GATEWAY_MAC))
    assert reply[:14] == GUEST_MAC + GATEWAY_MAC + b"\x08\x00"
    assert Ipv4.parse(reply[14:]) is not None


def dhcp_request(kind: int, *options: tuple[int, bytes], client: IPv4Address = NOBODY) -> bytes:
    head = struct.pack(">BBBBIHH", 1, 1, 6, 0, 0x12345678, 0, 0x8000) + client.packed
    body = head + bytes(12) + GUEST_MAC.ljust(16, b"\0") + bytes(192) + bytes.fromhex("63825363")
    body += bytes((53, 1, kind)) + b"".join(bytes((number, len(v))) + v for number, v in options) + b"\xff"
    return body


def dhcp_exchange(ether: Ethernet, request: bytes) -> dict[int, bytes] | None:
    """The options of the server's answer (0: the address given), or None."""
    packet = Udp(68, 67, request).encode(NOBODY, IPv4Address("255.255.255.255"))
    replies = ether.receive(frame(0x0800, packet))
    if not replies:
        return None
    answer = Ipv4.parse(replies[0][14:])
    assert answer is not None
    datagram = Udp.parse(answer)
    assert datagram is not None
    assert (datagram.source_port, datagram.destination_port) == (67, 68)
    assert datagram.payload[4:8].hex() == "12345678"
    options = dhcp.parse_options(datagram.payload[240:])
    assert options is not None
    return {0: datagram.payload[16:20], **options}


def test_dhcp_gives_the_one_address() -> None:
    ether, events = ethernet()
    offer = dhcp_exchange(ether, dhcp_request(1))
    assert offer is not None
    assert (offer[53], offer[0]) == (b"\x02", GUEST.packed)
    assert (offer[1], offer[3], offer[54]) == (b"\xff\xff\xff\0", GATEWAY.packed, GATEWAY.packed)
    assert offer[6] == GATEWAY.packed + NETWORK.second_dns.packed
    assert events.names == []
    ack = dhcp_exchange(ether, dhcp_request(3, (50, GUEST.packed), (54, GATEWAY.packed)))
    assert ack is not None
    assert ack[53] == b"\x05"
    assert events.of("dhcp-lease") == [{"address": "10.64.0.2"}]


def test_dhcp_renewal_and_refusals() -> None:
    ether, _ = ethernet()
    renewal = dhcp_exchange(ether, dhcp_request(3, client=GUEST))
    assert renewal is not None
    assert renewal[53] == b"\x05"
    refused = dhcp_exchange(ether, dhcp_request(3, (50, ELSEWHERE.packed)))
    assert refused is not None
    assert (refused[53], refused[0]) == (b"\x06", bytes(4))
    assert dhcp_exchange(ether, dhcp_request(3, (50, GUEST.packed), (54, ELSEWHERE.packed))) is None
    assert dhcp_exchange(ether, dhcp_request(7)) is None
    assert dhcp_exchange(ether, dhcp_request(1)[:-4]) is None


# --- Hostile input ---


@given(st.binary(max_size=80), st.sampled_from([0x0800, 0x0806, 0x86DD]))
def test_any_frame(payload: bytes, kind: int) -> None:
    ethernet()[0].receive(payload)
    ethernet()[0].receive(frame(kind, payload))


@given(st.binary(max_size=400))
def test_any_dhcp_options(options: bytes) -> None:
    lease = dhcp.Lease(GUEST, NETWORK.subnet, GATEWAY, (GATEWAY,))
    dhcp.answer(dhcp_request(1)[:240] + options, lease)
