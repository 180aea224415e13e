# SPDX-License-Identifier: MIT
"""The modem behind MBIM: what the commands of Basic Connect ask for, and what they set.

Source: USB MBIM 1.0 specification, 10.5 (the CIDs and their structures). Other services are refused.
"""

from __future__ import annotations

import enum
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network

from modem_image.bench.stick.events import Emit
from modem_image.bench.stick.mbim import Command, MbimError, Reader, Status, Value, fixed_size, pack
from modem_image.bench.stick.modem import ModemProfile, Registration
from modem_image.bench.stick.sim import PIN_TRIES, Sim, SimState

BASIC_CONNECT = bytes.fromhex("a289cc33bcbb8b4fb6b0133ec2aae6df")
INTERNET = bytes.fromhex("7e5e2a7e4e6f7272736b656e7e5e2a7e")
"""MBIMContextTypeInternet."""
MTU = 1500


class Cid(enum.IntEnum):
    """Commands of Basic Connect (table 10-8) that are answered."""

    DEVICE_CAPS = 1
    SUBSCRIBER_READY_STATUS = 2
    RADIO_STATE = 3
    PIN = 4
    PIN_LIST = 5
    HOME_PROVIDER = 6
    REGISTER_STATE = 9
    PACKET_SERVICE = 10
    SIGNAL_STATE = 11
    CONNECT = 12
    PROVISIONED_CONTEXTS = 13
    IP_CONFIGURATION = 15
    DEVICE_SERVICES = 16
    DEVICE_SERVICE_SUBSCRIBE_LIST = 19


_REMOVABLE, _GSM, _NO_VOICE, _SIM_REMOVABLE = 2, 1, 1, 2
_DATA_CLASSES = 0x3C  # UMTS, HSDPA, HSUPA, LTE
_LTE = 0x20
_READY = {SimState.READY: 1, SimState.ABSENT: 2, SimState.PIN: 6, SimState.PUK: 6}
_PIN1, _PUK1 = 2, 11
_REGISTERED = {Registration.HOME: 3, Registration.SEARCHING: 2, Registration.DENIED: 6}
_DEREGISTERED, _AUTOMATIC = 1, 1
_ATTACHED, _DETACHED = 2, 4
_ACTIVATED, _DEACTIVATED = 1, 3
_IPV4 = 1
_RSSI = 20
_ADDRESS, _GATEWAY, _DNS, _MTU = 1, 2, 4, 8
_SPEED = 50_000_000


@dataclass(frozen=True)
class Session:
    """The packet data session: number and APN."""

    number: int
    apn: str


@dataclass(frozen=True)
class Addresses:
    """What the network gives to a session."""

    guest: IPv4Address
    subnet: IPv4Network
    gateway: IPv4Address
    dns: tuple[IPv4Address, ...]


@dataclass(frozen=True)
class Refusal(Exception):  # noqa: N818 - a proper answer, not a fault of this program
    """A command that ends with this status."""

    status: Status


@dataclass(frozen=True)
class _State:
    radio_on: bool = False
    attached: bool = False
    session: Session | None = None


Indication = tuple[Cid, bytes]
_Handler = Callable[[bool, Reader], bytes]


class MbimDevice:
    """Answers commands; what it has to tell by itself waits in `indications`."""

    def __init__(
        self,
        profile: ModemProfile,
        sim: Sim,
        registration: Registration,
        addresses: Addresses,
        accepted_apn: str | None,
        emit: Emit,
    ) -> None:
        self.indications: list[Indication] = []
        self._profile = profile
        self._sim = sim
        self._registration = registration
        self._addresses = addresses
        self._accepted_apn = accepted_apn
        self._emit = emit
        self._state = _State()
        self._handlers: dict[int, _Handler] = {
            Cid.DEVICE_CAPS: self._device_caps,
            Cid.SUBSCRIBER_READY_STATUS: lambda *_: self._subscriber(),
            Cid.RADIO_STATE: self._radio_state,
            Cid.PIN: self._pin,
            Cid.PIN_LIST: lambda *_: bytes(10 * 16),
            Cid.HOME_PROVIDER: lambda *_: self._provider(),
            Cid.REGISTER_STATE: self._register_state,
            Cid.PACKET_SERVICE: self._packet_service,
            Cid.SIGNAL_STATE: lambda *_: pack(_RSSI, 99, 30, 1, 1),
            Cid.CONNECT: self._connect,
            Cid.PROVISIONED_CONTEXTS: lambda *_: pack(0),
            Cid.IP_CONFIGURATION: self._ip_configuration,
            Cid.DEVICE_SERVICES: lambda *_: self._services(),
        }

    @property
    def session(self) -> Session | None:
        """The session that carries data now."""
        return self._state.session

    def reset(self) -> None:
        """The function was closed, or the bus reset: sessions end (9.3.2)."""
        self._state = replace(self._state, session=None)
        self.indications.clear()

    def execute(self, command: Command) -> tuple[Status, bytes]:
        """Status and information buffer of the answer. Never raises."""
        status, information = self._execute(command)
        self._emit(
            "mbim-command",
            service=command.service.hex()[:8],
            cid=command.cid,
            set=int(command.is_set),
            status=int(status),
        )
        return status, information

    def _execute(self, command: Command) -> tuple[Status, bytes]:
        if command.service != BASIC_CONNECT:
            return Status.NO_DEVICE_SUPPORT, b""
        if command.cid == Cid.DEVICE_SERVICE_SUBSCRIBE_LIST:
            return Status.SUCCESS, command.information  # every indication is sent, whoever asked for it
        handler = self._handlers.get(command.cid)
        if handler is None:
            return Status.NO_DEVICE_SUPPORT, b""
        try:
            return Status.SUCCESS, handler(command.is_set, Reader(command.information))
        except Refusal as refusal:
            return refusal.status, b""
        except MbimError:
            return Status.INVALID_PARAMETERS, b""

    # --- Device and SIM ---

    def _device_caps(self, _is_set: bool, _reader: Reader) -> bytes:
        kind = (_REMOVABLE, _GSM, _NO_VOICE, _SIM_REMOVABLE, _DATA_CLASSES, 0, 1, 1)
        profile = self._profile
        return pack(*kind, "", profile.imei, profile.revision, profile.model)

    def _services(self) -> bytes:
        cids = [*self._handlers, int(Cid.DEVICE_SERVICE_SUBSCRIBE_LIST)]
        element = BASIC_CONNECT + struct.pack(f"<III{len(cids)}I", 0, 0, len(cids), *cids)
        start = fixed_size(1, 0, 0, 0)
        return pack(1, 0, start, len(element), data=element)

    def _subscriber(self) -> bytes:
        usable, sim = self._sim.usable, self._sim.profile
        identity = (sim.imsi, sim.iccid) if usable else ("", "")
        if usable:
            self._emit("sim-read")
        return pack(_READY[self._sim.state], *identity, 0, 0)

    def _pin(self, is_set: bool, reader: Reader) -> bytes:
        if is_set:
            kind, operation, pin, _ = reader.number(), reader.number(), reader.text(), reader.text()
            if (kind, operation) != (_PIN1, 0) or self._sim.state is not SimState.PIN:
                raise Refusal(Status.INVALID_PARAMETERS)
            if not self._sim.enter_pin(pin):
                raise Refusal(Status.FAILURE)
            self.indications.append((Cid.SUBSCRIBER_READY_STATUS, self._subscriber()))
            self._tell_registration()
        kinds = {SimState.PIN: _PIN1, SimState.PUK: _PUK1}
        locked = self._sim.state in kinds
        tries = self._sim.pin_tries if locked else PIN_TRIES
        return pack(kinds.get(self._sim.state, _PIN1), int(locked), tries)

    # --- Radio and network ---

    @property
    def _registered(self) -> bool:
        return self._state.radio_on and self._sim.usable and self._registration is Registration.HOME

    def _radio_state(self, is_set: bool, reader: Reader) -> bytes:
        if is_set:
            on = reader.number() == 1
            self._emit("functionality", value=int(on))
            self._state = _State(on) if on != self._state.radio_on else self._state
            self._tell_registration()
        return pack(1, int(self._state.radio_on))

    def _tell_registration(self) -> None:
        self.indications.append((Cid.REGISTER_STATE, self._registration_info()))
        self.indications.append((Cid.PACKET_SERVICE, self._packet_info()))

    def _registration_info(self) -> bytes:
        profile = self._profile
        state = _DEREGISTERED
        if self._state.radio_on and self._sim.usable:
            state = _REGISTERED[self._registration]
        known = (profile.plmn, profile.operator) if self._registered else ("", "")
        classes = _LTE if self._registered else 0
        return pack(0, state, _AUTOMATIC, classes, _GSM, *known, "", 0)

    def _register_state(self, _is_set: bool, _reader: Reader) -> bytes:
        if self._registered:
            self._emit("registration-read", command="MBIM", status=1)
        return self._registration_info()

    def _provider(self) -> bytes:
        self._need_sim()
        return pack(self._profile.plmn, 1, self._profile.operator, _GSM, _RSSI, 99)

    def _need_sim(self) -> None:
        if self._sim.state is SimState.ABSENT:
            raise Refusal(Status.SIM_NOT_INSERTED)
        if not self._sim.usable:
            raise Refusal(Status.PIN_REQUIRED)

    # --- Packet data ---

    def _packet_info(self) -> bytes:
        state = _ATTACHED if self._state.attached else _DETACHED
        return pack(0, state, _LTE if self._state.attached else 0, struct.pack("<QQ", _SPEED, _SPEED))

    def _packet_service(self, is_set: bool, reader: Reader) -> bytes:
        if is_set:
            attach = reader.number() == 0
            if attach:
                self._need_network()
            self._state = replace(self._state, attached=attach, session=self.session if attach else None)
            self.indications.append((Cid.PACKET_SERVICE, self._packet_info()))
        return self._packet_info()

    def _need_network(self) -> None:
        self._need_sim()
        if not self._state.radio_on:
            raise Refusal(Status.RADIO_POWER_OFF)
        if not self._registered:
            raise Refusal(Status.NOT_REGISTERED)

    def _connect(self, is_set: bool, reader: Reader) -> bytes:
        number = reader.number()
        if is_set:
            activate, apn = reader.number() == 1, reader.text()
            self._activate(number, apn) if activate else self._deactivate(number)
        active = self.session is not None and self.session.number == number
        return pack(number, _ACTIVATED if active else _DEACTIVATED, 0, _IPV4, INTERNET, 0)

    def _activate(self, number: int, apn: str) -> None:
        self._need_network()
        self._emit("dialled", port="mbim", cid=number, apn=apn)
        if self._accepted_apn is not None and apn.lower() != self._accepted_apn.lower():
            raise Refusal(Status.FAILURE)
        self._state = replace(self._state, attached=True, session=Session(number, apn))

    def _deactivate(self, number: int) -> None:
        if self.session is None or self.session.number != number:
            raise Refusal(Status.CONTEXT_NOT_ACTIVATED)
        self._state = replace(self._state, session=None)

    def _ip_configuration(self, _is_set: bool, reader: Reader) -> bytes:
        number = reader.number()
        if self.session is None or self.session.number != number:
            raise Refusal(Status.CONTEXT_NOT_ACTIVATED)
        given = self._addresses
        self._emit("mbim-connected", session=number, address=str(given.guest))
        data = struct.pack("<I", given.subnet.prefixlen) + given.guest.packed + given.gateway.packed
        data += b"".join(server.packed for server in given.dns)
        start = fixed_size(*(0,) * 15)
        available = _ADDRESS | _GATEWAY | _DNS | _MTU
        fields: tuple[Value, ...] = (
            *(number, available, 0),
            *(1, start, 0, 0),
            *(start + 8, 0),
            *(len(given.dns), start + 12, 0, 0),
            *(MTU, 0),
        )
        return pack(*fields, data=data)
