# SPDX-License-Identifier: MIT
"""What is a secret only by the line before it."""

from __future__ import annotations

import re
from collections.abc import Callable

from huawei_modem.mask.keys import PASSWORDS, SAID, USERS
from huawei_modem.mask.kinds import NUMBER, PLACE, SECRET, SERIAL, SIM, TELEPHONE, WLAN, words

_TRANSMITTED = re.compile(r"[+^](?:CMG[LR]|CMT|CDS|CBM): ")
"""Headers of messages: the text is on the lines that follow (3GPP TS 27.005)."""
_END = re.compile(r"^\s*(?:OK|ERROR|\+CM[ES] ERROR|[+^][A-Z]+: |AT|$)")
_KEY_OF_BUS = re.compile(r"\bstring \"(?:Password|Username|Passphrase|Pin|SSID|Identity)\"", re.IGNORECASE)
_STRING_OF_BUS = re.compile(r"\bstring \"(.*)\"")
"""dbus-monitor and dbus-send write key and value on lines of their own."""

_DUMP = re.compile(r"^(?P<title>.*)\bhexdump(?:_ascii)?\(len=\d+\):\s*$")
_DUMPED = re.compile(
    r"(?:^|[:\s]\s)\s*(?P<octets>[0-9a-f]{2}(?: [0-9a-f]{2}){0,15})(?:\s{2,}(?P<text>\S.*?))?\s*$"
)
"""wpa_hexdump_ascii of wpa_supplicant and hostapd: sixteen octets to a line, and what they read as."""
_TLV = re.compile(r"\btype\s*= \"(?P<name>[^\"]*)\" \(0x")
_OF_TLV = re.compile(r"\b(?:value|translated)\s*= (?P<value>\S.*)$")
_END_OF_TLV = re.compile(r"\b(?:TLV|QMI|QMUX):|\bmessage\s*= ")
"""libqmi's messages as ModemManager and qmicli print them."""
_TITLES = (
    (
        re.compile(
            r"psk|passw|passphrase|identity|username|\bpin|\bpuk|\bkey\b|secret|credential", re.IGNORECASE
        ),
        SECRET,
    ),
    (re.compile(r"ssid", re.IGNORECASE), WLAN),
    (re.compile(r"imei|imsi|iccid|meid|\besn|\beid\b|\bguid", re.IGNORECASE), NUMBER),
    (re.compile(r"msisdn|number(?!s? of)|phone|\bsmsc", re.IGNORECASE), TELEPHONE),
    (re.compile(r"serial", re.IGNORECASE), SERIAL),
    (re.compile(r"cell|location|position|latitude|longitude|\blac\b|\btac\b", re.IGNORECASE), PLACE),
    (re.compile(r"message data|ussd|\btext\b|raw|\bsms", re.IGNORECASE), SIM),
)
"""What a title or a type says of the value that follows."""

_KEY_BEGINS = re.compile(r"-----BEGIN [\w ]*(?:PRIVATE|STATIC) KEY[\w ]*-----\s*$", re.IGNORECASE)
_KEY_ENDS = re.compile(r"-----END [\w ]*-----", re.IGNORECASE)
_KEY_LINE = re.compile(r"([\w+/=]{4,}|(?:Proc-Type|DEK-Info): .*)\s*$")
_LONGEST_MESSAGE = 40
"""Lines of a message at most, with those of others in between."""
_LONGEST_KEY = 400
"""Lines of a private key at most."""


_PROMPT = re.compile(
    rf"(?:{PASSWORDS}|{USERS}|passwd|psk|p(?:in|uk)[12]?|secret|token|user(?:[ _]?name)?|login)[\"']?"
    r"\s*[:=\uff1a]\s*$",
    re.IGNORECASE,
)
"""A prompt, or a key of YAML: the value is on the next line, alone."""
_NO_VALUE = words(SAID) | words("root null none true false")
_PROGRAM = re.compile(r"^(?:\S+ +){2,6}?[\w./()-]+(?:\[\d+\])?: ")
_ALONE = re.compile(r"\s*(?:[>|-] ?)?[\"']?(?P<value>[^\s\"'\[:=]{4,64})[\"']?\s*$")


class State:
    """What the last line has announced."""

    def __init__(self) -> None:
        self.message = 0
        """Lines that may be those of a message, at most."""
        self.writer = ""
        """The program that has begun it, as its lines begin; empty for one without."""
        self.prompt: str | None = None
        """The program that has asked for a secret, as its lines begin; empty for one without."""
        self.value = False
        self.dump = ""
        """The kind of what a dump shows, as long as its lines follow."""
        self.tlv = ""
        """The kind of the value of libqmi's element that has begun."""
        self.key = 0
        """Lines of a private key that may follow."""


def mask(line: str, state: State, token: Callable[[str, str], str]) -> str:
    """`line` without what the lines before it have announced; `state` is brought up to date."""
    if state.message and (shown := _of_message(line, state, token)) is not None:
        return shown
    if state.dump and (found := _DUMPED.search(line)):
        # Octets and text are one value; what else is on the line is the journal's.
        shown = token(found["text"] or found["octets"], state.dump)
        return f"{line[: found.start('octets')]}{shown}"
    if state.tlv and (found := _OF_TLV.search(line)):
        return f"{line[: found.start('value')]}{_translated(found['value'], state.tlv, token)}"
    _begins(line, state)
    if state.prompt is not None and line.strip():
        line = _answered(line, state.prompt, token)
        state.prompt = None
    if line[-1:] in ":= \uff1a" and _PROMPT.search(line):
        state.prompt = _begun(line)[1]
    if state.key:
        state.key = 0 if _KEY_ENDS.search(line) else state.key - 1
        # The time and the program before it stay.
        found = _KEY_LINE.search(line)
        return f"{line[: found.start(1)]}{token(found[1], SECRET)}" if state.key and found else line
    if _KEY_BEGINS.search(line):
        state.key = _LONGEST_KEY
    if _TRANSMITTED.search(line) is not None and "\\r\\n" not in line:
        state.message, state.writer = _LONGEST_MESSAGE, _begun(line)[1]
    if state.value and (found := _STRING_OF_BUS.search(line)):
        line = f"{line[: found.start(1)]}{token(found[1], SECRET)}{line[found.end(1) :]}"
    state.value = _KEY_OF_BUS.search(line) is not None
    return line


def _of_message(line: str, state: State, token: Callable[[str, str], str]) -> str | None:
    """`line` masked, if it is one of the message that has begun.

    Another program's line in between is no part of it, and does not end it.
    """
    start, program = _begun(line)
    state.message -= 1
    if program != state.writer:
        return None
    if _END.match(line[start:]):
        state.message = 0
        return None
    return line[:start] + token(line[start:], SIM)


def _begun(line: str) -> tuple[int, str]:
    """Where a line says something, and the program that syslog or the journal names before that."""
    begun = _PROGRAM.match(line)
    return (begun.end(), begun[0].split()[-1]) if begun else (0, "")


def _answered(line: str, program: str, token: Callable[[str, str], str]) -> str:
    """`line` without what is alone on it, if it is of the same program."""
    start, answering = _begun(line)
    found = _ALONE.match(line, start)
    if found is None or answering != program:
        return line
    if found["value"].casefold() in _NO_VALUE:
        return line
    return f"{line[: found.start('value')]}{token(found['value'], SECRET)}{line[found.end('value') :]}"


def _begins(line: str, state: State) -> None:
    """Notes whether a dump or an element of a message begins with `line`."""
    dump = _DUMP.search(line) if "hexdump" in line else None
    state.dump = (_kind(dump["title"]) or SIM) if dump else ""
    if found := _TLV.search(line):
        state.tlv = _kind(found["name"])
    elif state.tlv and _END_OF_TLV.search(line):
        state.tlv = ""


def _kind(title: str) -> str:
    return next((kind for expression, kind in _TITLES if expression.search(title)), "")


def _translated(value: str, kind: str, token: Callable[[str, str], str]) -> str:
    """A structure's fields have forms of their own: `[ pin_id = 'pin1' pin_value = '…' ]`."""
    return value if value.startswith(("[", "{")) else token(value.strip("'\""), kind)
