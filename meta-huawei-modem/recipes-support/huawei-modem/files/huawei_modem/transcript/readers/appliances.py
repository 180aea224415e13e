# SPDX-License-Identifier: MIT
"""Status of a modem as appliances show it, by key and value and not by product: pages, dumps, tools.

Pages of routers (Teltonika, MikroTik, LuCI's, ASUS), Victron's D-Bus values, HiLink's web API: one list of
keys and values; what is in neither means nothing.
"""

from __future__ import annotations

import re

from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Output, Tables

_PAIR = re.compile(
    r"[\s*|{-]*[\"']?(?P<key>[A-Za-z][\w /.()-]{1,34}?)[\"']?(?:\s*[:=]\s*| {2,})[\"']?"
    r"(?P<value>[A-Za-z0-9][\w ,/()+.-]{0,44}?)[\"']?[\s,}|]*"
)
_SIM_KEY = re.compile(
    r"(?:.* )?(?:sim|usim|uicc)(?:[ _-]?(?:card|status|state|slot|\d))*(?: status| state)?|"
    r"(?:gsm )?modem status|pin[ _-]?(?:status|state)",
    re.IGNORECASE,
)
_SIM = (
    (
        re.compile(
            r"no sim(?: card)?(?: inserted)?|(?:sim )?(?:card )?(?:not inserted|absent|missing|not "
            r"(?:present|detected))|not[ _-]inserted|sim[ _-]missing",
            re.IGNORECASE,
        ),
        "sim-missing",
    ),
    (
        re.compile(r"(?:sim )?puk(?: code)?(?: required)?|puk[ _-]required|blocked", re.IGNORECASE),
        "sim-pin-required:puk",
    ),
    (
        re.compile(
            r"(?:sim )?pin(?: code)?(?: required)?|pin[ _-]required|locked(?: \(pin\))?", re.IGNORECASE
        ),
        "sim-pin-required",
    ),
    (
        re.compile(
            r"ready|ok|inserted(?: \(ready\))?|present|unlocked|(?:pin )?disabled|verified", re.IGNORECASE
        ),
        "=sim-ready",
    ),
    (re.compile(r"(?:sim )?failure|invalid(?: sim)?(?: card)?|error", re.IGNORECASE), "sim-failure"),
)
_NETWORK_KEY = re.compile(
    r"(?:.* )?(?:registration|reg)[ _-]?(?:status|state)?|(?:gsm |mobile |cellular )?"
    r"network (?:status|state)|operator state|creg",
    re.IGNORECASE,
)
_NETWORK = (
    (re.compile(r"registered.*|home(?: network)?|roaming|.*\broaming\)?", re.IGNORECASE), "=registered"),
    (re.compile(r".*denied.*|forbidden", re.IGNORECASE), "not-registered:denied"),
    (
        re.compile(r"not registered.*|unregistered|searching|no (?:service|network)|idle", re.IGNORECASE),
        "not-registered",
    ),
)
_DATA_KEY = re.compile(
    r"(?:.* )?(?:mobile|cellular|modem|wwan|ppp|lte|[345]g|data)[ _-](?:connection|data|link|session)?[ _-]?"
    r"(?:status|state)|data connection(?: state)?",
    re.IGNORECASE,
)
_DATA = (
    (re.compile(r"(?:connected|online|up)(?: \(.*)?", re.IGNORECASE), "=online"),
    (re.compile(r"disconnected|not connected|offline|down", re.IGNORECASE), "=data-down"),
)
_VOCABULARY = ((_NETWORK_KEY, _NETWORK), (_DATA_KEY, _DATA), (_SIM_KEY, _SIM))
_VICTRON = re.compile(
    r"['\"/]?(?P<key>SimStatus|RegStatus|Connected|PPPStatus)['\"]?\s*[:=]?\s+(?P<value>\d+)\b"
)
"""com.victronenergy.modem (victronenergy/venus, wiki/dbus): SimStatus is the number of +CME ERROR or 1000."""
_VICTRON_MEANS = {
    ("SimStatus", "10"): "sim-missing",
    ("SimStatus", "11"): "sim-pin-required",
    ("SimStatus", "12"): "sim-pin-required:puk",
    ("SimStatus", "13"): "sim-failure",
    ("SimStatus", "15"): "sim-failure",
    ("SimStatus", "16"): "sim-failure:wrong-pin",
    ("SimStatus", "1000"): "=sim-ready",
    ("RegStatus", "1"): "=registered",
    ("RegStatus", "5"): "=registered",
    ("RegStatus", "2"): "not-registered",
    ("RegStatus", "3"): "not-registered:denied",
    ("Connected", "1"): "=online",
}
_ELEMENT = re.compile(r"<(ConnectionStatus|SimState|SimStatus)>(\d+)</")
"""HiLink's web API: /api/monitoring/status and /api/pin/status."""
_HILINK_MEANS = {
    ("ConnectionStatus", "901"): "=online",
    ("ConnectionStatus", "902"): "not-connected:router",
    ("SimState", "255"): "sim-missing",
    ("SimState", "257"): "=sim-ready",
    ("SimState", "260"): "sim-pin-required",
    ("SimState", "261"): "sim-pin-required:puk",
    ("SimStatus", "255"): "sim-missing",
}
_GSMCTL = {
    "-z": {"inserted": "=sim-ready", "not inserted": "sim-missing"},
    "-u": {
        "ok": "=sim-ready",
        "inserted": "=sim-ready",
        "not inserted": "sim-missing",
        "required pin": "sim-pin-required",
        "required puk": "sim-pin-required:puk",
    },
    "-g": {
        "registered": "=registered",
        "denied": "not-registered:denied",
        **dict.fromkeys(("searching", "not registered", "unregistered"), "not-registered"),
    },
    "-j": {"connected": "=online", "disconnected": "=data-down"},
}
_LONG = {"--simstate": "-z", "--pinstate": "-u", "--netstate": "-g", "--connstate": "-j"}
"""gsmctl of Teltonika's RutOS: option, and the beginnings of what it prints."""
_USER = re.compile(
    r"\s*(?P<port>/dev/(?:tty(?:USB|ACM)\d+|cdc-wdm\d+)):?\s+(?:\w+ +)?\d+m? +[.FfeEmcr]{2,5} +"
    r"(?P<program>[\w.-]+).*"
)
"""fuser -v."""
_OPEN = re.compile(
    r"(?P<program>[\w.-]+) +\d+ +\w+ +\d+u +CHR +\S+ +\S+ +\d+ "
    r"(?P<port>/dev/(?:ttyUSB|ttyACM|cdc-wdm)\d+)"
)
"""lsof."""
_UNLISTED = re.compile(r"WARNING: Variable '[^']{0,60}'?")
_NOT_OTHERS = ("minicom", "picocom", "screen", "cu")
"""Terminals that the person has started."""


class Appliances:
    """Reads the states that appliances show."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def tables(self) -> Tables:
        return Tables(
            commands={"gsmctl": self._gsmctl},
            cues=(
                (
                    (
                        *("SIM", "sim", "Sim", "egistration", "etwork stat", "reg-status", "odem stat"),
                        *("PIN stat", "pin-stat", "onnection stat", "etwork Stat", "odem Stat", "Reg"),
                        *("ata connection", "ata Connection", "onnection Stat", "LTE stat", "WWAN stat"),
                    ),
                    self._pair,
                ),
                (("SimStatus", "RegStatus", "PPPStatus"), self._victron),
                (("is not an array/object",), self._unlisted),
                (("Status>", "SimState>"), self._element),
                (("/dev/ttyUSB", "/dev/ttyACM", "/dev/cdc-wdm"), self._user),
            ),
        )

    def _add(self, sign: str) -> None:
        self._reader.mark("status of a modem")
        self._reader.state.add(sign, self._reader.seen(self._reader.text.strip()))

    def _pair(self, text: str) -> None:
        match = _PAIR.fullmatch(text)
        if match is None:
            return
        key, value = match["key"].strip(), match["value"].strip()
        for keys, values in _VOCABULARY:
            if keys.fullmatch(key):
                sign = next((sign for words, sign in values if words.fullmatch(value)), None)
                if sign is not None:
                    self._add(sign)
                    return

    def _victron(self, text: str) -> None:
        for match in _VICTRON.finditer(text):
            if (sign := _VICTRON_MEANS.get((match["key"], match["value"]))) is not None:
                self._add(sign)

    def _unlisted(self, text: str) -> None:
        """netifd's ncm.sh has no entry for the maker; a carriage return in the name wrote over the line."""
        if _UNLISTED.search(text):
            self._reader.mark("netifd")
            self._reader.state.add("=unlisted-maker", self._reader.seen(text.strip()))

    def _element(self, text: str) -> None:
        for name, value in _ELEMENT.findall(text):
            if (sign := _HILINK_MEANS.get((name, value))) is not None:
                self._add(sign)

    def _gsmctl(self, words: list[str]) -> Output | None:
        asked = (_LONG.get(word, word) for word in words[1:])
        table = next((_GSMCTL[option] for option in asked if option in _GSMCTL), None)
        if table is None:
            return None

        def output(text: str) -> bool:
            said = text.strip().lower()
            sign = next((sign for words, sign in table.items() if said.startswith(words)), None)
            if sign is not None:
                self._add(sign)
            return False

        return output

    def _user(self, text: str) -> None:
        """Who has the port open, by fuser or lsof."""
        match = _USER.fullmatch(text) or _OPEN.match(text)
        if match is not None and match["program"].lower() not in _NOT_OTHERS:
            self._reader.mark("fuser and lsof")
            self._reader.state.add("=port-user", self._reader.seen(f"{match['program']} {match['port']}"))
