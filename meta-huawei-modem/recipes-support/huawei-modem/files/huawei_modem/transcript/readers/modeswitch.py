# SPDX-License-Identifier: MIT
"""The configuration files of usb_modeswitch, and what it was told where it prints that in their form."""

from __future__ import annotations

import re

from huawei_modem.transcript import ids
from huawei_modem.transcript.model import MOST_STATES, ModeswitchConfig
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Output, Tables

# usb_modeswitch.conf(5) and usb_modeswitch(1), version 2.6.
_KEYS = """
    DefaultVendor DefaultProduct TargetVendor TargetProduct TargetProductList TargetClass MessageContent
    MessageContent2 MessageContent3 Configuration HuaweiMode HuaweiNewMode HuaweiAltMode NoDriverLoading
    NoMBIMCheck CheckSuccess
"""
_SETTING = re.compile(r"\s*(\w+)\s*=\s*[\"“”„]?([0-9A-Za-zx,]+)[\"“”]?\s*")
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
        self._vendor = ""

    def tables(self) -> Tables:
        return Tables(
            heads={
                **dict.fromkeys(_KEYS.split(), self._setting),
                **dict.fromkeys(
                    ("-sh:", "sh:", "bash:", "-bash:", "-ash:", "usb_modeswitch:", "sudo:"), self._missing
                ),
            },
            cues=((("Product", "Vendor", "Message", "Target", "Default"), self._misspelt),),
            commands={"cat": self._cat},
        )

    def _cat(self, words: list[str]) -> Output | None:
        self._place = words[1] if len(words) == 2 else ""
        return None

    def _setting(self, text: str) -> None:
        match = _SETTING.fullmatch(text)
        reader = self._reader
        if match is None:
            return
        key, value = match[1].lower(), match[2].lower().removeprefix("0x")
        if self._is_printed(key, value):
            return
        configs = reader.state.configs
        joined = reader.joins("usb_modeswitch configuration")
        reader.mark("usb_modeswitch configuration")
        if not joined or not configs or key in configs[-1].values:
            near = reader.command.startswith("cat ") and reader.line - reader.command_line < 20
            configs.append(ModeswitchConfig(self._place if near else ""))
            del configs[:-MOST_STATES]
        configs[-1].last = reader.line
        configs[-1].values[key] = reader.seen(value)

    def _is_printed(self, key: str, value: str) -> bool:
        """Whether a run says by this line what it was told, and no file does."""
        reader, runs = self._reader, self._reader.state.runs
        by_program = (
            reader.command.startswith("usb_modeswitch ") and reader.line - reader.command_line < _BANNER
        )
        spoken = bool(runs) and 0 <= reader.line - runs[-1].banner < _BANNER
        if spoken and key == "defaultproduct" and runs[-1].usb is None:
            runs[-1].usb = f"{ids.VENDOR}:{value}" if self._vendor == ids.VENDOR else None
        elif key == "defaultvendor":
            self._vendor = value
        return by_program or spoken

    def _misspelt(self, text: str) -> None:
        """A setting with a key that nearly is one, in the midst of a configuration."""
        match = _SETTING.fullmatch(text)
        if match is None or not self._reader.joins("usb_modeswitch configuration"):
            return
        meant = [key for key in _KEYS.split() if _is_near(match[1], key)]
        configs = self._reader.state.configs
        if meant and match[1] not in _KEYS.split() and configs:
            configs[-1].values.setdefault(f"?{meant[0]}", self._reader.seen(match[1]))

    def _missing(self, text: str) -> bool:
        if _NOT_FOUND.fullmatch(text.strip()):
            self._reader.mark("usb_modeswitch")
            self._reader.state.add("modeswitch-missing", self._reader.seen(text.strip()))
        return False
