# SPDX-License-Identifier: MIT
"""The prefixes that logs put before a message: one parser for all of them.

dmesg (seconds, -T, -x, -d, -H, --time-format iso, with and without colours), the journal (short, short-iso,
short-precise, short-monotonic, short-unix), syslogd of BusyBox with and without host, logread of OpenWrt,
rsyslog (traditional and RFC 3339), Android's logcat.
"""

from __future__ import annotations

import re

FACILITY = (
    r"(?:kern|user|mail|daemon|auth|authpriv|syslog|lpr|news|uucp|cron|ftp|local[0-7])"
    r"\.(?:emerg|alert|crit|err|error|warn|warning|notice|info|debug)"
)
MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = r"\d\d:\d\d:\d\d(?:[.,]\d+)?"
_DATE = (
    r"(?:"
    rf"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?{MONTH} {{1,2}}\d{{1,2}} {_CLOCK}(?: [A-Z]{{3,4}})?(?: \d{{4}})?"
    r"|(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?"
    r"(?:Z|[+-]\d\d:?\d\d| [A-Z]{3,4}(?= ))?"
    r"|\d{10}\.\d+"
    r"|\[\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d\]"
    r")"
)
_PROGRAM = r"([A-Za-z_(][\w./@+()-]{0,60}?)(?:\[\d+\])?(?: \[\w+\])?: ?"
_PPP_LOG = re.compile(rf"{_DATE} : (?=[A-Za-z])")
"""pppd's own log file on macOS: date, a colon between blanks, message."""
_NAMELESS = re.compile(rf"(?:{_DATE} (?:[\w.-]+ )?)??(?:{FACILITY} )?\[\d+\]: (?=<\w{{3,7}}> )")
"""OpenWrt where a program gave its log no name, as ModemManager does."""
_COLUMNS = re.compile(rf"{_DATE} +[a-z]+\d? +[a-z]+ +([\w.-]+)(?:\[\d+\])? +")
"""FreshTomato's page has columns: date, facility, level, program, message."""
_SYSLOG = re.compile(
    rf"(?:<\d{{1,3}}>)?(?:\d )?{_DATE},? +(?:\(?([^\s:\[\]]{{1,60}}) +)??(?:{FACILITY} +)?{_PROGRAM}"
)
_FOREIGN = re.compile(r"(?:\d{1,2}月|[^\W\d_]{2,5}\.?) {1,2}(?:\d{1,2}\.? )(\d\d:\d\d:\d\d(?:\.\d+)? )")
"""A month in the words of another language, as journalctl prints it: Mär 02, févr. 12, окт 05, 3月 02."""
_ISO_KERNEL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d,\d+(?:Z|[+-]\d\d:?\d\d) ")
_ANDROID = re.compile(
    r"(?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} +(?:\d+ +\d+ )?([VDIWEF])(?: |/)([\w.-]+) *(?:\( *\d+\))?: "
)
_LEVELS = r"(?:kern|user|daemon|syslog|local\d) *:(?:emerg|alert|crit|err|warn|notice|info|debug) *: "
_BRACKETS = re.compile(
    rf"(?:<\d{{1,3}}>)?(?:{_LEVELS})?(?:<\d{{1,3}}>)?\[ *(?:(?P<stamp>\d{{1,9}}\.\d{{1,9}})(?:,\d+)?"
    rf"(?: *<[ +]*[\d.]+>)?|[A-Z][a-z]{{2}} [A-Z][a-z]{{2}} +\d{{1,2}} {_CLOCK} \d{{4}}(?: *<[ +]*[\d.]+>)?"
    rf"|{MONTH} ?\d{{1,2}} \d\d:\d\d|[+<] *\d+\.\d+>?)\](?:\[ *[TC]\d+\])? ?"
)
_LEVEL = re.compile(r"<\d{1,3}>(?=[A-Za-z])")
_MONOTONIC = re.compile(r"(?:\S+ )?([\w./@-]+)\[\d+\]: |\S+ kernel: ")
LEVELLED = frozenset("kuds")
"""What a line of dmesg -x begins with."""

# Both answer with the program, what it says, and the seconds since the kernel started where the prefix has
# them. The program is empty where the prefix names none: the kernel's own. A plain tuple, once a line.


def kernel(text: str) -> tuple[str, str, float | None] | None:
    """A line with the kernel's own prefix, or the journal's short-monotonic, which looks like it."""
    if text[13:15] == "] " and text[6] == "." and text[7:13].isdecimal() and text[5].isdecimal():
        # [   83.411050] as printk pads it: nearly every line of a log, known without an expression.
        try:
            stamp: float | None = float(text[1:13])
        except ValueError:
            return None
        rest = text[15:]
    else:
        match = _BRACKETS.match(text)
        if match is None:
            if nameless := _NAMELESS.match(text):
                return "ModemManager", text[nameless.end() :], None
            level = _LEVEL.match(text)
            return ("", text[level.end() :], None) if level else None
        rest = text[match.end() :]
        stamp = float(match["stamp"]) if match["stamp"] else None
    if stamp is not None and ("]: " in rest or " kernel: " in rest):
        # journalctl -o short-monotonic names the host and the program after the stamp.
        program = _MONOTONIC.match(rest)
        if program is not None:
            return program[1] or "kernel", rest[program.end() :], stamp
    return "", rest, stamp


def syslog(text: str) -> tuple[str, str, float | None] | None:
    """A line with a date before it."""
    if text[6:7] == text[15:16] == " " and text[9:10] == text[12:13] == ":":
        # Nov 22 13:00:00 host program[1]: what it says. The form of nearly every log.
        head, colon, rest = text[16:].partition(": ")
        host, blank, program = head.partition(" ")
        if colon and blank and " " not in program and host[:1] != "[":
            return program.partition("[")[0], rest, None
    if match := _ISO_KERNEL.match(text):
        return "kernel", text[match.end() :], None
    if match := _ANDROID.match(text):
        return match[2], text[match.end() :], None
    if " [" in text and "]: <" in text and (match := _NAMELESS.match(text)):
        return "ModemManager", text[match.end() :], None
    if match := _SYSLOG.match(text):
        return match[2].strip("()"), text[match.end() :], None
    if " : " in text and (match := _PPP_LOG.match(text)):
        return "pppd", text[match.end() :], None
    if match := _COLUMNS.match(text):
        return match[1], text[match.end() :], None
    return None


def foreign(text: str) -> tuple[str, str, float | None] | None:
    """A line whose date has another language's month."""
    match = _FOREIGN.match(text)
    return syslog(f"Jan  1 {match[1]}{text[match.end() :]}") if match is not None else None
