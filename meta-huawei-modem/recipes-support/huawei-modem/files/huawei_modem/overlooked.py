# SPDX-License-Identifier: MIT
"""Announces the devices of a stick once more, for an oFono that has overlooked it.

oFono takes a stick up one second after the last of its devices came, and forgets all of them when one is
missing then; the one that comes later is not enough by itself (plugins/udevng.c, create_modem; 1.31 to
2.19). A busy board takes longer than that second. The kernel sends the events again on demand.

And it takes a stick for what the first of its devices is (add_device): a serial port beside MBIM, as the GPS
port of an ME906s, makes a modem with AT ports of it, which then lacks them. So there MBIM alone is announced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from huawei_modem import sysfs

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 8.0
"""How long oFono may take before it is told again. It looks after one second and needs no time to list."""
_DEVICES = ("ttyUSB*/tty/*", "tty/*", "net/*", "usbmisc/*")
"""What oFono looks at, below an interface."""


def announce(root: Path) -> int:
    """Has the kernel send the event of each port, network and control device again; how many there are."""
    found = 0
    for stick in sysfs.sticks(root):
        shown = sysfs.interfaces(stick)
        for interface in [item for item in shown if _is_mbim(item)] or shown:
            for device in sorted(item for pattern in _DEVICES for item in interface.glob(pattern)):
                try:
                    (device / "uevent").write_text("add\n")
                except OSError:  # it has gone, or this user may not
                    continue
                found += 1
    return found


def _is_mbim(interface: Path) -> bool:
    names = ("bInterfaceClass", "bInterfaceSubClass")
    return [sysfs.attribute(interface, name) for name in names] == ["02", "0e"]
