# SPDX-License-Identifier: MIT
"""Which clauses of a sentence claim something of this machine as it is now.

A question whether, what a manual or others say, what was once, another machine, and a fault that is denied
claim nothing: whoever reads a fault out of sentences reads what is left.
"""

from __future__ import annotations

import functools
import re

from huawei_modem.transcript import prose

_ASKS = re.compile(
    r"\A\W*(?:(?:and|or|so|but) )?(?:is|are|does|do|did|can|could|should|would|will|has|have|may|which|who|"
    r"what (?:does|is|do)|how|where|kann|ist|sind|est-ce)\b"
    r"(?!.*\b(?:why|know|help|idea|reasons?|fix|solve|warum)\b).*\?\W*\Z",
    re.IGNORECASE,
)
"""A question whether something is so; one for its reason says that it is."""
_SENTENCES = re.compile(r"(?<=\w[.!?;])\s+(?=[A-Z\"(])")
"""Behind a port's number too."""
_PURPOSE = re.compile(r"\A\W*(?:\d+[.)] )?To (?!be |sum |me\b|my )[a-z]+ ")
"""What is done for what, in a guide."""
_SAY = "(?:says?|writes?|claims?|mentions?|complains?|reports?|told|said|wrote)"
_OF_OTHERS = re.compile(
    r"\b(?:manual|documentation|docs|wiki|guide|data ?sheet|README|every(?:body|one)|some(?:body|one)|"
    rf"nobody|people|he|she|they|vendor)\b (?:\w+ )?{_SAY}\b|"
    r"\b(?:colleague|friend)\b|\bthe other (?:stick|modem|dongle|machine|one)\b|\bmy other\b|"
    r"\b(?:under|on|in) (?:my |the )?(?:Windows|Mac ?OS(?: X)?)\b",
    re.IGNORECASE,
)
_ONCE = re.compile(
    r"\bused to\b|(?<!since )\byesterday\b|\b(?:at first|initially|in the beginning|originally|formerly|"
    r"anfangs)\b|"
    r"\blast (?:week|month|year)\b|\bany ?more (?:since|with|after)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\bit(?: is|'s) not that\b|\b(?:never|not|n[’']t) (?:los\w+|drop\w*|disconnect\w*|complain\w*)\b|"
    r"\bno (?:\w+ )?(?:problems?|issues?|troubles?|complaints?)\b|"
    r"\b(?:do|does)(?: not|n[’']t) (?:use|run|want|need)\b",
    re.IGNORECASE,
)


def is_of_now(clause: str) -> bool:
    """Whether a clause may be of this machine now, and is no question: what works with no problem works."""
    return not any(words.search(clause) for words in (_ASKS, _PURPOSE, _OF_OTHERS, _ONCE))


@functools.lru_cache(maxsize=256)
def claimed(text: str) -> str:
    """What the text claims, in its own words; all of it where each clause does."""
    parts = [part for clause in prose.clauses(text) for part in _SENTENCES.split(clause)]
    kept = [part for part in parts if not _is_no_claim(part)]
    return text if len(kept) == len(parts) else ". ".join(kept)


def claims(text: str, *words: re.Pattern[str]) -> bool:
    """Whether what the text claims has each of the words: most lines have not all of them at all."""
    return all(each.search(text) for each in words) and all(each.search(claimed(text)) for each in words)


def _is_no_claim(clause: str) -> bool:
    return not is_of_now(clause) or _DENIED.search(clause) is not None
