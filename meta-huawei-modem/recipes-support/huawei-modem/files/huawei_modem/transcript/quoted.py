# SPDX-License-Identifier: MIT
"""Lines that somebody has pasted, as they may be shown and sent: in words of a list, whoever wrote them.

A known program's line has the words of these programs' sources (`mask.vocabulary`); any other, a person's
sentence too, these and the words of words.txt beside this file. What is on neither becomes "…", several in
a row one mark. So a name, a place, a password in words or a number needs no form to stay out of an answer:
it is on no list. `mask` has been over each line before.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from pathlib import Path

from huawei_modem.mask import logs, vocabulary
from huawei_modem.mask.kinds import words
from huawei_modem.mask.spelling import NAMES
from huawei_modem.mask.vocabulary import UNKNOWN
from huawei_modem.transcript import translated
from huawei_modem.transcript.clause import is_of_program, is_sentence

_MARK = "…"
_WORDS = Path(__file__).with_name("words.txt")
_TELLING = 60
"""Characters by which a part of a line is found in it: lines are cut."""
_ENDING = 6
"""Letters by which a word may be longer than its beginning on the list."""
_SHORT = 2
"""Letters of a word that names nobody."""
_FEW = 3
"""Digits that are no number of anybody's."""
_DAYS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun"
_MONTHS = "Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sep|Oct|Nov|Dec"
_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?"
_DATE = rf"(?:(?:{_DAYS}),?[ ]+)?(?:20\d\d[-/](?:0\d|1[0-2])[-/][0-3]\d|(?:{_MONTHS})[ ]+[0-3]?\d)"
_HEX = "[0-9a-f]"
_PUBLIC = rf"""
    # A date, with its clock and its year; the clocks of the kernel, of NetworkManager, of Quectel's.
    (?<!\w){_DATE}(?:[ T]{_CLOCK}(?:\ [A-Z]{{3,4}}(?=\ 20))?)?(?:\ 20\d\d)?(?![\w.-])
    | \[\ *\d{{1,6}}\.\d{{6}}\] | \[1[5-9]\d{{8}}\.\d{{1,4}}\] | \[[01]\d-[0-3]\d_{_CLOCK}(?::\d{{3}})?\]
    # A process; ESP-IDF's milliseconds.
    | (?<=\w)\[\d{{1,7}}\](?=:) | (?<=mbim)\[\d{{1,7}}\] | (?<=netifd:\ )\w{{1,15}}\ \(\d{{1,7}}\)(?=:)
    | \bdaemon\.\w{{3,6}}\ \[\d{{1,7}}\](?=:) | \A[EWID]\ \(\d{{1,9}}\)
    # Models of several makers, libraries, releases of a kernel, what a file may be opened for.
    | \b(?:E[CGMP]|RM|EM|MC|MF|DWM?-?|SIM(?:COM)?|[LF]E|LT|BG|UC|TG|ME)\d{{2,4}}[a-z]?\b
    | \bGobi\ \d000\b | \bIP[46]\b
    | \bmodem-[ek]\d{{3,4}}[a-z]?\b | \blib[a-z+-]{{1,20}}\.so(?:\.\d{{1,3}}){{0,4}}
    | (?<![\w.])\d\.\d{{1,2}}\.\d{{1,3}}(?:[-+.](?:\d{{1,5}}|g{_HEX}{{7,12}}|r[ct]\d{{1,3}})){{1,6}}(?![\w.-])
    | (?<!\S)[dlcbps-](?:[r-][w-][xst-]){{3}}(?!\S)
    # Ids of USB, as listings and settings name them; usb_modeswitch's message; the kernel's objects.
    | \b(?:\w{{0,8}}(?:Vendor|Product)(?:ID)?|ProdID|ID_(?:VENDOR|MODEL)_ID|vid|pid|VID:PID=12d1)\b
      [=:\ "']{{1,3}}(?:0x)?{_HEX}{{4}}(?!\w)
    | (?<=TargetProductList="){_HEX}{{4}}(?:,{_HEX}{{4}}){{0,30}}(?=")
    | \{{id(?:Vendor|Product)\}}[=!]=?"{_HEX}{{4}}" | (?<=12d1\ )-p\ {_HEX}{{4}}\b
    | (?<![\w:])(?:0x)?12d1(?:,\ ?|\ ?/\ ?|\ ?\\?:\ ?|\ )(?:0x)?{_HEX}{{4}}(?!\w) | \b55534243{_HEX}{{54}}\b
    | \busb:v{_HEX}{{4}}p{_HEX}{{4}}d{_HEX}{{4}}(?:dc|dsc|dp|ic|isc|ip|in|{_HEX}{{2}}){{0,14}}(?!\w)
    | (?<=\])-if\d\d(?:-port\d)?(?!\w) | (?<![^\s=])/devices/(?:platform|pci)[\w/.:-]{{0,200}}
    | \bBus\ \d{{3}}\.Port\ \d{{3}}
    # Rates of a line, and counts that tools print.
    | \b(?:speed|baud|rate|qlen|metric|mtu|lease\ time|txqueuelen|exit\ code|errno)\b
      [=:\ ]{{1,2}}\d{{1,7}}(?!\w)
    | \b\w{{2,20}}(?:state|mode|error):\ {_HEX}{{4}}(?=\ -\ )
"""
_KEPT = re.compile(_PUBLIC, re.VERBOSE | re.IGNORECASE)
_VERSION = re.compile(r"\d+(?:\.\d+){2,}(?:-[\w.+-]+)?")
_ID = re.compile("(?:[0-9a-f]{4}[: ])?[0-9a-f]{4}")
"""A device's of USB, which a rule has read as one."""
_DAY = re.compile(r"[0-3]?\d[./][01]?\d[./](?:19|20)\d\d")
"""It has the shape of a version, and may be when somebody was born."""
_OF_DATE = re.compile(f"{_DAYS}|{_MONTHS}")
_PROMPT = re.compile(r"([\w.-]{1,32})@([\w.-]{1,64})(?=[: ]\S*[#$%>](?: |$))")
_OF_ID = re.compile(r"(?<=[^\w:.-])1(?!2d1)(?=[0-9a-f]*[a-f])[0-9a-f]{3}(?![\w:.-])", re.IGNORECASE)
"""What looks like the id of a product, and a cell's."""
_RUN = re.compile(rf"{re.escape(UNKNOWN)}(?:[^\w\[\]\n]{{0,3}}{re.escape(UNKNOWN)})*")
_EASTERN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+(?: [\uac00-\ud7af]+)*")
"""What is written without blanks, or with few."""
_CAPITAL = re.compile(r"(?:(?<=[^\W\d_] )|(?<=, )|(?:(?<=: )|(?<=\())(?![\x00-\x7f]))[^\W\d_]+")
_NUMBERED = re.compile(r"(?<![\w/.@+-])([^\W\d_]{3,})\d{1,3}(?![\w@+-])")
_OF_KIND = words(
    """
    bus channel channels cid context debian dhcpv dongle endpoint gsm hub interface ipv level local modem
    mode mwan number phase pin port profile puk python release sim slot stick type ubuntu uhub umsm usb
    version win windows
"""
)
"""What people number: others are called so."""
_NUMERAL = (
    r"(?:zero|oh|nought|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w{3,6}teen|"
    r"(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundred|thousand|double|triple|"
    r"null|eins?|un[oae]?|um|dos|tre|due|sei)"
)
_NUMERALS = re.compile(rf"\b{_NUMERAL}(?:(?:,? |-){_NUMERAL}){{1,20}}\b", re.IGNORECASE)
_NUMBERS = re.compile(
    rf"{_PUBLIC} | (?P<numbers>(?<![\w.:/-])"
    r"\d{1,20}(?:(?:[,;]\ ?|\ -\ |[ ./_-])\d{1,20}){1,16}(?![\w:]|\.\d))",
    re.VERBOSE | re.IGNORECASE,
)
_NAMED = (
    r"(?:pass(?:word|wd|phrase|code|wort)?|kennwort|pw|pwd|pins?|puk|code|key|secret|token|log ?in|"
    r"(?:user|benutzer)(?:[ -]?name)?|ssid|wi-?fi|wlan|hotspot|names?|named|called|hei(?:ß|ss)t|"
    r"mot de passe|contrase[ñn]a|clave|senha|hasło|wachtwoord|heslo|jelszó|parola|пароль|"
    r"utilisateur|usu[aá]rio|utente|użytkownik|nom|nombre|nome|address|adresse|street|number|nummer)"
)
_IS = r"(?:is|was|are|be|reads|says|ist|war|lautet|est|était|es|era|[èé]|jest|это|to|as|with|after)"
_STATE = (
    r"(?:not?|n[oae]t|wrong|in?correct|requ\w+|ok(?:ay)?|right|accept\w+|re[jf]\w+|ready|\w{2,4}abled|needed|"
    r"asked|(?:un)?locked|invalid|missing|empty|set|unknown|already|also|still|the (?:same|right|wrong)|"
    r"supported|found|down|up|work\w*|on|off|there|here|nicht|kein\w*|falsch|richtig|pas|bon\w*|"
    r"incorrect\w*|faux|non?|errat\w+|nie)"
)
_SAID = re.compile(
    rf"(?<!\w){_NAMED}(?!\w)(?:\s+[^\W\d_]{{1,8}}){{0,3}}?\s+{_IS}\s+(?!{_STATE}\b|\d{{1,3}}\b)"
    r"(?P<value>[^\s.,;!?)][^.,;!?)]*)",
    re.IGNORECASE,
)
"""What is called or set so, in words that are anything."""


def line(masked: str) -> str:
    """A masked line of any text, in the words of the program that says that it wrote it, or of the list."""
    speaker = logs.speaker(masked)
    if speaker is None:
        return _in_common_words(masked)
    begun, said = _in_common_words(masked[: speaker.start]), masked[speaker.end :]
    return begun + masked[speaker.start : speaker.end] + vocabulary.shown(said, speaker.of_kernel)


def part(given: str, masked: str, lines: Iterable[str]) -> str:
    """`masked`, which is `given` without its identities: as a line, or as the first of `lines` with it."""
    if _ID.fullmatch(masked):
        return masked
    if logs.speaker(given) is None:
        begun = given.casefold()[:_TELLING]
        whole = next((other for other in lines if begun in other.casefold()), "")
        if (speaker := logs.speaker(whole)) is not None:
            return vocabulary.shown(masked, speaker.of_kernel)
    return line(masked)


def _in_common_words(text: str) -> str:
    if (prompt := _PROMPT.match(text)) is not None:
        user, host = (_in_common_words(name) for name in prompt.groups())
        return f"{user}@{host}{_in_common_words(text[prompt.end() :])}"
    if _VERSION.fullmatch(text):
        return text
    done, end = [], 0
    if is_sentence(text) and not is_of_program(text):
        text = _without_names(text)
    for found in _KEPT.finditer(text):
        done += [_shown(text[end : found.start()]), found[0]]
        end = found.end()
    return _RUN.sub(_MARK, "".join(done) + _shown(text[end:]))


def _shown(text: str) -> str:
    text = _OF_ID.sub(UNKNOWN, _EASTERN.sub(_eastern, text))
    return vocabulary.shown(text, False, known=_knows)


def _without_names(text: str) -> str:
    """A sentence without what has the place of a name, a secret or a number, also in words of the list."""
    text = _SAID.sub(lambda found: found[0][: found.start("value") - found.start()] + UNKNOWN, text)
    text = _NUMERALS.sub(UNKNOWN, text)
    text = _NUMBERED.sub(_numbered, _NUMBERS.sub(_number, text))
    return _CAPITAL.sub(_capital, text)


def _numbered(found: re.Match[str]) -> str:
    known = found[1].lower() in _OF_KIND or NAMES.fullmatch(found[0].lower())
    return found[0] if known else UNKNOWN


def _number(found: re.Match[str]) -> str:
    few = sum(map(str.isdigit, found[0])) <= _FEW
    public = vocabulary.is_public(found[0]) and not _DAY.fullmatch(found[0])
    return found[0] if few or found["numbers"] is None or public else UNKNOWN


def _capital(found: re.Match[str]) -> str:
    word, before = found[0], found.string[found.start() - 2]
    if len(word) <= _SHORT or not word.istitle() or before.isupper() or word in _listed().words:
        return word
    return word if _OF_DATE.fullmatch(word) else UNKNOWN


def _eastern(found: re.Match[str]) -> str:
    pieces = enumerate(_listed().eastern.split(found[0]))
    return "".join(piece if place % 2 or not piece.strip() else UNKNOWN for place, piece in pieces)


class _Listed:
    """The words of the list, by how they are looked for."""

    def __init__(self) -> None:
        lines = _WORDS.read_text(encoding="utf-8").splitlines()
        every = [word for line in lines if not line.startswith("#") for word in line.split()]
        self.begun = tuple(word[:-1].lower() for word in every if word.endswith("-"))
        known = {*every, *translated.words()}
        eastern = sorted(filter(_EASTERN.fullmatch, known), key=len, reverse=True)
        self.eastern = re.compile(f"({'|'.join(map(re.escape, eastern))})")
        self.words = frozenset(every)
        self.small = frozenset(map(str.lower, known))


@functools.lru_cache(maxsize=1)
def _listed() -> _Listed:
    return _Listed()


@functools.lru_cache(maxsize=1 << 14)
def _knows(word: str) -> bool:
    """Whether a word in small letters is on a list, or begins as one that is."""
    listed = _listed()
    if word in listed.small or (word.isascii() and vocabulary.knows(word)) or listed.eastern.fullmatch(word):
        return True
    return any(word.startswith(begun) and len(word) <= len(begun) + _ENDING for begun in listed.begun)
