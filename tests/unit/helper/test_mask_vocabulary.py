# SPDX-License-Identifier: MIT
"""A line of a known program leaves in the words that this program has in its sources, and in no others.

The oracle is the tables of messages (doctor/messages), taken from the sources by themselves: in the place of
each text that changes stands a word that no program has.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from huawei_modem import capture
from huawei_modem.mask import Masker, files, logs, vocabulary
from huawei_modem.transcript import quoted
from modem_image.render import messages
from unit.helper.samples import healthy
from unit.helper.test_leaks import held
from unit.helper.test_mask_logs import NEEDED, NEEDED_OF_KERNEL

SOMEBODY = "Quakfrosch"
PROGRAMS = {
    "kernel": "kernel",
    "modules": "kernel",
    "ofono": "ofonod",
    "connman": "connmand",
    "ppp": "pppd",
    "chat": "chat",
    "usb_modeswitch": "usb_modeswitch",
    "modemmanager": "ModemManager",
    "systemd": "systemd",
}
NUMBERS = {
    "d": "3",
    "x": "1f",
    "a": "192.0.2.7",
    "p": "1-1.2",
    "i": "1-1.2:1.0",
    "n": "wwan0",
    "c": "0:0:0:0",
}
"""What stands in the place of a number, an address or a port."""


def filled(text: str) -> str:
    """A message with a word of somebody's in each place that is open to any text."""
    shown = re.sub(r"%([a-zA-Z])", lambda found: NUMBERS.get(found[1], SOMEBODY), text)
    return shown if SOMEBODY in shown else f"{shown} {SOMEBODY}"


@pytest.mark.parametrize("table", PROGRAMS)
def test_no_message_of_a_program_lets_anything_out_but_its_own_words(table: str) -> None:
    rows = [row for row in messages.rows() if row.program == table]
    assert len(rows) > 20
    left = {}
    for row in rows:
        line = filled(row.text)
        shown = vocabulary.shown(line, PROGRAMS[table] == "kernel")
        if SOMEBODY in shown:
            left[row.text] = shown
    assert left == {}


@pytest.mark.parametrize("table", [name for name in PROGRAMS if name != "modemmanager"])
def test_all_words_of_the_tables_are_known(table: str) -> None:
    """Of ModemManager's 4,000 messages those that few lines have are not."""
    fixed = " ".join(re.sub(r"%[a-zA-Z]", " ", row.text) for row in messages.rows() if row.program == table)
    words = {word.lower() for word in re.findall(r"(?<![\w%])[A-Za-z][a-z]+(?![\w])", fixed)}
    unknown = {word for word in words if not vocabulary.knows(word)}
    assert unknown == set()


@pytest.mark.parametrize("line", [*NEEDED, *(f"kernel: {line}" for line in NEEDED_OF_KERNEL)])
def test_what_a_diagnosis_needs_stays(line: str) -> None:
    program, _, message = line.partition(": ")
    kept = vocabulary.shown(message, program == "kernel").replace("[masked]@[masked]", "oe@host")
    assert kept.replace("([masked])", "(oe@host)") == message


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('Peer "quakfrosch" authenticated with CHAP', 'Peer "[masked]" authenticated with CHAP'),
        ("network 'My Quakfrosch' connected", "network '[masked]' connected"),
        ("can't open the device, didn't answer", "can't open the device, didn't answer"),
        ("user max.quakfrosch@home connected", "user [masked] connected"),
        ("number 030231257 is busy", "number [masked] is busy"),
        ("Sent 12345678 bytes, received 87654321 bytes.", "Sent 12345678 bytes, received 87654321 bytes."),
        ("position 48.13715, 11.57612", "position [masked], [masked]"),
        ("IP address 192.0.2.45 set", "IP address 192.0.2.45 set"),
        ("key 9f3a6bc1d2 set", "key [masked] set"),
        ("object 0x55d0c8a0f2e0 removed", "object 0x55d0c8a0f2e0 removed"),
        ("value 0x1bdcaeb2b4c8e set", "value [masked] set"),
        *[
            (f"value {row} set", "value [masked] set")
            for row in (
                "=34=39=30=31=35=34",
                "112 102 108 97 117 109",
                "112, 102, 108, 97, 117, 109",
                "0x70,0x66,0x6c,0x61,0x75,0x6d",
                "p f l a u m e",
                "p, f, l, a, u, m, e",
                "490,154,203,237,518",
            )
        ],
        ("value 1 2 3 of 0x12 set", "value 1 2 3 of 0x12 set"),
        ("für Müller connected", "[masked] [masked] connected"),
        ("LocationAreaCode changed", "LocationAreaCode changed"),
        ("AnnaQuakfrosch changed", "[masked] changed"),
        ("secret12345 set", "[masked] set"),
        ("ttyUSB2 is the modem E3372h-153", "ttyUSB2 is the modem E3372h-153"),
        ('Pcui: < \\r\\n+COPS: 0,0,"Quak.de",7\\r\\n', 'Pcui: < \\r\\n+COPS: 0,0,"Quak.de",7\\r\\n'),
    ],
)
def test_words_numbers_and_names(line: str, shown: str) -> None:
    assert vocabulary.shown(line, of_kernel=False) == shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        # Names that routers and boards have from their makers: words and a piece of an address or a number.
        ("Online check failed for HUAWEI-B535-4F2C", "Online check failed for [masked]"),
        ("network WLAN-482913 connected", "network [masked] connected"),
        ("network AndroidAP_4321 connected", "network [masked] connected"),
        ("network DIRECT-7F-HP connected", "network [masked] connected"),
        ("host imx7-4711 set", "host [masked] set"),
        ("context1 of usb1-port2 is active", "context1 of usb1-port2 is active"),
        # Secrets and numbers that are digits and marks.
        ("value 482-913-77-1 set", "value [masked] set"),
        ("login as 4711-22", "login as [masked]"),
        ("src/sim.c:sim_enter_pin() pin type pin, 0824", "src/sim.c:sim_enter_pin() pin type pin, [masked]"),
        ("port 1-1.2:1.0 at 08:00:01, 192.0.2.1/24, 1.42", "port 1-1.2:1.0 at 08:00:01, 192.0.2.1/24, 1.42"),
        ("mtu 1500 speed 115200 flags 69699", "mtu 1500 speed 115200 flags 69699"),
        # What people and networks write, in a dialogue; octets.
        ("Aux: < call home now the code is 4", "Aux: < [masked]"),
        ("Aux: < \\r\\nOK\\r\\ncall home now\\r\\n", "Aux: < \\r\\nOK\\r\\n[masked]\\r\\n"),
        ("Pcui: > AT+CFUN=1\\r", "Pcui: > AT+CFUN=1\\r"),
        ("(ttyUSB2): <-- '<CR><LF>NO CARRIER<CR><LF>'", "(ttyUSB2): <-- '<CR><LF>NO CARRIER<CR><LF>'"),
        ("(ttyUSB2): <-- '<CR><LF>call home now<CR><LF>'", "(ttyUSB2): <-- '<CR><LF>[masked]<CR><LF>'"),
        ("MBIM:  00 00 54 00 65 00 73 00 74 00  ..T.e.s.t.", "MBIM:  [masked]"),
    ],
)
def test_what_is_made_of_words_and_digits(line: str, shown: str) -> None:
    assert vocabulary.shown(line, of_kernel=False) == shown


def test_the_kernel_prints_numbers_of_any_size_and_nobody() -> None:
    line = "scsi 0:0:0:0: Direct-Access Quakfrosch Stick 2.31 PQ: 0 ANSI: 2, 15523840 512-byte logical blocks"
    assert vocabulary.shown(line, of_kernel=True) == line.replace("Quakfrosch", "[masked]")


@pytest.mark.parametrize(
    ("pattern", "line", "shown"),
    [
        (
            "etc/udev/rules.d/*.rules",
            'OWNER="quakfrosch", GROUP="dialout"',
            'OWNER="[masked]", GROUP="dialout"',
        ),
        ("etc/udev/rules.d/*.rules", 'SYMLINK+="modem-frosch"', 'SYMLINK+="[masked]"'),
        ("etc/udev/rules.d/*.rules", 'RUN+="/home/quakfrosch/run.sh frosch"', 'RUN+="… …"'),
        ("etc/udev/rules.d/*.rules", 'RUN+="/usr/bin/huawei-modem bind"', 'RUN+="/usr/bin/huawei-modem …"'),
        ("etc/huawei-modem/config.ini", "[quakfrosch]", "[…]"),
        ("etc/huawei-modem/config.ini", "[sim]", "[sim]"),
    ],
)
def test_files_too_leave_in_words_that_are_known(pattern: str, line: str, shown: str) -> None:
    assert list(files.FILES[pattern]([line], Masker())) == [shown]


def test_names_of_access_points_may_leave() -> None:
    assert vocabulary.shown("apn quak.frosch", False, {"quak.frosch"}) == "apn quak.frosch"
    assert vocabulary.shown("apn quak.frosch", False) == "apn [masked]"


def test_the_words_are_those_of_the_list() -> None:
    known = vocabulary.words()
    assert len(known) > 7000
    assert all(map(vocabulary.knows, known))


def test_nobody_is_called_like_a_driver() -> None:
    """Of the commonest names those alone are words of programs that are English words too."""
    names = (
        "anna maria hans peter thomas michael david daniel john paul laura julia lisa mary jan grace berlin "
        "matthew sara sofia kim sam ted toby lara elsa terri rory aurora smith hudson zhu dundee"
    )
    assert [name for name in names.split() if vocabulary.knows(name)] == []


@pytest.mark.parametrize(
    "line",
    [
        "pppd[9]: Peer Quakfrosch authenticated with CHAP",
        "Nov 30 08:00:01 board pppd[9]: Peer Quakfrosch authenticated with CHAP",
        "[   12.345678] usb 1-1: Product: Quakfrosch",
        "Nov 30 08:00:01 board kernel: [   12.345678] usb 1-1: Product: Quakfrosch",
    ],
)
def test_a_pasted_line_with_its_program_is_quoted_in_its_words(line: str) -> None:
    assert quoted.line(line) == line.replace("Quakfrosch", "[masked]")


@pytest.mark.parametrize("host", ["", "board ", "[masked-1] "])
def test_a_journal_says_whose_words_a_line_has_whatever_the_host_is_called(host: str) -> None:
    head = f"[   10.000001] {host}ofonod[3]: "
    assert [*logs.journal_in_own_words([f"{head}login as 4711-22, key 482913"], ())] == [
        f"{head}login as [masked], key [masked]"
    ]


@pytest.mark.parametrize(
    "line", ["Mein Stick wird nicht erkannt", "bash: usb_modeswitch: Befehl nicht gefunden"]
)
def test_what_a_person_says_is_quoted_in_common_words(line: str) -> None:
    assert quoted.line(line) == line


def test_a_capture_has_no_word_that_its_programs_do_not_have(tmp_path: Path) -> None:
    journal = "[   10.000001] ofonod[3]: Quakfrosch\n              Kaulquappe Molch\n"
    kernel = "[   11.000001] usb 1-1: Manufacturer: Quakfrosch\n"
    running = capture.Live(None, {"journalctl.txt": journal, "dmesg.txt": kernel})
    capture.write(tmp_path / "report.tar.gz", tmp_path, healthy(), Masker(), running)
    members = held(tmp_path / "report.tar.gz")
    assert (
        members["journalctl.txt"] == "[   10.000001] ofonod[3]: [masked]\n              [masked] [masked]\n"
    )
    assert members["dmesg.txt"] == "[   11.000001] usb 1-1: Manufacturer: [masked]\n"
    assert "[masked]: word that its program does not use" in members["masked.txt"]
