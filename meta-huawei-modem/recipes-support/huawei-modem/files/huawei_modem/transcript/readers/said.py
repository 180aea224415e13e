# SPDX-License-Identifier: MIT
"""Messages that mean something by themselves, by the tables."""

from __future__ import annotations

import functools
import re

from huawei_modem.transcript import messages, reasons
from huawei_modem.transcript.line import without_level
from huawei_modem.transcript.model import Seen
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.readers.sessions import Sessions
from huawei_modem.transcript.readers.uqmi import NO_ANSWER
from huawei_modem.transcript.tables import Handler, Tables

_DIALLING = ("ppp", "chat", "at")
_PLAIN = (
    ("wvdial", "wvdial"),
    ("ppp", "pppd and chat"),
    ("chat", "pppd and chat"),
    ("at", "AT dialogue"),
    ("usb_modeswitch", "usb_modeswitch"),
    ("modules", "modprobe"),
    ("systemd", "systemd"),
    ("ofono", "D-Bus"),
    ("connman", "connmanctl"),
    ("modemmanager", "ModemManager"),
    ("tools", "udhcpc and sms_tool"),
    ("qmi", "qmicli and mbimcli"),
)
"""Programs that write to a terminal, where no prefix names them: the table's name, and the report's."""
_Program = tuple[str, str]
_ITSELF: _Program = ("", "")
"""One that names itself."""
_OFONO: _Program = ("ofono", "D-Bus")
_AT = re.compile(r"\A([+^][A-Za-z0-9]{2,12}):\s*")
_NAMED = ("pppd:", "/usr/sbin/pppd:", "chat:", "/usr/sbin/chat:", "wvdial:")
_OLD_WVDIAL = re.compile(r"(?:WvDial(?: Modem)?|WvModem)<[\w*]+>: ?(.*)")
"""wvdial 1.56 and before name the part and the level; what it copies from the modem is `WvDial Modem`."""
_OLD_HEADS = tuple(
    f"{name}<{level}>:" for name in ("WvDial", "WvModem") for level in ("*1", "Warn", "Err", "Info")
)
_OF_SCRIPT = re.compile(r"[\w.-]{1,40} \(\d+\): ?(?:comgt \S+ -> ?|mbim\[\d+\] )?")
"""netifd puts the interface and the process before what a script says, comgt its own clock,
mbim.sh its own name."""
_ERROR = re.compile(
    r"(?:dbus\.exceptions\.DBusException: |(?:Error: )?GDBus\.Error:|ERROR:\S*?:|Error (?=org\.))"
)
"""How clients of D-Bus in Python, GLib and C begin an error."""
_ERRORS = ("dbus.exceptions.DBusException:", "Error:", "Error")
_UP = re.compile(r"Interface '(\w+)' (?:is now up|has lost the connection)")
_OWN = ("lan", "loopback", "guest", "lan6", "wlan", "dmz", "wan", "wan6")
_OBJECT = re.compile(
    r"(?:\[(?:modem|bearer|sim|device|ttyUSB|ttyACM|cdc-wdm|tty)[^\]]{0,80}\]|\([^)]{1,60}\):?) +"
)
"""ModemManager names the object, in brackets since 1.16 and in parentheses before."""
_TRAFFIC = re.compile(r"<-- '(?:<CR><LF>)*(.*?)(?:<CR><LF>)*'")
"""Its debug log has the modem's answers with the line ends spelled out."""
_ACTS = re.compile(
    r"\((?:tty(?:USB|ACM)\d+|cdc-wdm\d+)\)|\[(?:tty(?:USB|ACM)|cdc-wdm)\d+/|\[modem\d+\]|Modem/\d+"
)
_HAS_MODEM = re.compile(r"\b[Mm]odem(?! manager)\b(?!s were)|tty/tty(?:USB|ACM)\d")
"""A line about a modem, whatever it says: it may be the beginning of one that was broken."""
_OFONO_ERRORS = tuple(
    f"org.ofono.Error.{name}:" for name in ("Failed", "InProgress", "NotAttached", "Timedout")
)
_REFUSED = re.compile(
    r"(?:\A|[Ee]rror(?:\.Error)?[:(] ?|rror (?=org)|xception[:(] ?|ailed: |-quark: |: )['\"]?"
    r"(org\.ofono\.Error\.\w+)(?:[:'\",) ].*)?\Z"
)
"""The name of an error of oFono where a program prints it: what it says after the name may be anything."""
_CALL_FAILED = "Call failed: "
"""busctl prints the message and not the name (systemd src/busctl/busctl.c)."""
_FURTHER = {
    "org.ofono.Error.AttachInProgress": "=attaching",
    **dict.fromkeys(
        ("org.ofono.Error.NotAllowed", "org.ofono.Error.NotSupported", "org.ofono.Error.Canceled"),
        "ofono-refused",
    ),
}
"""Errors of oFono 2.14 src/dbus.c that the table has no message of."""
_POWERS = re.compile(r"SetProperty\W+(?:sv?\W+|string:)?\"?Powered\b|/enable-modem\b|\benable-modem\b")
_LATE = 8
"""Lines of a traceback between the call and the error."""
_SYSINFO = re.compile(r"\^SYSINFO: ?\d+,\d+,\d+,\d+,(\d+)(?:,.*)?")
_SIM_STATES = {"1": "=sim-ready", "255": "sim-missing"}
"""0 is a SIM that is locked or not valid, which the answer to AT+CPIN? tells apart."""

_Found = tuple[messages.Message, "re.Match[str]"] | None
_NEAR_SILENCE = 6
"""Lines from such an answer to what the script makes of it."""
_REMEMBERED = 256
"""Lines on a terminal of which is kept what they are: people paste the same ones again and again."""


def _in_capitals(answer: str) -> str:
    """The answer with its name as the tables have it: a terminal may show it in small letters."""
    return _AT.sub(lambda name: f"{name[1].upper()}: ", answer)


class Said:
    """Reads what programs say, under their name or on a terminal."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._sessions = Sessions(reader)
        self._tables = {name: messages.of(name) for name, _kind in _PLAIN}
        self._dialling = messages.of(*_DIALLING)
        self._manager = messages.of("modemmanager", "qmi")
        self._silent = -_NEAR_SILENCE - 1
        """Line where uqmi had no answer."""
        self._script = messages.of("netifd", "tools", *_DIALLING)
        self._names, self._words = _by_name()
        self._powering = -_LATE
        """Line of the latest call that powers the modem."""

    def tables(self) -> Tables:
        modem_manager = self._modem_manager
        systemd = messages.watch(self._reader, "systemd", "systemd")
        modprobe = messages.watch(self._reader, "modprobe", "modules")
        return Tables(
            heads={
                **self._plain_heads(),
                **dict.fromkeys((*_OLD_HEADS, "WvDial"), self._old_wvdial),
                "+": self._modem,
                "^": self._modem,
                "comgt": self._comgt,
                "AT+CGMI": self._asked,
                "at+cgmi": self._asked,
                "AT^SYSINFO": self._sysinfo,
                **dict.fromkeys(
                    ("<info>", "<warn>", "<inf>", "<wrn>", "<msg>", "<err>", "<error>"), modem_manager
                ),
            },
            programs={
                "pppd": self._ppp,
                "chat": self._ppp,
                "wvdial": self._wvdial,
                "netifd": self._netifd,
                "comgt": self._netifd,
                "udhcpc": self._udhcpc,
                "dhclient": messages.watch(self._reader, "dhclient", "tools"),
                "usb_modeswitch": _silent(messages.watch(self._reader, "usb_modeswitch", "usb_modeswitch")),
                "usb_modeswitch_dispatcher": messages.watch(self._reader, "usb_modeswitch", "usb_modeswitch"),
                "ofonod": _silent(messages.watch(self._reader, "ofonod", "ofono", "systemd")),
                "connmand": _silent(messages.watch(self._reader, "connmand", "connman")),
                "ModemManager": modem_manager,
                "modem-manager": modem_manager,
                "systemd": systemd,
                "systemd-coredump": systemd,
                "modprobe": modprobe,
                "insmod": modprobe,
                "kmodloader": modprobe,
                "systemd-modules-load": modprobe,
            },
            cues=(
                (("org.ofono.Error.", "Call failed: "), self._ofono_error),
                (("enable-modem", "Powered"), self._powers),
                (NO_ANSWER, self._unanswered),
            ),
        )

    def _unanswered(self, text: str) -> None:
        """uqmi on a terminal."""
        if text.strip().strip('"') in NO_ANSWER:
            self._silent = self._reader.line

    def _powers(self, text: str) -> None:
        """The line of a traceback that powers the modem."""
        if _POWERS.search(text):
            self._powering = self._reader.line

    def _ofono_error(self, text: str) -> bool:
        """An error of oFono by its name, or by the words that busctl prints without it."""
        text = text.strip()
        match = _REFUSED.search(text)
        if match is not None:
            meaning = self._names.get(match[1])
        elif text.startswith(_CALL_FAILED):
            meaning = self._words.get(text.removeprefix(_CALL_FAILED).rstrip("."))
        else:
            return False
        if meaning is None:
            return False
        reader = self._reader
        reader.mark("D-Bus")
        seen = reader.seen(text[:200])
        reader.state.add(meaning, seen)
        self._of_power(seen)
        return True

    def _of_power(self, seen: Seen[str]) -> None:
        """An error of D-Bus: it is the answer to powering the modem where that was asked just before."""
        reader = self._reader
        asked = "" if reader.line - reader.command_line > 2 * _LATE else reader.command
        if _POWERS.search(asked) or reader.line - self._powering <= _LATE:
            reader.state.add("=power-refused", seen)

    def _plain_heads(self) -> dict[str, Handler]:
        """A handler for all words of the same programs: there are some twenty, and each paste has its own."""
        single: dict[_Program, Handler] = {each: self._plain(*each) for each in _PLAIN}
        single[_ITSELF] = self._named
        heads: dict[str, Handler] = {}
        for several, words in _plain_words().items():
            taker = _silent(functools.reduce(_first, map(single.__getitem__, several)))
            heads.update(dict.fromkeys(words, taker))
        return heads

    def _plain(self, name: str, kind: str) -> Handler:
        table = self._tables[name]

        @functools.lru_cache(maxsize=_REMEMBERED)
        def known(text: str) -> _Found:
            said = text.strip()
            found = messages.match(table, _ERROR.sub("", said) if "rror" in said else said)
            return by_reason(found) if name == "modemmanager" else found

        def handler(text: str) -> bool:
            return self._noted(kind, known(text)) or (kind == "D-Bus" and self._ofono_error(text))

        return handler

    def _named(self, text: str) -> bool:
        """A program on a terminal that names itself."""
        return self._note("pppd and chat", self._dialling, text.partition(": ")[2].strip())

    def _note(self, kind: str, table: dict[str, list[messages.Message]], text: str) -> bool:
        return self._noted(kind, messages.match(table, text))

    def _noted(self, kind: str, found: _Found) -> bool:
        if found is None:
            return False
        messages.note(self._reader, kind, *found)
        if kind == "D-Bus":
            self._of_power(self._reader.seen(found[1].string))
        self._sessions.meant(found[0].meaning, found[1].string)
        return True

    def _ppp(self, text: str) -> None:
        text = text.strip()
        self._note("pppd and chat", self._dialling, _in_capitals(text))

    def _modem(self, text: str) -> bool:
        """An answer of the modem. Huawei's have no blank after the colon."""
        return self._note("AT dialogue", self._tables["at"], _in_capitals(text.strip()))

    def _old_wvdial(self, text: str) -> bool:
        match = _OLD_WVDIAL.fullmatch(text.strip())
        if match is not None:
            self._wvdial(match[1])
        return match is not None

    def _wvdial(self, text: str) -> None:
        text = text.strip()
        table = self._tables["wvdial"]
        if not self._note("wvdial", table, text) and not self._note("wvdial", table, f"--> {text}"):
            self._ppp(text)

    def _netifd(self, text: str) -> None:
        match = _OF_SCRIPT.match(text)
        if (up := _UP.match(text)) and up[1] in _OWN:
            return  # the router's own networks, not the modem's
        said = text[match.end() :].strip() if match else text.strip()
        if said.strip('"') in NO_ANSWER:
            self._silent = self._reader.line
        found = messages.match(self._script, said)
        guessed = found is not None and found[0].meaning.startswith("sim-failure")
        if not (guessed and self._reader.line - self._silent <= _NEAR_SILENCE):
            self._noted("netifd", found)

    def _comgt(self, text: str) -> None:
        """comgt 0.32 on a terminal: its name and its clock stand before what it says."""
        self._netifd(text.partition(" -> ")[2])

    def _udhcpc(self, text: str) -> None:
        text = text.strip()
        self._note("udhcpc", self._script, text if text.startswith("udhcpc:") else f"udhcpc: {text}")

    def _modem_manager(self, text: str) -> bool:
        text = text.strip()
        rest = without_level(text)
        if _ACTS.search(rest):
            self._reader.mark("ModemManager")
        if _ACTS.search(rest) or _HAS_MODEM.search(rest):
            self._reader.state.add("=modemmanager-up", self._reader.seen(text))
        if (answer := _TRAFFIC.search(rest)) is not None:
            for line in answer[1].split("<CR><LF>"):
                if line[:1] in ("+", "^"):
                    self._modem(line)
            return True
        if "successfully created" in rest:
            self._reader.state.add("=port-answers", self._reader.seen(text))
        named = _OBJECT.match(rest)
        said = rest[named.end() :] if named else rest
        noted = self._noted("ModemManager", by_reason(messages.match(self._manager, said)))
        if not noted and ("rror" in said or "ail" in said or "couldn't" in said):
            self._reader.history.complaint = self._reader.seen("ModemManager")
        return noted

    # AT dialogues

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


def by_reason(found: _Found) -> _Found:
    """The message with the meaning of the reason that stands at its end, which says more than the message."""
    if found is None or not found[0].code:
        return found
    meaning = reasons.of_modem_manager(found[1].string.rstrip("'"))
    return found if meaning is None else (found[0]._replace(meaning=meaning), found[1])


@functools.cache
def _plain_words() -> dict[tuple[_Program, ...], tuple[str, ...]]:
    """The words that messages of these programs begin with; the programs in the order of asking."""
    found: dict[str, tuple[_Program, ...]] = dict.fromkeys(_NAMED, (_ITSELF,))
    for program in _PLAIN:
        for word in messages.of(program[0]):
            if word and word[0] not in "+^":
                found[word] = (*found.get(word, ()), program)
    for word in _ERRORS:
        found[word] = tuple(dict.fromkeys((*found.get(word, ()), _OFONO)))
    for name in _OFONO_ERRORS:
        found[f"GDBus.Error:{name}"] = found[name]
    words: dict[tuple[_Program, ...], tuple[str, ...]] = {}
    for word, several in found.items():
        words[several] = (*words.get(several, ()), word)
    return words


@functools.cache
def _by_name() -> tuple[dict[str, str], dict[str, str]]:
    """Meaning by the name of oFono's error, and by the words that oFono gives it."""
    names, words = dict(_FURTHER), {}
    for message in (item for items in messages.of("ofono").values() for item in items):
        name, _, said = message.text.partition(": ")
        if name.startswith("org.ofono.Error."):
            names[name] = words[said] = message.meaning
    return names, words


def _silent(handler: Handler) -> Handler:
    """The line stays open to the other readers."""

    def quiet(text: str) -> object:
        return False if handler(text) is False else None

    return quiet


def _first(one: Handler, other: Handler) -> Handler:
    def handler(text: str) -> object:
        return one(text) is True or other(text)

    return handler
