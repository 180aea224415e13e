# SPDX-License-Identifier: MIT
"""OpenWrt's uqmi: each answer by the command that it was asked with.

uqmi 2025-07-30 (uqmi/commands-*.c) prints JSON; of an error it prints the text of QMI's own list
(qmi-errors.h, libqmi 1.30) in quotation marks, or a line to its error output.
"""

from __future__ import annotations

import re

from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Output, Tables

_PAIR = re.compile(r'"(registration|card_state|card_application_state|pin1_status)": ?"([\w-]+)"')
_ANSWERS = {
    ("registration", "searching"): "not-registered",
    ("registration", "not_registered"): "not-registered",
    ("registration", "registering_denied"): "not-registered:denied",
    ("registration", "denied"): "not-registered:denied",
    ("registration", "registered"): "=registered",
    ("card_state", "absent"): "sim-missing",
    ("card_application_state", "pin-required"): "sim-pin-required",
    ("card_application_state", "puk-required"): "sim-pin-required:puk",
    ("card_application_state", "pin1-blocked"): "sim-pin-required:puk",
    ("card_application_state", "illegal"): "sim-failure",
    ("card_application_state", "ready"): "=sim-ready",
    ("pin1_status", "not_verified"): "sim-pin-required",
    ("pin1_status", "blocked"): "sim-pin-required:puk",
    ("pin1_status", "permanently_blocked"): "sim-failure",
    ("pin1_status", "verified"): "=sim-ready",
    ("pin1_status", "disabled"): "=sim-ready",
}
_TEXT = re.compile(r'"([A-Za-z][\w -]{2,40})"')
NO_ANSWER = ("Request timed out", "Failed to connect to service", "Failed to parse message data")
"""The modem gave none (main.c and dev.c); uqmi prints it to its error output."""
_PLAIN = re.compile(r"[a-z0-9_.-]+\Z|(?i:imei|imsi|iccid|msisdn)")
"""An answer that is none of the errors: each of them begins with a capital or holds a blank."""
_BY_ERROR = {
    "No SIM": "sim-missing",
    "UIM uninitialized": "sim-failure:busy",
    "Incorrect PIN": "sim-failure:wrong-pin",
    "PIN blocked": "sim-pin-required:puk",
    "PIN always blocked": "sim-failure",
    "No network found": "not-registered:no-network",
}
"""Errors that mean one thing, whatever was asked."""
_STATES = {"connected": "=data-up", "disconnected": "=data-down"}
_ALREADY = ("No effect", "Policy mismatch")
"""The modem has a session already, as it is asked for or otherwise."""
_HARMLESS = ("No effect", "Not supported", "Invalid QMI command", "Out of call")
"""The modem is as it should be, or knows the command under another name."""


class Uqmi:
    """Reads what uqmi prints below its command line."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def tables(self) -> Tables:
        return Tables(
            heads={"uqmi": self._bare},
            commands={"uqmi": self._asked},
            cues=((('"registration"', '"card_', '"pin1_status"'), self._pairs),),
        )

    def _bare(self, text: str) -> bool:
        """A command line without its prompt."""
        if not text.startswith("uqmi -"):
            return False
        self._reader.start_command(text.split())
        return True

    def _asked(self, words: list[str]) -> Output | None:
        self._reader.mark("uqmi")
        commands = [
            word for word in words if re.match(r"--(?:get|uim|set|start|stop|verify|network|sync)", word)
        ]
        command = next((word for word in reversed(commands) if "client-id" not in word), "")

        def answer(text: str) -> bool:
            said = text.strip()
            match = _TEXT.fullmatch(said)
            if match is not None or said in NO_ANSWER:
                self._means(command, match[1] if match is not None else said)
                return match is not None  # the others end it, and are of a script's next words too
            return not said

        return answer

    def _means(self, command: str, said: str) -> None:
        """One answer of a word or of some: a state, or an error."""
        state, seen = self._reader.state, self._reader.seen
        self._reader.mark("uqmi")
        if said not in NO_ANSWER:
            state.add("=modem-answers", seen("uqmi"))
        if sign := _STATES.get(said) or _BY_ERROR.get(said):
            state.add(sign, seen(said))
        elif _PLAIN.match(said):
            return
        elif command == "--start-network":
            state.add("context-refused:already" if said in _ALREADY else "context-refused", seen(said))
        elif said not in _HARMLESS:
            state.add("=uqmi-refused", seen(f"{said} to {command}" if command else said))

    def _pairs(self, text: str) -> None:
        for key, value in _PAIR.findall(text):
            if (sign := _ANSWERS.get((key, value))) is not None:
                self._reader.mark("uqmi")
                self._reader.state.add(sign, self._reader.seen(text.strip()))
