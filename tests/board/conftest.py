# SPDX-License-Identifier: MIT
"""The runs of the emulated board that the tests look at: each is made once, by the user's own command."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from huawei_modem.report import EXIT_STATUS, Verdict

PROJECT = Path(__file__).resolve().parents[2]
LAUNCHER = PROJECT / "scripts" / "modem-image"


@dataclass(frozen=True)
class Run:
    """One stick's run: the exit status that its verdict stands for, what the command said, and the report."""

    status: int
    said: str
    report: dict[str, Any]
    folder: Path

    def seconds(self, step: str) -> float | None:
        return next(entry["seconds"] for entry in self.report["facts"]["timeline"] if entry["step"] == step)

    def asked(self, name: str) -> tuple[int, str]:
        """Status and output of a question of the scenario's own."""
        answer = self.report["facts"]["asked"][name]
        return answer["status"], answer["output"]


def run(*sticks: str, command: Sequence[str] = ("bench",), target: str = "bench") -> dict[str, Run]:
    """`modem-image COMMAND`, one boot with these sticks (STICK:SCENARIO); what it left in build/TARGET.

    Its exit status is the worst of its sticks'.
    """
    folders = {}
    for name in sticks:
        stick, _, scenario = name.partition(":")
        folders[name] = PROJECT / "build" / target / f"run-{scenario}-{stick}"
        (folders[name] / "summary.json").unlink(missing_ok=True)
    arguments = [LAUNCHER, *command, *(word for name in sticks for word in ("--stick", name))]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=1800)
    said = done.stdout + done.stderr
    runs = {}
    for name, folder in folders.items():
        summary = folder / "summary.json"
        assert summary.exists(), f"no report was written:\n{said}"
        report = json.loads(summary.read_text())
        runs[name] = Run(EXIT_STATUS[Verdict(report["verdict"])], said, report, folder)
    assert done.returncode == max(run.status for run in runs.values()), said
    return runs


MAIN = "ms2372h-vodafone:hot-plug"
GOOD = ("ms2372h", "e3372h", "e3372-mbim", "e353-acm")
"""Every other stick that comes online, one after the other at the same running board, but for the E3372s: it
has a PIN (GUARDED). Last the one at which oFono is stopped and started: 1.31 may not survive that a stick
goes (modem_image/bench/visit.py)."""
ASKED = {"ms2372h": "ports", "e353-acm": "repair"}
"""Those that are asked for more in the end: what the ports are, and what doctor --fix does. By
scenario."""
CHOSEN = "e3372h:choose-modem"
"""The router of the tour once more, as the modem that it can be too."""


@pytest.fixture(scope="session")
def built() -> dict[str, Run]:
    """The main job: build, check, boot, plug in; and at the board that it booted the sticks of the tour."""
    good = {f"{stick}:{ASKED.get(stick, 'hot-plug')}": stick for stick in GOOD}
    names = {MAIN: MAIN, **good, CHOSEN: CHOSEN}
    runs = run(*names, command=("build", "bench"))
    return {names[name]: found for name, found in runs.items()}


@pytest.fixture(scope="session")
def hot_plug(built: dict[str, Run]) -> Run:
    return built[MAIN]


@pytest.fixture(scope="session")
def good_tour(built: dict[str, Run]) -> dict[str, Run]:
    return {name: found for name, found in built.items() if name != MAIN}


@pytest.fixture(scope="session")
def unbranded(good_tour: dict[str, Run]) -> Run:
    return good_tour["ms2372h"]


COLD, GUARDED = "ms2372h-vodafone:cold-plug", "e3372s:guarded"
FAULTS = {
    "ms2372h-vodafone:sim-pin": "sim-pin-required",
    "ms2372h:denied": "not-registered",
    "ms2372h:stays-disk": "stick-in-storage-mode",
    "e3372h:no-address": "router-no-address",
    "e3372-mbim:no-mbim-driver": "stick-in-storage-mode",
}
"""What goes wrong with which stick, and what the doctor has to find."""


@pytest.fixture(scope="session")
def boot_with_stick() -> dict[str, Run]:
    """The stick is there from power-on, is pulled out and plugged in again; then come those that are made to
    fail, and one with a PIN and a password: oFono remembers a PIN until it is started again."""
    command = ("bench", "--output", str(PROJECT / "build" / "cold"))
    return run(COLD, MAIN, *FAULTS, GUARDED, command=command, target="cold")


@pytest.fixture(scope="session")
def cold_plug(boot_with_stick: dict[str, Run]) -> Run:
    return boot_with_stick[COLD]


@pytest.fixture(scope="session")
def replug(boot_with_stick: dict[str, Run]) -> Run:
    return boot_with_stick[MAIN]


@pytest.fixture(scope="session")
def guarded(boot_with_stick: dict[str, Run]) -> Run:
    return boot_with_stick[GUARDED]


@pytest.fixture(scope="session")
def fault_tour(boot_with_stick: dict[str, Run]) -> dict[str, Run]:
    return {name: boot_with_stick[name] for name in FAULTS}


@pytest.fixture(scope="session")
def resumed() -> Run:
    """The main job's stick at a board that goes on from a snapshot of its boot."""
    command = ("bench", "--output", str(PROJECT / "build" / "resumed"))
    return run(MAIN, command=command, target="resumed")[MAIN]


FAST = ("ms2372h-vodafone", "e3372s")
"""One whose network device gets its driver by the run-time id, and one that is in the driver's table: NCM
carries the data of both, whatever comes first."""


@pytest.fixture(scope="session")
def fast_tour() -> dict[str, Run]:
    """With the layer's patches for oFono; and, as the only boot, with Debian's kernel without LPAE."""
    names = [f"{stick}:hot-plug" for stick in FAST]
    command = ("build", "bench", "--kernel", "armmp", "--ofono", "patched", "--cold-boot")
    runs = run(*names, command=command, target="bench-armmp-patched")
    return {name.partition(":")[0]: found for name, found in runs.items()}
