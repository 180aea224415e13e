# SPDX-License-Identifier: MIT
"""Whether a line only speaks of what a program may say: a question for its meaning, a manual, code.

Of such a line no error is taken. Who says in the first person what he gets has it, whatever else he asks.
"""

from __future__ import annotations

import functools
import re

from huawei_modem.transcript.line import folded

_MINE = re.compile(
    r"\b(?:I|we)(?:'m| am| are)?(?: (?:always|still|now|just|only|also|then|keep|do|did|have|got|can|will))* "
    r"(?:gets?|getting|got|see|saw|seeing|have|had|has|receive\w*|end|run|ran|face|facing|notice\w*)\b|"
    r"\b(?:gives?|gave|giving|shows?|t(?:ells?|old)|fails?) (?:me|us|with)\b|\bmy (?:log|output|error)s?\b|"
    r"\b(?:bekomme|erhalte|kriege|kommt|obtiens|reçois|obtengo|recibo|ottengo|ricevo|dostaję|mám|получаю)\b"
)
"""Somebody has it."""
_UNSEEN = re.compile(
    r"\b(?:I|[Ww]e|[Yy]ou|[Ii]t|[Tt]hey|[Ii]ch|[Jj]e)\b[^,.:;]{0,12}"
    r"(?:\b(?:never|no longer|not|nicht|jamais|nunca)|n['’]t)(?: \w+)? "
    r"(?:see|saw|seen|get|got|gotten|have|had|say|answer\w*|print\w*|show\w*|gesehen)"
    r"(?: (?:any|the|an?|that|this|such))? ?(?=[\"'`“„«+]|[A-Z]{4})|"
    r"\b(?:(?:there (?:is|are|was|were)|with) no|without|instead of|rather than|no more|no|kein\w*|nie|"
    r"plus de|ya no) (?:(?:more|the|an?) )?(?=[\"'`“„«+]|ERROR\b)"
)
"""It is not there."""
_MEANING = re.compile(
    r"\bwhat (?:does|do|is|are|was)\b.*\b(?:means?|meaning|about|for)\b|\bmeaning of\b|"
    r"\b(?:which |that )?(?:means|indicates) (?:that|the|there|your|a|no)\b|"
    r"\bwas (?:bedeutet|heißt|heisst|meint)\b|\bque (?:signifie|significa|quiere decir)\b|"
    r"\b(?:co oznacza|co znamená|wat betekent|cosa significa)\b|\bчто (?:значит|означает)\b",
    re.IGNORECASE,
)
_MANUAL = re.compile(
    r"\b(?:manual|man ?page|documentation|docs|datasheet|source code|"
    r"section \d+|chapter \d+|Handbuch|Doku(?:mentation)?)\b|"
    r"\b(?:usually|typically|is (?:often )?caused by|happens (?:when|if)|"
    r"occurs (?:when|if)|is (?:returned|printed|shown|logged|sent) (?:when|if|by))\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:if|should|in case|whenever|when) "
    r"(?:you|one|there|anybody|anyone|somebody|it (?:says|shows|prints))\b|"
    r"\b(?:would|should|might|may) (?:also )?"
    r"(?:get|see|say|show|answer|print|return|fail|give|happen)\b|"
    r"\b(?:falls|sollte|wenn) (?:du|Sie|man|es)\b|\bsi (?:vous|usted|tu|on)\b|\bse (?:vede|vedi)\b",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\bon (?:my|the|an?|his|her|your|our) (?:other|old|previous|second|friend'?s|colleague'?s)\b|"
    r"\bother (?:stick|modem|dongle|machine|computer|laptop|board|device|SIM)\b|"
    r"\b(?:someone|somebody|other people|others|another user|a friend)(?: else)? "
    r"(?:gets?|got|has|had|said|says|reported|wrote|sees?|saw)\b|"
    r"\bI(?:'ve| have)? (?:read|heard)\b|\b(?:last|a) (?:year|month|week)(?: ago)?\b|\byears? ago\b|"
    r"\b(?:sometimes|occasionally|from time to time|manchmal|parfois|a veces|иногда)\b",
    re.IGNORECASE,
)
"""It is of another machine, of another time, or now and then."""
_SEARCH = re.compile(
    r"(?:\A|[#$|;&] ?|sudo )(?:[ef]?grep|zgrep|rgrep|rg|ack|strings|logger|git (?:log|grep|commit)) "
)
_LINK = re.compile(r"\]\(\w+://|\bhttps?://\S*(?:%20|\+)\S*")
_ROW = re.compile(r"\A(?: {2,}|\t)(?=\S).{2,80}?(?: {2,}|\t)[A-Z][a-z]{1,12} .{10,200}[a-z]\.\Z")
"""A manual's list: the message, a gap, a sentence."""
_EXPLAINED = re.compile(
    r"\b(?:see|cf\.?) (?:also )?(?:section|chapter|the|below|above|page)\b|\bFAQ\b|"
    r"\b(?:text|string|words?) to (?:search|look|grep) for\b|"
    r"\A\s*(?:[\w./-]+: )?(?:[Ff]ix(?:es|ed)?|[Aa]dds?|[Aa]void|[Rr]emoves?|[Hh]andle) (?:an?|the|wrong) "
)
_SPEAKS = (_MEANING, _MANUAL, _CONDITION, _OTHERS, _LINK, _EXPLAINED)


def only(text: str) -> bool:
    """Whether the line only mentions what a program may say."""
    return _only(folded(text))


@functools.lru_cache(maxsize=512)
def _only(text: str) -> bool:
    if _UNSEEN.search(text) or _SEARCH.search(text):
        return True
    if _ROW.match(text.rstrip()):
        return True
    return any(words.search(text) for words in _SPEAKS) and not _MINE.search(text)
