# SPDX-License-Identifier: MIT
"""Makes plain text of what people paste: other line ends, markup, quotation marks of a mail, colours."""

from __future__ import annotations

import html
import quopri
import re

from modem_image.errors import InputError

LONGEST = 8 << 20
"""Octets of a listing that are read."""

_LONGEST_LINE = 1 << 14
"""Characters. The longest of any listing, a capture's descriptors in octets, has 12,288."""
_BEYOND = re.compile(rf"(?m)^(.{{{_LONGEST_LINE}}}).+")
_DEVICES = 1000
"""A bus has 127 at most."""
_BLANKS = re.compile(r"[ \t]{16,}")
"""Columns do not matter to any reader, and runs of blanks cost some of them their square."""
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\n]*\x07?")
_TAG = re.compile(
    r"</?(?:pre|code|br|p|div|span|blockquote|tt|font|b|i|quote|em|strong|u|li|ul|ol|a|table|tbody|tr|td|th|h[1-6]|hr|kbd|samp|sup|small|center|mark|ins|del)\b[^<>\n]*>"
    r"|\[/?(?:code|quote|pre|color|b|i|u|s|size|font|indent|url|img|spoiler|center|left|list|tt|mono|highlight|php)"
    r"(?:=[^\]\n]*)?\]",
    re.I,
)
_EMPHASIS = re.compile(r"(?<!\*)\*\*(?=[^\s*])([^*\n]*?[^\s*])\*\*(?!\*)")
"""Markdown's bold. lsusb writes two asterisks too, and a space behind them."""
_ESCAPED = re.compile(r"\\([#*_\[\]()<>~`|-])")
_QUOTED_PRINTABLE = re.compile(rb"(?:Vendor|ProdID|Ver|Cls)=3D|=20\r?\n")
_QUOTED = re.compile(r"(?m)^[ \t]*(?:[>|][ \t]?)+")
_IDENTITY = re.compile(
    r"(?<![0-9A-Za-z])(?:(?=(?:[A-Za-z]*\d){8})[0-9A-Za-z]{8,}|(?=(?:[A-Fa-f]*\d){4})[0-9A-Fa-f]{10,}|"
    r"(?:[0-9A-Fa-f]{2}[:_-]){5}[0-9A-Fa-f]{2}|\d(?:[ ./:-]?\d){11,})(?![0-9A-Za-z])"
)
"""A serial number, an address or a number of fifteen digits, which some firmware has in the name too."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def plain(data: bytes) -> str:
    """The text of a listing, one line a line, with nothing in it that a terminal would obey.

    Of a line that is longer than any listing's the rest is left out.
    """
    data = data[:LONGEST]
    if len(_QUOTED_PRINTABLE.findall(data, 0, 1 << 16)) > 2:  # the source of a mail
        data = quopri.decodestring(data)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", "replace")
    else:
        text = data.decode("utf-8", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").replace("\u3000", " ")
    text = _COLOUR.sub("", text)
    if re.search(r"&(?:gt|lt|amp|nbsp|quot|#\d+);", text):
        text = html.unescape(text).replace("\xa0", " ")
    if "'#Ifs=" in text or "'Ver=" in text:  # a shell's trace quotes each word
        text = text.replace("'", "")
    text = _TAG.sub(lambda match: "\n" if match[0][:3].lower() in ("<br", "<p>", "<di") else "", text)
    text = _EMPHASIS.sub(r"\1", _ESCAPED.sub(r"\1", text))
    text = _BLANKS.sub(" " * 16, _QUOTED.sub("", _CONTROL.sub("", text)))
    return _BEYOND.sub(r"\1", text)


def one_line(text: str) -> str:
    """A text as it may be printed and kept: one line, no control characters, bounded."""
    return " ".join(_CONTROL.sub(" ", text).split())[:126]


def shown(text: str) -> str:
    """A string of a device in one line, with zeros in the place of what names this one device."""
    return _IDENTITY.sub(lambda match: re.sub("[0-9A-Za-z]", "0", match[0]), one_line(text))


class Lines:
    """The line of a position, from 1, for positions that only grow: each character is counted once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._seen, self._line = 0, 1

    def at(self, position: int) -> int:
        self._line += self._text.count("\n", self._seen, position)
        self._seen = position
        return self._line


def few(number: int) -> None:
    """Raises InputError where a text has more devices than any machine."""
    if number > _DEVICES:
        raise InputError(
            f"more than {_DEVICES} devices: this is not a listing of USB. Give those of one machine"
        )
