# SPDX-License-Identifier: MIT
"""How one value may be written: what was found once is looked for in all these spellings."""

from __future__ import annotations

import functools
import heapq
import re
from collections.abc import Callable, Iterator

from huawei_modem.mask.kinds import (
    ADDRESS,
    CASELESS,
    HOST,
    NUMBER,
    SECRET,
    SERIAL,
    SIM,
    TELEPHONE,
    WLAN,
    words,
)

_Make = Callable[[], str]
_MOST = 4096
_LONGEST = 256
_SHORTEST = {SECRET: 4, SIM: 8, SERIAL: 6, ADDRESS: 12, TELEPHONE: 7, NUMBER: 14, WLAN: 3, HOST: 4}
"""Characters of a value that is looked for. What is shorter is masked where it stands, and no more."""
_GAP = r"[ .:/_-]?"
_BYTE_GAP = r"(?:[ :.,-]|\\x|0x|%)?"
_OCTET_MARK = re.compile(r"\\x|0x", re.IGNORECASE)
_FEW = 4
"""Digits of a value that may be anything: it is masked in its own place, and next to what names a secret."""
_MANY = 10
_NAMED = ("pin", "puk", "code", "password", "passwd", "passphrase")
_AFTER_WORD = (
    "(?:" + "|".join(rf"(?<={name}{mark})" for name in _NAMED for mark in ("[ :=]", "[ :=][ '\"(<]")) + ")"
)
_BEFORE_WORD = rf"(?=\W{{1,3}}(?:\w{{1,8}}\W{{1,2}}){{0,2}}(?:{'|'.join(_NAMED)})(?![0-9a-z]))"
_PIECES = (8, 4, 3)
"""Characters of a key by which it is found. A form whose key is shorter than all of them is always tried."""
_MAC = re.compile(r"[0-9a-f]{12}")
_WORDS = words(
    """
    access account address admin auth bind board bridge cable cellular chap colibri connect
    connected connection connman connmand context control data default device disabled dhcp driver
    enabled error ether ethernet failed false firmware gadget generic gprs guest host huawei
    huawei_modem interface internet kernel linux local localhost log login managed manager mobile
    hostname mode modem modemmanager module name network none null ofono ofonod online option pap password
    port pppd radio ready roaming root router secret serial service storage stick system systemd
    test toradex true udev unknown user usbserial usb_modeswitch vodafone wlan wifi wired wireless
    value work yocto username passwd passphrase http https ssh ftp status
    beeline claro drei eplus everywhere giffgaff movistar orange plus proximus t-mobile tele2 telekom tmobile
"""
)
"""Words of the logs themselves, and operators: many have one user for all, called as they are (beeline,
orange, t-mobile and five more of these in mobile-broadband-provider-info 20230416). A password that is one is
masked as a password, and not as a word."""
NAMES = re.compile(
    r"(?:tty(?:usb|acm|s|mxc)?|wwan|eth|ppp|usb|wlan|option|cdc-wdm|mmcblk|br|lo)\d*"
    r"|(?:cdc|huawei|usb|qmi|rndis|option)_\w+|config_\w+|cdc-\w+"
    r"|(?:e|k|b|r|ms|mu|me|em)\d{3,4}[a-z]{0,2}(?:-\d{1,4})?"
    r"|12d1|1(?=[0-9a-f]*[a-f])[0-9a-f]{3}|[0-9a-f]{4}:[0-9a-f]{4}|\d+(?:\.\d+){2,}(?:-[\w.+-]+)?"
)
"""The kernel's devices, drivers and options, Huawei's models and ids, versions: what a log is about, and what
a hotspot's guest or a stick may be called too."""
_PUBLIC = re.compile(
    r"(?:\+?CGDCONT[=:] ?\d+,\"[^\"]*\",|\+COPS: ?\d,\d,|\bAccessPointName\W{1,12}|\bapn\W{1,4}|"
    r"\b(?:operator|network) name\W{1,4}|\boperator\W{1,4}|\bNDISDUP=\d+,\d,)\"?([^\",;\r\n]+)",
    re.IGNORECASE,
)
"""Access points and operators: an operator's public user name may be a part of one."""


class Spelling:
    """One of the forms of a value that is looked for. Its expression is compiled when a text may hold it."""

    def __init__(self, value: str, kind: str, rank: tuple[int, int, int], key: str, make: _Make) -> None:
        self.value = value
        self.kind = kind
        self.rank = rank
        """Of two that begin at one place the lower one is masked: first the longer value, then the older."""
        self.key = key
        """What `squashed` leaves of any text in this form holds it."""
        self._make = make

    @functools.cached_property
    def pattern(self) -> re.Pattern[str]:
        form = self._make()
        # A short value is a word of its own; a long one may be a part of a name.
        return re.compile(
            form if len(self.value) > 5 else rf"(?<![0-9a-z])(?:{form})(?![0-9a-z])", re.IGNORECASE
        )


class Hunter:
    """The values that are looked for.

    Hundreds of values in half a dozen forms each are too many for one expression over all of them: it tries
    each at each place. So an index of pieces of the forms' keys tells first which of them a line may hold.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, str]] = {}
        self._spared: set[str] = set()
        self._empty()

    def _empty(self) -> None:
        self._always: list[Spelling] = []
        self._pieces: dict[int, dict[str, list[Spelling]]] = {}
        self._added = 0

    def __len__(self) -> int:
        return len(self._known)

    def add(self, value: str, kind: str) -> None:
        """Looks for `value` from now on, if it is one that can be told from other text."""
        value = value.strip("\"' ")
        plain = re.sub(r"[\s:.-]", "", value) if kind in (ADDRESS, NUMBER, TELEPHONE) else value
        shortest = _SHORTEST.get(kind)
        if shortest is None or not shortest <= len(plain) <= _LONGEST or len(self._known) >= _MOST:
            return
        key = value.casefold()
        if key in self._known or key in self._spared or key in _WORDS or NAMES.fullmatch(key):
            return
        if not key.isprintable() or len(set(plain)) < 3:
            return
        self._known[key] = (value, kind)
        self._look_for(value, kind)

    def _look_for(self, value: str, kind: str) -> None:
        self._added += 1
        for form, (key, make) in enumerate(spellings(value, kind)):
            spelling = Spelling(value, kind, (-len(value), self._added, form), key, make)
            for length in _PIECES:
                if len(key) >= length:
                    # The end: the beginnings of addresses and serial numbers are those of their maker.
                    self._pieces.setdefault(length, {}).setdefault(key[-length:], []).append(spelling)
                    break
            else:
                self._always.append(spelling)

    @property
    def spared(self) -> frozenset[str]:
        """What is not looked for, in small letters."""
        return frozenset(self._spared)

    def spare(self, value: str) -> None:
        """Does not look for `value`: an access point's name is public, also where it is the password too."""
        key = value.casefold()
        self._spared.add(key)
        if self._known.pop(key, None):
            self._empty()
            for left, kind in self._known.values():
                self._look_for(left, kind)

    def replace(self, text: str, token: Callable[[str, str], str]) -> str:
        """`text` with `token(value, kind)` in the place of each known value."""
        found = self._candidates(text)
        nearest = [
            (match.start(), spelling.rank, match.end(), spelling)
            for spelling in found
            if (match := spelling.pattern.search(text))
        ]
        if not nearest:
            return text
        public = [found.span(1) for found in _PUBLIC.finditer(text)]
        heapq.heapify(nearest)
        done, at = [], 0
        while nearest:
            start, rank, end, spelling = heapq.heappop(nearest)
            spared = spelling.kind == SECRET and any(first <= start and end <= last for first, last in public)
            if start >= at and not spared:
                done += [text[at:start], token(spelling.value, spelling.kind)]
                at = end
            if match := spelling.pattern.search(text, max(at, end if spared else 0)):
                heapq.heappush(nearest, (match.start(), rank, match.end(), spelling))
        return "".join(done) + text[at:]

    def _candidates(self, text: str) -> list[Spelling]:
        """The forms that `text` may hold: all that it holds, and few others."""
        found = list(self._always)
        if not self._pieces:
            return found
        bare = squashed(text)
        self._gather(bare, found)
        if _OCTET_MARK.search(text):
            without = squashed(_OCTET_MARK.sub("", text))
            self._gather(without, found)
            found = list(dict.fromkeys(found))
        return found

    def _gather(self, bare: str, found: list[Spelling]) -> None:
        for length, pieces in self._pieces.items():
            here = {bare[at : at + length] for at in range(len(bare) - length + 1)}
            for piece in here & pieces.keys():
                found += [spelling for spelling in pieces[piece] if spelling.key in bare]


class _Squash(dict[int, int | None]):
    """Letters and digits of ASCII, small; of others those that are equal to one of these but for case."""

    def __missing__(self, code: int) -> int | None:
        return None


_SQUASH = _Squash(
    {code: ord(chr(code).lower()) if chr(code).isalnum() else None for code in range(128)} | CASELESS
)


def squashed(text: str) -> str:
    """`text` without what may stand between the characters of a value."""
    return text.translate(_SQUASH)


def spellings(value: str, kind: str) -> Iterator[tuple[str, _Make]]:
    """Each form in which `value` may be written: its key, and what makes its expression.

    The key is in `squashed(text)` of each text in this form; for octets with \\x or 0x between them, of the
    text without these marks.
    """
    bare = re.sub(r"[\s:._/-]", "", value).casefold().removeprefix("0x").lstrip("+")
    if kind == ADDRESS and _MAC.fullmatch(bare):
        pairs = [bare[at : at + 2] for at in range(0, 12, 2)]
        yield bare, lambda: r"[:. _-]?".join(pairs)
        yield "".join(reversed(pairs)), lambda: r"[:. _-]?".join(reversed(pairs))
        return
    # What is no letter and no digit may be escaped: the longest piece without it is sure to be there.
    piece = max(re.findall("[0-9A-Za-z]+", value), key=len, default="")
    yield piece.lower(), lambda: _bounded(value, "".join(_character(char) for char in value))
    if bare.isdigit() and kind in (NUMBER, TELEPHONE, SERIAL):
        yield squashed(bare), lambda: _bounded(bare, _GAP.join(bare))
        # Semi-octets, as in SIM and NV items (3GPP TS 24.008, 10.5.1.4), bare and after a nibble of parity.
        for head in ("", "9", "1", "a"):
            swapped = _swapped(head + bare)
            yield squashed(swapped), functools.partial(_in_pairs, swapped)
        if bare.isdecimal() and len(bare) >= _MANY:
            number = f"{int(bare):x}"
            yield number, lambda: rf"(?<![0-9a-f])(?:0x)?0*{number}(?![0-9a-f])"
    octets = value.encode("utf-8", "replace")
    # The last digit may be taken for a part of a mark: 0x after it.
    yield octets.hex()[:-1], lambda: _BYTE_GAP.join(f"{octet:02x}" for octet in octets)
    wide = "".join(f"{ord(char):04x}" for char in value)  # UCS2, as messages and USSD have it
    yield wide, lambda: wide
    if len(octets) >= 6:
        import base64

        encoded = base64.b64encode(octets[: len(octets) // 3 * 3]).decode()
        yield squashed(encoded), lambda: re.escape(encoded)


def _bounded(value: str, form: str) -> str:
    """`form` of a number, where it is no part of a longer one or of an address such as 192.168.8.100."""
    digits = re.sub(r"[\s:._/()+-]", "", value)
    if not (digits.isascii() and digits.isdigit()):
        return form
    if len(digits) <= _FEW:
        return f"(?:{_AFTER_WORD}{form}|{form}{_BEFORE_WORD})"
    # Of a long one the country's code may be before it.
    before = "" if len(digits) >= _MANY else r"(?<!\d)(?<!\d\.)"
    return rf"{before}{form}(?!\.?\d)"


def _in_pairs(digits: str) -> str:
    return r"[ :]?".join(digits[at : at + 2] for at in range(0, len(digits), 2))


_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}


def _character(char: str) -> str:
    """A character as it is, and as URLs and udev escape it."""
    if char.isalnum() and char.isascii():
        return char
    octets = char.encode("utf-8", "replace")
    escaped = ["".join(f"{prefix}{octet:02x}" for octet in octets) for prefix in ("%", r"\\x")]
    plain = ["[ _+]"] if char == " " else [re.escape(char), rf"\\{re.escape(char)}"]
    if char in _ENTITIES:
        plain += [_ENTITIES[char], f"&#x?0*(?:{ord(char)}|{ord(char):x});"]
    return f"(?:{'|'.join(plain + escaped)})"


def _swapped(digits: str) -> str:
    digits += "f" if len(digits) % 2 else ""
    return "".join(digits[at + 1] + digits[at] for at in range(0, len(digits), 2))
