# SPDX-License-Identifier: MIT
"""A port that another program has locked or that fails, in any program's words.

Who locks says so in many ways: flock (EAGAIN), TIOCEXCL (EBUSY), files LCK..ttyUSB0. pyserial 3.5
(serialposix.py), picocom 3.1 (picocom.c), minicom 2.8 (src/main.c), cu of taylor-uucp 1.07 (unix/serial.c),
mgetty 1.2.1 (mgetty.c), node-serialport 8 (serialport_unix.cpp), strace's lines. In common they have
a word for the lock, one for the failure and one for a serial port.
"""

from __future__ import annotations

import re

from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Tables

_LOCK = re.compile(
    r"\block(?:ed|ing|file)?\b|\bflock\(|TIOCEXCL|exclusiv|\bLCK\.\.|\bLine in use\b", re.IGNORECASE
)
_FAILS = re.compile(
    r"EAGAIN|EBUSY|EWOULDBLOCK|temporarily unavailable|resource busy|(?:is|are|been) (?:already )?locked|"
    r"locked by|(?:could not|cannot|can ?not|can't|couldn't|unable to|failed to|failure)\b.{0,20}\block|"
    r"\bin use\b",
    re.IGNORECASE,
)
_SERIAL = re.compile(
    r"/dev/(?:tty|cu|cdc-wdm|modem)|\btty(?:USB|ACM|S)\d|\bserial|\b(?:lock|the|exclusively lock) port\b|"
    r"\bLCK\.\.|TIOCEXCL|\block line\b",
    re.IGNORECASE,
)
_OVER = re.compile(
    r"\bstale\b|\boverriding\b|\bremov|\bunlock|\bno longer\b|/var/lib/|\bdpkg\b|\bapt\b", re.IGNORECASE
)
_OPENED = re.compile(
    r'(?:\[pid +\d+\] |\d+ +)?open(?:at)?\([^"]{0,20}"/dev/(?:ttyUSB|ttyACM|cdc-wdm)\d+"[^=]*= (\d+)\b'
)
_CALLED = re.compile(r"(?:\[pid +\d+\] |\d+ +)?(flock|ioctl|read|write|tcsetattr)\((\d+),.*= -1 (E[A-Z]+)\b")
"""strace's lines: a call on what was opened, and its error."""
_ERRORS = {
    "EAGAIN": "port-in-use",
    "EWOULDBLOCK": "port-in-use",
    "EBUSY": "port-in-use",
    "EIO": "port-io-error",
    "ENODEV": "port-io-error",
}


class Held:
    """Reads who cannot have the port."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._opened: set[str] = set()
        """Numbers of files that strace shows to be a modem's port."""

    def tables(self) -> Tables:
        return Tables(
            cues=(
                (("lock", "Lock", "LOCK", "LCK..", "TIOCEXCL", "xclusiv", "Line in use"), self._locked),
                (("open(", "openat(", "read(", "write(", "ioctl(", "flock("), self._traced),
            )
        )

    def _locked(self, text: str) -> None:
        text = text.strip()
        if _LOCK.search(text) and _FAILS.search(text) and _SERIAL.search(text) and not _OVER.search(text):
            self._note("port-in-use", text)

    def _traced(self, text: str) -> None:
        if (match := _OPENED.match(text)) is not None:
            self._opened = {*sorted(self._opened)[:15], match[1]}
        elif (match := _CALLED.match(text)) is not None and match[3] in _ERRORS:
            waits = match[1] in ("read", "write") and match[3] == "EAGAIN"
            if not waits and (match[2] in self._opened or '"AT' in text):
                self._note(_ERRORS[match[3]], text.strip())

    def _note(self, sign: str, text: str) -> None:
        self._reader.mark("serial port")
        self._reader.state.add(sign, self._reader.seen(text[:200]))
