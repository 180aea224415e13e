# SPDX-License-Identifier: MIT
"""A device in one line of whatever program: its two ids in the program's notation, its driver, its port.

A line is one of these only as a whole: what a sentence quotes of it is a sentence's (identity.py).
"""

from __future__ import annotations

import re

from huawei_modem.transcript import ids
from huawei_modem.transcript.model import MOST_ENTRIES
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.readers.identity import Identity
from huawei_modem.transcript.tables import Tables

_ID = r"(?P<vendor>[0-9a-f]{4}):(?P<product>[0-9a-f]{4})"
_LINES = tuple(
    (cue, re.compile(line, re.IGNORECASE))
    for cue, line in (
        (" connect [", rf"\A\s*Port \d+: [0-9a-f]{{4}} .*\[{_ID}(?: (?P<name>[^\]]*))?\]"),
        ("chip-ID: ", rf"(?<= )chip-ID: {_ID}\b"),
        ("chip ID: ", rf"(?<= )chip[- ]ID: {_ID}\b"),
        ("busid", rf"\A\s*- busid \d+-[\d.]+ \({_ID}\)"),
        ("#usbid=", rf"\Abusid=\d+-[\d.]+#usbid={_ID}#"),
        (" (12d1:", rf"\A\s*\d+-[\d.]+: (?P<name>\S.{{2,160}}) \({_ID}\)\Z"),
        ("Shared", rf"\A\s*\d+-\d+ {{1,8}}{_ID} {{1,4}}(?P<name>\S.{{2,90}}?) +Shared"),
        ("Not shared", rf"\A\s*\d+-\d+ {{1,8}}{_ID} {{1,4}}(?P<name>\S.{{2,90}}?) +Not shared"),
        ("Attached", rf"\A\s*\d+-\d+ {{1,8}}{_ID} {{1,4}}(?P<name>\S.{{2,90}}?) +Attached"),
        ("|__", rf"\A\s*\|__[\d.-]+ +{_ID}:[0-9a-f]{{4}} +\d\d "),
        (
            "usb:v",
            r"\A(?:(?:E: )?MODALIAS=|\S*modalias:)?usb:v(?P<vendor>[0-9a-f]{4})p(?P<product>[0-9a-f]{4})d"
            r"[0-9a-f]{4}d[^* ]*\Z",
        ),
        ("USB device ", rf"\A(?:Found possible 3G|Looking at) USB device {_ID}(?: with class \d+)?\Z"),
        ("VID:PID=", rf"\bUSB VID:PID={_ID}\b"),
        ("product:", rf"\A\s+product: (?P<name>.*) \[{_ID}\]"),
    )
)
"""uhubctl 2.5; inxi 3.3; usbip 2.0 (list -l, -p, -r); usbipd-win 4; lsusb of Synology's DSM; modalias of
sysfs and udev; pyserial's list_ports; lshw -numeric; PPP Widget's log on Android."""
_TOOLBOX = re.compile(r"(?<![\w:])([0-9a-f]{4}:[0-9a-f]{4}) \(bus \d+, device \d+\)")
"""lsusb of Android's toolbox, often several in one line."""
_AT_PORT = re.compile(r"\b(\d+-[\d.]+):\d+ (?:info|chip)\b")
_DRIVEN = re.compile(r"\bdriver: (\w+)")
"""inxi names port and driver in the same line."""
_BUS_INFO = re.compile(r"\s+bus info: usb@(\d+):([\d.]+)\s*")
_CONFIGURATION = re.compile(r"\A\s+configuration:.* driver=(\w+)")
"""lshw B.02: the port stands some lines before the driver."""
_DRIVERS = (
    *("option", "qmi_wwan", "huawei_cdc_ncm", "cdc_ncm", "cdc_mbim", "cdc_ether", "rndis_host"),
    *("qcserial", "sierra"),
)
_BY_ID = re.compile(
    r"\busb-(?P<name>[\w.+:-]{3,100})-if[0-9a-f]{2}(?:-port\d+)?"
    r" -> (?:\.\./\.\./|/dev/)(?P<tty>tty(?:USB|ACM)\d+)\Z"
)
"""udev's names of serial ports (systemd, rules.d/60-serial.rules), as ls -l prints them."""
_ADAPTER = re.compile(
    r"(?P<name>FTDI|Prolific|Silicon_Labs|1a86|QinHeng|Arduino|ITead|dresden_elektronik|WCH)(?=_|\b)",
    re.IGNORECASE,
)
_NEAR = 12


class Notations:
    """Reads devices out of single lines of other programs' listings."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._add = Identity(reader).device
        self._port = ("", -_NEAR)
        """The port that lshw named last, and its line."""

    def tables(self) -> Tables:
        return Tables(
            cues=(
                (tuple(cue for cue, _line in _LINES), self._device),
                ((" (bus ",), self._toolbox),
                (("bus info:", "driver="), self._of_lshw),
                (("-> ../../tty", "-> /dev/tty"), self._by_id),
            ),
        )

    def _device(self, text: str) -> bool:
        for cue, line in _LINES:
            if cue in text and (match := line.search(text.rstrip())) is not None:
                found = match.groupdict()
                usb = f"{found['vendor']}:{found['product']}".lower()
                self._add(usb, (found.get("name") or "").strip())
                if port := _AT_PORT.search(text):
                    self._drives(port[1], _DRIVEN.search(text))
                return True
        return False

    def _toolbox(self, text: str) -> None:
        for usb in _TOOLBOX.findall(text):
            self._add(usb)

    def _drives(self, port: str, driver: re.Match[str] | None) -> None:
        """A driver of modems has the device at the port."""
        drivers = self._reader.state.bus.drivers
        if driver is not None and driver[1] in _DRIVERS and len(drivers) < MOST_ENTRIES:
            drivers[port] = self._reader.seen(driver[1])

    def _of_lshw(self, text: str) -> None:
        reader = self._reader
        if match := _BUS_INFO.fullmatch(text):
            self._port = (f"{match[1]}-{match[2]}", reader.line)
        elif (match := _CONFIGURATION.match(text)) and reader.line - self._port[1] < _NEAR:
            reader.mark("lshw")
            self._drives(self._port[0], match)

    def _by_id(self, text: str) -> None:
        """A serial port by the names that its device gives itself: a modem's, or an adapter's."""
        match = _BY_ID.search(text.rstrip())
        if match is None:
            return
        reader, bus = self._reader, self._reader.state.bus
        reader.mark("ls /dev/serial/by-id")
        if adapter := _ADAPTER.match(match["name"]):
            if len(bus.adapters) < MOST_ENTRIES:
                bus.adapters[match["tty"]] = reader.seen(adapter["name"])
        elif "huawei" in match["name"].lower() or ids.is_called_modem(match["name"].replace("_", " ")):
            reader.state.add("=port-shown", reader.seen(f"/dev/{match['tty']}"))
