# SPDX-License-Identifier: MIT
"""What the person says fails that is not the way to the network: messages, calls, the firmware's update, GPS.

A connection that works says nothing of them.
"""

from __future__ import annotations

import re

from huawei_modem.transcript import hearsay, prose
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Tables

_LONGEST = 400
_SERVICE = (
    r"(?:SMS(?:es)?|USSD|text messages?|(?:voice|phone|incoming|outgoing) calls?|GPS|GNSS|"
    r"(?:firmware|modem)(?: firmware)? (?:update|upgrade|flash\w*)|"
    r"(?:updat|upgrad|flash)\w* (?:of |to )?(?:the |a |new )*(?:modem )?firmware)"
)
_FAILS = (
    r"(?:can ?not|unable|fail\w*|(?:do|does|did|is|are|was|has|have|no longer|not|never) not|not|never|"
    r"stopped|broken|kein\w*|nicht|\w*n[’']t)"
)
_WITHIN = r"(?:(?!\b(?:though|although|while|whereas|only|except|and|but)\b)[^,;:])"
_COMPLAINT = re.compile(
    rf"\b{_FAILS}\b{_WITHIN}{{0,25}}\b{_SERVICE}\b|\b{_SERVICE}\b{_WITHIN}{{0,30}}\b{_FAILS}\b", re.IGNORECASE
)
_UNREAL = re.compile(
    r"\b(?:if|how to|should|would|need\w*|want\w*|use|care|interested|tried|tested|matter\w*|"
    r"problems? with)\b",
    re.IGNORECASE,
)
_CUES = (
    "SMS",
    "sms",
    "USSD",
    "ussd",
    "essage",
    "call",
    "GPS",
    "GNSS",
    "irmware",
    "odem update",
    "odem upgrade",
)


class Services:
    """Keeps the last such complaint (History.told, service)."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def tables(self) -> Tables:
        return Tables(cues=((_CUES, self._sentence),))

    def _sentence(self, text: str) -> None:
        if prose.is_of_program(text) or _COMPLAINT.search(text[:_LONGEST]) is None:
            return
        solved = self._reader.history.told.get("solved")
        if solved is not None and solved.place[2] == self._reader.line:
            return  # the same line goes on to say so
        for clause in prose.clauses(hearsay.claimed(text[:_LONGEST])):
            if _COMPLAINT.search(clause) and not _UNREAL.search(clause) and not prose.is_bidden(clause):
                self._reader.history.told["service"] = self._reader.seen(clause.strip())
