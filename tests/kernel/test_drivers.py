# SPDX-License-Identifier: MIT
"""The database's drivers against the tables of a real kernel: Debian's, with the index that depmod made."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from huawei_modem.database import Interface, every_interface
from modem_image.board.description import load_board
from modem_image.cache import Cache, cache_root
from modem_image.debian.archive import host_mirror
from modem_image.debian.parts import fetch_kernel
from unit.sticks.known import DATABASE

NOT_LISTED = {
    ("12d1:15c1", "ff/06/16"): "in a configuration that Linux does not choose: neither patch nor bind has it",
    ("12d1:1506", "ff/01/08"): "qmi_wwan takes it along with ff/01/09",
    ("12d1:14cb", "ff/01/38"): "qmi_wwan takes it along with ff/01/39",
    ("12d1:14c9", "ff/02/37"): "no driver lists it, and its listing has none: quirk no-network-driver",
}
"""In no driver's table, and why."""
INTERFACES = {
    f"{stick.id}-{mode.usb}-{item.number}-{'/'.join(item.triple)}": (mode.usb, item)
    for stick in DATABASE.sticks
    for mode in stick.modes
    for item in every_interface(mode)
    if item.driver is not None
}


@pytest.fixture(scope="module")
def aliases() -> list[tuple[str, str]]:
    """Pattern and module of every USB alias, as in modules.alias."""
    board = load_board(host_mirror())
    kernel = fetch_kernel(Cache(cache_root()), board.archive, board.kernel.package)
    text = (kernel.root / "lib/modules" / kernel.release / "modules.alias").read_text(encoding="utf-8")
    lines = [line.split() for line in text.splitlines() if line.startswith("alias usb:")]
    return [(pattern, module) for _alias, pattern, module in lines]


def drivers_of(aliases: list[tuple[str, str]], usb: str, item: Interface) -> set[str]:
    """The modules that the kernel would load for the interface (its modalias)."""
    vendor, product = usb.upper().split(":")
    usb_class, subclass, protocol = (part.upper() for part in item.triple)
    alias = (
        f"usb:v{vendor}p{product}d0102dc00dsc00dp00ic{usb_class}isc{subclass}ip{protocol}in{item.number:02X}"
    )
    return {module.replace("_", "-") for pattern, module in aliases if fnmatchcase(alias, pattern)}


@pytest.mark.kernel
@pytest.mark.parametrize(("usb", "item"), INTERFACES.values(), ids=INTERFACES)
def test_the_kernels_own_table_gives_the_interface_to_the_driver(
    aliases: list[tuple[str, str]], usb: str, item: Interface
) -> None:
    assert item.driver is not None
    found = drivers_of(aliases, usb, item)
    is_gap = DATABASE.family.gap_of(*item.triple) is not None
    listed = not is_gap and (usb, "/".join(item.triple)) not in NOT_LISTED
    assert (item.driver.replace("_", "-") in found) == listed, found
