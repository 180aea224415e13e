# SPDX-License-Identifier: MIT
"""What a sentence says, in the words of people: what does not work, what is solved, which program dials.

Clause by clause, with negation: "wvdial instead of NetworkManager" uses the one and not the other, and "works
fine on my laptop" solves nothing. The languages are those of the forums that the reports come from.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from huawei_modem.transcript import clause, dials
from huawei_modem.transcript.clause import ELSEWHERE, HEARSAY, SUPPOSED, Clause
from huawei_modem.transcript.languages import COMPLAINTS, CONTRACTED, SOLVED, pieces_of, words_of
from huawei_modem.transcript.line import folded

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
_IN_PROJECT = re.compile(
    r"\b(?:[Ff]ixed|[Ss]olved|[Rr]esolved|[Rr]eleased) (?:in|upstream|by|for|with) "
    r"(?:upstream|(?:the )?(?:next|latest|newer) |v?\d|(?!The\b|This\b|My\b|A\b)[A-Z]\w+)|"
    r"\breported and (?:fixed|solved|resolved)\b"
)
"""A bug tracker's word, of a project and not of this machine."""
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
_PLEA = re.compile(
    r"\b(?:can|could) (?:some|any)(?:body|one)\b|\bhow (?:should|can|do) I (?:progress|go on|proceed|"
    r"continue|get|make)\b|"
    r"\b(?:few words|any (?:hints?|help|ideas?|suggestions?|advice|pointers?))\b.{0,30}(?:help|welcome|"
    r"appreciated|\?)|\b(?:please|kindly) (?:help|advise|ask)\b|\bI ask for\b.{0,20}\bhelp\b",
    re.IGNORECASE,
)
"""Somebody asks for help."""
_LOOKED_BACK = re.compile(
    r"\b(?:know|idea|wonder\w*|understand|curious|had to|have to|took|needed|needs?|only (?:after|when|with)|"
    r"weiß|verstehe|musste|sais|fallu|sé|entiendo)\b",
    re.IGNORECASE,
)
"""After a solution: what it took, or that nobody knows why."""
_AWAITED = re.compile(
    r"\b(?:(?:when(?:ever)?|once|after|before|till|as soon as) (?:\w+ ){1,3}?(?:is|are|gets?|has been)|"
    r"(?:without|waiting for|needs?|wants?|see) (?:\w+ ){1,3}?(?:(?:is|gets?|being|to be) )?)"
    r" ?(?:properly |finally )?(?:fixed|solved|resolved)\b|"
    r"\b(?:will|to|must|cannot|can[’']?t|be) (?:\w+ ){0,2}be (?:\w+ )?(?:fixed|solved|resolved)\b",
    re.IGNORECASE,
)
"""Somebody waits for it."""
_RECIPE = re.compile(
    r"\b(?:I|we) (?:think (?:I|we) )?(?:have |[’']ve )?(?:finally )?found (?:the|a|"
    r"my) (?:\w+ )?(?:solution|fix)\b|"
    r"\b(?:the following|these|those) (?:\w+ )?(?:solution|steps?|procedure|commands?|fix|way|"
    r"recipe)?(?: \w+)? ?"
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
_NO_LONGER = re.compile(
    rf"(?:\bno longer|\bnot|{CONTRACTED}|\bnicht mehr|\bne) (?:\S+ ){{0,3}}\Z", re.IGNORECASE
)
_NO_STORAGE = re.compile(
    r"\bmicro ?sd\b|\bslot\b|\bsd ?card\b|\bat first\b|\bfirst\b|\bwas in\b|\binitially\b|"
    r"(?<!not )(?<!n't )(?<!being )\bswitch(?:es|"
    r"ed)\b|\bfixed\b|"
    r"\busing the\b|\busable\b|\bcan (?:also )?be used\b|==|modeswitch\.d|\bboot\w*\b.{0,12}\busb\b",
    re.IGNORECASE,
)
_ID = re.compile(
    r"(?:\b12d1:|(?<![\w:])0x)(?!12d1)([0-9a-f]{4})\b|"
    r"\b(?:idproduct|product[- ]?id)\b.{1,60}?[\"'`“(](?=[0-9a-f]*[0-9])([0-9a-f]{4})[\"'`”)]",
    re.IGNORECASE,
)
_AND_NOT = re.compile(
    r",? (?:and not|instead of|rather than|und nicht|statt|y no|et non|e non|em vez de|"
    r"invece di) .*",
    re.IGNORECASE,
)
"""What the id has not become."""
_BECAME = re.compile(
    r"->|=>|→|➜|\b(?:becomes?|became|turns?(?: it)? into|changes?|changed|switch(?:es|ed)?|goes from|now|"
    r"after(?:wards)?|then|"
    r"once|wird|wurde|jetzt|nun|danach|nach|passe|devient|maintenant|après|pasa|cambi(?:a|aba|ó|ava|ato)|"
    r"ahora|luego|después|vira|"
    r"agora|depois|diventa|ora|dopo|zmienia|teraz|po|změní|teď|lesz)\b|(?<!\w)(?:стал\w*|становится|"
    r"теперь|после)",
    re.IGNORECASE,
)


_IDS = ("12d1:", "0x", "idproduct", "product id", "product-id")
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
    + pieces_of("""
        omebody omeone nybody nyone should_I can_I do_I words hint help advi idea roblem ssue rouble _no_IP
        gets_no get_no following hese hose found_ ere_is_ ere's_ this_is_
    """)
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
    plea: bool = False
    """Somebody asks for help: what follows may solve it, a mark above does not."""
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
    if clause.is_of_program(text) and not marked:
        return Says(became=_last_id(text)) if has_id else Says()
    if (" " not in text and text.isascii()) or not clause.has_words(text):
        return Says()
    complaint = of_net = solved = sure = storage = trouble = recipe = False
    programs: list[str] = []
    dismissed: list[str] = []
    for part in clause.exactly(text):
        if _is_solution(part):
            complaint, of_net, solved, storage, trouble = False, False, True, False, False
            sure = sure or _SURE.search(part.text) is not None or _THANKS.search(text) is not None
        elif _complains(part):
            of_net = of_net or _OF_NET.search(part.text) is not None
            complaint, solved, sure = True, False, False
        elif _is_trouble(part, complaint):
            solved, sure, trouble = False, False, True
        elif solved and _AGAIN.search(part.text):
            sure = False
        recipe = recipe or _is_recipe(part)
        storage = storage or _is_drive(part, text)
        used, unused = dials.programs(part.text, part.low)
        if used and part.against and (complaint or _NEGATED.search(part.text)):
            # It works with the one and not with the other, of which it is asked.
            dismissed += [name for name in programs if name not in used]
            programs = []
        programs += used
        dismissed += unused
    plea = not solved and _PLEA.search(text) is not None
    became = _last_id(text) if has_id else ""
    return Says(
        *(complaint, of_net, solved or recipe, sure or recipe, marked, tuple(programs), tuple(dismissed)),
        *(storage, trouble, recipe, plea, became),
    )


def _complains(part: Clause) -> bool:
    found = any(words.search(part.text, part.low) for words in COMPLAINTS)
    return found and not part.is_any(SUPPOSED | HEARSAY)


def _is_trouble(part: Clause, complaint: bool) -> bool:
    """Something else does not work; or whatever it is: who goes on with a but is not done."""
    if _TROUBLE.search(part.text):
        return not part.is_any(SUPPOSED | HEARSAY) and "?" not in part.text
    return part.against and not complaint and not _LOOKED_BACK.search(part.text)


def _is_solution(part: Clause) -> bool:
    match = SOLVED.search(part.text, part.low)
    if (
        match is None
        or (_CONDITION.search(part.text) and not _SURE.search(part.text))
        or _PARTLY.search(part.text[: match.start()])
        or _AWAITED.search(part.text)
        or _IN_PROJECT.search(part.text)
    ):
        return False
    return not (_is_unreal(part) or _NEGATED.search(part.text[: match.end()]))


def _is_unreal(part: Clause) -> bool:
    return part.is_any(SUPPOSED | HEARSAY | ELSEWHERE) or "?" in part.text


def _is_recipe(part: Clause) -> bool:
    return (
        _RECIPE.search(part.text) is not None
        and not _is_unreal(part)
        and not any(words.search(part.text) for words in (_AWAITED, _NEGATED))
    )


def _is_drive(part: Clause, text: str) -> bool:
    drive = _STORAGE.search(part.text, part.low)
    return (
        drive is not None
        and _NO_LONGER.search(part.text, 0, drive.start()) is None
        and _STUCK.search(part.text) is not None
        and _STICK.search(text) is not None
        and not _NO_STORAGE.search(part.text)
        and not part.is_any(ELSEWHERE)
    )


def _last_id(text: str) -> str:
    """The id that the last clause with one says that the stick has come to."""
    became = ""
    for part in clause.exactly(text):
        became = _id_now(part) or became
    return became


def _id_now(part: Clause) -> str:
    """The id that a clause says the stick has come to, in small letters."""
    said = _AND_NOT.sub("", part.text)
    found = [(match[1] or match[2]).lower() for match in _ID.finditer(said)]
    if not found or not _BECAME.search(part.text) or part.is_any(SUPPOSED | ELSEWHERE):
        return ""
    return "" if _NEGATED.search(said) and len(found) == 1 else found[-1]
