# SPDX-License-Identifier: MIT
"""A device's two ids where each stands by itself: files of sysfs, udevadm info, lsusb -v, uevent.

One id is nothing; the device is known when the other one follows.
"""

from __future__ import annotations

import re

from huawei_modem.transcript.model import MOST_ENTRIES, Device
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Output, Tables

_FILE = re.compile(r"idVendor|idProduct")
_TITLE = re.compile(r"==> (?:\S*/)?(idVendor|idProduct) <==")
"""head and tail put it above each of several files."""
_VALUE = re.compile(r"(?:0x)?([0-9a-fA-F]{4})")
_NAMED = re.compile(r"(?:\S*/)?(idVendor|idProduct)\s*[:=]\s*(?:0x)?([0-9a-fA-F]{4})")
"""grep . /sys/bus/usb/devices/*/id* and the like."""
_VERBOSE = re.compile(r"\s*(idVendor|idProduct)\s+0x([0-9a-f]{4})\b(.*)")
# A rule has commas and more than one match; udevadm info -a prints one a line.
_ATTRIBUTE = re.compile(r"\s*ATTRS?\{(idVendor|idProduct)\}==\"([0-9a-f]{4})\"")
_PROPERTY = re.compile(r"(?:E: ?)?(ID_VENDOR_ID|ID_MODEL_ID)=([0-9a-f]{4})")
_LISTED = re.compile(
    r"\W*(?:(?P<vendor>ID_VENDOR_ID|Vendor ?I[Dd]|Vendor(?=: usb ))|(?P<product>ID_MODEL_ID|Product ?I[Dd]|"
    r"Device(?=: usb )))[\"']?: *(?:usb )?[\"']?(?:0x|(?<=ID: )|(?<=ID: [\"']))([0-9a-f]{4})\b.*"
)
"""Home Assistant's hardware, hwinfo, VBoxManage list usbhost, macOS' system_profiler."""
_UEVENT = re.compile(r"(?:E: ?)?PRODUCT=([0-9a-f]{1,4})/([0-9a-f]{1,4})/[0-9a-f]{1,4}")
_BARE = re.compile(r"\s*ID +([0-9a-fA-F]{4}) ?: ?([0-9a-fA-F]{4})\b ?(.*)")
_WORDS = re.compile(
    r"(?:\bVID_|(?<![/\\\w.\[])(?:0x)?)12d1"
    r"(?:[:/ ]|&PID_| and | ?, ?| product )(?:0x)?([0-9a-f]{4})\b(?![*/\w])",
    re.IGNORECASE,
)
"""An id in a sentence; not as the name of a file, nor what somebody writes into a driver's list."""
_INTO = re.compile(r"\bto\b|\binto\b|->|=>|→|\bbecomes?\b|\bnach\b|\bzu\b|\bvers\b|\ben\b|\ba\b")
_NO_SENTENCE = ("new_id", "==", "usb_modeswitch -", "modeswitch.d", "modprobe ", "Target", "Default", "echo ")
_SETTING = re.compile(
    r"[\"'`]12d1:[0-9a-f]{4}\*?[\"'`]\s*(?::|=>?)|\A\s*(?:option|list|set|config)\s|"
    r"USB_DEVICE\w*\s?\(|\A\s*\[12d1:",
    re.IGNORECASE,
)
"""The id of a device that a configuration or a driver is for, whatever is plugged in: usb-mode.json, UCI."""
_ROW = re.compile(r"\W*12d1:[0-9a-f]{4}[\"'`*]*(?: ?[-–—=:|]+>? ?| {2,}|\t)[\"'`]?\w", re.IGNORECASE)
"""An id and what it means."""
_APART = 2
"""Lines from one such row to the next."""
_OF_ANOTHER = re.compile(
    r"\b(?:his|her|their|friend|if|e\.g|example|another|other|instead|unlike)\b", re.IGNORECASE
)
"""A sentence about somebody else's stick, or none that is there."""
_HAS_LAYER = re.compile(r"huawei-modem|meta-huawei|toradex|colibri|verdin|apalis", re.IGNORECASE)
_OPENWRT = re.compile(r"OpenW[rR][tT]|\b(?:Lede|LEDE)\b")
_KIN = re.compile(
    r"\bDD-?WRT\b|\b(?:Fresh|Advanced)?Tomato\b|\bPadavan\b|\bKeenetic|\b(?:Ubuntu|Debian|Raspbian|Fedora)\b",
    re.IGNORECASE,
)
"""Other systems of routers and computers: with one of them in it, a sentence compares."""
_LINK = re.compile(r"(?:https?|ftp)://\S+|\bwww\.\S+")
"""An address names what its page is about, not what is here."""
_SWITCHES = re.compile(r"usb_modeswitch\S* +-\w")
_HAS_MODESWITCH = re.compile(
    r"usb[_ -]?mode-?switch|\bmode-?switch(?:ing)? (?:\w+ )?(?:works?|fails?|does|did|happens?)\b|"
    r"automatic mode-?switch",
    re.IGNORECASE,
)
_NAMES = {"ID_VENDOR_ID": "idVendor", "ID_MODEL_ID": "idProduct"}
_FAR = 24
"""Lines between the two: prompts, blank lines, and other attributes of udevadm info."""
_ROOT_HUB, _VENDOR = "1d6b", "12d1"
MOST_NAMED = 16


class Identity:
    """Puts the two ids of a device together."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._row = ("", 0)
        """Id and line of the last row of what may be a table of ids."""
        self._known: dict[str, tuple[str, int]] = {}
        """Name of the id to its value and line."""

    def tables(self) -> Tables:
        return Tables(
            heads={
                "idVendor": self._verbose,
                "idProduct": self._verbose,
                "ID": self._bare,
                "==>": self._titled,
                "E:": self._property,
                "Vendor:": self._listed,
                "Device:": self._listed,
            },
            commands={"cat": self._cat, "for": self._cat},
            cues=(
                (("{idVendor}", "{idProduct}"), self._attribute),
                (
                    ("/idVendor", "/idProduct", "idVendor=", "idProduct=", "idVendor:", "idProduct:"),
                    self._file,
                ),
                (("ID_VENDOR_ID=", "ID_MODEL_ID=", "PRODUCT="), self._property),
                (("_ID: ", "endorId:", "endor ID:", "roductId:", "roduct ID:", ": usb 0x"), self._listed),
                (("12d1", "12D1"), self._in_words),
                (
                    (
                        "huawei-modem",
                        "meta-huawei",
                        "oradex",
                        "olibri",
                        "modeswitch",
                        "mode-switch",
                        "enter-pin",
                        "OpenWrt",
                        "OpenWRT",
                        *("Lede", "LEDE", "lede"),
                    ),
                    self._words,
                ),
            ),
        )

    def _cat(self, words: list[str]) -> Output | None:
        """One of the two files is printed, or both in their order: named each, in braces or by a loop."""
        names = _FILE.findall(" ".join(words[1:]))
        if not names:
            return None

        def output(text: str) -> bool:
            match = _VALUE.fullmatch(text.strip())
            if match is None:
                return False
            self._half(names.pop(0), match[1])
            return bool(names)

        return output

    def _titled(self, text: str) -> None:
        if match := _TITLE.fullmatch(text.strip()):
            self._reader.output = self._cat(["cat", match[1]])

    def _file(self, text: str) -> None:
        if match := _NAMED.fullmatch(text.strip()):
            self._half(match[1], match[2])

    def _verbose(self, text: str) -> bool:
        if match := _VERBOSE.fullmatch(text):
            self._half(match[1], match[2])
        return match is not None

    def _attribute(self, text: str) -> None:
        if match := _ATTRIBUTE.fullmatch(text):
            self._half(match[1], match[2])

    def _property(self, text: str) -> bool:
        text = text.strip()
        if match := _PROPERTY.fullmatch(text):
            self._half(_NAMES[match[1]], match[2])
        elif match := _UEVENT.fullmatch(text):
            self.device(f"{match[1]:>04}:{match[2]:>04}")
        return False

    def _listed(self, text: str) -> bool:
        if match := _LISTED.fullmatch(text):
            self._half("idVendor" if match["vendor"] else "idProduct", match[3])
        return match is not None

    def _bare(self, text: str) -> bool:
        """The id as lsusb writes it, cut out of its line."""
        if match := _BARE.fullmatch(text):
            self.device(f"{match[1]}:{match[2]}".lower(), match[3].strip())
        return match is not None

    def _in_words(self, text: str) -> None:
        """An id in a sentence; of two with a way between them the one that it leads to."""
        named = self._reader.history.named
        if (
            any(word in text for word in _NO_SENTENCE)
            or _SETTING.search(text)
            or _OF_ANOTHER.search(text)
            or len(named) >= MOST_NAMED
        ):
            return
        found = [(match.start(), f"{_VENDOR}:{match[1].lower()}") for match in _WORDS.finditer(text)]
        if len(found) == 2 and _INTO.search(text[found[0][0] + 9 : found[1][0]]):
            named.pop(found[0][1], None)
            del found[0]
        if _ROW.match(text) and self._is_in_table(found[0][1]):
            return
        for _start, usb in found:
            if usb not in self._reader.state.bus.present:
                named.setdefault(usb, self._reader.seen(usb))

    def _is_in_table(self, usb: str) -> bool:
        """Whether it is a further row of a table that explains ids: none of them is of this stick."""
        (last, line), self._row = self._row, (usb, self._reader.line)
        further = bool(last) and last != usb and self._reader.line - line <= _APART
        known = self._reader.history.named.get(last)
        if further and known is not None and known.place[2] == line:
            del self._reader.history.named[last]
        return further

    def _words(self, text: str) -> None:
        words, text = self._reader.history.words, _LINK.sub("", text)
        if _HAS_LAYER.search(text):
            words.add("layer")
        if _SWITCHES.search(text):
            words.add("switch command")
        if _OPENWRT.search(text) and not (_OF_ANOTHER.search(text) or _KIN.search(text)):
            words.add("openwrt")
        if "enter-pin" in text:
            words.add("pintried")
        if _HAS_MODESWITCH.search(text):
            words.add("usb_modeswitch")

    def _half(self, name: str, value: str) -> None:
        reader, value = self._reader, value.lower()
        self._known[name] = (value, reader.line)
        vendor, product = (self._known.get(key) for key in ("idVendor", "idProduct"))
        if vendor is not None and product is not None and abs(vendor[1] - product[1]) <= _FAR:
            self._known = {}
            self.device(f"{vendor[0]}:{product[0]}")

    def device(self, usb: str, name: str = "") -> None:
        """The device is there, beside what else is known to be."""
        reader, bus = self._reader, self._reader.state.bus
        if usb.startswith(_ROOT_HUB) or len(bus.devices) >= MOST_ENTRIES or len(bus.present) >= MOST_ENTRIES:
            return
        reader.mark("USB ids")
        seen = reader.seen(usb)
        bus.devices.setdefault(usb, Device(seen, name))
        bus.present.setdefault(usb, seen)
