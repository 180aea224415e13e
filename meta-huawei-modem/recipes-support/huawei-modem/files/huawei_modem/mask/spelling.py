# SPDX-License-Identifier: MIT
"""How one value may be written: what was found once is looked for in all these spellings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from huawei_modem.mask.kinds import ADDRESS, HOST, NUMBER, SECRET, SERIAL, TELEPHONE, WLAN, words

_MOST = 4096
_LONGEST = 256
_SHORTEST = {SECRET: 4, SERIAL: 6, ADDRESS: 12, TELEPHONE: 7, NUMBER: 14, WLAN: 3, HOST: 4}
"""Characters of a value that is looked for. What is shorter is masked where it stands, and no more."""
_GAP = r"[ .:/_-]?"
_BYTE_GAP = r"(?:[ :.,-]|\\x|0x|%)?"
_MAC = re.compile(r"[0-9a-f]{12}")
_WORDS = words(
    """
    access account address admin auth bind board bridge cable cellular chap colibri connect
    connected connection connman connmand context control data default device disabled dhcp driver
    enabled error ether ethernet failed false firmware gadget generic gprs guest host huawei
    huawei_modem interface internet kernel linux local localhost log login managed manager mobile
    mode modem modemmanager module name network none null ofono ofonod online option pap password
    port pppd radio ready roaming root router secret serial service storage stick system systemd
    test toradex true udev unknown user usbserial usb_modeswitch vodafone wlan wifi wired wireless
    work yocto
"""
)
"""Words of the logs themselves. A password that is one is masked as a password, and not as a word."""


class _Chunk:
    """Some of the values as one regular expression over all their spellings."""

    def __init__(self, values: list[tuple[str, str]]) -> None:
        # Longest first: a value that begins with another one is masked whole.
        self.values = sorted(values, key=lambda item: -len(item[0]))
        self.pattern = re.compile(
            "|".join(f"({_any_spelling(value, kind)})" for value, kind in self.values), re.IGNORECASE
        )


class Hunter:
    """The values that are looked for.

    Each line of a log may add one, and compiling takes its time: new values make a chunk of their own, and
    chunks are put together when there are several, so that a value is compiled a few times in all.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, str]] = {}
        self._spared: set[str] = set()
        self._new: list[tuple[str, str]] = []
        self._chunks: list[_Chunk] = []

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
        if key in self._known or key in self._spared or key in _WORDS:
            return
        if not key.isprintable() or len(set(plain)) < 3:
            return
        self._known[key] = (value, kind)
        self._new.append((value, kind))

    def spare(self, value: str) -> None:
        """Does not look for `value`: an access point's name is public, also where it is the password too."""
        key = value.casefold()
        self._spared.add(key)
        if self._known.pop(key, None):
            self._new, self._chunks = list(self._known.values()), []

    def replace(self, text: str, token: Callable[[str, str], str]) -> str:
        """`text` with `token(value, kind)` in the place of each known value."""
        if self._new:
            self._chunks.append(_Chunk(self._new))
            self._new = []
            while len(self._chunks) > 1 and len(self._chunks[-2].values) <= 2 * len(self._chunks[-1].values):
                last, before = self._chunks.pop(), self._chunks.pop()
                self._chunks.append(_Chunk(before.values + last.values))
        for chunk in self._chunks:
            values = chunk.values
            text = chunk.pattern.sub(
                lambda match, values=values: token(*values[(match.lastindex or 1) - 1]),  # type: ignore[misc]
                text,
            )
        return text


def _any_spelling(value: str, kind: str) -> str:
    forms = "|".join(dict.fromkeys(_spellings(value, kind)))
    # A short value is a word of its own; a long one may be a part of a name.
    return f"(?:{forms})" if len(value) > 5 else rf"(?<![0-9a-z])(?:{forms})(?![0-9a-z])"


def _spellings(value: str, kind: str) -> Iterator[str]:
    bare = re.sub(r"[\s:._/-]", "", value).casefold().removeprefix("0x").lstrip("+")
    if kind == ADDRESS and _MAC.fullmatch(bare):
        pairs = [bare[at : at + 2] for at in range(0, 12, 2)]
        yield r"[:. _-]?".join(pairs)
        yield r"[:. _-]?".join(reversed(pairs))
        return
    yield "".join(_character(char) for char in value)
    if bare.isdigit() and kind in (NUMBER, TELEPHONE, SERIAL):
        yield _GAP.join(bare)
        # Semi-octets, as in SIM and NV items (3GPP TS 24.008, 10.5.1.4), bare and after a nibble of parity.
        for head in ("", "9", "1", "a"):
            swapped = _swapped(head + bare)
            yield r"[ :]?".join(swapped[at : at + 2] for at in range(0, len(swapped), 2))
    octets = value.encode("utf-8", "replace")
    yield _BYTE_GAP.join(f"{octet:02x}" for octet in octets)
    yield "".join(f"{ord(char):04x}" for char in value)  # UCS2, as messages and USSD have it
    if len(octets) >= 6:
        import base64

        yield re.escape(base64.b64encode(octets[: len(octets) // 3 * 3]).decode())


def _character(char: str) -> str:
    """A character as it is, and as URLs and udev escape it."""
    if char.isalnum() and char.isascii():
        return char
    octets = char.encode("utf-8", "replace")
    escaped = ["".join(f"{prefix}{octet:02x}" for octet in octets) for prefix in ("%", r"\\x")]
    plain = ["[ _+]"] if char == " " else [re.escape(char), rf"\\{re.escape(char)}"]
    return f"(?:{'|'.join(plain + escaped)})"


def _swapped(digits: str) -> str:
    digits += "f" if len(digits) % 2 else ""
    return "".join(digits[at + 1] + digits[at] for at in range(0, len(digits), 2))
