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

PROJECT = Path(__file__).resolve().parents[2]
LAUNCHER = PROJECT / "scripts" / "modem-image"


@dataclass(frozen=True)
class Run:
    """One run of the command: its exit status, what it said, and the report it wrote."""

    status: int
    said: str
    report: dict[str, Any]
    folder: Path

    def seconds(self, step: str) -> float | None:
        return next(entry["seconds"] for entry in self.report["facts"]["timeline"] if entry["step"] == step)


def run(*sticks: str, command: Sequence[str] = ("bench",), target: str = "bench") -> dict[str, Run]:
    """`modem-image COMMAND`, one boot with these sticks (STICK:SCENARIO); what it left in build/TARGET."""
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
        report = folder / "summary.json"
        assert report.exists(), f"no report was written:\n{said}"
        runs[name] = Run(done.returncode, said, json.loads(report.read_text()), folder)
    return runs


@pytest.fixture(scope="session")
def hot_plug() -> Run:
    """The main job: build, check, boot, plug in."""
    (found,) = run("ms2372h-vodafone:hot-plug", command=("build",)).values()
    return found


@pytest.fixture(scope="session")
def boot_with_stick() -> dict[str, Run]:
    """The stick is there from power-on, is pulled out and plugged in again."""
    command = ("bench", "--output", str(PROJECT / "build" / "cold"))
    return run("ms2372h-vodafone:cold-plug", "ms2372h-vodafone:hot-plug", command=command, target="cold")


@pytest.fixture(scope="session")
def cold_plug(boot_with_stick: dict[str, Run]) -> Run:
    return boot_with_stick["ms2372h-vodafone:cold-plug"]


@pytest.fixture(scope="session")
def replug(boot_with_stick: dict[str, Run]) -> Run:
    return boot_with_stick["ms2372h-vodafone:hot-plug"]


GOOD = ("ms2372h", "e3372s", "e3372h", "e3372-mbim", "e353-acm")
"""Every other stick that comes online, one after the other at the same running board. Last the one at which
oFono is stopped and started: 1.31 may not survive that a stick goes (modem_image/bench/visit.py)."""


ASKED = {"ms2372h": "ports", "e353-acm": "repair"}
"""Those that are asked for more in the end: what the ports are, and what doctor --fix does. By
scenario."""


CHOSEN = "e3372h:choose-modem"
"""The router of the tour once more, as the modem that it can be too."""


@pytest.fixture(scope="session")
def guarded() -> Run:
    """A boot of its own: an oFono that knows the SIM's access point already asks for no password."""
    command = ("bench", "--output", str(PROJECT / "build" / "guarded"))
    return run("e3372s:guarded", command=command, target="guarded")["e3372s:guarded"]


@pytest.fixture(scope="session")
def good_tour() -> dict[str, Run]:
    names = {f"{stick}:{ASKED.get(stick, 'hot-plug')}": stick for stick in GOOD}
    names[CHOSEN] = CHOSEN
    return {names[name]: found for name, found in run(*names).items()}


@pytest.fixture(scope="session")
def resumed() -> Run:
    """The main job's stick at a board that goes on from a snapshot of its boot."""
    command = ("bench", "--resume", "--output", str(PROJECT / "build" / "resumed"))
    return run("ms2372h-vodafone:hot-plug", command=command, target="resumed")["ms2372h-vodafone:hot-plug"]


FAST = ("ms2372h-vodafone", "e3372s")
"""One whose network device gets its driver by the run-time id, and one that is in the driver's table: NCM
carries the data of both, whatever comes first."""


@pytest.fixture(scope="session")
def fast_tour() -> dict[str, Run]:
    names = [f"{stick}:hot-plug" for stick in FAST]
    runs = run(*names, command=("build", "bench", "--ofono", "patched"), target="bench-patched")
    return {name.partition(":")[0]: found for name, found in runs.items()}


FAULTS = {
    "ms2372h-vodafone:sim-pin": "sim-pin-required",
    "ms2372h:denied": "not-registered",
    "ms2372h:stays-disk": "stick-in-storage-mode",
    "e3372h:no-address": "router-no-address",
    "e3372-mbim:no-mbim-driver": "stick-in-storage-mode",
}
"""What goes wrong with which stick, and what the doctor has to find."""


@pytest.fixture(scope="session")
def fault_tour() -> dict[str, Run]:
    return run(*FAULTS)


@pytest.fixture(scope="session")
def unbranded(good_tour: dict[str, Run]) -> Run:
    return good_tour["ms2372h"]
