# SPDX-License-Identifier: MIT
"""What programs say in other languages is read as what they say in English."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from huawei_modem.database import load
from huawei_modem.transcript import doctor, translated

DATABASE = load()
TABLE = json.loads(Path(translated.__file__).with_name("translations.json").read_text(encoding="utf-8"))
STICK = "Bus 001 Device 004: ID 12d1:1001 Huawei Technologies Co., Ltd. E620 USB Modem"
PPP = "ppp0      Link encap:P\n          inet addr:10.40.1.2  P-t-P:10.64.64.64\n"
FRAMES = {
    "No such file or directory": "cat: /dev/ttyUSB0: {}",
    "Permission denied": "cat: /dev/ttyUSB0: {}",
    "Device or resource busy": "picocom: /dev/ttyUSB0: {}",
    "Input/output error": "cat: /dev/ttyUSB0: {}",
    "No such device": "stty: /dev/ttyUSB0: {}",
    "Network is unreachable": PPP + "ping: {}",
    "Name or service not known": PPP + "ping: x.org: {}",
    "command not found": "Bus 001 Device 004: ID 12d1:1f01 Huawei\nbash: usb_modeswitch: {}",
}


def codes(text: str) -> list[str]:
    report = doctor.report(doctor.read([("paste", text.splitlines())]), "paste", DATABASE)
    return [f"{item.severity.value} {item.code} {item.kind}" for item in report.findings]


@pytest.mark.parametrize("english", FRAMES)
def test_every_translation_is_read_as_the_english_text(english: str) -> None:
    text = FRAMES[english].format(english)
    assert any(code.startswith("error") for code in codes(text))
    *_others, line = FRAMES[english].splitlines()
    for said in TABLE["anywhere"][english]:
        assert translated.english(line.format(said)) == line.format(english)
        assert translated.english(line.format(said + ".")) == line.format(english)
    assert codes(FRAMES[english].format(said)) == codes(text)


@pytest.mark.parametrize("state", TABLE["nmcli"])
def test_the_states_of_nmcli(state: str) -> None:
    line = "ttyUSB2  gsm       {}  --"
    for said in TABLE["nmcli"][state]:
        assert translated.english(line.format(said)) == line.format(state)


@pytest.mark.parametrize(
    ("said", "english"),
    [
        (
            "5 Pakete übertragen, 0 empfangen, 100 % packet loss",
            "5 packets transmitted, 0 received, 100% packet loss",
        ),
        (
            "4 paquetes transmitidos, 4 recibidos, 0% packet loss",
            "4 packets transmitted, 4 received, 0% packet loss",
        ),
        (
            "64 octets de 1.1.1.1 : icmp_seq=1 ttl=55 temps=9 ms",
            "64 bytes from 1.1.1.1: icmp_seq=1 ttl=55 temps=9 ms",
        ),
        ("          inet adr:10.0.0.5  P-t-P:10.64.64.64", "          inet addr:10.0.0.5  P-t-P:10.64.64.64"),
        ("          indirizzo inet:10.0.0.5", "          inet addr:10.0.0.5"),
        ("ppp0      Lien encap:Point", "ppp0      Link encap:Point"),
        (
            "ls: Zugriff auf »/dev/ttyUSB*« nicht möglich: Datei oder Verzeichnis nicht gefunden",
            "ls: cannot access '/dev/ttyUSB*': No such file or directory",
        ),
        ("bash: Zeile 1: wvdial: Kommando nicht gefunden.", "bash: line 1: wvdial: command not found"),
    ],
)
def test_a_line(said: str, english: str) -> None:
    assert translated.english(said) == english


@pytest.mark.parametrize(
    "text",
    [
        "wwan0     Link encap:Ethernet  HWaddr 02:00:00:00:00:01",
        "          inet6 addr: fe80::1/64 Scope:Link",
        "    inet 10.128.3.7/28 brd 10.128.3.15 scope global wwan0",
        "5 packets transmitted, 5 received, 0% packet loss, time 4005ms",
        "ttyUSB2  gsm       connected  mobile",
        "Ich habe kein Internet.",
        "RX packets 12, 3 errors, 25% of the time",
    ],
)
def test_what_is_english_or_no_message_stays(text: str) -> None:
    assert translated.english(text) == text
