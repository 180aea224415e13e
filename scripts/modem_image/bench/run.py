# SPDX-License-Identifier: MIT
"""One run of the bench: power the board, plug the stick in, watch, ask, report."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huawei_modem.report import Evidence, Finding, Report, Severity, error
from modem_image.bench import observe, steps
from modem_image.bench.card import Card
from modem_image.bench.guest import Guest, GuestTimeoutError
from modem_image.bench.qemu import Board, powered_board
from modem_image.bench.record import Recorder
from modem_image.bench.scenario import Scenario
from modem_image.bench.stick.peer import Peer
from modem_image.bench.stick.stick import STORAGE_MODE, Stick
from modem_image.board import QemuSettings
from modem_image.console import say
from modem_image.errors import FaultError
from modem_image.files import write_atomic

BOOT_TRIES = 2
CAPTURE = "capture.tar.gz"
"""What `huawei-modem report` wrote on the board at the end, in the run's folder."""
_BUS_LOG = "/run/bench-dbus.log"
_CAPTURE = f"/run/{CAPTURE}"
# A passive listener: signals only, nothing is asked of the daemons, and the bus is not started for it.
_RULES = " ".join(f"\"type='signal',sender='{name}'\"" for name in ("org.ofono", "net.connman"))
_LISTEN = (
    "{ until pidof dbus-daemon; do sleep 1; done; "
    f"exec dbus-monitor --system {_RULES}; }} >{_BUS_LOG} 2>&1 & sleep 1"
)
_PINGS = 3
_ATTACH_PATIENCE = 10.0
_DEATH_PATIENCE = 2.0
# Generous: on a busy machine the emulated one is several times slower than the minute it takes alone.
_ANSWER_PATIENCE = 180.0


class BoardHungError(FaultError):
    """The board did not come up in time."""


@dataclass(frozen=True)
class Answer:
    """What the board said when it was asked at the end. `moment` is of the host's monotonic clock."""

    name: str
    moment: float
    status: int
    output: str


@dataclass(frozen=True)
class Setting:
    """What a run is made of."""

    card: Card
    qemu: QemuSettings
    stick: Stick
    scenario: Scenario


def run_bench(setting: Setting, label: str, folder: Path) -> Report:
    """Run once and write everything that was seen into `folder`; the report is also there as summary.json.

    A board that does not boot is tried once more, and says so. Raises FaultError when it fails again.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for attempt in range(1, BOOT_TRIES + 1):
        try:
            report = _run_once(setting, label, folder)
            break
        except BoardHungError as hung:
            (folder / "serial.log").rename(folder / f"serial-hung-{attempt}.log")
            say(f"  {hung}\n  the board hung (log kept: {folder}/serial-hung-{attempt}.log)")
            if attempt == BOOT_TRIES:
                raise
            say("  trying once more")
    write_atomic(folder / "summary.json", report.to_json().encode())
    return report


def _run_once(setting: Setting, label: str, folder: Path) -> Report:
    scenario = setting.scenario
    recorder = Recorder(folder / "stick.log", progress=say)
    with powered_board(setting.qemu, setting.card, folder) as board:
        power_on = time.monotonic()
        with (
            _stick(board, setting, recorder) as (stick, alive),
            closing(Guest(board.shell, alive, board.now)) as guest,
        ):
            _boot(guest, scenario, board.now)
            if not scenario.cold:
                say(f"  multi-user after {time.monotonic() - power_on:.0f} s, plugging the stick in")
            guest.run(_LISTEN)
            if not scenario.cold:
                stick.plug()
            plug_in = recorder.await_event("attached", _ATTACH_PATIENCE, alive) or time.monotonic()
            recorder.await_event("http-request", scenario.come_up_patience, alive, board.now)
            answers = _ask(guest, setting.stick, folder)
            host, uptime, wall = guest.clock()
            clock = observe.Clock(plug_in, host - uptime, host - wall)
            journal, bus_log = _collect(guest, folder)
    seen = [
        *observe.from_events(recorder.events, clock),
        *observe.from_journal(journal, clock),
        *observe.from_signals(bus_log, clock),
        *_of_answers(answers, recorder, clock),
    ]
    return _report(setting, label, folder, seen, answers, clock.of_host(power_on))


@contextmanager
def _stick(board: Board, setting: Setting, recorder: Recorder) -> Iterator[tuple[Peer, Callable[[], None]]]:
    """The stick in its thread, and a check that raises when it or the board is gone."""
    peer = Peer(board.stick, setting.stick, recorder.record, plugged=setting.scenario.cold)

    def check_alive() -> None:
        board.check_alive()
        if peer.error is not None:
            raise FaultError(f"the emulated stick failed: {peer.error!r}") from peer.error
        if peer.end is not None:
            board.check_alive(_DEATH_PATIENCE)  # a QEMU that dies closes the stick's socket first
            raise FaultError(f"the emulated stick ended before the run was over: {peer.end.value}")

    peer.start()
    try:
        yield peer, check_alive
    finally:
        peer.stop()
        with suppress(Exception):  # its error was told by check_alive, or the run is over without it
            peer.join(10)


def _boot(guest: Guest, scenario: Scenario, now: Callable[[], float]) -> None:
    """Wait for a shell, and for a hot plug for multi-user too. Raises BoardHungError."""
    end = now() + scenario.boot_patience
    try:
        guest.connect(scenario.boot_patience)
        while not scenario.cold and guest.run("systemctl is-active --quiet multi-user.target")[0]:
            if now() > end:
                raise GuestTimeoutError(f"multi-user.target not reached in {scenario.boot_patience:.0f} s")
            time.sleep(1)
    except GuestTimeoutError as timeout:
        raise BoardHungError(str(timeout)) from timeout


def _ask(guest: Guest, stick: Stick, folder: Path) -> dict[str, Answer]:
    """Questions whose answers are the last steps; they come after all that happens by itself."""
    questions = {
        "ping": f"ping -c {_PINGS} -W 5 {stick.description.network.host}",
        "doctor": "huawei-modem doctor --json - 2>/dev/null",
        "check-modules": "huawei-modem check-modules",
        "capture": f"rm -f {_CAPTURE}; huawei-modem report {_CAPTURE}",
    }
    answers = {}
    for name, command in questions.items():
        status, output = guest.run(command, _ANSWER_PATIENCE)
        answers[name] = Answer(name, time.monotonic(), status, output)
        with (folder / "answers.txt").open("a") as log:
            log.write(f"$ {command}\n{output}exit status {status}\n\n")
    if answers["capture"].status == 0:
        (folder / CAPTURE).write_bytes(guest.fetch(_CAPTURE, _ANSWER_PATIENCE))
    return answers


def _collect(guest: Guest, folder: Path) -> tuple[str, str]:
    """The board's journal and D-Bus signals, also split by daemon into files of the run's folder."""
    _, journal = guest.run("journalctl --boot --no-pager --quiet --output=short-monotonic", _ANSWER_PATIENCE)
    _, bus_log = guest.run(f"cat {_BUS_LOG}", _ANSWER_PATIENCE)
    lines = journal.splitlines(keepends=True)
    (folder / "journal.txt").write_text(journal)
    (folder / "dbus.log").write_text(bus_log)
    for name, daemon in (("ofono.log", " ofonod["), ("connman.log", " connmand[")):
        (folder / name).write_text("".join(line for line in lines if daemon in line))
    return journal, bus_log


def _of_answers(
    answers: dict[str, Answer], recorder: Recorder, clock: observe.Clock
) -> Iterator[observe.Observation]:
    for answer in answers.values():
        # The stick saw the first echo request; the shell only hears of the last one.
        seen = recorder.first("icmp-echo") if answer.name == "ping" else None
        word = "ok" if answer.status == 0 else f"exit status {answer.status}"
        lines = answer.output.strip().splitlines() or [""]
        yield observe.Observation(
            clock.of_host(seen or answer.moment), "bench", answer.name, f"{word} {lines[-1]}"
        )


def _report(
    setting: Setting,
    label: str,
    folder: Path,
    seen: list[observe.Observation],
    answers: dict[str, Answer],
    power_on: float,
) -> Report:
    # Status, report and capture are made of the same facts; the doctor's are told here.
    examined = _json_of(answers["doctor"].output)
    outcome = steps.results(steps.expected_steps(setting.stick.settings.start == STORAGE_MODE), seen)
    timeline = [
        {
            "step": result.step.name,
            "title": result.step.title,
            "seconds": result.seconds,
            "evidence": result.evidence,
        }
        for result in outcome
    ]
    facts: dict[str, Any] = {
        "stick": setting.stick.description.id,
        "scenario": setting.scenario.name,
        "power_on_seconds": round(power_on, 3),
        "timeline": timeline,
        "status": examined["facts"] if examined else None,
    }
    diagnosis = _doctors_findings(answers["doctor"])
    return Report("modem-image bench", label, (*steps.findings(outcome, str(folder)), *diagnosis), facts)


def _doctors_findings(answer: Answer) -> list[Finding]:
    """What the doctor on the board found, as findings of this report."""
    document = _json_of(answer.output)
    if document is None:
        said = " ".join(answer.output.split())[-300:]
        return [
            error(
                "bench-doctor-unreadable",
                "the doctor on the board gave no report",
                [Evidence("huawei-modem doctor", said)],
            )
        ]
    return [
        Finding(
            found["code"],
            Severity(found["severity"]),
            found["title"],
            tuple(
                Evidence(f"board: {item['source']}", item["text"], item.get("line"))
                for item in found["evidence"]
            ),
            tuple(found["remedy"]),
        )
        for found in document["findings"]
    ]


def _json_of(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
