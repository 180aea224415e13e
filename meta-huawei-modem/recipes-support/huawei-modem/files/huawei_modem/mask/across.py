# SPDX-License-Identifier: MIT
"""What is a secret only by the line before it."""

from __future__ import annotations

import re
from collections.abc import Callable

from huawei_modem.mask.kinds import NUMBER, PLACE, SECRET, SERIAL, SIM, TELEPHONE, WLAN

_TRANSMITTED = re.compile(r"[+^](?:CMG[LR]|CMT|CDS|CBM): ")
"""Headers of messages: the text is on the lines that follow (3GPP TS 27.005)."""
_END = re.compile(r"^\s*(?:OK|ERROR|\+CM[ES] ERROR|[+^][A-Z]+: |AT|$)")
_KEY_OF_BUS = re.compile(r"\bstring \"(?:Password|Username|Passphrase|Pin|SSID|Identity)\"", re.IGNORECASE)
_STRING_OF_BUS = re.compile(r"\bstring \"(.*)\"")
"""dbus-monitor and dbus-send write key and value on lines of their own."""

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

_LONGEST_MESSAGE = 40
"""Lines of a message at most, with those of others in between."""
_PROGRAM = re.compile(r"^(?:\S+ +){2,6}?[\w./()-]+(?:\[\d+\])?: ")


class State:
    """What the last line has announced."""

    def __init__(self) -> None:
        self.message = 0
        """Lines that may be those of a message, at most."""
        self.writer = ""
        """The program that has begun it, as its lines begin; empty for one without."""
        self.value = False
        self.tlv = ""
        """The kind of the value of libqmi's element that has begun."""


def mask(line: str, state: State, token: Callable[[str, str], str]) -> str:
    """`line` without what the lines before it have announced; `state` is brought up to date."""
    if state.message and (shown := _of_message(line, state, token)) is not None:
        return shown
    if state.tlv and (found := _OF_TLV.search(line)):
        return f"{line[: found.start('value')]}{_translated(found['value'], state.tlv, token)}"
    _begins(line, state)
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


def _begins(line: str, state: State) -> None:
    """Notes whether an element of a message begins with `line`, or ends."""
    if found := _TLV.search(line):
        state.tlv = _kind(found["name"])
    elif state.tlv and _END_OF_TLV.search(line):
        state.tlv = ""


def _kind(title: str) -> str:
    return next((kind for expression, kind in _TITLES if expression.search(title)), "")


def _translated(value: str, kind: str, token: Callable[[str, str], str]) -> str:
    """A structure's fields have forms of their own: `[ pin_id = 'pin1' pin_value = '…' ]`."""
    return value if value.startswith(("[", "{")) else token(value.strip("'\""), kind)
