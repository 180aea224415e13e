# SPDX-License-Identifier: MIT
"""One run of the bench: power the board, plug the stick in, watch, ask, report."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from huawei_modem.report import Evidence, Finding, Report, Severity, error
from modem_image.bench import observe, steps
from modem_image.bench.card import Card
from modem_image.bench.guest import Guest, GuestTimeout
from modem_image.bench.qemu import powered_board
from modem_image.bench.record import Recorder
from modem_image.bench.scenario import Scenario
from modem_image.bench.stick.peer import Peer
from modem_image.bench.stick.stick import STORAGE_MODE, Stick
from modem_image.board import QemuSettings
from modem_image.console import say
from modem_image.files import write_atomic

BOOT_TRIES = 2
_BUS_LOG = "/run/bench-dbus.log"
# A passive listener: signals only, nothing is asked of the daemons.
_LISTEN = (
    f"dbus-monitor --system \"type='signal',sender='org.ofono'\" \"type='signal',sender='net.connman'\""
    f" >{_BUS_LOG} 2>&1 & sleep 1"
)
_GATEWAY_PINGS = 3


@dataclass(frozen=True)
class Answers:
    """What the board said when it was asked at the end: exit status and output of each command."""

    ping: tuple[int, str]
    doctor: tuple[int, str]
    status: tuple[int, str]
    check_modules: tuple[int, str]


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
        except GuestTimeout as timeout:
            (folder / "serial.log").rename(folder / f"serial-hung-{attempt}.log")
            say(f"  {timeout}\n  the board hung (log kept: {folder}/serial-hung-{attempt}.log)")
            if attempt == BOOT_TRIES:
                raise
            say("  trying once more")
    write_atomic(folder / "summary.json", report.to_json().encode())
    return report


def _run_once(setting: Setting, label: str, folder: Path) -> Report:
    with powered_board(setting.qemu, setting.card, folder) as board:
        recorder = Recorder(folder / "stick.log", progress=say)
        power_on = time.monotonic()
        with (
            _stick(board.stick, setting, recorder) as stick,
            closing(Guest(board.shell, board.check_alive)) as guest,
        ):
            guest.connect(setting.scenario.boot_patience)
            if setting.scenario.cold:
                guest.run(_LISTEN)
            else:
                _await_multi_user(guest, setting.scenario.boot_patience)
                say(f"  multi-user after {time.monotonic() - power_on:.0f} s, plugging the stick in")
                guest.run(_LISTEN)
                stick.plug()
            plug_in = recorder.await_event("attached", 10, board.check_alive) or time.monotonic()
            recorder.await_event("http-request", setting.scenario.come_up_patience, board.check_alive)
            answers = _ask(guest, setting.stick)
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
def _stick(socket: Path, setting: Setting, recorder: Recorder) -> Iterator[Peer]:
    peer = Peer(socket, setting.stick, recorder.record, plugged=setting.scenario.cold)
    peer.start()
    try:
        yield peer
    finally:
        peer.stop()
        peer.join(10)


def _await_multi_user(guest: Guest, patience: float) -> None:
    end = time.monotonic() + patience
    while guest.run("systemctl is-active --quiet multi-user.target")[0]:
        if time.monotonic() > end:
            raise GuestTimeout(f"multi-user.target not reached in {patience:.0f} s")
        time.sleep(1)


def _ask(guest: Guest, stick: Stick) -> Answers:
    """Questions whose answers are the last steps; they come after all that happens by itself."""
    return Answers(
        ping=guest.run(f"ping -c {_GATEWAY_PINGS} -W 5 {stick.description.network.gateway}"),
        doctor=guest.run("huawei-modem doctor --json - 2>/dev/null"),
        status=guest.run("huawei-modem status --json - 2>/dev/null"),
        check_modules=guest.run("huawei-modem check-modules"),
    )


def _collect(guest: Guest, folder: Path) -> tuple[str, str]:
    """The board's journal and D-Bus signals, also split by daemon into files of the run's folder."""
    _, journal = guest.run("journalctl --boot --no-pager --quiet --output=short-monotonic", 120)
    _, bus_log = guest.run(f"cat {_BUS_LOG}", 120)
    lines = journal.splitlines(keepends=True)
    (folder / "journal.txt").write_text(journal)
    (folder / "dbus.log").write_text(bus_log)
    for name, daemon in (("ofono.log", " ofonod["), ("connman.log", " connmand[")):
        (folder / name).write_text("".join(line for line in lines if daemon in line))
    return journal, bus_log


def _of_answers(answers: Answers, recorder: Recorder, clock: observe.Clock) -> Iterator[observe.Observation]:
    now = clock.of_host(time.monotonic())
    pings = [event.time for event in recorder.events if event.name == "icmp-echo"]
    for name, (status, output) in asdict(answers).items():
        moment = clock.of_host(pings[0]) if name == "ping" and pings else now
        word = "ok" if status == 0 else f"exit status {status}"
        lines = output.strip().splitlines() or [""]
        yield observe.Observation(moment, "bench", name.replace("_", "-"), f"{word} {lines[-1]}")


def _report(
    setting: Setting,
    label: str,
    folder: Path,
    seen: list[observe.Observation],
    answers: Answers,
    power_on: float,
) -> Report:
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
        "status": _json_of(answers.status[1]),
    }
    diagnosis = _doctors_findings(answers)
    return Report("modem-image bench", label, (*steps.findings(outcome, str(folder)), *diagnosis), facts)


def _doctors_findings(answers: Answers) -> list[Finding]:
    """What the doctor on the board found, as findings of this report."""
    document = _json_of(answers.doctor[1])
    if document is None:
        said = " ".join(answers.doctor[1].split())[-300:]
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
