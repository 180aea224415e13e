# SPDX-License-Identifier: MIT
"""One stick at a real board: say when to plug it in, listen until it is online or time is up, ask, report."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huawei_modem.database import Database, load
from huawei_modem.mask import Masker, logs
from huawei_modem.report import Report
from huawei_modem.text import printable
from modem_image.bench import observe, steps
from modem_image.bench.asking import CAPTURE_THERE, QUESTIONS, ask, doctors_findings, json_of, of_answers
from modem_image.bench.folders import KEPT, new_folders
from modem_image.bench.ssh.address import Address
from modem_image.bench.ssh.board import BACK_PATIENCE, RemoteBoard
from modem_image.bench.ssh.steps import Seen, expected, link_of, ping_command, plugged_in, seen_of
from modem_image.bench.visit import EARLIER, keep_logs, listen_command, write_timeline
from modem_image.console import say, waiting
from modem_image.errors import FaultError, MissingError
from modem_image.files import write_atomic
from modem_image.made import seal

SCENARIO = "real-board"
WAIT_S = 120.0
"""How long a person has to plug the stick in."""
_COME_UP_S = 180.0
_POLL_S = 1.0
_ANSWER_PATIENCE = 60.0
_PINGS = 3
_THERE = "/run/huawei-modem-bench"
"""The folder on the board of what is listened to; it goes at the end."""
_PROGRAMS = ("huawei-modem", "journalctl", "busctl", "python3", "mkdir", "ping")
_WHO = (
    f"for each in {' '.join(_PROGRAMS)}; do command -v $each >/dev/null || echo lacks $each; done; "
    "echo user $(id -u); tr -d '\\0' </proc/device-tree/model 2>/dev/null | sed 's/^/model /'; echo; "
    ". /etc/os-release && echo system $PRETTY_NAME"
)
_PRESENT = (
    "for each in /sys/bus/usb/devices/*/idVendor; do [ -f $each ] || continue; folder=${each%/idVendor}; "
    "echo $(cat $each):$(cat $folder/idProduct); done"
)
# What an earlier run left that was killed ends first. The listeners outlive a connection that drops.
_STOP = (
    f"for each in $(cat {_THERE}/pids 2>/dev/null); do kill $each 2>/dev/null; done; "
    f"rm -rf {_THERE} {CAPTURE_THERE}"
)
_JOURNAL = (
    f"(trap '' HUP; exec journalctl --follow --lines=0 --output=short-monotonic </dev/null "
    f">{_THERE}/journal 2>&1) & echo $! >>{_THERE}/pids"
)
# Not the helper's `status`: it masks the address that is in the name of many a stick's interface.
_SERVICES = "busctl --json=short call net.connman / net.connman.Manager GetServices 2>/dev/null"
_MARK = "-- end of the journal --"


@dataclass(frozen=True)
class Setting:
    """A run on a board. `plug` is a shell command of this machine that plugs the stick in; without one a
    person is asked. `host` is pinged through the stick's network. Times in seconds."""

    address: Address
    options: tuple[str, ...] = ()
    plug: str | None = None
    host: str = "8.8.8.8"
    wait: float = WAIT_S
    come_up: float = _COME_UP_S
    keep: int = KEPT


def run_on_board(setting: Setting, output: Path, done: Callable[[Report, Path], None]) -> Report:
    """Its folder below `output` has the report as summary.json, the logs and the capture.

    Raises FaultError when the board cannot be reached, reboots or is lost, and when no stick comes;
    MissingError when the board lacks what is asked there.
    """
    (folder,) = new_folders(output, [f"run-{SCENARIO}-{setting.address.slug}"], setting.keep)
    try:
        with closing(_reach(setting, folder)) as board:
            report = _run(setting, board, folder)
            write_atomic(folder / "summary.json", report.to_json().encode())
            done(report, folder)
            return report
    finally:
        seal(folder)


def _reach(setting: Setting, folder: Path) -> RemoteBoard:
    """Who waits longer for the stick has a slow board, and waits longer for that too."""
    patience = max(BACK_PATIENCE, setting.wait)
    return RemoteBoard(setting.address, setting.options, folder / "ssh.log", patience)


def _run(setting: Setting, board: RemoteBoard, folder: Path) -> Report:
    where = _who(setting, board)
    known = load()
    vendors = frozenset(mode.usb[:4] for stick in known.sticks for mode in stick.modes)
    try:
        _await_none(setting, board, vendors)
        _listen(board)
        watched = _Watched(board, known, vendors)
        _plug(setting)
        with waiting("the stick", setting.wait):
            watched.await_stick(setting.wait)
        with waiting("the stick to be online", setting.come_up, watched.last):
            watched.await_online(setting.come_up)
        return _report(setting, board, watched, folder, where)
    finally:
        with suppress(FaultError):
            board.run(f"{_STOP}; true", _ANSWER_PATIENCE)


def _who(setting: Setting, board: RemoteBoard) -> str:
    """The board in a line. Raises MissingError where it lacks a program, or the user is not root."""
    _, output = board.run(_WHO, _ANSWER_PATIENCE)
    lines = [line.partition(" ")[::2] for line in output.splitlines()]
    lacks = [value for name, value in lines if name == "lacks"]
    if lacks:
        raise MissingError(
            f"the board at {setting.address.login} lacks {', '.join(lacks)}\n"
            "  do: put this layer's packagegroup-huawei-modem into its image; journalctl and busctl are "
            "systemd's"
        )
    values = dict(lines)
    if values.get("user") != "0":
        raise MissingError(
            f"the board at {setting.address.login}: that user is not root, and sees neither the journal nor "
            "the bus\n  do: ssh://root@…"
        )
    named = [values.get(name, "") for name in ("model", "system")]
    return printable(", ".join(word for word in (setting.address.login, *named) if word))


def _await_none(setting: Setting, board: RemoteBoard, vendors: frozenset[str]) -> None:
    """No stick may be there that a person is to plug in. Raises FaultError when it stays."""
    end = time.monotonic() + setting.wait
    asked = False
    while there := [usb for usb in board.run(_PRESENT)[1].split() if usb[:4] in vendors]:
        if setting.plug:
            return  # the command may take it out first, as `uhubctl -a cycle` does
        if time.monotonic() > end:
            raise FaultError(
                f"the stick {there[0]} stayed at the board for {setting.wait:.0f} s\n"
                "  do: pull it out and run this again, or give --plug-command"
            )
        if not asked:
            say(f"  {there[0]} is at the board already: pull it out")
        asked = True
        time.sleep(_POLL_S)


def _listen(board: RemoteBoard) -> None:
    board.run(f"{_STOP}; mkdir -m 700 {_THERE}", _ANSWER_PATIENCE)
    board.run(_JOURNAL, _ANSWER_PATIENCE)
    board.run(listen_command(f"{_THERE}/dbus", f"{_THERE}/pids"), _ANSWER_PATIENCE)


def _plug(setting: Setting) -> None:
    """Ask a person, or run the command. Raises FaultError when it fails or does not end in time."""
    if not setting.plug:
        say(f"  plug the stick in now; there are {setting.wait:.0f} s")
        return
    say(f"  $ {setting.plug}")
    try:
        done = subprocess.run(
            ["sh", "-c", setting.plug],
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            check=False,
            timeout=setting.wait,
        )
    except subprocess.TimeoutExpired as error:
        raise FaultError(
            f"--plug-command did not end in {setting.wait:.0f} s\n  do: let what goes on go to the background"
        ) from error
    if done.returncode:
        raise FaultError(f"--plug-command ended with status {done.returncode}; its words are above")


class _Watched:
    """What the board's kernel and daemons said since the listeners began, and what follows from it."""

    def __init__(self, board: RemoteBoard, known: Database, vendors: frozenset[str]) -> None:
        self._board = board
        self.known = known
        self._vendors = vendors
        self._read = [0, 0]
        self.journal = self.bus_log = ""
        self.plug_in: float | None = None
        """The board's uptime then, in seconds."""
        self._shown: set[str] = set()

    def seen(self, clock: observe.Clock | None = None) -> list[observe.Observation]:
        """All of it, in the order of time; without a clock in seconds since plug-in, or else the uptime."""
        clock = clock or observe.Clock(self.plug_in or 0.0, 0.0)
        found = [
            *observe.from_journal(self.journal, clock),
            *observe.from_signals(self.bus_log, clock),
        ]
        return sorted(found, key=lambda one: one.time)

    def stick(self) -> Seen:
        return seen_of(_own(self.seen()), self._vendors)

    def outcome(self) -> list[steps.StepResult]:
        """Of the steps that happen by themselves."""
        own = _own(self.seen())
        return steps.results(expected(seen_of(own, self._vendors), self.known, with_data=False), own)

    def last(self) -> str:
        """The last step that was seen."""
        found = [one for one in self.outcome() if one.seconds is not None]
        return max(found, key=lambda one: one.seconds or 0.0).step.title if found else ""

    def await_stick(self, patience: float) -> None:
        """Raises FaultError when the kernel sees none."""
        end = time.monotonic() + patience
        while (moment := plugged_in(self.seen(), self._vendors)) is None:
            if time.monotonic() > end:
                raise FaultError(
                    f"the board's kernel saw no stick in {patience:.0f} s (vendors: "
                    f"{', '.join(sorted(self._vendors))})\n"
                    f"  the last that it said: {self._last_of_kernel()}\n"
                    "  do: try another port, look at the port's power and the USB host's driver; a stick "
                    "of another vendor: scripts/modem-image stick import"
                )
            time.sleep(_POLL_S)
            self.read()
        self.plug_in = moment
        say(f"  the stick is there: {self.stick().usb[0]}")

    def await_online(self, patience: float) -> None:
        """Until every step was seen that happens by itself, or time is up."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            outcome = self.outcome()
            for one in outcome:
                if one.seconds is not None and one.step.name not in self._shown:
                    self._shown.add(one.step.name)
                    say(f"  {one.seconds:5.1f} s  {one.step.title}")
            if all(one.seconds is not None for one in outcome):
                return
            time.sleep(_POLL_S)
            self.read()

    def read(self) -> None:
        """Whole lines that came since the last time."""
        journal, dbus = (count + 1 for count in self._read)
        question = f"tail -c +{journal} {_THERE}/journal; echo; echo '{_MARK}'; tail -c +{dbus} {_THERE}/dbus"
        _, output = self._board.run(question, _ANSWER_PATIENCE)
        journal_text, _, bus_text = output.partition(f"\n{_MARK}\n")
        for number, text in enumerate((journal_text, bus_text)):
            whole = text[: text.rfind("\n") + 1]
            self._read[number] += len(whole.encode())
            if number == 0:
                self.journal += whole
            else:
                self.bus_log += whole

    def _last_of_kernel(self) -> str:
        said = [one.text for one in self.seen() if one.source == "kernel"]
        return printable(said[-1]) if said else "nothing"


def _report(setting: Setting, board: RemoteBoard, watched: _Watched, folder: Path, where: str) -> Report:
    link = link_of(json_of(board.run(_SERVICES, _ANSWER_PATIENCE)[1]), watched.stick().mac)
    # Here the SIM is somebody's own: what the run's folder keeps is fit to be sent, as the capture is.
    mask = Masker()
    mask.survey((watched.journal, watched.bus_log))
    ping = {"ping": ping_command(link, setting.host, _PINGS)} if link else {}
    with waiting("the board's answers"):
        answers = ask(board, {**ping, **QUESTIONS}, folder, lambda text: _masked(text, mask))
    watched.read()
    host, uptime = board.clock()
    clock = observe.Clock((watched.plug_in or 0.0) + host - uptime, host - uptime)
    mask.survey((watched.journal, watched.bus_log))
    seen = [*watched.seen(clock), *of_answers(answers, clock)]
    stick = watched.stick()
    outcome = steps.results(expected(stick, watched.known), _own(seen))
    # The steps were looked for before, as a router's has its interface's address in its pattern.
    seen = [dataclasses.replace(one, text=mask(one.text)) for one in seen]
    outcome = [_masked_result(one, mask) for one in outcome]
    journal = "".join(f"{line}\n" for line in logs.of_journal(watched.journal))
    shown = "".join(f"{line}\n" for line in logs.journal_in_own_words(mask.lines(journal), mask.spared))
    keep_logs(folder, shown, _masked(watched.bus_log, mask), clock)
    power_on = clock.of_host(host - uptime)
    write_timeline(folder, seen, power_on)
    examined = json_of(answers["doctor"].output)
    facts: dict[str, Any] = {
        "stick": stick.usb[-1],
        "scenario": SCENARIO,
        "board": where,
        "power_on_seconds": round(power_on, 3),
        "connection_drops": board.drops,
        "timeline": steps.as_facts(outcome),
        "status": examined["facts"] if examined else None,
        "asked": {},
    }
    missed = steps.findings(outcome, str(folder))
    findings = (*missed, *doctors_findings(answers["doctor"]))
    return Report(
        "modem-image bench", f"{setting.address.login}, {stick.usb[-1]}, {SCENARIO}", findings, facts
    )


def _masked(log: str, mask: Masker) -> str:
    return "".join(f"{line}\n" for line in mask.lines(log))


def _masked_result(result: steps.StepResult, mask: Masker) -> steps.StepResult:
    """Its pattern too, which a step that was not seen is reported with."""
    step = dataclasses.replace(result.step, pattern=mask(result.step.pattern))
    return dataclasses.replace(result, step=step, evidence=mask(result.evidence))


def _own(seen: Iterable[observe.Observation]) -> list[observe.Observation]:
    """What was seen since the stick came."""
    return [one for one in seen if one.time > EARLIER]
