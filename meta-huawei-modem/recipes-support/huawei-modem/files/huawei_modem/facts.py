# SPDX-License-Identifier: MIT
"""What `status` shows and `doctor` judges, as plain data with stable keys (docs/dev/facts.md).

None stands for "not known here", never for "no". Nothing that identifies the SIM or the stick is
taken in: no IMEI, IMSI, ICCID, number, MAC address, user name or password.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from huawei_modem import kernel, sysfs
from huawei_modem.kernel import KernelFacts

if TYPE_CHECKING:
    from pathlib import Path

    from huawei_modem.database import Database, Mode, Triple


class InterfaceFacts(TypedDict):
    """One USB interface of a stick; class, subclass and protocol as two hexadecimal digits."""

    number: int
    usb_class: str
    subclass: str
    protocol: str
    function: str | None
    """modem, pcui, diag, gps, ncm, qmi, ether, mbim, ...; None when neither number nor id say it."""
    wanted_driver: str | None
    driver: str | None
    listed: bool
    """False where the driver's own table lacks the interface (driver_id_gap of the database)."""
    tty: str | None
    net: str | None
    label: str | None
    """OFONO_LABEL in udev's database."""


class StickFacts(TypedDict):
    """One Huawei USB device."""

    path: str
    """Its folder in sysfs, such as /sys/bus/usb/devices/1-1."""
    usb: str
    """vendor:product."""
    id: str | None
    """Id in the database; None for an unknown stick, and where models that look alike share the id."""
    name: str | None
    """Name in the database, or the names of all models that it can be; None for an unknown stick."""
    mode: str | None
    configurations: int | None
    """How many USB configurations it has; the interfaces are those of the active one."""
    interfaces: list[InterfaceFacts]


class ContextFacts(TypedDict):
    """One context of oFono."""

    type: str
    active: bool
    apn: str


class ModemFacts(TypedDict):
    """One modem of oFono; None for what its interfaces do not give yet."""

    path: str
    powered: bool
    online: bool
    sim_present: bool | None
    pin_required: str | None
    """As oFono says it: none, pin, puk, ..."""
    registration: str | None
    """unregistered, searching, denied, registered, roaming, unknown."""
    operator: str | None
    """Name of the network, as oFono has it."""
    technology: str | None
    strength: int | None
    """Signal, per cent."""
    attached: bool | None
    roaming_allowed: bool | None
    contexts: list[ContextFacts] | None


class OfonoFacts(TypedDict):
    """oFono on D-Bus."""

    running: bool | None
    reason: str | None
    """Why `running` is not known."""
    modems: list[ModemFacts]
    modemmanager: bool
    """Whether ModemManager is on D-Bus too: both would have the same ports."""


class ServiceFacts(TypedDict):
    """One service of ConnMan, without its path, which holds the IMSI."""

    type: str
    name: str
    state: str
    """idle, association, configuration, ready, online, disconnect, failure."""
    error: str | None
    interface: str | None
    address: str | None


class TechnologyFacts(TypedDict):
    """ConnMan's cellular technology."""

    powered: bool
    connected: bool


class ConnmanFacts(TypedDict):
    """ConnMan on D-Bus."""

    running: bool | None
    reason: str | None
    offline_mode: bool | None
    cellular: TechnologyFacts | None
    services: list[ServiceFacts]


class Facts(TypedDict):
    """Everything that was seen."""

    kernel: KernelFacts
    sticks: list[StickFacts]
    tun: bool
    """Whether the kernel has the TUN driver, which oFono's PPP needs."""
    ofono: OfonoFacts
    connman: ConnmanFacts
    default_route: str | None
    """Network device of the IPv4 default route."""


def collect(root: Path, database: Database, depth: int = kernel.LOADED) -> Facts:
    """The facts of the system below `root`; D-Bus is asked only for the live one, at /.

    `depth`: how many modules are looked at (kernel.py).
    """
    from huawei_modem import daemons

    ofono, connman = daemons.collect(live=str(root) == "/")
    return {
        "kernel": kernel.collect(root, database.drivers, depth),
        "sticks": [stick_facts(root, device, database) for device in sysfs.sticks(root)],
        "tun": (root / "sys/class/misc/tun").exists(),
        "ofono": ofono,
        "connman": connman,
        "default_route": default_route(root),
    }


def default_route(root: Path) -> str | None:
    """The network device with the default route of the lowest metric (proc(5), net/route)."""
    routes = []
    for line in sysfs.attribute(root / "proc/net", "route").splitlines()[1:]:
        fields = line.split()
        # Interface, destination, gateway, flags, ..., metric, mask: both of 0 is the default.
        if len(fields) >= 8 and fields[1] == fields[7] == "00000000":
            routes.append((int(fields[6]), fields[0]))
    return min(routes)[1] if routes else None


def stick_facts(root: Path, device: Path, database: Database) -> StickFacts:
    """What sysfs and udev say about one stick."""
    usb = f"{sysfs.attribute(device, 'idVendor')}:{sysfs.attribute(device, 'idProduct')}"
    interfaces = {_number(entry): entry for entry in sysfs.interfaces(device)}
    known = database.candidates(usb, {number: _triple(entry) for number, entry in interfaces.items()})
    count = sysfs.attribute(device, "bNumConfigurations")
    return {
        "path": f"/{sysfs.USB_DEVICES}/{device.name}",
        "usb": usb,
        "id": known[0][0].id if len(known) == 1 else None,
        "name": " or ".join(stick.name for stick, _mode in known) or None,
        "mode": known[0][1].name if known else None,
        "configurations": int(count) if count.isdigit() else None,
        "interfaces": [
            _interface_facts(root, number, entry, database, tuple(mode for _stick, mode in known))
            for number, entry in interfaces.items()
        ],
    }


def _number(interface: Path) -> int:
    return int(sysfs.attribute(interface, "bInterfaceNumber") or "0", 16)


def _triple(interface: Path) -> Triple:
    usb_class, subclass, protocol = (
        sysfs.attribute(interface, f"bInterface{name}") for name in ("Class", "SubClass", "Protocol")
    )
    return usb_class, subclass, protocol


def _interface_facts(
    root: Path, number: int, interface: Path, database: Database, known: tuple[Mode, ...]
) -> InterfaceFacts:
    usb_class, subclass, protocol = triple = _triple(interface)
    function, driver = database.purpose_of(number, triple, known)
    port = sysfs.tty(interface)
    return {
        "number": number,
        "usb_class": usb_class,
        "subclass": subclass,
        "protocol": protocol,
        "function": function,
        "wanted_driver": driver,
        "driver": sysfs.driver(interface),
        "listed": database.family.gap_of(usb_class, subclass, protocol) is None,
        "tty": port,
        "net": sysfs.network_device(interface),
        "label": sysfs.ofono_label(root, port) if port else None,
    }
