# SPDX-License-Identifier: MIT
"""Diallers that speak QMI themselves: Quectel's quectel-CM, qmi-network and qmicli.

quectel-CM 1.6 (main.c, QMIThread.c, device.c) and libqmi 1.32 (qmicli-wds.c, utils/qmi-network.in).
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
_STAMP = re.compile(r"\A\[?\d\d-\d\d_\d\d:\d\d:\d\d[:.]\d+\]? ")


class Qmi:
    """Reads what these programs print."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def tables(self) -> Tables:
        cues = (
            *("requestGetSIMStatus", "requestRegistrationState", "requestSetupDataCall", "call_end_reason"),
            *("requestQueryDataCall", "Network start", "Packet data handle", "idProduct="),
        )
        return Tables(cues=((cues, self._line),))

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
