# SPDX-License-Identifier: MIT
"""Messages that look like faults and are none: the report says so, and no rule sees them."""

from __future__ import annotations

import re

from huawei_modem.transcript import signs
from huawei_modem.transcript.reader import Reader, Tables

_LIKELY = re.compile(r"-19|-99|string|bind|Zero")
"""One look that spares most lines the looks at each pattern."""


class Noise:
    """Notes harmless messages, each kind once."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._signs = signs.by_head(signs.HARMLESS)
        self._known: set[str] = set()

    def tables(self) -> Tables:
        return Tables(
            heads=dict.fromkeys(("Could", "Error", "Error:"), self._line),
            kernel=dict.fromkeys(self._signs, self._line),
        )

    def _line(self, text: str) -> None:
        if _LIKELY.search(text) is None:
            return
        text = text.strip()
        for item in self._signs[text.partition(" ")[0]]:
            if item.name not in self._known and item.pattern.match(text):
                self._known.add(item.name)
                self._reader.mark("harmless messages")
                self._reader.history.harmless.append(self._reader.seen(item.name))
