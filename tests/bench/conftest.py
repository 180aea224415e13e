# SPDX-License-Identifier: MIT
"""The runs of the emulated board that the tests look at: each is made once, by the user's own command."""

from __future__ import annotations

import json
import subprocess
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


def run(stick: str, scenario: str, *command: str) -> Run:
    """`modem-image COMMAND` with this stick and scenario."""
    folder = PROJECT / "build" / "bench" / f"run-{scenario}-{stick}"
    report = folder / "summary.json"
    report.unlink(missing_ok=True)
    arguments = [LAUNCHER, *command, "--stick", stick, "--scenario", scenario]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=900)
    said = done.stdout + done.stderr
    assert report.exists(), f"no report was written:\n{said}"
    return Run(done.returncode, said, json.loads(report.read_text()), folder)


@pytest.fixture(scope="session")
def hot_plug() -> Run:
    """The main job: build, check, boot, plug in."""
    return run("ms2372h-vodafone", "hot-plug", "build")


@pytest.fixture(scope="session")
def cold_plug() -> Run:
    return run("ms2372h-vodafone", "cold-plug", "bench")


@pytest.fixture(scope="session")
def unbranded() -> Run:
    return run("ms2372h", "hot-plug", "bench")
