# SPDX-License-Identifier: MIT
"""What a person asks in sentences: which part does not work, and what the stick should be."""

from __future__ import annotations

import functools
import re

from huawei_modem.transcript import clause
from huawei_modem.transcript.languages import pieces_of
from huawei_modem.transcript.model import Claim
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Tables

_PORT = r"(?:/dev/)?tty(?:USB|ACM|HS)\w*|serial ports?|AT[ -]ports?|AT commands?|modem mode"
_LACKS = r"\b(?:no|not|without|missing|never|nothing|cannot|lacks?|doesnt|dont|isnt|cant)\b|n[’'´`,]t\b"
_WANTS = re.compile(
    rf"(?:\b(?:need|want|would like|expect|instead|how|where|get|should|have to|switch)\b|{_LACKS}).{{0,80}}?"
    rf"\b(?:{_PORT}|pppd?|oFono)\b",
    re.IGNORECASE,
)
"""The ports of a modem are wanted."""
_NOT_NEEDED = re.compile(
    r"\b(?:no|not|without)\b.{0,30}\b(?:needed|required|necessary)\b|(?:n't|not) need\b", re.IGNORECASE
)
"""What nobody wants."""
_WORKED = re.compile(
    r"\bafter (?:some|a (?:few|while|certain)|several|\d+) (?:\w+ ){0,3}(?:time|minutes|hours|days)|"
    r"\bintermittent|\bstops? working\b|\bworks? (?:fine |well )?(?:for|until)\b|"
    r"\b(?:re)?plug\w* .{0,40}(?:solves|fixes|helps|works)|\bevery (?:night|morning|few hours)\b|"
    r"\b(?:reset|re-?start|re-?boot|power[- ]?cycl)\w*\b(?:(?!\bnot\b|n't|\bstill\b|\bnever\b).){0,60}"
    r"\b(?:works?|fine|again|registers?|back|solves|fixes|helps)\b",
    re.IGNORECASE,
)
"""What does not work has worked."""
_REPLUG = re.compile(
    r"\b(?:un-?plug|pull|take|remove|disconnect|detach)\w*\b.{0,60}"
    r"(?:\bwait\b|\b(?:re)?(?:plug|insert|connect|attach)\w*\b|\b\d+ ?(?:s|sec|seconds)\b)|"
    r"\b(?:re-?plug|re-?insert)\w*\b",
    re.IGNORECASE,
)
"""Somebody took the stick out and put it in again: that it left the bus is no fault."""
_NO_NET = re.compile(
    r"(?:\b(?:no|without|missing)\b|n't|\bnot\b)(?: \w+){0,4} wwan\d?\b",
    re.IGNORECASE,
)
"""The network interface of the stick is wanted."""
_ABROAD = (
    r"kein\w*|nicht|aucun\w*|pas|ning[uú]n\w*|nenhum\w*|n[aã]o|nessun\w*|geen|niet|nie|brak|není|žádn\w*|"
    r"нет|не"
)
_NEGATION = re.compile(rf"{_LACKS}|\b(?:fails? to|failed to|{_ABROAD}|non(?!-))\b", re.IGNORECASE)
_EXISTS = re.compile(
    r"\b(?:creat|appear|show|exist|there|found|find|see\b|seen|detect|recogni|list|get|got|come|present|available|"
    r"made|generat|anything|angelegt|erstellt|erkannt|gefunden|sehe|da\b|cr[ée]+|appara|aparec|reconoc|recon|"
    r"detec|появ|созда|вид|wykry|widz|vid[íě]|objev)\w*",
    re.IGNORECASE,
)
_NET = re.compile(r"\b(?:wwan\d|cdc-wdm\d|usb\d|eth[12])\b|/dev/cdc\b")
_PORTS = re.compile(r"(?:/dev/)?tty(?:USB|ACM|HS)\w*|\bserial ports?\b|\bAT[ -]ports?\b", re.IGNORECASE)
_NEGATED = rf"(?:{_LACKS}|\b(?:can not|unable to|fails? to|failed to|{_ABROAD}|sin|non)\b)"
_ARTICLES = (
    r"(?:(?:any|an?|the|this|that|my|its?|such|more|new|usb|serial|modem|device|devices|port|ports|interface|node|"
    r"se|hay|un|una|de|des|du|le|la|el|den|die|das|der|ein\w*|file|in|as|like|named|called|at|all|corresponding|"
    r"single|of|network|sign|for|/dev|dev)[ /]){0,4}"
)
_NONE_OF = re.compile(
    rf"{_NEGATED}[\s:\"'`(]{{1,3}}{_ARTICLES}(?:{_EXISTS.pattern}[\s:\"'`(]{{1,3}}{_ARTICLES})?[\"'`(/]{{0,6}}\Z",
    re.IGNORECASE,
)
"""What stands before a thing that is not there: a negation, and a verb at most."""
_NEAR = 80
"""Characters before a thing that may say that it is not there."""
_OF_THING = re.compile(
    r"[\w`'\"]* (?:problems?|errors?|issues?|faster|lease|driver|option|works?|is created|are created|"
    r"exists?)\b",
    re.IGNORECASE,
)
"""What goes on behind it: the negation is of that."""
_IS_NOT = re.compile(
    rf"[^\s.,]{{0,12}}\W{{0,3}}(?:[\w’'´]+ ){{0,3}}?\w*{_NEGATED}\W+(?:[\w-]+ "
    rf"){{0,2}}{_EXISTS.pattern}\b(?! an?\b| any\b)|"
    r"[^\s.,]{0,12} (?:is|are|was|were|be|still|ist|sind|est) (?:\w+ )?(?:missing|gone|absent|weg)\b|"
    r"[^\s.,]{0,12} (?:fehl\w+|manquant\w*)\b",
    re.IGNORECASE,
)
"""What stands behind it."""
_CLAUSES = re.compile(
    r"[.!?;](?=\s|\Z)|,? \b(?:but|though|although|while|whereas|aber|mais|pero|mas)\b|, (?=and\b|only\b)"
)
_THERE = re.compile(r"(?:no longer|not|n't) (?:missing|absent)|\bonly (?:/dev/)?tty", re.IGNORECASE)
"""A second negation."""
_INSTALLS = re.compile(
    r"\b(?:apt(?:-get|itude)?|opkg|dnf|yum|pacman|apk|zypper|emerge)\b.{0,30}\b(?:install|add|-S)\b|IMAGE_INSTALL|"
    r"\b(?:install|added|packages?)\b.{0,20}:\s",
    re.IGNORECASE,
)
"""A list of packages: who installs a dialler has not dialled."""
_FAILS = re.compile(
    rf"(?:{_LACKS}|\bstopped) (?:\w+ )?(?:work|connect)|\bunable\b|\bfails?\b|\bno luck\b|"
    r"\bproblem with\b|\bhelp (?:me|please)\b|\bstuck\b|\bwhat (?:is|am|could).{0,30}wrong\b",
    re.IGNORECASE,
)
"""Something does not work, whatever else does."""
_HOW = re.compile(
    r"\bhow (?:do|does|can|could|to|should|would) (?!(?:I|we) (?:fix|solve|debug|find out))|\b(?:can|"
    r"could) (?:I|we) use\b|"
    r"\bis (?:it|the|my|an?) .{0,40}\b(?:possible|supported)\b|\bwhich (?:packages?|drivers?|protocol|"
    r"firmware|settings?|kmods?)\b|"
    r"\b(?:wie|comment|cómo|como|come|jak) (?:kann|stelle|puis|faire|puedo|posso|mogę|nastavit)\b",
    re.IGNORECASE,
)
_CRASHES = re.compile(
    r"\b(ofonod?|connmand?|modem[- ]?manager)\b.{0,60}\b(?:segfault\w*|crash(?:es|ed)?|core dump\w*|"
    r"dumps core|SIGSEGV|SIGABRT|segmentation fault|dies)\b",
    re.IGNORECASE,
)
_IT_CRASHES = re.compile(r"\b[Ii]t (?:segfaults|crashes|dumps core)\b")
_SIGNAL = re.compile(
    r"(?:Segmentation fault|Aborted|Bus error|Speicherzugriffsfehler)(?: \(.*\))?\Z|"
    r"Program received signal SIG"
)
"""What bash and gdb print of a program that ended by a signal."""
_STICK = r"\b(?:E\d{3,4}\w?|MS\d{4}\w?|K\d{4}|stick|dongle|modem)\b"
_TOPICS = (
    (
        "undetected",
        re.compile(
            rf"{_STICK}[^,.;!?]{{0,40}}(?:{_LACKS}) (?:(?!SIM|sim)\w+ ){{0,2}}(?:recogni[sz]ed|detected|"
            rf"found|seen|show)",
            re.IGNORECASE,
        ),
    ),
    (
        "comes-and-goes",
        re.compile(
            r"\b(?:stick|dongle|device|modem|usb)s?\b.{0,60}"
            r"\b(?:disappear|vanish|re-?enumerat|drops? off|"
            r"(?:keeps?|constantly|always|continually) (?:\w+ )?"
            r"(?:disconnect|reset|reconnect|re-?boot|restart))\w*",
            re.IGNORECASE,
        ),
    ),
    (
        "advice",
        re.compile(
            r"\b(?:which|what|any|recommend\w*)\b.{0,30}\b(?:modem|stick|dongle)s?\b.{0,40}"
            r"\b(?:works?|working|support\w*|compatib\w+|recommend\w*|buy)\b.{0,40}\?",
            re.IGNORECASE,
        ),
    ),
)
"""Kind of insufficient-data, and the words that ask for it."""
_LAYER_OF = {"ports": "port", "nets": "port", "undetected": "bus", "comes-and-goes": "bus", "advice": "bus"}
WANTS_PORTS = "wants ports"
_REMEMBERED = 512
"""Sentences of which is kept what they say."""
_CUES = pieces_of("""
    tty odem AT_ AT- erial ofono oFono list- onnman onnMan _how_ How_ Can_I can_I hich_ Is_ _is_
    wie_ Wie_ omment_ ómo_ omo_ ome_ arrier ARRIER wvdial pppd mmcli nmcli anager tick ongle PPP ppp
    detected ecogni lug isconnect chat wwan cdc-wdm usb0 usb1 eth1 eth2 egfault rash egmentation
    core SIG nable fail luck help tuck roblem onnect wrong
""")
_LONGEST = 300
"""Characters of a sentence that are looked at."""


class Asked:
    """Reads sentences for what they ask."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def tables(self) -> Tables:
        return Tables(cues=((_CUES, self._sentence),))

    def _sentence(self, text: str) -> None:
        history = self._reader.history
        topics, words = _said(text[:_LONGEST])
        for name in topics:
            layer, seen = _LAYER_OF[name], self._reader.seen(Claim(False, name))
            known = history.claims.get(layer)
            if known is None or name == "ports" or (name != "undetected" and known.value.good):
                history.claims[layer] = seen
        history.words.update(words)
        if "rash" in text or "egfault" in text or "egmentation" in text or "core" in text or "SIG" in text:
            self._crash(text[:_LONGEST])

    def _crash(self, text: str) -> None:
        """A daemon ended by a signal, as a sentence or the shell that started it tells."""
        reader = self._reader
        match = _CRASHES.search(text)
        name = match[1].lower() if match else ""
        if name.startswith("ofono") and not _NEGATION.search(text):
            reader.history.quoted.setdefault("ofono-crashed:told", reader.seen(text.strip()))
        started = reader.command.startswith(("ofonod", "./ofonod"))
        if started and (_SIGNAL.match(text.strip()) or _IT_CRASHES.search(text)):
            reader.state.add("ofono-crashed", reader.seen(text.strip()))


@functools.lru_cache(maxsize=_REMEMBERED)
def _said(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a sentence speaks of, and what it wants. Threads quote the same ones again and again."""
    topics = _topics(text)
    if topics and topics != ["advice"]:
        topics = _topics(clause.claimed(text))
    words = ["asks how"] if _HOW.search(text) else []
    if _FAILS.search(text):
        words.append("fails")
    if "wwan" in text and _NO_NET.search(text):
        words.append("wants net")
    if _REPLUG.search(text):
        words.append("replugged")
    if _WORKED.search(text):
        words.append("worked")
    if _WANTS.search(text) and not _NOT_NEEDED.search(text):
        words.append(WANTS_PORTS)
    return tuple(topics), tuple(words)


def _topics(text: str) -> list[str]:
    """What a sentence says does not work, or is not there."""
    topics = [name for name, said in _TOPICS if said.search(text)]
    if _INSTALLS.search(text):
        topics = []
    if _is_absent(text, _PORTS):
        topics.append("ports")
    if _is_absent(text, _NET):
        topics.append("nets")
    return topics


def _is_absent(text: str, thing: re.Pattern[str]) -> bool:
    """Whether a clause says of the thing itself that it is not there: before it, or behind it."""
    for part in _CLAUSES.split(text):
        if _THERE.search(part):
            continue
        for match in thing.finditer(part):
            after = part[match.end() :]
            if _NONE_OF.search(part[max(0, match.start() - _NEAR) : match.start()]) and not _OF_THING.match(
                after
            ):
                return True
            if _IS_NOT.match(after):
                return True
    return False
