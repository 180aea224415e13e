# SPDX-License-Identifier: MIT
"""The next question: of the open layer, in the words of who works at the modem, and never answered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from huawei_modem.catalogue import for_system, found
from huawei_modem.report import Report
from huawei_modem.transcript import questions
from huawei_modem.transcript.request import LEADS
from huawei_modem.transcript.topics import LAYERS

from .test_corpus import cases, diagnosed

OUTPUTS = {
    "lsusb": "Bus 001 Device 004: ID 12d1:1506 Huawei Technologies Co., Ltd. Modem/Networkcard",
    "lsusb -t": """/:  Bus 01.Port 1: Dev 1, Class=root_hub, Driver=ci_hdrc/1p, 480M
    |__ Port 1: Dev 4, If 0, Class=Vendor Specific Class, Driver=option, 480M""",
    "usb-devices": """T:  Bus=01 Lev=01 Prnt=01 Port=00 Cnt=01 Dev#=  4 Spd=480 MxCh= 0
P:  Vendor=12d1 ProdID=1506 Rev=01.02
C:  #Ifs= 1 Cfg#= 1 Atr=80 MxPwr=500mA
I:  If#=0x0 Alt= 0 #EPs= 3 Cls=ff(vend.) Sub=02 Prot=01 Driver=option""",
    "ip addr": """2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast state UP qlen 1000
    inet 192.0.2.20/24 brd 192.0.2.255 scope global eth0""",
    "ip route": "default via 192.0.2.1 dev eth0",
    "mmcli -L": "    /org/freedesktop/ModemManager1/Modem/0 [huawei] E3372",
    "mmcli -m any": """  General  |                    path: /org/freedesktop/ModemManager1/Modem/0
  Hardware |            manufacturer: huawei
  Status   |                   state: registered""",
    "nmcli device": """DEVICE   TYPE      STATE         CONNECTION
ttyUSB0  gsm       disconnected  --""",
    "list-modems": "[ /huawei_0 ]\n    Online = 1\n    Powered = 1",
    "connmanctl services": "*AO Wired                ethernet_020000000001_cable",
    "connmanctl technologies": "/net/connman/technology/cellular\n  Type = cellular\n  Powered = True",
    "ls /dev/ttyUSB*": "/dev/ttyUSB0  /dev/ttyUSB1  /dev/ttyUSB2",
    "fuser -v": "                     USER        PID ACCESS COMMAND",
    "ifstatus": '{\n\t"up": false,\n\t"pending": true,\n\t"available": true\n}',
    "qmicli -d /dev/cdc-wdm0 --nas-get-serving-system": (
        "[/dev/cdc-wdm0] Successfully got serving system:\n\tRegistration state: 'registered'"
    ),
    "qmicli -d /dev/cdc-wdm0 --wds-get-packet-service-status": "Connection status: 'disconnected'",
    "AT+CPIN?": "+CPIN: READY\n\nOK",
    "AT+CREG?": "+CREG: 0,1\n\nOK",
    "AT+CSQ": "+CSQ: 18,99\n\nOK",
    "AT+CGATT?": "+CGATT: 1\n\nOK",
    "AT+CGDCONT?": '+CGDCONT: 1,"IP","internet","0.0.0.0",0,0\n\nOK',
    "AT+COPS?": '+COPS: 0,0,"Operator",7\n\nOK',
}
"""Commands and what they print."""


def asked(report: Report) -> list[str]:
    """The commands of OUTPUTS that the first step asks for."""
    question = report.facts["next"]
    if "ask again" not in question:
        return []
    text = match[1] if (match := re.search(r"`(.*)`", question)) else question.partition("ask again: ")[2]
    pieces = [piece.strip().removeprefix("/usr/lib/ofono/test/") for piece in text.split("; ")]
    known = (max(_named(piece), key=len, default="") for piece in pieces)
    return [name for name in known if name]


def _named(piece: str) -> Iterator[str]:
    for name in OUTPUTS:
        if (
            piece == name
            or piece.startswith((f"{name} on ", f"{name}:"))
            or (piece.startswith(name) and name.endswith(("*", "-v", "ifstatus")))
        ):
            yield name


def with_output(text: str, command: str, prompt: bool) -> str:
    typed = f"root@board:~# {command}\n" if prompt and not command.startswith("AT") else ""
    typed += f"{command}\n" if command.startswith("AT") else ""
    return f"{text}\n\n{typed}{OUTPUTS[command]}\n"


def some_cases() -> Iterator[str]:
    """At most two texts of each kind of question, of a third of the corpus."""
    kinds: Counter[str] = Counter()
    for param in cases()[::3]:
        text = param.values[0]["text"]
        asks = [item.kind for item in diagnosed(text).findings if item.code == "insufficient-data"]
        if asks and kinds[asks[0]] < 2:
            kinds[asks[0]] += 1
            yield text


def test_what_a_text_is_asked_for_and_answers_is_not_asked_again() -> None:
    """Whatever else is in it, with a prompt above the answer and without."""
    again = [
        (command, prompt, text[:60])
        for text in some_cases()
        for command in asked(diagnosed(text))
        for prompt in (True, False)
        if command in asked(diagnosed(with_output(text, command, prompt)))
    ]
    assert again == []


LAYER_LINES = (
    ("bus", "Bus 001 Device 004: ID 12d1:1506 Huawei Technologies Co., Ltd. Modem/Networkcard"),
    ("port", "usb 1-1: GSM modem (1-port) converter now attached to ttyUSB0"),
    ("sim", "AT+CPIN?\n+CPIN: READY\n\nOK"),
    ("registration", "AT+CREG?\n+CREG: 0,1\n\nOK"),
    ("attached", "AT+CGATT?\n+CGATT: 1\n\nOK"),
)
PROGRAMS = {
    "ofono": ("ofonod[312]: oFono version 1.31", "list-modems"),
    "mm": ("ModemManager[342]: <info>  ModemManager (version 1.12.8) starting in system bus...", "mmcli"),
    "nm": ("NetworkManager[301]: <info>  NetworkManager (version 1.30.0) is starting...", "nmcli"),
    "netifd": (
        "Fri Aug 16 18:43:06 2024 daemon.notice netifd: Interface 'wwan' is setting up now",
        "ifstatus",
    ),
    "wvdial": ("--> WvDial: Internet dialer version 1.61", "dialler"),
    "ppp": ("pppd[412]: pppd 2.4.7 started by root, uid 0", "pppd"),
    "gammu": ("gammu-smsd[333]: Starting phone communication...", "gammu"),
}
COMMANDS = ("list-modems", "list-contexts", "mmcli", "nmcli", "logread", "gammu", "wvdial", "qmicli")


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("height", range(len(LAYER_LINES) + 1))
@pytest.mark.parametrize("maker", ["12d1:1506", "2c7c:0125"])
def test_who_has_come_so_far_is_asked_in_the_words_of_its_program(
    program: str, height: int, maker: str
) -> None:
    line, command = PROGRAMS[program]
    shown = [text.replace("12d1:1506", maker) for _layer, text in LAYER_LINES[:height]]
    report = diagnosed("\n".join([*shown, line]) + "\n")
    if any(item.severity.value == "error" for item in report.findings) or height == 0:
        return
    said = report.facts["next"]
    assert command in said or "dialler" in said or ("SMS" in said and program == "gammu"), said
    others = [name for name in COMMANDS if name not in command and name not in ("wvdial", "list-contexts")]
    assert not [name for name in others if f" {name}" in said], said
    assert not set(asked(report)) & {"lsusb", "AT+CPIN?"}, said


@pytest.mark.parametrize(
    ("height", "command"),
    list(enumerate(["lsusb", "lsusb -t", "ip addr", "AT+CREG?", "ps | grep", "ps | grep"])),
)
@pytest.mark.parametrize("maker", ["12d1:1506", "2c7c:0125"])
def test_where_nobody_dials_the_plain_command_of_the_layer_is_asked(
    height: int, command: str, maker: str
) -> None:
    text = "\n".join(line.replace("12d1:1506", maker) for _layer, line in LAYER_LINES[:height])
    report = diagnosed(f"My modem does not do what it should.\n{text}\n")
    assert command in report.facts["next"]


def test_each_kind_of_the_table_is_of_layers_that_there_are() -> None:
    rows = [layers for kinds in questions.ROWS.values() for _kind, layers in kinds]
    assert all(LAYERS.index(lowest) <= LAYERS.index(highest) for lowest, highest in rows)


def test_of_what_sentences_tell_the_lowest_layer_counts() -> None:
    """In the order of the layers, whichever was told first: what is above it may come of it."""
    report = diagnosed("My modem shows: the mode is low-power.\nModemManager fails with sim-missing.\n")
    assert report.findings[0].code == "sim-missing"
    assert {item.code for item in report.findings} <= {"sim-missing", "insufficient-data"}


@pytest.mark.parametrize(
    "sentence",
    [
        "There is no internet with my Huawei stick.",
        "My Huawei stick does not connect.",
        "ModemManager does not connect my Huawei stick.",
        "wvdial does not connect with the Huawei E173.",
        "My stick does not register with the network.",
        "The SIM is not recognised.",
        "Nothing works.",
    ],
)
def test_a_request_is_one_block_and_says_what_its_answer_leads_to(sentence: str) -> None:
    said = diagnosed(f"{sentence}\n").facts["next"]
    pieces = re.split("ask again: |`", said)[1].split("; ")
    assert len(pieces) == len(set(pieces))
    assert any(f"; {word}" in said for word in LEADS), said


@pytest.mark.parametrize("layer", LAYERS)
def test_each_layer_of_the_way_has_what_its_answer_leads_to(layer: str) -> None:
    then = found("insufficient-data:then")
    assert for_system(for_system(then, (layer,)), ("none",)).remedy[0].startswith(LEADS)
