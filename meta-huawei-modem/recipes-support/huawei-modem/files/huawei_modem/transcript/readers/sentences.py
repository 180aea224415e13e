# SPDX-License-Identifier: MIT
"""Reads the clauses of sentences by the tables of layers.py and nouns.py.

No fault is made of what they say. Each clause is asked for its worth (clause.py) once its words fit.
"""

from __future__ import annotations

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
from huawei_modem.transcript.model import PERSON, Claim
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.readers import layers, nouns
from huawei_modem.transcript.tables import Tables

_NO_COMPLAINT = NO_CLAIM | SUPPOSED | PAST | NEEDLESS | ELSEWHERE
_NO_PRAISE = SUPPOSED | OPEN | WANTED | HEARSAY | ONCE | NEGATED
_SAME = {"ifconfig": "ip addr", "nmcli": "nmcli device", "nmcli d": "nmcli device", "mmcli -l": "mmcli -L"}
_NO_MODEMS = "No modems were found"


class Sentences:
    """Keeps what sentences complain of, what they say to work, what was tried and what they are about."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def tables(self) -> Tables:
        return Tables(
            cues=(
                (nouns.COMMAND_CUES, self._commands),
                (nouns.THING_CUES, self._things),
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
        if clause.is_of_program(text) or not clause.is_sentence(text):
            return
        for part in clause.of(text):
            if (found := _complaint(part)) is not None:
                layer, kind = found
                if kind == "says-lease":
                    history.tried.add("ip addr")  # somebody has looked
                history.claims[layer] = self._reader.seen(Claim(False, kind, PERSON))

    def _works(self, text: str) -> None:
        if clause.is_of_program(text):
            return
        for part in clause.of(text):
            for layer, works in layers.WORKS:
                # A SIM that is here may have been tried elsewhere.
                no_praise = _NO_PRAISE | (0 if layer == "sim" else ELSEWHERE)
                if works.search(part.text) and not part.is_any(no_praise):
                    self._work(layer, part)

    def _work(self, layer: str, part: Clause) -> None:
        history = self._reader.history
        if layer == "address":
            history.tried.add("ip addr")
        if "gammu" in part.text or "identify" in part.text:
            history.tried.add("gammu")
        known = history.claims.get(layer)
        if known is None or known.value.kind != "says-shared":
            # That this machine comes through is part of such a complaint.
            history.claims[layer] = self._reader.seen(Claim(True))

    def _services(self, text: str) -> None:
        """What a connection that works says nothing of: messages, calls, the firmware, GPS."""
        told = self._reader.history.told
        solved = told.get("solved")
        if clause.is_of_program(text) or (solved is not None and solved.place[2] == self._reader.line):
            return  # the same line goes on to say so
        for part in clause.of(text):
            if nouns.SERVICE.search(part.text) and not (
                part.is_any(nouns.GATE_SERVICE) or nouns.NO_SERVICE.search(part.text)
            ):
                told["service"] = self._reader.seen(part.text.strip())

    def _around(self, text: str) -> None:
        history = self._reader.history
        for part in clause.of(text):
            for name, gate, words, unless in nouns.AROUND:
                if words.search(part.text) and not (
                    part.is_any(gate) or (unless is not None and unless.search(part.text))
                ):
                    if name == "no lsusb":
                        history.tried.add(name)
                        break  # which says nothing of the bus
                    if name == "guest":
                        history.words.add(name)
                    history.around.setdefault(name, self._reader.seen(name))

    def _subjects(self, text: str) -> None:
        history = self._reader.history
        if not history.is_bare or clause.is_of_program(text):
            return
        said = " ".join(part.text for part in clause.of(text) if not part.is_any(ELSEWHERE))
        for name, words in nouns.SUBJECTS:
            if words.search(said):
                history.subjects[name] = history.subjects.get(name, 0) + self._reader.weight()

    # What was tried

    def _commands(self, text: str) -> None:
        tried = self._reader.history.tried
        if _NO_MODEMS in text:
            tried.add("mmcli none")
        for part in clause.of(text):
            if part.is_any(nouns.GATE_TRIED):
                continue
            for match in nouns.RESULT.finditer(part.text):
                command = (match["command"] or match["ran"]).lower()
                tried.add(_SAME.get(command, command))
            if nouns.NO_MODEM.search(part.text):
                tried.add("mmcli none")

    def _things(self, text: str) -> None:
        for part in clause.of(text):
            for name, words in nouns.THINGS:
                match = words.search(part.text)
                if (
                    match
                    and not part.is_any(nouns.GATE_TRIED)
                    and not nouns.NOT_DONE.search(part.text[: match.end()])
                ):
                    self._reader.history.tried.add(name)

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


def _complaint(part: Clause) -> tuple[str, str] | None:
    """Layer and kind of what the clause complains of."""
    for layer, kind, words in layers.COMPLAINTS:
        if words.search(part.text) and (kind != "at-start" or _is_of_start(part.text)):
            return None if part.is_any(_NO_COMPLAINT) else (layer, kind)
    return None


def _is_of_start(text: str) -> bool:
    return layers.SAID_OF_START.search(text) is not None and layers.DONE_AT_START.search(text) is not None
