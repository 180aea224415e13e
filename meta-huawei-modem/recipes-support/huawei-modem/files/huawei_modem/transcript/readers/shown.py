# SPDX-License-Identifier: MIT
"""A modem's port or another maker's id, wherever it stands: what shows that there is a modem at all."""

from __future__ import annotations

import re

from huawei_modem.transcript import ids
from huawei_modem.transcript.model import Seen
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.readers.network import COMPLAINTS
from huawei_modem.transcript.tables import Tables

_PORT = re.compile(r"(?:/dev/)?\b((?:ttyUSB|ttyACM|ttyHS|cdc-wdm)\d{1,2}|cuaU\d|wwan\d(?:at|qmi|mbim)\d)\b")
_NOT_THERE = re.compile(
    r"\b(?:no|without|missing|never|find|see) (?:\w+ ){0,2}/?(?:dev/)?(?:tty(?:USB|ACM)|cdc-wdm)|"
    r"(?:n't|not|never|no longer) (?:\w+ )?(?:exist|there|appear|present|created?|show|listed)|"
    r"No such|not found|disappear|should|would",
    re.IGNORECASE,
)
"""A sentence about a port that is not there."""
_PROBED = re.compile(r"\s*(tty\w+|S\d+)<\*\d+>: ATQ0 .*-- OK\s*")
"""wvdialconf of wvdial 1.61, wvmodemscan.cc: each port and what it answers."""
_STATUS = re.compile(r"\s*GSM Registration Status *: *(.+)")
_REGISTRATION = (
    ("not registered, searching", "not-registered"),
    ("not registered, not searching", "not-registered"),
    ("registration denied", "not-registered:denied"),
    ("registered", "=registered"),
)
"""dongle show device state NAME (chan_dongle cli.c, helpers.c)."""
_DATA_PORT = re.compile(r"\s*Data *: */dev/(\S+)\s*")
_BOARD_PORT = re.compile(
    r"\b(?:device|port|modem|path|tty)\b.{0,12}?[:= ] {0,4}['\"]?"
    r"(/dev/(?:ttyS|ttyAMA|ttymxc|ttyO|serial|cuau)\d)\b['\"]?",
    re.IGNORECASE,
)
"""A setting that names a serial port of the board."""
_WISH = re.compile(
    r"\b(?:want|need|like to|how (?:can|do|to|could|should)|can ?(?:no|')t|is (?:there|it)|any ?(?:one|way)|"
    r"possible|no way|unable|trying|try to|stuck|instead)\b|\?",
    re.IGNORECASE,
)
_MESSAGES = re.compile(
    r"\b(?:SMS|USSD|balance|voice|calls?(?! (?:this|that|it|the script)\b))\b", re.IGNORECASE
)
_MODE = re.compile(
    r"\b(?:switch|change|force|stuck|put|back|use|convert)\w{0,6}\b.{0,60}"
    r"\b(?:(?:MBIM|NCM|ECM|QMI|RNDIS)(?! (?:driver|protocol|interface|device|port))|"
    r"(?:USB |stick |serial |modem |the |wrong |another |other )mode|configuration)\b",
    re.IGNORECASE,
)
_ASKED = (
    *("SMS", "USSD", "balance", "voice", "call"),
    *("MBIM", "NCM", "ECM", "QMI", " mode", "onfiguration"),
)
_ANSWERED = re.compile(r"(?:.{0,60}, ?)?[\w-]{1,20}: <- (?:OK|ERROR|[+^][\w ]{2,12}:).*", re.IGNORECASE)
"""smstools' log: -> and <- before what goes over the port (smsd's src/modeminit.c)."""
_RUNS = re.compile(
    r"\s*(?:\w+ +)?\d+ .{0,80}? (?:/usr/s?bin/|/usr/libexec/|/usr/lib/\w+/)?"
    r"(ModemManager|NetworkManager|ofonod|connmand|pppd|wvdial)(?: .*)?"
)
"""ps of procps and BusyBox."""
_PPPD = re.compile(
    r"\s*(?:[#$] |exec |sudo )?(?:/\S*/)?pppd (?:[a-z-]{4,20} \S+ )?(?:/dev/)?(?:tty\w+|cu[au]\S+|call )"
)
_SYSTEM = re.compile(r"System error +- .{0,40}serial\w*, \d+, \"([\w /]{4,40})\"")
"""libgammu's log (gsmstate.c, gsmcomon.c): what the system said of the port."""
_COUNTS = re.compile(r"\d+ SMS parts? in \d+ SMS sequences?")
"""gammu 1.x, gammu/message.c."""
_LOOP = re.compile(r"Instance (modemmanager|ofono)::\S+ s in a crash loop .*")
"""procd of OpenWrt, service/instance.c."""
_MAKERS = tuple(vendor for vendor in ids.MAKERS if vendor not in ids.MIXED)
_ID = re.compile(rf"(?<![\w:])({'|'.join(_MAKERS)}):([0-9a-f]{{4}})\b(?!:)", re.IGNORECASE)
_CUES = tuple(f"{vendor}:" for vendor in _MAKERS)
_UPPER = tuple(cue.upper() for cue in _CUES if cue.upper() != cue)
_MOST = 8


class Shown:
    """Keeps the first port and the ids of other makers that the text names."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._data: Seen[str] | None = None
        """The port of the dongle whose state is listed."""

    def tables(self) -> Tables:
        return Tables(
            heads={"GSM": self._registration, "Data": self._data_port},
            programs={
                "": self._port,
                "procd": self._loops,
                **dict.fromkeys(("gammu", "gammu-smsd"), self._system),
            },
            cues=(
                (("ttyUSB", "ttyACM", "ttyHS", "cdc-wdm", "cuaU"), self._port),
                (("<*1>: ATQ0",), self._probed),
                (_ASKED, self._wish),
                ((": <- ",), self._answered),
                (("System error",), self._system),
                (("SMS part",), self._counts),
                (("ModemManager", "NetworkManager", "ofonod", "connmand", "pppd", "wvdial"), self._runs),
                (
                    ("/dev/ttyS", "/dev/cuau", "/dev/ttyAMA", "/dev/ttymxc", "/dev/ttyO", "/dev/serial"),
                    self._board_port,
                ),
                ((*_CUES, *_UPPER), self._other),
            ),
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

    def _probed(self, text: str) -> None:
        """wvdialconf has got an answer."""
        if match := _PROBED.fullmatch(text):
            self._answers(f"/dev/{match[1]}")

    def _data_port(self, text: str) -> None:
        """The port of a dongle of Asterisk's, in the block of its state."""
        if match := _DATA_PORT.fullmatch(text):
            self._data = self._reader.seen(f"/dev/{match[1]}")

    def _system(self, text: str) -> None:
        match = _SYSTEM.search(text)
        sign = COMPLAINTS.get(match[1].lower()) if match else None
        if match and sign:
            self._reader.mark("serial port")
            self._reader.state.add(sign, self._reader.seen(f"gammu: {match[1]}"))

    def _loops(self, text: str) -> None:
        if match := _LOOP.fullmatch(text.strip()):
            self._reader.mark("procd")
            sign = "ofono-crashed" if match[1] == "ofono" else "modemmanager-not-running:loop"
            self._reader.state.add(sign, self._reader.seen(text.strip()))

    def _answered(self, text: str) -> None:
        if _ANSWERED.fullmatch(text.strip()):
            self._reader.mark("programs for SMS and calls")
            self._reader.state.add("=modem-answers", self._reader.seen("smsd"))

    def _answers(self, port: str) -> None:
        seen = self._reader.seen(port)
        self._reader.mark("wvdialconf")
        self._reader.state.add("=modem-answers", seen)
        self._reader.state.add("=port-answers", seen)

    def _counts(self, text: str) -> None:
        """gammu getallsms has read the modem's store."""
        if _COUNTS.fullmatch(text.strip()):
            self._answers("gammu")
            self._reader.history.tried.add("gammu")
            self._reader.history.words.add("gammu")

    def _registration(self, text: str) -> bool:
        match = _STATUS.fullmatch(text)
        sign = next(
            (sign for words, sign in _REGISTRATION if match and match[1].lower().startswith(words)), ""
        )
        if not sign:
            return False
        self._reader.mark("programs for SMS and calls")
        self._reader.state.add(sign, self._reader.seen(text.strip()))
        if sign == "=registered" and self._data is not None:
            self._reader.state.add("=modem-answers", self._data)
        return True

    def _wish(self, text: str) -> None:
        """What the person asks for, by the words of a sentence."""
        words = self._reader.history.words
        if _WISH.search(text):
            if _MESSAGES.search(text):
                words.add("wants messages")
            if _MODE.search(text):
                words.add("wants mode")

    def _runs(self, text: str) -> None:
        """A line of ps, or a command line of pppd with its port: the program runs."""
        if _PPPD.match(text):
            self._reader.history.programs.setdefault("pppd", 0)
            return
        if (
            (match := _RUNS.fullmatch(text))
            and "grep" not in text
            and not text.lstrip().startswith(("[", "<"))
        ):
            self._reader.mark("ps")
            self._reader.history.programs.setdefault(match[1], 0)

    def _board_port(self, text: str) -> None:
        if match := _BOARD_PORT.search(text.rstrip()):
            self._reader.state.add("=board-port", self._reader.seen(match[1]))
