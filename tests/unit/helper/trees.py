# SPDX-License-Identifier: MIT
"""Trees of sysfs, udev and /lib/modules in a folder, as the kernel lays them out."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from huawei_modem.database import Mode, load

USB = Path("sys/devices/platform/30b20000.usb/ci_hdrc.1/usb1")
RELEASE = "6.1.55-7.0"


def mode_of(usb: str) -> Mode:
    """The database's mode with this id."""
    found = load().mode_of(usb)
    assert found is not None
    return found[1]


def held(path: Path) -> dict[str, str]:
    """The files of a capture, by their names."""
    with tarfile.open(path) as archive:
        return {item.name: (archive.extractfile(item) or pytest.fail()).read().decode() for item in archive}


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def write_secret(path: Path, text: str) -> None:
    """A file for its owner alone, as config.ini has to be."""
    write(path, text)
    path.chmod(0o600)


def link(path: Path, target: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    target.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def plug(root: Path, usb: str, drivers: bool = True, labels: bool = True, vendor: str = "") -> Path:
    """Adds the stick `usb` at port 1-1 and returns its folder. Without `drivers` no interface has one."""
    mode = mode_of(usb)
    device = root / USB / "1-1"
    write(device / "idVendor", f"{vendor or usb[:4]}\n")
    write(device / "idProduct", f"{usb[5:]}\n")
    link(root / "sys/bus/usb/devices/1-1", device)
    for item in mode.interfaces:
        interface = device / f"1-1:1.{item.number}"
        write(interface / "bInterfaceNumber", f"{item.number:02x}\n")
        write(interface / "bInterfaceClass", f"{item.usb_class}\n")
        write(interface / "bInterfaceSubClass", f"{item.subclass}\n")
        write(interface / "bInterfaceProtocol", f"{item.protocol}\n")
        link(root / f"sys/bus/usb/devices/1-1:1.{item.number}", interface)
        if drivers:
            _bind(root, interface, item.function, item.number, labels)
    return root / "sys/bus/usb/devices/1-1"


def _bind(root: Path, interface: Path, function: str, number: int, labels: bool) -> None:
    if function == "storage":
        link(interface / "driver", root / "sys/bus/usb/drivers/usb-storage")
    elif function == "ncm":
        link(interface / "driver", root / "sys/bus/usb/drivers/huawei_cdc_ncm")
        (interface / "net/wwan0").mkdir(parents=True)
    else:
        link(interface / "driver", root / "sys/bus/usb/drivers/option")
        (interface / f"ttyUSB{number}").mkdir()
        write(root / f"sys/class/tty/ttyUSB{number}/dev", f"188:{number}\n")
        database = f"I:12345678\nE:ID_USB_INTERFACE_NUM={number:02x}\n"
        write(
            root / f"run/udev/data/c188:{number}",
            database + (f"E:OFONO_LABEL={function}\n" if labels else ""),
        )
