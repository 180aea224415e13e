# SPDX-License-Identifier: MIT
"""The bulk-only transport, the SCSI commands of a host, and the switch message."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem_image.bench.stick.mass_storage import CBW, CSW, SwitchMessage
from modem_image.bench.stick.stick import StickSettings, Switching, load_stick
from modem_image.bench.stick.usb import Device, Setup
from unit.stick.tools import Recorder

BULK_IN, BULK_OUT = 0x81, 0x01

# usb-modeswitch-data 20191128, HuaweiNewMode (also in modems.toml), and its sister for modem ports.
SWITCH = bytes.fromhex("55534243123456780000000000000011062000000101000100000000000000")
OTHER = bytes.fromhex("55534243123456780000000000000011063000000100010000000000000000")


class Drive:
    """A stick in installer mode, and what happened to it."""

    def __init__(self, settings: StickSettings | None = None) -> None:
        self.events = Recorder()
        self.switches: list[str] = []
        stick = load_stick("ms2372h-vodafone", settings)
        self.device: Device = stick.power_on(self.events, self.switches.append)
        self.device.set_configuration(1)

    def send(self, data: bytes) -> bool:
        return self.device.data_out(BULK_OUT, data)

    def take(self) -> list[bytes]:
        transfers = [transfer.data for transfer in self.device.outgoing]
        assert all(transfer.endpoint == BULK_IN for transfer in self.device.outgoing)
        self.device.outgoing.clear()
        return transfers

    def command(self, block: bytes, length: int = 0, *, is_in: bool = True, tag: int = 1) -> list[bytes]:
        """Send a command; returns the IN transfers, the CSW last."""
        wrapper = CBW.pack(b"USBC", tag, length, 0x80 if is_in else 0, 0, len(block), block.ljust(16, b"\0"))
        assert self.send(wrapper)
        return self.take()

    def sense(self) -> tuple[int, int]:
        """Sense key and additional code of the last failure."""
        data, _ = self.command(bytes.fromhex("030000001200"), 18)
        return data[2], data[12]


def status(csw: bytes) -> tuple[int, int, int]:
    """Tag, residue, status."""
    signature, tag, residue, code = CSW.unpack(csw)
    assert signature == b"USBS"
    return tag, residue, code


def test_inquiry_is_a_removable_cd_rom() -> None:
    data, csw = Drive().command(bytes.fromhex("120000002400"), 36, tag=0x12345678)
    assert data[:8] == bytes.fromhex("058002021f000000")
    assert data[8:] == b"Vodafone" + b"CD ROM(Huawei)  " + b"2.31"
    assert status(csw) == (0x12345678, 0, 0)


def test_a_shorter_answer_leaves_a_residue() -> None:
    data, csw = Drive().command(bytes.fromhex("12000000ff00"), 255)
    assert len(data) == 36
    assert status(csw) == (1, 255 - 36, 0)


def test_no_medium_is_told_by_sense() -> None:
    drive = Drive()
    assert status(drive.command(bytes(6))[-1])[2] == 1
    assert drive.sense() == (0x02, 0x3A)
    assert drive.command(bytes(6)), "and again"


def test_sense_of_a_success_is_no_sense() -> None:
    drive = Drive()
    drive.command(bytes(6))
    drive.command(bytes.fromhex("1e0000000100"))
    assert drive.sense() == (0, 0)


def test_a_failed_read_closes_its_data_stage() -> None:
    assert Drive().command(bytes.fromhex("28000000000000000100"), 2048)[0] == b""


def test_unknown_command_is_invalid() -> None:
    drive = Drive()
    assert status(drive.command(bytes.fromhex("a0"))[-1])[2] == 1
    assert drive.sense() == (0x05, 0x20)


def test_vital_product_data_is_not_offered() -> None:
    drive = Drive()
    assert status(drive.command(bytes.fromhex("12018000ff00"), 255)[-1]) == (1, 255, 1)
    assert drive.sense() == (0x05, 0x24)


def test_data_without_room_is_a_phase_error() -> None:
    (csw,) = Drive().command(bytes.fromhex("120000002400"), 0)
    assert status(csw) == (1, 0, 2)


def test_unwanted_data_is_swallowed_then_refused() -> None:
    drive = Drive()
    assert drive.command(bytes.fromhex("2a00000000000000010000"), 1024, is_in=False) == []
    assert drive.send(bytes(512))
    assert drive.take() == []
    assert drive.send(bytes(512))
    assert status(drive.take()[0]) == (1, 1024, 1)


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"USBC",
        bytes(31),
        b"USBX" + SWITCH[4:],
        CBW.pack(b"USBC", 1, 0, 0, 1, 6, bytes(16)),
        SWITCH + b"\0",
    ],
)
def test_no_wrapper_stalls_until_a_reset(junk: bytes) -> None:
    drive = Drive()
    assert not drive.send(junk)
    assert drive.device.is_stalled(BULK_IN)
    drive.device.control(Setup(0x02, 1, 0, BULK_IN, 0), b"")
    assert drive.device.is_stalled(BULK_IN), "clearing the halt alone does not help (6.6.1)"
    assert drive.device.control(Setup(0x21, 0xFF, 0, 0, 0), b"") == b""
    assert not drive.device.is_stalled(BULK_IN)
    assert status(drive.command(bytes.fromhex("1e00"))[-1])[2] == 0


def test_one_logical_unit() -> None:
    assert Drive().device.control(Setup(0xA1, 0xFE, 0, 0, 1), b"") == b"\0"


def test_the_switch_message_switches() -> None:
    drive = Drive()
    assert drive.send(SWITCH)
    assert drive.switches == ["modem"]
    assert drive.events.names == ["configured", "switch-requested"]
    assert status(drive.take()[0]) == (0x78563412, 0, 0)


def test_the_switch_message_is_known_by_its_content_not_by_its_tag() -> None:
    drive = Drive()
    drive.send(SWITCH[:4] + struct.pack("<I", 99) + SWITCH[8:])
    assert drive.switches == ["modem"]


def test_a_stick_that_does_not_obey_takes_the_message_and_stays() -> None:
    drive = Drive(StickSettings(switching=Switching.IGNORES))
    assert drive.send(SWITCH)
    assert drive.switches == []
    assert drive.events.names[-2:] == ["switch-requested", "switch-ignored"]


def test_another_message_is_refused() -> None:
    drive = Drive()
    assert drive.send(OTHER)
    assert drive.switches == []
    assert drive.events.of("switch-refused") == [{"message": OTHER[15:].hex()}]
    assert status(drive.take()[0])[2] == 1
    assert drive.sense() == (0x05, 0x20)


def test_a_switch_message_has_31_octets() -> None:
    with pytest.raises(ValueError, match="31 octets"):
        SwitchMessage.from_cbw(SWITCH[:-1], "modem")


@given(
    st.lists(
        st.binary(max_size=40)
        | st.builds(lambda block: SWITCH[:15] + block, st.binary(min_size=16, max_size=16))
    )
)
@pytest.mark.slow
def test_any_transfer_is_taken_or_stalls(transfers: list[bytes]) -> None:
    drive = Drive()
    for transfer in transfers:
        assert drive.send(transfer) in (True, False)


@given(st.binary(min_size=1, max_size=16), st.integers(0, 70000), st.booleans())
@pytest.mark.slow
def test_any_command_ends_with_one_status(block: bytes, length: int, is_in: bool) -> None:
    drive = Drive()
    transfers = drive.command(block, length, is_in=is_in)
    if transfers:
        assert status(transfers[-1])[0] == 1
        assert sum(map(len, transfers[:-1])) <= length
    else:
        assert length, "only data of the host may keep the status waiting"
        assert not is_in
