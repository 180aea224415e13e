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


class State:
    """What the last line has announced."""

    def __init__(self) -> None:
        self.message = False
        self.value = False


def mask(line: str, state: State, token: Callable[[str, str], str]) -> str:
    """`line` without what the lines before it have announced; `state` is brought up to date."""
    if state.message and not _END.match(line):
        return token(line, SIM)
    state.message = _TRANSMITTED.search(line) is not None and "\\r\\n" not in line
    if state.value and (found := _STRING_OF_BUS.search(line)):
        line = f"{line[: found.start(1)]}{token(found[1], SECRET)}{line[found.end(1) :]}"
    state.value = _KEY_OF_BUS.search(line) is not None
    return line
