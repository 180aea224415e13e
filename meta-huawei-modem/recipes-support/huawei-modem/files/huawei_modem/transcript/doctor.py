# SPDX-License-Identifier: MIT
"""The doctor over text: one call from sources to a report."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from huawei_modem import rules
from huawei_modem.catalogue import needs
from huawei_modem.database import Database
from huawei_modem.mask import Masker
from huawei_modem.report import INSUFFICIENT_DATA, Finding, Report, Severity
from huawei_modem.text import printable
from huawei_modem.transcript import captured, quoted, sources, summary
from huawei_modem.transcript.course import course
from huawei_modem.transcript.diagnose import diagnose, unjudged
from huawei_modem.transcript.model import History
from huawei_modem.transcript.pasted import masker
from huawei_modem.transcript.readers import new_reader
from huawei_modem.transcript.request import LEADS
from huawei_modem.transcript.sight import leads_on

_COMMAND = re.compile(
    r"(?!the |what |whole |which |pppd's |smsd's |and |if |or )[a-z/][\w./+-]*(?= |\Z)(?!.*, (?:and|or) )"
)
"""A piece of a question that a shell takes."""
_PARTICULAR = ("guest", "page-opens")
"""Questions that say more than that a stick is a router."""
Sources = Iterable[tuple[str, Iterable[str]]]
"""Name and lines of each text, in the order in which they are to be read."""


def read(sources: Sources) -> History:
    """Everything that is known from the sources. Each may be a stream: it is read once."""
    reader = new_reader()
    for name, lines in sources:
        reader.feed(name, lines)
    return reader.history


def report(history: History, subject: str, database: Database) -> Report:
    """The findings over what was read, without the identities and secrets that the text may hold."""
    mask = masker()
    found = tuple(diagnose(history, database))
    # What the last of them gives away is masked in the first one too.
    mask.survey(item.text for finding in found for item in finding.evidence)
    findings = tuple(masked(finding, mask) for finding in found)
    facts = summary.facts(history, mask)
    facts["course"] = course(history, mask)
    facts["usb"] = summary.devices(history, database, mask)
    open_codes = dict.fromkeys(rule.code for rule in unjudged(history, database))
    facts["unjudged"] = [{"code": code, "needs": needs(code)} for code in open_codes]
    facts["next"] = next_step(findings)
    return Report("doctor", subject, findings, facts)


def next_step(findings: Iterable[Finding]) -> str:
    """What to do first, as a sentence; empty when all is well.

    A question that comes with a fault is asked because its answer would change the picture. Else what is to
    be done comes before what is to be asked.
    """
    items = [item for item in findings if item.remedy]
    asked = [item for item in items if item.code == INSUFFICIENT_DATA]
    faults = [item for item in items if item.severity is Severity.ERROR]
    warned = [item for item in items if item.severity is Severity.WARNING and item.code != INSUFFICIENT_DATA]
    hints = [item for item in items if item.severity is Severity.INFO]
    foreign = any(item.code == "not-huawei" for item in findings)
    # What is wrong with another maker's modem is no fault of ours, and yet what to do first.
    leading = hints if foreign else [item for item in hints if leads_on(item)]
    particular = bool(asked) and not foreign and asked[0].kind in _PARTICULAR
    if leading and not faults and not warned and (asked or not foreign) and not particular:
        return f"{leading[0].remedy[0]} ({leading[0].code})"
    if asked and (faults or not warned) and asked[0].remedy[0].startswith("if "):
        return f"{asked[0].remedy[0]} ({asked[0].code})"
    if asked and (faults or not warned):
        question, *then = asked[0].remedy
        leads = "".join([f"; {step}" for step in then if step.startswith(LEADS)][:1])
        if all(_COMMAND.match(piece) for piece in question.split("; ")):
            return f"run `{question}` on the board, add what it prints to your text, and ask again{leads}"
        return f"add to your text, and ask again: {question}{leads}"
    for finding in (*faults, *warned, *(leading if not asked else ())):
        return f"{finding.remedy[0].rstrip(':')} ({finding.code})"
    return ""


def closing(report: Report) -> str:
    """The last line, for people who have never seen such a report; empty when there is nothing to do."""
    step = report.facts.get("next")
    return f"next: {printable(str(step))}\n" if step else ""


def of_path(path: Path, database: Database) -> tuple[Report, str]:
    """The report on a capture, a file, a folder or an archive, and what was recognised in it.

    A capture is judged by the rules of the live system, by what these saw there.
    Raises CaptureError or SourceError for what cannot be read.
    """
    if captured.is_capture(path):
        facts = captured.read(path)
        return Report(
            "doctor", path.name, rules.judge(facts), dict(facts)
        ), f"recognised: capture: {path.name}\n"
    history = read(sources.texts(path))
    return report(history, path.name, database), summary.to_text(history)


def masked(finding: Finding, mask: Masker) -> Finding:
    """The finding with whatever the text gave to it, also to title and remedy, as a quoted line has it."""
    lines = [item.text for item in finding.evidence]
    seen = tuple(item._replace(text=quoted.line(mask(item.text))) for item in finding.evidence)
    # A remedy may have lost those of its steps that were run.
    pieces = {piece for value in finding.values for piece in (value, *value.split("; ")) if piece}
    shown = {piece: quoted.part(piece, mask(piece), lines) for piece in pieces}
    hidden = sorted((piece for piece in pieces if shown[piece] != piece), key=len, reverse=True)
    if hidden:
        own = re.compile("|".join(map(re.escape, hidden)))
        title, *remedy = (
            own.sub(lambda match: shown[match[0]], text) for text in (finding.title, *finding.remedy)
        )
        finding = finding._replace(title=title, remedy=tuple(remedy))
    return finding._replace(evidence=seen, values=())
