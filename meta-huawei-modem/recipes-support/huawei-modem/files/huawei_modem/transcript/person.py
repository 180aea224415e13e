# SPDX-License-Identifier: MIT
"""What follows from what the person says: that a fault is over, or that an `ok` is none.

Words find no fault. They keep the doctor from calling right what its owner complains of.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from huawei_modem.catalogue import found
from huawei_modem.report import Finding
from huawei_modem.transcript import done
from huawei_modem.transcript.model import PERSON, History, Place, Seen
from huawei_modem.transcript.rules.rule import View

_PROOFS = ("=ping", "=fetched", "=names")
"""Signs that something on the internet has answered."""

_LASTING = ("at-times", "at-start", "says-slow", "says-outside")
"""Complaints that a connection which is shown to work does not answer."""


def is_over(history: History, finding: Finding) -> bool:
    """Whether the text says, after all that shows the fault, that it works, or in its title that it did.

    A recipe that somebody gives for what he has solved begins with the fault.
    """
    solved = history.told.get("solved")
    if "marked" in history.told or "recipe" in history.told:
        return True
    if solved is None or not finding.evidence:
        return False
    source, _text, line = solved.place
    return all(seen.source == source and (seen.line or 0) < line for seen in finding.evidence)


def works(history: History, kind: str = "works") -> Finding:
    """The question for who says that it works now."""
    solved = history.told.get("solved")
    return found(f"insufficient-data:{kind}", [solved.evidence] if solved is not None else [])


def against(history: History, views: Sequence[View], shown: done.Done) -> Finding | None:
    """What the person complains of, where the lines look right."""
    if "solved" in history.words:
        return None
    complaint = _of_connection(history, views, shown)
    service = history.told.get("service")
    if complaint is None and service is not None:
        return found("insufficient-data:service", [service.evidence])
    return complaint


def _of_connection(history: History, views: Sequence[View], shown: done.Done) -> Finding | None:
    """A complaint of the connection that no line after it answers."""
    said = [seen for seen in history.claims.values() if seen.value.who == PERSON]
    lasting = [seen for seen in said if seen.value.kind in _LASTING]
    told = history.told.get("complaint") if not lasting else None
    complaint: Seen[Any] | None = told or next(iter((*lasting, *said)), None)
    if complaint is None:
        return None
    source, _text, line = complaint.place

    def is_later(places: Iterable[Place]) -> bool:
        return any(place[0] != source or place[2] > line for place in places)

    proofs = [seen.place for view in views for seen in view.state.events_of(*_PROOFS)]
    if is_later(proofs) and not lasting:
        return None
    if "offline" not in history.told and not lasting:
        # What fails is not said to be the internet: a connection that comes after it was the cure.
        came = [seen.place for view in views for seen in view.state.events_of("=online")]
        if is_later(came):
            return None
    kind = "complaint-online" if proofs else "complaint"
    question = found(f"insufficient-data:{kind}", [complaint.evidence])
    return question if proofs else done.without_done(question, shown) or question
