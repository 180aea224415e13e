# SPDX-License-Identifier: MIT
"""Lines of known programs, as far as they are these programs' own words: any other word is somebody's.

The words are those of the programs' sources (words.txt). What stays besides:
numbers, versions and addresses, devices and interfaces, places in a source, registers and calls of a kernel's
trace, and AT commands with public names, which `at` has seen to.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from huawei_modem.mask import at
from huawei_modem.mask.spelling import NAMES

UNKNOWN = "[masked]"
"""What stands in the place of such a word: it has no number, for it may be anything."""
_Known = Callable[[str], bool]
_WORDS = Path(__file__).with_name("words.txt")
_ENDINGS = ("s", "es", "ed", "d", "ing", "er", "ly", "able")
_LEAST = 4
"""Letters of a word that another is made of."""
_SHORT = 2
"""Letters and digits that name nobody."""
_DIGITS = 3
"""Digits of a number that a daemon prints for something else than a PIN, a number or a place."""
_JOINED = 2
"""Digits of a name such as context1 or usb1-port2; WLANs of routers have more (HUAWEI-B535-4F2C)."""
_WORD = r"[^\W_]+(?:[._@+-]+[^\W_]+)*"
_TOKEN = re.compile(
    rf"""
    \[masked(?:-\d+)?\] | \\x[0-9a-f]{{2}} | \\[rnt]
    # A function, or a line, of a source; a call of a trace; a pointer.
    | (?<![\w/.])[\w/.-]{{1,80}}\.[ch]:\w{{1,80}}(?:\(\))?
    | (?<!\w)\w{{1,80}}(?:\.\w+)*\+0x[0-9a-f]+/0x[0-9a-f]+
    | (?P<hexadecimal>\b0x[0-9a-fA-F]{{1,16}}\b) | \b(?:ip|sp|pc|lr)\ [0-9a-f]{{8,16}}\b
    | (?<!\S)/(?:usr/)?lib/modules/\d[\w.+~-]*
    # Where in what a program crashed, and which library the loader misses.
    | \[[0-9a-f]{{4,16}}\+[0-9a-f]{{3,8}}\]
    | (?<=shared\ libraries:\ )lib[\w.+-]{{1,30}}\.so(?:\.\d+)*(?=:)
    # Which kernel runs, on what, and which a module is of.
    | Machine\ model:\ .*
    | Linux\ version\ \d\S* | version\ magic\ '\d[^\s']*
    # Devices, the kernel's objects, and units that are called by them.
    | (?<!\S)/dev/(?:tty\w{{1,8}}|cdc-wdm\d+|s[dr]\w?\d*|bus/usb[\d/]*)
    | (?<!\S)/sys/(?:devices|class|bus|module)/[\w/.:+-]*
    | (?<!\w)(?:huawei-modem-bind|usb_modeswitch)@[\w.:\\-]+
    # A name on the bus; AT commands without arguments.
    | (?<!\w):\d+\.\d+\b
    | (?<!\w)AT[+^#$*%&]?[A-Z0-9]{{0,16}}(?!\w) | (?<!\w)[+^][A-Z][A-Z0-9]{{1,15}}(?=[:=?])
    # What is quoted is one thing.
    | "(?P<double>[^"]*)" | (?<!\w)'(?P<single>[^']*)'(?!\w)
    | (?<!\w)[0-9a-f]{{4}}:[0-9a-f]{{4}}(?![\w:]) | (?<!\w)id\ '[0-9a-f ]{{1,40}}'
    | (?<![\w:])(?:[0-9a-fA-F]{{0,4}}:){{2,7}}[0-9a-fA-F]{{0,4}}(?![\w:])
    | (?P<numbers>(?<![\w.])\d+(?:[.:/-]\d+)+(?!\w))
    # Counts, and settings that are the same everywhere.
    | \b\d{{1,12}}(?:\.\d{{1,6}})?\ ?(?:bytes|octets|baud|bps|kbit|[mu]?s|min|seconds|[kKMG]i?B?)\b
    | \b(?:mtu|mru|[ug]id|pid|mcc|mnc|speed|asyncmap|signal|flags|type|index|family)[\ =:]{{1,3}}\d{{1,6}}\b
    | \(\d{{1,5}},\d{{1,5}}\)
    | (?P<word>{_WORD})
    """,
    re.VERBOSE,
)
_PIECE = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_PUBLIC_NUMBERS = re.compile(
    # Addresses, versions, times, ports of USB, classes of interfaces, decimals.
    r"\d{1,3}(?:\.\d{1,3}){3}(?:[/:]\d{1,5})?|\d{1,4}(?:\.\d{1,4}){2}|\d\d:\d\d(?::\d\d(?:\.\d+)?)?|"
    r"\d-\d{1,2}(?:\.\d{1,2})*(?::\d{1,2}\.\d{1,2})?|\d{1,3}(?:/\d{1,3}){1,3}|\d{1,6}\.\d{1,3}|\d{4}-\d\d-\d\d"
)
_GENERATION = re.compile("[2345]g|v[0-9]{1,3}|[0-9]{1,2}bit", re.IGNORECASE)
"""3G, and what short names protocols have."""
_HEXADECIMAL = re.compile("[0-9a-fA-F]+")
_POINTER = re.compile(r"0x(?:[0-9a-f]{1,8}|(?:5[56]|7[ef])[0-9a-f]{10}|ffff[0-9a-f]{12})", re.IGNORECASE)
"""What a daemon prints in hexadecimal: 32 bits, and where its own memory is on x86-64 and arm64. An IMEI has
13 digits there."""


_DUMP = re.compile(r"(?:(?<!\w)[0-9a-fA-F]{2}(?: |$)+){5,}.*")
"""Octets, and what they read: of a message that a stick and a daemon exchange (MBIM, QMI)."""
_ROW = re.compile(
    r"(?<![\w.])(?:(?:0x)?[0-9a-fA-F]{1,3}(?:,\ ?|[ ;]\ ?)){5,}(?:0x)?[0-9a-fA-F]{1,3}(?!\w)|"
    r"(?<!\w)(?:=[0-9a-fA-F]{2}){4,}|(?<!\S)(?:\w(?:,\ ?|\ )){5,}\w(?!\w)|"
    r"(?<![\w.,])\d{1,3}(?:,\d{3}){3,}(?!\w)"
)
"""Octets, digits or letters one after the other, and a number in groups: each alone says nothing."""
_DIALOGUE = re.compile(r"[^\s:]{1,40}:? (?:.{0,40} )?(?:[<>]|-->|<--) ")
"""What is sent to a port, and what comes from it."""
_BREAK = re.compile(r"((?:\\[rn]|<CR>|<LF>|\^M|'|$)+)")
_TERMS = re.compile(
    r"\s*(?:AT|[+^*#$%&]|\[masked|OK|ERROR|CONNECT|NO |BUSY|RING|COMMAND NOT|TOO MANY|SIM |"
    r"Manufacturer:|Model:|Revision:|IMEI:|\S*\s*$)"
)
"""How a modem's words begin; one word alone may be its maker or its model. Others are what people wrote."""


def stems(word: str) -> Iterator[str]:
    """What a word may be made of."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST:
            yield word[: -len(ending)]
            if ending == "ing":
                yield word[:-3] + "e"
    if word.startswith(("un", "re")) and len(word) > _LEAST + 2:
        yield word[2:]


@functools.lru_cache(maxsize=1)
def words() -> frozenset[str]:
    """Those of words.txt, in small letters."""
    lines = _WORDS.read_text(encoding="ascii").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@functools.lru_cache(maxsize=1 << 14)
def knows(word: str) -> bool:
    """Whether a word in small letters is one of the programs'."""
    return len(word) <= _SHORT or word in words() or any(map(knows, stems(word)))


def is_public(number: str) -> bool:
    """Whether digits with marks between them are an address, a version, a time or a port."""
    return _PUBLIC_NUMBERS.fullmatch(number) is not None


def shown(text: str, of_kernel: bool, spared: Collection[str] = (), known: _Known = knows) -> str:
    """The message of a line, already masked by its forms, without words that its program does not have.

    `known` are the words that it may have, `spared` values in small letters that may leave: names of access
    points. Of the kernel's lines every number stays, of a daemon's those of up to three digits, and what says
    of itself what it counts.
    """
    if not of_kernel:
        text = _ROW.sub(UNKNOWN, _DUMP.sub(UNKNOWN, text))
        if (begun := _DIALOGUE.match(text)) is not None:
            text = begun[0] + "".join(map(_said, _BREAK.split(text[begun.end() :])))
    own = functools.partial(_own, of_kernel=of_kernel, spared=spared, known=known)
    done, end = [], 0
    for first, last in at.spans(text):
        done += [own(text[end:first]), text[first:last]]
        end = last
    return "".join(done) + own(text[end:])


def _said(piece: str) -> str:
    return piece if _BREAK.fullmatch(piece) or _TERMS.match(piece) else UNKNOWN


def _own(text: str, of_kernel: bool, spared: Collection[str], known: _Known) -> str:
    return _TOKEN.sub(lambda match: _token(match, of_kernel, spared, known), text)


def _token(match: re.Match[str], of_kernel: bool, spared: Collection[str], known: _Known) -> str:
    whole = match[0]
    kind = match.lastgroup
    if kind in ("double", "single"):
        stays = _own(match[kind], of_kernel, spared, known) == match[kind]
        return whole if stays else f"{whole[0]}{UNKNOWN}{whole[0]}"
    if kind == "hexadecimal":
        return whole if of_kernel or _POINTER.fullmatch(whole) else UNKNOWN
    if kind == "numbers":
        return whole if of_kernel or _PUBLIC_NUMBERS.fullmatch(whole) else UNKNOWN
    if kind != "word" or whole.lower() in spared or NAMES.fullmatch(whole.lower()):
        return whole
    pieces = _PIECE.findall(whole)
    if not of_kernel and len(pieces) > 1 and sum(map(str.isdigit, whole)) > _JOINED:
        return UNKNOWN
    return whole if all(_stays(piece, of_kernel, known) for piece in pieces) else UNKNOWN


@functools.lru_cache(maxsize=1 << 14)
def _stays(piece: str, of_kernel: bool, known: _Known) -> bool:
    """Whether a run of letters and digits is a number, a name of the kernel's or made of known words."""
    if not piece.isascii():
        return piece.isalpha() and known(piece.lower())
    if piece.isdigit():
        return of_kernel or len(piece) <= _DIGITS
    if (of_kernel and _HEXADECIMAL.fullmatch(piece)) or _GENERATION.fullmatch(piece):
        return True
    if NAMES.fullmatch(piece.lower()):
        return True
    parts = [part for part in re.split(r"\d+", piece) if part]
    digits = len(piece) - sum(map(len, parts))
    if digits > (_LEAST if of_kernel else _JOINED):
        return False
    if digits and not of_kernel and len(max(parts, key=len)) <= _SHORT:
        return False
    return all(known(part.lower()) or all(map(known, _camel(part))) for part in parts)


def _camel(text: str) -> list[str]:
    """LocationAreaCode has three words."""
    return [part.lower() for part in _CAMEL.findall(text)]
