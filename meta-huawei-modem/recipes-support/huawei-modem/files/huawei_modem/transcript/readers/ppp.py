# SPDX-License-Identifier: MIT
"""pppd and chat, and AT dialogues of any other program."""

from __future__ import annotations

from huawei_modem.transcript import signs
from huawei_modem.transcript.model import MOST_STATES, Session
from huawei_modem.transcript.reader import Reader, Tables


class Ppp:
    """Reads runs of pppd. What chat and the modem say to each other stands by itself."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._signs = signs.by_head(signs.PPP)

    def tables(self) -> Tables:
        return Tables(
            heads=dict.fromkeys(self._signs, self._line),
            programs={"pppd": self._line, "chat": self._line},
        )

    def _line(self, text: str) -> None:
        text = text.strip()
        for item in self._signs.get(text.partition(" ")[0], ()):
            if item.pattern.match(text):
                self._reader.mark("pppd and chat")
                self._reader.state.add(item.name, self._reader.seen(text))
                self._session(item.name, text)
                return

    def _session(self, sign: str, text: str) -> None:
        sessions = self._reader.state.sessions
        seen = self._reader.seen(text)
        if sign == "ppp-start":
            sessions.append(Session(seen))
            del sessions[:-MOST_STATES]
        elif sessions:
            session = sessions[-1]
            if sign == "ppp-address":
                session.address = seen
            elif sign == "ppp-peer-ended":
                session.ended = seen
            elif sign == "ppp-auth-failed":
                session.refused = seen
            elif sign in ("ppp-ipcp-silent", "ppp-lcp-silent"):
                session.silent = seen
