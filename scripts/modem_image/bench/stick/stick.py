# SPDX-License-Identifier: MIT
"""Puts a stick together from its data and the settings of a run."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from modem_image.bench.stick import data
from modem_image.bench.stick.at import AtPort, Call
from modem_image.bench.stick.data import ModeData, StickData
from modem_image.bench.stick.descriptors import EndpointType
from modem_image.bench.stick.events import Emit
from modem_image.bench.stick.link import Switch
from modem_image.bench.stick.mass_storage import Drive, MassStorage
from modem_image.bench.stick.modem import Modem, Registration
from modem_image.bench.stick.ncm import NcmEndpoints, NcmPort
from modem_image.bench.stick.network import Ethernet, Network
from modem_image.bench.stick.ppp import PppPeer
from modem_image.bench.stick.ppp_packets import Auth, PppSettings
from modem_image.bench.stick.serial import SerialPort, SilentPort
from modem_image.bench.stick.sim import SimState
from modem_image.bench.stick.usb import Device, Function
from modem_image.errors import InputError

STORAGE_MODE, MODEM_MODE = "storage", "modem"


@dataclass(frozen=True)
class StickSettings:
    """What a run wants of the stick, its SIM and its network.

    `start`: the mode after plugging in. `apn`: the only one the network accepts; None accepts any, even none.
    `username` and `password` count with auth PAP or CHAP only.
    """

    start: str = STORAGE_MODE
    sim: SimState = SimState.READY
    pin: str = "0000"
    registration: Registration = Registration.HOME
    apn: str | None = None
    auth: Auth = Auth.NONE
    username: str = ""
    password: str = ""


def settings_from(table: Mapping[str, object]) -> StickSettings:
    """The settings in a table of plain values, such as TOML's. Raises InputError for an unknown one."""
    kinds: dict[str, type[enum.Enum]] = {"sim": SimState, "registration": Registration, "auth": Auth}
    known = [field.name for field in fields(StickSettings)]
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known or not isinstance(value, str):
            raise InputError(
                f"{key} = {value!r} is no setting of a stick; known, as text: {', '.join(known)}"
            )
        try:
            values[key] = kinds[key](value) if key in kinds else value
        except ValueError as error:
            possible = ", ".join(str(kind.value) for kind in kinds[key])
            raise InputError(f"{key} = {value!r} is not possible; one of {possible}") from error
    return StickSettings(**values)


class Stick:
    """One emulated stick. It holds no state of a run: every device it makes starts afresh."""

    def __init__(self, description: StickData, settings: StickSettings | None = None) -> None:
        self.description = description
        self.settings = settings or StickSettings()
        if self.settings.start not in description.modes:
            raise InputError(
                f"{description.id} has no mode {self.settings.start!r}; known: {', '.join(description.modes)}"
            )

    @property
    def detach_delay_s(self) -> float:
        return self.description.detach_delay_s

    @property
    def attach_delay_s(self) -> float:
        return self.description.attach_delay_s

    def power_on(self, emit: Emit, switch: Switch) -> Device:
        return self.switched(self.settings.start, emit, switch)

    def switched(self, mode: str, emit: Emit, switch: Switch) -> Device:
        found = self.description.modes[mode]
        return Device(mode, found.description, _Assembly(self, found, emit, switch).functions(), emit)


def load_stick(name: str, settings: StickSettings | None = None) -> Stick:
    """The stick of bench/sticks/NAME.toml. Raises InputError for an unknown name or mode."""
    return Stick(data.load(name), settings)


class _Assembly:
    """Makes the functions of one mode; those of the modem mode share one modem and one network."""

    def __init__(self, stick: Stick, mode: ModeData, emit: Emit, switch: Switch) -> None:
        self._data = stick.description
        self._settings = stick.settings
        self._mode = mode
        self._emit = emit
        self._switch = switch
        self._network = Network(self._data.network, emit)
        self._modem = Modem(
            self._data.modem,
            sim=self._settings.sim,
            pin=self._settings.pin,
            registration=self._settings.registration,
            emit=emit,
        )

    def functions(self) -> list[Function]:
        makers: dict[str, Callable[[int], Function]] = {
            "storage": self._storage,
            "modem": lambda interface: self._serial(interface, "modem"),
            "pcui": lambda interface: self._serial(interface, "pcui"),
            "ncm": self._ncm,
        }
        # Functions without an emulation of their own, such as diag, only swallow what they get.
        return [makers.get(name, SilentPort)(interface) for interface, name in self._mode.functions.items()]

    def _endpoint(self, interface: int, kind: EndpointType, *, is_in: bool) -> int:
        for setting in self._mode.description.configurations[0].interfaces:
            for endpoint in setting.endpoints:
                if (setting.number, endpoint.type, endpoint.is_in) == (interface, kind, is_in):
                    return endpoint.address
        direction = "IN" if is_in else "OUT"
        raise InputError(
            f"{self._data.id}: interface {interface} of mode {self._mode.name} needs a"
            f" {kind.name.lower()} {direction} endpoint"
        )

    def _storage(self, interface: int) -> Function:
        return MassStorage(
            interface,
            self._endpoint(interface, EndpointType.BULK, is_in=True),
            self._endpoint(interface, EndpointType.BULK, is_in=False),
            Drive(self._data.drive),
            self._mode.switches,
            self._switch,
            self._emit,
        )

    def _serial(self, interface: int, name: str) -> Function:
        bulk_in = self._endpoint(interface, EndpointType.BULK, is_in=True)
        return SerialPort(
            interface,
            bulk_in,
            AtPort(name, self._modem, self._emit),
            self._dial,
            reports=self._data.reports.get(name, ()),
            reporting=lambda: self._modem.periodic_reports,
        )

    def _ncm(self, interface: int) -> Function:
        endpoints = NcmEndpoints(
            self._endpoint(interface, EndpointType.INTERRUPT, is_in=True),
            self._endpoint(interface, EndpointType.BULK, is_in=True),
        )
        return NcmPort(
            interface,
            endpoints,
            AtPort("ncm", self._modem, self._emit, echo=False),
            Ethernet(self._network, self._emit),
            connected=lambda: self._modem.network_port_call is not None,
            mac=self._data.host_mac,
            emit=self._emit,
        )

    def _dial(self, call: Call) -> PppPeer:
        network, settings = self._data.network, self._settings
        ppp = PppSettings(
            local=network.gateway,
            guest=network.guest,
            dns=(network.gateway, network.second_dns),
            auth=settings.auth,
            username=settings.username,
            password=settings.password,
            accept_apn=settings.apn is None or call.apn.lower() == settings.apn.lower(),
        )
        return PppPeer(ppp, self._network.receive, self._emit)
