# SPDX-License-Identifier: MIT
"""What a run of pppd comes to."""

from __future__ import annotations

from huawei_modem.transcript.model import MOST_STATES, Seen, Session
from huawei_modem.transcript.reader import Reader

_WITHOUT_ADDRESS = ("=no-protocols", "=ipcp-empty")
"""pppd ends because IPCP came to nothing; the peer refuses an address and offers none."""
_LOST = ("=lcp-ended", "=hangup", "=ppp-lost", "=no-protocols")
_ASKED_AGAIN = 2
"""Times that pppd sends the same request again: a network that is slow refuses, it does not keep silent."""


class Sessions:
    """Keeps the runs of pppd (State.sessions), by what its messages mean."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def meant(self, meaning: str, text: str) -> None:
        """A message about a run of pppd, by its meaning."""
        state = self._reader.state
        sessions, seen = state.sessions, self._reader.seen(text)
        if meaning == "=dialling":
            if not text.startswith("-->") or not sessions or sessions[-1].is_over:
                sessions.append(Session(seen))
                del sessions[:-MOST_STATES]
            return
        if meaning == "=address":
            if not sessions:
                sessions.append(Session(seen))
            sessions[-1].address = seen
            state.add("=online", seen)
            return
        if not sessions and meaning in _WITHOUT_ADDRESS:
            sessions.append(Session(seen))
        if sessions:
            self._asked_address(sessions[-1], meaning, seen)
            self._ended(sessions[-1], meaning, seen)

    def _asked_address(self, session: Session, meaning: str, seen: Seen[str]) -> None:
        """How the request for an address went, in pppd's debug log."""
        if meaning == "=ipcp-asked":
            session.repeated = session.repeated + 1 if seen.value == session.asked else 0
            session.asked = seen.value
            if session.repeated >= _ASKED_AGAIN:
                session.unaddressed = seen
        elif meaning in _WITHOUT_ADDRESS and session.address is None:
            session.unaddressed = seen

    def _ended(self, session: Session, meaning: str, seen: Seen[str]) -> None:
        if meaning == "=stopped":
            session.stopped = seen
        elif meaning == "=silent":
            session.silent = seen
        elif meaning.startswith("ppp-auth-failed"):
            session.refused = seen
        elif meaning in _LOST and session.stopped is None and (meaning != "=no-protocols" or session.address):
            session.ended = session.ended or seen
            if session.address is not None:
                self._reader.state.add("connection-dropped", seen)
