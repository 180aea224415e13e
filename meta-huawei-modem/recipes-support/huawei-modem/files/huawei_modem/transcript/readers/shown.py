# SPDX-License-Identifier: MIT
"""A modem's port or another maker's id, wherever it stands: what shows that there is a modem at all."""

from __future__ import annotations

import re

from huawei_modem.transcript import ids
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Tables

_PORT = re.compile(r"(?:/dev/)?\b((?:ttyUSB|ttyACM|cdc-wdm)\d{1,2}|cuaU\d|wwan\d(?:at|qmi|mbim)\d)\b")
_NOT_THERE = re.compile(
    r"\b(?:no|without|missing|never|find|see) (?:\w+ ){0,2}/?(?:dev/)?(?:tty(?:USB|ACM)|cdc-wdm)|"
    r"(?:n't|not|never|no longer) (?:\w+ )?(?:exist|there|appear|present|created?|show|listed)|"
    r"No such|not found|disappear|should|would",
    re.IGNORECASE,
)
"""A sentence about a port that is not there."""
_MAKERS = tuple(vendor for vendor in ids.MAKERS if vendor not in ids.MIXED)
_ID = re.compile(rf"(?<![\w:])({'|'.join(_MAKERS)}):([0-9a-f]{{4}})\b(?!:)", re.IGNORECASE)
_CUES = tuple(f"{vendor}:" for vendor in _MAKERS)
_UPPER = tuple(cue.upper() for cue in _CUES if cue.upper() != cue)
_MOST = 8


class Shown:
    """Keeps the first port and the ids of other makers that the text names."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def tables(self) -> Tables:
        return Tables(
            programs={"": self._port},
            cues=((("ttyUSB", "ttyACM", "cdc-wdm", "cuaU"), self._port), ((*_CUES, *_UPPER), self._other)),
        )

    def _port(self, text: str) -> None:
        history = self._reader.history
        if history.port is None and (match := _PORT.search(text)) and not _NOT_THERE.search(text):
            history.port = self._reader.seen(f"/dev/{match[1]}")

    def _other(self, text: str) -> None:
        others = self._reader.history.others
        for match in _ID.finditer(text):
            if len(others) < _MOST:
                usb = f"{match[1]}:{match[2]}".lower()
                others.setdefault(usb, self._reader.seen(usb))
