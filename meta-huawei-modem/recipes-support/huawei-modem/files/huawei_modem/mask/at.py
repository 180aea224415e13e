# SPDX-License-Identifier: MIT
"""AT commands and their answers in logs: arguments go out where the command is known to hold no identity.

Names from 3GPP TS 27.007 and 27.005 (`+C…`), from Huawei's AT command references and from what oFono,
ConnMan, ModemManager and the patches of this layer send. Of any other command only small numbers are left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from huawei_modem.mask.kinds import PLACE, SECRET, SIM, TELEPHONE, words

Token = Callable[[str, str], str]

_NAMES = re.compile(
    r"(?:(?<![A-Za-z0-9_}\])])|(?<=\\n)|(?<=\\r))(?:[Aa][Tt](?P<sent>[+^#$*%&][A-Za-z0-9]{2,16})|(?P<alone>[+^#$*%][A-Z][A-Z0-9]{1,15}))"
    r"(?P<kind> ?[=:])(?!\?)"
)
_MARKED = re.compile(r"[+^#$*%&][A-Za-z0-9]")
"""How each name begins."""
_CHAINED = re.compile(r";\s*(?P<sent>[+^#$*%&][A-Za-z0-9]{2,16})(?P<kind> ?[=:])(?!\?)")
_END = re.compile(r"\\r|\\n|\r|\n|<CR>|<LF>|\^M|;\s*(?=[+^#$*%&][A-Za-z])", re.IGNORECASE)
_ALLOWED = words(
    """
    CFUN COPS CSQ CESQ SYSINFO SYSINFOEX SYSCFG SYSCFGEX SYSCONFIG RSSI RSSILVL HCSQ MODE SETPORT
    GETPORTMODE U2DIAG NDISSTAT NDISSTATQRY NDISCONN CGDCONT CGATT CGACT CGDATA CGEREP CGEV CGPADDR
    CGQREQ CGQMIN CGREGRC CME CMS CMEE CGMI CGMM CGMR GMI GMM GMR CPMS CNMI CNMA CRC CSCS CMGF CSMS
    CTZU CTZR CTZV CCLK CIEV CIND CMER CR CBST BOOT SRVST SIMST STIN DSFLOWRPT DSFLOWQRY CURC HWVER
    VERSION DATACONNECT NWTIME FREQLOCK CERSSI TMODE CPINC GCAP IPR ICF IFC DR DS CGTFT CNMP CAVIMS
    DHCP DHCPV6 IPV6CAP SPN EONS CREGX C CGSMS CPOL CPLS CRSL CVHU CSSN CPAS CEER CTFR CGCLASS
    CEMODE CUAD COPN SETMODE FDAC ANQUERY HFREQINFO CSIND ACTIVEFW RESET RFSWITCH LTERSRP CPNN WMODE
    STSF DIALMODE CSDH SIMCARD CHIPTEMP THERMAL ANTENNA
"""
)
_PUBLIC = words(
    "COPS CGDCONT NDISDUP SPN EONS COPN CPNN CPOL CGMI CGMM CGMR GMI GMM GMR HWVER VERSION CGPADDR CSCS"
)
_ANSWERS = frozenset(["CPIN", "CARDLOCK", "CLCK", "CUSD", "CMGF", "CGAUTH"])
"""Of these the answer holds a state where it holds no digits beyond small numbers and READY, SIM PIN, ..."""
_STATES = re.compile(r"(?:SIM PIN2?|SIM PUK2?|PH-\w+(?: PIN| PUK)?|READY|NOT INSERTED|[0-9,\s]{1,3}|,)+")
_WHOLE = words(
    """
    CMGL CMGR CMT CDS CBM CMGS CMGW CMGC CUSD CPBR CPBF CPBW CNUM CRSM CSIM CGLA CRLA CLIP CCWA COLP
    CLCC CNAP CPOS CCFC CCFCU STGI STGR STKENV CSTR NVRD NVWR NVRDEX NVWREX NVRESTORE GPGGA GPSINFO
    CGPSINFO QGPSLOC VTS WIKEY WISSID WIFSSID SSID WIWEP
"""
)
"""What people wrote, read or dialled, and raw memory: not one field of it."""
_MESSAGES = frozenset(("CMGL", "CMGR", "CMT", "CDS", "CBM"))
_CELLS = frozenset(["CREG", "CGREG", "CEREG", "C5GREG"])
_TEXT_KEPT = {"NDISDUP": 2, "CLCK": 0, "CPWD": 0}
"""Field of a command that holds secrets, and is the access point's name, or what is locked."""
_SECRETS = words(
    """
    CPIN CPIN2 CLCK CPWD CPUK CPINR AUTHDATA CGAUTH NDISDUP CARDLOCK CARDUNLOCK DATALOCK SIMLOCK
    UNLOCK OPWORD PDPROFMOD CGCONTRDP QICSGP
"""
)
_FIELD = re.compile(r'\s*(?:"(?:[^"\\]|\\.)*"(?=\s*(?:,|$))|[^,"]*(?=,|$))')
_PART = re.compile(r"\"([^\"\\]*[^\W\d_]{4}[^\"\\]*)\"")
"""A part of such an answer that is a word, or has one."""
_SMALL = re.compile(r"-?\d{1,3}|\(?\d{1,3}-\d{1,3}\)?|")
_DIALLED = re.compile(
    # ITU-T V.250: other commands before it in one line, ATX3DT…; atd[9] is a daemon.
    r"\b(?:AT(?:[EFHLMQVXZ]\d?|S\d{1,3}=\d{1,3}|[&\\%][A-Z]\d?){0,12}D|at(?:[efhlmqvxz]\d?|&f\d?){0,4}d(?=[tpw]))"
    r"(?![TPWtpw]{0,2} *(?:\*9[89]|#777))[TPWtpw]{0,2} *"
    r"((?=[^;\\\r\n]*\d[^;\\\r\n]*\d[^;\\\r\n]*\d)[^;\\\r\n<^]+)"
)


def mask(text: str, token: Token) -> str:
    """`text` with the arguments of AT commands as far as they may leave."""
    if "AT" in text or "at" in text:
        text = _DIALLED.sub(
            lambda match: f"{match.string[match.start() : match.start(1)]}{token(match[1], TELEPHONE)}", text
        )
    done, last = [], 0
    for command in _commands(text):
        shown = _arguments(command.name, command.answer, text[command.start : command.end], token)
        done += [text[last : command.start], shown]
        last = command.end
    return "".join(done) + text[last:]


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Where commands and answers begin, and end, whose arguments may be public names: of operators and access
    points, of makers, models and versions."""
    return ((command.name_at, command.end) for command in _commands(text) if command.name in _PUBLIC)


class _Command(NamedTuple):
    """A command or an answer within a text: its arguments are from `start` to `end`."""

    name: str
    answer: bool
    name_at: int
    start: int
    end: int


def _commands(text: str) -> Iterator[_Command]:
    if _MARKED.search(text) is None:
        return
    at = 0
    while match := _NAMES.search(text, at):
        while match:
            name = (match["sent"] or match.groupdict().get("alone") or "")[1:].upper()
            answer = match["kind"].endswith(":")
            # What a message says follows its header, in a log in the same line.
            at = len(text) if answer and name in _MESSAGES else _end_of(text, match.end())
            yield _Command(name, answer, match.start(), match.end(), at)
            match = _CHAINED.match(text, at)


def _end_of(text: str, start: int) -> int:
    """Where the arguments that begin at `start` end: not within quotes, as far as these are closed."""
    at = start
    while at < len(text):
        if text[at] == '"':
            closing = text.find('"', at + 1)
            if closing > 0:
                at = closing + 1
                continue
        if _END.match(text, at):
            return at
        at += 1
    return len(text)


def _arguments(name: str, answer: bool, text: str, token: Token) -> str:
    body = text.strip()
    if not body or name in _ALLOWED or (answer and name in _ANSWERS and _STATES.fullmatch(body)):
        return text
    blank = " " if text.startswith(" ") else ""
    fields = list(_fields(body))
    if name in _WHOLE or not fields:
        for part in _PART.findall(body):
            token(part, SIM)  # a name, or a text: also where it stands alone
        return blank + token(body, SIM)
    kind = SECRET if name in _SECRETS else PLACE if name in _CELLS else SIM
    kept = _TEXT_KEPT.get(name)
    return blank + ",".join(
        field if number == kept or _may_leave(name, number, field) else _masked(field, kind, token)
        for number, field in enumerate(fields)
    )


def _may_leave(name: str, number: int, field: str) -> bool:
    value = field.strip().strip('"')
    if name in _CELLS and number >= 2:
        return len(value) < 2
    return _SMALL.fullmatch(value) is not None and (name not in _SECRETS or '"' not in field)


def _masked(field: str, kind: str, token: Token) -> str:
    value = field.strip()
    if value in ('""', ""):
        return field
    quoted = value.startswith('"') and value.endswith('"') and len(value) > 1
    return f'"{token(value[1:-1], kind)}"' if quoted else token(value, kind)


def _fields(body: str) -> Iterator[str]:
    """The fields between commas; none at all where the quotes leave it open which they are."""
    at, found = 0, []
    while True:
        match = _FIELD.match(body, at)
        if match is None:
            return
        found.append(match[0])
        if match.end() >= len(body):
            break
        at = match.end() + 1
    yield from found
