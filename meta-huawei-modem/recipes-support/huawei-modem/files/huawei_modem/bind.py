# SPDX-License-Identifier: MIT
"""Gives an interface to huawei_cdc_ncm that the driver can drive and does not list.

Mainline's table has ff/02/46 and ff/03/16, and not the ff/03/46 of Vodafone's firmware. Until the
kernel has the entry, its id is added at run time (drivers/usb/core/driver.c, usb_store_new_id):
vendor, product, class, and a listed pair whose driver_info is taken over. A shorter line returns
success and binds nothing, since the driver needs that driver_info.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from huawei_modem import sysfs

DRIVER = "huawei_cdc_ncm"
# The new id covers every class ff interface of the stick. `option` has to be there first, or the
# serial ports would go to the network driver as well.
MODULES = ("option", DRIVER)
PROBE_SECONDS = 2.0


class BindError(Exception):
    """The interface could not be given to the driver; the text says what to do."""


def is_candidate(interface: Path) -> bool:
    """Whether this is one of the interfaces that huawei_cdc_ncm leaves out: 12d1, ff/03/46 or ff/03/76."""
    triple = [sysfs.attribute(interface, f"bInterface{name}") for name in ("Class", "SubClass", "Protocol")]
    vendor = sysfs.attribute(interface.resolve().parent, "idVendor")
    return vendor == sysfs.VENDOR and triple in (["ff", "03", "46"], ["ff", "03", "76"])


def new_id(product: str) -> str:
    """The line for new_id; `product` is four hexadecimal digits, as the kernel prints idProduct."""
    return f"{sysfs.VENDOR} {product} ff {sysfs.VENDOR} 0"


def candidates(root: Path) -> list[Path]:
    """All candidate interfaces of all sticks."""
    return [
        interface
        for device in sysfs.sticks(root)
        for interface in sysfs.interfaces(device)
        if is_candidate(interface)
    ]


def load_modules(names: Iterable[str]) -> None:
    """modprobe, which does nothing for a module that is there or built in. Raises BindError."""
    for name in names:
        try:
            result = subprocess.run(["modprobe", name], capture_output=True, text=True, check=False)
        except FileNotFoundError as err:
            raise BindError("modprobe is missing; install kmod") from err
        if result.returncode:
            raise BindError(
                f"modprobe {name}: {result.stderr.strip()}. The kernel lacks the driver, or its modules are "
                "another kernel's: run huawei-modem check-modules"
            )


def bind(
    root: Path,
    interface: Path,
    load: Callable[[Iterable[str]], None] = load_modules,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Gives `interface` to the driver, unless it has one, and returns what was done.

    Raises BindError when it is none of the interfaces meant, or the driver does not take it.
    """
    if not is_candidate(interface):
        raise BindError(
            f"{interface}: not an interface that {DRIVER} leaves out (12d1, ff/03/46 or ff/03/76)"
        )
    load(MODULES)
    product = sysfs.attribute(interface.resolve().parent, "idProduct")
    folder = root / "sys/bus/usb/drivers" / DRIVER
    listed = _listed(folder, product)
    # A driver that knows the interface, by its table or by an id of an earlier plug, may still be at it.
    if listed or sysfs.driver(interface):
        name = _wait_for_driver(interface, sleep)
        if name:
            return f"{interface.name}: driven by {name}"
    try:
        for _ in range(listed):
            # An id without driver_info hides the right one; one entry goes with each write.
            (folder / "remove_id").write_text(f"{sysfs.VENDOR} {product}\n")
        (folder / "new_id").write_text(f"{new_id(product)}\n")
    except OSError as err:
        raise BindError(f"{folder}: {err.strerror}; run as root on the target") from err
    name = _wait_for_driver(interface, sleep)
    if not name:
        raise BindError(
            f"{interface.name}: {DRIVER} has the id and did not take it; see dmesg for the reason"
        )
    return f"{interface.name}: id {new_id(product)!r} added, driven by {name}"


def _listed(folder: Path, product: str) -> int:
    """How many run-time ids the driver has for the product (new_id reads as one a line)."""
    return sum(
        line.split()[:2] == [sysfs.VENDOR, product] for line in sysfs.attribute(folder, "new_id").splitlines()
    )


def _wait_for_driver(interface: Path, sleep: Callable[[float], None]) -> str | None:
    pause = 0.1
    for _ in range(int(PROBE_SECONDS / pause)):
        name = sysfs.driver(interface)
        if name:
            return name
        sleep(pause)
    return sysfs.driver(interface)
