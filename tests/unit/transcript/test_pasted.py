# SPDX-License-Identifier: MIT
"""The same text, pasted in another way, gives the same findings.

The oracle is the text itself as it stands in the corpus. Each way is what forums, mail programs and editors
do to the lines of a log; what a way cannot keep (a list whose lines lose their rest) is not asked of it.
"""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Callable

import pytest

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


def test_lines_that_were_glued_together_are_read_one_by_one() -> None:
    text = (
        "$ lsusb Bus 001 Device 001: ID 1d6b:0002 Linux Foundation 2.0 root hub "
        "Bus 001 Device 005: ID 12d1:1f01 Huawei Technologies Co., Ltd. Mass storage mode\n"
    )
    assert "error stick-in-storage-mode" in told(diagnosed(text))
