# SPDX-License-Identifier: MIT
"""Reads what a stick is made of: a recording (bench/sticks/NAME.toml, or any other), and what sticks share.

The recording says what the host sees; what each interface is for follows from modems.toml (the project's
database) where the recording does not say it. common.toml has what no listing of a device shows.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from itertools import count
from pathlib import Path

from huawei_modem import database as facts
from modem_image import HELPER
from modem_image.bench.stick.at import Row
from modem_image.bench.stick.descriptors import (
    Association,
    Configuration,
    DeviceDescription,
    Interface,
)
from modem_image.bench.stick.mass_storage import Identity, SwitchMessage
from modem_image.bench.stick.modem import ModemProfile
from modem_image.bench.stick.network import NetworkSettings
from modem_image.bench.stick.serial import PeriodicLine
from modem_image.bench.stick.sim import Profile
from modem_image.cli.choice import choose
from modem_image.errors import InputError
from modem_image.sticks import database
from modem_image.sticks.recording import file
from modem_image.sticks.recording.file import Table
from modem_image.sticks.recording.model import Configuration as Recorded
from modem_image.sticks.recording.model import Device, Recording, Setting, Triple
from modem_image.sticks.recording.stick import is_drive, linux_choice

STICKS = Path(__file__).resolve().parents[1] / "sticks"
MODEMS = HELPER / "modems.toml"
COMMON = "common"

_NAME = re.compile(r"[a-z0-9-]+")
SERIAL = "FFFFFFFFFFFFFFFF"
"""Of every emulated stick that has a serial number; recordings keep none."""
_OTHER_SERIAL = 15
"""Its string where a network interface's address has the usual one."""


@dataclass(frozen=True)
class ModeData:
    """One mode: what the host sees, and what each interface is for (`functions`, by interface number).

    `functions` are those of the configuration that Linux chooses by itself, `others` those of each other
    configuration, by its value. The function of an interface is empty where nobody knows it. `drivers` are
    those that the recording saw, by configuration and interface; "" is none.
    """

    name: str
    description: DeviceDescription
    functions: Mapping[int, str]
    switches: tuple[SwitchMessage, ...] = ()
    others: Mapping[int, Mapping[int, str]] = field(default_factory=dict)
    drivers: Mapping[int, Mapping[int, str]] = field(default_factory=dict)

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


def path_of(name: str) -> Path:
    """The file of a stick of the bench, or the named file. Raises InputError with the nearest names."""
    if name.endswith(".toml") or "/" in name:
        return Path(name)
    return STICKS / f"{choose('stick', name, names())}.toml"


def load(name: str | Path, sticks: Path = STICKS) -> StickData:
    """The stick called `name`, or of the recording in a file. Raises InputError for an unknown one and for
    faulty data."""
    path = name if isinstance(name, Path) else sticks / f"{name}.toml"
    if isinstance(name, str) and (name == COMMON or not _NAME.fullmatch(name) or not path.is_file()):
        raise InputError(f"there is no stick {name!r} to emulate; known: {', '.join(names())}")
    known = _known()
    recording, own = file.read(path)
    is_own = path.parent.resolve() == sticks.resolve()
    identity = next((stick for stick in known.sticks if is_own and stick.id == path.stem), None)
    if identity is None and isinstance(name, str):
        raise InputError(f"{path}: {MODEMS.name} has no stick {name!r}; add it there first")
    common = Table.read(sticks / f"{COMMON}.toml")
    return _stick(recording, own, common, known, identity)


@functools.cache
def _known() -> facts.Database:
    """The database takes longer to read than a recording, of which a command may read them all."""
    return database.load(MODEMS)[0]


def _stick(
    recording: Recording, own: Table, common: Table, known: facts.Database, identity: facts.Stick | None
) -> StickData:
    is_router = any(device.mode == "hilink" for device in recording.devices)
    usual = common.table("router").values if is_router else {}
    network = common.table("network").over(usual).over(own.values.get("network", {}))
    timing = common.table("timing").over(own.values.get("timing", {}))
    drive = common.table("drive").over(own.values.get("drive", {}))
    host_mac = network.octets("host_mac", 6)
    return StickData(
        id=identity.id if identity else _identifier(recording.name),
        name=identity.name if identity else recording.name,
        modes={
            device.mode: _mode(device, recording, host_mac, _candidates(known, identity, device), known)
            for device in recording.devices
        },
        drive=Identity(drive.text("vendor"), drive.text("product"), drive.text("revision")),
        modem=_modem(own, common),
        network=NetworkSettings(
            subnet=_network(network, "subnet"),
            gateway=_address(network, "gateway"),
            guest=_address(network, "guest"),
            second_dns=_address(network, "second_dns"),
            host=_address(network, "host"),
            mac=network.octets("gateway_mac", 6),
        ),
        host_mac=host_mac,
        reports=_reports(common.tables("report")),
        detach_delay_s=timing.get("detach_delay_s", float),
        attach_delay_s=timing.get("attach_delay_s", float),
    )


def _identifier(name: str) -> str:
    """A name of folders, of a name that somebody chose."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "stick"


def _address(table: Table, key: str) -> IPv4Address:
    try:
        return IPv4Address(table.text(key))
    except ValueError as error:
        raise InputError(f"{table.place}: {key}: {error}") from error


def _network(table: Table, key: str) -> IPv4Network:
    try:
        return IPv4Network(table.text(key))
    except ValueError as error:
        raise InputError(f"{table.place}: {key}: {error}") from error


def _reports(tables: list[Table]) -> dict[str, tuple[PeriodicLine, ...]]:
    reports: dict[str, tuple[PeriodicLine, ...]] = {}
    for table in tables:
        every_s = table.get("every_s", float)
        if every_s <= 0:
            raise InputError(f"{table.place}: every_s must be above 0, not {every_s}")
        port = table.text("port")
        reports[port] = (*reports.get(port, ()), PeriodicLine(table.text("line"), every_s))
    return reports


def _candidates(
    known: facts.Database, identity: facts.Stick | None, device: Device
) -> tuple[facts.Mode, ...]:
    """The modes of the database that the device may be in: of the stick, else of every one with its id."""
    own = tuple(mode for mode in identity.modes if mode.usb == device.usb) if identity else ()
    return own or tuple(mode for _, mode in known.candidates(device.usb))


def _mode(
    device: Device,
    recording: Recording,
    host_mac: bytes,
    modes: tuple[facts.Mode, ...],
    known: facts.Database,
) -> ModeData:
    addresses = {index for setting in device.settings for index in _mac_strings(setting)}
    serial = 3 if 3 not in addresses else _OTHER_SERIAL
    strings = {1: device.manufacturer or "", 2: device.name or ""}
    strings[serial] = SERIAL if device.has_serial else ""
    strings |= {index: host_mac.hex().upper() for index in addresses if not strings.get(index)}
    own_strings = count(16)
    configurations = []
    for one in device.configurations:
        settings = []
        for setting in one.settings:
            index = next(own_strings) if setting.string else 0
            if setting.string:
                strings[index] = setting.string
            settings.append(_interface(setting, index))
        configurations.append(
            Configuration(
                one.value, tuple(settings), one.max_power or 0, one.attributes or 0x80, _associations(one)
            )
        )
    description = DeviceDescription(
        vendor=device.vendor or 0,
        product=device.product or 0,
        bcd_device=device.release or 0,
        strings={index: text for index, text in strings.items() if text},
        configurations=tuple(configurations),
        usb_version=device.version or 0x0200,
        max_packet_0=device.max_packet or 64,
        class_triple=_numbers(device.triple),
        named=(1, 2, serial),
    )
    functions = {
        one.value: {number: _function(one.first_setting(number), modes, known) for number in one.numbers}
        for one in device.configurations
    }
    first = functions.pop(linux_choice(device.configurations).value)
    return ModeData(
        device.mode, description, first, _switches(device, recording), functions, _drivers(device)
    )


def _numbers(triple: Triple) -> tuple[int, int, int]:
    return triple[0] or 0, triple[1] or 0, triple[2] or 0


def _associations(one: Recorded) -> tuple[Association, ...]:
    return tuple(Association(item.first, item.count, _numbers(item.triple)) for item in one.associations)


def _mac_strings(setting: Setting) -> Iterator[int]:
    """Indices of strings that hold a network interface's address (CDC ECM 1.2, 5.4: iMACAddress)."""
    for item in setting.descriptors:
        if len(item) >= 13 and item[2] == 0x0F:
            yield item[3]


def _function(setting: Setting, modes: tuple[facts.Mode, ...], known: facts.Database) -> str:
    if setting.function:
        return setting.function
    class_, subclass, protocol = setting.class_text.split("/")
    return known.purpose_of(setting.number, (class_, subclass, protocol), modes)[0] or ""


def _drivers(device: Device) -> dict[int, dict[int, str]]:
    return {
        one.value: {s.number: s.driver for s in one.settings if s.driver is not None}
        for one in device.configurations
    }


def _switches(device: Device, recording: Recording) -> tuple[SwitchMessage, ...]:
    """The messages that make a drive another of the recording's devices."""
    if not is_drive(device):
        return ()
    later = recording.devices[recording.devices.index(device) + 1 :]
    try:
        return tuple(
            SwitchMessage.from_cbw(bytes.fromhex(other.switched_by), other.mode)
            for other in later
            if other.switched_by
        )
    except ValueError as error:
        raise InputError(f"{recording.name}: switched_by: {error}") from error


def _interface(setting: Setting, string: int) -> Interface:
    class_, subclass, protocol = _numbers(setting.triple)
    extra = b"".join(setting.descriptors)
    return Interface(
        setting.number, setting.alternate, class_, subclass, protocol, setting.endpoints, extra, string
    )


def _modem(own: Table, common: Table) -> ModemProfile:
    modem = common.table("modem").over(own.values.get("modem", {}))
    sim, operator = common.table("sim"), common.table("operator")
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


def _row(table: Table) -> Row:
    try:
        pattern = re.compile(table.text("command"), re.IGNORECASE)
    except re.error as error:
        raise InputError(f"{table.place}: command is not a regular expression: {error}") from error
    lines = tuple(str(line) for line in table.get("lines", list, []))
    return Row(pattern, lines, table.text("final", "OK"), table.get("needs_sim", bool, False))
