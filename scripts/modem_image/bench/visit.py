# SPDX-License-Identifier: MIT
"""One stick on the running board: plug it in, watch, ask, and report what was seen."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from huawei_modem.report import Report
from modem_image.bench import beside, observe, steps, timeline
from modem_image.bench.asking import (
    ANSWER_PATIENCE,
    QUESTIONS,
    Answer,
    ask,
    doctors_findings,
    json_of,
    of_answers,
)
from modem_image.bench.guest import Guest
from modem_image.bench.life import Around, Life, Return, live
from modem_image.bench.qemu import Board
from modem_image.bench.record import Recorder
from modem_image.bench.scenario import Scenario
from modem_image.bench.stick.peer import Peer
from modem_image.bench.stick.stick import Stick
from modem_image.console import say, waiting
from modem_image.errors import FaultError
from modem_image.files import write_atomic

_BUS_LOG = "/run/bench-dbus.log"
# A passive listener: signals only, nothing is asked of the daemons, and the bus is not started for it.
# systemd's busctl is in every image; OpenEmbedded packs dbus-monitor apart. The shell adds the uptime.
_RULES = " ".join(f"--match=type=signal,sender={name}" for name in ("org.ofono", "net.connman"))
# The kernel has let go of the stick, and oFono and ConnMan have had their time to notice.
_UNPLUGGED = "! grep -qs 12d1 /sys/bus/usb/devices/*/idVendor && udevadm settle"
_AFTERMATH_S = 3.0
# oFono 1.31 may fall into an endless recursion when a stick is pulled that speaks PPP, and in the end dies of
# it: "huawei: Fix infinite loop on modem removal" (d7d49eb1) is in 1.32. The next stick needs one that lives.
_OFONO_LIVES = (
    "! systemctl is-enabled --quiet ofono || "
    "busctl --timeout=10 call org.ofono / org.ofono.Manager GetModems >/dev/null"
)
_OFONO_AGAIN = "systemctl kill --signal=KILL ofono; systemctl restart ofono"
_PINGS = 3
_ATTACH_PATIENCE = 10.0
_DEATH_PATIENCE = 2.0
EARLIER = -0.5
"""Seconds: what was seen earlier than this belongs to the stick before. The clocks differ by less."""


@dataclass(frozen=True)
class Visit:
    """A stick, and what happens to it."""

    stick: Stick
    scenario: Scenario
    beside: Stick | None = None
    """A second stick, which comes to the board's other port once the first is online."""

    @property
    def name(self) -> str:
        """That of its runs' folders."""
        more = f"-beside-{self.beside.description.id}" if self.beside else ""
        return f"run-{self.scenario.name}-{self.stick.description.id}{more}"


class Watch:
    """Raises when the board is gone, or a stick that is at it now."""

    def __init__(self, board: Board) -> None:
        self.now = board.now
        self._board = board
        self._peers: list[Peer] = []

    def check(self) -> None:
        self._board.check_alive()
        for peer in self._peers:
            if peer.error is not None:
                raise FaultError(f"the emulated stick failed: {peer.error!r}") from peer.error
            if peer.end is not None:
                self._board.check_alive(_DEATH_PATIENCE)  # a QEMU that dies closes the stick's socket first
                raise FaultError(f"the emulated stick ended before the run was over: {peer.end.value}")

    @contextmanager
    def stick(self, stick: Stick, recorder: Recorder, port: int = 0, *, plugged: bool) -> Iterator[Peer]:
        """The stick in its thread, at a port counted from 0; at the end it is out."""
        peer = Peer(self._board.sticks[port], stick, recorder.record, plugged=plugged)
        peer.start()
        self._peers.append(peer)
        try:
            yield peer
        finally:
            self._peers.remove(peer)
            peer.stop()
            with suppress(Exception):  # its error was told by check, or the run is over without it
                peer.join(10)


def listen_command(log: str = _BUS_LOG, pids: str = "/dev/null") -> str:
    """The shell command that keeps the daemons' signals from now on: it appends to `log`, in the background,
    what `observe.from_signals` reads.

    `pids` gets the number of the process whose end ends it.
    """
    return (
        f"{{ until pidof dbus-daemon || pidof dbus-broker; do sleep 1; done >/dev/null; "
        f"sh -c 'echo $$ >>{pids}; exec busctl monitor --json=short {_RULES}' | "
        'while read -r line; do read -r now idle </proc/uptime; echo "$now $line"; done; } '
        f"</dev/null >>{log} 2>&1 & sleep 1"
    )


def await_unplugged(guest: Guest, now: Callable[[], float]) -> None:
    """Wait until the board has let go of the stick before, and is ready for the next."""
    end = now() + ANSWER_PATIENCE
    with waiting("the board lets go of the stick", ANSWER_PATIENCE):
        while guest.run(_UNPLUGGED, ANSWER_PATIENCE)[0]:
            if now() > end:
                raise FaultError(
                    f"the board kept the stick for {ANSWER_PATIENCE:.0f} s after it was unplugged"
                )
            time.sleep(1)
        time.sleep(_AFTERMATH_S)
    if guest.run(_OFONO_LIVES, ANSWER_PATIENCE)[0]:
        say("  oFono did not survive that the stick was pulled, and is started again")
        guest.run(_OFONO_AGAIN, ANSWER_PATIENCE)


@dataclass(frozen=True)
class Place:
    """Where a visit belongs: the names of image and board, its folder, whether it is the first of its boot,
    when that began (host's monotonic clock), and whether the board goes on from a snapshot of it."""

    image: str
    board: str
    folder: Path
    first: bool
    power_on: float
    resumed: bool = False


@contextmanager
def second_stick(visit: Visit, folder: Path, guest: Guest, watch: Watch) -> Iterator[Around | None]:
    """The stick at the board's other port, not plugged in yet; None where the visit has none."""
    if visit.beside is None:
        yield None
        return
    recorder = Recorder(folder / "stick2.log", progress=lambda text: say(f"  beside it: {text.strip()}"))
    with watch.stick(visit.beside, recorder, 1, plugged=False) as peer:
        patience = visit.scenario.come_up_patience
        yield Around(visit.beside, peer, recorder, guest, watch.check, watch.now, patience)


def attend(visit: Visit, place: Place, guest: Guest, peer: Peer, recorder: Recorder, watch: Watch) -> Report:
    """Plug the stick in, wait for what the scenario waits for, and ask."""
    with second_stick(visit, place.folder, guest, watch) as second:
        return _attend(visit, place, guest, peer, recorder, watch, second)


def _attend(
    visit: Visit,
    place: Place,
    guest: Guest,
    peer: Peer,
    recorder: Recorder,
    watch: Watch,
    second: Around | None,
) -> Report:
    folder, scenario = place.folder, visit.scenario
    mark = _Mark.make(guest) if not place.first else _Mark("", 0)
    _do(guest, scenario.before)
    if not scenario.cold:
        peer.plug()
    plug_in = recorder.await_event(r"^attached\b", _ATTACH_PATIENCE, watch.check) or time.monotonic()
    with waiting(scenario.awaits, scenario.come_up_patience, lambda: _last(recorder)):
        until = recorder.await_event(scenario.until, scenario.come_up_patience, watch.check, watch.now)
    around = Around(visit.stick, peer, recorder, guest, watch.check, watch.now, scenario.come_up_patience)
    returns = list(live(scenario.life, around)) if scenario.life else []
    turns = [beside.join(around, second)] if second else []
    if scenario.finding:
        with waiting(f"the doctor on the board to find {scenario.finding}", scenario.come_up_patience):
            _await_finding(guest, scenario, watch.now)
    with waiting("the board's answers"):
        answers = _ask(guest, visit, place)
    if second:
        turns.extend(beside.part(around, second))
    host, uptime = guest.clock()
    clock = observe.Clock(plug_in, host - uptime)
    journal, bus_log = _collect(guest, folder, mark, clock)
    seen = [
        *observe.from_events(recorder.events, clock),
        *observe.from_journal(journal, clock),
        *observe.from_signals(bus_log, clock),
        *of_answers(_pinged(answers, recorder), clock),
        *_of_returns(scenario.life, returns, clock),
        *(observe.from_events(second.recorder.events, clock, beside.SOURCE) if second else ()),
        *(observe.Observation(clock.of_host(one.moment), "bench", one.name, one.text) for one in turns),
    ]
    if not place.first:
        seen = [one for one in seen if one.time > EARLIER]
    write_timeline(folder, seen, clock.of_host(place.power_on))
    provoked = None if until is None else clock.of_host(until)
    return _report(visit, place, seen, answers, returns, clock.of_host(place.power_on), provoked)


def _last(recorder: Recorder) -> str:
    """What the stick saw last."""
    return recorder.events[-1].text if recorder.events else ""


def write_timeline(folder: Path, seen: Sequence[observe.Observation], power_on: float) -> None:
    """timeline.json and timeline.txt."""
    found = timeline.document(seen, power_on)
    write_atomic(folder / "timeline.json", json.dumps(found, ensure_ascii=False, indent=1).encode())
    write_atomic(folder / "timeline.txt", timeline.text(found).encode())


@dataclass(frozen=True)
class _Mark:
    """How far the board's logs were when the stick came: journald's cursor, octets of the bus log."""

    cursor: str
    octets: int

    @classmethod
    def make(cls, guest: Guest) -> _Mark:
        _, output = guest.run(f"journalctl --lines=0 --show-cursor; wc -c <{_BUS_LOG}", ANSWER_PATIENCE)
        *_, cursor, octets = output.strip().splitlines()
        return cls(cursor.removeprefix("-- cursor: "), int(octets))


def _do(guest: Guest, command: str | None) -> None:
    status, output = guest.run(f"({command})", ANSWER_PATIENCE) if command else (0, "")
    if status:
        raise FaultError(f"the board could not be prepared: {command}\n    {output.strip()[-300:]}")


def put_back(guest: Guest, visit: Visit) -> None:
    """Undo what the scenario did to the board, for the stick that follows."""
    _do(guest, visit.scenario.after)


def _await_finding(guest: Guest, scenario: Scenario, now: Callable[[], float]) -> None:
    """Ask the doctor until it finds what the scenario provokes; what it says in the end counts, not this."""
    end = now() + scenario.come_up_patience
    question = f"huawei-modem doctor --json - 2>/dev/null | grep -q '\"{scenario.finding}\"'"
    while guest.run(question, ANSWER_PATIENCE)[0] and now() < end:
        time.sleep(2)


def _ask(guest: Guest, visit: Visit, place: Place) -> dict[str, Answer]:
    """Questions whose answers are the last steps; they come after all that happens by itself."""
    folder = place.folder
    asked = {step.name for step in _expected(visit, place)}
    questions = {
        "ping": f"ping -c {_PINGS} -W 5 {visit.stick.description.network.host}",
        **QUESTIONS,
    }
    questions = {name: command for name, command in questions.items() if name in asked}
    return ask(guest, {**questions, **visit.scenario.ask}, folder)


def _collect(guest: Guest, folder: Path, mark: _Mark, clock: observe.Clock) -> tuple[str, str]:
    """The board's journal and D-Bus signals as its tools print them; and each daemon's lines on our clock."""
    since = f"--after-cursor='{mark.cursor}'" if mark.cursor else "--boot"
    _, journal = guest.run(f"journalctl {since} --no-pager --quiet --output=short-monotonic", ANSWER_PATIENCE)
    _, bus_log = guest.run(f"tail -c +{mark.octets + 1} {_BUS_LOG}", ANSWER_PATIENCE)
    keep_logs(folder, journal, bus_log, clock)
    return journal, bus_log


def keep_logs(folder: Path, journal: str, bus_log: str, clock: observe.Clock) -> None:
    """The board's logs as they are, and each daemon's lines in seconds since plug-in."""
    (folder / "journal.txt").write_text(journal)
    (folder / "dbus.log").write_text(bus_log)
    for name, daemon in (("ofono.log", "ofonod"), ("connman.log", "connmand")):
        lines = [one for one in observe.from_journal(journal, clock) if one.name == daemon]
        (folder / name).write_text("".join(f"{one.time:10.3f}  {one.text}\n" for one in lines))


def _expected(visit: Visit, place: Place) -> tuple[steps.Step, ...]:
    scenario = visit.scenario
    times = scenario.life.times if scenario.life else 0
    alone = steps.expected_steps(visit.stick, scenario.last_step, first=place.first, times=times)
    if visit.beside is None:
        return alone
    asked = alone.index(steps.PING)
    together, parted = beside.steps_with(visit.stick, visit.beside)
    return (*alone[:asked], *together, *alone[asked:], *parted)


def _pinged(answers: Mapping[str, Answer], recorder: Recorder) -> Mapping[str, Answer]:
    """The stick saw the first echo request; the shell only hears of the last one."""
    seen = recorder.first(r"^icmp-echo\b")
    if seen is None or "ping" not in answers:
        return answers
    return {**answers, "ping": replace(answers["ping"], moment=seen)}


def _of_returns(
    life: Life | None, returns: Sequence[Return], clock: observe.Clock
) -> Iterator[observe.Observation]:
    if life is not None:
        for one in returns:
            yield observe.Observation(clock.of_host(one.moment), "bench", "again", one.text(life))


def _report(
    visit: Visit,
    place: Place,
    seen: list[observe.Observation],
    answers: dict[str, Answer],
    returns: Sequence[Return],
    power_on: float,
    until: float | None,
) -> Report:
    # Status, report and capture are made of the same facts; the doctor's are told here.
    examined = json_of(answers["doctor"].output)
    outcome = steps.results(_expected(visit, place), seen)
    awaited = steps.awaited(visit.stick, seen)
    stick, scenario = visit.stick.description.id, visit.scenario.name
    facts: dict[str, Any] = {
        "stick": stick,
        "scenario": scenario,
        "board": place.board,
        **({"beside": visit.beside.description.id} if visit.beside else {}),
        "power_on_seconds": round(power_on, 3),
        "resumed": place.resumed,
        "timeline": steps.as_facts(outcome),
        "awaited": awaited.title if awaited else None,
        "status": examined["facts"] if examined else None,
        "asked": {
            name: {"status": answers[name].status, "output": answers[name].output}
            for name in visit.scenario.ask
        },
    }
    if visit.scenario.finding:
        moment = None if until is None else round(until, 3)
        facts["provoked"] = {"what": visit.scenario.title, "seconds": moment}
    if visit.scenario.life:
        facts["returns"] = [one.seconds if one.seconds is None else round(one.seconds, 1) for one in returns]
    diagnosis = doctors_findings(answers["doctor"])
    missed = steps.findings(outcome, str(place.folder))
    return Report("modem-image bench", f"{place.image}, {stick}, {scenario}", (*missed, *diagnosis), facts)
