# SPDX-License-Identifier: MIT
"""One clock and one order for all that was seen, and a table that fits."""

from __future__ import annotations

from pathlib import Path

from huawei_modem.report import Report
from modem_image.bench import timeline
from modem_image.bench.observe import Observation
from modem_image.bench.record import Recorder
from modem_image.bench.stick.events import Event
from modem_image.commands.bench import timeline_table

SEEN = [
    Observation(1.5, "kernel", "kernel", "usb 1-1: new \x1b[31m device"),
    Observation(-12.25, "journal", "systemd", "Reached target Multi-User System."),
    Observation(0.0, "stick", "attached", "mode=storage"),
]
STEPS = [
    {"title": "late", "seconds": 12.34},
    {"title": "never", "seconds": None},
    {"title": "early", "seconds": 0.5},
]


def test_all_that_was_seen_is_in_the_order_of_time_since_plug_in() -> None:
    found = timeline.document(SEEN, -30.0)
    assert [each["seconds"] for each in found["observations"]] == [-12.25, 0.0, 1.5]
    lines = timeline.text(found).splitlines()
    assert lines[0].split() == ["-30.000", "power", "on"]
    assert lines[1] == "   -12.250  journal  systemd Reached target Multi-User System."
    assert "\x1b" not in lines[3]


def test_the_sticks_own_log_counts_from_plug_in(tmp_path: Path) -> None:
    said: list[str] = []
    recorder = Recorder(tmp_path / "stick.log", said.append)
    for moment, name in ((1000.0, "attached"), (1003.5, "dialled")):
        recorder.record(Event(moment, name))
    assert (tmp_path / "stick.log").read_text() == "    0.000 attached\n    3.500 dialled\n"
    assert said == ["    0.0 s  stick attached", "    3.5 s  dialled"]


def test_rows_are_in_the_order_of_time_and_what_was_missed_comes_last() -> None:
    rows = timeline.rows(STEPS, unicode=True)
    assert [(row[0], row[1].strip(), row[3]) for row in rows] == [
        ("early", "0.5", "ok"),
        ("late", "12.3", "ok"),
        ("never", "", "not seen"),
    ]
    assert rows[0][2].strip() == rows[0][2], "the first bar starts at plug-in"
    assert all(row[2].strip() for row in rows[:2])
    assert all(len(row[2]) <= 13 for row in rows)
    assert timeline.rows(STEPS, unicode=False)[1][2].strip("# ") == ""


def test_the_table_of_a_run_fits_80_columns() -> None:
    title = "huawei_cdc_ncm drives the network interface"
    steps = [{"step": "a", "title": title, "seconds": float(number)} for number in range(3)]
    report = Report("modem-image bench", "x", (), {"timeline": steps})
    lines = timeline_table(report).splitlines()
    assert len(lines) == 5
    assert max(map(len, lines)) <= 80
