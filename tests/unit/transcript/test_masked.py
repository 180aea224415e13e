# SPDX-License-Identifier: MIT
"""What a text gives to titles, remedies, the next step and facts is masked as a line that is quoted."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

import pytest

from huawei_modem.catalogue import catalogue, found
from huawei_modem.report import Evidence, Report, to_text
from huawei_modem.transcript import doctor, messages
from huawei_modem.transcript.pasted import masker
from modem_image.doctor.page import to_html

from .test_corpus import DATABASE, cases
from .test_messages import SAMPLES

PIN, USER, WORD = "617483", "qvortz", "schlossgarten"
PLANTED = (PIN, USER, WORD)


def left(text: str) -> list[str]:
    """Which of the planted values leave, in whichever form of the report."""
    report = doctor.report(doctor.read([("paste", text.splitlines())]), "paste", DATABASE)
    return left_in(report)


def test_the_name_of_one_of_two_systems_is_masked_in_titles_too() -> None:
    imei = "490154203237518"
    lines = [
        line
        for host, runs in ((f"a-{imei}", "6.1.0"), (f"b-{imei}", "6.1.55"))
        for line in (f"root@{host}:~# uname -r", runs, f"root@{host}:~# ls /lib/modules", "6.0.0")
    ]
    report = doctor.report(doctor.read([("paste", lines)]), "paste", DATABASE)
    assert [finding.code for finding in report.findings] == ["modules-mismatch"] * 2
    assert all("(on " in finding.title for finding in report.findings)
    assert imei not in to_text(report, width=2000) + report.to_json() + to_html(report, "")


def left_in(report: Report) -> list[str]:
    said = "\n".join(
        (to_text(report, width=2000), report.to_json(), to_html(report, ""), doctor.closing(report))
    )
    return [value for value in PLANTED if value in said]


@pytest.mark.parametrize(
    "text",
    [
        f'AT+CPIN="{PIN}"\nERROR\n',
        f'AT+CPWD="SC","{PIN}","9999"\nERROR\n',
        f'AT+CLCK="SC",1,"{PIN}"\nERROR\n',
        f"ATD+12025{PIN};\nERROR\n",
        f'AT+CMGS="+447700{PIN}"\nERROR\n',
        f'AT^CARDLOCK="{PIN}"\nERROR\n',
        f'AT^AUTHDATA=1,1,"","{WORD}","{USER}"\nERROR\n',
        f'AT+CGAUTH=1,1,"{USER}","{WORD}"\nERROR\n',
        f'AT^NDISDUP=1,1,"internet","{USER}","{WORD}"\nERROR\n',
        f'AT+CUSD=1,"*100*{PIN}#",15\nERROR\n',
        f"AT+CPIN={PIN},{PIN}\nERROR\n",
        f'AT+EGMR=1,7,"490154203{PIN}"\nERROR\n',
        f'AT+CPBW=1,"+447700{PIN}",145,"{USER}"\nERROR\n',
        f"bash: /home/{USER}/usb_modeswitch: Permission denied\n",
        f"-bash: /home/{USER}/bin/pppd: cannot execute binary file: Exec format error\n",
        f"sh: /media/{USER}/wvdial: not found\n",
        f"sh: /run/media/{USER}/wvdial: not found\n",
        f"bash: /usr/home/{USER}/usb_modeswitch: No such file or directory\n",
        f"Nov 30 17:00:01 pi pppd[11]: unrecognized option '{WORD}'\n",
        f"Nov 30 17:00:01 pi pppd[11]: In file /etc/ppp/options: unrecognized option '{WORD}'\n",
        f"pppd: In file /etc/ppp/peers/umts: unrecognized option '{WORD}'\n",
        f"/usr/sbin/pppd: unrecognized option '{WORD}'\n",
        f"Nov 30 17:00:01 pi pppd[11]: CHAP authentication failed: {WORD} unbekannt\n",
        f"ping: {WORD}.dyndns.example: Temporary failure in name resolution\n",
        f"ping: {WORD}.ddns.net: Name or service not known\n",
        f"ping: bad address '{WORD}.ddns.net'\n",
        f"ping: unknown host {WORD}.ddns.net\n",
        f"curl: (6) Could not resolve host: {WORD}.google.com.ddns.net\n",
        f"wget: unable to resolve host address '{WORD}.ddns.net'\n",
        f"nslookup: can't resolve '{WORD}.ddns.net': Name or service not known\n",
        f"** server can't find {WORD}.ddns.net: SERVFAIL\n",
    ],
)
def test_what_a_person_wrote_is_not_repeated_in_what_to_do(text: str) -> None:
    assert left(text) == []


def test_the_message_of_a_remedy_can_be_typed() -> None:
    """usb_modeswitch's, of 31 octets, is no number of anybody's."""
    text = ["I want ttyUSB ports", "usb 1-1.2: New USB device found, idVendor=12d1, idProduct=14dc"]
    report = doctor.report(doctor.read([("log", text)]), "log", DATABASE)
    assert "55534243123456780000000000000011063000000000010000000000000000" in report.to_json()


@pytest.mark.parametrize("server", ["google.com", "www.google.co.uk", "0.pool.ntp.org", "www.debian.org"])
def test_a_public_server_s_name_is_shown(server: str) -> None:
    line = f"ping: bad address '{server}'"
    assert line in doctor.report(doctor.read([("paste", [line])]), "paste", DATABASE).to_json()


def test_the_command_of_a_remedy_keeps_its_name() -> None:
    history = doctor.read([("paste", [f'AT+CPIN="{PIN}"', "ERROR"])])
    assert 'AT+CMEE=2, then AT+CPIN="[masked-1]"' in doctor.report(history, "paste", DATABASE).facts["next"]


def worded() -> Iterator[tuple[str, dict[str, str]]]:
    """Each finding whose words have places, with their names."""
    for code, entry in catalogue().items():
        for kind, (_severity, title, steps) in entry.get("kinds", {}).items():
            names = {name for text in (title, *steps) for _, name, _, _ in string.Formatter().parse(text)}
            if names := {name for name in names if name}:
                yield f"{code}:{kind}", dict.fromkeys(names, "")


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("ERROR", f'AT+CPIN="{PIN}"; AT+CGAUTH=1,1,"{USER}","{WORD}"'),
        (f"bash: /home/{USER}/pppd: Permission denied", f"/home/{USER}/pppd"),
        (f"Nov 30 17:00:01 pi pppd[11]: unrecognized option '{WORD}'", f"unrecognized option '{WORD}'"),
        (f"Nov 30 17:00:01 pi pppd[11]: option {WORD}", f"Nov 30 17:00:01 pi pppd[11]: option {WORD}"),
    ],
)
def test_every_place_of_the_catalogue_is_masked(line: str, value: str) -> None:
    names = 0
    for name, places in worded():
        finding = found(name, [Evidence("paste", line, 1)], **dict.fromkeys(places, value))
        shown = doctor.masked(finding, masker())
        said = "\n".join((shown.title, *shown.remedy))
        assert [planted for planted in PLANTED if planted in said] == [], name
        assert shown.values == (), name
        names += 1
    assert names > 200


_GIVEN = re.compile(r"AT[+^][A-Z]+=[^\s;\\^]+")
_PROGRAM = re.compile(r"(?<![\w./])/(?:usr/(?:local/)?)?s?bin/(?=\w)|(?<![\w.])\./(?=\w)")
_QUOTED = re.compile(r"(\b(?:pppd|chat|ofonod|connmand|usb_modeswitch)(?:\[\d+\])?: .*?)'[^']+'")
PLANTS = (
    (_GIVEN, f'AT+CPIN="{PIN}"'),
    (_PROGRAM, f"/home/{USER}/"),
    (_QUOTED, rf"\1'{WORD}'"),
)


def test_nothing_that_is_planted_in_the_corpus_is_shown() -> None:
    shown, tried = [], 0
    for param in cases():
        text = param.values[0]["text"]
        for pattern, planted in PLANTS:
            if (changed := pattern.sub(planted, text)) != text:
                tried += 1
                shown += [(param.id, value) for value in left(changed)]
    assert tried > 40
    assert shown == []


@pytest.mark.parametrize(
    ("program", "table"),
    [
        ("pppd", "ppp"),
        ("ofonod", "ofono"),
        ("connmand", "connman"),
        ("ModemManager", "modemmanager"),
        ("modprobe", "modules"),
        ("usb_modeswitch", "usb_modeswitch"),
        ("systemd", "systemd"),
        ("kernel", "kernel"),
    ],
)
def test_what_changes_in_a_programs_message_is_masked_also_in_the_title(program: str, table: str) -> None:
    said = [item.text for group in messages.of(table).values() for item in group if "%s" in item.text]
    assert said
    for text in said:
        line = re.sub(r"%(\w)", lambda match: {**SAMPLES, "s": WORD}.get(match[1], "x"), text.strip())
        assert left(f"Nov 30 17:00:01 pi {program}: {line}\n") == [], line
