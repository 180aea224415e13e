# SPDX-License-Identifier: MIT
"""Scripts of which nothing is known here, that set a connection up again and again."""

from __future__ import annotations

import re

from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Tables

_LOST = re.compile(
    r"\b(?:modem|connection|link|wan|lte|[34]g|ppp)\b.{0,30}\b(?:disconnected|lost|down|dropped|dead)\b.{0,20}"
    r"\b(?:re-?connect|re-?dial|re-?start|trying|retry)\w*|\b(?:re-?connecting|re-?dialling|re-?dialing)\b.{0,20}"
    r"\b(?:modem|network|lte|[34]g)\b",
    re.IGNORECASE,
)
"""It was connected, and is to be so again."""
_OFTEN, _MOST = 2, 64


class Loops:
    """Counts how often a log says that the connection was lost and is set up again."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._said: dict[str, int] = {}
        """The line, without its numbers, and how often it came."""

    def tables(self) -> Tables:
        return Tables(cues=((("econnect", "edial", "estart", "etry"), self._lost),))

    def _lost(self, text: str) -> None:
        """The same line again: no sentence is said twice."""
        if _LOST.search(text[:300]) is None:
            return
        line = re.sub(r"\d+", "0", text.strip())[:120]
        if line not in self._said and len(self._said) >= _MOST:
            return
        self._said[line] = self._said.get(line, 0) + 1
        if self._said[line] >= _OFTEN:
            reader = self._reader
            reader.mark("a script's log")
            reader.state.add("connection-dropped", reader.seen(text.strip()[:200]))
