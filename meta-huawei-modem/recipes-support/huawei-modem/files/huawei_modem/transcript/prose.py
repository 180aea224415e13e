# SPDX-License-Identifier: MIT
"""What a sentence says, in the words of people: what does not work, what is solved, which program dials.

Clause by clause, with negation: "wvdial instead of NetworkManager" uses the one and not the other, and "works
fine on my laptop" solves nothing. The languages are those of the forums that the reports come from.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

from huawei_modem.transcript import dials
from huawei_modem.transcript.languages import COMPLAINTS, SOLVED, words_of
from huawei_modem.transcript.line import folded

_WORD = re.compile(r"(?<!\w)[^\W\d_]{2}")
"""Rows of numbers have none."""
_SURE = re.compile(
    r"\bnow\b|solved|fixed|finally|jetzt|nun\b|endlich|gelöst|résolu|maintenant|resuelto|solucionado|"
    r"resolvido|"
    r"risolto|\bya\b|ahora|agora|\bora\b|rozwiązan|teraz|vyřešen|решен|теперь|заработал|megold|opgelost|"
    r"\bnu\b|\btrick\b|like a charm|\bdid it[.!]|\bgot (?:it|this|that|them|everything|all)\b|get it working|"
    r"\b(?:could|can|able to|managed to) (?:fix|solve|resolve)|\bthat worked\b|never ?mind|\bnvm\b|"
    r"\bsorted\b|released|\bback online\b|\bonline (?:again|with)\b|\b(?:it|that|this|everything|all) works!",
    re.IGNORECASE,
)
"""Of a solution: it is one of what was wrong, and no part that works."""
_OF_NET = re.compile(
    r"inter-?net|\bnet\b|\bpages?\b|\bsites?\b|web ?sites?|brows|surf|ping|download|google|firefox|"
    r"traffic|online|"
    r"\bnothing\b|connectivity|resolv|seiten?\b|\bnetz\b|nichts|\brien\b|navig|naveg|p[áa]gin|\bnada\b|"
    r"интернет|страниц|ничего|pripoj|připoj|strán|net\b|上网|网络|つながら",
    re.IGNORECASE,
)
_MARKED = words_of(
    "solved resolved fixed gelöst erledigt résolu resuelto solucionado resolvido risolto решено rozwiązan "
    "vyřešeno opgelost",
    r"[\[(](?:solved|fixed|gelöst|erledigt|résolu|resuelto|solucionado|resolvido|risolto|решено|"
    r"rozwiązan[ey]|vyřešeno|opgelost)[\])]|"
    r"\A\W*(?:solved|resolved|gelöst|erledigt|résolu|resuelto|resolvido|risolto|решено)\s*[:|]",
)
_THANKS = re.compile(
    r"\b(?:thanks?(?! (?:you )?(?:in advance|for (?:any|ideas|reading)))|"
    r"thx|cheers|danke|merci|gracias|obrigad[oa]|grazie|dzięk\w+|děkuj\w+|díky|bedankt|tack|takk)\b|"
    r"спасибо|köszön",
    re.IGNORECASE,
)
"""Who thanks for what works speaks of the whole."""
_PARTLY = re.compile(
    r"\b(?:sms|ussd|voice|calls?|lsusb|mmcli|lights?|led|minicom|picocom|screen|gammu|at[- ]commands?|"
    r"authentication|registration|dial(?:l?ing|s)?)\b",
    re.IGNORECASE,
)
"""What works without a connection, and what a connection begins with."""
_AGAIN = re.compile(
    r"\b(?:this|an|another|same) (?:error|problem|issue)\b|\bfails?\b|"
    r"\bagain\b|\bstill\b|\b(?:comes?|came|is) back\b|\buntil\b|"
    r"\b(?:seconds?|minutes?|hours?|days?) later\b|\bnach ein\w+ (?:stunde|minute|tag)\b",
    re.IGNORECASE,
)
"""After a solution: it did not last."""
_TROUBLE = re.compile(
    r"\b(?:have|has|having|got|with|there (?:is|are)|but)\b.{0,20}\b(?:problems?|issues?|troubles?)\b"
    r"(?! (?:is|was|are|were|solved|fixed|gone|so far))|\bgets? no\b|\bno IP\b",
    re.IGNORECASE,
)
"""After what works: something else does not."""
_LOOKED_BACK = re.compile(
    r"\b(?:know|idea|wonder\w*|understand|curious|had to|have to|took|needed|needs?|only (?:after|when|with)|"
    r"weiß|verstehe|musste|sais|fallu|sé|entiendo)\b",
    re.IGNORECASE,
)
"""After a solution: what it took, or that nobody knows why."""
_UNREAL = re.compile(
    r"\b(?:if|should|would|could(?! not)(?!n)|hope\w*|until|unless|wish|might|wenn|falls|sollte|würde|"
    r"ojalá|jeśli|"
    r"если|kdyby)\b|\?",
    re.IGNORECASE,
)
_AWAITED = re.compile(
    r"\b(?:(?:when(?:ever)?|once|after|before|till|as soon as) (?:\w+ ){1,3}?(?:is|are|gets?|has been)|"
    r"(?:without|waiting for|needs?|wants?|see) (?:\w+ ){1,3}?(?:(?:is|gets?|being|to be) )?)"
    r" ?(?:properly |finally )?(?:fixed|solved|resolved)\b|"
    r"\b(?:will|to|must|cannot|can[’']?t|be) (?:\w+ ){0,2}be (?:\w+ )?(?:fixed|solved|resolved)\b",
    re.IGNORECASE,
)
"""Somebody waits for it."""
_RECIPE = re.compile(
    r"\bthe following (?:\w+ )?(?:solution|steps?|procedure|commands?|fix|way|recipe)?(?: \w+)? ?"
    r"(?:worked|works|solved|fixed|helped|did)\b|"
    r"\b(?:here(?: i|[’'])s|this is) (?:how|what|the way) (?:I |we |it |has |have |finally |"
    r"eventually |was )*(?:solved|fixed|got|made|worked|did|helped)\b|"
    r"\b(?:I|we) (?:have |finally |eventually )*(?:solved|fixed) (?:it|this|that|the \w+|my \w+) "
    r"(?:like this|this way|as follows|with (?:the following|these steps)|in these steps)",
    re.IGNORECASE,
)
"""What follows is how it was solved."""
_NEGATED = re.compile(
    r"\b(?:not|never(?! ?mind\b)|no longer|nicht|pas|ne|no|não|non|nie|не|nem|niet|used to|before|"
    r"previously|earlier|was working|früher|avant|antes|prima|раньше)\b|n[’']t\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:when(?:ever)?|only|without|by hand|manually|from time to time|kind of|sort of|sometimes|"
    r"unstabl[ey]|after I|with sudo|"
    r"as root|under|wenn|nur|solo|seulement)\b|\bif\b",
    re.IGNORECASE,
)
"""What works so does not work otherwise."""
_ELSEWHERE = re.compile(
    r"\b(?:(?<!for )(?<!per )(?<!para )(?<!für )windows(?! installer| drivers?| setup)|win ?(?:xp|7|10|"
    r"11)|mac(?:os| ?book)?|phone|laptop|desktop|pc|other|another|friend\w*|"
    r"(?<!to )(?<!nown )(?<!esolve )(?<!esolving )host(?! (?:name|is unreach|unreach|not found))|"
    r"others|(?:every|any|some)(?:one|body) else|"
    r"notebook|handy|anderen?|autre|otro|outro|altro)\b"
    r"(?! (?:cell|script|program|port|cable|hub|driver|kernel|version|usb|firmware|apn|message)\b)|"
    r"(?<!\w)(?:винд\w+|ноутбук\w*)",
    re.IGNORECASE,
)
"""Where it works is not where it does not."""
_BIDDEN = re.compile(
    r"\W*(?:(?:please|then|now|also|just|first|next|and|so|or|ok|okay|well|maybe|perhaps|\d+[.)]),? )*"
    r"(?:(?:open|type|run|try|post|paste|check|look|plug|unplug|enter|execute|verify|ensure|make sure|"
    r"reboot|copy|press|show|give|send|see (?:if|what|whether)|have a look|let us know)\b"
    r"(?! (?:shows?|says?|gives?|prints?|fails?|works?|is|was|does))|"
    r"(?:you|one) (?:can|could|should|must|may|might|need to|have to|will need)\b)",
    re.IGNORECASE,
)
_STORAGE = words_of(
    "storage cd drive disk flash zero /dev/s laufwerk massensp stockage unidad lector almacen armazen "
    "archiv napęd "
    "pamięć 大容量 накопит флеш сидиром autorun disco meghajt pendrive "
    "startup.ico sysconfig installer switch przełącz umschalt",
    r"\bmass[- ]?storage\b|\bstorage (?:mode|device)\b|\bcd-?(?:rom)?(?: drive)?\b|\busb (?:drive|stick|"
    r"flash)\b|\bflash drive\b|"
    r"\bzero-?cd\b|/dev/s(?:r\d|d[a-z])\b|\bas an? (?:\w+ )?(?:drive|disk|storage)\b|\blaufwerk\b|"
    r"\bmassenspeicher\b|"
    r"\bstockage(?: de masse)?\b|\b(?:unidad|unidade|lector) de (?:cd|disco|almacenamiento)\b|"
    r"\balmacenamiento\b|"
    r"\bauto-?run\.(?:exe|inf)\b|\b(?:startup\.ico|sysconfig\.dat)\b|\bdisco usb\b|\bCD-meghajt\w+|"
    r"\b(?:só|sólo|solo|apenas) como pendrive\b|"
    r"\bwindows installer\b|\b(?:is|be|being|gets?|was)(?: not|n't) (?:being )?switched\b|"
    r"\bnot switch(?:ed|ing)?\b(?! (?:from|to|into) (?:data|command|online)\b)|\bmode ?switch(?:ing)? "
    r"(?:problem|fails|failed|does not)\b|\bprzełącz\w+|\bnicht umgeschalt\w+|"
    r"\barmazenamento\b|\barchiviazione\b|\bnapęd\b|\bpamięć masow\w+|大容量|накопител\w+|флешк\w+|сидиром",
)
_STUCK = re.compile(
    r"\b(?:only|always|stuck|stays?|remains?|keeps?|just|instead|not as|never|recogni[sz]ed|detect(?:s|"
    r"ed)?|treats?|seen|"
    r"shows? up|appears?|mounts?|mounted|opens|contains?|problem\w*|vede|csak|nie|switched|switch(?:es|"
    r"ing)?|has|with|and|"
    r"comes? up|identif\w+|nur|immer|nie|erkannt|bleibt|reste|reconnu\w*|détecté\w*|comme|"
    r"reconoc\w+|detecta\w*|monta|aparece|reconhec\w+|como|visto|riconosciut\w+|resta|come|jako|wykryw\w+|"
    r"rozpoznaw\w+|widzian\w+)\b|определя\w+|видит\w*|как |被",
    re.IGNORECASE,
)
_STICK = re.compile(
    r"\b(?:stick|dongle|m[oó]dem|huawei|surfstick|clé|clef|chiavetta|pendrive|klíčenka|E\d{3,4}\w?|K\d{4}|"
    r"MS\d{4})\b|модем|хуавей",
    re.IGNORECASE,
)
_NO_LONGER = re.compile(r"(?:\bno longer|\bnot|n[’']?t|\bnicht mehr|\bne) (?:\S+ ){0,3}\Z", re.IGNORECASE)
_NO_STORAGE = re.compile(
    r"\bmicro ?sd\b|\bslot\b|\bsd ?card\b|\bat first\b|\bfirst\b|\bwas in\b|\binitially\b|"
    r"(?<!not )(?<!n't )(?<!being )\bswitch(?:es|"
    r"ed)\b|\bfixed\b|"
    r"\busing the\b|\busable\b|\bcan (?:also )?be used\b|==|modeswitch\.d|\bboot\w*\b.{0,12}\busb\b",
    re.IGNORECASE,
)
_ID = re.compile(r"(?:\b12d1:|(?<![\w:])0x)(?!12d1)([0-9a-f]{4})\b", re.IGNORECASE)
_BECAME = re.compile(
    r"->|=>|→|➜|\b(?:becomes?|became|turns?(?: it)? into|changes?|changed|switch(?:es|ed)?|goes from|now|"
    r"after(?:wards)?|then|"
    r"once|wird|wurde|jetzt|nun|danach|nach|passe|devient|maintenant|après|pasa|cambia|ahora|luego|"
    r"después|vira|"
    r"agora|depois|diventa|ora|dopo|zmienia|teraz|po|změní|teď|lesz)\b|(?<!\w)(?:стал\w*|становится|"
    r"теперь|после)",
    re.IGNORECASE,
)
_BEGINS = re.compile(
    r"\A(?!(?:problem|issue|edit|update|question|now|result|symptom|note|frage|fehler|problème|problema|"
    r"solved|hi|hello): )"
    r"[a-z][\w.-]{1,20}: |\A\W*(?:(?:dmesg|ls|usb|option|ppp)"
    r"(?![a-z_]* (?:\w+ly |still |also |only |output )?(?:[a-z]{3,}s|does|is|can\w*|and)\b)|"
    r"\$|#(?! ?[A-Z])|\[|<|/|Bus \d|"
    r"[\w.-]+\[\d+\]:|"
    r"[A-Z]+[_A-Z]*=|FATAL|ERROR|error:|warning:|-->|AT[+^]|\+C)"
)
"""How lines begin that programs wrote."""
_CONTRARY = r"(?:but|however|although|though|aber|jedoch|pero|mas|mais|ma|но|ale|maar|men),? (?=\w)"
_SPLIT = re.compile(rf"(?<=[^\d.][.!?;])\s+|,? {_CONTRARY}")
_AGAINST = re.compile(_CONTRARY, re.IGNORECASE)


_IDS = ("12d1:", "0x")
CUES = (
    tuple(
        dict.fromkeys(
            form
            for words in (*COMPLAINTS, SOLVED, _MARKED, dials.PROGRAM, _STORAGE)
            for piece in (piece.lstrip() for piece in words.pieces)
            for form in (piece, piece.capitalize(), piece.upper())
        )
    )
    + _IDS
    + (
        "roblem",
        "ssue",
        "rouble",
        " no IP",
        "gets no",
        "get no",
        "following",
        "ere is ",
        "ere's ",
        "this is ",
    )
)
"""Texts of which any line has one that says something here."""


class Says(NamedTuple):
    """What a line says in words."""

    complaint: bool = False
    """Something does not work, and nothing behind it in the line says that it does."""
    of_net: bool = False
    """It is the internet that does not: an address alone does not answer that."""
    solved: bool = False
    sure: bool = False
    """It works now, in so many words."""
    marked: bool = False
    """The whole text is marked as solved."""
    programs: tuple[str, ...] = ()
    """Who dials, as far as it is used."""
    dismissed: tuple[str, ...] = ()
    storage: bool = False
    """The stick shows itself as a drive and not as a modem."""
    trouble: bool = False
    """Something is wrong, whatever works."""
    recipe: bool = False
    """What follows is how it was solved."""
    became: str = ""
    """The product id that the stick has now."""


@functools.lru_cache(maxsize=512)
def said(text: str) -> Says:
    """What the line says; nothing for what no person wrote."""
    return _said(text if any(piece in text.lower() for piece in _IDS) else folded(text))


@functools.lru_cache(maxsize=512)
def _said(text: str) -> Says:
    low = f" {text.lower()} "
    has_id = any(piece in low for piece in _IDS)
    marked = _MARKED.search(text, low) is not None
    if _BEGINS.match(text) and not marked:
        return Says(became=_last_id(text)) if has_id else Says()
    if (" " not in text and text.isascii()) or _WORD.search(text) is None:
        return Says()
    complaint = of_net = solved = sure = storage = trouble = recipe = False
    programs: list[str] = []
    dismissed: list[str] = []
    for clause, against in _parts(text):
        low = f" {clause.lower()} "
        if _is_solution(clause, low):
            complaint, of_net, solved, storage, trouble = False, False, True, False, False
            sure = sure or _SURE.search(clause) is not None or _THANKS.search(text) is not None
        elif _complains(clause, low):
            complaint, of_net, solved, sure = True, of_net or _OF_NET.search(clause) is not None, False, False
        elif _TROUBLE.search(clause) and not _UNREAL.search(clause):
            solved, sure, trouble = False, False, True
        elif against and not complaint and not _LOOKED_BACK.search(clause):
            # Whatever it is: who goes on so is not done.
            solved, sure, trouble = False, False, True
        elif solved and _AGAIN.search(clause):
            sure = False
        recipe = recipe or _is_recipe(clause)
        storage = storage or _is_drive(clause, low, text)
        used, unused = dials.programs(clause, low)
        if used and against and (complaint or _NEGATED.search(clause)):
            # It works with the one and not with the other, of which it is asked.
            dismissed += [name for name in programs if name not in used]
            programs = []
        programs += used
        dismissed += unused
    became = _last_id(text) if has_id else ""
    return Says(
        *(complaint, of_net, solved or recipe, sure or recipe, marked, tuple(programs), tuple(dismissed)),
        *(storage, trouble, recipe, became),
    )


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Each clause of a line, and whether it is set against the one before it."""
    begin, against = 0, _AGAINST.match(text) is not None
    for match in _SPLIT.finditer(text):
        yield text[begin : match.start()], against
        begin = match.end()
        against = not match[0].isspace() or _AGAINST.match(text, begin) is not None
    yield text[begin:], against


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


def clauses(text: str) -> list[str]:
    """The clauses of a line, each of which says something by itself."""
    return _SPLIT.split(text)


def is_bidden(clause: str) -> bool:
    """Whether the clause bids somebody do something: what it names was not done yet, and showed nothing."""
    return _BIDDEN.match(clause) is not None


def is_elsewhere(clause: str) -> bool:
    """Whether the clause is of another machine."""
    return _ELSEWHERE.search(clause) is not None


def _complains(clause: str, low: str) -> bool:
    found = any(words.search(clause, low) for words in COMPLAINTS)
    return found and not _UNREAL.search(clause.rstrip("?"))


def _is_solution(clause: str, low: str) -> bool:
    match = SOLVED.search(clause, low)
    if (
        match is None
        or (_CONDITION.search(clause) and not _SURE.search(clause))
        or _ELSEWHERE.search(clause)
        or _PARTLY.search(clause[: match.start()])
        or _AWAITED.search(clause)
    ):
        return False
    if _UNREAL.search(clause[: match.start()]) or _UNREAL.search(clause[match.end() :]):
        return False
    return _NEGATED.search(clause[: match.end()]) is None


def _is_recipe(clause: str) -> bool:
    match = _RECIPE.search(clause)
    return match is not None and not any(
        words.search(clause) for words in (_UNREAL, _ELSEWHERE, _AWAITED, _NEGATED)
    )


def _is_drive(clause: str, low: str, text: str) -> bool:
    drive = _STORAGE.search(clause, low)
    return (
        drive is not None
        and _NO_LONGER.search(clause, 0, drive.start()) is None
        and _STUCK.search(clause) is not None
        and _STICK.search(text) is not None
        and not _NO_STORAGE.search(clause)
        and not _ELSEWHERE.search(clause)
    )


def _last_id(text: str) -> str:
    """The id that the last clause with one says that the stick has come to."""
    became = ""
    for clause in _SPLIT.split(text):
        became = _id_now(clause) or became
    return became


def _id_now(clause: str) -> str:
    """The id that a clause says the stick has come to, in small letters."""
    found = [match[1].lower() for match in _ID.finditer(clause)]
    if (
        not found
        or not _BECAME.search(clause)
        or _UNREAL.search(clause.rstrip("?"))
        or _ELSEWHERE.search(clause)
    ):
        return ""
    return "" if _NEGATED.search(clause) and len(found) == 1 else found[-1]
