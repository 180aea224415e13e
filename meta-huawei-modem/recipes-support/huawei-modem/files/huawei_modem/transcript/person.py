# SPDX-License-Identifier: MIT
"""What follows from what the person says: against an `ok`, for the next question, for who dials.

Words find no fault. They keep the doctor from calling right what its owner complains of, and from asking for
what somebody has told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from huawei_modem.catalogue import found
from huawei_modem.report import Finding
from huawei_modem.transcript import done
from huawei_modem.transcript.model import History, Place, Seen
from huawei_modem.transcript.plugged import Bus
from huawei_modem.transcript.rules.rule import View

_PROOFS = ("=ping", "=fetched", "=names")
"""Signs that something on the internet has answered."""


def is_over(history: History, finding: Finding) -> bool:
    """Whether the text says, after all that shows the fault, that it works, or in its title that it did."""
    solved = history.told.get("solved")
    if "marked" in history.told:
        return True
    if solved is None or not finding.evidence:
        return False
    source, _text, line = solved.place
    return all(seen.source == source and (seen.line or 0) < line for seen in finding.evidence)


def works(history: History, kind: str = "works") -> Finding:
    """The question for who says that it works now."""
    solved = history.told.get("solved")
    return found(f"insufficient-data:{kind}", [solved.evidence] if solved is not None else [])


def first(bus: Bus, views: Sequence[View], history: History) -> Finding | None:
    """What words say of the stick or of the program, and lines do not contradict."""
    told = history.told
    now = told.get("became")
    if now is not None and any(view.became(stick) for view in views for stick in view.sticks()):
        return found("insufficient-data:named", [now.evidence], usb=now.value)
    if (
        (drive := told.get("storage")) is not None
        and bus.is_empty
        and not history.named
        and not history.others
    ):
        return found("insufficient-data:drive", [drive.evidence])
    failed = [seen for view in views for seen in _unanswered(view)]
    if failed and not any(view.state.addresses or view.state.sessions for view in views):
        return found("insufficient-data:lost", [failed[-1].evidence], text=failed[-1].evidence.text)
    return None


def _unanswered(view: View) -> list[Seen[str]]:
    """The last sign that nothing out there answers, or that no name is known."""
    known = view.state.latest
    return [
        seen
        for topic, signs in (("reach", ("=reach-lost", "=unreachable")), ("names", ("=names-lost",)))
        if (seen := known.get(topic)) is not None and seen.value in signs
    ]


def against(history: History, views: Sequence[View], shown: done.Done) -> Iterator[Finding]:
    """What the person complains of, where the lines look right."""
    complaint = history.told.get("complaint")
    if complaint is None or "solved" in history.words:
        return
    source, _text, line = complaint.place

    def is_later(places: Iterable[Place]) -> bool:
        return any(place[0] != source or place[2] > line for place in places)

    proofs = [seen.place for view in views for seen in view.state.events_of(*_PROOFS)]
    if is_later(proofs):
        return
    if "offline" not in history.told:
        # What fails is not said to be the internet: a connection that comes after it was the cure.
        came = [seen.place for view in views for seen in view.state.events_of("=online")]
        if is_later(came):
            return
    kind = "complaint-online" if proofs else "complaint"
    text = f'"{complaint.value if len(complaint.value) < 90 else complaint.value[:87] + "..."}"'
    question = found(f"insufficient-data:{kind}", [complaint.evidence], text=text)
    yield question if proofs else done.without_done(question, shown) or question
