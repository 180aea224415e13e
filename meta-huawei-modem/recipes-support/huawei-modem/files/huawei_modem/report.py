# SPDX-License-Identifier: MIT
"""The one kind of finding that every check makes, and the report that carries it.

Checks are pure functions from facts to findings; this module gives them their shape and turns a
report into JSON (schema 1, see docs/dev/report.md) or into text for people.
"""

from __future__ import annotations

import enum
import textwrap
from typing import TYPE_CHECKING, NamedTuple

from huawei_modem.text import plain, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

SCHEMA = 1


class Severity(str, enum.Enum):
    """How much a finding weighs: an error alone makes the verdict `fault`."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Verdict(str, enum.Enum):
    """What the findings amount to."""

    OK = "ok"
    FAULT = "fault"
    INSUFFICIENT_DATA = "insufficient-data"


EXIT_STATUS = {Verdict.OK: 0, Verdict.FAULT: 1, Verdict.INSUFFICIENT_DATA: 2}
INSUFFICIENT_DATA = "insufficient-data"


class Evidence(NamedTuple):
    """Where a fact was read: a file, a command or a D-Bus path, with its line where it has one."""

    source: str
    text: str
    line: int | None = None

    def to_dict(self) -> dict[str, Any]:
        place = {"source": self.source} if self.line is None else {"source": self.source, "line": self.line}
        return {**place, "text": self.text}


class Finding(NamedTuple):
    """One thing that was noticed. `code` is from the fixed vocabulary of docs/findings.md."""

    code: str
    severity: Severity
    title: str
    evidence: tuple[Evidence, ...] = ()
    remedy: tuple[str, ...] = ()
    kind: str = ""
    """Its kind in the catalogue: in which way the code was seen. Reports have the title instead."""
    values: tuple[str, ...] = ()
    """What stands in title and remedy by the input, not by the catalogue: a doctor of texts masks it."""

    def to_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "severity": self.severity.value,
            "title": self.title,
            "evidence": [item.to_dict() for item in self.evidence],
            "remedy": list(self.remedy),
        }


def error(code: str, title: str, evidence: Iterable[Evidence] = (), remedy: Iterable[str] = ()) -> Finding:
    """A finding that makes the verdict `fault`."""
    return Finding(code, Severity.ERROR, title, tuple(evidence), tuple(remedy))


def warning(code: str, title: str, evidence: Iterable[Evidence] = (), remedy: Iterable[str] = ()) -> Finding:
    """A finding that a person should look at, and that leaves the verdict as it is."""
    return Finding(code, Severity.WARNING, title, tuple(evidence), tuple(remedy))


def info(code: str, title: str, evidence: Iterable[Evidence] = (), remedy: Iterable[str] = ()) -> Finding:
    """A finding that explains what might look like a fault and is none."""
    return Finding(code, Severity.INFO, title, tuple(evidence), tuple(remedy))


class Report(NamedTuple):
    """The findings of one run of one tool over one input, and the facts they rest on."""

    tool: str
    input: str
    findings: tuple[Finding, ...] = ()
    facts: Mapping[str, Any] = {}

    @property
    def verdict(self) -> Verdict:
        if any(finding.severity is Severity.ERROR for finding in self.findings):
            return Verdict.FAULT
        if any(finding.code == INSUFFICIENT_DATA for finding in self.findings):
            return Verdict.INSUFFICIENT_DATA
        return Verdict.OK

    @property
    def exit_status(self) -> int:
        return EXIT_STATUS[self.verdict]

    def told(self) -> list[tuple[Finding, tuple[str, ...]]]:
        """Each finding with what people are to do for it: several steps that were told are not told again."""
        before: set[tuple[str, ...]] = set()
        result = []
        for finding in self.findings:
            again = len(finding.remedy) > 1 and finding.remedy in before
            result.append((finding, ("as said above",) if again else finding.remedy))
            before.add(finding.remedy)
        return result

    def to_dict(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "tool": self.tool,
            "input": printable(self.input),
            "verdict": self.verdict.value,
            "findings": plain([finding.to_dict() for finding in self.findings]),
            "facts": plain(dict(self.facts)),
        }

    def to_json(self) -> str:
        import json

        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False) + "\n"


_COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}


def to_text(report: Report, colour: bool = False, width: int = 100, most: int | None = None) -> str:
    """The report for people: a paragraph a finding, the verdict last.

    With `most` what makes the verdict shows so many lines of evidence. Any other finding of `check` is one
    line then, and it says how to see what was left out.
    """
    lines: list[str] = []
    left_out = False
    is_brief = most is not None and report.tool == "modem-image check"
    for finding, remedy in report.told():
        if is_brief and finding.severity is not Severity.ERROR and finding.code != INSUFFICIENT_DATA:
            lines += _headed(finding, _in_short(finding, width), colour, width)
            left_out = left_out or bool(finding.evidence or remedy)
        else:
            lines += _finding_lines(finding._replace(remedy=remedy), colour, width, most)
    if left_out:
        lines.append("modem-image check --verbose: what was seen, and what to do")
    lines.append(f"{printable(report.input)}: {report.verdict.value}")
    return "\n".join(lines) + "\n"


def _in_short(finding: Finding, width: int) -> str:
    """The title, with the first evidence where one line has room for both."""
    if not finding.evidence:
        return finding.title
    left = len(finding.evidence) - 1
    both = f"{finding.title} ({finding.evidence[0].text}{f', and {left} more' if left else ''})"
    head = f"{finding.severity.value}: {finding.code}: "
    return both if len(head) + len(both) <= width else finding.title


def _headed(finding: Finding, title: str, colour: bool, width: int) -> list[str]:
    head = f"{finding.severity.value}: {finding.code}:"
    lines = _indented(title, f"{head} ", width, "  ")
    if colour:
        lines[0] = lines[0].replace(head, f"\x1b[{_COLOURS[finding.severity]}m{head[:-1]}\x1b[0m:", 1)
    return lines


def _finding_lines(finding: Finding, colour: bool, width: int, most: int | None) -> list[str]:
    lines = _headed(finding, finding.title, colour, width)
    shown = finding.evidence if most is None or len(finding.evidence) <= most + 1 else finding.evidence[:most]
    for item in shown:
        place = item.source if item.line is None else f"{item.source}:{item.line}"
        lines += _indented(f"{place}: {item.text}", "  seen: ", width)
    if left := len(finding.evidence) - len(shown):
        lines.append(f"  seen: and {left} more: modem-image check --verbose lists them")
    for step in finding.remedy:
        lines += _indented(step, "  do:   ", width)
    return lines


def _indented(text: str, prefix: str, width: int, hanging: str = "") -> list[str]:
    """`text` in lines of at most `width`, the first of them with `prefix`; `hanging` is before the others."""
    hanging = hanging or " " * len(prefix)
    lines = textwrap.wrap(
        printable(text),
        width,
        initial_indent=prefix,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return lines or [prefix]
