# SPDX-License-Identifier: MIT
"""What `status` shows and `doctor` judges, as plain data with stable keys (shapes.py).

None stands for "not known here", never for "no". Nothing that identifies the SIM or the stick is
taken in: no IMEI, IMSI, ICCID, number, MAC address, user name or password.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from huawei_modem import running_kernel, sysfs

if TYPE_CHECKING:
    from pathlib import Path

    from huawei_modem.bus import Once
    from huawei_modem.database import Database, Mode
    from huawei_modem.numbering import Triple
    from huawei_modem.shapes import Facts, InterfaceFacts, StickFacts

_PROGRAMS = ("usr/sbin", "usr/bin", "sbin", "bin")


def collect(
    root: Path, database: Database, depth: int = running_kernel.LOADED, bus: Once | None = None
) -> Facts:
    """The facts of the system below `root`; D-Bus is asked only for the live one, at /.

    `depth`: how many modules are looked at (running_kernel.py). `bus`: what the command has of it already.
    """
    from huawei_modem import daemons

    ofono, connman = daemons.collect(str(root) == "/", bus)
    return {
        "kernel": running_kernel.collect(root, database.drivers, depth),
        "sticks": [stick_facts(root, device, database) for device in sysfs.sticks(root)],
        "tun": (root / "sys/class/misc/tun").exists(),
        "usb_modeswitch": any((root / name / "usb_modeswitch").exists() for name in _PROGRAMS),
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
    interfaces = dict(sysfs.numbered(device))
    known = database.candidates(usb, {number: _triple(entry) for number, entry in interfaces.items()})
    sticks = {stick.id: stick.name for stick, _mode in known}
    count = sysfs.attribute(device, "bNumConfigurations")
    return {
        "path": f"/{sysfs.USB_DEVICES}/{device.name}",
        "usb": usb,
        "id": known[0][0].id if len(sticks) == 1 else None,
        "name": " or ".join(sticks.values()) or None,
        "mode": known[0][1].name if known else None,
        "configurations": int(count) if count.isdigit() else None,
        "interfaces": [
            _interface_facts(root, number, entry, database, tuple(mode for _stick, mode in known))
            for number, entry in interfaces.items()
        ],
    }


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
