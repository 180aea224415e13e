# SPDX-License-Identifier: MIT
"""The modem's answers wherever they stand, and the step at which a dialogue with it ended.

chat's log, oFono's debug log, a terminal program and scripts of anybody's show the same dialogue: a command,
and an answer, an error or nothing. What an error means follows from the command before it.
"""

from __future__ import annotations

import re

from huawei_modem.transcript import messages
from huawei_modem.transcript.model import MOST_ENTRIES
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.readers.codes import is_late
from huawei_modem.transcript.readers.ofonod import TRAFFIC_HEADS
from huawei_modem.transcript.tables import Tables

_SENT = re.compile(r"send \((.{0,120}?)(?:\^M)?\)")
_CHAT = re.compile(
    r"(?:abort on|clear abort on|report|expect|send) \(.*\)|timeout set to \d+ seconds|-- (?:got it|failed)"
)
"""ppp 2.5.2, chat/chat.c: what it says with -v or -V, on a terminal with -s or -S without a prefix."""
_FINAL = re.compile(
    r"NO CARRIER|BUSY|NO DIAL ?TONE|NO ANSWER|\+CM[ES] ERROR: .*|CONNECT .*|[+^][A-Z]{2,12}: ?.*"
)
"""Any answer but OK and ERROR: the port speaks."""
_FAILED = re.compile(r"(?:.{0,12}?)?Failed(?: \((.{1,40})\))?")
_OFONO_GOT = re.compile(r"\w+: ?< +(.+)")
_OFONO_SENT = re.compile(r"\w+: ?> +(AT[^\\]*)", re.IGNORECASE)
_COMMAND = re.compile(r"[Aa][Tt](?:[+^&$*!%][\w?=].{0,120}|[DZIEQVSHdzieqvsh]\S{0,60}(?: .{0,20})?|)")
_ANSWER = re.compile(
    r"(?P<answer>[+^](?:C(?:(?:[GE]|5G)?REG|PIN|SQ|FUN|GATT)|CM[ES] ERROR|CARDLOCK): ?"
    r"[^'\"\]\\]{1,60}(?:\"[^'\]\\]{0,60})?)"
    r"(?:\\r|\\n|['\"\]},. ]|OK(?='))*\Z"
)
"""At the end of a line: in a sentence it would be what somebody says of it."""
_COLON = re.compile(r"\A([+^][A-Z ]{2,12}):\s*")
_SUPPOSED = re.compile(r"\b(?:should|expect|mean|means|would|instead of|want)\b")
_UNANSWERED = re.compile(
    r".*(?:No response in specified timeout\. Probably (?:the )?phone (?:is )?not connected|"
    r"timed? ?out while waiting '?OK'? in response to '?AT|"
    r"Modem is not ready to answer commands|modem is not responding|"
    r"esp_modem_sync failed with|Failed to synchroni[sz]e|sync failed.{0,12}time ?out|"
    r"Modem not responding|No answer from (?:the )?modem|no response from modem|"
    r"gsmmodem\.exceptions\.TimeoutException|TimeoutException: None).*",
    re.IGNORECASE,
)
"""gammu, chan_dongle, smstools, python-gsmmodem."""
_LATER = re.compile(r"in response to 'AT[+^$&]")
"""chan_dongle's first command is a bare AT: whoever came to another one had its answer."""
_NO_SIM = re.compile(
    r"Can ?not access SIM card\.?|No SIM card inserted\.?|SIM card (?:is )?not inserted\.?", re.IGNORECASE
)
"""libgammu 1.42, common/gsmstate.c and api."""
_UNOPENED = tuple(
    (re.compile(words, re.IGNORECASE), sign)
    for words, sign in (
        (r"Error opening device\. Unknown, busy or no permissions", "port-in-use:unknown"),
        (r"Error opening device, it (?:doesn't|does not) exist", "port-missing"),
        (r"(?:Error opening device, )?you (?:don't|do not) have permission", "port-in-use:denied"),
        (r"Error opening device, it is (?:already )?(?:opened|locked|in use)", "port-in-use"),
        (
            r"(?:Could not|Cannot|Can't|Couldn't) find (?:the )?(?:serial |modem )?(?:device|port) /dev/",
            "port-missing",
        ),
        (
            r"(?:Could not|Cannot|Can't|Couldn't) open (?:port|device|serial port|modem)\b",
            "port-in-use:unknown",
        ),
    )
)
"""What each program says of a port that it could not open, and no more: gammu (libgammu 1.42,
common/gsmstate.c), and programs that give no reason."""
_SAID = (
    (
        re.compile(
            r"GSM not registered|Modem is not registered|not registered to (?:the|any) network", re.IGNORECASE
        ),
        "not-registered",
    ),
    (re.compile(r"\ASecurity error\. Maybe no PIN\?"), "sim-pin-required"),
    (re.compile(r"Modem is registered to (?:the|a) |dongle\d+ +\d+ +Free "), "=registered"),
)
"""What smstools and chan_dongle say of the registration."""
_ESP = re.compile(r"[EWID] \(\d+\) [\w./-]{1,40}: ")
_SILENCE = ("no response", "(no response)", "no answer", "<no response>")
_GAMMU = (
    *("Manufacturer", "Hersteller", "Fabricante", "Fabricant", "Produttore", "Výrobca", "Výrobce"),
    *("Model", "Modell", "Modelo", "Modèle", "Modello"),
)
"""What gammu calls maker and model in the languages that people paste."""
_IDENTIFIED = re.compile(
    rf"(?:{'|'.join(_GAMMU[:7])}) {{2,}}: +Huawei|"
    rf"(?:{'|'.join(_GAMMU[7:])}) *: +(?:unknown \(|[EKM][A-Z]?\d{{3}}).*",
    re.IGNORECASE,
)
"""gammu identify, and ATI; `Manufacturer: HUAWEI` alone is a string of the USB device."""
_GAMMU_LINE = re.compile(r"(?P<own>\d+ \"\^[A-Z]{4,})|(?P<ok>\d+ \"OK\")|(?P<again>\[Retrying \d+ type )")
"""libgammu 1.42, common/protocol/at/at.c and gsmcomon.c: the lines of a reply, and that it is asked again."""
_MAKER = re.compile(r"manufacturer *: *huawei", re.IGNORECASE)
_NEAR = 12
_READY = re.compile(r"\bDongle initialized and ready|\bhas connected\b|Modem is ready|SMS sent, Message_id")
"""chan_dongle, smstools: the modem has answered all that was asked."""
_BAD_INIT = re.compile(r"(?:-->|WvDial<\w+>:)? ?Bad init string\.?|.*Error running AT-command.*")
"""wvdial 1.61, wvdialer.cc; comgt 0.32."""
_CURLED = re.compile(r"[\u201c-\u201f\u2033\xab\xbb]|\xe2\u20ac|b \[1[cd]\]")
"""Quotation marks of a word processor, the same read as another code, and as wvdial shows them."""
_GCOM = re.compile(r"\s*\*{3}SIM ERROR\*{3}")
_DIAL = re.compile(r"AT ?D", re.IGNORECASE)
PIN_SENT = "AT+CPIN="
"""The command, without the PIN."""
_ANSWERED = ("OK", "CONNECT")


class Dialogue:
    """Follows what is said to the modem and what it answers."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._table = messages.of("at")
        self._sent = ""
        self._rejected = ""
        """The last command that was answered with an error."""
        self._open = ""
        """The command that waits for its answer."""
        self._answered = False
        self._own = False
        """Whether gammu has read messages of the modem's own."""
        self._state = reader.state
        self._sent_line = 0
        self._maker = -_NEAR - 1
        """Line where the modem, or the USB device, named its maker."""

    def tables(self) -> Tables:
        plain = self._plain
        return Tables(
            heads={
                **dict.fromkeys(("AT", "OK", "ERROR", "alarm"), self._line),
                **dict.fromkeys(("send", "Failed", "no", "(no", "<no"), self._line),
                **dict.fromkeys(("abort", "expect", "timeout", "report", "clear", "--"), self._chat),
                **dict.fromkeys((*_GAMMU, "Manufacturer:", "Model:"), self._identified),
                **dict.fromkeys(
                    ("Error", "No", "Modem", "***SIM", "Can", "Cannot", "SIM", "Security"), plain
                ),
                **dict.fromkeys(("E", "W", "I", "D"), self._esp),
                "-->": self._wvdial,
                "INFO:": plain,
                "DEBUG:": plain,
                **dict.fromkeys(TRAFFIC_HEADS, self._ofono),
            },
            programs={
                "chat": self._line,
                "pppd": self._line,
                "ofonod": self._ofono,
                "gammu-smsd": self._gammu,
                "gammu": self._gammu,
                "asterisk": plain,
                "smsd": plain,
                "": plain,
            },
            cues=(
                (("Failed (", "Bad init string", "AT-command"), self._line),
                (("+C", "^CARDLOCK"), self._answer),
                (
                    (
                        "esponse",
                        "esponding",
                        "TimeoutException",
                        "Error opening device",
                        "egistered",
                        " permission",
                    ),
                    plain,
                ),
                (("dongle0 ", "dongle1 ", "Dongle initialized", "has connected", "SMS sent"), plain),
            ),
        )

    def _line(self, text: str) -> object:
        """One line of chat's log, or of a terminal; False where it may be a sentence."""
        reader, text = self._reader, text.replace("^M", "").strip()
        if reader.state is not self._state:
            self._state, self._sent, self._answered = reader.state, "", False
        if match := _SENT.fullmatch(text):
            self._chat(text)
            self._sends(match[1].strip())
        elif _COMMAND.fullmatch(text):
            self._echoed(text)
        elif _BAD_INIT.fullmatch(text):
            self._bad_init()
        elif text in _ANSWERED or text.endswith("-- got it") or _FINAL.fullmatch(text):
            self._has_spoken(text)
        elif text == "ERROR":
            self._refused()
        elif text.lower() in _SILENCE and self._sent:
            self._reader.mark("AT dialogue")
            self._reader.state.add("port-silent", self._reader.seen(f"{self._sent}: {text}"))
        elif text == "alarm":
            pass  # chat's time is up; what it waited for is said in its next line
        elif (match := _FAILED.fullmatch(text)) is not None:
            self._failed(match[1])
        else:
            return False
        return None

    def _has_spoken(self, text: str) -> None:
        """An answer, and no ERROR; OK is the end of one. A PIN that was taken is wanted no more."""
        reader = self._reader
        self._rejected = self._open if text.startswith("+CM") else ""
        self._answered, self._open = True, ""
        if text != "OK":
            return
        if reader.asked.startswith(PIN_SENT):
            reader.mark("AT dialogue")
            reader.state.add("=sim-ready", reader.seen(PIN_SENT))
        reader.asked = ""

    def _refused(self) -> None:
        """The modem answers ERROR to what was sent last."""
        reader = self._reader
        if _DIAL.match(self._sent):
            reader.mark("AT dialogue")
            reader.state.add("dial-failed:answer", reader.seen(self._sent))
        elif self._open.upper() not in ("", "AT"):
            reader.mark("AT dialogue")
            reader.state.add("=at-refused", reader.seen(self._open))
        self._rejected, self._open = self._open, ""

    def _bad_init(self) -> None:
        """The dialler gives up because a command before the dialling was answered with an error."""
        reader, command = self._reader, self._rejected
        if not command or _DIAL.match(command):
            return
        sign = "dial-failed:context" if "CGDCONT" in command.upper() else "dial-failed:refused"
        if _CURLED.search(command):
            sign = "dial-failed:quotes"
        reader.mark("wvdial")
        told = PIN_SENT if command.upper().startswith(PIN_SENT) else command
        reader.state.add(sign, reader.seen(told))

    def _sends(self, command: str) -> None:
        self._sent, self._sent_line = command, self._reader.line
        self._reader.asked = command.upper()
        commands = self._reader.history.commands
        if command and len(commands) < MOST_ENTRIES:
            commands.setdefault(command)

    def _echoed(self, command: str) -> None:
        """A command by itself: typed, or the modem's echo of what was sent."""
        self._open, self._reader.asked = command, command.upper()
        if command.upper() != self._sent.upper():
            self._sent, self._sent_line = command, self._reader.line
        elif _DIAL.match(command):
            self._answered = True  # the modem took what it is to dial

    def _wvdial(self, text: str) -> bool:
        """What wvdial says itself; others read the rest of it."""
        if "Bad init" in text:
            self._line(text)
        return False

    def _chat(self, text: str) -> bool:
        """What chat says of its own script, where no prefix names it."""
        if _CHAT.fullmatch(text.strip()):
            self._reader.mark("pppd and chat")
        return False

    def _has_answered(self) -> bool:
        """Whether the modem has said anything since the last command; what means something others read."""
        parts = self._reader.history.parts[-3:]
        return self._answered or any(
            part.kind == "AT dialogue" and part.last > self._sent_line for part in parts
        )

    def _failed(self, why: str | None) -> None:
        reader, sent = self._reader, self._sent
        if not sent or (why and why != "ERROR"):
            return
        if why == "ERROR" and sent.upper() == "AT":
            sign = "dial-failed:early"
        elif why == "ERROR" and not _DIAL.match(sent):
            sign = "dial-failed:context" if "CGDCONT" in sent.upper() else "dial-failed:refused"
        elif why is None and not self._has_answered():
            sign = "port-silent:chat"
        elif why is None and not _DIAL.match(sent):
            sign = "dial-failed:unanswered"
        else:
            return
        reader.mark("pppd and chat")
        reader.state.add(sign, reader.seen(sent))

    def _ofono(self, text: str) -> None:
        """`Modem: > AT+CPIN?\\r` and `Modem: < \\r\\n+CME ERROR: 10\\r\\n` of OFONO_AT_DEBUG."""
        if "< " in text and (match := _OFONO_GOT.match(text)):
            for line in match[1].replace("\\r", "\\n").split("\\n"):
                if line[:1] in ("+", "^"):
                    self._means(line)
        elif "> " in text and (match := _OFONO_SENT.match(text)):
            self._reader.asked = match[1].upper()

    def _gammu(self, text: str) -> object:
        """gammu's debug log: what came over the port since the last time that it asked."""
        reader, text = self._reader, text.removeprefix("gammu: ")
        if (match := _GAMMU_LINE.search(text)) is not None:
            if match["own"]:
                self._own = True
            elif match["ok"]:
                reader.mark("programs for SMS and calls")
                reader.state.add("=port-answers", reader.seen(text.strip()))
            elif self._own:
                reader.mark("programs for SMS and calls")
                reader.state.add("port-silent:own", reader.seen(text.strip()))
                self._own = False
        return self._plain(text)

    def _plain(self, text: str) -> object:
        """A line of a program that is not known here, or of a terminal."""
        reader = self._reader
        if _UNANSWERED.fullmatch(text):
            reader.mark("AT dialogue")
            late = is_late(text, reader) or _LATER.search(text)
            reader.state.add("=answer-late" if late else "port-silent", reader.seen(text.strip()))
            return True
        if _NO_SIM.fullmatch(text.strip()):
            reader.mark("programs for SMS and calls")
            reader.state.add("sim-failure", reader.seen(text.strip()))
            return True
        if _READY.search(text):
            reader.mark("programs for SMS and calls")
            reader.state.add("=port-answers", reader.seen(text.strip()))
        if _GCOM.match(text):
            reader.mark("AT dialogue")
            reader.state.add("=gcom-sim-error", reader.seen(text.strip()))
            return True
        for words, sign in _UNOPENED:
            if words.search(text) and not _SUPPOSED.search(text):
                reader.mark("serial port")
                reader.state.add(sign, reader.seen(text.strip()))
                return True
        if "+C" in text or "^CARDLOCK" in text:
            self._answer(text)
        for words, sign in _SAID:
            if words.search(text) and not _SUPPOSED.search(text):
                reader.mark("programs for SMS and calls")
                reader.state.add(sign, reader.seen(text.strip()))
        return False

    def _esp(self, text: str) -> object:
        """ESP-IDF's log puts a letter, the milliseconds and a tag before what is said."""
        match = _ESP.match(text)
        if match is None:
            return False
        self._reader.mark("ESP-IDF's log")
        said = text[match.end() :].rstrip("\x1b[0m")
        self._line(said)
        return self._plain(said) or None

    def _identified(self, text: str) -> None:
        """The modem has told its maker: it speaks AT."""
        if self._reader.part.kind == "usb_modeswitch" and self._reader.line - self._reader.part.last < _NEAR:
            return  # usb_modeswitch describes what it is about to switch
        said = text.strip()
        if _MAKER.match(said):
            self._maker = self._reader.line
        if said.startswith("Model: ") and self._reader.line - self._maker > _NEAR:
            return  # a label's or a shop's line; the modem's own follows its maker's
        if _IDENTIFIED.fullmatch(said):
            self._reader.mark("AT dialogue")
            self._reader.state.add("=modem-answers", self._reader.seen(text.strip()))

    def _answer(self, text: str) -> None:
        match = _ANSWER.search(text)
        if match is not None and not _SUPPOSED.search(text[: match.start()]):
            self._means(match["answer"])

    def _means(self, answer: str) -> None:
        answer = _COLON.sub(r"\1: ", answer.strip())
        found = messages.match(self._table, answer)
        if found is not None:
            messages.note(self._reader, "AT dialogue", *found)
        elif answer.startswith("+CMS ERROR"):
            self._reader.mark("AT dialogue")
            self._reader.state.add("=message-refused", self._reader.seen(answer))
