# SPDX-License-Identifier: MIT
"""Descriptors and standard requests (USB 2.0, chapter 9)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem_image.bench.stick.stick import load_stick
from modem_image.bench.stick.usb import Device, Setup
from unit.stick.tools import Recorder

GET_DESCRIPTOR = 6


def modem() -> Device:
    return load_stick("ms2372h-vodafone").switched("modem", Recorder(), lambda _mode: None)


def get_descriptor(device: Device, kind: int, index: int = 0, length: int = 255) -> bytes | None:
    return device.control(Setup(0x80, GET_DESCRIPTOR, kind << 8 | index, 0, length), b"")


def test_device_descriptor() -> None:
    # bLength, type 1, USB 2.00, class 0/0/0, 64 octets, 12d1:1596, 1.02, strings 1 2 3, one configuration
    assert get_descriptor(modem(), 1) == bytes.fromhex("1201 0002 000000 40 d112 9615 0201 01 02 03 01")


def test_configuration_descriptor_is_cut_to_the_length_asked_for() -> None:
    head = get_descriptor(modem(), 2, length=9)
    assert head is not None
    assert head[:2] == bytes.fromhex("0902")
    total = int.from_bytes(head[2:4], "little")
    whole = get_descriptor(modem(), 2, length=0xFFFF)
    assert whole is not None
    assert len(whole) == total
    assert whole[4] == 4, "four interfaces, alternate settings not counted"


def test_interfaces_of_the_vodafone_stick() -> None:
    whole = get_descriptor(modem(), 2, length=0xFFFF) or b""
    triples, position = [], 0
    while position < len(whole):
        if whole[position + 1] == 4:
            number, alternate, _, *triple = whole[position + 2 : position + 8]
            triples.append((number, alternate, bytes(triple).hex()))
        position += whole[position]
    assert triples == [
        (0, 0, "ff0331"),
        (1, 0, "ff0333"),
        (2, 0, "ff0332"),
        (3, 0, "ff0346"),
        (3, 1, "ff0346"),
    ]


def test_strings() -> None:
    assert get_descriptor(modem(), 3, 0) == bytes.fromhex("04030904")
    assert get_descriptor(modem(), 3, 5) == bytes((26, 3)) + "020000000002".encode("utf-16-le")
    assert get_descriptor(modem(), 3, 9) is None


def test_unknown_descriptor_stalls() -> None:
    assert get_descriptor(modem(), 0x0F) is None
    assert get_descriptor(modem(), 2, 1) is None


def test_configuration_and_alternate_settings() -> None:
    device = modem()
    assert not device.set_alternate(3, 1), "not configured yet"
    assert not device.set_configuration(2)
    assert device.set_configuration(1)
    assert device.set_alternate(3, 1)
    assert not device.set_alternate(3, 2)
    assert not device.set_alternate(4, 0)
    assert [i.alternate for i in device.active_interfaces()] == [0, 0, 0, 1]
    device.reset()
    assert (device.configuration, device.alternate(3)) == (0, 0)


def test_configured_is_reported() -> None:
    recorder = Recorder()
    load_stick("ms2372h").power_on(recorder, lambda _mode: None).set_configuration(1)
    assert recorder.events == [("configured", {"mode": "storage", "usb": "12d1:14fe", "value": 1})]


def test_endpoint_of_another_setting_stalls() -> None:
    device = modem()
    device.set_configuration(1)
    assert device.is_stalled(0x86)
    assert not device.data_out(0x04, b"")
    device.set_alternate(3, 1)
    assert not device.is_stalled(0x86)


@pytest.mark.parametrize("request_type", [0x21, 0xA1, 0x41, 0xC1, 0x40, 0x20])
def test_class_request_to_nobody_stalls(request_type: int) -> None:
    assert modem().control(Setup(request_type, 0x99, 0, 17, 0), b"") is None


@given(
    st.tuples(*[st.integers(0, 255)] * 2, *[st.integers(0, 0xFFFF)] * 3),
    st.binary(max_size=64),
    st.sampled_from(["storage", "modem"]),
)
@pytest.mark.slow
def test_any_request_is_answered_or_stalled(
    numbers: tuple[int, int, int, int, int], data: bytes, mode: str
) -> None:
    device = load_stick("ms2372h-vodafone").switched(mode, Recorder(), lambda _mode: None)
    device.set_configuration(1)
    setup = Setup(*numbers)
    answer = device.control(setup, data)
    assert answer is None or len(answer) <= setup.length
