# SPDX-License-Identifier: MIT
"""oFono and ConnMan: their logs, oFono's test scripts, connmanctl, systemctl, D-Bus errors, rfkill, ip."""

from __future__ import annotations

import re

from huawei_modem.transcript.model import MOST_ENTRIES, MOST_STATES, Context, Seen
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.readers.ofonod import TRAFFIC_HEADS
from huawei_modem.transcript.tables import Output, Tables

_NO_MODEMS = ("([],)", "(@a(oa{sv}) [],)", "a(oa{sv}) 0", "array [ ]")
"""The empty list of gdbus, busctl and dbus-send."""
_MODEM = re.compile(r"\s*\[ (/[\w/]+) \]")
_INTERFACE = re.compile(r"\s*\[ org\.ofono\.(\w+) \]")
_PROPERTY = re.compile(r"\s*([A-Z][\w.]+) = ?(.*)")
# oFono 1.31 plugins/udevng.c, setup_huawei(): port, triple in decimal, interface number, label.
_OFFERED = re.compile(r".*setup_huawei\(\) /dev/(tty\w+) (\d+/\d+/\d+) (\w+) (\w+|\(null\)).*")
_ACTIVE = re.compile(r"\s*Active: (\w+) .*")
# systemd src/basic/glyph-util.c: a filled or empty circle or a cross; * or x where the locale is not UTF-8.
# Read in another character set, the bullet's bytes are an accented letter and rests.
_UNIT = re.compile(
    r"(?:[^\w\s]{1,3}|x|[^\x00-\x7f][^a-zA-Z0-9\s]{0,3}|M-bM-\^WM-\^[OK]|M-CM-\^W|\\\S{6,12})?"
    r"\s+(ofono|connman|ModemManager)\.service(?: - .*)?"
)
_OF_STATUS = re.compile(r"\s|(?:Loaded|Drop-In|Docs|Active|TriggeredBy|Process|Main PID): ")
_SERVICE = re.compile(
    r"\s*(\*\s?A?\s?[acdRO]?)\s+(?=\S)(.{0,80}?)\s*((?:cellular|ethernet|wifi|gadget|bluetooth)_[\w\[\]-]+)"
)
_TECHNOLOGY = re.compile(r"/net/connman/technology/(\w+)")
_WIRED = re.compile(r"/net/connman/service/ethernet_([\w\[\]-]+?)_\w+")
_NEAR = 12
"""Lines from a service's path to its State."""
_RADIO = re.compile(r"\d+: \S+: (.+)")
_RADIO_ROW = re.compile(r" *\d+ +(\w+) +\S+ +(\w+) +(\w+)")
_TECHNOLOGIES = ("cellular", "ethernet", "wifi", "bluetooth", "gadget", "p2p")
_UNJOINED = re.compile(r"(\s{2,})(?=\S)(.{0,80}? +)?((?:cellular|ethernet|wifi|gadget|bluetooth)_[\w\[\]-]+)")
"""Services that were never joined have no flags, only a name."""
_STATE = re.compile(r"\s*(State|OfflineMode) = (\w+)")


class Daemons:
    """Reads what the daemons and their clients print."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._section = ""
        self._listed = False
        self._opened = -9
        """Line of the bracket that opens the list of modems in dbus-send's answer."""
        self._asked = False
        self._radio = ""
        self._wired: tuple[str, int] = ("", 0)
        """MAC address and line of the ethernet service whose properties follow."""

    def tables(self) -> Tables:
        def ofonod(text: str) -> None:
            self._offered(text)
            self._vendor(text)

        return Tables(
            heads={
                **{f"/net/connman/technology/{name}": self._technology for name in _TECHNOLOGIES},
                "[": self._modem,
                "array": self._array,
                "]": self._array,
                "State": self._state,
                "OfflineMode": self._state,
                "NetworkInterfaceBlacklist": self._blacklist,
                "Soft": self._rfkill,
                "Hard": self._rfkill,
                **dict.fromkeys(TRAFFIC_HEADS, self._vendor),
            },
            programs={
                "ofonod": ofonod,
            },
            commands={
                "list-modems": self._list_modems,
                "list-contexts": self._list_modems,
                "connmanctl": self._connmanctl,
                **dict.fromkeys(("gdbus", "busctl", "dbus-send"), self._get_modems),
                "rfkill": lambda _words: self._rfkill_line,
            },
            cues=(
                (("/net/connman/service/ethernet_",), self._ethernet),
                (("setup_huawei",), self._offered),
                ((".service",), self._unit),
                (("cellular_", " ethernet_"), self._service_alone),
            ),
        )

    def _offered(self, text: str) -> None:
        match = _OFFERED.fullmatch(text) if "setup_huawei" in text else None
        if match is not None and len(self._reader.state.offered) < MOST_ENTRIES:
            self._reader.mark("ofonod")
            self._reader.state.offered[match[1]] = self._reader.seen(f"{match[2]} {match[4]}")

    def _vendor(self, text: str) -> None:
        """The answer to AT+CGMI in the debug log, which prints the line ends as \\r\\n."""
        if "> AT+CGMI" in text:
            self._asked = True
        elif self._asked and "< " in text:
            self._asked = False
            words = [
                word for word in text.partition("< ")[2].replace("\\r", "\\n").split("\\n") if word.strip()
            ]
            if words and words[0] not in ("OK", "ERROR") and not words[0].startswith("AT+"):
                self._reader.mark("ofonod")
                self._reader.state.vendor = self._reader.seen(words[0].strip()[:40])

    # list-modems and list-contexts of oFono's test scripts

    def _list_modems(self, words: list[str]) -> Output | None:
        self._listed = False
        if words[0] == "list-modems":
            self._reader.ended = self._command_ended
        else:
            self._reader.ended = self._contexts_ended
            self._reader.state.contexts = None
        return self._modem_line

    def _get_modems(self, words: list[str]) -> Output | None:
        """The empty list of a client of D-Bus is oFono's word that it has no modem."""
        if not any("GetModems" in word for word in words):
            return None

        def output(text: str) -> bool:
            text = text.strip()
            if text in _NO_MODEMS:
                self._reader.mark("list-modems")
                self._reader.state.modems = self._reader.seen(())
            # dbus-send prints a head, and the brackets on two lines.
            return text.startswith("method return ")

        return output

    def _opened_since(self) -> bool:
        """Whether a bracket was opened since the command: a modem's properties have arrays too."""
        return self._opened > self._reader.command_line

    def _array(self, text: str) -> bool:
        """The empty array of dbus-send, on two lines."""
        if text.strip() == "array [" and "GetModems" in self._reader.command and not self._opened_since():
            self._opened = self._reader.line
        elif text.strip() == "]" and self._reader.follows(self._opened):
            self._reader.mark("list-modems")
            self._reader.state.modems = self._reader.seen_command(())
        return False

    def _contexts_ended(self, by_prompt: bool) -> None:
        """A modem was named and no context below it."""
        del by_prompt
        state = self._reader.state
        if self._listed and state.contexts is None:
            state.contexts, state.contexts_asked = [], self._reader.seen_command(self._reader.command)

    def _command_ended(self, by_prompt: bool) -> None:
        """The next prompt follows, or a blank line and a sentence: the list was not cut off."""
        # What follows at once is a complaint: the script is not there, or oFono does not answer.
        complaint = not by_prompt and self._reader.follows(self._reader.command_line)
        if not self._listed and not complaint:
            self._reader.mark("list-modems")
            self._reader.state.modems = self._reader.seen_command(())

    def _modem(self, text: str) -> None:
        if self._modem_line(text):
            self._reader.output = self._modem_line

    def _modem_line(self, text: str) -> bool:
        state = self._reader.state
        if match := _MODEM.fullmatch(text):
            self._reader.mark("list-modems")
            path = match[1]
            if "context" in path:
                self._section = "Context."
                # Printed anew it is as it is now.
                known = [item for item in state.contexts or () if item.path.value != path]
                state.contexts = [*known[-MOST_STATES:], Context(self._reader.seen(path))]
                return True
            self._section = ""
            self._listed = True
            names = state.modems.value if state.modems else ()
            state.modems = self._reader.seen((*names[:16], path))
            return True
        if match := _INTERFACE.fullmatch(text):
            self._section = f"{match[1]}."
            return True
        if match := _PROPERTY.fullmatch(text):
            seen = self._reader.seen(match[2].strip())
            if self._section == "Context." and state.contexts:
                state.contexts[-1].values[match[1]] = seen
            elif len(state.ofono) < MOST_ENTRIES:
                state.ofono[self._section + match[1]] = seen
            return True
        # The rest of a list of interfaces that did not fit on its line.
        return not text or text.lstrip().startswith("org.ofono.")

    # systemctl status

    def _unit(self, text: str) -> None:
        match = _UNIT.fullmatch(text.rstrip())
        if match is None:
            return
        self._reader.mark("systemctl")
        unit = match[1].lower()

        def output(line: str) -> bool:
            if active := _ACTIVE.fullmatch(line):
                runs = active[1] in ("active", "activating")
                down = f"={unit}-down" if unit == "modemmanager" else f"{unit}-not-running"
                self._reader.state.add(f"={unit}-up" if runs else down, self._reader.seen(line.strip()))
                return False
            return _OF_STATUS.match(line) is not None

        self._reader.output = output

    # connmanctl, rfkill, ifconfig, ip

    def _connmanctl(self, words: list[str]) -> Output | None:
        what = words[1] if len(words) > 1 else ""
        if what == "services" and len(words) == 2:
            self._reader.state.services = self._reader.seen(())
            return self._service_line
        if what == "technologies":
            self._section = ""
            known = self._reader.state.connman
            for key in [key for key in known if "." in key or key.startswith("technolog")]:
                del known[key]
            self._reader.ended = self._technologies_ended
            return self._technology_line
        if what == "state":
            return self._state_line
        if words[1:] == ["enable", "cellular"]:
            return self._enabled
        return None

    def _enabled(self, text: str) -> bool:
        """ConnMan 1.41 client/commands.c: `Error cellular: Operation timeout`, or that it is on already."""
        if text.startswith("Error ") and "lready" not in text:
            self._reader.mark("connmanctl")
            self._reader.state.add("=enable-refused", self._reader.seen(text.strip()))
        return False

    def _service_line(self, text: str) -> bool:
        match = _SERVICE.fullmatch(text.rstrip())
        if match is None:
            match = _UNJOINED.fullmatch(text)
        if match is None:
            return False
        self._reader.mark("connmanctl")
        kind = match[3].partition("_")[0]
        services = self._reader.state.services
        lines = services.value if services else ()
        self._reader.state.services = self._reader.seen((*lines[:64], f"{kind} {match[1].strip()}"))
        if kind == "ethernet" and len(self._reader.state.wired) < MOST_ENTRIES:
            self._reader.state.wired[match[3].split("_")[1].lower()] = self._reader.seen(match[1].strip())
        if kind == "cellular":
            flags, seen = match[1].strip(), self._reader.seen(match[3])
            sign = "=online" if flags[-1:] in ("R", "O") else "connman-service-idle"
            if flags[-1:] in ("a", "c"):
                sign = "=dialling"
            self._reader.state.add(sign, Seen(match[3], seen.place))
        return True

    def _service_alone(self, text: str) -> None:
        """A line of connmanctl services, under whatever command or none."""
        services = self._reader.state.services
        if self._reader.joins("connmanctl services") is False:
            self._reader.state.services = None
        if not self._service_line(text):
            self._reader.state.services = services

    def _technology(self, text: str) -> None:
        """The list of technologies, under whatever command or none."""
        self._connmanctl(["connmanctl", "technologies"])
        if self._technology_line(text):
            self._reader.output = self._technology_line

    def _technology_line(self, text: str) -> bool:
        if match := _TECHNOLOGY.fullmatch(text):
            self._section = f"{match[1]}."
            self._reader.mark("connmanctl")
            known = self._reader.state.connman.get("technologies")
            named = f"{known.value if known else ''} {match[1]}".strip()
            self._reader.state.connman["technologies"] = self._reader.seen(named[:200])
            return True
        if match := _PROPERTY.fullmatch(text):
            if len(self._reader.state.connman) < MOST_ENTRIES:
                self._reader.state.connman[self._section + match[1]] = self._reader.seen(match[2].strip())
            return True
        return False

    def _technologies_ended(self, by_prompt: bool) -> None:
        """Something else follows: what the list does not name is not there."""
        del by_prompt
        known = self._reader.state.connman
        if "technologies" in known:
            known["technologies listed"] = self._reader.seen_command(self._reader.command)

    def _state_line(self, text: str) -> bool:
        if match := _PROPERTY.fullmatch(text):
            self._reader.mark("connmanctl")
            self._reader.state.connman[match[1]] = self._reader.seen(match[2].strip())
            self._state(text)
            return True
        return False

    def _ethernet(self, text: str) -> None:
        """The path of an ethernet service begins its properties."""
        if (match := _WIRED.fullmatch(text.strip())) and len(self._reader.state.wired) < MOST_ENTRIES:
            self._wired = (match[1].lower(), self._reader.line)

    def _state(self, text: str) -> None:
        if match := _STATE.fullmatch(text):
            self._reader.mark("connmanctl")
            mac, line = self._wired
            if match[2] in ("ready", "online") and mac and 0 < self._reader.line - line <= _NEAR:
                self._reader.state.wired[mac] = self._reader.seen(match[2][0].upper())
                return
            if match[2] == "failure":
                self._reader.state.add("connman-service-failed", self._reader.seen(text.strip()))
            elif match[2] == "online":
                self._reader.state.add("=online", self._reader.seen(text.strip()))
            self._reader.state.connman[match[1]] = self._reader.seen(match[2])

    def _blacklist(self, text: str) -> None:
        """connman.conf(5): prefixes of interfaces that ConnMan leaves alone."""
        if match := re.fullmatch(r"\s*NetworkInterfaceBlacklist ?= ?([\w,. -]{1,200})", text):
            self._reader.mark("ConnMan's configuration")
            self._reader.state.connman["NetworkInterfaceBlacklist"] = self._reader.seen(match[1])

    def _rfkill_line(self, text: str) -> bool:
        """`rfkill list` with the radio's kind above its two lines, or the table of util-linux."""
        if match := _RADIO.fullmatch(text):
            self._radio = match[1]
            self._reader.mark("rfkill")
            return True
        if match := _RADIO_ROW.fullmatch(text):
            self._reader.mark("rfkill")
            if match[1] == "wwan" and "blocked" in (match[2], match[3]):
                self._reader.state.add("=rfkill-blocked", self._reader.seen(text.strip()))
            return True
        self._rfkill(text.strip())
        return text.startswith((" ", "ID"))

    def _rfkill(self, text: str) -> None:
        # A blocked WLAN is nothing to the modem.
        if self._radio == "Wireless WAN" and re.fullmatch(r"(?:Soft|Hard) blocked: yes", text.strip()):
            self._reader.mark("rfkill")
            self._reader.state.add("=rfkill-blocked", self._reader.seen(text.strip()))
