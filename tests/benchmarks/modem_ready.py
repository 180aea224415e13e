# SPDX-License-Identifier: MIT
"""oFono beside ModemManager on the same mocked stick: from the daemon's start to a modem, and on.

    .venv/bin/python tests/benchmarks/modem_ready.py

As root, with the packages of tests/daemons. The stick is there, udev's rules have run. oFono is taken all
the way to an active context; ModemManager only until it lists the modem and knows its state, from which it
would have to enable and connect. Without our rules it asks the port that answers no AT command (diagnostics)
again and again. The daemons take turns. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
for folder in ("tests", "scripts", "meta-huawei-modem/recipes-support/huawei-modem/files"):
    sys.path.insert(0, str(PROJECT / folder))

from daemons.bed.client import Bed, activate  # noqa: E402 - the packages are found by the lines above
from daemons.bed.describe import plugged  # noqa: E402
from daemons.patched import ADDRESS, Stick, mode_of, patched_ofono, without_network  # noqa: E402

USB = "12d1:1506"
SERVICE = "org.freedesktop.ModemManager1"
DISABLED = 3
"""An MMModemState of ModemManager-enums.h: all is known, nothing is switched on."""


def modem_manager(folder: Path, rules: Mapping[str, Path] | None = None) -> float:
    mode = mode_of(USB)
    stick = plugged(mode, bound=without_network)
    with Bed(folder, rules) as bed:
        bed.plug(stick)
        bed.answer_at(mode, stick)
        for tty in stick.ttys.values():
            bed.ask("lockable", node=f"/dev/{tty}")
        bed.start_bus()
        start = time.monotonic()
        bed.ask("start", name="modemmanager", command=["/usr/sbin/ModemManager"], preload=True)
        bed.until(lambda: known(bed), "the modem", 120)
        return time.monotonic() - start


def known(bed: Bed) -> bool:
    path, method = "/org/freedesktop/ModemManager1", "org.freedesktop.DBus.ObjectManager.GetManagedObjects"
    objects: dict[str, Any] = bed.call(SERVICE, path, method)
    return any(item.get(f"{SERVICE}.Modem", {}).get("State", 0) >= DISABLED for item in objects.values())


def ofono(folder: Path, *ofonod: Path) -> float:
    """With the patches the network device has to be there; without it PPP is dialled."""
    stick = Stick(USB, replies=[ADDRESS]) if ofonod else Stick(USB, without_network)
    with Bed(folder) as bed:
        stick.plug(bed)
        bed.start_bus()
        start = time.monotonic()
        bed.start_ofono(*ofonod)
        (path,) = bed.until(bed.modems, "the modem")
        activate(bed, path)
        return time.monotonic() - start


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    patched = patched_ofono()
    ways: dict[str, Callable[[Path], float]] = {
        "ModemManager: the modem is listed": lambda folder: modem_manager(folder, {}),
        "ModemManager with our udev rules: the modem is listed": modem_manager,
        "oFono: context active, PPP": ofono,
        "oFono with the patches: context active, NCM": lambda folder: ofono(folder, patched),
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            with tempfile.TemporaryDirectory() as folder:
                found[name].append(way(Path(folder)))
    print(f"| from the daemon's start, median of {rounds} | seconds |")
    print("|---|---|")
    for name, seconds in found.items():
        print(f"| {name} | {statistics.median(seconds):.1f} |")


if __name__ == "__main__":
    main()
