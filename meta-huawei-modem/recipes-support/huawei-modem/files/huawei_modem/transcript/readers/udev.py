# SPDX-License-Identifier: MIT
"""udev: rules as text, and the properties of a tty as udevadm info prints them."""

from __future__ import annotations

import re

from huawei_modem.transcript import ids
from huawei_modem.transcript.model import (
    MOST_ENTRIES,
    MOST_EVENTS,
    MOST_STATES,
    Device,
    RulesFile,
    Seen,
    UdevPort,
)
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Output, Tables

_RULE = re.compile(r'\s*[A-Z_]+(?:\{[\w/]+\})?\s*(?:==|!=|\+=|:=|=)\s*["“”„]')
_CAN_MATTER = ("OFONO_LABEL", "12d1", "bConfigurationValue")
# udevadm info has `E: ` before each, its -q property has not, and the database of udev has `E:`.
_PROPERTY = re.compile(
    r"(?:E: ?)?(DEVNAME|ID_VENDOR_ID|ID_MODEL_ID|ID_USB_INTERFACE_NUM|OFONO_LABEL)=([\w/]{1,40})"
)
_PROPERTIES = ("DEVNAME=", "ID_", "OFONO_LABEL=")
_OF_DATABASE = ("E:", *_PROPERTIES)
_LONGEST = 1000
_FAR = 4
"""Blank lines and comments between two rules of one file."""


class Udev:
    """Gathers the lines of rules that stand together."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._last: tuple[str, int] = ("", 0)
        self._open = ""
        """The rule of the last line where a comma ends it: a mail program broke it."""
        self._place = ""
        self._properties: dict[str, Seen[str]] = {}

    def tables(self) -> Tables:
        return Tables(
            heads={"E:": self._property, "P:": self._another},
            commands={"cat": self._cat},
            cues=((('"', "“", *_PROPERTIES), self._line),),
        )

    def _another(self, text: str) -> None:
        """The path of the next device begins its properties."""
        del text
        self._properties = {}

    def _property(self, text: str) -> None:
        """One property; a tty of Huawei's is known when its name and both ids are."""
        if not self._reader.joins("udev properties"):
            self._properties = {}
        match = _PROPERTY.fullmatch(text.strip())
        if match is None:
            return
        self._properties[match[1]] = self._reader.seen(match[2])
        name, vendor, model = (
            self._properties.get(key) for key in ("DEVNAME", "ID_VENDOR_ID", "ID_MODEL_ID")
        )
        if name is None or vendor is None or model is None or vendor.value != ids.VENDOR:
            return
        self._reader.mark("udevadm info")
        tty = name.value.rpartition("/")[2]
        usb = f"{vendor.value}:{model.value}"
        bus, ports = self._reader.state.bus, self._reader.state.udev_ports
        if not tty.startswith("tty") or len(ports) >= MOST_ENTRIES or len(bus.devices) >= MOST_ENTRIES:
            return
        bus.devices.setdefault(usb, Device(Seen(usb, model.place)))
        number = self._properties.get("ID_USB_INTERFACE_NUM")
        ports[tty] = UdevPort(
            Seen(tty, name.place),
            usb,
            int(number.value, 16)
            if number is not None and re.fullmatch("[0-9a-f]{2}", number.value)
            else None,
            self._properties.get("OFONO_LABEL"),
        )

    def _cat(self, words: list[str]) -> Output | None:
        self._place = words[1] if len(words) == 2 and words[1].endswith(".rules") else ""
        self._last = ("", 0)
        return None

    def _line(self, text: str) -> None:
        if text.startswith(_OF_DATABASE):
            self._property(text)
        if not ('"' in text or "“" in text) or not _RULE.match(text):
            return
        # udevadm info -a prints matches, one a line and no more.
        if text.startswith("  ") and "," not in text:
            return
        reader = self._reader
        source, line = self._last
        files = reader.state.rules_files
        if not files or source != reader.source or reader.line - line > _FAR:
            near = reader.command.startswith("cat ") and reader.line - reader.command_line <= _FAR * 2
            files.append(RulesFile(self._place if near else reader.file_name(".rules")))
            del files[:-MOST_STATES]
        broken = self._open if source == reader.source and reader.follows(line) else ""
        if broken and files[-1].lines and files[-1].lines[-1].value == broken:
            files[-1].lines.pop()
        text = f"{broken} {text.strip()}".strip()[:_LONGEST]
        self._open = text if text.endswith(",") else ""
        self._last = (reader.source, reader.line)
        matters = any(word in text for word in _CAN_MATTER) or "“" in text or "”" in text
        if matters and len(files[-1].lines) < MOST_EVENTS * 4:
            reader.mark("udev rules")
            files[-1].lines.append(reader.seen(text.strip()))
