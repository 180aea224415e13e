# SPDX-License-Identifier: MIT
"""The AT language (V.250) and the modem behind it (TS 27.007)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem_image.bench.stick import data
from modem_image.bench.stick.at import MAX_LINE, AtPort, Call, Form, parse_extended, split_line
from modem_image.bench.stick.modem import Modem, ModemProfile, NdisDup, Registration
from modem_image.bench.stick.network import lease_text
from modem_image.bench.stick.sim import SimState
from unit.stick.tools import Recorder, lines

PROFILE = data.load("ms2372h-vodafone").modem
LEASE = "0200400A,00FFFFFF,0100400A,0100400A,0100400A,0300400A,43200000,43200000"
REGISTERED = '1,"1A2B","00C3D4E5",7'


class Ports:
    """A modem with its two AT ports, echo off."""

    def __init__(
        self,
        sim: SimState = SimState.READY,
        registration: Registration = Registration.HOME,
        profile: ModemProfile = PROFILE,
        ndisdup: NdisDup = NdisDup.WORKS,
        lease: str | None = LEASE,
    ) -> None:
        self.events = Recorder()
        self.modem = Modem(
            profile,
            sim=sim,
            pin="1234",
            registration=registration,
            emit=self.events,
            ndisdup=ndisdup,
            lease=lease,
        )
        self.ports = {
            name: AtPort(name, self.modem, self.events, echo=False) for name in ("pcui", "modem", "ncm")
        }

    def ask(self, command: str, port: str = "pcui") -> list[str]:
        """What the port says to a command line."""
        self.ports[port].feed(command.encode() + b"\r")
        return lines(self.ports[port].take_output())


@pytest.mark.parametrize(
    ("body", "commands"),
    [
        ("", []),
        ("E0 +CMEE=1", ["E0", "+CMEE=1"]),
        ("E0;+CMEE=1;;+CSQ", ["E0", "+CMEE=1", "+CSQ"]),
        ("&F0V1S0=0", ["&F0", "V1", "S0=0"]),
        ('+CGDCONT=1,"IP","a;b c";+CSQ', ['+CGDCONT=1,"IP","a;b c"', "+CSQ"]),
        ("D*99***1#;+CSQ", ["D*99***1#;+CSQ"]),
        ("+ CFUN = 1", ["+CFUN=1"]),
        ('+COPS="open', ['+COPS="open']),
        ("?!", ["?!"]),
    ],
)
def test_command_lines(body: str, commands: list[str]) -> None:
    assert split_line(body) == commands


def test_extended_commands() -> None:
    command = parse_extended('+cgdcont=1,"IP","a,b",,7')
    assert command is not None
    assert (command.name, command.form) == ("+CGDCONT", Form.SET)
    assert command.arguments == ("1", "IP", "a,b", "", "7")
    assert (command.number(0), command.number(1), command.number(3, 5), command.number(9)) == (1, -1, 5, -1)
    assert parse_extended("+CREG?x") is None
    assert parse_extended("E0") is None


def test_echo_is_as_typed_until_it_is_off() -> None:
    ports = Ports()
    port = AtPort("pcui", ports.modem, ports.events)
    port.feed(b"at")
    assert port.take_output() == b"at"
    port.feed(b"E0\rAT\r")
    assert port.take_output() == b"E0\r\r\nOK\r\n\r\nOK\r\n"


def test_what_is_no_command_line_is_ignored() -> None:
    assert Ports().ask("hello") == []


def test_a_line_too_long_is_an_error_and_the_next_one_counts() -> None:
    ports = Ports()
    assert ports.ask("AT" + "X" * MAX_LINE) == ["ERROR"]
    assert ports.ask("AT") == ["OK"]


def test_the_first_failure_ends_the_line() -> None:
    assert Ports().ask("AT+CSQ;+NONSENSE;+CSQ") == ["+CSQ: 20,99", "ERROR"]


@pytest.mark.parametrize(
    ("form", "final"),
    [("0", "ERROR"), ("1", "+CME ERROR: 10"), ("2", "+CME ERROR: SIM not inserted")],
)
def test_error_forms(form: str, final: str) -> None:
    ports = Ports(sim=SimState.ABSENT)
    ports.ask(f"AT+CMEE={form}")
    assert ports.ask("AT+CPIN?") == [final]


def test_ports_report_their_first_command_and_each_one() -> None:
    ports = Ports()
    ports.ask("AT")
    ports.ask('AT+CPIN="0000"', port="modem")
    assert ports.events.of("at-opened") == [{"port": "pcui"}, {"port": "modem"}]
    assert ports.events.of("at-command")[1] == {"port": "modem", "command": "AT+CPIN=***", "final": "ERROR"}


# The rows without which oFono 1.31 does not reach an active context (measured).
OFONO = [
    ("ATI", "+GCAP: +CGSM,+DS,+ES"),
    ("AT+CFUN=1", "OK"),
    ("AT^SYSINFO", "^SYSINFO:2,3,0,17,1,,5"),
    ("AT+CPIN?", "+CPIN: READY"),
    ("AT+CIMI", "001010123456789"),
    ("AT+CREG=?", "+CREG: (0-2)"),
    ("AT+CREG=2", "OK"),
    ("AT+CREG?", "+CREG: 2," + REGISTERED),
    ("AT+CGDCONT=?", '+CGDCONT: (1-16),"IP",,,(0-2),(0-3)'),
    ("AT+CGREG=?", "+CGREG: (0-2)"),
    ("AT+CGREG=2", "OK"),
    ("AT+CGREG?", "+CGREG: 2," + REGISTERED),
    ("AT+CFUN=7", "OK"),
]


def test_dialogue_of_ofono() -> None:
    ports = Ports()
    for command, expected in OFONO:
        answer = ports.ask(command)
        assert expected in answer
        assert "OK" in answer
    assert ports.events.of("functionality") == [{"value": 1}, {"value": 7}]
    assert [detail["command"] for detail in ports.events.of("registration-read")] == ["+CREG", "+CGREG"]
    assert len(ports.events.of("sim-read")) == 1


def test_radio_off_is_not_registered_and_coming_back_is_told() -> None:
    ports = Ports()
    ports.ask("AT+CREG=2")
    assert ports.ask("AT+CFUN=7") == ["OK", "+CREG: 0"]
    assert ports.ask("AT+CREG?") == ["+CREG: 2,0", "OK"]
    assert ports.ask("AT+COPS?") == ["+COPS: 0", "OK"]
    assert ports.ask("AT+CFUN=1") == ["OK", "+CREG: " + REGISTERED]
    assert ports.ask("AT+CFUN=9") == ["ERROR"]


@pytest.mark.parametrize(
    ("registration", "stat"), [(Registration.DENIED, "3"), (Registration.SEARCHING, "2")]
)
def test_a_network_that_does_not_register(registration: Registration, stat: str) -> None:
    ports = Ports(registration=registration)
    ports.ask("AT+CREG=2")
    assert ports.ask("AT+CREG?") == [f"+CREG: 2,{stat}", "OK"]
    assert ports.ask("AT^SYSINFO") == ["^SYSINFO:0,0,0,17,1,,5", "OK"]
    assert ports.ask("ATD*99***1#", port="modem") == ["NO CARRIER"]
    assert ports.events.of("registration-read") == []


def test_operator_formats() -> None:
    ports = Ports()
    assert ports.ask("AT+COPS?") == ['+COPS: 0,0,"Test Network",7', "OK"]
    ports.ask("AT+COPS=3,2")
    assert ports.ask("AT+COPS?") == ['+COPS: 0,2,"00101",7', "OK"]
    assert ports.ask("AT+COPS=2") == ["OK"]
    assert ports.ask("AT+COPS?") == ["+COPS: 0", "OK"]
    assert ports.ask('AT+COPS=1,2,"00102"') == ["ERROR"]
    assert ports.ask('AT+COPS=1,2,"00101"') == ["OK"]


def test_a_locked_sim_opens_with_its_pin() -> None:
    ports = Ports(sim=SimState.PIN)
    ports.ask("AT+CMEE=1")
    assert ports.ask("AT+CPIN?") == ["+CPIN: SIM PIN", "OK"]
    assert ports.ask("AT+CIMI") == ["+CME ERROR: 11"]
    assert ports.ask('AT+CPIN="9999"') == ["+CME ERROR: 16"]
    assert ports.ask("AT^CPIN?") == ["^CPIN:SIM PIN,,10,2,10,3", "OK"]
    assert ports.ask('AT+CPIN="1234"') == ["OK", "^SIMST:1"]
    assert ports.ask("AT+CIMI") == ["001010123456789", "OK"]


def test_three_wrong_pins_lock_the_sim() -> None:
    ports = Ports(sim=SimState.PIN)
    for _ in range(3):
        ports.ask('AT+CPIN="9999"')
    assert ports.ask("AT+CPIN?") == ["+CPIN: SIM PUK", "OK"]
    assert ports.ask('AT+CPIN="1234"') == ["ERROR"]


def test_no_sim() -> None:
    ports = Ports(sim=SimState.ABSENT)
    assert ports.ask("AT^SYSINFO") == ["^SYSINFO:0,0,0,17,255,,5", "OK"]
    assert ports.ask("AT+CIMI") == ["ERROR"]
    assert ports.ask("AT+CRSM=192,12258") == ["ERROR"]


def test_sim_files() -> None:
    ports = Ports()
    assert ports.ask("AT+CRSM=192,12258,0,0,255") == ['+CRSM: 144,0,"0000000A2FE2040000FFFF01020000"', "OK"]
    # Nibbles are swapped; 19 digits are filled with F (TS 51.011, 10.1.1).
    assert ports.ask("AT+CRSM=176,12258,0,0,10") == ['+CRSM: 144,0,"988812010000000000F1"', "OK"]
    assert ports.ask("AT+CRSM=176,28589,0,0,4") == ['+CRSM: 144,0,"00000002"', "OK"], "MNC of two digits"
    assert ports.ask("AT+CRSM=192,28486") == ["+CRSM: 148,4", "OK"]
    assert ports.ask("AT+CRSM=214,12258,0,0,1,AA") == ["+CRSM: 152,4", "OK"]
    assert ports.ask("AT+CRSM=176,12258,0,99,1") == ["+CRSM: 148,2", "OK"]
    assert ports.ask("AT+CRSM=176") == ["ERROR"]


def test_contexts_are_kept_and_dialled() -> None:
    ports = Ports()
    assert ports.ask('AT+CGDCONT=1,"IP","internet.example"') == ["OK"]
    assert ports.ask("AT+CGDCONT?") == ['+CGDCONT: 1,"IP","internet.example","0.0.0.0",0,0', "OK"]
    assert ports.ask("ATD*99***1#", port="modem") == ["CONNECT 150000000"]
    assert ports.ports["modem"].call == Call(1, "internet.example")
    assert ports.events.of("context-defined") == [{"cid": 1, "apn": "internet.example"}]
    assert ports.events.of("dialled") == [{"port": "modem", "cid": 1, "apn": "internet.example"}]


def test_a_deleted_context_has_no_apn() -> None:
    ports = Ports()
    ports.ask('AT+CGDCONT=3,"IP","internet.example"')
    ports.ask("AT+CGDCONT=3")
    assert ports.ask("AT+CGDCONT?") == ["OK"]
    ports.ask("ATD*99*1.2.3.4*PPP*3#", port="modem")
    assert ports.ports["modem"].call == Call(3, "")


def test_input_after_the_dial_command_is_left_for_the_call() -> None:
    port = Ports().ports["modem"]
    assert port.feed(b"ATDT*99#\r\x7e\xff") == b"\x7e\xff"
    assert port.call == Call(1, "")


@pytest.mark.parametrize(
    ("port", "command", "final"),
    [
        ("pcui", "ATD*99***1#", "ERROR"),
        ("modem", "ATD+15550100;", "NO CARRIER"),
        ("modem", "ATD*99***1", "NO CARRIER"),
    ],
)
def test_only_packet_calls_on_the_modem_port(port: str, command: str, final: str) -> None:
    assert Ports().ask(command, port) == [final]


def test_a_stick_that_refuses_calls_on_its_network_port() -> None:
    ports = Ports(ndisdup=NdisDup.REFUSED)
    assert ports.ask('AT^NDISDUP=1,1,"internet.example"') == ["ERROR"]
    assert ports.modem.network_port_call is None
    assert ports.ask("ATD*99***1#", "modem")[0].startswith("CONNECT")


def test_call_of_the_network_port() -> None:
    ports = Ports()
    assert ports.ask('AT^NDISDUP=1,1,"internet.example"') == ["OK", '^NDISSTAT:1,,,"IPV4"']
    assert ports.modem.network_port_call == Call(1, "internet.example")
    assert ports.ask("AT^NDISSTATQRY?") == ['^NDISSTATQRY:1,,,"IPV4"', "OK"]
    assert ports.ask("AT^NDISDUP=1,0") == ["OK", '^NDISSTAT:0,,,"IPV4"']
    assert ports.modem.network_port_call is None


def test_the_address_of_a_call_is_told_while_there_is_one() -> None:
    ports = Ports()
    assert ports.ask("AT^DHCP?") == ["ERROR"]
    ports.ask('AT^NDISDUP=1,1,"internet.example"')
    assert ports.ask("AT^DHCP?") == [f"^DHCP: {LEASE}", "OK"]
    assert ports.ask("AT^DHCP=1") == ["ERROR"]


def test_the_address_is_that_of_the_emulated_network() -> None:
    assert lease_text(data.load("ms2372h-vodafone").network) == LEASE


def test_a_stick_that_does_not_tell_the_address() -> None:
    ports = Ports(lease=None)
    ports.ask('AT^NDISDUP=1,1,"internet.example"')
    assert ports.ask("AT^DHCP?") == ["ERROR"]


def test_periodic_reports_can_be_turned_off() -> None:
    ports = Ports()
    assert ports.ask("AT^CURC?") == ["^CURC:1", "OK"]
    assert ports.ask("AT^CURC=0") == ["OK"]
    assert not ports.modem.periodic_reports
    assert ports.ask("AT^CURC=5") == ["ERROR"]


def test_every_row_of_the_table_can_be_formatted() -> None:
    fields = Ports().modem.fields()
    for row in PROFILE.rows:
        assert row.reply(fields).final


@given(st.lists(st.binary(max_size=60)), st.sampled_from(list(SimState)))
def test_any_input_is_answered(pieces: list[bytes], sim: SimState) -> None:
    port = Ports(sim=sim).ports["modem"]
    for piece in pieces:
        port.feed(piece)
        port.hang_up()
    assert len(port.take_output()) < 1 << 20


NAMES = [
    "+CFUN",
    "+CPIN",
    "+CIMI",
    "+CRSM",
    "+CREG",
    "+CGREG",
    "+COPS",
    "+CGDCONT",
    "^NDISDUP",
    "^DHCP",
    "^CURC",
    "D",
    "+CMEE",
    "S0",
]
ARGUMENTS = st.text(alphabet='0123456789",;=?*# Aa\u00b2', max_size=20)


@given(st.sampled_from(NAMES), ARGUMENTS, st.sampled_from(list(SimState)))
def test_any_arguments_end_with_one_final_code(name: str, arguments: str, sim: SimState) -> None:
    ports = Ports(sim=sim)
    line = f"AT{name}{arguments}".encode("latin-1") + b"\r"
    ports.ports["modem"].feed(line)
    (detail,) = ports.events.of("at-command")
    final = str(detail["final"])
    assert final in ("OK", "ERROR", "NO CARRIER") or final.startswith(("+CME ERROR: ", "CONNECT"))
