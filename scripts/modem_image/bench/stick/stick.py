# SPDX-License-Identifier: MIT
"""Puts a stick together from its data and the settings of a run."""

from __future__ import annotations

import enum
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from modem_image.bench.stick import data
from modem_image.bench.stick.air import Air
from modem_image.bench.stick.at import AtPort, Call
from modem_image.bench.stick.data import ModeData, StickData
from modem_image.bench.stick.descriptors import EndpointType
from modem_image.bench.stick.ether import EtherControl, EtherData
from modem_image.bench.stick.events import Emit
from modem_image.bench.stick.link import Switch
from modem_image.bench.stick.mass_storage import Drive, MassStorage
from modem_image.bench.stick.mbim_device import Addresses, MbimDevice
from modem_image.bench.stick.mbim_port import MbimControl, MbimData
from modem_image.bench.stick.modem import Modem, NdisDup, Registration
from modem_image.bench.stick.ncm import NcmData, NcmEndpoints, NcmPort
from modem_image.bench.stick.network import Dhcp, Ethernet, Network, NetworkSettings, lease_text
from modem_image.bench.stick.ppp import PppPeer
from modem_image.bench.stick.ppp_packets import Auth, PppSettings
from modem_image.bench.stick.serial import SerialPort, SilentPort, World
from modem_image.bench.stick.sim import Sim, SimState
from modem_image.bench.stick.usb import Device, Function
from modem_image.errors import InputError

STORAGE_MODE = "storage"
SERIAL_FUNCTIONS = frozenset({"modem", "pcui", "diag"})
"""Functions of interfaces that become ports of the board."""


class Switching(enum.Enum):
    """What the stick does with its switch message; the values are those of StickSettings."""

    OBEYS = "obeys"
    IGNORES = "ignores"


class Pace(enum.Enum):
    """How long the stick is away while it switches; the values are those of StickSettings."""

    REAL = "real"
    FAST = "fast"
    SLOW = "slow"


class Chooses(enum.Enum):
    """What the board makes of a stick with MBIM in another configuration; the values are StickSettings'."""

    MBIM = "mbim"
    LINUX = "linux"


_AWAY_S = {Pace.FAST: 0.1, Pace.SLOW: 11.0}
"""Seconds from the switch to the next mode: too short for any real stick, and the longest that was seen."""


@dataclass(frozen=True)
class StickSettings:
    """What a run wants of the stick, its SIM and its network.

    `start`: the mode after plugging in; None: the first that the database lists. `apn`: the only one the
    network accepts; None accepts any, even none. `becomes`: the mode that is expected of several.
    `username` and `password` count with auth PAP or CHAP only.
    """

    start: str | None = None
    sim: SimState = SimState.READY
    pin: str = "0000"
    registration: Registration = Registration.HOME
    apn: str | None = None
    auth: Auth = Auth.NONE
    username: str = ""
    password: str = ""
    dhcp: Dhcp = Dhcp.ANSWERS
    switching: Switching = Switching.OBEYS
    ndisdup: NdisDup = NdisDup.WORKS
    pace: Pace = Pace.REAL
    becomes: str | None = None
    chooses: Chooses = Chooses.MBIM


def settings_from(table: Mapping[str, object]) -> StickSettings:
    """The settings in a table of plain values, such as TOML's. Raises InputError for an unknown one."""
    kinds: dict[str, type[enum.Enum]] = {
        "sim": SimState,
        "registration": Registration,
        "auth": Auth,
        "dhcp": Dhcp,
        "switching": Switching,
        "ndisdup": NdisDup,
        "pace": Pace,
        "chooses": Chooses,
    }
    known = [field.name for field in fields(StickSettings)]
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known or not isinstance(value, str):
            raise InputError(
                f"{key} = {value!r} is not a setting of a stick; known, as text: {', '.join(known)}"
            )
        try:
            values[key] = kinds[key](value) if key in kinds else value
        except ValueError as error:
            possible = ", ".join(str(kind.value) for kind in kinds[key])
            raise InputError(f"{key} = {value!r} is not possible; one of {possible}") from error
    return StickSettings(**values)


class Stick:
    """One emulated stick. Every device that it makes starts afresh; what surrounds it stays."""

    def __init__(self, description: StickData, settings: StickSettings | None = None) -> None:
        self.description = description
        self.settings = settings or StickSettings()
        self.air = Air()
        self.start = self.settings.start or next(iter(description.modes))
        if self.start not in description.modes:
            raise InputError(
                f"{description.id} has no mode {self.start!r}; known: {', '.join(description.modes)}"
            )

    @property
    def detach_delay_s(self) -> float:
        return self.description.detach_delay_s

    @property
    def attach_delay_s(self) -> float:
        return _AWAY_S.get(self.settings.pace, self.description.attach_delay_s)

    @property
    def working_mode(self) -> ModeData:
        """The mode that the stick is in once it was switched; its start mode where nothing switches it."""
        start = self.description.modes[self.start]
        if not start.switches:
            return start
        wanted, modes = self.settings.becomes, self.description.modes
        return modes[wanted if wanted and wanted in modes else start.switches[0].mode]

    @property
    def is_router(self) -> bool:
        """Whether it dials by itself (HiLink): Ethernet, and no AT port, in its working mode."""
        functions = set(self.working_mode.functions.values())
        return "ether" in functions and not functions & SERIAL_FUNCTIONS

    @property
    def mbim_configuration(self) -> int | None:
        """The configuration with MBIM that the board is expected to choose; None: it stays with Linux's."""
        if self.settings.chooses is Chooses.LINUX:
            return None
        others = self.working_mode.others.items()
        return next((value for value, functions in others if "mbim" in functions.values()), None)

    def power_on(self, emit: Emit, switch: Switch) -> Device:
        return self.switched(self.start, emit, switch)

    def switched(self, mode: str, emit: Emit, switch: Switch) -> Device:
        found = self.description.modes[mode]
        assembly = _Assembly(self, found, emit, switch)
        others = {value: assembly.functions(value) for value in found.others}
        return Device(mode, found.description, assembly.functions(), emit, others)


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
        self._network = Network(self._data.network, emit, stick.air)
        self._ethernet = Ethernet(self._network, emit, dhcp=self._settings.dhcp)
        self._configuration = mode.configuration()
        self._modem = Modem(
            self._data.modem,
            sim=self._settings.sim,
            pin=self._settings.pin,
            registration=self._settings.registration,
            emit=emit,
            ndisdup=self._settings.ndisdup,
            lease=lease_text(self._data.network) if self._settings.dhcp is Dhcp.ANSWERS else None,
            air=stick.air,
        )

    @functools.cached_property
    def _mbim_device(self) -> MbimDevice:
        settings, network = self._settings, self._data.network
        dns = (network.gateway, network.second_dns)
        addresses = Addresses(network.guest, network.subnet, network.gateway, dns)
        sim = Sim(self._data.modem.sim, settings.sim, settings.pin)
        registration, apn = settings.registration, settings.apn
        return MbimDevice(self._data.modem, sim, registration, addresses, apn, self._emit)

    def functions(self, configuration: int | None = None) -> list[Function]:
        """Those of this configuration; None: of the one that Linux chooses by itself."""
        names = self._mode.functions if configuration is None else self._mode.others[configuration]
        self._configuration = self._mode.configuration(configuration)
        makers: dict[str, Callable[[int], Function]] = {
            "storage": self._storage,
            "modem": lambda interface: self._serial(interface, "modem"),
            "pcui": lambda interface: self._serial(interface, "pcui"),
            "ncm": self._ncm,
            "ether": self._ether,
            "mbim": self._mbim,
        }
        functions: list[Function] = []
        for interface, name in names.items():
            if name == "data" and functions:
                functions.append(self._data_interface(interface, functions[-1]))
            else:
                # Functions without an emulation of their own, such as diag, only swallow what they get.
                functions.append(makers.get(name, SilentPort)(interface))
        return functions

    def _data_interface(self, interface: int, control: Function) -> Function:
        """The data interface follows the communication interface that it belongs to."""
        if self._own_endpoint(interface, EndpointType.BULK, is_in=True) is None:
            return SilentPort(interface)
        bulk_in = self._endpoint(interface, EndpointType.BULK, is_in=True)
        if isinstance(control, EtherControl):
            settings = [one for one in self._configuration.interfaces if one.number == interface]
            return EtherData(interface, bulk_in, self._ethernet, control, always=len(settings) == 1)
        if isinstance(control, NcmPort):
            return NcmData(interface, control)
        if isinstance(control, MbimControl):
            receive = self._network.receive
            return MbimData(interface, bulk_in, control, self._mbim_device, receive, self._emit)
        return SilentPort(interface)

    def _ether(self, interface: int) -> Function:
        return EtherControl(interface, self._endpoint(interface, EndpointType.INTERRUPT, is_in=True))

    def _mbim(self, interface: int) -> Function:
        interrupt_in = self._endpoint(interface, EndpointType.INTERRUPT, is_in=True)
        return MbimControl(interface, interrupt_in, self._mbim_device, self._emit)

    def _own_endpoint(self, interface: int, kind: EndpointType, *, is_in: bool) -> int | None:
        for setting in self._configuration.interfaces:
            for endpoint in setting.endpoints:
                if (setting.number, endpoint.kind, endpoint.is_in) == (interface, kind, is_in):
                    return endpoint.address
        return None

    def _endpoint(self, interface: int, kind: EndpointType, *, is_in: bool) -> int:
        address = self._own_endpoint(interface, kind, is_in=is_in)
        if address is not None:
            return address
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
            self._switch if self._settings.switching is Switching.OBEYS else self._ignore,
            self._emit,
        )

    def _ignore(self, mode: str) -> None:
        self._emit("switch-ignored", mode=mode)

    def _serial(self, interface: int, name: str) -> Function:
        bulk_in = self._endpoint(interface, EndpointType.BULK, is_in=True)
        return SerialPort(
            interface,
            bulk_in,
            AtPort(name, self._modem, self._emit),
            self._dial,
            reports=self._data.reports.get(name, ()),
            reporting=lambda: self._modem.periodic_reports,
            world=world_of(self._modem, name),
        )

    def _ncm(self, interface: int) -> Function:
        interrupt_in = self._endpoint(interface, EndpointType.INTERRUPT, is_in=True)
        bulk_in = self._own_endpoint(interface, EndpointType.BULK, is_in=True)
        if bulk_in is None:  # the standard's own NCM has its data in the interface that follows
            bulk_in = self._endpoint(interface + 1, EndpointType.BULK, is_in=True)
        endpoints = NcmEndpoints(interrupt_in, bulk_in)
        return NcmPort(
            interface,
            endpoints,
            AtPort("ncm", self._modem, self._emit, echo=False),
            self._ethernet,
            connected=lambda: self._modem.network_port_call is not None,
            mac=self._data.host_mac,
            emit=self._emit,
        )

    def _dial(self, call: Call) -> PppPeer:
        ppp = ppp_settings(self._settings, self._data.network, call)
        return PppPeer(ppp, self._network.receive, self._emit)


def world_of(modem: Modem, port: str) -> World:
    """What a port of this name learns from its modem."""
    return World(
        news=lambda: modem.news(port),
        drops=lambda: modem.drops,
        ended=modem.calls_end,
        worded=lambda line: line.format_map(modem.fields()),
    )


def ppp_settings(settings: StickSettings, network: NetworkSettings, call: Call) -> PppSettings:
    """What the network's end of this call does."""
    return PppSettings(
        local=network.gateway,
        guest=network.guest,
        dns=(network.gateway, network.second_dns),
        auth=settings.auth,
        username=settings.username,
        password=settings.password,
        accept_apn=settings.apn is None or call.apn.lower() == settings.apn.lower(),
    )
