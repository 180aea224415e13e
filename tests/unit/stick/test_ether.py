# SPDX-License-Identifier: MIT
"""The network card of a HiLink stick (CDC-ECM 1.2), and the router behind it."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address

from modem_image.bench.stick import data
from modem_image.bench.stick.ether import EtherControl, EtherData
from modem_image.bench.stick.network import Dhcp, Ethernet, Network
from modem_image.bench.stick.stick import StickSettings, load_stick
from modem_image.bench.stick.usb import Device, Setup
from unit.stick.tools import Recorder

BULK_OUT, BULK_IN, INTERRUPT_IN = 0x02, 0x82, 0x83
HOST_MAC = bytes.fromhex("00005e005301")
ROUTER = IPv4Address("192.168.8.1")


def hilink(dhcp: Dhcp = Dhcp.ANSWERS) -> tuple[Device, Recorder]:
    events = Recorder()
    device = load_stick("e3372h", StickSettings(start="hilink", dhcp=dhcp)).power_on(
        events, lambda mode: None
    )
    assert device.set_configuration(1)
    return device, events


def discover() -> bytes:
    """DHCPDISCOVER in a frame (RFC 2131, table 5); no checksums of UDP."""
    dhcp = struct.pack(">BBBBIHH4s4s4s4s16s", 1, 1, 6, 0, 7, 0, 0x8000, *[bytes(4)] * 4, HOST_MAC)
    dhcp += bytes(192) + bytes((99, 130, 83, 99, 53, 1, 1, 255))
    udp = struct.pack(">HHHH", 68, 67, 8 + len(dhcp), 0) + dhcp
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, bytes(4), b"\xff" * 4)
    total = sum(struct.unpack(">10H", head))
    check = ~(total + (total >> 16)) & 0xFFFF
    return b"\xff" * 6 + HOST_MAC + b"\x08\x00" + head[:10] + struct.pack(">H", check) + head[12:] + udp


def test_the_card_tells_that_its_link_is_up() -> None:
    device, _ = hilink()
    told = [item.data for item in device.outgoing if item.endpoint == INTERRUPT_IN]
    assert [data[:8] for data in told] == [
        bytes.fromhex("a12a000000000800"),  # speeds follow
        bytes.fromhex("a100010000000000"),  # connected
    ]


def test_the_packet_filter_is_set_on_the_control_interface() -> None:
    device, _ = hilink()
    assert device.control(Setup(0x21, 0x43, 0x0C, 0, 0), b"") == b""
    assert device.control(Setup(0x21, 0x44, 0, 0, 0), b"") is None


def test_the_router_gives_an_address() -> None:
    device, _ = hilink()
    device.outgoing.clear()
    device.data_out(BULK_OUT, discover())
    (offer,) = device.outgoing
    assert offer.endpoint == BULK_IN
    assert offer.data[42 + 16 : 42 + 20] == IPv4Address("192.168.8.100").packed
    assert offer.data[26:30] == ROUTER.packed


def test_a_router_that_gives_none() -> None:
    device, events = hilink(Dhcp.SILENT)
    device.outgoing.clear()
    device.data_out(BULK_OUT, discover())
    assert not device.outgoing
    assert events.names[-1] == "dhcp-ignored"


def test_no_frame_passes_while_the_data_interface_is_off() -> None:
    """Where there is a setting without endpoints, as CDC ECM 1.2 has it (3.3), that one is off."""
    ethernet = Ethernet(Network(data.load("e3372h").network, Recorder()), Recorder(), dhcp=Dhcp.ANSWERS)
    port = EtherData(1, BULK_IN, ethernet, EtherControl(0, INTERRUPT_IN))
    sent: list[bytes] = []
    port.bind(lambda _endpoint, octets: sent.append(octets))
    port.alternate_selected(0)
    assert port.data_out(BULK_OUT, discover())
    assert not sent
    port.alternate_selected(1)
    port.data_out(BULK_OUT, discover())
    assert sent


def test_a_router_works_in_its_only_setting() -> None:
    """Every listing of 12d1:14dc shows one setting, with two endpoints (uhubctl-255, openwrt-wiki)."""
    device, _ = hilink()
    assert device.data_out(BULK_OUT, discover())
    assert not device.set_alternate(1, 1)


def test_the_card_names_its_address_in_string_5() -> None:
    device, _ = hilink()
    answer = device.control(Setup(0x80, 6, 0x0305, 0x0409, 255), b"")
    assert answer is not None
    assert answer[2:].decode("utf-16-le") == "00005E005301"
