# SPDX-License-Identifier: MIT
"""Keys that say that a secret follows: `password = …`, `"Password": "…"`, `psk="…"`, `--password …`.

A value in quotes ends with them. One without ends at the next such key or with the line: it may hold blanks,
commas and anything else.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from huawei_modem.mask.kinds import SECRET, WLAN, words

Token = Callable[[str, str], str]

_KEYS = (
    r"[\w.-]*(?:passw(?:or)?d|passwrd|passphrase|passcode|pass_?key|secret|credentials?|api[_-]?key|private[_-]?key|"
    r"auth[_-]?key|wpa[_-]?key|authtoken|access[_-]?token|auth[_-]?token|cookie)\d?"
    r"|(?:[\w.-]*[._-])?(?:pass|passwd|pwd|psk|sae_password|wep[_-]?key\d?|pin2?|puk2?|token|login|user(?:[_-]?id)?|"
    r"(?:user|login|account)[ _-]?name|account|acct|\w*logname|(?:anonymous_)?identity|realm)"
    r"|\w*(?:User(?:name|Name)|user(?:name|Name))"
)
_WLAN = r"(?:[\w.-]*[._-])?e?ssid2?|TetheringIdentifier"
_KEY = re.compile(
    rf"(?<![A-Za-z0-9])(?:(?P<secret>{_KEYS})|(?P<wlan>{_WLAN}))"
    r"(?P<mark>\\?[\"']?\s*(?:[=:]=?|=>)\s*<?|\\?[\"']\s+(?:s|value)\s+(?=[\"'])|(?<=[a-z]) (?==))",
    re.IGNORECASE,
)
_OPTION = re.compile(rf"(?<!\S)--?(?:{_KEYS})[ =]+(\S+)", re.IGNORECASE)
_ELEMENT = re.compile(rf"<((?:\w+:)?(?:{_KEYS}|{_WLAN}))>([^<]+)<", re.IGNORECASE)
_HINT = re.compile(
    r"pass|pwd|acct|logname|psk|secret|credential|key|token|pin|puk|user|login|account|identity|ssid|cookie|"
    r"tethering|realm|pwd",
    re.IGNORECASE,
)
_PIN = re.compile(r"(?:[\w.-]*[._-])?p(?:in|uk)2?", re.IGNORECASE)
_DIGITS = re.compile(r"\d{4,8}(?!\w)")
_END_OF_QUOTED = re.compile(r"\s*(?:[,;)\]}>\s#|\\]|$)")
_HARMLESS = words(
    """
    none null (null) nil hidden <hidden> <hidden <redacted> [removed] *** ****** ?????? yes no true
    false on off required unknown unset not set root [] {} "" '' - 0 any all default ask always
    optional ready
"""
)


def mask(text: str, token: Token) -> str:
    """`text` with the values of such keys masked."""
    if _HINT.search(text) is None:
        return text
    text = _ELEMENT.sub(lambda match: f"<{match[1]}>{token(match[2], SECRET)}<", text)
    done, at = [], 0
    while match := _KEY.search(text, at):
        start = match.end()
        end, value = _value(text, start)
        kind = WLAN if match["wlan"] else SECRET
        done.append(text[at:start])
        if "Error." in match[0]:
            # org.ofono.Error.IncorrectPassword: Password is incorrect
            at = start
            continue
        if (found := _PIN.fullmatch(match["secret"] or "")) and not (digits := _DIGITS.match(value)):
            # oFono's Retries has pin=3: that is how often it may be tried. Pins of chips are numbers too.
            at = start
            continue
        if found and digits:
            value = digits[0]
            end = text.index(value, start) + len(value)
        at = end
        done.append(
            text[start:end] if _harmless(value) else text[start:end].replace(value, token(value, kind), 1)
        )
    text = "".join(done) + text[at:]
    return _OPTION.sub(lambda match: match[0].replace(match[1], token(match[1], SECRET)), text)


def _harmless(value: str) -> bool:
    return not value or value.strip("<>)]}, ").casefold() in _HARMLESS or set(value) <= set("*?.x•")


def _value(text: str, start: int) -> tuple[int, str]:
    """Where the value that begins at `start` ends, and the value without its quotes."""
    quote = text[start : start + 1]
    escaped = text[start : start + 2] in ('\\"', "\\'")
    if escaped:
        end = text.find(text[start : start + 2], start + 2)
        if end > 0:
            return end, text[start + 2 : end]
    if quote in ('"', "'") and quote:
        at = start + 1
        while at < len(text):
            if text[at] == "\\":
                at += 2
                continue
            if text[at] == quote and _END_OF_QUOTED.match(text, at + 1):
                return at + 1, text[start + 1 : at]
            at += 1
        return len(text), text[start + 1 :]
    following = _KEY.search(text, start)
    end = following.start() if following else len(text)
    value = text[start:end].rstrip(" \t,;{[(&\"'")
    return start + len(value), value
