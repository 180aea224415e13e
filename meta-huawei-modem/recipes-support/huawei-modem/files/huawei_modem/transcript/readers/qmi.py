# SPDX-License-Identifier: MIT
"""Diallers that speak QMI or MBIM themselves: Quectel's quectel-CM, qmi-network and qmicli, OpenWrt's umbim.

quectel-CM 1.6 (main.c, QMIThread.c, device.c), libqmi 1.32 (qmicli-wds.c, utils/qmi-network.in) and umbim
(cli.c, 2021: a field, its number with four hexadecimal digits, its name; the numbers are MBIM 1.0's).
"""

from __future__ import annotations

import re

from huawei_modem.transcript import ids
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.readers.listings import device_of
from huawei_modem.transcript.tables import Tables

_MEANS = tuple(
    (re.compile(words), sign)
    for words, sign in (
        (r"requestGetSIMStatus SIMStatus: SIM_READY", "=sim-ready"),
        (r"requestGetSIMStatus SIMStatus: SIM_ABSENT", "sim-missing"),
        (r"requestGetSIMStatus SIMStatus: SIM_PIN", "sim-pin-required"),
        (r"requestGetSIMStatus SIMStatus: SIM_PUK", "sim-pin-required:puk"),
        (r"requestRegistrationState2? .*PS: Attached", "=attached"),
        (r"requestRegistrationState2? MCC: 0, MNC: 0, PS: Detached", "not-registered"),
        (r"requestSetupDataCall QMUXResult = 0x1", "context-refused"),
        (r"call_end_reason(?:_type)? is [1-9]", "context-refused"),
        (r"requestQueryDataCall IPv4ConnectionStatus: CONNECTED", "=data-up"),
        (r"(?:\[/dev/cdc-wdm\d+\] )?Network started", "=data-up"),
        (r"Network started successfully", "=data-up"),
        (r"\s*Packet data handle: '\d+'", "=data-up"),
        (r"Network start failed|error: network start failed", "context-refused"),
    )
)
_FOUND = re.compile(r"Find \S+ idVendor=(?:0x)?([0-9a-f]{1,4}),? idProduct=(?:0x)?([0-9a-f]{1,4})")
_FIELD = re.compile(r"(?P<key>[a-z]+4?[a-z]+): (?P<number>[0-9A-F]{4}) - .*")
_FIELDS = {
    ("readystate", 1): "=sim-ready",
    ("readystate", 2): "sim-missing",
    ("readystate", 3): "sim-failure",
    ("readystate", 4): "sim-failure",
    ("readystate", 6): "sim-pin-required",
    ("registerstate", 1): "not-registered",
    ("registerstate", 2): "not-registered",
    ("registerstate", 3): "=registered",
    ("registerstate", 4): "=registered",
    ("registerstate", 5): "=registered",
    ("registerstate", 6): "not-registered:denied",
    ("packetservicestate", 2): "=attached",
    ("packetservicestate", 4): "not-attached",
    ("activationstate", 1): "=data-up",
}
_SAID = tuple(
    (re.compile(words), sign)
    for words, sign in (
        (r"Pin Unlocked", "=sim-ready"),
        (r"required pin: 2 - .*", "sim-pin-required"),
        (r"required pin: (?:4|5|6|7|8|9|10) - .*", "sim-operator-lock"),
        (r"required pin: 11 - .*", "sim-pin-required:puk"),
        (r"(?:hw|sw)radiostate: off", "modem-offline"),
        (r"ipv4address: \d+\.\d+\.\d+\.\d+/\d+", "=online"),
    )
)
_ACTIVATED = 1
_NEAR = 3
"""Lines of umbim's answer to `connect` from the state to the network's error."""
_STAMP = re.compile(r"\A\[?\d\d-\d\d_\d\d:\d\d:\d\d[:.]\d+\]? ")


class Qmi:
    """Reads what these programs print."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._refused = -_NEAR
        """Line of umbim's latest state that is not active."""

    def tables(self) -> Tables:
        fields = (
            *("readystate:", "registerstate:", "packetservicestate:", "activationstate:", "nwerror:"),
            *("Pin", "required", "hwradiostate:", "swradiostate:", "ipv4address:"),
        )
        cues = (
            *("requestGetSIMStatus", "requestRegistrationState", "requestSetupDataCall", "call_end_reason"),
            *("requestQueryDataCall", "Network start", "Packet data handle", "idProduct="),
        )
        return Tables(heads=dict.fromkeys(fields, self._umbim), cues=((cues, self._line),))

    def _umbim(self, text: str) -> object:
        said, reader = text.strip(), self._reader
        match = _FIELD.fullmatch(said)
        if match is not None:
            key, number = match["key"], int(match["number"], 16)
            sign = _FIELDS.get((key, number), "")
            if key == "activationstate" and number != _ACTIVATED:
                self._refused = reader.line
            elif key == "nwerror" and number and reader.line - self._refused <= _NEAR:
                sign = "context-refused"
        else:
            sign = next((sign for words, sign in _SAID if words.fullmatch(said)), "")
            if not sign:
                return False
        reader.mark("umbim")
        if sign:
            reader.state.add(sign, reader.seen(said))
        return True

    def _line(self, text: str) -> None:
        said, reader = _STAMP.sub("", text.strip()), self._reader
        if match := _FOUND.match(said):
            usb = f"{match[1]:>04}:{match[2]:>04}"
            if ids.maker_of(usb) or usb.startswith(ids.VENDOR):
                device_of(reader, usb)
                reader.state.bus.present.setdefault(usb, reader.seen(usb))
                reader.mark("quectel-CM")
            return
        for words, sign in _MEANS:
            if words.match(said):
                reader.mark("diallers over QMI")
                reader.state.add(sign, reader.seen(said))
                return
