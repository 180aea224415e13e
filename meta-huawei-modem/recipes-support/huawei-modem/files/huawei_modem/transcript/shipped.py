# SPDX-License-Identifier: MIT
"""Lines of programs behind what collectors of logs put before them: date, level, host, container, columns.

Nobody's notation is known here by name. What stands before a line is taken off piece by piece, as long as it
looks like what collectors write, until something begins that a reader knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from huawei_modem.transcript import paste
from huawei_modem.transcript.line import HOSTED, PREFIXES, is_command, parts_of, retyped
from huawei_modem.transcript.prefix import FACILITY, MONTH
from huawei_modem.transcript.tables import Tables

Inner = str | tuple[str, str, None]
"""A line, or a program, what it says, and no stamp."""

_LEVELLED = re.compile(FACILITY)
_LEVEL_WORDS = r"(?:trace|debug|info|notice|warn(?:ing)?|err(?:or)?|crit(?:ical)?|alert|emerg|fatal)"
_DAYS = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?"
_DAY = (
    rf"(?:\d{{1,4}}[-./]\d{{1,2}}[-./]\d{{1,4}}|\d{{1,2}}[-/ ]{MONTH}(?:[-/ ]\d{{2,4}})?|"
    rf"(?i:{MONTH})[ /]+\d{{1,2}}(?:[/ ,]+\d{{4}})?)"
)
_HOUR = (
    r"\d{1,2}:\d\d(?::\d\d)?(?:[.,:]\d{1,9})?(?: ?[AaPp]\.?[Mm]\b\.?)?"
    r"(?: ?(?:Z|[+-]\d\d:?\d\d|[A-Z]{3,4}(?= )))?"
)
_WHEN = re.compile(
    rf"[\[(]?(?:{_DAYS} )?(?:{_DAY}[T ,:]{{0,2}}{_HOUR}(?: \d{{4}})?|{_HOUR}|{_DAY})[\])]?[,:;]?(?=\s|\[|\Z)|"
    r"@[0-9a-f]{24}(?= )|\d{10}(?:\.\d{1,9}|\d{3})?:?(?= )|[IWEF]\d{4}(?= \d\d:)"
)
"""A date, a clock or both, in any notation; TAI64N of daemontools; seconds since 1970; glog's."""
_BRACKETED = re.compile(r"\[([^\[\]]{1,60})\]:?|\(((?!\d{1,3}\) )[^()]{1,40})\):?|<([^<>]{1,24})>")
_NAMED = re.compile(
    rf"{_LEVEL_WORDS}\b[\]:|]*|std(?:out|err)(?: [FP](?= ))?|[-–—|:>»›│┃║·]+(?=[ \S])|"
    r"(?:[\w.-]+/){1,3}[\w.-]+(?= \d{4}-)|([\w.-]{1,40}) *[|│]|"
    r"(\w[\w.@/-]{0,40})(?:\[\d+\])?:(?=[ A-Za-z\[])|"
    rf"[\w.]+,\w+(?= )|[\w.-]+:\d+\]|{FACILITY}(?= )|1(?= \d\d\d\d-)|"
    r"([\w./-]{1,40}) (?:\d+|-) [\w-]+ -(?= )",
    re.IGNORECASE,
)
"""What else stands there: level, logger, container, stream, process; bars between columns."""
_HOST = re.compile(r"([A-Za-z][\w.-]{0,40})(?= )|\d{1,6}(?= )")
"""A host or a process behind a date."""
_AFTER_NAME = re.compile(
    rf"(?:\s*(?:\[\d+\]:?|[-–—|:│](?=\s|\Z)|(?:{_LEVEL_WORDS}\b[\]:|]{{0,3}}|\(\w+\))(?=\s*[-–—|:│\[]))){{0,6}}\s*",
    re.IGNORECASE,
)
"""What may stand between a program's name and what it says."""
_FRONT = re.compile(r"[:\[|│»›]|\A[\"'@<]")
"""What any front has."""
_QUOTES = re.compile(r"b?(['\"])(.*)\1\Z")
_OBJECT = re.compile(r'[^{}"]{0,80}\{.*"(?:log|message|msg|MESSAGE|text|line)" ?: ?"((?:[^"\\]|\\.)*)"')
_NAME_IN = re.compile(
    r'"(?:SYSLOG_IDENTIFIER|_COMM|program|app|ident|appname|tag|_TRANSPORT)" ?: ?"([\w./-]{1,40})"'
)
_FIELD = re.compile(r'(?:\w+=(?:"[^"]*"|\S*) )+(?:msg|message)="((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")
_COLOURS = re.compile(r"(?:\^\[|\\033|\\e|\\x1b)\[\d{0,2}(?:;\d{1,2})*m|(?<!\S)\[\d{1,2}(?:;\d{1,2})*m")
SURE, MAYBE = 2, 1
"""That a program wrote the front of a line: a time, a bracket or a field; a bar or a level, which a table or
a sentence may have too."""
_MOST_PIECES = 10
"""What a collector of logs puts before a line: level, date, host, process and more, each once or so."""


def uncoloured(text: str) -> str:
    """The line without escape sequences for colours that somebody has spelled out."""
    return _COLOURS.sub("", text)


def _character(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    return {"n": "", "t": " ", "r": ""}.get(match[2], match[2])


def unshipped(text: str) -> Iterator[tuple[str, str, int]]:
    """What the line may have been before a program that collects logs took it: less of its front each time.

    Each with the word that was taken last, which may be the program's name, and 0, MAYBE or SURE.
    """
    if '"' in text:
        shipped = _OBJECT.match(text) or _FIELD.match(text)
        if shipped is not None:
            names = {match[1] for match in _NAME_IN.finditer(text)} - {"syslog", "journal", "stdout"}
            said = retyped(_ESCAPED.sub(_character, shipped[1]))
            yield said, "kernel" if "kernel" in names else min(names, default=""), SURE
            return
    rest, told, dated = text.strip(), 0, False
    for _piece in range(_MOST_PIECES):
        name = ""
        if match := _QUOTES.match(rest):
            rest, told = match[2].strip(), SURE
        else:
            if match := _WHEN.match(rest):
                told, dated = SURE, True
            elif match := _BRACKETED.match(rest):
                name, told, dated = next(filter(None, match.groups()), ""), SURE, False
            elif match := _NAMED.match(rest):
                name = match[1] or match[2] or match[3] or ""
                told = SURE if _LEVELLED.fullmatch(match[0]) else told if name else max(told, MAYBE)
                told = min(told, MAYBE) if match[2] else told  # what follows is what that program says
            elif dated and (match := _HOST.match(rest)):
                name, dated = match[1] or "", False
            else:
                return
            rest = rest[match.end() :].lstrip()
        if not rest:
            return
        yield rest, name, told


def behind_name(text: str) -> str:
    """What a program says, without the number of its process, level and separators behind its name."""
    match = _AFTER_NAME.match(text)
    return text[match.end() :].removesuffix("|").rstrip() if match is not None else text


def inner(text: str, tables: Tables) -> Inner | None:
    """The line that a collector has passed on, or its program, what that says, and no stamp.

    None where nothing known follows.
    """
    if not _FRONT.search(text):
        return None  # a sentence
    programs, heads = tables.programs, tables.heads
    if (hosted := HOSTED.match(text)) and hosted[1] in programs:
        return hosted[1], text[hosted.end() :], None
    fronts = list(unshipped(text))
    for rest, before, told in fronts:
        if told and (known := _program(before, tables)):
            return known, behind_name(rest), None
        name, colon, said = rest.partition(":")
        name, pid, _ = name.partition("[")
        known = _program(name, tables)
        if colon and said and known and (told or pid or known == "kernel"):
            return known, said.lstrip(), None
    for rest, _before, told in fronts:
        first, head = rest[0], rest.split(None, 1)[0]
        if (first in PREFIXES and parts_of(rest, first) is not None) or paste.begins(rest):
            return rest
        if told == SURE and (
            head in heads
            or head in tables.kernel
            or (first in "+^" and first in heads)
            or (first == "A" and is_command(head))
        ):
            return rest
    return None


def _program(name: str, tables: Tables) -> str:
    """The kernel, or a program whose lines are known, without its path; empty for any other."""
    name = name.rpartition("/")[2]
    return name if name == "kernel" or name in tables.programs else ""
