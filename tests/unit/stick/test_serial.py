# SPDX-License-Identifier: MIT
"""A serial port on its own: what it says by itself, and that a call is left alone."""

from __future__ import annotations

from modem_image.bench.stick.at import OK, AtPort, Call, Reply
from modem_image.bench.stick.ppp import PppPeer
from modem_image.bench.stick.ppp_packets import PppSettings
from modem_image.bench.stick.serial import PeriodicLine, SerialPort
from modem_image.bench.stick.usb import Setup
from unit.stick.tools import GATEWAY, GUEST, Recorder

BULK_IN, BULK_OUT = 0x82, 0x01
OPEN, CLOSED = Setup(0x21, 0x22, 3, 0, 0), Setup(0x21, 0x22, 0, 0, 0)


class Answering:
    """A modem that connects every dial command and agrees to all else."""

    def execute(self, _port: str, command: str) -> Reply:
        return Reply(final="CONNECT", call=Call(1, "")) if command.startswith("D") else OK


def port(*reports: PeriodicLine) -> tuple[SerialPort, list[bytes]]:
    """A port and what it sends."""
    events = Recorder()
    settings = PppSettings(local=GATEWAY, guest=GUEST, dns=(GATEWAY, GATEWAY))
    made = SerialPort(
        0,
        BULK_IN,
        AtPort("modem", Answering(), events, echo=False),
        lambda _call: PppPeer(settings, lambda _packet: [], events),
        reports,
    )
    sent: list[bytes] = []
    made.bind(lambda _endpoint, data: sent.append(data))
    return made, sent


def test_reports_come_at_their_intervals() -> None:
    serial, sent = port(PeriodicLine("^A:1", 2.0), PeriodicLine("^B:1", 3.0))
    serial.poll(100)
    serial.control(OPEN, b"")
    assert serial.deadline() == 102
    for now in (102, 103, 104):
        serial.poll(now)
    assert b"".join(sent).split() == [b"^A:1", b"^B:1", b"^A:1"]
    serial.control(CLOSED, b"")
    serial.poll(200)
    assert len(sent) == 3


def test_nothing_is_said_into_a_call() -> None:
    serial, sent = port(PeriodicLine("^A:1", 2.0))
    serial.control(OPEN, b"")
    assert serial.data_out(BULK_OUT, b"ATD*99#\r")
    assert sent == [b"\r\nCONNECT\r\n"]
    serial.poll(10)
    serial.reset()
    assert sent == [b"\r\nCONNECT\r\n"], "not even afterwards"
