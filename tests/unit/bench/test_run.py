# SPDX-License-Identifier: MIT
"""The order of a boot: each stick is reported when it is done, and every folder has the board's logs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from huawei_modem.report import Report
from modem_image.bench import asking, observe, run, visit
from modem_image.bench.card import Card
from modem_image.bench.run import Setting, run_bench
from modem_image.bench.scenario import load_scenarios
from modem_image.bench.snapshot import BoardHungError, Snapshot
from modem_image.bench.stick.stick import Stick, load_stick
from modem_image.bench.visit import Visit
from modem_image.board.description import load_board
from modem_image.cache import Cache

QEMU = load_board("").qemu
HOT_PLUG = load_scenarios()["hot-plug"]
JOURNAL = (
    "[   10.000000] board kernel: usb 1-1: new full-speed USB device number 2\n"
    "[   12.500000] board ofonod[321]: Modem added\n"
)


class FakeGuest:
    """A board that answers everything with 0; its uptime is 12 s when it is asked."""

    def __init__(self, *_arguments: object) -> None:
        self.commands: list[str] = []

    def close(self) -> None: ...

    def connect(self, _patience: float) -> None: ...

    def run(self, command: str, _patience: float = 60.0) -> tuple[int, str]:
        self.commands.append(command)
        return 0, JOURNAL if command.startswith("journalctl --") else ""


@pytest.fixture
def boot(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What happened, in order; nothing is booted."""
    happened: list[str] = []

    @contextlib.contextmanager
    def powered(_settings: object, _card: object, folder: Path) -> Iterator[Any]:
        for name in run.board_logs(QEMU):
            (folder / name).write_text("the board's last line\n")
        happened.append("power")
        yield type("Board", (), {"shell": Path("shell"), "now": staticmethod(lambda: 0.0)})()

    class FakeWatch:
        def __init__(self, _board: object) -> None: ...

        def check(self) -> None: ...

        @contextlib.contextmanager
        def stick(self, stick: Stick, _recorder: object, *, plugged: bool) -> Iterator[None]:
            assert not plugged
            happened.append(f"plug {stick.description.id}")
            yield None

    def attend(plugged: Visit, place: Any, *_rest: object) -> Report:
        return Report("modem-image bench", plugged.name, (), {"first": place.first})

    monkeypatch.setattr(run, "powered_board", powered)
    monkeypatch.setattr(run, "Guest", FakeGuest)
    monkeypatch.setattr(run, "Watch", FakeWatch)
    monkeypatch.setattr(run, "attend", attend)
    monkeypatch.setattr(run, "await_unplugged", lambda *_arguments: happened.append("unplugged"))
    return happened


def test_each_stick_is_reported_before_the_next_comes(boot: list[str], tmp_path: Path) -> None:
    visits = tuple(Visit(load_stick(name), HOT_PLUG) for name in ("ms2372h", "e3372h"))

    def done(report: Report, folder: Path) -> None:
        assert (folder / "summary.json").is_file()
        boot.append(f"report {report.input} in {folder.name}")

    reports = run_bench(Setting("image", Card(tmp_path), QEMU, visits), tmp_path, done)
    assert [report.facts["first"] for report in reports] == [True, False]
    assert boot == [
        "power",
        "plug ms2372h",
        "report run-hot-plug-ms2372h in run-hot-plug-ms2372h-0001",
        "unplugged",
        "plug e3372h",
        "report run-hot-plug-e3372h in run-hot-plug-e3372h-0001",
    ]
    assert (tmp_path / "run-hot-plug-e3372h" / "serial.log").read_text() == "the board's last line\n"


def test_a_kept_board_that_does_not_go_on_is_tried_from_power_on(
    boot: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new one would not go on either, where it is this QEMU that brings none back."""

    def resumed(_snapshot: object, _boot: object, folder: Path) -> contextlib.AbstractContextManager[None]:
        (folder / "serial.log").write_text("the kept board's\n")
        boot.append("resumed")
        raise BoardHungError("QEMU does not bring the kept board back")

    monkeypatch.setattr(run, "kept", lambda *_arguments: Snapshot(tmp_path))
    monkeypatch.setattr(run, "resumed", resumed)
    visits = (Visit(load_stick("ms2372h"), HOT_PLUG),)
    run_bench(Setting("image", Card(tmp_path), QEMU, visits, boards=Cache(tmp_path / "cache")), tmp_path)
    assert boot == ["resumed", "power", "plug ms2372h"]
    hung = tmp_path / "run-hot-plug-ms2372h" / "serial-hung-1.log"
    assert hung.read_text() == "the kept board's\n"


def test_the_daemons_lines_and_the_timeline_count_from_plug_in(tmp_path: Path) -> None:
    clock = observe.Clock(plug_in=1010.0, uptime_offset=1000.0)
    journal, _bus = visit._collect(FakeGuest(), tmp_path, visit._Mark("", 0), clock)  # type: ignore[arg-type]
    assert (tmp_path / "ofono.log").read_text() == "     2.500  Modem added\n"
    assert (tmp_path / "journal.txt").read_text() == JOURNAL
    visit.write_timeline(tmp_path, list(observe.from_journal(journal, clock)), -10.0)
    assert (tmp_path / "timeline.txt").read_text().splitlines() == [
        "   -10.000  power on",
        "     0.000  kernel   kernel usb 1-1: new full-speed USB device number 2",
        "     2.500  journal  ofonod Modem added",
    ]


@pytest.mark.parametrize(
    ("output", "said"),
    [('{\n "code": 1\n}\n', "ok"), ("one\ntwo\n", "ok two"), ("12\n", "ok 12"), ("[]\n", "ok"), ("", "ok")],
)
def test_an_answer_is_seen_by_its_last_line_unless_it_is_a_document(output: str, said: str) -> None:
    answers = {"asked": asking.Answer("asked", 1012.0, 0, output)}
    (seen,) = asking.of_answers(answers, observe.Clock(plug_in=1010.0, uptime_offset=1000.0))
    assert (seen.time, seen.name, seen.text) == (2.0, "asked", said)
