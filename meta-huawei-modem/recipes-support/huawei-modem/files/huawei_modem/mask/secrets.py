# SPDX-License-Identifier: MIT
"""Keys that say that a secret follows: `password = …`, `"Password": "…"`, `psk="…"`, `--password …`.

A value in quotes ends with them. One without ends at the next such key or with the line: it may hold blanks,
commas and anything else.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from huawei_modem.mask import vocabulary
from huawei_modem.mask.form import Form
from huawei_modem.mask.keys import HINTS, PASSWORDS, SAID, SAYS, USERS
from huawei_modem.mask.kinds import SECRET, WLAN, words

Token = Callable[[str, str], str]

_KEYS = (
    rf"[\w.-]{{0,60}}(?:passw(?:or)?d|{PASSWORDS}|pass_?key|secret(?:[_-]access[_-]key)?|credentials?|"
    r"\w{0,40}token|sess(?:ion)?[_-]?id|(?:api|private|pre[ _-]?shared|shared|auth|wpa|wi-?fi|wlan|network|"
    r"security|secret|encryption|access|account|master|signing)[ _-]?key|x-amz-signature|"
    # busctl numbers D-Bus messages by their cookie.
    r"cookie(?!\"\s?:\s?\d{1,10}[,}]))\d?"
    r"|(?:[\w.-]{0,60}[._-])?(?:pass|pw|pwd|psk|sae_password|wep[_-]?key\d?|pin[12]?|puk[12]?|login|user(?:[_-]?id)?|"
    rf"(?:user|login|account)[ _-]?name|account|acct|\w{{0,40}}logname|(?:anonymous_)?identity|realm|{USERS})"
    r"|\w{0,40}(?:User(?:name|Name)|user(?:name|Name))|[\w-]{1,40}\.[\w.-]{0,60}(?<=\.)key"
)
_SPOKEN = re.compile(
    rf"(?<![\w/-])(?:[\w.-]{{0,60}}(?:passwd|secret|{PASSWORDS})|"
    r"(?:[\w.-]{0,60}[._-])?(?:pw|pwd|psk)|(?:[\w-]{1,40}\.){1,4}user(?:name)?)"
    rf"(?:\s{{1,3}}(?P<says>{SAYS}):?)?\s{{1,3}}(?:\d\s)?(?P<quote>[\"'])?(?P<value>[^\s\"'=:(\[][^\s\"']*)",
    re.IGNORECASE,
)
"""A secret without a mark before it: `password is X`, `nmcli … password X`."""
_STRONG = re.compile(r"(?=\S*\d)(?!/)\S{5,}")
_LEAST = 5
_DIGITS_ALONE = re.compile(r"\d{4,8}")
_SAID = words(SAID)
_HINTS = words(HINTS)
_APART = re.compile(
    rf"(?<![\w/-])(?:(?:pass|pwd|pw|psk)\s*(?:->|\u2014|\u2013)\s*|(?:{PASSWORDS})(?:\s*[\u2014\u2013]\s*|(?:\s[^\s:=|]{{1,20}}){{1,4}}?\s*[:=]\s*|\s*(?:->|[|>?-]|\u2192)\s*|"
    r"(?:\s[^\s:=|]{1,20}){1,3}?\s-\s))[\"']?(?P<value>[^\s\"'|=:(\[]+)",
    re.IGNORECASE,
)
"""With other words or another mark between: only what looks like a secret is one."""
_WLAN = r"(?:[\w.-]{0,60}[._-])?e?ssid2?|TetheringIdentifier"
_KEY = re.compile(
    rf"(?<![A-Za-z0-9])(?:(?P<secret>{_KEYS})|(?P<wlan>{_WLAN}))"
    r"(?P<mark>\\?[\"']?\s{0,20}(?:[=:\uff1a]=?|=>)\s*<?|"
    r"\\?[\"']\s+(?:s|value)\s+(?=[\"'])|(?<=[a-z]) (?==)|\s+value\s+)",
    re.IGNORECASE,
)
_OPTION = Form(SECRET, "-", rf"(?<!\S)--?(?:{_KEYS})[ =]+(\S+)")
_ELEMENT = Form(SECRET, "<", rf"<((?:\w+:)?(?:{_KEYS}|{_WLAN})(?:\s[^<>]{{0,200}})?)>([^<]+)<")
_PIN = re.compile(r"(?:[\w.-]{0,60}[._-])?p(?:in|uk)[12]?", re.IGNORECASE)
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
    if not _may_have_key(text):
        return text
    if "<" in text:
        text = _ELEMENT.pattern.sub(lambda match: f"<{match[1]}>{token(match[2], SECRET)}<", text)
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
    text = _SPOKEN.sub(lambda match: _spoken(match, token), "".join(done) + text[at:])
    text = _APART.sub(lambda match: _apart(match, token), text)
    if "-" in text:
        text = _OPTION.pattern.sub(lambda match: match[0].replace(match[1], token(match[1], SECRET)), text)
    return text


def _may_have_key(text: str) -> bool:
    """Whether `mask` may find anything. Letters beyond ASCII only an expression compares."""
    lowered = text.lower()
    return not text.isascii() or any(hint in lowered for hint in _HINTS)


def _spoken(match: re.Match[str], token: Token) -> str:
    value = match["value"].rstrip(".,;!?)")
    if match["says"]:
        secret = value.casefold() not in _SAID and not _harmless(value)
    else:
        secret = bool(match["quote"]) or _STRONG.fullmatch(value) is not None or _is_strange(value)
    if not secret or not value or "[masked-" in value:
        return match[0]
    return _replaced(match, value, token)


def _is_strange(value: str) -> bool:
    """A word that no program has in its messages: `password kirschbaum`, and not `password prompt`."""
    return (
        len(value) >= _LEAST
        and value.isascii()
        and value.isalpha()
        and not vocabulary.knows(value.casefold())
    )


def _apart(match: re.Match[str], token: Token) -> str:
    value = match["value"].rstrip(".,;!?)")
    if _STRONG.fullmatch(value) is None and _DIGITS_ALONE.fullmatch(value) is None:
        return match[0]
    return _replaced(match, value, token)


def _replaced(match: re.Match[str], value: str, token: Token) -> str:
    """The match with a token for `value`, with which its group of that name begins."""
    start = match.start("value") - match.start()
    return f"{match[0][:start]}{token(value, SECRET)}{match[0][start + len(value) :]}"


def _harmless(value: str) -> bool:
    if all(word in _SAID or word == "password" for word in value.casefold().split()):
        return True
    return value.strip("<>)]}, ").casefold() in _HARMLESS or set(value) <= set("*?.x•")


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
