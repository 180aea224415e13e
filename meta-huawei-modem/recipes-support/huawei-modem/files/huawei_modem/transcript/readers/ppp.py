# SPDX-License-Identifier: MIT
"""pppd and chat, and AT dialogues of any other program."""

from __future__ import annotations

import re

from huawei_modem.transcript import signs
from huawei_modem.transcript.model import MOST_STATES, Session
from huawei_modem.transcript.reader import Reader, Tables

_SYSINFO = re.compile(r"\^SYSINFO: ?\d+,\d+,\d+,\d+,(\d+)(?:,.*)?")
_SIM_STATES = {"1": "sim-ready", "255": "sim-missing"}
"""0 is a SIM that is locked or not valid, which the answer to AT+CPIN? tells apart."""


class Ppp:
    """Reads runs of pppd. What chat and the modem say to each other stands by itself."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._signs = signs.by_head(signs.PPP)

    def tables(self) -> Tables:
        return Tables(
            heads={
                **dict.fromkeys(self._signs, self._line),
                "AT+CGMI": self._asked,
                "at+cgmi": self._asked,
                "AT^SYSINFO": self._sysinfo,
            },
            programs={"pppd": self._line, "chat": self._line},
        )

    def _asked(self, text: str) -> None:
        """The modem is asked for its maker; the next line that is not empty is the answer."""

        def answer(line: str) -> bool:
            name = line.strip().removeprefix("+CGMI:").strip(' "')
            if not name or name.upper() == text.strip().upper():
                return True
            if name not in ("OK", "ERROR") and not name.startswith(("+CM", "AT+", "COMMAND")):
                self._reader.mark("AT dialogue")
                self._reader.state.vendor = self._reader.seen(name[:40])
            return False

        if text.strip().upper() == "AT+CGMI":
            self._reader.output = answer

    def _sysinfo(self, _text: str) -> None:
        """Huawei's status; its answer has no blank after the colon. The fifth number is the SIM's state."""

        def answer(line: str) -> bool:
            match = _SYSINFO.fullmatch(line.strip())
            if match is not None:
                self._reader.mark("AT dialogue")
                if match[1] in _SIM_STATES:
                    self._reader.state.add(_SIM_STATES[match[1]], self._reader.seen(line.strip()))
            return not line.strip()

        self._reader.output = answer

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
            elif sign == "ppp-stopped":
                session.stopped = seen
            elif sign == "ppp-peer-ended" or (sign == "ppp-hangup" and session.stopped is None):
                session.ended = session.ended or seen
            elif sign == "ppp-auth-failed":
                session.refused = seen
            elif sign in ("ppp-ipcp-silent", "ppp-lcp-silent"):
                session.silent = seen
