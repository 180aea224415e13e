# SPDX-License-Identifier: MIT
"""usb_modeswitch: what it prints, and its configuration files."""

from __future__ import annotations

import re

from huawei_modem.transcript import ids
from huawei_modem.transcript.model import MOST_STATES, ModeswitchConfig, ModeswitchRun, Seen
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Output, Tables

# usb_modeswitch.conf(5) and usb_modeswitch(1), version 2.6.
_KEYS = """
    DefaultVendor DefaultProduct TargetVendor TargetProduct TargetProductList TargetClass MessageContent
    MessageContent2 MessageContent3 Configuration HuaweiMode HuaweiNewMode HuaweiAltMode NoDriverLoading
    NoMBIMCheck CheckSuccess
"""
_SETTING = re.compile(r"\s*(\w+)\s*=\s*[\"“”„]?([0-9A-Za-zx,]+)[\"“”]?\s*")
_PATH_ID = re.compile(r"/usb_modeswitch(?:\.d)?/([0-9a-f]{4}):([0-9a-f]{4})")
# usb_modeswitch.c 2.5 and later: the message for drives is asked for an interface that is none.
_NO_DRIVE = re.compile(r"Error: can't use storage command in MessageContent with interface \d+; .* Abort")
_NOT_FOUND = re.compile(r"(?:-\w+: |\w+: )?(?:\d+: |line \d+: )?usb_modeswitch: (?:command )?not found")


_BANNER = 30
"""Lines within which the program has said what it was told to do."""


def _is_near(word: str, key: str) -> bool:
    """Whether one letter of the word is another one, too many, or missing."""
    if len(word) == len(key):
        return sum(one != other for one, other in zip(word, key, strict=True)) == 1
    longer, shorter = sorted((word, key), key=len, reverse=True)
    return len(longer) == len(shorter) + 1 and any(
        longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer))
    )


class Modeswitch:
    """Reads configurations line by line, and each run as a whole."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._place = ""
        self._speaks = -_BANNER
        self._last_setting = -_BANNER

    def tables(self) -> Tables:
        return Tables(
            heads={
                **dict.fromkeys(_KEYS.split(), self._setting),
                "Look": self._look,
                "Found": self._found,
                "product": self._found,
                "No": self._nothing,
                "Error:": self._no_drive,
                "Looking": self._look,
                "OK,": self._told,
                "*": self._banner,
                "Take": self._banner,
                "Read": self._banner,
                **dict.fromkeys(
                    ("-sh:", "sh:", "bash:", "-bash:", "-ash:", "usb_modeswitch:", "sudo:"), self._missing
                ),
            },
            cues=((("Product", "Vendor", "Message", "Target", "Default"), self._misspelt),),
            programs={"usb_modeswitch": self._logged},
            commands={"usb_modeswitch": self._start, "cat": self._cat},
        )

    def _cat(self, words: list[str]) -> Output | None:
        self._place = words[1] if len(words) == 2 else ""
        return None

    def _banner(self, text: str) -> bool:
        """usb_modeswitch begins its output with its parameters, in the form of a file."""
        if text.startswith(
            (" * usb_modeswitch", "* usb_modeswitch", "Take all parameters", "Read config file")
        ):
            self._speaks = self._reader.line
            return True
        return False

    def _setting(self, text: str) -> None:
        match = _SETTING.fullmatch(text)
        reader = self._reader
        by_program = (
            reader.command.startswith("usb_modeswitch ") and reader.line - reader.command_line < _BANNER
        )
        if match is None or by_program or reader.line - self._speaks < _BANNER:
            return
        configs = reader.state.configs
        key = match[1].lower()
        joined = reader.joins("usb_modeswitch configuration")
        reader.mark("usb_modeswitch configuration")
        if not joined or not configs or key in configs[-1].values:
            near = reader.command.startswith("cat ") and reader.line - reader.command_line < 20
            configs.append(ModeswitchConfig(self._place if near else ""))
            del configs[:-MOST_STATES]
        self._last_setting = reader.line
        value = match[2].lower().removeprefix("0x")
        configs[-1].values[key] = reader.seen(value)

    def _misspelt(self, text: str) -> None:
        """A setting with a key that nearly is one, in the midst of a configuration."""
        match = _SETTING.fullmatch(text)
        if match is None or not self._reader.joins("usb_modeswitch configuration"):
            return
        meant = [key for key in _KEYS.split() if _is_near(match[1], key)]
        configs = self._reader.state.configs
        if meant and match[1] not in _KEYS.split() and configs:
            configs[-1].values.setdefault(f"?{meant[0]}", self._reader.seen(match[1]))

    def _start(self, words: list[str]) -> Output | None:
        usb = None
        if found := _PATH_ID.search(" ".join(words)):
            usb = f"{found[1]}:{found[2]}"
        elif "-v" in words and "-p" in words:
            values = [words[words.index(flag) + 1 :][:1] for flag in ("-v", "-p")]
            if all(values):
                usb = ":".join(value[0].lower().removeprefix("0x") for value in values)
        self._reader.mark("usb_modeswitch")
        runs = self._reader.state.runs
        runs.append(ModeswitchRun(self._reader.seen(" ".join(words)), usb, before=self._on_bus()))
        del runs[:-MOST_STATES]
        return None

    def _on_bus(self) -> tuple[Seen[str], ...]:
        """Huawei's devices by the latest look at the bus."""
        for state in reversed(self._reader.history.states):
            if state.bus.present:
                return tuple(seen for usb, seen in state.bus.present.items() if usb.startswith(ids.VENDOR))
        return ()

    def _run(self) -> ModeswitchRun:
        runs = self._reader.state.runs
        if not runs:
            runs.append(ModeswitchRun(self._reader.seen("usb_modeswitch"), None))
        return runs[-1]

    def _look(self, text: str) -> None:
        # A run whose command was not pasted begins with the search for the target.
        if text.startswith(("Look for target devices", "Looking for target devices")):
            configs = self._reader.state.configs
            if configs and not configs[-1].place and self._reader.line - self._last_setting < _BANNER:
                configs.pop()
            runs = self._reader.state.runs
            fresh = runs and runs[-1].found is None and runs[-1].nothing is None
            if not fresh:
                runs.append(ModeswitchRun(self._reader.seen("usb_modeswitch"), None))
            self._reader.mark("usb_modeswitch")

    def _found(self, text: str) -> None:
        if text.strip() == "product ID matched" or text.strip().startswith("Found devices in default mode"):
            self._reader.mark("usb_modeswitch")
            self._run().found = self._reader.seen(text.strip())

    def _nothing(self, text: str) -> None:
        if text.strip().startswith("No devices in default mode found"):
            self._reader.mark("usb_modeswitch")
            self._run().nothing = self._reader.seen(text.strip())

    def _no_drive(self, text: str) -> None:
        if _NO_DRIVE.fullmatch(text.strip()):
            self._reader.mark("usb_modeswitch")
            run = self._run()
            run.found, run.nothing = None, self._reader.seen(text.strip())

    def _told(self, text: str) -> None:
        if text.strip() == "OK, message successfully sent":
            self._reader.mark("usb_modeswitch")
            self._run().sent = self._reader.seen(text.strip())

    def _missing(self, text: str) -> None:
        if _NOT_FOUND.fullmatch(text.strip()):
            self._reader.mark("usb_modeswitch")
            self._reader.state.add("modeswitch-missing", self._reader.seen(text.strip()))

    def _logged(self, text: str) -> None:
        if text.startswith("switch device "):
            found = re.match(r"switch device ([0-9a-f]{4}:[0-9a-f]{4}) on", text)
            if found:
                self._reader.mark("usb_modeswitch")
                self._reader.state.add("=modeswitch-ran", self._reader.seen(found[1]))
