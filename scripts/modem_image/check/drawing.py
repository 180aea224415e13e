# SPDX-License-Identifier: MIT
"""The flash as an image lays it out (facts.flash of a report), drawn to scale."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

_WIDTH = 1000.0
_NARROWEST = 6.0


@dataclasses.dataclass(frozen=True)
class DrawnPart:
    """A partition, a volume, or what is left. Sizes in MiB; `x` and `width` in thousandths of the drawing."""

    label: str
    kind: str
    size: float
    used: float | None
    x: float
    width: float

    @property
    def fill(self) -> float:
        """The width of what is in use."""
        return self.width * min(1.0, (self.used or 0.0) / self.size) if self.size else 0.0


@dataclasses.dataclass(frozen=True)
class DrawnDevice:
    """A device of the flash with its parts; `size` in MiB."""

    name: str
    size: float
    parts: tuple[DrawnPart, ...]


def drawn(facts: Mapping[str, Any]) -> list[tuple[str, list[DrawnDevice]]]:
    """The devices of each image of a report's facts, with the name of its image.json."""
    return [
        (image["document"], [_placed(device) for device in image["devices"]])
        for image in facts.get("flash", [])
    ]


def _placed(device: Mapping[str, Any]) -> DrawnDevice:
    """The parts side by side, none so narrow that it cannot be seen."""
    total = sum(part["size"] for part in device["parts"]) or 1.0
    widths = [max(_NARROWEST, part["size"] / total * _WIDTH) for part in device["parts"]]
    scale = _WIDTH / sum(widths)
    parts, x = [], 0.0
    for part, width in zip(device["parts"], widths, strict=True):
        parts.append(DrawnPart(**part, x=round(x, 1), width=round(width * scale, 1)))
        x += width * scale
    return DrawnDevice(device["name"], device["size"], tuple(parts))
