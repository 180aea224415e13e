# SPDX-License-Identifier: MIT
"""What a text says: without colours, with `\\x34`, `%34`, `&#52;` and the like read, UTF-16 as characters."""

from __future__ import annotations

import re

_COLOURS = re.compile(
    r"(?:\x1b|\x9b|\ufffd|\\e|\\033|\\x1b|\\u001b|#033|\^\[|<1b>|<esc>)\[[0-9;?]{0,20}[A-Za-z]", re.IGNORECASE
)
_MARKS = re.compile(r"[\x00\x1b\x9b\ufffd%&\\]|#033|\^\[|<1b>|<esc>", re.IGNORECASE)
"""Any text that `read` changes has one of these."""
_CODE = (
    r"(?:\\x(?P<a>{0})|\\u00(?P<b>{0})|%(?P<c>{0})|&#x(?P<d>{0});|&#(?P<e>\d{{2,3}});|\\(?P<f>[01][0-7]{{2}}))"
).format("[0-9a-fA-F]{2}")
_ESCAPE = re.compile(_CODE)
_OCTETS = re.compile(r"(?:\\x[0-9a-fA-F]{2}){6,}")


def read(text: str) -> str:
    """`text` without colours and with its escapes read, as far as they are printable.

    Six or more octets in a row that are no text become two digits each, with colons.
    """
    if _MARKS.search(text) is None:
        return text
    text = _COLOURS.sub("", text.replace("\x00", ""))
    text = _OCTETS.sub(_octets, text)
    return _ESCAPE.sub(_character, text)


def _octets(match: re.Match[str]) -> str:
    octets = bytes.fromhex(match[0].replace("\\x", ""))
    if all(0x20 <= octet < 0x7F for octet in octets):
        return octets.decode("ascii")
    return octets.hex(":")


def _character(match: re.Match[str]) -> str:
    name = match.lastgroup or "a"
    code = int(match[name], {"e": 10, "f": 8}.get(name, 16))
    return chr(code) if 0x20 <= code < 0x7F else match[0]
