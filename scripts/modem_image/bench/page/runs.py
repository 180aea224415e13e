# SPDX-License-Identifier: MIT
"""Runs as their folders have them: summary.json, timeline.json, and the files beside."""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from huawei_modem.report import Evidence, Finding, Report, Severity
from modem_image.bench.page.decided import Decided, decided
from modem_image.errors import InputError
from modem_image.files import text_of

SUMMARY, TIMELINE, PAGE = "summary.json", "timeline.json", "report.html"
ASKED = frozenset(("doctor", "modules", "capture"))
"""Steps that the bench asks of the board once all else is over."""
_STEPS, _LONGEST = 1000, 1e6
"""Steps, and seconds, of a run: eleven days."""
_LIMIT = 64 << 20
_NAME = re.compile(r"run-.*?(?:-(\d{4,}))?")


@dataclasses.dataclass(frozen=True)
class Run:
    """One run. `observations` are those of timeline.json, empty for a run of an older version."""

    folder: Path
    report: Report
    observations: Sequence[Mapping[str, Any]]

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def number(self) -> int:
        match = _NAME.fullmatch(self.folder.name)
        return int(match[1]) if match and match[1] else 0

    @property
    def steps(self) -> Sequence[Mapping[str, Any]]:
        steps: Sequence[Mapping[str, Any]] = self.report.facts["timeline"]
        return steps

    @property
    def stick(self) -> str:
        return str(self.report.facts.get("stick", "?"))

    @property
    def scenario(self) -> str:
        return str(self.report.facts.get("scenario", "?"))

    @property
    def beside(self) -> str:
        """The second stick; empty where there was none."""
        return str(self.report.facts.get("beside", ""))

    @property
    def image(self) -> str:
        return self.report.input.partition(",")[0]

    @property
    def board(self) -> str:
        return str(self.report.facts.get("board", "emulated Colibri iMX7D"))

    @property
    def power_on(self) -> float | None:
        value = self.report.facts.get("power_on_seconds")
        return float(value) if isinstance(value, int | float) else None

    @property
    def to_ping(self) -> float | None:
        """Seconds from plug-in to the ping, None when there was none."""
        found = [step["seconds"] for step in self.steps if step["step"] == "ping"]
        return None if not found or found[0] is None else float(found[0])

    @property
    def day(self) -> str:
        moment = (self.folder / SUMMARY).stat().st_mtime
        return datetime.datetime.fromtimestamp(moment, datetime.UTC).strftime("%Y-%m-%d %H:%M")

    @property
    def missed(self) -> Mapping[str, Any] | None:
        """The first step that was not seen."""
        return next((step for step in self.steps if step["seconds"] is None), None)

    @property
    def last(self) -> Mapping[str, Any] | None:
        """The last that was seen of the stick, before the board was asked."""
        seen = [step for step in self.steps if step["seconds"] is not None and step["step"] not in ASKED]
        return max(seen, key=lambda step: float(step["seconds"]), default=None)

    @property
    def awaited(self) -> str:
        """What would have come next on the way to a connection; empty for a run at a real board too."""
        return str(self.report.facts.get("awaited") or "")

    @property
    def provoked(self) -> str:
        """What the scenario did for the run to fail; empty where it did nothing, or an older version ran."""
        return str(self._provoked.get("what", ""))

    @property
    def failed_as_provoked(self) -> bool:
        """Whether the scenario's own event came, and each step that it leaves possible was seen."""
        return self._provoked_at is not None and self.missed is None

    @property
    def decided(self) -> Decided | None:
        """What decided how a run ended that was not ok."""
        last = self.reached if self.missed else self.last
        codes = [finding.code for finding in self.report.findings if finding.severity is Severity.ERROR]
        return decided(codes, float(last["seconds"]) if last else None, self._provoked_at, self.observations)

    @property
    def _provoked(self) -> Mapping[str, Any]:
        found = self.report.facts.get("provoked")
        return found if isinstance(found, dict) else {}

    @property
    def _provoked_at(self) -> float | None:
        moment = self._provoked.get("seconds")
        return float(moment) if isinstance(moment, int | float) else None

    @property
    def reached(self) -> Mapping[str, Any] | None:
        """The last step before it; of a run without a fault the last of all."""
        seen: Mapping[str, Any] | None = None
        for step in self.steps:
            if step["seconds"] is None:
                break
            seen = step
        return seen


def load_run(folder: Path) -> Run:
    """The run in `folder`. Raises InputError when there is none that can be read."""
    document = _read(folder / SUMMARY)
    try:
        report = Report(
            str(document["tool"]),
            str(document["input"]),
            tuple(_finding(item) for item in document["findings"]),
            document["facts"],
        )
        if len(report.facts["timeline"]) > _STEPS:
            raise ValueError(f"more than {_STEPS} steps")
        for step in report.facts["timeline"]:
            _check(step)
        observations = _read(folder / TIMELINE)["observations"] if (folder / TIMELINE).exists() else []
        for each in observations:
            each["source"], each["name"], each["text"]
            _within(float(each["seconds"]))
    except (KeyError, TypeError, ValueError, AttributeError) as err:
        raise InputError(f"{folder}: holds no run of the bench that can be read ({err!r})") from err
    return Run(folder, report, observations)


def load_runs(output: Path) -> list[Run]:
    """Every run below `output` that can be read, the newest first; links are not followed."""
    found = []
    for folder in sorted(output.glob("run-*")):
        if folder.is_symlink() or not (folder / SUMMARY).is_file():
            continue
        try:
            found.append(load_run(folder))
        except InputError:
            continue
    return sorted(found, key=lambda run: (run.number, run.day), reverse=True)


def _check(step: Mapping[str, Any]) -> None:
    step["evidence"]
    if not isinstance(step["step"], str) or not isinstance(step["title"], str):
        raise TypeError("a step needs a name and a title")
    if not isinstance(step["seconds"], int | float | None):
        raise TypeError("the seconds of a step are a number, or null")
    _within(step["seconds"] or 0)


def _within(seconds: float) -> None:
    """A drawing has a mark each few seconds. Raises ValueError for a number that no run has."""
    if not abs(seconds) <= _LONGEST:
        raise ValueError(f"a step after {seconds:g} seconds")


def _finding(item: Mapping[str, Any]) -> Finding:
    evidence = tuple(
        Evidence(str(each["source"]), str(each["text"]), each.get("line")) for each in item["evidence"]
    )
    remedy = tuple(map(str, item["remedy"]))
    return Finding(str(item["code"]), Severity(item["severity"]), str(item["title"]), evidence, remedy)


def _read(path: Path) -> Any:
    try:
        return json.loads(text_of(path, _LIMIT))
    except FileNotFoundError as err:
        raise InputError(f"{path.parent}: is not the folder of a run: it has no {path.name}") from err
    except (OSError, ValueError, RecursionError) as err:
        raise InputError(f"{path}: cannot be read: {err}") from err
