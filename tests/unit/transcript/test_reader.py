# SPDX-License-Identifier: MIT
"""Prefixes, prompts, states, and texts that nobody would paste: never an exception, always linear time."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huawei_modem.database import load
from huawei_modem.report import to_text
from huawei_modem.transcript import doctor, model, paste, shipped, summary
from huawei_modem.transcript.readers import new_reader
from modem_image.doctor.page import to_html
from unit.transcript.test_corpus import CORPUS, diagnosed, told

ATTACHED = "usb 1-1.1: GSM modem (1-port) converter now attached to ttyUSB0"
FOUND = "usb 1-1.1: New USB device found, idVendor=12d1, idProduct=1506, bcdDevice= 1.02"
PREFIXES = (
    "",
    "[   83.411050] ",
    "<6>[   83.411050] ",
    "[   83.411050][    T1] ",
    "[Sun Nov 22 13:00:00 2026] ",
    "Nov 22 13:00:00 board kernel: ",
    "Nov 22 13:00:00 board kernel: [   83.411050] ",
    "2026-11-22T13:00:00+0000 board kernel: ",
    "2026-11-22T13:00:00.123456+00:00 board kernel: [   83.411050] ",
    "[   83.411050] board kernel: ",
    "Sun Nov 22 13:00:00 2026 kern.info kernel: [   83.411050] ",
    "> [   83.411050] ",
)
LINES = sorted(
    {
        line
        for path in CORPUS.glob("*.toml")
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
        for line in case["text"].splitlines()
    }
)


def read(*lines: str) -> model.History:
    return doctor.read([("paste", lines)])


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_kernel_message_is_known_by_any_prefix(prefix: str) -> None:
    history = read(prefix + FOUND, prefix + ATTACHED)
    assert list(history.states[-1].bus.attached) == ["ttyUSB0"]
    assert list(history.states[-1].bus.devices) == ["12d1:1506"]


@pytest.mark.parametrize(
    "prompt",
    [
        "# ",
        "#",
        "    # ",
        "$ ",
        "root@board:~# ",
        "root@board:/dev# sudo ",
        "me@board ~ $ ",
        "[me@board ~]$ ",
        "/ # ",
        "~ # ",
        "/usr/lib/ofono # ",
        "~$ ",
    ],
)
def test_a_command_is_known_behind_any_prompt(prompt: str) -> None:
    history = read(f"{prompt}uname -r", "6.1.55-7.0")
    seen = history.states[-1].release
    assert seen is not None and (seen.value, seen.evidence.line) == ("6.1.55-7.0", 2)


def test_a_comment_is_no_prompt() -> None:
    assert read("# Huawei E353 (3.se) and others", "6.1.55-7.0").states[-1].release is None


def test_what_a_forum_puts_between_letters_is_taken_off() -> None:
    lines = read("\ufeff#\xa0uname\xa0-r", "6.1.55-7.0\u200b", "Bus\xa0001 Device\u202f004: ID 12d1:1506 H")
    seen = lines.states[-1].release
    assert seen is not None and seen.value == "6.1.55-7.0"
    assert list(lines.states[-1].bus.devices) == ["12d1:1506"]


def test_colours_and_tabs_are_taken_off() -> None:
    assert list(read(f"\x1b[32m[   83.411050] \x1b[0m{ATTACHED}").states[-1].bus.attached) == ["ttyUSB0"]


def test_the_kernels_clock_tells_boots_apart() -> None:
    history = read(f"[  900.000000] {FOUND}", f"[  901.000000] {ATTACHED}", f"[    4.000000] {FOUND}")
    assert [len(state.bus.attached) for state in history.states] == [1, 0]


def test_messages_a_little_out_of_turn_are_one_boot() -> None:
    assert len(read(f"[  900.000500] {FOUND}", f"[  900.000100] {ATTACHED}").states) == 1


def test_what_programs_say_may_be_listed_late() -> None:
    """Measured on the emulated board: systemd's line of 330.8 s stood below the kernel's of 332.0 s."""
    late = "[  330.769664] board systemd[1]: Starting usb_modeswitch@1-1:1.0.service"
    assert (
        len(read(f"[  332.049570] board kernel: {FOUND}", late, f"[  333.1] board kernel: {ATTACHED}").states)
        == 1
    )
    other = "[    9.769664] board systemd[1]: Started ofono.service - Telephony service."
    assert len(read(f"[  332.049570] board kernel: {FOUND}", other).states) == 2


def test_a_second_host_is_a_second_system() -> None:
    history = read("a@one:~# lsusb", "Bus 001 Device 004: ID 12d1:1506 H", "a@two:~# uname -r", "6.1.0")
    assert [state.host for state in history.states] == ["one", "two"]


def test_a_file_named_after_a_command_is_its_output() -> None:
    history = doctor.read([("uname-r.txt", ["6.1.55-7.0"])])
    seen = history.states[-1].release
    assert seen is not None and seen.evidence.source == "uname-r.txt"


def test_harmless_messages_are_listed_and_judged_by_no_rule() -> None:
    lines = [
        " Could not reset endpoint (probably harmless): -99",
        "[   20.000000] option1 ttyUSB0: usb_wwan_indat_callback: resubmit read urb failed. (-19)",
    ]
    history = read(*lines)
    assert history.harmless
    assert told(diagnosed("\n".join(lines))) == ["warning insufficient-data"]


def test_memory_is_bounded() -> None:
    lines = (f"[{5 - number % 2:5}.000000] {FOUND}" for number in range(2000))
    history = doctor.read([("paste", (f"{line}\n" for line in lines))])
    assert len(history.states) <= model.MOST_STATES
    noise = [f"[    1.000000] usb 1-1: device descriptor read/64, error -71 {n}" for n in range(50)]
    errors = [line.rsplit(" ", 1)[0] for line in noise]
    assert len(read(*errors).states[-1].events["usb-power:unread"]) == model.MOST_EVENTS


def test_the_summary_names_parts_with_their_lines() -> None:
    history = read("# uname -r", "6.1.55-7.0", "", "Bus 001 Device 004: ID 12d1:1506 H")
    assert summary.to_text(history).splitlines() == [
        "recognised: uname: paste:2",
        "recognised: lsusb: paste:4",
    ]


@settings(max_examples=3 * settings.default.max_examples, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=120)), max_size=60))
@pytest.mark.slow
def test_any_mixture_is_read(lines: list[str]) -> None:
    report = diagnosed("\n".join(lines))
    assert report.findings or report.facts["recognised"]
    assert report.to_json() and to_text(report)


@settings(max_examples=2 * settings.default.max_examples, deadline=None)
@given(st.sampled_from(LINES), st.integers(0, 80), st.text(max_size=8))
def test_any_damage_to_a_known_line_is_read(line: str, place: int, damage: str) -> None:
    diagnosed(line[:place] + damage + line[place:])


def test_nothing_from_the_text_steers_the_terminal() -> None:
    report = diagnosed("\n".join(f"root@board:~# cat /x\x1b[31m.rules {line}" for line in LINES))
    assert "\x1b" not in to_text(report)


def test_a_bus_deeper_than_usb_allows_is_drawn_all_the_same() -> None:
    """A listing with more levels than Python has calls, and a port with hundreds of dots."""
    tree = ["/:  Bus 01.Port 1: Dev 1, Class=root_hub, Driver=ci_hdrc/1p, 480M"]
    tree += [
        f"{' ' * 4 * depth}|__ Port 1: Dev {depth + 1}, If 0, Class=Hub, Driver=hub/4p, 480M"
        for depth in range(1, 1200)
    ]
    port = "1-1" + ".1" * 1500
    kernel = [f"usb {port}: New USB device found, idVendor=12d1, idProduct=1506, bcdDevice= 1.02"]
    history = doctor.read([("paste", tree + kernel)])
    report = doctor.report(history, "paste", load())
    to_html(report, summary.to_text(history))


def test_a_line_that_meant_nothing_is_read_where_a_command_prints_it() -> None:
    """What is kept of a line is what it says alone: the command above it still counts."""
    prose = ["4.1.44-00003", "(none) login:", "> 4.1.44-00003"]
    history = read(*prose, *prose, "root@board:~# uname -r", "4.1.44-00003", *prose)
    release = history.states[-1].release
    assert release is not None
    assert release.evidence.line == 8


def test_what_is_remembered_of_lines_is_bounded() -> None:
    reader = new_reader()
    reader.feed("log", [f"a sentence, number {number}" for number in range(20_000)])
    assert len(reader._routes) <= 4097


def test_long_lines_are_not_remembered_with_their_rest() -> None:
    """4000 lines of 64 KiB were: a quarter of a GiB."""
    known = paste._goes_on.cache_info().currsize
    assert [paste.goes_on(f"{number} " + "x" * 2000, "rest", 80) for number in range(9)] == [True] * 9
    assert paste._goes_on.cache_info().currsize == known


def test_a_complaint_in_words_that_are_not_known_is_shown_with_the_question() -> None:
    text = (
        "Nov 22 13:00:00 board ModemManager[1]: <warn> [modem0] couldn't load the frobnication: failed\n"
        "Nov 22 13:00:01 board ModemManager[1]: <info> [modem0] state changed (disabled -> enabling)\n"
    )
    asked = next(item for item in diagnosed(text).findings if item.code == "insufficient-data")
    assert [item.line for item in asked.evidence] == [1]


def test_a_question_that_is_no_command_is_not_wrapped_as_one() -> None:
    rest = diagnosed("Feb 19 21:13:25 home chat[11091]: send (AT^M)\n").facts["next"]
    assert rest.startswith("add to your text, and ask again: the rest of that log")
    stick = diagnosed("Bus 001 Device 005: ID 12d1:1506 Huawei\n").facts["next"]
    assert stick.startswith("run `") and "` on the board, add what it prints to your text" in stick


def test_quotes_around_nothing_are_no_line() -> None:
    assert list(shipped.unshipped('" "')) == []
    assert diagnosed('" "').verdict
