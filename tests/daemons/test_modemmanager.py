# SPDX-License-Identifier: MIT
"""The alternative of kas/opt/modemmanager.yml: our udev rules help the real ModemManager and disturb nothing.

The network device is left out: its AT port is a character device, behind which nothing answers here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from daemons.bed.client import MARKS, Bed, labels
from daemons.bed.describe import plugged
from daemons.patched import without_network
from unit.helper.trees import mode_of

pytestmark = MARKS

SERVICE = "org.freedesktop.ModemManager1"
AT, IGNORED = 3, 9
"""An MMModemPortType of ModemManager-enums.h."""


def modem(bed: Bed) -> dict[str, Any]:
    """ModemManager's modem: the properties of its interface Modem."""
    objects = bed.call(
        SERVICE,
        "/org/freedesktop/ModemManager1",
        "org.freedesktop.DBus.ObjectManager.GetManagedObjects",
    )
    found = [item[f"{SERVICE}.Modem"] for item in objects.values() if f"{SERVICE}.Modem" in item]
    return dict(found[0]) if found else {}


def test_it_finds_the_stick_and_its_ports_labelled_or_not(tmp_path: Path) -> None:
    """Without our rules it finds the same, after it has asked the silent port for half a minute."""
    mode = mode_of("12d1:1596")
    with Bed(tmp_path) as bed:
        stick = plugged(mode, bound=without_network)
        properties = bed.plug(stick)
        assert "modem" in labels(properties, list(stick.ttys.values())).values()
        bed.answer_at(mode, stick)
        for tty in stick.ttys.values():
            bed.ask("lockable", node=f"/dev/{tty}")
        bed.start_bus()
        bed.ask("start", name="modemmanager", command=["/usr/sbin/ModemManager", "--debug"], preload=True)
        found = bed.until(lambda: modem(bed), "the modem")
        assert (found["Manufacturer"], found["Plugin"]) == ("huawei", "huawei")
        ports = dict(found["Ports"])
        assert [ports[f"ttyUSB{number}"] for number in range(3)] == [AT, IGNORED, AT]
        assert "[ttyUSB1/probe] port probing finished: skipping" in bed.log("modemmanager")
