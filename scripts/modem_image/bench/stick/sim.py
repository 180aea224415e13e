# SPDX-License-Identifier: MIT
"""The SIM: its lock and its files. Sources: 3GPP TS 51.011 (9.2, 9.4, 10), TS 27.007 (8.18 +CRSM)."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

EF_ICCID = 0x2FE2
EF_AD = 0x6FAD

PIN_TRIES, PUK_TRIES = 3, 10

GET_RESPONSE, READ_BINARY = 192, 176


class SimState(enum.Enum):
    """What +CPIN? tells; the values are those of StickSettings."""

    READY = "ready"
    PIN = "pin"
    PUK = "puk"
    ABSENT = "absent"


@dataclass(frozen=True)
class Profile:
    """Whose SIM it is. `mnc_length`: digits of the network code in the IMSI (2 or 3)."""

    imsi: str
    iccid: str
    mnc_length: int

    def files(self) -> dict[int, bytes]:
        """The elementary files that can be read, by identifier; all are transparent."""
        digits = self.iccid.ljust(20, "F")
        swapped = "".join(digits[i + 1] + digits[i] for i in range(0, 20, 2))
        return {EF_ICCID: bytes.fromhex(swapped), EF_AD: bytes((0, 0, 0, self.mnc_length))}


class Sim:
    """A SIM with a PIN that may be wrong three times."""

    def __init__(self, profile: Profile, state: SimState, pin: str) -> None:
        self.profile = profile
        self.state = state
        self.pin_tries = PIN_TRIES
        self._pin = pin
        self._files: Mapping[int, bytes] = profile.files()

    @property
    def usable(self) -> bool:
        return self.state is SimState.READY

    def enter_pin(self, pin: str) -> bool:
        """Whether the PIN is right; after three wrong ones the state is PUK."""
        if pin == self._pin:
            self.state, self.pin_tries = SimState.READY, PIN_TRIES
            return True
        self.pin_tries -= 1
        if self.pin_tries == 0:
            self.state = SimState.PUK
        return False

    def restricted_access(
        self, command: int, file_id: int, offset: int, length: int
    ) -> tuple[int, int, bytes]:
        """Status words 1 and 2, and the answer, of a +CRSM command on a file. `length` 0 means 256 octets."""
        contents = self._files.get(file_id)
        if command not in (GET_RESPONSE, READ_BINARY):
            return 0x98, 0x04, b""  # access condition not fulfilled
        if contents is None:
            return 0x94, 0x04, b""  # file not found
        if command == GET_RESPONSE:
            return 0x90, 0x00, _transparent_file(file_id, len(contents))
        chunk = contents[offset : offset + (length or 256)]
        return (0x90, 0x00, chunk) if chunk else (0x94, 0x02, b"")  # out of range


def _transparent_file(file_id: int, size: int) -> bytes:
    """The 15 octets of TS 51.011, 9.2.1: size, identifier, type EF, access, status, structure transparent."""
    return (
        bytes(2)
        + size.to_bytes(2, "big")
        + file_id.to_bytes(2, "big")
        + bytes((0x04, 0x00, 0x00, 0xFF, 0xFF, 0x01, 0x02, 0x00, 0x00))
    )
