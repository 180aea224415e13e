# SPDX-License-Identifier: MIT
"""Errors that programs pass on by a name: OpenWrt's protocol scripts and gammu's library.

A name means something where its program prints it: in ifstatus and ubus, on LuCI's page, in a traceback of
Python, in gammu's log. What code compares with it, and what a sentence says of it, is for others.
"""

from __future__ import annotations

import re

from huawei_modem.transcript import reasons
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Tables

_FIELD = re.compile(r"\"(up|l3_device|proto|subsystem|code|address)\": ?\"?([\w.-]+)\"?")
"""netifd's ubus.c: what `ifstatus` and `ubus call network.interface.NAME status` print, in this order."""
_CELLULAR = ("qmi", "mbim", "ncm", "3g", "modemmanager", "quectel", "wwan", "directip")
"""Protocols of OpenWrt whose device is a modem."""
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_OF_MODEM = ("ww", "usb")
"""Network interfaces of modems, below the protocol that has brought the modem up."""
_PAGE = re.compile(r"(?:.{0,40}[:!] )?.{0,40}\(([A-Z][A-Z0-9_]{4,40})\)\W*")
"""LuCI shows a code that it has no words for in brackets: Unknown error (NO_IFACE)."""
_PAGE_WORDS = {
    "call failed": "CALL_FAILED",
    "unable to obtain client id": "NO_CID",
    "setting plmn failed": "PLMN_FAILED",
    "modem information query failed": "GETINFO_FAILED",
    "initialization failure": "INITIALIZE_FAILED",
    "configuration failed": "CONFIGURE_FAILED",
    "setting operation mode failed": "SETMODE_FAILED",
    "unsupported modem": "UNSUPPORTED_MODEM",
}
"""LuCI's words for some of them (protocols/luci-proto-qmi and -ncm, 2023)."""
_WORDED = re.compile(r"(?:Error|Fehler|Erreur|Errore|Fout|Chyba|Błąd): ([A-Z][\w ]{8,40})\.?\s*")
_RAISED = re.compile(r"(?:.{0,80}[:|] )?(?:\w+\.)*_?gammu\.(?:exception\.)?ERR_([A-Z_]{3,30})(?:: \{.*| *)")
"""python-gammu 3.2, gammu/src/errors.c: a class an error, with its text, the call and its number."""
_LOGGED = re.compile(r"\b(?:failed with error |\(?)([A-Z]{4,20}|PHONE_INTERNAL|GETTING_SMSC)\[(\d{1,2})\]")
"""libgammu's log, and the daemon's: NAME[number]."""
_CALLED = re.compile(
    r"\bGSM_(?!Init|Open)[A-Z]\w+|'Where': '(?!Init|Open)\w+'|\bdial_?voice\b", re.IGNORECASE
)
"""A call of libgammu's that needs an open connection: whoever came to it has had answers."""


def is_late(text: str, reader: Reader) -> bool:
    """Whether a time-out is one of a port that has answered: something else than silence."""
    said = reader.state.said
    answered = said("port") in ("=port-answers", "=answer-late") or said("registration") != ""
    return answered or _CALLED.search(f"{reader.command} {text}") is not None


class Codes:
    """Reads the names of errors where programs print them."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._up: bool | None = None
        """Whether the interface whose status is listed is up."""
        self._net = self._proto = self._scripts = ""
        """Its device, its protocol, and the protocol of what has failed."""

    def tables(self) -> Tables:
        return Tables(
            cues=(
                (tuple(f'"{key}":' for key in ("up", "proto", "subsystem", "code")), self._status),
                (('"l3_device":', '"address":'), self._status),
                (tuple(f"({name})" for name in reasons.NETIFD), self._page),
                (tuple(f": {words[:6].capitalize()}" for words in _PAGE_WORDS), self._worded),
                (("gammu.ERR_", "gammu.exception.ERR_"), self._raised),
                (("failed with error ", "]: ", "])", "DEVICE", "TIMEOUT[", "NOSIM["), self._logged),
            ),
            programs=dict.fromkeys(("gammu", "gammu-smsd"), self._logged),
        )

    def _status(self, text: str) -> None:
        for key, value in _FIELD.findall(text):
            if key == "up":
                self._up, self._net, self._proto, self._scripts = value == "true", "", "", ""
            elif self._up is None:
                return  # some other program's JSON
            elif key == "l3_device":
                self._net = value
            elif key == "proto":
                self._is_of(value)
            elif key == "address":
                self._has(value)
            elif key == "subsystem":
                self._scripts = value
            elif self._scripts in _CELLULAR and not self._up:
                self._failed(f"{self._scripts}/{value}", f"{self._scripts}: {value}")

    def _is_of(self, protocol: str) -> None:
        self._proto = protocol
        if protocol in _CELLULAR:
            self._reader.mark("ifstatus")
            self._reader.state.add("=data-up" if self._up else "=data-down", self._reader.seen(protocol))

    def _has(self, address: str) -> None:
        own = self._proto in _CELLULAR or self._net.startswith(_OF_MODEM)
        if own and self._net and _IPV4.fullmatch(address):
            self._reader.state.addresses.setdefault(self._net, self._reader.seen(address))

    def _page(self, text: str) -> None:
        if match := _PAGE.fullmatch(text.strip()):
            self._failed(match[1], text.strip())

    def _worded(self, text: str) -> None:
        if (match := _WORDED.fullmatch(text.strip())) and (code := _PAGE_WORDS.get(match[1].lower().strip())):
            self._failed(code, text.strip())

    def _failed(self, code: str, said: str) -> None:
        """A protocol script of netifd's gives up, and says why."""
        self._reader.mark("ifstatus")
        if sign := reasons.of_netifd(code):
            self._reader.state.add(sign, self._reader.seen(said))

    def _raised(self, text: str) -> bool:
        match = _RAISED.fullmatch(text.strip())
        if match is None or (sign := reasons.of_gammu(match[1])) is None:
            return False
        self._gammu(sign, text)
        return True

    def _logged(self, text: str) -> bool:
        match = _LOGGED.search(text)
        if match is None or (sign := reasons.of_gammu(match[1])) is None:
            return False
        self._gammu(sign, text)
        return False

    def _gammu(self, sign: str, text: str) -> None:
        reader = self._reader
        reader.mark("programs for SMS and calls")
        sign = "=answer-late" if sign == "port-silent" and is_late(text, reader) else sign
        reader.state.add(sign, reader.seen(text.strip()))
