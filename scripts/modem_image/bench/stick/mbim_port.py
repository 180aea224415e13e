# SPDX-License-Identifier: MIT
"""The two interfaces of MBIM: control messages, and blocks with the IP packets of a session.

Sources: USB MBIM 1.0 (6.3 settings, 6.6 interrupt endpoint, 7 data, 8.1 requests), CDC-WDM 1.1.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from modem_image.bench.stick import mbim, ntb
from modem_image.bench.stick.events import Emit
from modem_image.bench.stick.mbim import MessageType, ProtocolError, Status
from modem_image.bench.stick.mbim_device import BASIC_CONNECT, MbimDevice
from modem_image.bench.stick.ncm import (
    CLASS_IN,
    CLASS_OUT,
    MAX_RESPONSES,
    NcmRequest,
    NtbRequests,
    response_available,
)
from modem_image.bench.stick.usb import Function, Setup

RESET_FUNCTION = 0x05
MAX_CONTROL_MESSAGE = 4096
"""wMaxControlMessage; the function's own limit where the host permits more."""
_MIN_TRANSFER = 64
_NTB16_ONLY = 0b01


class MbimControl(Function):
    """The communication interface: control messages as encapsulated commands, and block parameters."""

    def __init__(self, interface: int, interrupt_in: int, device: MbimDevice, emit: Emit) -> None:
        super().__init__(interface)
        self.requests = NtbRequests(bytes(6), _NTB16_ONLY)
        self._interrupt_in = interrupt_in
        self._device = device
        self._emit = emit
        self._assembler = mbim.Assembler()
        self._responses: deque[bytes] = deque(maxlen=MAX_RESPONSES)
        self._max_transfer: int | None = None

    def reset(self) -> None:
        self._close()
        self._responses.clear()
        self.requests.set_defaults()

    def control(self, setup: Setup, data: bytes) -> bytes | None:
        if setup.request_type == CLASS_IN:
            if setup.request == NcmRequest.GET_ENCAPSULATED_RESPONSE:
                return self._responses.popleft() if self._responses else b""
            return self.requests.get(setup.request)
        if setup.request_type != CLASS_OUT:
            return None
        if setup.request == RESET_FUNCTION:
            self.reset()
            return b""
        if setup.request == NcmRequest.SEND_ENCAPSULATED_COMMAND:
            self._receive(data)
            return b""
        return self.requests.set(setup.request, setup.value, data)

    def _close(self) -> None:
        self._max_transfer = None
        self._assembler.clear()
        self._device.reset()

    def _receive(self, data: bytes) -> None:
        try:
            message = mbim.parse(data)
        except mbim.MbimError as error:
            self._complain(0, ProtocolError.LENGTH_MISMATCH, str(error))
            return
        match message.type:
            case MessageType.OPEN:
                self._open(message)
            case MessageType.CLOSE:
                self._close()
                self._answer([mbim.done(MessageType.CLOSE_DONE, message.transaction, Status.SUCCESS)])
            case MessageType.COMMAND if self._max_transfer is None:
                self._complain(message.transaction, ProtocolError.NOT_OPENED, "a command before OPEN")
            case MessageType.COMMAND:
                self._command(message, self._max_transfer or MAX_CONTROL_MESSAGE)
            case MessageType.HOST_ERROR:
                self._assembler.clear()
            case _:
                self._complain(message.transaction, ProtocolError.UNKNOWN, f"message {message.type:#x}")

    def _open(self, message: mbim.Message) -> None:
        size = int.from_bytes(message.body[:4], "little")
        if len(message.body) != 4 or size < _MIN_TRANSFER:
            self._answer([mbim.done(MessageType.OPEN_DONE, message.transaction, Status.INVALID_PARAMETERS)])
            return
        self._device.reset()
        self._max_transfer = min(size, MAX_CONTROL_MESSAGE)
        self._emit("mbim-opened", max_transfer=size)
        self._answer([mbim.done(MessageType.OPEN_DONE, message.transaction, Status.SUCCESS)])

    def _command(self, message: mbim.Message, max_transfer: int) -> None:
        try:
            command = self._assembler.add(message)
        except mbim.MbimError as error:
            self._complain(message.transaction, ProtocolError.FRAGMENT_OUT_OF_SEQUENCE, str(error))
            return
        if command is None:
            return
        status, information = self._device.execute(command)
        self._answer(mbim.command_done(command, status, information, max_transfer))
        for cid, told in self._device.indications:
            self._answer(mbim.indication(BASIC_CONNECT, cid, told, max_transfer))
        self._device.indications.clear()

    def _complain(self, transaction: int, error: ProtocolError, words: str) -> None:
        self._emit("protocol-error", layer="mbim", message=words)
        self._answer([mbim.done(MessageType.FUNCTION_ERROR, transaction, error)])

    def _answer(self, messages: list[bytes]) -> None:
        for message in messages:
            self._responses.append(message)
            self.send(self._interrupt_in, response_available(self.interface))


class MbimData(Function):
    """The data interface: IP packets of the connected session, in its setting 1 only."""

    def __init__(
        self,
        interface: int,
        bulk_in: int,
        control: MbimControl,
        device: MbimDevice,
        network: Callable[[bytes], list[bytes]],
        emit: Emit,
    ) -> None:
        super().__init__(interface)
        self._bulk_in = bulk_in
        self._control = control
        self._device = device
        self._network = network
        self._emit = emit
        self._up = False

    def reset(self) -> None:
        self._up = False

    def alternate_selected(self, alternate: int) -> None:
        """Setting 0 puts the parameters back and stops the data path; setting 1 starts it (6.3)."""
        if alternate == 0:
            self._control.requests.set_defaults()
        self._up = alternate != 0

    def data_out(self, _endpoint: int, data: bytes) -> bool:
        session = self._device.session
        if not self._up or session is None:
            return True
        try:
            packets = ntb.parse(data, session.number)
        except ntb.NtbError as error:
            self._emit("protocol-error", layer="mbim", message=str(error))
            return True
        answers = [answer for packet in packets for answer in self._network(packet)]
        for block in self._control.requests.blocks(answers, session.number):
            self.send(self._bulk_in, block)
        return True
