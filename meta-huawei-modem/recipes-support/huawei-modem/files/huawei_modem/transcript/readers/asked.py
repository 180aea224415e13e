# SPDX-License-Identifier: MIT
"""What a person asks in sentences: which part does not work, and what the stick should be."""

from __future__ import annotations

import functools
import re

from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Tables

_PORT = r"(?:/dev/)?tty(?:USB|ACM|HS)\w*|serial ports?|AT[ -]ports?|AT commands?|modem mode"
_LACKS = r"\b(?:no|not|without|missing|never|nothing|cannot|lacks?)\b|n't\b"
_WITHIN = r"(?:(?![.!?;,:] ).)"
"""A character that does not end the clause."""
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
    r"\b(?:re)?plug\w* .{0,40}(?:solves|fixes|helps|works)",
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
_STICK = r"\b(?:E\d{3,4}\w?|MS\d{4}\w?|K\d{4}|stick|dongle|modem)\b"
_TOPICS = (
    (
        "ports",
        re.compile(
            rf"(?:{_LACKS}){_WITHIN}{{0,60}}(?:{_PORT})(?! (?:works?|is created|are created|exists?))|"
            rf"(?:{_PORT}) (?:is|are|was|were|do|does|did|has|have|never)(?:n't)?\b.{{0,25}}?"
            rf"(?:{_LACKS}|\b(?:gone|absent|appear|come|show))|"
            rf"{_STICK}.{{0,40}}(?:{_LACKS}) (?:\w+ ){{0,2}}(?:recogni[sz]ed|detected|found|seen|show)",
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
    ("dialling", re.compile(r"\bno carrier\b|\bwvdial\b|\bpppd\b|sbin/chat\b|\bchat -", re.IGNORECASE)),
    ("connman", re.compile(r"\bconnman(?:ctl|d)?\b", re.IGNORECASE)),
    ("ofono", re.compile(r"\bofonod?\b|\blist-(?:modems|contexts)\b|\benable-modem\b", re.IGNORECASE)),
    ("mm", re.compile(r"\bmodem[- ]?manager\b|\bmmcli\b", re.IGNORECASE)),
    ("nm", re.compile(r"\bnetwork ?manager\b|\bnmcli\b", re.IGNORECASE)),
)
"""Kind of insufficient-data, and the words that ask for it. Missing ports explain what comes after."""
WANTS_PORTS = "wants ports"
_REMEMBERED = 512
"""Sentences of which is kept what they say."""
_LONGEST = 300
"""Characters of a sentence that are looked at."""


class Asked:
    """Reads sentences for what they ask."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def tables(self) -> Tables:
        return Tables(
            cues=(
                (
                    (
                        *(
                            "tty",
                            "odem",
                            "AT ",
                            "AT-",
                            "erial",
                            "ofono",
                            "oFono",
                            "list-",
                            "onnman",
                            "onnMan",
                        ),
                        *("arrier", "ARRIER", "wvdial", "pppd", "mmcli", "nmcli", "anager", "tick", "ongle"),
                        *("PPP", "ppp", "detected", "ecogni", "lug", "isconnect", "chat", "wwan"),
                    ),
                    self._sentence,
                ),
            )
        )

    def _sentence(self, text: str) -> None:
        history = self._reader.history
        topics, words = _said(text[:_LONGEST])
        for name in topics:
            history.topics[name] = history.topics.get(name, 0) + 1
        history.words.update(words)


@functools.lru_cache(maxsize=_REMEMBERED)
def _said(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a sentence speaks of, and what it wants. Threads quote the same ones again and again."""
    topics = tuple(name for name, said in _TOPICS if said.search(text))
    words = []
    if "wwan" in text and _NO_NET.search(text):
        words.append("wants net")
    if _REPLUG.search(text):
        words.append("replugged")
    if _WORKED.search(text):
        words.append("worked")
    if _WANTS.search(text) and not _NOT_NEEDED.search(text):
        words.append(WANTS_PORTS)
    return topics, tuple(words)
