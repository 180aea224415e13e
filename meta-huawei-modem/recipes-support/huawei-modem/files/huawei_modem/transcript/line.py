# SPDX-License-Identifier: MIT
"""What one line shows by itself: its prefix, a prompt, a stamp in its middle; what no terminal should get."""

from __future__ import annotations

import re

from huawei_modem.transcript import prefix

STAMP_INSIDE = re.compile(r"\[ *\d{1,7}\.\d{6}\] ")
"""The kernel's stamp, where its message begins in the middle of another program's line."""
WITH_ID = re.compile(r"([\w.-]+)\[\d+\]: ")
"""A program and its process id."""
HOSTED = re.compile(r"[\w.-]+ ([\w.-]+)\[\d+\]: ")
"""The same behind a host, where the date was cut off."""
_DAYS = "Mon Tue Wed Thu Fri Sat Sun"
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
_DATES = frozenset(f"{_DAYS} {_MONTHS}".split())
CUT = re.compile(r"(?:[\w.-]+ )?kernel: ")
"""What is left of a prefix when somebody cut the date off."""
LOGGERS = frozenset(
    "netifd pppd chat ofonod connmand NetworkManager ModemManager modem-manager".split()  # noqa: SIM905
)
"""Programs whose lines people cut the date and the host off."""
PREFIXES = frozenset("[<0123456789JFMASONDTW") | prefix.LEVELLED
"""What a line with a prefix begins with."""
_LEVELS = (": ", ":i", ":n", ":w", ":e", ":d", ":c", ":a")
PROMPT = re.compile(
    r"\s*(?:\[?[\w.-]+(?:@| at (?=[\w.-]+:[~/]))([\w.-]+)[: ][^#$>]{0,80}[#$]|"
    r"(?:(?:[\w-]+:)?[~/][\w./-]{0,80} ?)?[#$])\s*(.*)"
)
"""Host and command."""
is_command = re.compile(r"(?:AT(?:[DZIEQVSHX][\dT*#=V&+].*|[ZHI]|[+^&$*!%].*)?|at(?:[+^&$*!%].*|z))\Z").match
"""A command to a modem, by its first word."""
is_comment = re.compile(r"#(?: [A-Z]|$)").match
"""No prompt: a command begins with a small letter."""
_LEVEL = re.compile(r"<\w+> +(?:\[[\d.T:+Z-]+\] +)?")
"""What NetworkManager and ModemManager put before what they say: level and time."""
ADDRESS = (
    r"\d{1,3}(?:\.\d{1,3}){3}|[\dxXyYzZ*#?-]{1,3}(?:\.[\dxXyYzZ*#?-]{1,3}){3}|[a-d](?:\.[a-d]){3}|"
    r"[xX*#]{2,15}|<[\w -]{2,20}>|\[[\w -]{3,20}\]|(?i:redacted|removed|hidden|my[ _-]?ip)"
)
"""An IPv4 address, or what people write over one before they show it."""
# Also what word processors and forums put between letters: zero-width characters, marks of direction.
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0e-\x1f\u200b-\u200f\ufeff]")

_NUMBER = re.compile(r"(?<![\w:.-])\d{1,9}(?![\w:.-])")


def folded(text: str) -> str:
    """The line with 0 for each number that stands alone: what words say does not hang on it."""
    return _NUMBER.sub("0", text)


def parts_of(text: str, first: str) -> tuple[str, str, float | None] | None:
    """Program, message and stamp of a line with a prefix."""
    if first == "[" or first == "<":
        return prefix.kernel(text)
    if text[:3] in _DATES or first.isdecimal():
        return prefix.syslog(text)
    return prefix.kernel(text) if text[6:8] in _LEVELS else None


def without_level(text: str) -> str:
    """The text without NetworkManager's or ModemManager's level before it."""
    level = _LEVEL.match(text)
    return text[level.end() :] if level else text


def retyped(text: str) -> str:
    """The line with the apostrophe and the arrow of a keyboard, which forums replace within messages."""
    return text if text.isascii() else text.replace("n’t ", "n't ").replace(" → ", " -> ")


def as_printable(text: str) -> str:
    """The text without escape sequences and signs that are not to be seen.

    A tab is two blanks or more, so that the cells of a table that was pasted stay apart.
    """
    text = text.replace("\t", " \t").expandtabs(4)
    if text.isprintable():
        return text
    text = _ESCAPES.sub("", text)
    # Blanks of word processors and forums.
    return text if text.isascii() else text.replace("\xa0", " ").replace("\u202f", " ").replace("\u2009", " ")
