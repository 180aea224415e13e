# SPDX-License-Identifier: MIT
"""Facts of a system on which everything works, for tests to break one thing at a time."""

from __future__ import annotations

import copy
from typing import Any

from huawei_modem.shapes import Facts

HEALTHY: Facts = {
    "kernel": {
        "release": "6.1.55-7.0",
        "modules_dir": "/lib/modules/6.1.55-7.0",
        "folder": True,
        "folders": ["6.1.55-7.0"],
        "loadable": True,
        "index": True,
        "absent": [],
        "lacking": [],
        "checked": 12,
        "foreign": {},
        "unread": {},
    },
    "sticks": [
        {
            "path": "/sys/bus/usb/devices/1-1",
            "usb": "12d1:1596",
            "id": "ms2372h-vodafone",
            "name": "Huawei MS2372h (Vodafone)",
            "mode": "modem",
            "configurations": 1,
            "interfaces": [
                {
                    "number": number,
                    "usb_class": "ff",
                    "subclass": "03",
                    "protocol": protocol,
                    "function": function,
                    "wanted_driver": driver,
                    "driver": driver,
                    "listed": function != "ncm",
                    "tty": None if function == "ncm" else f"ttyUSB{number}",
                    "net": "wwan0" if function == "ncm" else None,
                    "label": None if function == "ncm" else function,
                }
                for number, protocol, function, driver in (
                    (0, "31", "modem", "option"),
                    (1, "33", "diag", "option"),
                    (2, "32", "pcui", "option"),
                    (3, "46", "ncm", "huawei_cdc_ncm"),
                )
            ],
        }
    ],
    "tun": True,
    "usb_modeswitch": False,
    "ofono": {
        "running": True,
        "reason": None,
        "modemmanager": False,
        "modems": [
            {
                "path": "/huawei_0",
                "powered": True,
                "online": True,
                "sim_present": True,
                "pin_required": "none",
                "registration": "registered",
                "operator": "Test Network",
                "technology": "lte",
                "strength": 64,
                "attached": True,
                "roaming_allowed": False,
                "contexts": [{"type": "internet", "active": True, "apn": "internet"}],
            }
        ],
    },
    "connman": {
        "running": True,
        "reason": None,
        "offline_mode": False,
        "cellular": {"powered": True, "connected": True},
        "services": [
            {
                "type": "cellular",
                "name": "Test network",
                "state": "online",
                "error": None,
                "interface": "ppp0",
                "address": "10.64.0.2",
            }
        ],
    },
    "default_route": "ppp0",
}


def healthy() -> Any:
    """A copy to break. Any, so that a test may also put in what the types forbid."""
    return copy.deepcopy(HEALTHY)


def changed(*path: str | int, to: Any) -> Facts:
    """The healthy facts with the value at `path` replaced."""
    facts = healthy()
    inner = facts
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return facts  # type: ignore[no-any-return]
