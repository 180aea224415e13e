# SPDX-License-Identifier: MIT
"""What pasting does to a text, taken back: markup, decorations, blank lines between all lines, glued lines.

A forum, a mail program or a colleague's editor puts something around each line; the line inside is what the
program wrote. Nothing is removed but what no program writes there.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

FIRST = frozenset("`-*•·#|<[:/ ")
"""What a decorated line may begin with."""
LAST = frozenset("`>]\\M")
"""What a decorated line may end with, or one whose carriage return was spelled out."""
_AS_TAG = re.compile(r"<([^<>]{1,200}=\"\"[^<>]{0,200})>(?=(\w)?)")
"""What stood in angle brackets, after a page took it for a tag with attributes without values."""
_RETURNS = re.compile(r"(?: *(?:\^M|<CR>|<LF>|\[0[da]\]))+\Z")
"""Carriage returns as chat, wvdial and ModemManager spell them: the terminal's, not the message's."""
_TAGS = re.compile(
    r"\A(?:\s*(?:<(?:pre|code|p|div|span|blockquote|li|br|kbd|samp|tt)(?: [^>]{0,80})?>"
    r"|\[(?:code|CODE|quote|QUOTE|spoiler|SPOILER|terminal|TERMINAL|pre)(?:=[^\]]{0,40})?\]))+"
    r"|(?:(?:<br ?/?>|</(?:pre|code|p|div|span|blockquote|li|kbd|samp|tt)>"
    r"|\[/(?:code|CODE|quote|QUOTE|spoiler|SPOILER|terminal|TERMINAL|pre)\])\s*)+\Z"
)
_ENTITY = re.compile(r"&(?:(lt|gt|amp|quot|apos|nbsp)|#(\d{2,5})|#x([0-9a-fA-F]{2,4}));")
_CHARACTERS = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'", "nbsp": " "}
_DATE = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
_BEGINS = (
    r"(?=\[ {0,8}\d{1,9}\.\d|\[\d\d-\d\d_\d\d:|\d{4}-\d\d-\d\d[T ]\d\d:|"
    rf"{_DATE}|<\d{{1,3}}>|Bus \d{{3}} Device |/: +Bus |\|__ |usb \d+-\d|option \d|-->|[+^][A-Z]{{3,9}}:|"
    r"\[ /\w|/net/connman/|ofonod\[|pppd\[|chat\[|org\.ofono\.|[TDPSCI]: +\w+ ?=|usb-storage |"
    r"(?:local|remote) +IP address|\[?[\w.-]{1,32}@[\w.-]{1,32}[:~ ]|(?:Link encap|inet addr):)"
)
"""How lines begin that are known whatever stands before them."""
_FLUSH = re.compile(
    r"\s{1,8}(?:Bus \d{3} Device \d{3}: ID |\w[\w.-]* +Link encap:|\w[\w.-]*: flags=\d+<|"
    r"\d+: [\w.@-]+: <|Kernel IP routing table|[\w.-]+@[\w.-]+:[~/]\S*[#$] )"
)
"""What programs write at the margin: lsusb, ifconfig, ip, route, a prompt. Blanks before it are a page's."""
_DECORATION = re.compile(
    rf"\s*(?:(?:[-*•·|#]{{1,3}}|\d{{1,6}} ?[:.)|]?|/[\w./-]{{1,60}}[:-]|:) *){_BEGINS}(?!\|__ (?!Port))"
)
"""Bullets, bars, the numbers of lines, the file that grep names."""
_UNFLAGGED = re.compile(r"\s+(?=\S)(?:.{0,80}? )?(?:cellular|ethernet|wifi|gadget|bluetooth)_[\w\[\]-]+\s*\Z")
"""connmanctl puts blanks where a service has no flags."""
_GLUED = re.compile(
    r"(?<=\S)\s+(?=Bus \d{3} Device \d{3}: ID |\|__ Port \d|/: +Bus \d+\.Port )|"
    r"(?<=\S)\s+(?=\[\d\d-\d\d_\d\d:\d\d:\d\d:\d{3}\] )|"
    r"(?<=\S)\s+(?=\[ {0,8}\d{1,7}\.\d{6}\] )|"
    rf"(?<=\S)\s+(?={_DATE}[ \d]?\d \d\d:\d\d:\d\d [\w.-]+ (?:kernel|[\w./-]+(?:\[\d+\])?): )|"
    r"(?<=[^\s:\]]) (?=(?:usb|option) \d+-[\d.]+(?::\d\.\d+)?: )"
)
_PEEKED = 300
"""Lines at the beginning of a source that tell how it was pasted."""
_BULLET = re.compile(r"[-*•·](?: |\Z)")
_BAR = re.compile(r"\|(?: |\Z)(?!__)")
_NUMBER = re.compile(r" {0,5}(\d{1,6})[:.)|]?(?: {1,2}|\t|\Z)(?!Link)")
_AROUND = (re.compile(r"`(.*)`\s*"), re.compile(r"(.*)<br ?/?>\s*", re.IGNORECASE))
_MARGINS = frozenset(" \t")
_DOUBLED = 2
_DECORATED = 3
_MOST_PASTED = 4000
"""Lines of a source that may be blocks of a page; what is longer is a log."""
_REMEMBERED = 1000
"""Characters of two lines of which is kept whether they are one: longer ones are no quotations."""
_ALIKE = 5
"""Characters that two lines begin with in common where each is a line of its own."""
_NARROW, _LEAST, _WIDE = 60, 66, 100
"""Columns at which mail programs and terminals break lines."""
_BEGINNING = re.compile(rf"[>\s]*{_BEGINS}")
_QUOTES = re.compile(r"(?:> ?)+")
_SPEAKS = re.compile(
    r"[Ee]rror[: ]|ERROR|dbus\.exc|modprobe: |pppd: |connmanctl|-?sh: |GDBus|Traceback|.*\w\[\d+\]: "
)
"""How the complaint of a program begins."""
_PROMPT = re.compile(r"\S{1,60}@\S{1,60}.{0,80}[#$] |[#$] ")
_REST = re.compile(r"[A-Za-z0-9(</'\"=.,_-]")
_OWN_LINE = re.compile(
    r"\d+: \S+:|(?:OK|ERROR|NO CARRIER|CONNECT|BUSY|AT\S*|Module|default|inet6?|ether|link/\w+|RX|TX|UP)\b|"
    r"\S*[#$]( |\Z)|[-*]|```|\[/?code\]|\w{3,12}\d{0,2}(?: +Link encap|: flags)"
)
"""What stands on a line of its own, however narrow the text is."""


class Lines(NamedTuple):
    """A source's lines as the programs wrote them, as far as that shows."""

    numbered: Iterator[tuple[int, str]]
    """Each with its number in the source, from 1."""
    step: int
    """From one line to the next: 2 where each second is blank or the rest of the one before."""
    width: int
    """The column at which lines were broken, 0 where they were not."""
    mixed: bool = False
    """Only lines of logs were broken, and longer lines stand among them."""


def lines_of(lines: Iterable[str]) -> Lines:
    """The lines without what pasting put around all of them; one pass, with the first ones held back."""
    numbered = enumerate(lines, 1)
    peeked = list(itertools.islice(numbered, _PEEKED))
    texts = [line.rstrip().expandtabs(4) for _number, line in peeked]
    every: Iterator[tuple[int, str]] = itertools.chain(peeked, numbered)
    if (mark := _decoration_of(texts)) is not None:
        texts = [mark.sub("", text, count=1) for text in texts]
        every = ((number, mark.sub("", line, count=1)) for number, line in every)
    if (around := _around(texts)) is not None:
        texts = [around.sub(r"\1", text) for text in texts]
        every = ((number, around.sub(r"\1", line)) for number, line in every)
    step = 1
    if _is_doubled(texts):
        step, texts = 2, [text for text in texts if text]
        every = ((number, line) for number, line in every if line.strip())
    if _is_indented(texts):
        texts = [text for _number, text in _outdented(enumerate(texts, 1))]
        every = itertools.chain(_outdented(itertools.islice(every, _MOST_PASTED)), every)
    width = _width(texts)
    mixed = width > 0 and any(len(text) > _WIDE for text in texts)
    return Lines(every, 2 * step if width else step, width, mixed)


def _width(texts: list[str]) -> int:
    """The column at which the lines of a log were broken; 0 where none was."""
    width, least = max((len(text) for text in texts), default=0), 1
    if width > _WIDE:
        # Paragraphs may be whole where the log among them is broken.
        lengths = (len(text) for text in texts if logged(text))
        width, least = max(lengths, default=0), _DOUBLED
    if not _NARROW <= width <= _WIDE:
        return 0
    pairs = itertools.pairwise(texts)
    broken = (1 for one, other in pairs if logged(one) and goes_on(one, other, width))
    return width if sum(itertools.islice(broken, least)) == least else 0


def begins(text: str) -> bool:
    """Whether it begins as lines do that are known whatever stands before them."""
    return _BEGINNING.match(text) is not None


def logged(text: str) -> bool:
    """Whether it begins as lines of programs do."""
    return _BEGINNING.match(text) is not None or _SPEAKS.match(text) is not None


def _is_indented(texts: list[str]) -> bool:
    pairs = itertools.pairwise(["", *texts])
    return any(_starts_block(one, other) or _FLUSH.match(other) is not None for one, other in pairs)


def _starts_block(before: str, text: str) -> bool:
    """Whether the line begins a block that is indented as a whole."""
    return not before and text[:2].isspace() and len(text[:2]) == 2 and not _UNFLAGGED.match(text)


def _outdented(numbered: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """The lines without the margin of the block that they are in."""
    margin, blank, prompted = 0, True, False
    for item in numbered:
        line = item[1]
        if not margin and not (line[:1] in _MARGINS and (blank or _FLUSH.match(line))):
            blank = not line or line.isspace()
            yield item
            continue
        text = line.rstrip().expandtabs(4)
        indent = len(text) - len(text.lstrip())
        if text and indent < margin:
            # A page may put more before a prompt than before what follows it.
            margin = indent if prompted else 0
        flush = _FLUSH.match(text) is not None
        if (blank and _starts_block("", text)) or flush:
            margin = indent
        prompted = margin > 0 and (_PROMPT.match(text, indent) is not None or (prompted and not text))
        blank = not text
        yield (item[0], text[margin:]) if margin else item


def _decoration_of(texts: list[str]) -> re.Pattern[str] | None:
    """What stands before each line: a bullet, a bar, or the line's number; None where nothing does."""
    filled = [text for text in texts if text]
    if len(filled) < _DECORATED:
        return None
    for mark in (_BULLET, _BAR):
        if all(mark.match(text) for text in filled):
            return mark
    numbers = [int(match[1]) for text in filled if (match := _NUMBER.match(text))]
    steps = {other - one for one, other in itertools.pairwise(numbers)}
    return _NUMBER if len(numbers) == len(filled) and steps <= {1, 2, 3} else None


def _around(texts: list[str]) -> re.Pattern[str] | None:
    """What stands around each line: backticks, or the end of a line of HTML; None where nothing does."""
    filled = [text for text in texts if text]
    if len(filled) < _DECORATED:
        return None
    return next((mark for mark in _AROUND if all(mark.fullmatch(text) for text in filled)), None)


def _is_doubled(texts: list[str]) -> bool:
    blank = [not text for text in texts]
    pairs = list(itertools.pairwise(blank))
    return sum(not one and other for one, other in pairs) >= _DOUBLED and not any(
        not one and not other for one, other in pairs
    )


def goes_on(line: str, rest: str, width: int) -> bool:
    """Whether `rest` may be what did not fit on `line`."""
    look = _goes_on if len(line) + len(rest) <= _REMEMBERED else _goes_on.__wrapped__
    return bool(look(line, rest, width))


def has_more(whole: str, line: str, rest: str, width: int) -> bool:
    """Whether a program's complaint goes on: it has named what failed, and not why."""
    return ("rror" in whole or "ouldn't" in whole or "ail" in whole) and goes_on(line, rest, width)


@functools.lru_cache(maxsize=_MOST_PASTED)
def _goes_on(line: str, rest: str, width: int) -> bool:
    line, rest = unquoted(line), unquoted(rest)
    if (
        len(line) + 1 + len(rest) <= min(width, _LEAST)
        or not rest
        or not _REST.match(rest)
        or _PROMPT.match(line)
        or _BEGINNING.match(rest)
        or _OWN_LINE.match(rest)
        or line[:_ALIKE] == rest[:_ALIKE]  # a front that each line has
    ):
        return False
    return len(line) + 1 + len(rest.split(" ", 1)[0]) > min(width, _LEAST)


def unquoted(text: str) -> str:
    """The line without the marks of an answer, and without blanks before what has none."""
    if text[:1] != ">":
        return text
    text = _QUOTES.sub("", text, count=1)
    return text.lstrip() if text[:1] == " " and _FLUSH.match(text) else text


def _character(match: re.Match[str]) -> str:
    name, decimal, hexadecimal = match.groups()
    if name:
        return _CHARACTERS[name]
    text = chr(int(decimal) if decimal else int(hexadecimal, 16))
    return text if text.isprintable() else " "


def _as_written(match: re.Match[str]) -> str:
    return "<" + match[1].replace('=""', "") + ("> " if match[2] else ">")


def tidy(text: str) -> str:
    """The line without the markup and the decorations around it."""
    if '=""' in text:
        text = _AS_TAG.sub(_as_written, text)
    if "&" in text:
        text = _ENTITY.sub(_character, text)
    if "<" in text or "[" in text:
        text = _TAGS.sub("", text)
    if text[:1] == "`" or text[-1:] == "`":
        text = text.strip("`")
    if text.endswith(("^M", "<LF>", "<CR>", "[0a]", "[0d]")):
        text = _RETURNS.sub("", text)
    if text[-1:] == "\\" and text[-2:] != "\\\\":
        text = text[:-1].rstrip()
    return text


def undecorated(text: str) -> str:
    """The line without a bullet, a number or a file's name before it; itself where it has none."""
    match = _DECORATION.match(text)
    return text[match.end() :] if match is not None else text


def pieces(text: str) -> list[str]:
    """The lines that a line is glued from."""
    return _GLUED.split(text)
