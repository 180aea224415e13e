# SPDX-License-Identifier: MIT
"""A network card by CDC-ECM: what a HiLink stick shows, which is a router of its own.

Sources: CDC-ECM 1.2 (3.2 data interface, 6.2 requests), CDC 1.2 (6.3 notifications), Linux
drivers/net/usb/cdc_ether.c.
"""

from __future__ import annotations

import struct

from modem_image.bench.stick.ncm import CLASS_IN, CLASS_OUT, NcmRequest
from modem_image.bench.stick.network import Ethernet
from modem_image.bench.stick.usb import Function, Setup

_NETWORK_CONNECTION, _SPEED_CHANGE = 0x00, 0x2A
_CONNECTED = 1
_BIT_RATE = 100_000_000


class EtherControl(Function):
    """The communication interface: requests, and the notification that the link is up."""

    def __init__(self, interface: int, interrupt_in: int) -> None:
        super().__init__(interface)
        self._interrupt_in = interrupt_in

    def control(self, setup: Setup, _data: bytes) -> bytes | None:
        is_filter = setup.request == NcmRequest.SET_ETHERNET_PACKET_FILTER
        return b"" if setup.request_type == CLASS_OUT and is_filter else None

    def link_up(self) -> None:
        """Tell the host: the speeds, then the connection."""
        head = struct.pack("<BBHHH", CLASS_IN, _SPEED_CHANGE, 0, self.interface, 8)
        self.send(self._interrupt_in, head + struct.pack("<II", _BIT_RATE, _BIT_RATE))
        connected = struct.pack("<BBHHH", CLASS_IN, _NETWORK_CONNECTION, _CONNECTED, self.interface, 0)
        self.send(self._interrupt_in, connected)


class EtherData(Function):
    """The data interface: one frame a transfer, in its setting 1 only.

    `always`: it has no setting without endpoints, as Huawei's routers, and so works once it is configured.
    """

    def __init__(
        self, interface: int, bulk_in: int, ethernet: Ethernet, control: EtherControl, *, always: bool = False
    ) -> None:
        super().__init__(interface)
        self._bulk_in = bulk_in
        self._ethernet = ethernet
        self._control = control
        self._always = always
        self._up = False

    def reset(self) -> None:
        self._up = False

    def alternate_selected(self, alternate: int) -> None:
        up = self._always or alternate != 0
        if up and not self._up:
            self._control.link_up()
        self._up = up

    def data_out(self, _endpoint: int, data: bytes) -> bool:
        if self._up:
            for frame in self._ethernet.receive(data):
                self.send(self._bulk_in, frame)
        return True
