# SPDX-License-Identifier: MIT
"""Reads Huawei sticks out of sysfs and the udev database. Nothing is written.

Every function takes the root of the file system, so that a capture or a test reads like a live system.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

VENDORS = ("12d1", "3426", "3566")
"""Huawei, its later hotspots, and Brovi, which sells its sticks; a test holds them to the database."""
USB_DEVICES = "sys/bus/usb/devices"
_OCTET = re.compile("[0-9a-fA-F]{1,2}")


def attribute(folder: Path, name: str) -> str:
    """A sysfs attribute without its newline; empty when it is not there (a stick may go at any time)."""
    try:
        return (folder / name).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def sticks(root: Path) -> list[Path]:
    """The folders of the vendors' USB devices, in the order of their ports."""
    return [device for device in _entries(root / USB_DEVICES) if attribute(device, "idVendor") in VENDORS]


def usb_ids(root: Path) -> set[str]:
    """The ids, vendor:product, of the vendors' USB devices."""
    return {f"{attribute(device, 'idVendor')}:{attribute(device, 'idProduct')}" for device in sticks(root)}


def interfaces(device: Path) -> list[Path]:
    """The folders of a device's interfaces in its current configuration."""
    return [entry for _number, entry in numbered(device)]


def numbered(device: Path) -> list[tuple[int, Path]]:
    """The same with their numbers. One that is no number is as one that is not there."""
    entries = [entry for entry in _entries(device) if entry.name.startswith(f"{device.name}:")]
    numbers = [(attribute(entry, "bInterfaceNumber"), entry) for entry in entries]
    return [(int(text, 16), entry) for text, entry in numbers if _OCTET.fullmatch(text)]


def driver(interface: Path) -> str | None:
    """Name of the driver that has the interface."""
    try:
        return (interface / "driver").readlink().name
    except OSError:
        return None


def tty(interface: Path) -> str | None:
    """Name of the interface's serial port: ttyUSBn of a USB serial driver, or ttyACMn."""
    ports = [entry.name for entry in _entries(interface) if entry.name.startswith("ttyUSB")]
    ports += [entry.name for entry in _entries(interface / "tty")]
    return ports[0] if ports else None


def network_device(interface: Path) -> str | None:
    """Name of the interface's network device."""
    names = [entry.name for entry in _entries(interface / "net")]
    return names[0] if names else None


def control_device(interface: Path) -> str | None:
    """Name of the control device that a network driver has beside its network device: cdc-wdmN."""
    names = [entry.name for kind in ("usbmisc", "usb") for entry in _entries(interface / kind)]
    return next((name for name in names if name.startswith("cdc-wdm")), None)


def ofono_label(root: Path, port: str) -> str | None:
    """OFONO_LABEL of a serial port in udev's database; None when udev set none."""
    number = attribute(root / "sys/class/tty" / port, "dev")
    for line in attribute(root / "run/udev/data", f"c{number}").splitlines():
        key, _, value = line.partition("=")
        if key == "E:OFONO_LABEL":
            return value
    return None


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
