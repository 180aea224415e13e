# SPDX-License-Identifier: MIT
"""Reads the clauses of sentences by the tables of layers.py and nouns.py.

No fault is made of what they say. Each clause is asked for its worth (clause.py) once its words fit.
"""

from __future__ import annotations

import functools

from huawei_modem.transcript import clause
from huawei_modem.transcript.clause import (
    ELSEWHERE,
    HEARSAY,
    NEEDLESS,
    NEGATED,
    NO_CLAIM,
    ONCE,
    OPEN,
    PAST,
    SUPPOSED,
    WANTED,
    Clause,
)
from huawei_modem.transcript.line import folded
from huawei_modem.transcript.model import PERSON, Claim
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.readers import layers, nouns
from huawei_modem.transcript.tables import Tables
from huawei_modem.transcript.topics import LAYERS

_NO_COMPLAINT = NO_CLAIM | SUPPOSED | PAST | NEEDLESS | ELSEWHERE
_NO_PRAISE = SUPPOSED | OPEN | WANTED | HEARSAY | ONCE | NEGATED
_SAME = {"ifconfig": "ip addr", "nmcli": "nmcli device", "nmcli d": "nmcli device", "mmcli -l": "mmcli -L"}
_NO_MODEMS = "No modems were found"
_LOOKED = {"address": "ip addr", "gammu": "gammu"}
"""What somebody has looked at who says that it works."""
_remembered = functools.lru_cache(maxsize=1024)


class Sentences:
    """Keeps what sentences complain of, what they say to work, what was tried and what they are about."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def tables(self) -> Tables:
        return Tables(
            cues=(
                (nouns.TRIED_CUES, self._tried),
                (layers.NAMED_CUES, self._named),
                (layers.SILENT_CUES, self._silent),
                (nouns.AROUND_CUES, self._around),
                (layers.COMPLAINT_CUES, self._complaints),
                (layers.WORK_CUES, self._works),
                (nouns.SERVICE_CUES, self._services),
                (nouns.SUBJECT_CUES, self._subjects),
            )
        )

    def _complaints(self, text: str) -> None:
        history = self._reader.history
        for layer, kind in _complaints(_kept(text)):
            if kind == "says-lease":
                history.tried.add("ip addr")  # somebody has looked
            history.claims[layer] = self._reader.seen(Claim(False, kind, PERSON))

    def _works(self, text: str) -> None:
        history = self._reader.history
        for layer in _praises(_kept(text)):
            if layer in _LOOKED:
                history.tried.add(_LOOKED[layer])
            known = history.claims.get(layer)
            # That this machine comes through is part of such a complaint.
            if layer in LAYERS and (known is None or known.value.kind != "says-shared"):
                history.claims[layer] = self._reader.seen(Claim(True))

    def _services(self, text: str) -> None:
        """What a connection that works says nothing of: messages, calls, the firmware, GPS."""
        told = self._reader.history.told
        solved = told.get("solved")
        if solved is not None and solved.place[2] == self._reader.line:
            return  # the same line goes on to say so
        if _is_of_service(text[: clause.LONGEST]):
            told["service"] = self._reader.seen("")

    def _around(self, text: str) -> None:
        history = self._reader.history
        for name in _around(_kept(text)):
            if name == "no lsusb":
                history.tried.add(name)
                continue
            if name == "guest":
                history.words.add(name)
            history.around.setdefault(name, self._reader.seen(name))

    def _subjects(self, text: str) -> None:
        history = self._reader.history
        if history.is_bare:
            weight = self._reader.weight()
            for name in _subjects(_kept(text)):
                history.subjects[name] = history.subjects.get(name, 0) + weight

    def _tried(self, text: str) -> None:
        self._reader.history.tried.update(_tried(_kept(text)))

    # Errors by their names

    def _named(self, text: str) -> None:
        if self._reader.mentions or not layers.TELLS.search(text):
            return
        for part in clause.exactly(text):
            for sign, words in layers.NAMED:
                match = words.search(part.text)
                if match and not (
                    part.is_any(NO_CLAIM | SUPPOSED | PAST)
                    or layers.NOT_HAD.search(part.text[: match.start()])
                ):
                    self._quote(sign, text)

    def _silent(self, text: str) -> None:
        """What is typed at a port has no answer."""
        if self._reader.mentions or not layers.OF_PORT.search(text):
            return
        if any(
            layers.SILENT.search(part.text) and not part.is_any(NO_CLAIM | SUPPOSED | PAST)
            for part in clause.of(text)
        ):
            self._quote("port-silent", text)

    def _quote(self, sign: str, text: str) -> None:
        self._reader.history.quoted.setdefault(sign, self._reader.seen(text.strip()[:200]))


def _kept(text: str) -> str:
    """What is looked at, and remembered: threads and logs repeat their lines."""
    return folded(text[: clause.LONGEST])


def _spoken(text: str) -> tuple[Clause, ...]:
    """The clauses of a line that no program wrote."""
    return () if clause.is_of_program(text) else clause.exactly(text)


@_remembered
def _complaints(text: str) -> tuple[tuple[str, str], ...]:
    """Layer and kind of what each clause complains of."""
    spoken = _spoken(text) if clause.is_sentence(text) else ()
    found = map(_complaint, spoken)
    return tuple(complaint for complaint in found if complaint is not None)


def _complaint(part: Clause) -> tuple[str, str] | None:
    for layer, kind, words in layers.COMPLAINTS:
        if words.search(part.text, part.low) and (kind != "at-start" or _is_of_start(part.text)):
            return None if part.is_any(_NO_COMPLAINT) else (layer, kind)
    return None


def _is_of_start(text: str) -> bool:
    return layers.SAID_OF_START.search(text) is not None and layers.DONE_AT_START.search(text) is not None


@_remembered
def _praises(text: str) -> tuple[str, ...]:
    """Layers of which it says that they work, and gammu where it says so."""
    found: list[str] = []
    for part in _spoken(text):
        for layer, works in layers.WORKS:
            # A SIM that is here may have been tried elsewhere.
            no_praise = _NO_PRAISE | (0 if layer == "sim" else ELSEWHERE)
            if works.search(part.text) and not part.is_any(no_praise):
                found.append(layer)
                if "gammu" in part.text or "identify" in part.text:
                    found.append("gammu")
    return tuple(found)


@_remembered
def _is_of_service(text: str) -> bool:
    return any(
        nouns.SERVICE.search(part.text)
        and not nouns.NO_SERVICE.search(part.text)
        and not part.is_any(nouns.GATE_SERVICE)
        for part in _spoken(text)
    )


@_remembered
def _around(text: str) -> tuple[str, ...]:
    found: list[str] = []
    for part in clause.exactly(text):
        for name, gate, words, unless in nouns.AROUND:
            if words.search(part.text) and not part.is_any(gate):
                if unless is None or not unless.search(part.text):
                    found.append(name)
                if name == "no lsusb":
                    break  # which says nothing of the bus
    return tuple(found)


@_remembered
def _subjects(text: str) -> tuple[str, ...]:
    said = " ".join(part.text for part in _spoken(text) if not part.is_any(ELSEWHERE))
    return tuple(name for name, words in nouns.SUBJECTS if words.search(said))


@_remembered
def _tried(text: str) -> tuple[str, ...]:
    """Commands with what they showed, and steps."""
    found = ["mmcli none"] if _NO_MODEMS in text else []
    for part in clause.exactly(text):
        said = part.text
        ran = [(match["command"] or match["ran"]).lower() for match in nouns.RESULT.finditer(said)]
        new = [_SAME.get(command, command) for command in ran]
        new += ["mmcli none"] if nouns.NO_MODEM.search(said) else []
        for name, words in nouns.THINGS:
            if (match := words.search(said)) and not nouns.NOT_DONE.search(said[: match.end()]):
                new.append(name)
        if new and not part.is_any(nouns.GATE_TRIED):
            found += new
    return tuple(found)
