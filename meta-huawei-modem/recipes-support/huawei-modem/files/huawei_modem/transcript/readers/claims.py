# SPDX-License-Identifier: MIT
"""What programs say of a layer in words that no table has.

No fault is made of it. It says which layer to ask about where nothing else does: a program that nobody here
has looked at says "SIM", "APN" or "lease" as every other does.
"""

from __future__ import annotations

import re

from huawei_modem.transcript.languages import pieces_of
from huawei_modem.transcript.model import Claim
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Tables

_FAILS = re.compile(
    r"\b(?:fail\w*|errors?|cannot|unable|refus\w+|reject\w+|denied|forbidden|time[d ]{0,2}out|hang ?up|"
    r"hung up|invalid|wrong|missing|abort\w*|busy|unregistered|gave up|giving up|lost|barred|locked|"
    r"unavailable|unknown)\b|n['o]t\b|"
    r"\bno (?:\w+ )?(?:response|answer|carrier|signal|service|network|sim|device|lease|reply|dns|route)\b",
    re.IGNORECASE,
)
_THINGS = (
    (
        "port",
        "port",
        re.compile(
            r"\btty\w+\d|\bserial port\b|\bcdc-wdm\d|\bAT (?:port|command)s?\b|"
            r"\bopen(?:ing)? (?:the )?(?:port|device)\b"
        ),
    ),
    ("radio", "radio", re.compile(r"\b(?:radio|flight ?mode|airplane|rf ?kill)\b", re.IGNORECASE)),
    ("sim", "sim", re.compile(r"\b[Uu]?(?:SIM|sim)\b|\b(?:PIN|PUK|UICC)\b")),
    (
        "registration",
        "registration",
        re.compile(
            r"\b(?:un)?regist(?:er|ration)\w*\b|\bPLMN\b|\broaming\b|\bno service\b|\bsignal\b", re.IGNORECASE
        ),
    ),
    (
        "context",
        "attached",
        re.compile(
            r"\b(?:APN|PDP|PDN|EPS|bearer|context|packet (?:data|service)|GPRS|attach\w*)\b", re.IGNORECASE
        ),
    ),
    (
        "ppp",
        "session",
        re.compile(
            r"\b(?:PPP|LCP|IPCP|CHAP|PAP|dial(?! (?:tcp|udp|unix)\b)\w*|carrier|hang ?up)\b", re.IGNORECASE
        ),
    ),
    ("lease", "address", re.compile(r"\b(?:DHCP|lease|IP address)\b", re.IGNORECASE)),
)
"""What a complaint may be about, the lowest first: what comes after it may come of it."""
_OF_PROGRAM = re.compile(
    r"(?!\s*[\[(]?\d\d:\d\d\S* *<)"  # somebody in a chat
    r"(?!\s*(?:Error|Warning|Failed) (?:messages?|codes?|lines?|attempts?)\b(?!:))"
    r"\s*(?:[\[<(]?(?:E|ERR|ERROR|WARN|WARNING|FATAL|CRIT|FAIL(?:ED)?|error|err|warn|warning|Error|Warning|Failed|failed|fatal)\b|"
    r"[\w.]*(?:Error|Exception)\b|[\w./-]{2,40}(?:\[\d+\])?: |[\[<]\w|\d{1,4}[-/.:]\d{1,2}|b')"
)
"""How a line of a program begins, and a sentence does not."""
_LONGEST = 300
_CUES = pieces_of("""
    rror ail annot an't ould_not n't_ nable efus eject enied ime angup ang_up ost _no_ arrier
""")


class Claims:
    """Keeps the last word on each layer."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def tables(self) -> Tables:
        return Tables(programs={"?": self._complaint}, cues=((_CUES, self._line),))

    def _line(self, text: str) -> None:
        if _OF_PROGRAM.match(text):
            self._complaint(text)

    def _complaint(self, text: str) -> None:
        text = text.strip()[:_LONGEST]
        if _FAILS.search(text):
            claim = next(((layer, kind) for kind, layer, words in _THINGS if words.search(text)), None)
            if claim is not None:
                layer, kind = claim
                self._reader.history.claims[layer] = self._reader.seen(Claim(False, f"says-{kind}"))
