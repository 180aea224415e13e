# SPDX-License-Identifier: MIT
"""Runs as they lie in a folder, made without a board."""

from __future__ import annotations

import json
from pathlib import Path

# Seconds of a run of 2026-11-29 with the MS2372h of Vodafone.
SECONDS = {
    "storage": 0.877,
    "switched": 5.652,
    "modem-mode": 6.376,
    "serial": 7.174,
    "network": 13.889,
    "modem": 12.344,
    "powered": 12.53,
    "online": 15.354,
    "registered": 15.462,
    "attached": 15.339,
    "service": 15.695,
    "dialled": 15.67,
    "data": 15.705,
    "checked": 16.321,
    "connected": 16.334,
    "ping": 16.456,
    "doctor": 19.907,
    "capture": 23.813,
}


SEEN = [
    {"seconds": -3.0, "source": "kernel", "name": "kernel", "text": "Run /init as init process"},
    {"seconds": 1.2, "source": "kernel", "name": "kernel", "text": "sr 0:0:0:0: [sr0] scsi3-mmc drive"},
    {"seconds": 5.652, "source": "stick", "name": "switch-requested", "text": "message=1106"},
    {"seconds": 12.0, "source": "journal", "name": "ModemManager", "text": "<b>probe</b> of ttyUSB0"},
]


def make(
    output: Path, number: int, missed: str | None = None, slower: float = 0.0, stick: str = "ms2372h"
) -> Path:
    """A run's folder as the bench leaves it; from `missed` on nothing was seen."""
    folder = output / f"run-hot-plug-{stick}-{number:04}"
    folder.mkdir(parents=True)
    names = list(SECONDS)
    cut = names.index(missed) if missed else len(names)
    steps = [
        {
            "step": name,
            "title": f"the step {name}",
            "seconds": None if place >= cut else SECONDS[name] + slower,
            "evidence": f"evidence of {name}",
        }
        for place, name in enumerate(names)
    ]
    finding = {
        "code": "sim-pin-required",
        "severity": "error",
        "title": "the SIM wants its PIN",
        "evidence": [{"source": "board: oFono", "text": "pin"}],
        "remedy": ["huawei-modem connect --pin-file FILE"],
    }
    interface = {"number": 0, "usb_class": "ff", "subclass": "03", "protocol": "31", "function": "modem"}
    interface |= {"driver": "option", "tty": "ttyUSB0", "net": None, "label": "modem"}
    seen = {
        "path": "/sys/bus/usb/devices/1-1",
        "usb": "12d1:1506",
        "name": "Huawei",
        "interfaces": [interface],
    }
    document = {
        "schema": 1,
        "tool": "modem-image bench",
        "input": f"image.tar, {stick}, hot-plug",
        "findings": [finding] if missed else [],
        "facts": {
            "stick": stick,
            "scenario": "hot-plug",
            "power_on_seconds": -35.9,
            "timeline": steps,
            "status": {"sticks": [seen]},
            "asked": {},
        },
    }
    (folder / "summary.json").write_text(json.dumps(document))
    (folder / "timeline.json").write_text(json.dumps({"schema": 1, "power_on": -35.9, "observations": SEEN}))
    (folder / "serial.log").write_text("boot")
    return folder
