# SPDX-License-Identifier: MIT
"""oFono's debug log: what its plugins print of a modem's ports, and the traffic on them.

oFono 2.14: include/log.h has DBG() print `FILE:FUNCTION() text`; gatchat/gatutil.c writes what goes over a
port as `> ` or `< ` with the line ends spelled out, and each plugin puts its own word before it (`PCUI: `).
"""

from __future__ import annotations

import re

from huawei_modem.transcript import ids
from huawei_modem.transcript.model import MOST_ENTRIES
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.readers.listings import device_of
from huawei_modem.transcript.tables import Tables

_NAMES = """
    Modem Aux Voice Net Setup SMS GPRS GPRS1 GPRS2 GPRS3 SIM PCUI Mux MUX Master Device App Data Control UART
    NetReg LocalHfp Default GNSS QMI MBIM Call Stk USSD IntelModem
"""
TRAFFIC_HEADS = tuple(f"{name}:{sign}" for name in _NAMES.split() for sign in ("", "<", ">"))
"""First words of its traffic, where nothing names the program before it."""
_FOLDERS = ("src", "plugins", "gatchat", "gdbus")
"""Where its sources lie; each of its drivers has a folder below drivers/."""
_TRAFFIC = re.compile(r"([A-Z]\w{1,11}(?: \d)?): ?([<>]) *(\S.*)")
_DEVICE = re.compile(r"/dev/((?:ttyUSB|ttyACM|ttyHS|cdc-wdm|wwan)\w*)")
_ID = re.compile(r"\[(?:0x)?([0-9a-f]{4}):(?:0x)?([0-9a-f]{4})\]")
_DRIVER = re.compile(r"driver=(\w+)")
_TAKEN = re.compile(r"mdm=\S+ pcui=/dev/|qmi=/dev/")
"""setup_huawei() has the ports it needs: modem and PCUI, or QMI."""
MAKERS = {
    "sierra": "Sierra Wireless",
    "mbm": "Ericsson",
    "hso": "Option",
    "zte": "ZTE",
    "novatel": "Novatel Wireless",
    "nokia": "Nokia",
    "telit": "Telit",
    "telitqmi": "Telit",
    "quectel": "Quectel",
    "quectelqmi": "Quectel",
    "ublox": "u-blox",
    "simcom": "SIMCom",
    "sim900": "SIMCom",
    "sim7100": "SIMCom",
    "gemalto": "Gemalto",
    "cinterion": "Cinterion",
    "alcatel": "Alcatel",
    "samsung": "Samsung",
    "speedup": "Speed Up",
    "droid": "Motorola",
    "icera": "Icera",
    "linktop": "Linktop",
    "ifx": "Infineon",
    "xmm7xxx": "Intel",
}
"""oFono's drivers of one maker's modems."""
_SILENT = 3
"""So often the same command is sent before the port counts as silent: gatchat/gatchat.c sends
the command that wakes a modem anew at each time-out."""


class Ofonod:
    """Reads ofonod -d and the journal of it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._sent: dict[str, tuple[str, int]] = {}
        """Word of the port to the command without an answer, and how often it was sent."""
        self._state = reader.state

    def tables(self) -> Tables:
        return Tables(
            heads=dict.fromkeys(TRAFFIC_HEADS, self._traffic),
            programs={"ofonod": self._line},
            cues=(((".c:",), self._debug),),
        )

    def _line(self, text: str) -> None:
        if ".c:" in text:
            self._debug(text)
        elif ">" in text or "<" in text:
            self._traffic(text)

    def _debug(self, text: str) -> None:
        path, _, rest = text.strip().partition(".c:")
        function, call, said = rest.partition("()")
        folders, _, plugin = path.rpartition("/")
        if (
            not call
            or not function.isidentifier()
            or not (folders.endswith(_FOLDERS) or "drivers/" in folders)
        ):
            return
        reader = self._reader
        reader.mark("ofonod")
        if "/dev/" in said:
            for name in _DEVICE.findall(said):
                reader.state.add("=port-shown", reader.seen(f"/dev/{name}"))
            if function == "setup_huawei" and _TAKEN.search(said):
                reader.state.add("=taken", reader.seen(said))
        if "[" in said and (usb := _ID.search(said)):
            self._device(f"{usb[1]}:{usb[2]}")
        if plugin == "udevng":
            named = _DRIVER.search(said)
            self._driver(named[1] if named else function.removeprefix("setup_"))
        elif plugin in MAKERS and function.endswith(("_probe", "_enable")):
            self._driver(plugin)

    def _driver(self, name: str) -> None:
        if name in MAKERS:
            self._reader.state.add("=maker", self._reader.seen(MAKERS[name]))

    def _device(self, usb: str) -> None:
        """check_usb_device() names each device of which udev shows a port."""
        bus = self._reader.state.bus
        if usb.startswith((ids.VENDOR, *ids.MAKERS)) and len(bus.present) < MOST_ENTRIES:
            found = device_of(self._reader, usb)
            if found is not None:
                bus.present.setdefault(usb, self._reader.seen(usb))

    def _traffic(self, text: str) -> object:
        match = _TRAFFIC.fullmatch(text.strip())
        if match is None:
            return False
        reader, (port, way, said) = self._reader, match.groups()
        if reader.state is not self._state:
            self._state, self._sent = reader.state, {}
        reader.mark("ofonod")
        if way == "<":
            self._sent.pop(port, None)
            reader.state.add("=port-answers", reader.seen(said[:80]))
            return None
        command = said.replace("\\r", "").strip()
        before, times = self._sent.get(port, ("", 0))
        self._sent[port] = (command, times + 1 if before == command else 1)
        if self._sent[port][1] >= _SILENT:
            reader.state.add("port-silent:ofono", reader.seen(command))
        elif len(self._sent) > MOST_ENTRIES:
            self._sent.clear()
        else:
            reader.state.add("=asked", reader.seen(command))
        return None
