# SPDX-License-Identifier: MIT
"""Runs of usb_modeswitch: what it was asked, found and sent, and how it ended.

The words are those of usb_modeswitch 0.9.7 to 2.6.1: of the program, of its dispatcher's log below /var/log,
and of what both write to the system's log. What a run comes to changes what is on the bus.
"""

from __future__ import annotations

import re

from huawei_modem.transcript import ids
from huawei_modem.transcript.model import MOST_STATES, ModeswitchConfig, ModeswitchRun, Seen
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.readers.listings import device_of
from huawei_modem.transcript.tables import Output, Tables

_ID = r"([0-9a-f]{4}:[0-9a-f]{4})"
_PATH_ID = re.compile(rf"/usb_modeswitch(?:\.d)?/{_ID}")
_BEGINS = re.compile(
    r"Look(?:ing)? for target devices|\* usb_modeswitch: handle USB devices|USB_ModeSwitch log from |"
    r"Raw (?:args from udev|parameters): "
)
_BANNER = re.compile(
    r"\* usb_modeswitch|Take all parameters|Taking all parameters|Read(?:ing)? (?:config|long)"
)
_BEGINS_LATE = re.compile(
    r"Look(?:ing)? for default devices|Found devices? in default mode|Trying to send message \d+ to endpoint|"
    r"Sending the message returned error -\d+|Error: can't use storage command in MessageContent"
)
"""Where the beginning was not pasted, or the configuration names no target."""
_FOR_DEFAULT = re.compile(r"Look(?:ing)? for default devices")
_NAMES = re.compile(
    rf"(?:check(?:ing)?|Check) config: (?:.*/)?{_ID}\Z|Extract(?:ing)? config {_ID} .*|"
    r"\S*usb_modeswitch .*?-v (?:0x)?(?P<vendor>[0-9a-fA-F]{4}) -p (?:0x)?(?P<product>[0-9a-fA-F]{4})\b.*"
)
_FOUND = re.compile(
    r"(?:found matching )?product ID matched|found matching product ID|Found devices? in default mode"
)
_LISTS = re.compile(rf"(?:searching devices, )?found USB ID {_ID}")
_ENDS = (
    (
        "sent",
        re.compile(
            r"OK, message successfully sent|The configuration was set successfully|OK, configuration set"
        ),
    ),
    (
        "unsent",
        re.compile(
            r"Sending the message returned error -(?!19\b|99\b|4\b)\d+|Could not send message \d+ \(error"
        ),
    ),
    (
        "nothing",
        re.compile(
            r"No devices in default mode.* found|No default device found|All devices in target class mode|"
            r"Device is not in install mode|Class of interface 0 matches target|"
            r"Target configuration \d+ (?:found|already active)|"
            r"Error: can't use storage command in MessageContent with interface \d+; .* Abort"
        ),
    ),
    (
        "vanished",
        re.compile(r"Original device (?:can't be accessed anymore|vanished)|Device seems to have vanished"),
    ),
    (
        "switched",
        re.compile(
            r"Mode switch (?:was successful|succeeded|most likely succeeded)|"
            r"Mode switching was successful, found |(?:usb_modeswitch: )?switched to [0-9a-f]{4}:|"
            r"Found (?:correct target device|a new device in target mode)"
        ),
    ),
    (
        "failed",
        re.compile(
            r"Mode switch (?:most likely failed|has failed|seems to have failed)|"
            r"Mode switching may have failed|"
            r"Core program reported switching failure|Original device still present after the timeout|"
            r"Original device can still be accessed|No new devices in target mode or class found"
        ),
    ),
    (
        "disabled",
        re.compile(r"Switching globally disabled|(?:usb_modeswitch: )?switching disabled, no action for "),
    ),
    (
        "unlisted",
        re.compile(r"No matching config file found|Aargh! Config file missing for|Error: no config database"),
    ),
)
"""What a run comes to, and the lines that say so."""
_BECAME = re.compile(rf"(?:found|switched to) {_ID}")
_SWITCHES = re.compile(rf"switch device {_ID} on")
_SWITCHED = re.compile(rf"switched to {_ID}")
_HEADS = """
    Look Looking * USB_ModeSwitch Raw Take Taking Read Reading checking Check Extract Extracting
    usb_modeswitch found
    product Found searching OK, The No All Device Class Target Error: Original Mode switched switching Core
    Sending Trying Could Switching Aargh! USB SCSI Vendor Model Revision Product: Product Serial
    Use Using Access Accessing
"""
_QUIET = re.compile(
    r"(?:USB description data|SCSI inquiry data|Vendor String:|Model String:|Revision String:|Serial No\.:|"
    r"Us(?:e|ing) (?:interface number|endpoint)|Access(?:ing)? device )"
)
"""Lines of a run that say nothing by themselves."""


_FAR = 40
"""Lines of what libusb and the kernel say in the midst of a run."""


class Switching:
    """Follows each run from its beginning to its end."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._default = False
        """Whether the run looks for devices that are to be switched, and no more for switched ones."""
        self._listed = ""
        self._last = ("", 0)
        """Source and number of the last line of a run."""

    def tables(self) -> Tables:
        return Tables(
            heads=dict.fromkeys(_HEADS.split(), self._line),
            programs={"usb_modeswitch": self._logged, "usb_modeswitch_dispatcher": self._logged},
            commands={"usb_modeswitch": self._start},
        )

    def _start(self, words: list[str]) -> Output | None:
        reader, usb = self._reader, None
        if found := _PATH_ID.search(" ".join(words)):
            usb = found[1]
        elif "-v" in words and "-p" in words:
            values = [words[words.index(flag) + 1 :][:1] for flag in ("-v", "-p")]
            if all(values):
                usb = ":".join(value[0].lower().removeprefix("0x") for value in values)
        elif "-c" in words and reader.state.configs:
            usb = _default_of(reader.state.configs[-1])
        reader.mark("usb_modeswitch")
        self._add(ModeswitchRun(reader.seen(" ".join(words)), usb, before=self._on_bus()))
        return None

    def _add(self, run: ModeswitchRun) -> ModeswitchRun:
        runs = self._reader.state.runs
        runs.append(run)
        del runs[:-MOST_STATES]
        self._default, self._listed = False, ""
        self._last = (self._reader.source, self._reader.line)
        return run

    def _on_bus(self) -> tuple[Seen[str], ...]:
        """Huawei's devices by the latest look at the bus."""
        for state in reversed(self._reader.history.states):
            if state.bus.present:
                return tuple(seen for usb, seen in state.bus.present.items() if usb.startswith(ids.VENDOR))
        return ()

    def _run(self) -> ModeswitchRun:
        runs = self._reader.state.runs
        return runs[-1] if runs else self._begun()

    def _begun(self) -> ModeswitchRun:
        return self._add(ModeswitchRun(self._reader.seen("usb_modeswitch"), None, before=self._on_bus()))

    def _line(self, text: str) -> bool:
        """A line on a terminal, or of the dispatcher's log file."""
        text, reader = text.strip(), self._reader
        if _BEGINS.match(text):
            self._looks()
        elif (match := _NAMES.match(text)) and match["vendor"] and not self._is_near():
            self._begun().usb = f"{match['vendor']}:{match['product']}".lower()
        elif not self._is_near():
            return _BEGINS_LATE.match(text) is not None and self._begun_late(text)
        elif _FOR_DEFAULT.match(text):
            self._default = True
        elif match := _LISTS.match(text):
            self._listed = match[1]
        elif match := _NAMES.match(text):
            named = match[1] or match[2] or f"{match['vendor']}:{match['product']}"
            self._run().usb = named.lower()
        elif _FOUND.match(text):
            self._found(text)
        elif not self._ended(text) and not _QUIET.match(text) and not _BANNER.match(text):
            return False
        reader.mark("usb_modeswitch")
        self._last = (reader.source, reader.line)
        if _BANNER.match(text):
            self._run().banner = reader.line
        return True

    def _begun_late(self, text: str) -> bool:
        """A run whose first lines were not pasted."""
        self._begun()
        self._default = True
        self._ended(text)
        self._reader.mark("usb_modeswitch")
        return True

    def _found(self, text: str) -> None:
        """It sees a device that is to be switched; before, in the search for the target, one that is."""
        if self._default or text.startswith("Found device"):
            run = self._run()
            run.found = self._reader.seen(text)
            run.usb = run.usb or self._listed or None

    def _is_near(self) -> bool:
        """Whether the lines before are of a run."""
        reader = self._reader
        by_command = reader.command.startswith("usb_modeswitch ") and reader.line > reader.command_line
        source, line = self._last
        return by_command or (source == reader.source and reader.line - line < _FAR)

    def _looks(self) -> None:
        """The search for the target begins a run, also one whose command was not pasted."""
        configs, runs = self._reader.state.configs, self._reader.state.runs
        if configs and not configs[-1].place and configs[-1].last >= self._reader.line - 20:
            shown = configs.pop()  # the program says what it was told, in the form of a file
        else:
            shown = None
        fresh = runs and not any((runs[-1].found, runs[-1].nothing, runs[-1].sent, runs[-1].outcome))
        run = runs[-1] if fresh else self._begun()
        if shown is not None and run.usb is None:
            run.usb = _default_of(shown)
        self._default = False

    def _ended(self, text: str) -> bool:
        for what, words in _ENDS:
            if words.match(text):
                self._is(what, text)
                return True
        return False

    def _is(self, what: str, text: str) -> None:
        reader, run = self._reader, self._run()
        seen = reader.seen(text)
        if what == "sent":
            run.sent = seen
        elif what == "unsent":
            run.unsent = seen
        elif what == "nothing":
            run.nothing = seen
            if text.startswith("Error"):
                run.found = None
        elif what != "vanished":  # that the drive has gone is said by what came in its place
            run.outcome = reader.seen(what)
            if what == "switched":
                became = _BECAME.search(text)
                self._switched(run, became[1] if became else self._listed)

    def _switched(self, run: ModeswitchRun, usb: str) -> None:
        """The drive has gone, and what it became is there where the program names it."""
        bus, was = self._reader.state.bus, run.usb
        drives = [was] if was else [seen.value for seen in run.before]
        for drive in drives:
            if drive != usb:
                bus.present.pop(drive, None)
                bus.devices.pop(drive, None)
        bus.drive = None
        if usb and usb not in drives and usb.startswith(ids.VENDOR):
            run.became = usb
            if (found := device_of(self._reader, usb)) is not None:
                bus.present.setdefault(usb, found.usb)

    def _logged(self, text: str) -> None:
        """What goes to the system's log."""
        text = text.strip().removeprefix("usb_modeswitch: ")
        if text.startswith("switch device "):
            found = _SWITCHES.match(text)
            if found:
                self._reader.mark("usb_modeswitch")
                self._reader.state.add("=modeswitch-ran", self._reader.seen(found[1]))
        elif match := _SWITCHED.match(text):
            self._reader.mark("usb_modeswitch")
            run = self._begun()
            run.outcome, run.logged = self._reader.seen("switched"), True
            ran = self._reader.state.events_of("=modeswitch-ran")
            run.usb = ran[-1].value if ran else None
            self._switched(run, match[1])


def _default_of(config: ModeswitchConfig) -> str | None:
    vendor, product = (config.values.get(key) for key in ("defaultvendor", "defaultproduct"))
    return f"{vendor.value}:{product.value}" if vendor is not None and product is not None else None
