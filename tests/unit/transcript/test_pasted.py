# SPDX-License-Identifier: MIT
"""The same text, pasted in another way, gives the same findings.

The oracle is the text itself as it stands in the corpus. Each way is what forums, mail programs and editors
do to the lines of a log; what a way cannot keep (a list whose lines lose their rest) is not asked of it.
"""

from __future__ import annotations

import html
import json
import re
import textwrap
from collections.abc import Callable

import pytest

from huawei_modem.transcript.line import parts_of

from .test_corpus import cases, diagnosed, told

SAMPLE = [param.values[0] for param in cases()][::9]
"""Every ninth text: the ways are many, and a kind of text stands in the corpus several times."""


def wrapped(text: str) -> list[str]:
    """Lines broken at 72 columns, as mail programs do it."""
    lines: list[str] = []
    for line in text.splitlines():
        lines += textwrap.wrap(line, 72, break_long_words=False, break_on_hyphens=False) or [""]
    return lines


def each(way: Callable[[str], str]) -> Callable[[str], list[str]]:
    return lambda text: [way(line) for line in text.splitlines()]


WAYS: dict[str, Callable[[str], list[str]]] = {
    "a block with a margin": each(lambda line: f"    {line}"),
    "a margin of a tab": each(lambda line: f"\t{line}"),
    "an answer": each(lambda line: f"> {line}"),
    "an answer to an answer": each(lambda line: f">> {line}"),
    "a fence of GitHub": lambda text: ["```bash", *text.splitlines(), "```"],
    "characters that a page spells out": each(html.escape),
    "line breaks of HTML": each(lambda line: f"{line}<br>"),
    "a block of HTML": lambda text: f"<pre><code>{text.rstrip()}\n</code></pre>".splitlines(),
    "a block of phpBB": lambda text: f"[code]{text.rstrip()}\n[/code]".splitlines(),
    "a backtick around each line": each(lambda line: f"`{line}`" if line else line),
    "line ends of Windows": each(lambda line: f"{line}\r"),
    "a blank line after each": lambda text: [part for line in text.splitlines() for part in (line, "")],
    "no margin at all": each(str.lstrip),
    "one blank for many": each(lambda line: re.sub(" +", " ", line).strip()),
}
LONG = {
    "a bullet before each line": each(lambda line: f"- {line}"),
    "a bar before each line": each(lambda line: f"| {line}"),
    "numbered lines": lambda text: [
        f"{number:4d}  {line}" for number, line in enumerate(text.splitlines(), 1)
    ],
}
"""Ways that are known by more than two lines."""
NEED_MARGIN = ("lsusb -t -v names the ids itself", "oFono is stopped")
"""Texts in which the margin alone tells a line from a sentence."""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.slow
def test_findings_do_not_depend_on_how_a_text_was_pasted(way: str) -> None:
    for case in SAMPLE:
        if case["name"] not in NEED_MARGIN:
            text = "\n".join(WAYS[way](case["text"]))
            assert told(diagnosed(text)) == told(diagnosed(case["text"])), case["name"]


@pytest.mark.parametrize("way", LONG)
def test_what_stands_before_each_line_of_a_text_is_no_part_of_it(way: str) -> None:
    for case in SAMPLE:
        if len([line for line in case["text"].splitlines() if line]) > 3:
            text = "\n".join(LONG[way](case["text"]))
            assert told(diagnosed(text)) == told(diagnosed(case["text"])), case["name"]


def test_a_log_that_a_mail_program_broke_is_read_whole() -> None:
    """A wrapped line is put together where it says nothing by itself, and nothing false comes of the rest."""
    for case in SAMPLE:
        errors = {item.code for item in diagnosed(case["text"]).findings if item.severity.value == "error"}
        broken = diagnosed("\n".join(wrapped(case["text"])))
        assert {item.code for item in broken.findings if item.severity.value == "error"} <= errors, case[
            "name"
        ]
    text = (
        "The log, as it came by mail:\n"
        "[  478.894156] usb 1-3.4: New USB device found, idVendor=12d1,\nidProduct=1f01, bcdDevice= 1.02\n"
        "[  478.894160] usb 1-3.4: New USB device strings: Mfr=1, Product=2,\nSerialNumber=3\n"
    )
    assert told(diagnosed(text)) == ["error stick-in-storage-mode"]
    # A reason that stands on the second and third line of an error.
    whole = (
        "error: couldn't connect the modem: 'GDBus.Error:org.freedesktop.ModemManager1.Error.MobileEquipment."
        "Unknown: Couldn't connect: activation failed: Unknown error'"
    )
    assert told(diagnosed("\n".join(wrapped(whole)))) == told(diagnosed(whole)) == ["error context-refused"]


def test_lines_that_were_glued_together_are_read_one_by_one() -> None:
    text = (
        "$ lsusb Bus 001 Device 001: ID 1d6b:0002 Linux Foundation 2.0 root hub "
        "Bus 001 Device 005: ID 12d1:1f01 Huawei Technologies Co., Ltd. Mass storage mode\n"
    )
    assert "error stick-in-storage-mode" in told(diagnosed(text))


def entry(program: str, text: str) -> str:
    """A line as syslog has it behind host and date."""
    return f"{program if program == 'kernel' else f'{program}[412]'}: {text}"


FRONTS = (
    "12:03:44 ",
    "[12:03:44.123] ",
    "2020-01-01T12:00:00Z INFO ",
    "2020/01/01 12:00:00 ",
    "I0101 12:00:00.000000    1234 logs.go:12] ",
    "1577880000 ",
    "@400000005e0c8d0a1f2b3c4d ",
    "2020-01-01 12:00:00.123456789 ",
    "01.02.2020 12:00:00 ",
    "1/2/2020 1:00:00 PM ",
    "jan/01/2020 12:00:00 system,info ",
    "[01/Jan/2020:12:00:00 +0000] ",
    "2020-01-01T12:00:00.123456789Z stdout F ",
    "modem_1  | ",
    "modem_1  | 2020-01-01T12:00:00.123Z ",
    "pod/modem-0/modem 2020-01-01T12:00:00Z ",
    "raspberrypi ",
    "",
    "daemon.notice ",
    "[INFO ] 12:00:00 ",
    "[Logs]    [1/1/2020, 12:00:00 PM] [modem] ",
    "» ",
    "│ ",
    "^[[32m",
    "Wed Jan  1 12:00:00 2020: ",
    "01-Jan 12:00:00 ",
)
COLLECTORS: dict[str, Callable[[str, str], str]] = {
    **{front: lambda program, text, front=front: front + entry(program, text) for front in FRONTS},
    "log4j": lambda program, text: f"[2020-01-01 12:00:00.123] [info] [{program}] {text}",
    "Python's logging": lambda program, text: f"2020-01-01 12:00:00,123 - {program} - INFO - {text}",
    "Python's logging as it is": lambda program, text: f"INFO:{program}:{text}",
    "metalog": lambda program, text: f"Jan  1 12:00:00 [{program}] {text}",
    "columns": lambda program, text: f"| 12:00:00 | {program} | {text} |",
    "bytes of Python": lambda program, text: f"b'{entry(program, text)}'",
    "RFC 5424": lambda program, text: f"<30>1 2020-01-01T12:00:00.000Z host {program} 412 - - {text}",
    "an add-on of Home Assistant": lambda program, text: f"20-01-01 12:00:00 INFO (Main) [{program}] {text}",
    "logfmt": lambda program, text: f"level=info msg={json.dumps(entry(program, text))}",
    "Docker's file": lambda program, text: json.dumps(
        {"log": entry(program, text) + "\n", "stream": "stdout"}
    ),
    "journalctl -o json": lambda program, text: json.dumps(
        {"_TRANSPORT": "syslog", "SYSLOG_IDENTIFIER": program, "MESSAGE": text}
    ),
}
"""What collects the lines of other programs, and what it makes of program and message."""
ONLY_ITS_OWN = ("two boots, both with the stick", "a crash of another program", "the clock asked before")
"""Texts that their own prefixes make what they are: the kernel's clock, a process, a host."""


def logs() -> list[tuple[str, list[tuple[str, str]]]]:
    """Texts of the corpus in which each line has a prefix, with the programs and messages of them."""
    found = []
    for case in (param.values[0] for param in cases()):
        lines = [line for line in case["text"].splitlines() if line.strip()]
        parts = [parts_of(line, line[0]) for line in lines]
        entries = [(part[0] or "kernel", part[1]) for part in parts if part is not None]
        quoted = re.search(r"[\"<>]|^ ", case["text"], re.MULTILINE)
        alone = case["name"].startswith(ONLY_ITS_OWN) or quoted is not None
        if len(lines) > 1 and len(entries) == len(lines) and not alone:
            found.append((case["text"], entries))
    return found


@pytest.mark.slow
def test_a_log_means_the_same_behind_the_front_of_any_collector() -> None:
    texts = logs()
    assert len(texts) > 40
    for number, (name, front) in enumerate(COLLECTORS.items()):
        for text, entries in texts[number % 6 :: 6]:
            shipped = "\n".join(front(program, said) for program, said in entries)
            assert told(diagnosed(shipped)) == told(diagnosed(text)), (name, text)
