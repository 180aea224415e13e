# SPDX-License-Identifier: MIT
"""The serial ports of the modem: AT commands, or PPP while a call is up; and ports that only swallow."""

from __future__ import annotations

from collections.abc import Callable

from modem_image.bench.stick.at import AtPort, Call
from modem_image.bench.stick.ppp import PppPeer
from modem_image.bench.stick.usb import Function, Setup

SET_CONTROL_LINE_STATE = 0x22
"""CDC PSTN 1.2, 6.3.14; Linux's option driver sends it to Huawei's vendor-specific interfaces too."""
DTR = 1

Dial = Callable[[Call], PppPeer]


class SerialPort(Function):
    """An interface that carries an AT port. `dial` makes the network's end of a call."""

    def __init__(self, interface: int, bulk_in: int, at: AtPort, dial: Dial) -> None:
        super().__init__(interface)
        self._bulk_in = bulk_in
        self._at = at
        self._dial = dial
        self._ppp: PppPeer | None = None

    def control(self, setup: Setup, _data: bytes) -> bytes | None:
        if setup.request_type != 0x21 or setup.request != SET_CONTROL_LINE_STATE:
            return None
        if not setup.value & DTR:
            self._hang_up()
        return b""

    def data_out(self, _endpoint: int, data: bytes) -> bool:
        if self._ppp is None:
            data = self._commands(data)
        if self._ppp is not None and data:
            self._call(self._ppp, data)
        return True

    def reset(self) -> None:
        self._hang_up()

    def _commands(self, data: bytes) -> bytes:
        """Feed the AT port; what follows a dial command in the same transfer is of the call."""
        rest = self._at.feed(data)
        self._flush()
        if self._at.call is not None:
            self._ppp = self._dial(self._at.call)
        return rest

    def _call(self, ppp: PppPeer, data: bytes) -> None:
        answer = ppp.receive(data)
        if answer:
            self.send(self._bulk_in, answer)
        if ppp.dead:
            self._at.say("NO CARRIER")
            self._hang_up()

    def _hang_up(self) -> None:
        if self._ppp is not None:
            self._ppp.carrier_lost()
        self._ppp = None
        self._at.hang_up()
        self._flush()

    def _flush(self) -> None:
        output = self._at.take_output()
        if output:
            self.send(self._bulk_in, output)


class SilentPort(Function):
    """An interface that takes everything and says nothing, such as the diagnosis port."""

    def control(self, setup: Setup, _data: bytes) -> bytes | None:
        is_line_state = setup.request_type == 0x21 and setup.request == SET_CONTROL_LINE_STATE
        return b"" if is_line_state else None
