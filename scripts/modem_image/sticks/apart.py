# SPDX-License-Identifier: MIT
"""What tells two models apart that share a USB id: an interface that only one of them has."""

from __future__ import annotations

from huawei_modem.database import Mode, every_interface


def told_apart(mode: Mode, other: Mode) -> str | None:
    """The test of ID_USB_INTERFACES that `mode` passes and `other` does not; None where both look alike.

    udev's usb_id lists each class/subclass/protocol of the device once, between colons (systemd 252,
    src/udev/udev-builtin-usb_id.c); all configurations count.
    """
    own, others = _packed(mode), _packed(other)
    for triple in own:
        if triple not in others:
            return f'=="*:{triple}:*"'
    for triple in others:
        if triple not in own:
            return f'!="*:{triple}:*"'
    return None


def _packed(mode: Mode) -> list[str]:
    return ["".join(item.triple) for item in every_interface(mode)]
