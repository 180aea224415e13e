# SPDX-License-Identifier: MIT
"""A sentence's clauses, and the one gate for all who read them: what a clause is worth.

A line is split once. Who reads something out of a clause asks whether it is one of those that claim
nothing: a question, a condition, what others or a manual say, another machine, what was once, what is denied,
a wish, a bidding. A line that has a program's message, too, may only speak of it (`only_mentions`).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from huawei_modem.transcript.line import folded

LONGEST = 400
"""Characters of a line of which is asked what they say."""

ASKED, OPEN, SUPPOSED, WANTED, HEARSAY, ELSEWHERE, ONCE, PAST, DENIED, NEEDLESS, NEGATED, BIDDEN = (
    1 << number for number in range(12)
)
"""What a clause may be, as bits of a mask."""
NO_CLAIM = ASKED | HEARSAY | ONCE | DENIED
"""It claims nothing of this machine as it is now."""
_NO = r"\b(?:no|not (?:a|an|the|any)|without) (?:\w+ )?(?:problems?|issues?|troubles?|errors?|complaints?)\b"
_SAY = "(?:says?|writes?|claims?|mentions?|complains?|reports?|told|said|wrote)"
_GATE = {
    # A question whether something is so; one for its reason says that it is.
    ASKED: r"\A\W*(?:(?:and|or|so|but) )?(?:is|are|does|do|did|can|could|should|would|will|has|have|may|"
    r"which|who|what (?:does|is|do)|how|where|kann|ist|sind|est-ce)\b"
    r"(?!.*\b(?:why|know|help|idea|reasons?|fix|solve|warum)\b).*\?\W*\Z",
    OPEN: r"\?|\b(?:how|why|what(?! (?:I|we) did)|please)\b",
    SUPPOSED: r"\b(?:if|should|would|might|unless|until|hope\w*|wish|shall|suppos\w+|expect\w*|wenn|falls|"
    r"sollte|"
    r"würde|ojalá|jeśli|если|kdyby|se supone|podemos|puedes|you (?:can|have to)|could(?! (?:not|fix|solve|"
    r"resolve)\b)(?!n))\b|\b(?:you|one|it (?:says|shows|prints)) (?:gets?|sees?)\b|"
    r"\b(?:o|ou|oder|or) (?:sin|sans|ohne|without|sem)\b",
    WANTED: r"\b(?:must|want\w*|need\w*|try\w*|interested)\b|"
    r"\b(?:to|and|or) (?:get|have|see|send|make|connect)\b",
    # What is done for what, in a guide; what others say.
    HEARSAY: r"\A\W*(?:\d+[.)] )?(?-i:To) (?!be |sum |me\b|my )[a-z]+ |"
    r"\b(?:manual|documentation|docs|wiki|guide|data ?sheet|README|every(?:body|one)|some(?:body|one)|"
    r"nobody|people|he|she|they|vendor)\b (?:\w+ )?"
    rf"{_SAY}\b|"
    r"\b(?:colleague|friend)\b|\bthe other (?:stick|modem|dongle|machine|one)\b|\bmy other\b|"
    r"\b(?:under|on|in) (?:my |the )?(?:Windows|Mac ?OS(?: X)?)\b",
    ONCE: r"\bused to\b|(?<!since )\byesterday\b|\b(?:at first|initially|in the beginning|originally|"
    r"formerly|anfangs)\b|\blast (?:week|month|year)\b|\bany ?more (?:since|with|after)\b",
    PAST: r"\b(?:was|were|did|had|no longer|solved|fixed|earlier)\b|\bbefore (?:the|this|that|I|we|it)\b",
    DENIED: r"\bit(?: is|'s) not that\b|\b(?:never|not|n[’']t) (?:los\w+|drop\w*|disconnect\w*|"
    r"complain\w*)\b|"
    rf"{_NO}|\b(?:do|does)(?: not|n[’']t) (?:use|run|want|need)\b",
    NEEDLESS: r"\bno (?:SIM[- ])?PIN\b|\b(?:I|we) (?:do not|don[’']t|did not|didn[’']t|never) (?:use|need|"
    r"want|dial)\b|"
    r"\bneeded\b|\bnot? (?:locked|needed|required|necessary|matter|care|sure|know)\b|\bno matter\b",
    NEGATED: r"\b(?:no|not|nothing|none|never|without|neither|cannot|cant|dont|doesnt|isnt|unable|fail\w*|"
    r"kein\w*|nicht|pas|sin|sem|non|nie|nema)\b|n[’'´]t\b",
    # Where it works is not where it does not.
    ELSEWHERE: r"\b(?:(?<!for )(?<!per )(?<!para )(?<!für )windows(?! installer| drivers?| setup)|"
    r"win ?(?:xp|7|10|11)|mac(?:os| ?book)?|phone|laptop|desktop|pc|other|another|friend\w*|"
    r"(?<!to )(?<!nown )(?<!esolve )(?<!esolving )host(?! (?:name|is unreach|unreach|not found))|"
    r"others|(?:every|any|some)(?:one|body) else|"
    r"notebook|handy|anderen?|autre|otro|outro|altro)\b"
    r"(?! (?:cell|script|program|port|cable|hub|driver|kernel|version|usb|firmware|apn|message)\b)|"
    r"(?<!\w)(?:винд\w+|ноутбук\w*)",
    # What it names was not done yet, and showed nothing.
    BIDDEN: r"\A\W*(?:(?:please|then|now|also|just|first|next|and|so|or|ok|okay|well|maybe|perhaps|"
    r"\d+[.)]),? )*"
    r"(?:(?:open|type|run|try|post|paste|check|look|plug|unplug|enter|execute|verify|ensure|make sure|"
    r"reboot|copy|press|show|give|send|see (?:if|what|whether)|have a look|let us know)\b"
    r"(?! (?:shows?|says?|gives?|prints?|fails?|works?|is|was|does))|"
    r"(?:you|one) (?:can|could|should|must|may|might|need to|have to|will need)\b)",
}
_PATTERNS = tuple((bit, re.compile(words, re.IGNORECASE)) for bit, words in _GATE.items())


class Clause:
    """One clause of a line; what it is worth is looked up once, when it is asked for."""

    __slots__ = ("_asked", "_has", "against", "low", "text")

    def __init__(self, text: str, against: bool) -> None:
        self.text, self.against = text, against
        self.low = f" {text.lower()} "
        self._asked = self._has = 0

    def is_any(self, worths: int) -> bool:
        """Whether it is one of these."""
        if missing := worths & ~self._asked:
            for bit, words in _PATTERNS:
                if bit & missing and words.search(self.text):
                    self._has |= bit
            self._asked |= worths
        return bool(self._has & worths)


_CONTRARY = r"(?:but|however|although|though|aber|jedoch|pero|mas|mais|ma|но|ale|maar|men),? (?=\w)"
_SPLIT = re.compile(rf"(?<=[^\d.][.!?;])\s+|(?<=\d[.!?;])\s+(?=[A-Z\"(])|,? {_CONTRARY}")
"""Behind a port's number too."""
_AGAINST = re.compile(_CONTRARY, re.IGNORECASE)

_BEGINS = re.compile(
    r"\A(?!(?:problem|issue|edit|update|question|now|result|symptom|note|frage|fehler|problème|problema|"
    r"solved|hi|hello): )"
    r"[a-z][\w.-]{1,20}: |\A\W*(?:(?:dmesg|ls|usb|option|ppp)"
    r"(?![a-z_]* (?:\w+ly |still |also |only |output )?(?:[a-z]{3,}s|does|is|can\w*|and)\b)|"
    r"\$|#(?! ?[A-Z])|\[|<|/|Bus \d|"
    r"[\w.-]+\[\d+\]:|[A-Z]+[_A-Z]*=|FATAL|ERROR|error:|warning:|-->|AT[+^]|\+C)"
)
"""How lines begin that programs wrote."""
_WORD = re.compile(r"(?<!\w)[^\W\d_]{2}")
"""Rows of numbers have none."""


def of(text: str) -> tuple[Clause, ...]:
    """The clauses of a line, each of which says something by itself."""
    return exactly(folded(text[:LONGEST]))


@functools.lru_cache(maxsize=1024)
def exactly(text: str) -> tuple[Clause, ...]:
    """The same, with its numbers as they are."""
    return tuple(Clause(part, against) for part, against in _parts(text))


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Each clause of a line, and whether it is set against the one before it."""
    begin, against = 0, _AGAINST.match(text) is not None
    for match in _SPLIT.finditer(text):
        yield text[begin : match.start()], against
        begin = match.end()
        against = not match[0].isspace() or _AGAINST.match(text, begin) is not None
    yield text[begin:], against


def claimed(text: str, but: int = NO_CLAIM) -> str:
    """What the text claims, in its own words; all of it where each clause does."""
    parts = exactly(text[:LONGEST])
    kept = [part.text for part in parts if not part.is_any(but)]
    return text[:LONGEST] if len(kept) == len(parts) else ". ".join(kept)


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
    r"\b(?:sometimes|occasionally|from time to time|manchmal|parfois|a veces|иногда)\b|"
    r"\(.{0,30}\b(?:(?:the|this|that) (?:forum|post|thread|guide|tutorial|how-?to|example)|(?:del|el) foro|"
    r"(?:du|le) forum|(?:im|aus dem) Forum|del forum|not mine|otros?|autres?|andere[nr]?)\b.{0,20}\)\s*\Z",
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


def only_mentions(text: str) -> bool:
    """Whether the line only mentions what a program may say."""
    return _speaks_only(folded(text))


@functools.lru_cache(maxsize=512)
def _speaks_only(text: str) -> bool:
    if _UNSEEN.search(text) or _SEARCH.search(text):
        return True
    if _ROW.match(text.rstrip()):
        return True
    return any(words.search(text) for words in _SPEAKS) and not _MINE.search(text)


def has_words(text: str) -> bool:
    """Whether anything in it may be a word: rows of numbers have none."""
    return _WORD.search(text) is not None


def is_of_program(text: str) -> bool:
    """Whether a program wrote the line, as it begins."""
    return _BEGINS.match(text) is not None


_SENTENCES = re.compile(r"(?<=[^\W\d_][.!?])\s+(?=[\"'(¿¡]?[A-ZÀ-ÞА-Я])")
_PARAGRAPH = 300
"""Characters from which on a line is a paragraph; a part has no more where its sentences are shorter."""


def paragraph(text: str) -> list[str]:
    """The parts of a paragraph, each of whole sentences; the text itself where it is none."""
    if len(text) < _PARAGRAPH or not text[0].isalpha() or _BEGINS.match(text):
        return [text]
    parts: list[str] = []
    for sentence in _SENTENCES.split(text):
        if parts and len(parts[-1]) + len(sentence) < _PARAGRAPH:
            parts[-1] = f"{parts[-1]} {sentence}"
        else:
            parts.append(sentence)
    return parts


def is_sentence(text: str) -> bool:
    """Whether somebody may have written it: words with blanks between them, as no list and no setting has."""
    return text.count(" ") > 1 and "|" not in text and _WORD.search(text) is not None
