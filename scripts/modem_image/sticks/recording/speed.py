# SPDX-License-Identifier: MIT
"""The speed of a device. A recording is of full or high speed, as the bench's port is.

A SuperSpeed device works at a port of high speed too, with the endpoints of that (USB 3.2, 9.6.1 and 9.6.6;
USB 2.0, 5.5.3 and 5.8.3). A listing at SuperSpeed does not show these: they are filled in by rule and marked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from modem_image.sticks.recording.model import BULK, Device, Setting

SPEEDS = {"12": "full", **dict.fromkeys(("480", "5000", "10000", "20000"), "high")}
"""By Mbit/s, as they are written."""
_CONTROL_EXPONENT = 9
"""bMaxPacketSize0 at SuperSpeed: 2 to the power of it; at high speed there are 64 octets, as such."""
_CONTROL, _BULK_PACKET, _VERSION = 64, 512, 0x0210


def bulk_packets(settings: Iterable[Setting]) -> list[int]:
    """wMaxPacketSize of the bulk endpoints."""
    return [e.max_packet for s in settings for e in s.endpoints if e.kind == BULK]


def speed_of(packets: Sequence[int]) -> str | None:
    """By wMaxPacketSize of the bulk endpoints: 64 at most at full speed, 512 at high, 1024 at SuperSpeed."""
    return None if not packets else "high" if max(packets) >= _BULK_PACKET else "full"


def at_high_speed(device: Device) -> Device:
    """What was listed at SuperSpeed, as it shows itself at a port of high speed."""
    largest = max(bulk_packets(device.settings), default=0)
    if device.max_packet != _CONTROL_EXPONENT and largest <= _BULK_PACKET:
        return device
    configurations = tuple(
        replace(
            one,
            total=None,  # of SuperSpeed it counts the companions of endpoints
            settings=tuple(
                replace(
                    setting,
                    endpoints=tuple(
                        replace(e, max_packet=min(e.max_packet, _BULK_PACKET)) if e.kind == BULK else e
                        for e in setting.endpoints
                    ),
                )
                for setting in one.settings
            ),
        )
        for one in device.configurations
    )
    return replace(
        device,
        version=min(device.version, _VERSION) if device.version else None,
        max_packet=_CONTROL,
        speed="high",
        configurations=configurations,
        filled=(*device.filled, "high speed"),
    )
