# SPDX-License-Identifier: MIT
"""The USB devices of a report below their hubs. The standard library alone: it runs in the browser too."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

_TIERS = 7
"""How deep hubs may stand behind each other (USB 2.0, 4.1.1). What a text has deeper is in no tree."""


@dataclasses.dataclass
class Node:
    """A device of the tree, or a place in it that the text does not describe."""

    place: str
    """`bus 1`, `port 4`."""
    device: dict[str, Any] | None = None
    children: list[Node] = dataclasses.field(default_factory=list)


def tree(devices: list[dict[str, Any]]) -> list[Node]:
    """The devices below their hubs, by their ports: 1-1.4 is at port 4 of what is at port 1 of bus 1."""
    roots: list[Node] = []
    nodes: dict[str, Node] = {}

    def node(port: str) -> Node:
        if port in nodes:
            return nodes[port]
        above, mark, last = port.rpartition("." if "." in port else "-")
        made = nodes[port] = Node(f"port {last}" if mark else f"bus {port}")
        (node(above).children if mark else roots).append(made)
        return made

    for device in filter(placed, devices):
        node(device["port"]).device = device
    return roots


def placed(device: Mapping[str, Any]) -> bool:
    """Whether the text says where the device is, and that can be: the page is not deeper than a bus."""
    port = device["port"]
    return port is not None and port.count(".") < _TIERS


def devices_of(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The devices of a text, or the sticks of a capture, in one shape."""
    if "sticks" not in facts:
        return list(facts.get("usb", []))
    return [
        {
            "usb": stick["usb"],
            "name": stick["name"] or "",
            "port": str(stick["path"]).rpartition("/")[2],
            "ttys": [],
            "interfaces": [
                {
                    "number": item["number"],
                    "class": item["usb_class"],
                    "triple": f"{item['usb_class']}/{item['subclass']}/{item['protocol']}",
                    "function": item["function"],
                    "driver": item["driver"] or "",
                    "tty": item["tty"] or item["net"],
                    "label": item["label"],
                }
                for item in stick["interfaces"]
            ],
        }
        for stick in facts["sticks"]
    ]
