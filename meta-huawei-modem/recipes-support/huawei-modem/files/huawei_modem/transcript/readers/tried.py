# SPDX-License-Identifier: MIT
"""What was tried, as rows show that one command alone prints, and as settings have it."""

from __future__ import annotations

import re

from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Tables

_LONGEST = 300
_APN = re.compile(
    r"CGDCONT=\d+, ?\\?\"\w+\\?\" ?, ?\\?\"[\w.-]|\A\s*option apn ['\"]?[\w.-]|--(?:apn|"
    r"start-network)[ =]'?[A-Za-z]\w|"
    r"\bgsm\.apn [\w.]|\bnetwork\.\w+\.apn='?[\w.-]|"
    r"(?:-connect=|-start-network=\S*?|\A)apn=['\"]?[\w.]|-quectel-CM\b.* -s \w",
    re.IGNORECASE,
)
"""What sets the access point: a chat script, wvdial.conf, OpenWrt's settings, a client's command line."""
_OUTPUTS = (
    (
        "ls /dev/ttyUSB*",
        re.compile(r"(?:/dev/(?:tty(?:USB|ACM)|cdc-wdm)\d+\s*){2,}|crw\S* .*/dev/tty(?:USB|ACM)\d+"),
    ),
    ("ifstatus", re.compile(r'"pending": (?:true|false),')),
    ("fuser", re.compile(r"USER +PID +ACCESS +COMMAND")),
    ("ping", re.compile(r"\d+ packets transmitted, .*")),
    ("serving system", re.compile(r".*(?:Successfully got serving system:|Registration state: '\S+')")),
    ("AT+CMEE=2", re.compile(r".*\bAT\+CMEE ?= ?2\b.*", re.IGNORECASE)),
    ("packet service", re.compile(r".*Connection status: '\S+'")),
)
"""What some commands print, by its shape: no part of the text is made of it."""
_TYPED = ("nmcli", "wvdial", "umbim", "qmicli", "logread", "ifstatus", "uci", "pon")
"""Commands whose output others know by its shape: a lone prompt before them is one."""
_ANSWER = re.compile(r"(\+C[A-Z]{2,7}): ?[\d(].*", re.IGNORECASE)
"""What the modem answers to a question of 27.007, which begins with the command's name."""


class Tried:
    """Keeps what rows show to have been tried (History.tried)."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def tables(self) -> Tables:
        return Tables(
            commands=dict.fromkeys(_TYPED, lambda _words: None),
            heads={"+": self._output, "AT": self._output},
            cues=(
                (("CGDCONT=", "cgdcont=", "apn", "APN=", "--start-network", "uectel-CM"), self._sets),
                (
                    (
                        "/dev/tty",
                        '"pending"',
                        "ACCESS",
                        "transmitted",
                        "erving system",
                        "tate: '",
                        "status: '",
                        "+C",
                        "CMEE",
                        "cmee",
                    ),
                    self._output,
                ),
            ),
        )

    def _sets(self, text: str) -> None:
        if _APN.search(text[:_LONGEST]):
            self._reader.history.tried.add("apn")

    def _output(self, text: str) -> bool:
        """Rows that one command alone prints."""
        said = text.strip()[:_LONGEST]
        self._reader.history.tried |= {name for name, row in _OUTPUTS if row.fullmatch(said)}
        if (answer := _ANSWER.fullmatch(said)) is not None:
            self._reader.history.tried.add(f"AT{answer[1].upper()}?")
        return False
