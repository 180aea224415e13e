# SPDX-License-Identifier: MIT
"""report.html of a run, index.html over all of them, compare.html of two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from huawei_modem.outputs import Target
from modem_image.bench.page.drawing import Bar, Drawing, bars_of, draw, slowest
from modem_image.bench.page.runs import PAGE, Run, load_runs
from modem_image.check.page import html_environment
from modem_image.console import say
from modem_image.doctor.tree import devices_of, tree
from modem_image.errors import UserError
from modem_image.files import write_atomic, write_result

INDEX, COMPARE = "index.html", "compare.html"
_AROUND_BEFORE, _AROUND_AFTER, _LINES = 1.0, 0.3, 40
_TEXT_LIMIT = 64 << 10
_FILES = (
    ("timeline.txt", "all that was seen, on one clock"),
    ("serial.log", "the board's console"),
    ("journal.txt", "the board's journal"),
    ("ofono.log", "oFono's debug log"),
    ("connman.log", "ConnMan's debug log"),
    ("dbus.log", "signals of oFono and ConnMan"),
    ("stick.log", "what the stick saw"),
    ("stick2.log", "what the stick beside it saw"),
    ("answers.txt", "what the board was asked"),
    ("usb.pcap", "USB, for Wireshark"),
    ("usb2.pcap", "USB of the other port"),
    ("capture.tar.gz", "the capture, for the doctor"),
    ("summary.json", "this report as JSON"),
    ("timeline.json", "the timeline as JSON"),
)


def write_pages(folder: Path, run: Run) -> None:
    """report.html into the run's folder, and index.html above it."""
    write_atomic(folder / PAGE, report_page(run).encode())
    try:
        runs = Target(folder.parent / INDEX, "modem-image bench runs")
        write_result(runs, index_page(load_runs(folder.parent)))
    except UserError as err:
        say(str(err))  # the run itself is kept


def report_page(run: Run) -> str:
    """The page of one run."""
    bars = bars_of(run.steps, run.observations)
    usb = _devices(run.report.facts.get("status"))
    return (
        html_environment()
        .get_template("run.html.j2")
        .render(
            run=run,
            drawing=draw(bars, run.power_on),
            slow=slowest(bars),
            around={bar.step: around(bar, run.observations) for bar in bars},
            tree=tree(usb),
            files=[(name, what) for name, what in _FILES if (run.folder / name).is_file()],
            answers=_text(run.folder / "answers.txt"),
        )
    )


def _devices(status: Any) -> list[dict[str, Any]]:
    """The sticks that the doctor on the board saw; none when it said nothing that can be drawn."""
    try:
        return devices_of(status) if isinstance(status, dict) else []
    except (KeyError, TypeError, AttributeError):
        return []


def around(bar: Bar, observations: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What was seen shortly before the end of a bar and after it."""
    start, stop = bar.end - _AROUND_BEFORE, bar.end + _AROUND_AFTER
    return [each for each in observations if start <= each["seconds"] <= stop][-_LINES:]


def index_page(runs: Sequence[Run]) -> str:
    """All runs, and how long each stick took from plug-in to ping over its runs."""
    series: dict[tuple[str, str], list[tuple[Run, float]]] = {}
    for run in reversed(runs):
        if run.to_ping is not None:
            series.setdefault((run.stick, run.scenario), []).append((run, run.to_ping))
    most = max([seconds for values in series.values() for _run, seconds in values], default=1.0)
    return html_environment().get_template("runs.html.j2").render(runs=runs, series=series, most=most)


def compare_page(first: Run, second: Run) -> str:
    """Two runs drawn on one scale, and the difference of each step."""
    drawn = _on_one_scale(first, second)
    return (
        html_environment()
        .get_template("compare.html.j2")
        .render(runs=(first, second), drawings=drawn, rows=differences(first, second))
    )


def _on_one_scale(first: Run, second: Run) -> list[Drawing]:
    every = [bars_of(run.steps, run.observations) for run in (first, second)]
    end = max([bar.end for bars in every for bar in bars], default=1.0)
    return [draw(bars, None, end) for bars in every]


def differences(first: Run, second: Run) -> list[tuple[str, float | None, float | None, float | None]]:
    """Title, seconds in the one and in the other, and the second less the first, in the first's order."""
    before = {step["step"]: step for step in first.steps}
    after = {step["step"]: step for step in second.steps}
    rows = []
    for name in dict.fromkeys([*before, *after]):
        a = before[name]["seconds"] if name in before else None
        b = after[name]["seconds"] if name in after else None
        title = str((before.get(name) or after[name])["title"])
        rows.append((title, a, b, None if a is None or b is None else b - a))
    return rows


def _text(path: Path) -> str:
    try:
        with path.open("rb") as source:
            return source.read(_TEXT_LIMIT).decode("utf-8", "replace")
    except OSError:
        return ""
