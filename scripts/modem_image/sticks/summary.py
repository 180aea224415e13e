# SPDX-License-Identifier: MIT
"""The README's short table: which sticks come up by themselves, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from huawei_modem.database import CONFIDENCE, Database, Stick
from modem_image.sticks.reach import Face, Reach, faces, reaches, weakest

_BEST_FIRST = (Reach.CONTEXT, Reach.ADDRESS, Reach.LISTED, Reach.LABELLED, Reach.UNKNOWN)
_ANSWERS = {
    Reach.CONTEXT: "yes: oFono, data over PPP or the stick's network device",
    Reach.ADDRESS: "yes, as a router: ConnMan, DHCP",
    Reach.LISTED: "yes: MBIM",
    Reach.LABELLED: "no: ports without a second AT port",
    Reach.UNKNOWN: "not known: no public source lists its interfaces",
}
_BY_HAND = "by choice ([how](docs/sticks.md#choosing-a-mode))"


class Line(NamedTuple):
    """The sticks that have one answer; texts in Markdown. `confidence` is empty where nothing is known."""

    sticks: tuple[str, ...]
    answer: str
    confidence: str


def summary(database: Database) -> Sequence[Line]:
    """A line an answer, the best first; in it the sticks in the database's order."""
    found: dict[tuple[int, int, str, str], list[str]] = {}
    for stick in database.sticks:
        rank, answer, confidence = _answer(stick)
        sure = CONFIDENCE.index(confidence) if confidence else 0
        found.setdefault((rank, sure, answer, confidence), []).append(stick.name)
    return [Line(tuple(names), *key[2:]) for key, names in sorted(found.items())]


def _answer(stick: Stick) -> tuple[int, str, str]:
    """Rank of the best that the stick does by itself, what that is, and how sure the mode is."""
    ways = faces(stick)
    if not ways:  # a drive, and nobody knows what it becomes
        return _BEST_FIRST.index(Reach.UNKNOWN), _ANSWERS[Reach.UNKNOWN], ""
    alone = [face for face in ways if not face.note.startswith("not by itself")]
    best = min(alone or ways, key=_rank)
    reach = reaches(best.mode)
    if not alone:
        return len(_BEST_FIRST), _BY_HAND, weakest(best.mode)
    return _rank(best), _ANSWERS[reach], "" if reach is Reach.UNKNOWN else weakest(best.mode)


def _rank(face: Face) -> int:
    return _BEST_FIRST.index(reaches(face.mode))
