# SPDX-License-Identifier: MIT
"""The network port: CDC-NCM with Huawei's vendor-specific class code, and AT commands beside it.

Sources: CDC-NCM 1.0 (6.2 requests, 7.2 alternate settings), CDC-WDM 1.1 and CDC 1.2 (encapsulated commands,
RESPONSE_AVAILABLE), Linux drivers/net/usb/huawei_cdc_ncm.c.
"""

from __future__ import annotations

import enum
import struct
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from modem_image.bench.stick import ntb
from modem_image.bench.stick.at import AtPort
from modem_image.bench.stick.events import Emit
from modem_image.bench.stick.network import Ethernet
from modem_image.bench.stick.usb import Function, Setup

NTB_SIZE = 16384
MIN_NTB_SIZE = 2048
MAX_DATAGRAM = 1514
MAX_RESPONSES = 64

CLASS_IN, CLASS_OUT = 0xA1, 0x21
_PARAMETERS = struct.Struct("<HHIHHHHIHHHH")
_RESPONSE_AVAILABLE = 0x01


class NcmRequest(enum.IntEnum):
    """Class requests (CDC 1.2, table 19; CDC-NCM 1.0, table 6-2)."""

    SEND_ENCAPSULATED_COMMAND = 0x00
    GET_ENCAPSULATED_RESPONSE = 0x01
    SET_ETHERNET_PACKET_FILTER = 0x43
    GET_NTB_PARAMETERS = 0x80
    GET_NET_ADDRESS = 0x81
    GET_NTB_FORMAT = 0x83
    SET_NTB_FORMAT = 0x84
    GET_NTB_INPUT_SIZE = 0x85
    SET_NTB_INPUT_SIZE = 0x86
    GET_MAX_DATAGRAM_SIZE = 0x87
    SET_MAX_DATAGRAM_SIZE = 0x88
    GET_CRC_MODE = 0x89
    SET_CRC_MODE = 0x8A


def response_available(interface: int) -> bytes:
    """The notification that GET_ENCAPSULATED_RESPONSE has something to fetch (CDC-WDM 1.1, 6.5)."""
    return struct.pack("<BBHHH", CLASS_IN, _RESPONSE_AVAILABLE, 0, interface, 0)


def ntb_parameters(formats: int = 0b11) -> bytes:
    """The 28 octets of GET_NTB_PARAMETERS (table 6-3), either direction alike. `formats`: a bit each."""
    alignment = (ntb.ALIGNMENT, 0, ntb.ALIGNMENT)
    return _PARAMETERS.pack(
        _PARAMETERS.size, formats, NTB_SIZE, *alignment, 0, NTB_SIZE, *alignment, ntb.MAX_DATAGRAMS
    )


class NtbRequests:
    """The parameters of the transfer blocks, which NCM and MBIM have in common."""

    def __init__(self, mac: bytes, formats: int = 0b11) -> None:
        self._mac = mac
        self._formats = formats
        self.set_defaults()

    def set_defaults(self) -> None:
        """As after setting 0 was chosen, or the function was reset."""
        self.format = ntb.NtbFormat.NTB16
        self._input_size = NTB_SIZE
        self._sequence = 0

    def blocks(self, frames: Sequence[bytes], session: int | None = None) -> Iterator[bytes]:
        """The next blocks to the host, each as full as the size that it has set permits."""
        batch: list[bytes] = []
        for frame in frames:
            size = sum(map(len, batch)) + len(frame) + ntb.overhead(len(batch) + 1)
            if batch and size > self._input_size:
                yield self._block(batch, session)
                batch = []
            batch.append(frame)
        if batch:
            yield self._block(batch, session)

    def _block(self, frames: Sequence[bytes], session: int | None) -> bytes:
        self._sequence += 1
        return ntb.build(frames, self._sequence - 1, self.format, session)

    def get(self, request: int) -> bytes | None:
        match request:
            case NcmRequest.GET_NTB_PARAMETERS:
                return ntb_parameters(self._formats)
            case NcmRequest.GET_NET_ADDRESS:
                return self._mac
            case NcmRequest.GET_NTB_FORMAT:
                return struct.pack("<H", self.format)
            case NcmRequest.GET_NTB_INPUT_SIZE:
                return struct.pack("<I", self._input_size)
            case NcmRequest.GET_MAX_DATAGRAM_SIZE:
                return struct.pack("<H", MAX_DATAGRAM)
            case NcmRequest.GET_CRC_MODE:
                return struct.pack("<H", 0)
        return None

    def set(self, request: int, value: int, data: bytes) -> bytes | None:
        match request:
            case NcmRequest.SET_NTB_FORMAT if value in (0, 1) and self._formats & 1 << value:
                self.format = ntb.NtbFormat(value)
                return b""
            case NcmRequest.SET_NTB_INPUT_SIZE:
                return self._set_input_size(data)
            case NcmRequest.SET_CRC_MODE if value == 0:
                return b""
            case NcmRequest.SET_MAX_DATAGRAM_SIZE | NcmRequest.SET_ETHERNET_PACKET_FILTER:
                return b""
        return None

    def _set_input_size(self, data: bytes) -> bytes | None:
        size = int.from_bytes(data[:4], "little")
        if len(data) < 4 or not MIN_NTB_SIZE <= size <= NTB_SIZE:
            return None
        self._input_size = size
        return b""


@dataclass(frozen=True)
class NcmEndpoints:
    """Endpoint addresses of the port."""

    interrupt_in: int
    bulk_in: int


class NcmPort(Function):
    """The data path to the network, and the AT port behind the encapsulated commands.

    `connected` says whether a call is up on this port (AT^NDISDUP); without one, frames are dropped.
    """

    def __init__(
        self,
        interface: int,
        endpoints: NcmEndpoints,
        at: AtPort,
        ethernet: Ethernet,
        connected: Callable[[], bool],
        mac: bytes,
        emit: Emit,
    ) -> None:
        super().__init__(interface)
        self._endpoints = endpoints
        self._at = at
        self._ethernet = ethernet
        self._connected = connected
        self._requests = NtbRequests(mac)
        self._emit = emit
        self._responses: deque[bytes] = deque(maxlen=MAX_RESPONSES)
        self._up = False

    def reset(self) -> None:
        self._up = False
        self._responses.clear()
        self._requests.set_defaults()

    def alternate_selected(self, alternate: int) -> None:
        """Setting 0 puts the parameters back and stops the data path (7.2); setting 1 starts it."""
        if alternate == 0:
            self._requests.set_defaults()
        elif not self._up:
            self._emit("ncm-up", alternate=alternate, format=self._requests.format.name)
        self._up = alternate != 0

    def data_out(self, _endpoint: int, data: bytes) -> bool:
        try:
            frames = ntb.parse(data)
        except ntb.NtbError as error:
            self._emit("protocol-error", layer="ncm", message=str(error))
            return True
        if self._up and self._connected():
            answers = [answer for frame in frames for answer in self._ethernet.receive(frame)]
            for block in self._requests.blocks(answers):
                self.send(self._endpoints.bulk_in, block)
        return True

    # --- Requests ---

    def control(self, setup: Setup, data: bytes) -> bytes | None:
        if setup.request_type == CLASS_IN:
            return self._get(setup.request)
        if setup.request_type == CLASS_OUT:
            return self._set(setup.request, setup.value, data)
        return None

    def _get(self, request: int) -> bytes | None:
        if request == NcmRequest.GET_ENCAPSULATED_RESPONSE:
            return self._responses.popleft() if self._responses else b""
        return self._requests.get(request)

    def _set(self, request: int, value: int, data: bytes) -> bytes | None:
        if request == NcmRequest.SEND_ENCAPSULATED_COMMAND:
            self._command(data)
            return b""
        return self._requests.set(request, value, data)

    def _command(self, data: bytes) -> None:
        """AT over cdc-wdm: the answer waits for GET_ENCAPSULATED_RESPONSE, and a notification says so."""
        self._at.feed(data if data.endswith(b"\r") else data + b"\r")
        self._at.hang_up()  # this port takes no data call
        answer = self._at.take_output()
        if answer:
            self._responses.append(answer)
            self.send(self._endpoints.interrupt_in, response_available(self.interface))


class NcmData(Function):
    """The data interface of NCM as the standard has it: it works for the control interface before it."""

    def __init__(self, interface: int, control: NcmPort) -> None:
        super().__init__(interface)
        self._control_port = control

    def alternate_selected(self, alternate: int) -> None:
        self._control_port.alternate_selected(alternate)

    def data_out(self, endpoint: int, data: bytes) -> bool:
        return self._control_port.data_out(endpoint, data)
