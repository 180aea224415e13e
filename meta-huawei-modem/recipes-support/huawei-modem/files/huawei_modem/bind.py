# SPDX-License-Identifier: MIT
"""Gives an interface to the network driver that can drive it and does not list it.

Mainline's huawei_cdc_ncm has ff/02/46 and ff/03/16, and not the ff/03/46 of Vodafone's firmware. Until
the kernel has the entry, its id is added at run time (drivers/usb/core/driver.c, usb_store_new_id):
vendor, product, class, and a listed pair whose driver_info is taken over. A shorter line returns
success and binds nothing, since the driver needs that driver_info.
"""

from __future__ import annotations

import fcntl
import subprocess
import time
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from huawei_modem import sysfs
from huawei_modem.numbering import DriverIdGap, Family

PROBE_SECONDS = 2.0
_LOCK = "run/huawei-modem-bind.lock"
# There once an interface was looked after: the condition of huawei-modem-bind.service.
_DONE = "run/huawei-modem-bind.done"


class BindError(Exception):
    """The interface could not be given to the driver; the text says what to do."""


def gap_of(interface: Path, family: Family) -> DriverIdGap | None:
    """The gap of a driver's table that the interface falls into; None where the kernel is complete."""
    if sysfs.attribute(interface.resolve().parent, "idVendor") != family.vendor:
        return None
    return family.gap_of(
        *(sysfs.attribute(interface, f"bInterface{name}") for name in ("Class", "SubClass", "Protocol"))
    )


def new_id(family: Family, product: str) -> str:
    """The line for new_id; `product` is four hexadecimal digits, as the kernel prints idProduct."""
    return f"{family.vendor} {product} {family.usb_class} {family.vendor} 0"


def candidates(root: Path, family: Family) -> list[Path]:
    """The interfaces of all sticks that fall into a gap."""
    return [
        interface
        for device in sysfs.sticks(root)
        for interface in sysfs.interfaces(device)
        if gap_of(interface, family)
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
    family: Family,
    load: Callable[[Iterable[str]], None] = load_modules,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Gives `interface` to its driver, unless it has one, and returns what was done.

    Raises BindError when it falls into no gap, or the driver does not take it.
    """
    gap = gap_of(interface, family)
    if not gap:
        raise BindError(f"{interface}: not an interface that its driver leaves out")
    # The new id covers every interface of the stick that has this class. `option` has to be there
    # first, or the serial ports would go to the network driver as well.
    try:
        load(("option", gap.driver))
        with _one_at_a_time(root):
            return _give(root, interface, family, gap, sleep)
    finally:
        with suppress(OSError):  # without it a driver that comes back gets no id by itself: no fault of today
            (root / _DONE).touch()


def _give(
    root: Path, interface: Path, family: Family, gap: DriverIdGap, sleep: Callable[[float], None]
) -> str:
    product = sysfs.attribute(interface.resolve().parent, "idProduct")
    folder = root / "sys/bus/usb/drivers" / gap.driver
    listed = _listed(folder, family.vendor, product)
    # A driver that knows the interface, by its table or by an id of an earlier plug, may still be at it.
    if listed or sysfs.driver(interface):
        name = _wait_for_driver(interface, sleep)
        if name:
            return f"{interface.name}: driven by {name}"
    line = new_id(family, product)
    try:
        for _ in range(listed):
            # An id without driver_info hides the right one; one entry goes with each write.
            (folder / "remove_id").write_text(f"{family.vendor} {product}\n")
        (folder / "new_id").write_text(f"{line}\n")
    except OSError as err:
        raise BindError(f"{folder}: {err.strerror}; run as root on the target") from err
    name = _wait_for_driver(interface, sleep)
    if not name:
        raise BindError(f"{interface.name}: {gap.driver} has the id and did not take it; see dmesg")
    return f"{interface.name}: id {line!r} added, driven by {name}"


def way_back(root: Path, interface: Path, loaded: Container[str]) -> list[list[str]]:
    """What takes a bound interface away from its driver, as fix.py does it; `loaded`: modules of before."""
    name = sysfs.driver(interface)
    if name is None:
        return []
    folder = root / "sys/bus/usb/drivers" / name
    device = interface.resolve().parent
    ids = " ".join(sysfs.attribute(device, key) for key in ("idVendor", "idProduct"))
    back = [["write", str(folder / "remove_id"), ids], ["write", str(folder / "unbind"), interface.name]]
    return back if name in loaded else [*back, ["unload", name]]


@contextmanager
def _one_at_a_time(root: Path) -> Iterator[None]:
    """udev starts the command for each interface: two of one product would both find no id and add one."""
    path = root / _LOCK
    try:
        path.parent.mkdir(exist_ok=True)
        file = path.open("w")
    except OSError as err:
        raise BindError(f"{path}: {err.strerror}; run as root on the target") from err
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _listed(folder: Path, vendor: str, product: str) -> int:
    """How many run-time ids the driver has for the product (new_id reads as one a line)."""
    lines = sysfs.attribute(folder, "new_id").splitlines()
    return sum(line.split()[:2] == [vendor, product] for line in lines)


def _wait_for_driver(interface: Path, sleep: Callable[[float], None]) -> str | None:
    pause = 0.1
    for _ in range(int(PROBE_SECONDS / pause)):
        name = sysfs.driver(interface)
        if name:
            return name
        sleep(pause)
    return sysfs.driver(interface)
