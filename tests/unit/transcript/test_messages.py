# SPDX-License-Identifier: MIT
"""Every message of the tables, alone, under every prefix that logs have: it means what the table says."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from huawei_modem.database import load
from huawei_modem.transcript import doctor, messages
from huawei_modem.transcript.model import History
from huawei_modem.transcript.topics import TOPICS
from modem_image.errors import InputError
from modem_image.render import messages as tables

DATABASE = load()
SAMPLES = {
    "s": "some text",
    "d": "5",
    "x": "1f",
    "p": "1-1.2",
    "i": "1-1.2:1.0",
    "o": "usb1-port2",
    "n": "wwan0",
    "m": "02:00:5e:10:00:01",
    "a": "10.64.0.2",
    "w": "ttyUSB0",
    "c": "0:0:0:0",
    "S": "/net/connman/service/cellular_001010123456789_context1",
    "M": "option",
    "r": ",99",
    "R": "CEREG",
    "P": "CGREG",
    "H": "5",
}
KERNEL = {
    "dmesg": "[   83.411050] {text}",
    "dmesg short": "[    1.2] {text}",
    "dmesg -T": "[Tue Mar 23 14:17:56 2021] {text}",
    "dmesg -x": "kern  :info  : [   83.411050] {text}",
    "dmesg -d": "[   83.411050 <    0.000021>] {text}",
    "dmesg -H": "[  +0.000021] {text}",
    "dmesg -H, first": "[Nov29 22:17] {text}",
    "dmesg --time-format iso": "2024-05-01T12:00:00,123456+02:00 {text}",
    "dmesg with processors": "[   83.411050][  T123] {text}",
    "console with level": "<5>[   83.411050] {text}",
    "level alone": "<5>{text}",
    "journal": "Nov 22 13:00:00 board kernel: {text}",
    "journal short-iso": "2024-05-01T12:00:00+0200 board kernel: {text}",
    "journal short-precise": "Nov 22 13:00:00.123456 board kernel: {text}",
    "journal short-monotonic": "[   83.411050] board kernel: {text}",
    "journal short-unix": "1645071269.407700 board kernel: {text}",
    "rsyslog": "Nov  2 13:00:00 board kernel: [   83.411050] {text}",
    "rsyslog, RFC 3339": "2024-05-01T12:00:00.123456+02:00 board kernel: [   83.411050] {text}",
    "BusyBox": "Nov  2 13:00:00 board kern.info kernel: [   83.411050] {text}",
    "BusyBox without host": "Jan  1 04:00:17 kernel: {text}",
    "BusyBox, facility alone": "Jan  1 04:00:17 kern.info kernel: {text}",
    "logread": "Tue Mar 23 14:17:56 2021 kern.info kernel: [   83.411050] {text}",
    "Android": "05-01 12:00:00.123     0     0 I kernel: {text}",
    "colours": "\x1b[32m[   83.411050] \x1b[0m{text}",
}
PROGRAM = {
    "journal": "Nov 22 13:00:00 board {name}[321]: {text}",
    "journal short-iso": "2024-05-01T12:00:00+0200 board {name}[321]: {text}",
    "journal short-precise": "Nov 22 13:00:00.123456 board {name}[321]: {text}",
    "journal short-monotonic": "[   83.411050] board {name}[321]: {text}",
    "journal short-unix": "1645071269.407700 board {name}[321]: {text}",
    "rsyslog": "Nov  2 13:00:00 board {name}: {text}",
    "rsyslog, RFC 3339": "2024-05-01T12:00:00.123456+02:00 board {name}[321]: {text}",
    "BusyBox": "May  1 12:00:02 board daemon.notice {name}[321]: {text}",
    "BusyBox without host": "Jan  1 04:00:17 {name}[336]: {text}",
    "BusyBox without host, with facility": "Jan  1 04:00:17 daemon.notice {name}[336]: {text}",
    "logread": "Tue Mar 23 14:17:56 2021 daemon.notice {name}[321]: {text}",
    "Android": "05-01 12:00:00.123  1234  1235 I {name}: {text}",
    "kernel's console": "[   83.411050] {name}[321]: {text}",
}
BARE = {"a terminal": "{text}", "quoted": "> {text}"}
NAMES = {
    "ppp": "pppd",
    "chat": "chat",
    "wvdial": "wvdial",
    "ofono": "ofonod",
    "connman": "connmand",
    "modemmanager": "ModemManager",
    "networkmanager": "NetworkManager",
    "netifd": "netifd",
    "usb_modeswitch": "usb_modeswitch",
    "modules": "modprobe",
    "systemd": "systemd",
    "at": "chat",
    "qmi": "ModemManager",
    "tools": "netifd",
    "mpd": "mpd",
}
CLIENTS = (
    "connman",
    "ofono",
    "qmi",
    "modemmanager",
    "usb_modeswitch",
    "modules",
    "wvdial",
    "at",
    "ppp",
    "chat",
    "tools",
)
"""What is seen on a terminal as well."""
ROWS = list(tables.rows())


def sample(text: str) -> str:
    """The message with something in each place that changes."""
    parts = text.split("%")
    return parts[0] + "".join(SAMPLES[part[0]] + part[1:] for part in parts[1:])


def lines(row: tables.Row) -> Iterator[str]:
    """The message under each prefix that it can have."""
    text = sample(row.text)
    if row.program == "kernel":
        forms = KERNEL
    elif row.program in CLIENTS:
        forms = {**PROGRAM, **BARE}
    else:
        forms = PROGRAM
    for form in forms.values():
        yield form.format(name=NAMES.get(row.program, ""), text=_spoken(row.program, text, form))


def _spoken(program: str, text: str, form: str) -> str:
    """As the program writes it: some put level, object or interface before the message."""
    if form in BARE.values():
        return text
    if program == "modemmanager" and not text.startswith("error:"):
        return f"<info>  [1645071269.4077] [modem0] {text}"
    if program == "networkmanager":
        return f"<info>  [1645071269.4077] {text}"
    if program in ("netifd", "tools") and not text.startswith("Interface"):
        return f"wan (12): {text}"
    return text


@functools.lru_cache(maxsize=2048)
def read(line: str) -> History:
    return doctor.read([("log", [line])])


def signs(history: History) -> set[str]:
    return {sign for state in history.states for sign in state.events}


IMPORTANT = [row for row in ROWS if row.meaning != tables.UNIMPORTANT]
PROGRAMS = sorted({row.program for row in IMPORTANT})
_BY_READERS = ("=usb-found", "=usb-left", "=driver", "=tty", "=registered-driver", "=storage", "=usb-came")
"""States that a reader keeps by itself, with the port: they are seen in the bus, not among the signs."""


def assert_meaning(row: tables.Row, line: str) -> None:
    history = read(line)
    assert history.parts, line
    if row.meaning.startswith("~"):
        assert [seen.value for seen in history.harmless] == [messages.harmless(row.meaning[1:])], line
    elif row.meaning not in _BY_READERS and not row.meaning.startswith(("=look", "=run")):
        assert row.meaning in signs(history), line


@pytest.mark.parametrize("program", PROGRAMS)
def test_it_means_what_the_table_says(program: str) -> None:
    for row in IMPORTANT:
        if row.program == program:
            assert_meaning(row, next(lines(row)))


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.slow
def test_it_means_so_in_every_form(program: str) -> None:
    """As each log and terminal shows it."""
    for row in IMPORTANT:
        if row.program == program:
            for line in itertools.islice(lines(row), 1, None):
                assert_meaning(row, line)


@pytest.mark.parametrize("program", PROGRAMS)
def test_alone_it_is_the_fault_of_the_table_or_none(program: str) -> None:
    for row in IMPORTANT:
        if row.program == program:
            assert_fault(row, next(lines(row)))


def assert_fault(row: tables.Row, line: str) -> None:
    report = doctor.report(read(line), "log", DATABASE)
    codes = {item.code for item in report.findings if item.severity.value != "info"} - {"insufficient-data"}
    code = "" if row.meaning[0] in "=~" else row.meaning.partition(":")[0]
    if code and not row.meaning.endswith(":possible"):
        assert code in codes, line
    allowed = {
        code,
        "connection-dropped",
        "ppp-no-answer",
        "stick-in-storage-mode",
        "usb-power",
        "no-signal",
        "apn-missing",
    }
    assert codes <= allowed, line


@pytest.mark.parametrize("program", sorted({row.program for row in ROWS}))
def test_what_is_unimportant_is_no_fault(program: str) -> None:
    """Each under one prefix after the other, and all of a program in one text."""
    rows = [row for row in ROWS if row.program == program and row.meaning == tables.UNIMPORTANT]
    text = [next(itertools.islice(lines(row), number % 8, None)) for number, row in enumerate(rows)]
    history = doctor.read([("log", text)])
    report = doctor.report(history, "log", DATABASE)
    assert [item for item in report.findings if item.severity.value == "error"] == []
    if rows:
        assert history.parts or history.programs or history.kernel_lines


def test_every_sign_of_a_code_can_be_taken_back() -> None:
    """A fault of the network or the modem is of a topic, so that a later success takes it back."""
    network = {
        row.meaning.partition(":")[0] for row in IMPORTANT if row.program in ("at", "netifd", "modemmanager")
    }
    assert {code for code in network if code[0] not in "=~"} - TOPICS.keys() <= {
        "net-driver-missing", "apn-missing",
    }  # fmt: skip


def test_a_row_that_means_nothing_known_is_refused(tmp_path: Path) -> None:
    (tmp_path / "harmless.tsv").write_text("gone\tit has gone\n", encoding="utf-8")
    for row, complaint in (
        ("no-such-code\t\tf.c\ttext", "not in the catalogue"),
        ("~other\t\tf.c\ttext", "no reason"),
        ("-\t\tf.c\ta %q", "not a notation"),
        ("-\tf.c\ttext", "3 fields"),
    ):
        (tmp_path / "program.tsv").write_text(f"{row}\n", encoding="utf-8")
        with pytest.raises(InputError, match=complaint):
            list(tables.rows(tmp_path))
