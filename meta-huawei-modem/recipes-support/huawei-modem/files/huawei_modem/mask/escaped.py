# SPDX-License-Identifier: MIT
"""What a text says: without colours, with `\\x34`, `%34`, `&#52;` and the like read, UTF-16 as characters."""

from __future__ import annotations

import re
import unicodedata

_COLOURS = re.compile(
    r"(?:\x1b|\x9b|\ufffd|\\e|\\033|\\x1b|\\u001b|#033|\^\[|<1b>|<esc>)\[[0-9;?]{0,20}[A-Za-z]", re.IGNORECASE
)
_MARKS = re.compile(r"[\x00\x1b\x9b\ufffd%&\\]|#033|\^\[|<1b>|<esc>", re.IGNORECASE)
"""Any text that `read` changes has one of these."""
_CODE = (
    r"(?:\\x(?P<a>{0})|\\u00(?P<b>{0})|%(?P<c>{0})|&#x(?P<d>{0});|&#(?P<e>\d{{2,3}});|\\(?P<f>[01][0-7]{{2}}))"
).format("[0-9a-fA-F]{2}")
_ESCAPE = re.compile(_CODE)
_AGAIN = re.compile(r"%25(?=(?:25)*[0-9a-f]{2})|&amp;(?=#|[a-z]{2,4};)|\\\\+(?=[\\\\\"'])", re.IGNORECASE)
"""An escape that is escaped: its percent sign or ampersand, or backslashes before a quotation mark."""
_NAMED = re.compile(r"&(lt|gt|quot|apos|amp);", re.IGNORECASE)
_OF_NAME = {"lt": "<", "gt": ">", "quot": '"', "apos": "'", "amp": "&"}
_DEPTH = 4
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufe00-\ufe0f\ufeff]"
)
"""Characters that nobody sees (Default_Ignorable_Code_Point of Unicode 15)."""
_STYLED = re.compile("[\uff01-\uff5e\ufb00-\ufb06\u2460-\u24ff\U0001d400-\U0001d7ff\U0001f130-\U0001f189]+")
"""Letters and digits in another style: NFKC makes them plain."""
_ALIKE = str.maketrans(
    # Cyrillic, small and capital; Greek, small and capital; Latin beyond ASCII.
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0455\u0458\u04bb\u0501\u051b\u051d"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0405\u0406"
    "\u03b1\u03bf\u03c1\u03bd\u03b9"
    "\u0391\u0392\u0395\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a7\u03a5\u0396"
    "\u0261\u0131\u0269",
    "aeopcyxisjhdqwABEKMHOPCTXSIaopviABEHIKMNOPTXYZgii",
)
"""Letters that look like ASCII's (confusables.txt of UTS #39), in a word that has some of ASCII too."""
_WORD = re.compile(r"[^\W\d_]{3,}")
_OCTETS = re.compile(r"(?:\\x[0-9a-fA-F]{2}){6,}")


def read(text: str) -> str:
    """`text` without colours and with its escapes read, as far as they are printable.

    Six or more octets in a row that are no text become two digits each, with colons.
    """
    if not text.isascii():
        text = _UNSEEN.sub("", text)
        text = _STYLED.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
        text = _WORD.sub(_plain, text)
    if _MARKS.search(text) is None:
        return text
    for _level in range(_DEPTH):
        if (once := _AGAIN.sub(_unescaped, text)) == text:
            break
        text = once
    text = _NAMED.sub(lambda match: _OF_NAME[match[1].lower()], text)
    text = _COLOURS.sub("", text.replace("\x00", ""))
    text = _OCTETS.sub(_octets, text)
    return _ESCAPE.sub(_character, text)


def _unescaped(match: re.Match[str]) -> str:
    return "%" if match[0][0] == "%" else "&" if match[0][0] == "&" else ""


def _plain(match: re.Match[str]) -> str:
    """A word of letters of ASCII and of such that look like them; one of another alphabet is what it is."""
    word = match[0]
    if word.isascii() or not any(char.isascii() for char in word):
        return word
    plain = word.translate(_ALIKE)
    return plain if plain.isascii() else word


def _octets(match: re.Match[str]) -> str:
    octets = bytes.fromhex(match[0].replace("\\x", ""))
    if all(0x20 <= octet < 0x7F for octet in octets):
        return octets.decode("ascii")
    return octets.hex(":")


def _character(match: re.Match[str]) -> str:
    name = match.lastgroup or "a"
    code = int(match[name], {"e": 10, "f": 8}.get(name, 16))
    return chr(code) if 0x20 <= code < 0x7F else match[0]
