# SPDX-License-Identifier: MIT
"""Keeps what the person says, in the order of the text: the latest word on what works counts."""

from __future__ import annotations

import re

from huawei_modem.transcript import prose
from huawei_modem.transcript.model import Seen
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Tables

_LONGEST = 400
_NOTHING = prose.Says()
_STEP = re.compile(r"\W{0,4}\d{1,2}[.)] ")
_COMPLAINS = 2
"""How much more a program counts where something does not work."""


def _is_quoted(line: str) -> bool:
    return line.lstrip().startswith(">")


class Told:
    """Reads sentences for complaints, solutions, programs and the mode of the stick."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def tables(self) -> Tables:
        return Tables(heads={"#": self._sentence}, cues=((prose.CUES, self._sentence),))

    def _sentence(self, text: str) -> None:
        reader = self._reader
        if reader.text[: -len(text)].rstrip().endswith(":"):
            return  # a program's line, behind its prefix
        says = prose.said(text[:_LONGEST])
        if says == _NOTHING:
            return
        told, seen = reader.history.told, reader.seen(text.strip()[:160])
        self._of_end(says, seen)
        if not ("recipe" in told and _STEP.match(text)):
            self._of_trouble(says, seen)
        if says.storage:
            told.setdefault("storage", seen)
        if says.became:
            told["became"] = reader.seen(f"12d1:{says.became}")
        self._counted(says)

    def _of_end(self, says: prose.Says, seen: Seen[str]) -> None:
        """The latest word on what works counts."""
        history = self._reader.history
        told = history.told
        if says.solved:
            for name in ("complaint", "offline", "storage", "service"):
                told.pop(name, None)
            history.words.add("works")
            if says.sure:
                told["solved"] = seen
                history.forget_complaints()
        if says.recipe:
            told["recipe"] = seen
        if says.marked:
            history.words.add("solved")
            if self._reader.in_title():
                # Further down, a mark may be of another thread that the text names.
                told["marked"] = seen
        if says.plea and told.get("solved", told.get("marked")) == told.get("marked"):
            # Below a title that is marked stands the question, and no solution yet.
            told.pop("solved", None)
            history.words -= {"solved", "works"}

    def _of_trouble(self, says: prose.Says, seen: Seen[str]) -> None:
        """What is said to fail, unless it stands in the steps of a recipe."""
        told = self._reader.history.told
        if says.trouble:
            self._not_over()
        if says.complaint and not (_is_quoted(self._reader.text) and self._answered()):
            told.setdefault("complaint", seen)
            if says.of_net:
                told.setdefault("offline", seen)
            self._not_over()

    def _not_over(self) -> None:
        """What was said to be solved is not."""
        for name in ("solved", "recipe"):
            self._reader.history.told.pop(name, None)
        self._reader.history.words.discard("works")

    def _answered(self) -> bool:
        """Whether the solution stands above what it answers, which is quoted."""
        solved = self._reader.history.told.get("solved")
        return solved is not None and not _is_quoted(solved.place[1])

    def _counted(self, says: prose.Says) -> None:
        """Who dials, by how much is said of it."""
        reader = self._reader
        weight = reader.weight() * (_COMPLAINS if says.complaint else 1)
        dials = reader.history.dials
        for name in says.programs:
            dials[name] = dials.get(name, 0) + weight
        reader.history.dismissed.update(says.dismissed)
