# SPDX-License-Identifier: MIT
"""Reads what a stick is made of: bench/sticks/NAME.toml, over the identity that modems.toml gives it.

modems.toml (the project's database) says which modes there are, their USB ids, interfaces and switch
messages. The stick's own file adds what the emulation invents: strings, endpoints, descriptors, replies.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any, TypeVar

from huawei_modem import database as facts
from modem_image import HELPER
from modem_image.bench.stick.at import Row
from modem_image.bench.stick.descriptors import (
    Configuration,
    DeviceDescription,
    Endpoint,
    EndpointType,
    Interface,
)
from modem_image.bench.stick.mass_storage import Identity, SwitchMessage
from modem_image.bench.stick.modem import ModemProfile
from modem_image.bench.stick.network import NetworkSettings
from modem_image.bench.stick.serial import PeriodicLine
from modem_image.bench.stick.sim import Profile
from modem_image.errors import InputError
from modem_image.sticks import database

STICKS = Path(__file__).resolve().parents[1] / "sticks"
MODEMS = HELPER / "modems.toml"
COMMON = "common"

_WITH_MAC = {"ncm", "ether"}
MAC_STRING = 5
"""String index of the network port's MAC address, which the Ethernet descriptor of CDC refers to."""

_T = TypeVar("_T")


@dataclass(frozen=True)
class ModeData:
    """One mode: what the host sees, and what each interface is for (`functions`, by interface number).

    `functions` are those of the configuration that Linux chooses by itself, `others` those of each other
    configuration, by its value. The function of an interface is empty where nobody knows it.
    """

    name: str
    description: DeviceDescription
    functions: Mapping[int, str]
    switches: tuple[SwitchMessage, ...] = ()
    others: Mapping[int, Mapping[int, str]] = field(default_factory=dict)

    def configuration(self, value: int | None = None) -> Configuration:
        """The one with this value; None: the one that Linux chooses by itself."""
        every = {one.value: one for one in self.description.configurations}
        (own,) = every.keys() - self.others.keys()
        return every[own if value is None else value]


@dataclass(frozen=True)
class StickData:
    """All about one stick. Delays in seconds.

    `host_mac` belongs to the board's end of the network port; `reports` holds what a port, by its
    function's name, says by itself.
    """

    id: str
    name: str
    modes: Mapping[str, ModeData]
    drive: Identity
    modem: ModemProfile
    network: NetworkSettings
    host_mac: bytes
    reports: Mapping[str, tuple[PeriodicLine, ...]]
    detach_delay_s: float
    attach_delay_s: float


def names() -> tuple[str, ...]:
    """The sticks that can be emulated."""
    return tuple(sorted(path.stem for path in STICKS.glob("*.toml") if path.stem != COMMON))


def load(name: str, sticks: Path = STICKS, modems: Path = MODEMS) -> StickData:
    """The stick called `name`. Raises InputError for an unknown one and for faulty data."""
    path = sticks / f"{name}.toml"
    if name == COMMON or not re.fullmatch(r"[a-z0-9-]+", name) or not path.is_file():
        raise InputError(f"there is no stick {name!r} to emulate; known: {', '.join(names())}")
    known, _ = database.load(modems)
    identity = next((stick for stick in known.sticks if stick.id == name), None)
    if identity is None:
        raise InputError(f"{path}: {modems.name} has no stick {name!r}; add it there first")
    own = _Table.read(path)
    common = _Table.read(sticks / f"{COMMON}.toml")
    return _stick(identity, own, common)


class _Table:
    """A TOML table that knows where it stands; every getter raises InputError that names the place."""

    def __init__(self, place: str, values: Mapping[str, Any]) -> None:
        self.place = place
        self.values = values

    @classmethod
    def read(cls, path: Path) -> _Table:
        try:
            return cls(str(path), tomllib.loads(path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InputError(f"{path}: cannot be read: {error}") from error

    def get(self, key: str, kind: type[_T], default: _T | None = None) -> _T:
        value = self.values.get(key, default)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise InputError(f"{self.place}: {key} must be a {kind.__name__}, not {value!r}")
        return value

    def over(self, values: Mapping[str, Any]) -> _Table:
        """This table with `values` in the place of its own."""
        return _Table(self.place, {**self.values, **values})

    def text(self, key: str, default: str | None = None) -> str:
        return self.get(key, str, default)

    def table(self, key: str) -> _Table:
        return _Table(f"{self.place}: {key}", self.get(key, dict))

    def tables(self, key: str) -> list[_Table]:
        items = self.get(key, list, [])
        return [_Table(f"{self.place}: {key} {number}", _mapping(item)) for number, item in enumerate(items)]

    def hex(self, key: str, size: int) -> bytes:
        value = self._bytes(key, self.text(key))
        if len(value) != size:
            raise InputError(f"{self.place}: {key} must have {2 * size} hexadecimal digits")
        return value

    def joined_hex(self, key: str) -> bytes:
        """A list of hexadecimal strings, joined; empty when the key is absent."""
        return b"".join(self._bytes(key, str(item)) for item in self.get(key, list, []))

    def address(self, key: str) -> IPv4Address:
        try:
            return IPv4Address(self.text(key))
        except ValueError as error:
            raise InputError(f"{self.place}: {key}: {error}") from error

    def network(self, key: str) -> IPv4Network:
        try:
            return IPv4Network(self.text(key))
        except ValueError as error:
            raise InputError(f"{self.place}: {key}: {error}") from error

    def _bytes(self, key: str, text: str) -> bytes:
        try:
            return bytes.fromhex(text)
        except ValueError as error:
            raise InputError(f"{self.place}: {key} must be hexadecimal, not {text!r}") from error


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _stick(identity: facts.Stick, own: _Table, common: _Table) -> StickData:
    network = common.table("network").over(own.values.get("network", {}))
    timing, drive = common.table("timing"), own.table("drive")
    host_mac = network.hex("host_mac", 6)
    return StickData(
        id=identity.id,
        name=identity.name,
        # A mode that the file does not describe is not emulated.
        modes={
            mode.name: _mode(identity, mode, own, host_mac)
            for mode in identity.modes
            if mode.name in own.table("mode").values
        },
        drive=Identity(drive.text("vendor"), drive.text("product"), drive.text("revision")),
        modem=_modem(own, common),
        network=NetworkSettings(
            subnet=network.network("subnet"),
            gateway=network.address("gateway"),
            guest=network.address("guest"),
            second_dns=network.address("second_dns"),
            host=network.address("host"),
            mac=network.hex("gateway_mac", 6),
        ),
        host_mac=host_mac,
        reports=_reports(common.tables("report")),
        detach_delay_s=timing.get("detach_delay_s", float),
        attach_delay_s=timing.get("attach_delay_s", float),
    )


def _reports(tables: list[_Table]) -> dict[str, tuple[PeriodicLine, ...]]:
    reports: dict[str, tuple[PeriodicLine, ...]] = {}
    for table in tables:
        every_s = table.get("every_s", float)
        if every_s <= 0:
            raise InputError(f"{table.place}: every_s must be above 0, not {every_s}")
        port = table.text("port")
        reports[port] = (*reports.get(port, ()), PeriodicLine(table.text("line"), every_s))
    return reports


def _mode(stick: facts.Stick, mode: facts.Mode, own: _Table, host_mac: bytes) -> ModeData:
    table = own.table("mode").table(mode.name)
    vendor, product = (int(part, 16) for part in mode.usb.split(":"))
    strings = {1: table.text("manufacturer"), 2: table.text("product"), 3: table.text("serial")}
    listed = {mode.configuration: mode.interfaces} | {
        one.value: one.interfaces for one in mode.configurations
    }
    functions = {
        value: {interface.number: interface.function or "" for interface in interfaces}
        for value, interfaces in listed.items()
    }
    if _WITH_MAC & {name for names in functions.values() for name in names.values()}:
        strings[MAC_STRING] = host_mac.hex().upper()
    configurations = tuple(
        _configuration(table, value, listed[value], first=value == mode.configuration)
        for value in sorted(listed)
    )
    description = DeviceDescription(
        vendor=vendor,
        product=product,
        bcd_device=int.from_bytes(table.hex("bcd_device", 2), "big"),
        strings={index: text for index, text in strings.items() if text},
        configurations=configurations,
    )
    own_functions = functions.pop(mode.configuration)
    return ModeData(mode.name, description, own_functions, _switches(stick, mode), functions)


def _configuration(
    table: _Table, value: int, interfaces: Sequence[facts.Interface], *, first: bool
) -> Configuration:
    """The settings that `table` describes for this configuration; those that name none are of the first."""
    chosen = [
        setting
        for setting in table.tables("interface")
        if setting.get("configuration", int, value if first else 0) == value
    ]
    facts_of = {interface.number: interface for interface in interfaces}
    described = {setting.get("number", int) for setting in chosen}
    if described != set(facts_of):
        raise InputError(
            f"{table.place}: describes interfaces {sorted(described)} of configuration {value},"
            f" but {MODEMS.name} has {sorted(facts_of)}"
        )
    settings = tuple(_interface(facts_of[setting.get("number", int)], setting) for setting in chosen)
    return Configuration(value, settings, table.get("max_power_ma", int, 500))


def _switches(stick: facts.Stick, mode: facts.Mode) -> tuple[SwitchMessage, ...]:
    if mode.switch is None:
        return ()
    targets = [other.name for other in stick.modes if other.usb in mode.switch.target]
    if not targets and mode.configurations:
        return ()  # it is not switched but told to use another configuration; the message is refused
    if not targets:
        raise InputError(f"{MODEMS.name}: {stick.id}: no mode has the id that {mode.name} switches to")
    return (SwitchMessage.from_cbw(bytes.fromhex(mode.switch.message), targets[0]),)


def _interface(fact: facts.Interface, setting: _Table) -> Interface:
    return Interface(
        number=fact.number,
        alternate=setting.get("alternate", int, 0),
        class_=int(fact.usb_class, 16),
        subclass=int(fact.subclass, 16),
        protocol=int(fact.protocol, 16),
        endpoints=tuple(_endpoint(table) for table in setting.tables("endpoints")),
        extra=setting.joined_hex("descriptors"),
    )


def _endpoint(table: _Table) -> Endpoint:
    kind = table.text("type")
    if kind not in ("bulk", "interrupt"):
        raise InputError(f"{table.place}: type must be bulk or interrupt, not {kind!r}")
    return Endpoint(
        address=table.hex("address", 1)[0],
        type=EndpointType[kind.upper()],
        max_packet=table.get("max_packet", int),
        interval=table.get("interval", int, 0),
    )


def _modem(own: _Table, common: _Table) -> ModemProfile:
    modem, sim, operator = own.table("modem"), common.table("sim"), common.table("operator")
    return ModemProfile(
        manufacturer=modem.text("manufacturer"),
        model=modem.text("model"),
        revision=modem.text("revision"),
        imei=common.table("sim").text("imei"),
        sim=Profile(sim.text("imsi"), sim.text("iccid"), sim.get("mnc_length", int)),
        plmn=operator.text("plmn"),
        operator=operator.text("name"),
        operator_short=operator.text("short_name"),
        location_area=operator.text("location_area"),
        cell=operator.text("cell"),
        access_technology=operator.get("access_technology", int),
        rows=tuple(_row(table) for table in own.tables("reply") + common.tables("reply")),
    )


def _row(table: _Table) -> Row:
    try:
        pattern = re.compile(table.text("command"), re.IGNORECASE)
    except re.error as error:
        raise InputError(f"{table.place}: command is no regular expression: {error}") from error
    lines = tuple(str(line) for line in table.get("lines", list, []))
    return Row(pattern, lines, table.text("final", "OK"), table.get("needs_sim", bool, False))
