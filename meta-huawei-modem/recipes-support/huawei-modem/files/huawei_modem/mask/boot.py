# SPDX-License-Identifier: MIT
"""The kernel's command line, in which anybody may have put anything."""

from __future__ import annotations

import re

from huawei_modem.mask.kinds import TOKEN

_WORD = re.compile(
    r"(?:ro|rw|quiet|debug|splash|rootwait|noinitrd|single|root=/dev/\w+|rootfstype=\w+|rootwait=\d+|loglevel=\d|"
    r"console=[\w,]+|earlycon\S*|init=[\w/.-]+|mem=\w+|cma=\w+|fec\.macaddr(?==)|panic=\d+|systemd\.unit=[\w.-]+|"
    r"systemd\.debug_shell=\w+|(?:option|usbcore|usb_storage|usb-storage|usbserial|cdc_\w+|huawei_cdc_ncm|ci_hdrc"
    r"\w*|ppp_\w+)\.\w+=[\w:,.-]{1,40})"
)


def shown(words: str) -> str:
    """The kernel's command line: known words as they are, of the others the name alone."""
    return " ".join(_word(word) for word in words.split())


def _word(word: str) -> str:
    if _WORD.fullmatch(word) or TOKEN.fullmatch(word):
        return word
    name, equals, _value = word.partition("=")
    named = (
        equals and re.fullmatch(r"[A-Za-z_][\w.-]{0,40}", name) and not re.search(r"\d{4}|[0-9a-f]{10}", name)
    )
    return f"{name}=…" if named else "…"
