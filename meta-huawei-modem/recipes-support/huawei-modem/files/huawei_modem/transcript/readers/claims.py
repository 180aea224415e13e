# SPDX-License-Identifier: MIT
"""What is said of a layer: by programs in words that no table has, and by people in sentences.

No fault is made of it. It says which layer to ask about where nothing else does: a program that nobody here
has looked at says "SIM", "APN" or "lease" as every other does. What somebody says to work is not asked for.
"""

from __future__ import annotations

import re

from huawei_modem.transcript import hearsay, prose
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
_NOT = (
    r"(?:no|not|nothing|none|never|without|neither|cannot|cant|dont|doesnt|isnt|unable|fail\w*|kein\w*|nicht|pas|sin|sem|"
    r"non|nie|nema)"
)
_DENIED = re.compile(rf"\b{_NOT}\b|n[’'´]t\b", re.IGNORECASE)
_UNREAL = re.compile(
    r"\b(?:if|should|would|could(?! not)(?!n)|might|must|unless|until|please|how|why|what|want\w*|"
    r"need\w*|try\w*|hope\w*|"
    r"suppos\w+|expect\w*|used to|wenn|falls|sollte)\b|\?|"
    r"\b(?:to|and|or) (?:get|have|see|send|make|connect)\b",
    re.IGNORECASE,
)
"""What is wished, asked or supposed."""
_WORKS = (
    r"(?:works?|working|worked|fine|ok|okay|correct\w*|proper\w*|success\w*|good|"
    r"funktioniert|geht|fonctionne|funciona)"
)
_SAYS = (
    (
        "bus",
        re.compile(
            r"\blsusb\b.{0,30}\b(?:shows?|lists?|displays?|detects?|sees?|finds?)\b|"
            r"\b(?:stick|dongle|modem|device|card|it)\b.{0,20}\b(?:is|shows? up|appears?)\b.{0,20}\blsusb\b",
            re.IGNORECASE,
        ),
    ),
    (
        "port",
        re.compile(
            r"\b(?:see|have|get|got|gives?|creates?|created|there (?:is|are)|appears?|exists?|shows?|"
            r"present|available)\b"
            r".{0,40}\btty(?:USB|ACM)\d|"
            r"\btty(?:USB|ACM)\d\S*.{0,30}\b(?:appears?|exists?|are there|is there|present|"
            r"created|available)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "answers",
        re.compile(
            rf"\bAT[ -]?commands?\b.{{0,30}}\b(?:{_WORKS}|answer\w*|respon\w+)\b|"
            rf"\b(?:minicom|picocom|screen|putty|gammu-detect|(?:gammu )?--?identify)\b.{{0,30}}"
            rf"\b(?:{_WORKS}|shows?|returned|returns?|answers?|responds?)\b|"
            r"\b(?:can|able to) (?:talk|communicate|speak|access|send AT)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "sim",
        re.compile(
            r"\b[Uu]?(?:SIM|sim)(?:[ -]?card)?,? (?:is|was|itself is) (?:\w+ )?"
            r"(?:present|inserted|in place|in the slot|active|valid|"
            r"fine|ok|good|recogni[sz]ed|detected|seen)\b"
        ),
    ),
    (
        "registration",
        re.compile(
            r"\b(?:is|it|modem|and|but) registered\b(?! (?:as|in|by|at) )|"
            r"\b(?:shows?|says?|reports?|goes|becomes?|status|state)\b[^,;:]{0,20}[\"'`“‘]registered\b|"
            r"\bregisters? (?:on|to|with|fine|in)\b|"
            r"\b(?:makes?|making|receives?) (?:\w+ )?calls?\b|"
            rf"\b(?:sends?|sending|can send|sent) (?:\w+ ){{0,2}}SMS\b|\bSMS (?:sending )?{_WORKS}\b",
            re.IGNORECASE,
        ),
    ),
    (
        "session",
        re.compile(
            r"\b(?:connects (?:fine|ok|to the (?:network|internet))|"
            r"connected successfully|connection (?:is )?established|"
            r"successfully connect\w*|is connected)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "address",
        re.compile(
            r"\b(?:gets?|got|has|receives?|obtains?|obtained|receiv\w+|assigned) (?:\w+ ){0,3}"
            r"(?:IP|ip)(?:[ -]?(?:v4 )?addr\w+)?\b",
        ),
    ),
    ("traffic", re.compile(r"\b(?:can ping|pings? works?|ping is ok|internet works)\b", re.IGNORECASE)),
)
"""Layer, and what says of it that it works: who denies it says nothing here."""
_LONGEST = 300
CUES = (
    *(
        "rror",
        "ail",
        "annot",
        "an't",
        "ould not",
        "n't ",
        "nable",
        "efus",
        "eject",
        "enied",
        "ime",
        "angup",
        "ang up",
    ),
    *("ost", " no ", "arrier"),
)
_SAYING = (
    *(
        "lsusb",
        "ttyUSB",
        "ttyACM",
        "AT command",
        "AT-command",
        "minicom",
        "picocom",
        "screen",
        "utty",
        "identify",
        "detect",
    ),
    *(
        "egister",
        "call",
        "SMS",
        *("SIM", "sim "),
        "onnect",
        " IP",
        " ip",
        "ping",
        "nternet works",
        "able to",
        " can ",
    ),
)


class Claims:
    """Keeps the last word on each layer."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def tables(self) -> Tables:
        return Tables(programs={"?": self._complaint}, cues=((CUES, self._line), (_SAYING, self._sentence)))

    def _line(self, text: str) -> None:
        if _OF_PROGRAM.match(text):
            self._complaint(text)

    def _complaint(self, text: str) -> None:
        text = text.strip()[:_LONGEST]
        if _FAILS.search(text):
            claim = next(((layer, kind) for kind, layer, words in _THINGS if words.search(text)), None)
            if claim is not None:
                layer, kind = claim
                self._keep(layer, Claim(False, f"says-{kind}"))

    def _sentence(self, text: str) -> None:
        if prose.is_of_program(text):
            return
        for clause in prose.clauses(text[:_LONGEST]):
            if _UNREAL.search(clause) or not hearsay.is_of_now(clause):
                continue
            elsewhere = prose.is_elsewhere(clause)
            for layer, works in _SAYS:
                # A SIM that is here may have been tried elsewhere.
                if (layer == "sim" or not elsewhere) and works.search(clause) and not _DENIED.search(clause):
                    if layer == "address":
                        self._reader.history.tried.add("ip addr")
                    self._keep(layer, Claim(True))
                    if "gammu" in clause or "identify" in clause:
                        self._reader.history.tried.add("gammu")

    def _keep(self, layer: str, claim: Claim) -> None:
        claims = self._reader.history.claims
        if claim.good and layer in claims and claims[layer].value.kind == "says-shared":
            return  # that this machine comes through is part of the complaint
        claims[layer] = self._reader.seen(claim)
