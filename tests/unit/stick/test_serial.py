# SPDX-License-Identifier: MIT
"""A serial port on its own: what it says by itself, and that a call is left alone."""

from __future__ import annotations

from modem_image.bench.stick.air import Air
from modem_image.bench.stick.at import OK, AtPort, Call, Reply
from modem_image.bench.stick.data import load
from modem_image.bench.stick.modem import Modem, Registration
from modem_image.bench.stick.ppp import PppPeer
from modem_image.bench.stick.ppp_packets import PppSettings
from modem_image.bench.stick.serial import PeriodicLine, SerialPort
from modem_image.bench.stick.sim import SimState
from modem_image.bench.stick.stick import world_of
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


def lively(
    air: Air, sim: SimState = SimState.READY
) -> tuple[SerialPort, SerialPort, list[bytes], list[bytes]]:
    """The modem port and the PCUI port of one modem, and what each sends."""
    events, profile = Recorder(), load("ms2372h")
    home = Registration.HOME
    modem = Modem(profile.modem, sim=SimState.READY, pin="0000", registration=home, emit=events, air=air)
    settings = PppSettings(local=GATEWAY, guest=GUEST, dns=(GATEWAY, GATEWAY))
    made, outputs = [], []
    for name in ("modem", "pcui"):
        one = SerialPort(
            0,
            BULK_IN,
            AtPort(name, modem, events, echo=False),
            lambda _call: PppPeer(settings, lambda _packet: [], events),
            world=world_of(modem, name),
        )
        sent: list[bytes] = []
        one.bind(lambda _endpoint, data, sent=sent: sent.append(data))  # type: ignore[misc]
        made.append(one)
        outputs.append(sent)
    return made[0], made[1], outputs[0], outputs[1]


def test_a_network_that_goes_is_told_by_pcui_and_ends_the_call() -> None:
    air = Air()
    modem, pcui, call, told = lively(air)
    pcui.data_out(BULK_OUT, b"AT+CREG=1\r")
    modem.data_out(BULK_OUT, b"ATD*99#\r")
    air.covered = False
    for port_ in (modem, pcui):
        port_.poll(10.0)
    assert told[-1] == b"\r\n+CREG: 2\r\n"
    assert call[-1].startswith(b"~") and b"NO CARRIER" not in call[-1], "Terminate-Request first"
    assert modem.deadline() == 12.0
    modem.poll(12.0)
    assert call[-1] == b"\r\nNO CARRIER\r\n"
    modem.data_out(BULK_OUT, b"ATD*99#\r")
    assert call[-1] == b"\r\nNO CARRIER\r\n", "there is no network to dial"
    air.covered = True
    pcui.poll(20.0)
    assert told[-1] == b"\r\n+CREG: 1\r\n"
    modem.data_out(BULK_OUT, b"ATD*99#\r")
    assert b"CONNECT" in call[-1]


def test_a_context_that_the_network_ends_ends_calls_and_not_the_registration() -> None:
    air = Air()
    modem, pcui, call, told = lively(air)
    pcui.data_out(BULK_OUT, b"AT+CREG=1\rAT^NDISDUP=1,1\r")
    modem.data_out(BULK_OUT, b"ATD*99#\r")
    air.drops += 1
    for now in (1.0, 4.0):
        modem.poll(now)
        pcui.poll(now)
    assert call[-1] == b"\r\nNO CARRIER\r\n"
    assert told[-1] == b'\r\n^NDISSTAT:0,,,"IPV4"\r\n'
    modem.data_out(BULK_OUT, b"ATD*99#\r")
    modem.poll(9.0)
    assert b"CONNECT" in call[-1], "the next call lives"


def test_a_weak_signal_is_read() -> None:
    air = Air(signal=3)
    _, pcui, _, told = lively(air)
    pcui.data_out(BULK_OUT, b"AT+CSQ\r")
    assert b"+CSQ: 3,99" in told[-1]
    assert [Air(lost_each=4).passes() for _ in range(2)] == [True, True]
    weak = Air(lost_each=4)
    assert [weak.passes() for _ in range(8)].count(False) == 2


def test_nothing_is_said_into_a_call() -> None:
    serial, sent = port(PeriodicLine("^A:1", 2.0))
    serial.control(OPEN, b"")
    assert serial.data_out(BULK_OUT, b"ATD*99#\r")
    assert sent == [b"\r\nCONNECT\r\n"]
    serial.poll(10)
    serial.reset()
    assert sent == [b"\r\nCONNECT\r\n"], "not even afterwards"
