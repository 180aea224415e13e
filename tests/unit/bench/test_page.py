# SPDX-License-Identifier: MIT
"""The page of a run, of all runs, and of two: what happened when, what failed, where the time went."""

from __future__ import annotations

import html
import itertools
import json
import re
from pathlib import Path

import pytest

from modem_image.bench.page.decided import decided
from modem_image.bench.page.drawing import LABEL, PLOT, Bar, bars_of, draw, slowest
from modem_image.bench.page.runs import Run, load_run
from modem_image.bench.page.write import (
    around,
    compare_page,
    differences,
    report_page,
    write_pages,
)
from unit.bench.runs import SECONDS, SEEN, make
from unit.browser import measured, picture


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return load_run(make(tmp_path, 1))


# --- The drawing ------------------------------------------------------------------------------------


def test_a_bar_goes_from_cause_to_effect(run: Run) -> None:
    bars = {bar.step: bar for bar in bars_of(run.steps, run.observations)}
    assert set(bars) == set(SECONDS)
    found = {
        name: (bars[name].cause, bars[name].start) for name in ("storage", "switched", "modem", "dialled")
    }
    assert found == {
        "storage": ("plug-in", 0.0),
        "switched": ("storage", 0.877),
        "modem": ("serial", 7.174),
        "dialled": ("attached", 15.339),
    }
    assert (bars["doctor"].cause, bars["capture"].cause) == ("ping", "doctor")
    # What came before its usual cause has an earlier one: nothing is drawn backwards.
    assert bars["attached"].cause == "powered"
    assert all(bar.end >= bar.start for bar in bars.values())


def test_waits_are_named_by_what_was_seen_meanwhile(run: Run) -> None:
    waits = {bar.step: bar.wait for bar in bars_of(run.steps, run.observations)}
    assert waits["switched"] == "the kernel reads the disk (sr)"
    assert waits["modem"] == "ModemManager probes the ports"
    assert waits["ping"] == ""
    assert [bar.step for bar in slowest(bars_of(run.steps, []), 2)] == ["network", "modem"]


def test_nothing_overlaps_and_all_is_inside(run: Run) -> None:
    drawing = draw(bars_of(run.steps, []), run.power_on)
    for lane in drawing.lanes:
        for bar in lane.bars:
            assert bar.x >= LABEL and bar.x + bar.width <= LABEL + PLOT + 3
            assert lane.y <= bar.y and bar.y + 16 <= lane.y + lane.height
        rows: dict[float, list[Bar]] = {}
        for bar in lane.bars:
            rows.setdefault(bar.y, []).append(bar)
        for row in rows.values():
            ordered = sorted(row, key=lambda bar: bar.x)
            assert all(a.x + a.width <= b.x for a, b in itertools.pairwise(ordered))
    assert drawing.boot == pytest.approx(35.9)
    assert [text for _x, text in drawing.ticks] == ["0 s", "5 s", "10 s", "15 s", "20 s"]


def test_two_drawings_have_one_scale(tmp_path: Path) -> None:
    first, second = load_run(make(tmp_path, 1)), load_run(make(tmp_path, 2, slower=20.0))
    page = compare_page(first, second)
    widths = [set(re.findall(r'<text class="soft" x="([\d.]+)"', part)) for part in page.split("</svg>")[:2]]
    assert widths[0] == widths[1]
    rows = {title: more for title, _a, _b, more in differences(first, second)}
    assert rows["the step ping"] == pytest.approx(20.0)
    assert "+20.0" in page


# --- The pages --------------------------------------------------------------------------------------


def test_a_good_run(run: Run) -> None:
    page = report_page(run)
    for part in (
        "16.5 s",
        "image.tar",
        "12d1:1506",
        "OFONO_LABEL=modem",
        "evidence of dialled",
        "serial.log",
    ):
        assert part in page, part
    assert 'id="fault"' not in page
    assert html.escape("<b>probe</b>") in page and "<b>probe" not in page
    assert "<script" not in page and not re.search(r'(?:src|href)="(?:https?:)?//', page)


def test_of_a_fault_the_page_says_what_failed_and_what_to_do(tmp_path: Path) -> None:
    page = report_page(load_run(make(tmp_path, 1, missed="online")))
    top = page.partition('id="timeline"')[0]
    for part in (
        "Not seen: the step online.",
        "The last step before it: the step powered, 12.5 s after plug-in",
        "the SIM wants its PIN",
        "huawei-modem connect --pin-file FILE",
        "no ping",
    ):
        assert part in top, part
    assert page.count('<td class="error" colspan="3">not seen') == len(SECONDS) - list(SECONDS).index(
        "online"
    )


def test_of_a_fault_that_was_provoked_the_last_step_is_named(tmp_path: Path) -> None:
    folder = make(tmp_path, 1, missed="online")
    document = json.loads((folder / "summary.json").read_text())
    steps = [step for step in document["facts"]["timeline"] if step["seconds"] is not None]
    document["facts"]["timeline"] = [*steps, {**steps[-1], "step": "doctor", "seconds": 60.0}]
    document["facts"]["awaited"] = "oFono has it online"
    (folder / "summary.json").write_text(json.dumps(document))
    page = report_page(load_run(folder))
    assert "The last step of the stick: the step network, 13.9 s after plug-in" in page
    assert "Not reached: oFono has it online." in page
    (asked,) = [bar for bar in bars_of(load_run(folder).steps, []) if bar.lane == "asked"]
    assert asked.start == SECONDS["network"]


DENIED = {
    "seconds": 25.679,
    "source": "ofono",
    "name": "NetworkRegistration.Status=denied",
    "text": "/huawei_0 Status denied",
}
QUIET = {"source": "journal", "name": "systemd", "text": "a line like any other"}


@pytest.mark.parametrize(
    ("code", "provoked", "extra", "event"),
    [
        ("not-registered", 25.126, [DENIED], DENIED),
        ("not-registered", None, [DENIED], DENIED),
        ("sim-pin-required", 5.6, [], SEEN[2]),
        ("sim-pin-required", None, [{**QUIET, "seconds": 14.0}], None),
    ],
)
def test_the_event_that_decided_is_shown_with_what_was_seen_around_it(
    code: str,
    provoked: float | None,
    extra: list[dict[str, object]],
    event: dict[str, object] | None,
) -> None:
    """By the finding's own sign, else by the scenario's event; without both what followed the last step."""
    answer = {"seconds": 26.0, "source": "bench", "name": "doctor", "text": "exit status 1"}
    filler = [{**QUIET, "seconds": 23.7 + number / 100} for number in range(250)]
    found = decided([code], 13.889, provoked, [*SEEN, *filler, *extra, answer])
    assert found and found.event == event
    assert 0 < len(found.lines) <= 40
    assert event in found.lines or event is None
    assert answer not in found.lines


def test_nothing_decides_where_nothing_was_seen() -> None:
    assert decided(["sim-missing"], None, None, SEEN) is None
    assert decided(["sim-missing"], 99.0, None, SEEN) is None


def test_the_page_says_that_a_fault_was_provoked_when_and_by_what(tmp_path: Path) -> None:
    folder = make(tmp_path, 1, missed="registered")
    document = json.loads((folder / "summary.json").read_text())
    document["facts"]["scenario"] = "denied"
    document["facts"]["provoked"] = {"what": "the network does not let <b>it</b> in", "seconds": 25.126}
    document["findings"][0]["code"] = "not-registered"
    (folder / "summary.json").write_text(json.dumps(document))
    seen = json.loads((folder / "timeline.json").read_text())
    seen["observations"] += [DENIED]
    (folder / "timeline.json").write_text(json.dumps(seen))
    top = report_page(load_run(folder)).partition('id="timeline"')[0]
    assert "Provoked by the scenario denied</strong>: the network does not let &lt;b&gt;it" in top
    assert "25.7 s after plug-in" in top
    assert "<mark>   25.679  ofono    NetworkRegistration.Status=denied" in top
    good = report_page(load_run(make(tmp_path, 2)))
    assert "Provoked" not in good and "<mark>" not in good


def test_of_a_real_board_the_doctors_error_alone_is_a_page_too(tmp_path: Path) -> None:
    """Each step was seen: its report does not say what is awaited (modem_image/bench/ssh/run.py)."""
    folder = make(tmp_path, 1, missed="online")
    document = json.loads((folder / "summary.json").read_text())
    seen = [step for step in document["facts"]["timeline"] if step["seconds"] is not None]
    document["facts"] |= {"timeline": seen, "board": "ssh://root@192.0.2.1"}
    (folder / "summary.json").write_text(json.dumps(document))
    page = report_page(load_run(folder))
    assert "the SIM wants its PIN" in page
    assert "Not reached" not in page


def test_a_step_that_the_scenario_leaves_possible_is_no_fault_of_the_scenario(tmp_path: Path) -> None:
    """The run fails as it was made to only where the scenario's event came and nothing was missed before."""
    folder = make(tmp_path, 1, missed="registered")
    document = json.loads((folder / "summary.json").read_text())
    whole = document["facts"]["timeline"]
    seen = [step for step in whole if step["seconds"] is not None]
    for steps, seconds, provoked in ((seen, 25.126, True), (seen, None, False), (whole, 25.126, False)):
        document["facts"] |= {"timeline": steps, "provoked": {"what": "no network", "seconds": seconds}}
        (folder / "summary.json").write_text(json.dumps(document))
        page = report_page(load_run(folder))
        assert "no network" in page
        assert ("this is not a fault of the image" in page) is provoked


def test_a_run_of_which_nothing_was_seen(tmp_path: Path) -> None:
    page = report_page(load_run(make(tmp_path, 1, missed="storage")))
    assert "Nothing was seen of the stick." in page


def test_a_run_of_an_older_version_has_no_timeline(tmp_path: Path) -> None:
    folder = make(tmp_path, 1)
    (folder / "timeline.json").unlink()
    assert "This run has no timeline.json" in report_page(load_run(folder))


def test_the_log_around_a_step(run: Run) -> None:
    bars = {bar.step: bar for bar in bars_of(run.steps, run.observations)}
    assert [each["name"] for each in around(bars["switched"], run.observations)] == ["switch-requested"]


@pytest.mark.slow
def test_a_browser_shows_the_run(tmp_path: Path) -> None:
    """In Debian's chromium, narrow: nothing sticks out, bars are there, the fault is on the first screen."""
    folder = make(tmp_path, 1, missed="online")
    write_pages(folder, load_run(folder))
    wanted = """{
        fits: document.documentElement.scrollWidth <= innerWidth,
        fault: document.querySelector('#fault').getBoundingClientRect().top < 900,
        bars: [...document.querySelectorAll('.bar0')].filter(it => it.getBoundingClientRect().width).length,
        hover: document.querySelector('.time g g title').textContent.includes('evidence of'),
    }"""
    shown = json.loads(measured((folder / "report.html").read_text(), tmp_path / "profile", 400, wanted))
    assert shown == {"fits": True, "fault": True, "bars": 8, "hover": True}
    whole = "[...document.querySelectorAll('.scroll')].every(it => it.scrollWidth <= it.clientWidth)"
    assert measured((tmp_path / "index.html").read_text(), tmp_path / "profile", 400, whole) == "true"
    path = picture((folder / "report.html").as_uri(), tmp_path / "profile", "run", 1200, "dark")
    assert path.stat().st_size > 20_000
