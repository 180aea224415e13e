# SPDX-License-Identifier: MIT
"""What the person says was tried: commands with what they showed, the SIM elsewhere, other ports, a hub.

Who has done a step is not asked to do it. A wish, a question and a negation ("I have no powered hub") are no
trial.
"""

from __future__ import annotations

import re

from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Tables

_LONGEST = 300
_COMMAND = (
    r"(?:lsusb -t|lsusb(?! -[vd])|ip addr(?:ess)?|ifconfig|mmcli -L|mmcli|list-modems|list-contexts|"
    r"nmcli(?: device| d\b)?|usb-devices|connmanctl (?:services|technologies))"
)
_SHOWS = (
    r"(?:shows?|says?|lists?|finds?|found|gives?|prints?|reports?|returns?|sees?|detects?|recogni[sz]es|"
    r"is empty|zeigt|findet|meldet|listet|montre|affiche|muestra|mostra)"
)
_RESULT = re.compile(
    rf"\b(?P<command>{_COMMAND})(?: output)?[`'\"]?,? (?:(?:only|also|just|still|correctly) )?"
    rf"(?:{_SHOWS}\b|(?:does ?n[o']t|do ?n[o']t|did ?n[o']t|could ?n[o']t|can ?not|can[' ]?t) (?:\w+ )?"
    r"(?:show|list|find|detect|see|recogni[sz]e)\w*)|"
    rf"\b(?:ran|(?:have|already|I) (?:already )?(?:run|tried|done|checked))\b.{{0,20}}?\b(?P<ran>{_COMMAND})",
    re.IGNORECASE,
)
_UNREAL = re.compile(r"\b(?:if|should|would|could I|can I|shall|please|wenn|sollte)\b|\?", re.IGNORECASE)
_WAS_TRIED = (
    r"\b(?:tried|tested|used|using|use|swapped|changed|with|via|through|on|probiert|getestet|versucht|essayé|probado|"
    r"provato|testé)\b"
)
_THINGS = (
    ("hub", re.compile(rf"{_WAS_TRIED}.{{0,50}}\b(?:self-?)?powered (?:usb ?)?hub", re.IGNORECASE)),
    (
        "port",
        re.compile(
            rf"{_WAS_TRIED}.{{0,40}}\b(?:other|another|different|all|both|every|each|several|anderen?|autres?|otros?)"
            r"(?: of the| the)? (?:\w+ )?(?:usb )?(?:ports?|sockets?|anschl\w+)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "cable",
        re.compile(
            rf"{_WAS_TRIED}.{{0,50}}\b(?:short(?:er)?|other|another|different|new) cables?\b", re.IGNORECASE
        ),
    ),
    (
        "telephone",
        re.compile(
            r"\b(?:tested|tried|checked|works?|working)\b.{0,20}\bsim\b.{0,20}\b(?:in|with)\b.{0,15}"
            r"\b(?:phones?|smartphone|devices?)\b|"
            r"\bsim\b.{0,40}\b(?:works?|working|worked|tested|fine|ok|funktioniert|geht|fonctionne|funciona|funziona)\b"
            r".{0,40}\b(?:phones?|smartphone|mobile|handy|telefon\w*|t[eé]l[eé]phone|"
            r"other devices?|another device|other (?:modem|stick|router)s?|another (?:modem|stick|router))\b|"
            r"\b(?:phones?|smartphone|handy|t[eé]l[eé]phone|other devices?)\b.{0,30}\bsim\b.{0,20}"
            r"\b(?:works?|fine|ok|funktioniert|geht)\b",
            re.IGNORECASE,
        ),
    ),
)
_NOT = re.compile(
    r"\b(?:no|not|never|without|kein\w*|nicht|have to|need|must|going to|will|want)\b|n[’']t\b", re.IGNORECASE
)
_APN = re.compile(
    r"CGDCONT=\d+, ?\\?\"\w+\\?\" ?, ?\\?\"[\w.-]|\A\s*option apn ['\"]?[\w.-]|--(?:apn|"
    r"start-network)[ =]'?[A-Za-z]\w|"
    r"\bgsm\.apn [\w.]|\bnetwork\.\w+\.apn='?[\w.-]|"
    r"(?:-connect=|-start-network=\S*?|\A)apn=['\"]?[\w.]|-quectel-CM\b.* -s \w",
    re.IGNORECASE,
)
"""What sets the access point: a chat script, wvdial.conf, OpenWrt's settings, a client's command line."""
_MODEM = r"(?:(?:any |a |the |my |new )?(?:modems?|devices?|sticks?|dongles?|anything|it|E\d{3,4}\w?)\b)"
_NONE = re.compile(
    rf"\b(?:mmcli|modem ?manager)\b[^.!?;]{{0,40}}?(?:(?:n[’'`]t|not|unable|cannot|"
    rf"never)\b[^.!?;,]{{0,16}}\b(?:find|found|see|show|list|"
    rf"detect|recogni[sz]e)\w*:? {_MODEM}|(?:finds?|found|shows?|lists?|sees?|detects?|says?|reports?|"
    rf"gives?|returns?|zeigt|findet|muestra|mostra|"
    r"affiche)\b[:,]? (?:that )?(?:there (?:is|are|were) )?(?:no|nothing|none|kein\w*|nichts|rien|nada|"
    r"aucun|ning[uú]n)\b"
    rf"(?: (?:found )?{_MODEM}| modem\w*|\W*(?:\Z|[.,;!]|and|but|while))|is empty|zeigt nichts)",
    re.IGNORECASE,
)
"""ModemManager has no modem, in words."""
_NO_MODEMS = "No modems were found"
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
    """Keeps what sentences say was tried (History.tried)."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def tables(self) -> Tables:
        commands = (
            *("lsusb", "ip addr", "ifconfig", "mmcli", "list-modems", "list-contexts", "nmcli"),
            *(
                "usb-devices",
                "connmanctl",
                _NO_MODEMS,
                "odemManager",
                "odem manager",
                "odemmanager",
                "odem Manager",
            ),
        )
        things = ("hub", "Hub", "HUB", "ports", " port", "sockets", "nschl", "cable", "SIM", "sim ", "Sim")
        return Tables(
            commands=dict.fromkeys(_TYPED, lambda _words: None),
            heads={"+": self._output, "AT": self._output},
            cues=(
                (commands, self._commands),
                (things, self._things),
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

    def _commands(self, text: str) -> None:
        tried = self._reader.history.tried
        if _NO_MODEMS in text:
            tried.add("mmcli none")
        for match in _RESULT.finditer(text[:_LONGEST]):
            if _UNREAL.search(text[:_LONGEST]):
                return
            command = (match["command"] or match["ran"]).lower().replace("mmcli -l", "mmcli -L")
            command = {"ifconfig": "ip addr", "nmcli": "nmcli device", "nmcli d": "nmcli device"}.get(
                command, command
            )
            tried.add(command)
        if _NONE.search(text[:_LONGEST]) and not _UNREAL.search(text[:_LONGEST]):
            tried.add("mmcli none")

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

    def _things(self, text: str) -> None:
        said = text[:_LONGEST]
        if _UNREAL.search(said):
            return
        for name, words in _THINGS:
            if (match := words.search(said)) is not None and not _NOT.search(said[: match.end()]):
                self._reader.history.tried.add(name)
