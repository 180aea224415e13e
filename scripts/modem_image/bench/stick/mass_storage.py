# SPDX-License-Identifier: MIT
"""The installer mode: a CD-ROM drive without a disc, on the bulk-only transport.

Sources: USB Mass Storage Class, Bulk-Only Transport 1.0 (sections 3, 5 and 6.7); SPC-2, SBC and MMC for the
commands. The message that switches the stick to modem mode is recognised by its command block.
"""

from __future__ import annotations

import enum
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from modem_image.bench.stick.events import Emit
from modem_image.bench.stick.usb import Function, Setup

CBW = struct.Struct("<4sIIBBB16s")
CSW = struct.Struct("<4sIIB")
CBW_SIGNATURE, CSW_SIGNATURE = b"USBC", b"USBS"
VENDOR_OPCODE = 0x11
"""Huawei's switch messages are SCSI commands with this operation code."""

GET_MAX_LUN, BULK_ONLY_RESET = 0xFE, 0xFF


class CommandStatus(enum.IntEnum):
    """bCSWStatus (table 5.3)."""

    PASSED = 0
    FAILED = 1
    PHASE_ERROR = 2


class Opcode(enum.IntEnum):
    """The SCSI commands that Linux's sr, udev's cdrom_id and usb_modeswitch send."""

    TEST_UNIT_READY = 0x00
    REQUEST_SENSE = 0x03
    INQUIRY = 0x12
    MODE_SENSE_6 = 0x1A
    START_STOP_UNIT = 0x1B
    PREVENT_ALLOW_MEDIUM_REMOVAL = 0x1E
    READ_CAPACITY_10 = 0x25
    READ_10 = 0x28
    READ_TOC = 0x43
    GET_CONFIGURATION = 0x46
    GET_EVENT_STATUS_NOTIFICATION = 0x4A
    READ_DISC_INFORMATION = 0x51
    MODE_SENSE_10 = 0x5A


@dataclass(frozen=True)
class Sense:
    """Why a command failed: sense key, additional code and qualifier (SPC-2, table 108)."""

    key: int = 0
    code: int = 0
    qualifier: int = 0

    def data(self) -> bytes:
        """Fixed format, 18 octets."""
        return bytes((0x70, 0, self.key, 0, 0, 0, 0, 10, 0, 0, 0, 0, self.code, self.qualifier, 0, 0, 0, 0))


NO_SENSE = Sense()
NO_MEDIUM = Sense(0x02, 0x3A, 0x00)
INVALID_COMMAND = Sense(0x05, 0x20, 0x00)
INVALID_FIELD = Sense(0x05, 0x24, 0x00)

_NEED_MEDIUM = frozenset(
    {
        Opcode.TEST_UNIT_READY,
        Opcode.READ_CAPACITY_10,
        Opcode.READ_10,
        Opcode.READ_TOC,
        Opcode.READ_DISC_INFORMATION,
    }
)
_NO_EFFECT = frozenset({Opcode.START_STOP_UNIT, Opcode.PREVENT_ALLOW_MEDIUM_REMOVAL})

# An empty drive that can read CD-ROM (MMC-3): header, then profile list with profile 8, not current.
_CONFIGURATION = struct.pack(">IHH", 12, 0, 0) + bytes((0, 0, 3, 4, 0, 8, 0, 0))
_NO_MEDIA_EVENT = bytes((0, 6, 4, 0x10, 0, 0, 0, 0))


@dataclass(frozen=True)
class Identity:
    """What INQUIRY answers; each string is cut or padded to its field of 8, 16 and 4 characters."""

    vendor: str
    product: str
    revision: str

    def inquiry(self) -> bytes:
        """Standard INQUIRY data: CD-ROM, removable, SCSI-2 response format, 31 further octets."""
        fields = ((self.vendor, 8), (self.product, 16), (self.revision, 4))
        text = b"".join(value.encode("ascii", "replace")[:size].ljust(size) for value, size in fields)
        return bytes((0x05, 0x80, 0x02, 0x02, 31, 0, 0, 0)) + text


@dataclass(frozen=True)
class CommandBlockWrapper:
    """A valid and meaningful CBW (section 6.2). `length` in octets."""

    tag: int
    length: int
    is_in: bool
    command: bytes

    @classmethod
    def parse(cls, data: bytes) -> CommandBlockWrapper | None:
        """None when `data` is no valid, meaningful CBW for logical unit 0."""
        if len(data) != CBW.size:
            return None
        signature, tag, length, flags, unit, size, block = CBW.unpack(data)
        if signature != CBW_SIGNATURE or flags & 0x7F or unit != 0 or not 1 <= size <= 16:
            return None
        return cls(tag, length, bool(flags & 0x80), block)


@dataclass(frozen=True)
class SwitchMessage:
    """A vendor message that makes the stick come back in another mode. `block`: its 16-octet command."""

    block: bytes
    mode: str

    @classmethod
    def from_cbw(cls, message: bytes, mode: str) -> SwitchMessage:
        """From the 31 octets that usb_modeswitch sends. Raises ValueError if they are no CBW.

        Huawei's messages give 0 as the length of the command block, which makes them invalid by the letter
        (section 5.1); so only the signature and the size of the wrapper are asked for.
        """
        if len(message) != CBW.size or not message.startswith(CBW_SIGNATURE):
            raise ValueError(f"no command block wrapper of 31 octets: {message.hex()}")
        return cls(message[15:], mode)


Switch = Callable[[str], None]
_Answer = bytes | Sense


class Drive:
    """The SCSI target: commands in, data or sense out. Holds the sense of the last failure."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._sense = NO_SENSE

    def execute(self, command: bytes) -> bytes | None:
        """Data for the host (empty where there is none), or None when the command failed."""
        answer = self._answer(command)
        if isinstance(answer, Sense):
            self._sense = answer
            return None
        self._sense = NO_SENSE
        return answer

    def refuse(self) -> None:
        """Fail a command that was recognised elsewhere as unknown."""
        self._sense = INVALID_COMMAND

    def _answer(self, command: bytes) -> _Answer:
        opcode = command[0]
        if opcode == Opcode.REQUEST_SENSE:
            return self._sense.data()[: command[4]]
        if opcode == Opcode.INQUIRY:
            # Vital product data (EVPD) is not offered.
            return INVALID_FIELD if command[1] & 1 else self._identity.inquiry()[: command[4]]
        if opcode in _NEED_MEDIUM:
            return NO_MEDIUM
        if opcode in _NO_EFFECT:
            return b""
        return _drive_page(command)


def _drive_page(command: bytes) -> _Answer:
    allocation = int.from_bytes(command[7:9], "big")
    match command[0]:
        case Opcode.GET_CONFIGURATION:
            return _CONFIGURATION[:allocation]
        case Opcode.GET_EVENT_STATUS_NOTIFICATION:
            # Only polling is offered; asynchronous operation is refused (MMC-3, 6.7).
            return _NO_MEDIA_EVENT[:allocation] if command[1] & 1 else INVALID_FIELD
        case Opcode.MODE_SENSE_6:
            return bytes((3, 0, 0x80, 0))[: command[4]]
        case Opcode.MODE_SENSE_10:
            return bytes((0, 6, 0, 0x80, 0, 0, 0, 0))[:allocation]
    return INVALID_COMMAND


class MassStorage(Function):
    """The bulk-only transport in front of a Drive."""

    def __init__(
        self,
        interface: int,
        bulk_in: int,
        bulk_out: int,
        drive: Drive,
        switches: Iterable[SwitchMessage],
        switch: Switch,
        emit: Emit,
    ) -> None:
        super().__init__(interface)
        self._bulk_in, self._bulk_out = bulk_in, bulk_out
        self._drive = drive
        self._switches = tuple(switches)
        self._switch = switch
        self._emit = emit
        self._halted: frozenset[int] = frozenset()
        self._unwanted: CommandBlockWrapper | None = None
        self._unwanted_left = 0

    def control(self, setup: Setup, _data: bytes) -> bytes | None:
        if setup.request_type == 0xA1 and setup.request == GET_MAX_LUN:
            return b"\0"
        if setup.request_type == 0x21 and setup.request == BULK_ONLY_RESET:
            self.reset()
            return b""
        return None

    def reset(self) -> None:
        self._halted = frozenset()
        self._unwanted, self._unwanted_left = None, 0

    def stalled(self) -> Iterable[int]:
        return self._halted

    def data_out(self, _endpoint: int, data: bytes) -> bool:
        if self._unwanted is not None:
            self._discard(self._unwanted, len(data))
            return True
        wrapper = CommandBlockWrapper.parse(data)
        if wrapper is not None:
            self._command(wrapper)
            return True
        if self._is_lax_switch(data):
            self._vendor(data, tag=int.from_bytes(data[4:8], "little"))
            return True
        # Section 6.6.1: both pipes stall until a reset recovery; CLEAR_FEATURE alone is no cure.
        self._halted = frozenset({self._bulk_in, self._bulk_out})
        return False

    def _is_lax_switch(self, data: bytes) -> bool:
        """Vendor messages may give a command block length outside 1 to 16 (Huawei's give 0)."""
        return len(data) == CBW.size and data.startswith(CBW_SIGNATURE) and data[15] == VENDOR_OPCODE

    def _command(self, wrapper: CommandBlockWrapper) -> None:
        if wrapper.command[0] == VENDOR_OPCODE:
            self._vendor_block(wrapper.command, wrapper)
            return
        answer = self._drive.execute(wrapper.command)
        if not wrapper.is_in and wrapper.length:
            # The host wants to send data that no command here takes: swallow it, then say so.
            self._unwanted, self._unwanted_left = wrapper, wrapper.length
        elif answer and not wrapper.length:
            self._status(wrapper.tag, 0, CommandStatus.PHASE_ERROR)
        elif answer is None:
            self._no_data(wrapper)
            self._status(wrapper.tag, wrapper.length, CommandStatus.FAILED)
        else:
            self._reply(wrapper, answer)

    def _vendor(self, data: bytes, tag: int) -> None:
        length, flags = struct.unpack_from("<IB", data, 8)
        self._vendor_block(data[15:], CommandBlockWrapper(tag, length, bool(flags & 0x80), data[15:]))

    def _vendor_block(self, block: bytes, wrapper: CommandBlockWrapper) -> None:
        wanted = next((message for message in self._switches if message.block == block), None)
        if wanted is None:
            self._emit("switch-refused", message=block.hex())
            self._drive.refuse()
            self._no_data(wrapper)
            self._status(wrapper.tag, wrapper.length, CommandStatus.FAILED)
            return
        self._emit("switch-requested", message=block.hex(), mode=wanted.mode)
        self._status(wrapper.tag, wrapper.length, CommandStatus.PASSED)
        self._switch(wanted.mode)

    def _reply(self, wrapper: CommandBlockWrapper, answer: bytes) -> None:
        sent = answer[: wrapper.length]
        if wrapper.length:
            self.send(self._bulk_in, sent)
        self._status(wrapper.tag, wrapper.length - len(sent), CommandStatus.PASSED)

    def _no_data(self, wrapper: CommandBlockWrapper) -> None:
        """Close the data stage that the host expects with an empty transfer."""
        if wrapper.is_in and wrapper.length:
            self.send(self._bulk_in, b"")

    def _discard(self, wrapper: CommandBlockWrapper, count: int) -> None:
        self._unwanted_left -= count
        if self._unwanted_left <= 0:
            self._unwanted = None
            self._drive.refuse()
            self._status(wrapper.tag, wrapper.length, CommandStatus.FAILED)

    def _status(self, tag: int, residue: int, status: CommandStatus) -> None:
        self.send(self._bulk_in, CSW.pack(CSW_SIGNATURE, tag, residue, status))
