# SPDX-License-Identifier: MIT
"""What is a secret only by the line before it."""

from __future__ import annotations

import re
from collections.abc import Callable

from huawei_modem.mask.kinds import SECRET, SIM

_TRANSMITTED = re.compile(r"[+^](?:CMG[LR]|CMT|CDS|CBM): ")
"""Headers of messages: the text is on the lines that follow (3GPP TS 27.005)."""
_END = re.compile(r"^\s*(?:OK|ERROR|\+CM[ES] ERROR|[+^][A-Z]+: |AT|$)")
_KEY_OF_BUS = re.compile(r"\bstring \"(?:Password|Username|Passphrase|Pin|SSID|Identity)\"", re.IGNORECASE)
_STRING_OF_BUS = re.compile(r"\bstring \"(.*)\"")
"""dbus-monitor and dbus-send write key and value on lines of their own."""


_KEY_BEGINS = re.compile(r"-----BEGIN [\w ]*(?:PRIVATE|STATIC) KEY[\w ]*-----\s*$", re.IGNORECASE)
_KEY_ENDS = re.compile(r"-----END [\w ]*-----", re.IGNORECASE)
_KEY_LINE = re.compile(r"([\w+/=]{4,}|(?:Proc-Type|DEK-Info): .*)\s*$")
_LONGEST_KEY = 400
"""Lines of a private key at most."""


class State:
    """What the last line has announced."""

    def __init__(self) -> None:
        self.message = False
        self.value = False
        self.key = 0
        """Lines of a private key that may follow."""


def mask(line: str, state: State, token: Callable[[str, str], str]) -> str:
    """`line` without what the lines before it have announced; `state` is brought up to date."""
    if state.message and not _END.match(line):
        return token(line, SIM)
    if state.key:
        state.key = 0 if _KEY_ENDS.search(line) else state.key - 1
        # The time and the program before it stay.
        found = _KEY_LINE.search(line)
        return f"{line[: found.start(1)]}{token(found[1], SECRET)}" if state.key and found else line
    if _KEY_BEGINS.search(line):
        state.key = _LONGEST_KEY
    state.message = _TRANSMITTED.search(line) is not None and "\\r\\n" not in line
    if state.value and (found := _STRING_OF_BUS.search(line)):
        line = f"{line[: found.start(1)]}{token(found[1], SECRET)}{line[found.end(1) :]}"
    state.value = _KEY_OF_BUS.search(line) is not None
    return line
