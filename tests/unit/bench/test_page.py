# SPDX-License-Identifier: MIT
"""The page of a run, of all runs, and of two: what happened when, what failed, where the time went."""

from __future__ import annotations

import html
import itertools
import json
import re
from pathlib import Path

import pytest

from modem_image.bench.folders import new_folders
from modem_image.bench.page.decided import decided
from modem_image.bench.page.drawing import LABEL, PLOT, Bar, bars_of, draw, slowest
from modem_image.bench.page.runs import Run, load_run, load_runs
from modem_image.bench.page.write import (
    INDEX,
    around,
    compare_page,
    differences,
    index_page,
    report_page,
    write_pages,
)
from modem_image.cli import main
from modem_image.errors import InputError
from modem_image.made import seal
from unit.browser import measured, picture

# Seconds of a run of 2026-11-29 with the MS2372h of Vodafone.
SECONDS = {
    "storage": 0.877,
    "switched": 5.652,
    "modem-mode": 6.376,
    "serial": 7.174,
    "network": 13.889,
    "modem": 12.344,
    "powered": 12.53,
    "online": 15.354,
    "registered": 15.462,
    "attached": 15.339,
    "service": 15.695,
    "dialled": 15.67,
    "data": 15.705,
    "checked": 16.321,
    "connected": 16.334,
    "ping": 16.456,
    "doctor": 19.907,
    "capture": 23.813,
}
SEEN = [
    {"seconds": -3.0, "source": "kernel", "name": "kernel", "text": "Run /init as init process"},
    {"seconds": 1.2, "source": "kernel", "name": "kernel", "text": "sr 0:0:0:0: [sr0] scsi3-mmc drive"},
    {"seconds": 5.652, "source": "stick", "name": "switch-requested", "text": "message=1106"},
    {"seconds": 12.0, "source": "journal", "name": "ModemManager", "text": "<b>probe</b> of ttyUSB0"},
]


def make(
    output: Path, number: int, missed: str | None = None, slower: float = 0.0, stick: str = "ms2372h"
) -> Path:
    """A run's folder as the bench leaves it; from `missed` on nothing was seen."""
    folder = output / f"run-hot-plug-{stick}-{number:04}"
    folder.mkdir(parents=True)
    names = list(SECONDS)
    cut = names.index(missed) if missed else len(names)
    steps = [
        {
            "step": name,
            "title": f"the step {name}",
            "seconds": None if place >= cut else SECONDS[name] + slower,
            "evidence": f"evidence of {name}",
        }
        for place, name in enumerate(names)
    ]
    finding = {
        "code": "sim-pin-required",
        "severity": "error",
        "title": "the SIM wants its PIN",
        "evidence": [{"source": "board: oFono", "text": "pin"}],
        "remedy": ["huawei-modem connect --pin-file FILE"],
    }
    interface = {"number": 0, "usb_class": "ff", "subclass": "03", "protocol": "31", "function": "modem"}
    interface |= {"driver": "option", "tty": "ttyUSB0", "net": None, "label": "modem"}
    seen = {
        "path": "/sys/bus/usb/devices/1-1",
        "usb": "12d1:1506",
        "name": "Huawei",
        "interfaces": [interface],
    }
    document = {
        "schema": 1,
        "tool": "modem-image bench",
        "input": f"image.tar, {stick}, hot-plug",
        "findings": [finding] if missed else [],
        "facts": {
            "stick": stick,
            "scenario": "hot-plug",
            "power_on_seconds": -35.9,
            "timeline": steps,
            "status": {"sticks": [seen]},
            "asked": {},
        },
    }
    (folder / "summary.json").write_text(json.dumps(document))
    (folder / "timeline.json").write_text(json.dumps({"schema": 1, "power_on": -35.9, "observations": SEEN}))
    (folder / "serial.log").write_text("boot")
    return folder


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


def test_all_runs_in_one_list(tmp_path: Path) -> None:
    for number, missed, stick in ((1, None, "ms2372h"), (2, "online", "ms2372h"), (3, None, "e3372s")):
        folder = make(tmp_path, number, missed, stick=stick)
        write_pages(folder, load_run(folder))
    (tmp_path / "run-hot-plug-ms2372h").symlink_to("run-hot-plug-ms2372h-0002")
    (tmp_path / "run-broken-0004").mkdir()
    (tmp_path / "run-broken-0004" / "summary.json").write_text("{")
    assert [run.number for run in load_runs(tmp_path)] == [3, 2, 1]
    page = (tmp_path / INDEX).read_text()
    for target in re.findall(r'href="([^"]+)"', page):
        assert (tmp_path / target).is_file(), target
    assert "fault: the step online" in page
    assert page.count('class="spark"') == 2
    assert index_page([])


@pytest.mark.parametrize(
    "damage",
    ["{", "[]", "{}", '{"tool": 1, "input": 2, "findings": 3, "facts": 4}', "[" * 100_000],
)
def test_what_is_no_run(tmp_path: Path, damage: str) -> None:
    folder = make(tmp_path, 1)
    (folder / "summary.json").write_text(damage)
    with pytest.raises(InputError, match="read"):
        load_run(folder)
    with pytest.raises(InputError, match=r"is not the folder of a run"):
        load_run(tmp_path)


def test_the_command_compares_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [make(tmp_path, 1), make(tmp_path, 2, slower=1.5)]
    assert main(["bench", "--compare", *map(str, runs), "--output", str(tmp_path / "out")]) == 0
    assert "+1.5" in capsys.readouterr().out
    assert "<svg" in (tmp_path / "out" / "compare.html").read_text()
    assert main(["bench", "--compare", str(runs[0]), str(tmp_path)]) == 2


def test_the_comparison_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [make(tmp_path, 1), make(tmp_path, 2, slower=1.5)]
    words = ["bench", "--compare", *map(str, runs), "--output", str(tmp_path / "out"), "--json"]
    assert main([*words, "-"]) == 0
    written = json.loads(capsys.readouterr().out)
    assert (written["first"], written["second"]) == tuple(map(str, runs))
    assert {round(each["difference"], 6) for each in written["differences"]} == {1.5}
    for _again in range(2):  # the second time over its own result
        assert main([*words, str(tmp_path / "new.json")]) == 0
        document = json.loads((tmp_path / "new.json").read_text())
        assert document.pop("written_by").startswith("modem-image bench --json sha256:")
        assert document == written
    assert main(["bench", "--list", "--json", str(tmp_path / "list.json")]) == 2
    assert not (tmp_path / "list.json").exists()


def test_names_of_a_run_steer_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make(tmp_path, 1)
    document = json.loads((folder / "summary.json").read_text())
    for step in document["facts"]["timeline"]:
        step["title"] += "\x1b[31m\u202e"
    (folder / "summary.json").write_text(json.dumps(document))
    evil = folder.rename(tmp_path / "run-\x1b[31m-0002")
    words = ["bench", "--compare", str(evil), str(evil), "--output", str(tmp_path / "out")]
    for more in ([], ["--json", "-"]):
        assert main([*words, *more]) == 0
        said = capsys.readouterr()
        assert "the step" in said.out and not set(said.out + said.err) & {"\x1b", "\u202e"}
    for key, value in (("title", 1), ("step", []), ("seconds", "1.0"), ("seconds", 1e308), ("seconds", 1e9)):
        document["facts"]["timeline"][0][key] = value
        (evil / "summary.json").write_text(json.dumps(document))
        assert main(words) == 2
        assert "can be read" in capsys.readouterr().err


def test_a_run_with_a_file_of_the_user_is_kept(tmp_path: Path) -> None:
    (first,) = new_folders(tmp_path, ["run-a"], keep=1)
    seal(first)
    (first / "why.txt").write_text("mine")
    (second,) = new_folders(tmp_path, ["run-a"], keep=1)
    seal(second)
    new_folders(tmp_path, ["run-a"], keep=1)
    assert (first / "why.txt").read_text() == "mine"
    assert not second.exists()


def test_a_link_of_the_user_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run-a").symlink_to("elsewhere")
    with pytest.raises(InputError, match="was not made by this command"):
        new_folders(tmp_path, ["run-a"])
    assert (tmp_path / "run-a").is_symlink()


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
