# SPDX-License-Identifier: MIT
"""Free text: which forms a text may have, and the text without what they give away."""

from __future__ import annotations

import re
from collections.abc import Callable

from huawei_modem.mask import boot, fields, keys, numbers, octets, programs, secrets
from huawei_modem.mask.form import Form
from huawei_modem.mask.kinds import CASELESS, HOST, NUMBER, PLACE, SECRET, TELEPHONE, TOKEN, words

Token = Callable[[str, str], str]

_HEXADECIMAL = str.maketrans("0123456789abcdef-", "0" * 16 + ":")
_DECIMAL = str.maketrans("0123456789", "0" * 10, " ./_()-")
_GROUPED = re.compile(r"(?<![\w.:-])(\d{1,8}([ ./_-])\d{1,8}(?:\2\d{1,8}){0,6})(?![\w:])")
_BOOT = re.compile(r"\b[Cc]ommand line: (.+)")
_HARMLESS = frozenset(
    ("none", "<hidden", "<hidden>", "(null)", "not", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00")
)
"""The last two are everybody's: broadcast, and none."""
_SAID_OR_KEYS = words(keys.SAID) | words("user username name pass password passwd login pin https http")
_QUAD = re.compile(r"\(?\d{1,3}(?:\.\d{1,3}){1,3}(?![\d.])")
"""An IPv4 address, or a version."""
_RANGE = re.compile(r"\bfrom (\S{1,20}) to (\S{1,20})", re.IGNORECASE)
_TELEPHONY = re.compile(
    r"\b(?:asterisk|dongle|sms|mms|messages?$|message (?:sent|from|to)|call(?:s|ed|er|ing)?\b|dial|gammu|"
    r"phone|telephon|voice|forward|ring|sip|msisdn|subscriber)",
    re.IGNORECASE,
)


class Forms:
    """Forms, what is wide first, so that a part of it is not left."""

    def __init__(self, forms: tuple[Form, ...]) -> None:
        self.all = forms
        self._unhinted = tuple(place for place, form in enumerate(forms) if not form.hints)
        self._hinted: dict[str, list[int]] = {}
        self._foreign: dict[str, list[int]] = {}  # hints that no text in ASCII has
        for place, form in enumerate(forms):
            for hint in form.hints:
                (self._hinted if hint.isascii() else self._foreign).setdefault(hint, []).append(place)

    def mask(self, text: str, token: Token) -> str:
        """`text` without what its forms give away."""
        if "ommand line: " in text and (found := _BOOT.search(text)):
            return f"{self.mask(text[: found.start(1)], token)}{boot.shown(found[1])}"
        lowered = (text if text.isascii() else text.translate(CASELESS)).lower()
        shapes = _Shapes(lowered)
        text = secrets.mask(text, token)
        for form in self.of(lowered, shapes):
            text = form.pattern.sub(lambda match, kind=form.kind: _replaced(match, kind, token), text)  # type: ignore[misc]
        return _GROUPED.sub(lambda match: _number(match, token), text) if shapes.has(14) else text

    def of(self, lowered: str, shapes: _Shapes) -> list[Form]:
        """The forms that a text may have, in their order."""
        places = set(self._unhinted)
        for hinted in (self._hinted,) if lowered.isascii() else (self._hinted, self._foreign):
            for hint, of in hinted.items():
                if hint in lowered:
                    places.update(of)
        forms = (self.all[place] for place in sorted(places))
        return [form for form in forms if _may_match(form, lowered, shapes)]


def _may_match(form: Form, lowered: str, shapes: _Shapes) -> bool:
    """Whether a text that has a hint of `form` has as many as it takes, and its shape."""
    if form.times > 1 and not any(lowered.count(hint) >= form.times for hint in form.hints):
        return False
    return not form.shape or shapes.has(form.shape)


class _Shapes:
    """What a text looks like when one digit is as another.

    In the hexadecimal one : and - are the same mark too; the decimal one has no mark that stands between the
    digits of a number.
    """

    def __init__(self, lowered: str) -> None:
        self._known = lowered.isascii()  # other alphabets have digits of their own
        self._hexadecimal = lowered.translate(_HEXADECIMAL) if self._known else ""
        self._decimal = lowered.translate(_DECIMAL) if self._known else ""

    def has(self, shape: str | int) -> bool:
        """Whether `shape` is in it, a number being that of decimal digits one after the other."""
        if not self._known:
            return True
        return "0" * shape in self._decimal if isinstance(shape, int) else shape in self._hexadecimal


def _replaced(match: re.Match[str], kind: str, token: Token) -> str:
    done, last = [], match.start()
    for group in range(1, (match.re.groups or 0) + 1):
        value = match[group]
        if value is None or value.lower() in _HARMLESS:
            continue
        if TOKEN.fullmatch(value) or TOKEN.fullmatch(f"[{value}]"):
            continue
        if _says_nothing(match.string, value, match.start(group), kind):
            continue
        done += [match.string[last : match.start(group)], token(value, kind)]
        last = match.end(group)
    return "".join(done) + match.string[last : match.end()]


def _says_nothing(text: str, value: str, start: int, kind: str) -> bool:
    """Whether `value`, which has the form of an identity, is something else by itself or by its place."""
    if not any(map(str.isalnum, value)):
        return kind != PLACE  # a joint between two words, a comma of a list
    if kind == SECRET:
        # user canceled; password wrong; Account username: the next word is the value
        return value.casefold().rstrip(";,.:!)") in _SAID_OR_KEYS
    if kind == HOST:
        # hostname: hostname changed from (none) to ""
        return value.casefold() in ("hostname", "(none)")
    if kind not in (TELEPHONE, NUMBER):
        return False
    if _QUAD.match(value):
        return True
    # capacity change from 0 to 15523840
    ranges = (found.span() for found in _RANGE.finditer(text))
    return any(first <= start < last for first, last in ranges) and _TELEPHONY.search(text) is None


def _number(match: re.Match[str], token: Token) -> str:
    """An IMEI, IMSI or ICCID in groups, as people write it: with one mark between all of them."""
    groups = match[1].split(match[2])
    digits = "".join(groups)
    lengths = [len(group) for group in groups]
    grouped = (
        len(groups) > 2
        and max(lengths) >= 4
        and not (match[2] == "." and len(groups) == 4 and max(lengths) <= 3)
    )
    if 14 <= len(digits) <= 20 and (grouped or (len(digits) == 15 and _luhn(digits))):
        return token(match[1], NUMBER)
    return match[0]


def _luhn(digits: str) -> bool:
    """The check digit of an IMEI (3GPP TS 23.003, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


OF_BOARD = Forms(
    (
        *programs.RAW,
        *programs.COMMANDS,
        *fields.FORMS,
        *programs.PPP,
        *programs.OFONO,
        *programs.CONNMAN,
        *octets.FORMS,
        *numbers.FORMS,
        *programs.MESSAGES,
    )
)
"""Those of the programs whose lines leave a board."""
