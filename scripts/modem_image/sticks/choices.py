# SPDX-License-Identifier: MIT
"""The modes that a team can choose for a stick: files of usb_modeswitch, rendered, and installed by name.

usb_modeswitch's dispatcher reads /etc/usb_modeswitch.d/VENDOR:PRODUCT instead of usb-modeswitch-data's entry
(usb_modeswitch 2.6.1, usb_modeswitch.tcl, ConfigGet). A file without a mode in its name is for a drive that
usb-modeswitch-data has no entry for, and always installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from huawei_modem.database import Database, Mode, Stick
from modem_image.sticks.reach import product_of

UPSTREAM = "modeswitch-data"
"""The source that says so where usb-modeswitch-data has an entry."""
STAY = "Configuration=0\nNoMBIMCheck=1\n"
"""A file that keeps a stick in the configuration that Linux chose."""
PORTS = "ports"


class Choice(NamedTuple):
    """A file for the drive or module `usb`. `mode` is what a team calls it by; "" where there is no choice.

    `targets` are what comes back, as `product: sticks`; `message` is None where none is sent; `untold` are
    sticks of the id of which nobody has told what it does to them.
    """

    usb: str
    mode: str
    text: str
    message: str | None = None
    targets: tuple[tuple[str, str], ...] = ()
    untold: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As HUAWEI_MODEM_MODES has it."""
        return f"{self.usb}={self.mode}"

    @property
    def file(self) -> Path:
        """Its file in the layer; a colon is not welcome in every file system."""
        return Path(self.usb.replace(":", "-") + (f".{self.mode}" if self.mode else ""))

    @property
    def path(self) -> str:
        """Where usb_modeswitch looks for it."""
        return f"/etc/usb_modeswitch.d/{self.usb}"

    @property
    def command(self) -> str:
        """The command that sends the message once."""
        vendor, product = self.usb.split(":")
        return f"usb_modeswitch -v 0x{vendor} -p 0x{product} -M {self.message}"


def choices(database: Database) -> tuple[Choice, ...]:
    """Every file, those that are always installed first."""
    return (*_missing(database), *_messages(database), *_configurations(database))


def has_own_entry(mode: Mode) -> bool:
    """Whether the drive's message is known, and usb-modeswitch-data has no entry for it."""
    if mode.switch is None:
        return False
    return not any(
        item.partition(": ")[0] == UPSTREAM for item in (*mode.fact.source, *mode.switch.fact.source)
    )


def _missing(database: Database) -> Iterator[Choice]:
    for stick in database.sticks:
        for mode in stick.modes:
            if mode.switch and has_own_entry(mode):
                targets = tuple((product_of(usb), stick.name) for usb in mode.switch.target)
                text = _text(mode.usb, mode.switch.message, targets, _class_of(stick, mode))
                yield Choice(mode.usb, "", text, mode.switch.message, targets)


def _class_of(stick: Stick, drive: Mode) -> str:
    """The class by which a stick that keeps its id is known once it is switched; else nothing."""
    kept = (other for other in stick.modes if other.usb == drive.usb and other is not drive)
    return next((item.usb_class for other in kept for item in other.interfaces[:1]), "")


def _messages(database: Database) -> Iterator[Choice]:
    """The alternative messages: `modem`, and with the stick's id where an id has several of them."""
    ways: dict[tuple[str, str], list[tuple[Stick, Mode]]] = {}
    for stick in database.sticks:
        for mode in stick.modes:
            if mode.alternative:
                ways.setdefault((mode.usb, mode.alternative.message), []).append((stick, mode))
    for (usb, message), found in ways.items():
        several = sum(other == usb for other, _ in ways) > 1
        targets: dict[str, list[str]] = {}
        for stick, mode in found:
            for target in mode.alternative.target if mode.alternative else ():
                targets.setdefault(product_of(target), []).append(stick.name)
        named = tuple((product, ", ".join(names)) for product, names in targets.items())
        known = {stick.id for stick, _ in found}
        untold = tuple(stick.name for stick, _ in database.candidates(usb) if stick.id not in known)
        mode_name = f"modem-{found[0][0].id}" if several else "modem"
        yield Choice(usb, mode_name, _text(usb, message, named), message, named, untold)


def _configurations(database: Database) -> Iterator[Choice]:
    """Modules that usb_modeswitch would bring into MBIM, kept with their ports instead."""
    seen = set()
    for stick in database.sticks:
        for mode in stick.modes:
            if mode.mbim_preferred and mode.switch is None and mode.usb not in seen:
                seen.add(mode.usb)
                label = f"# {mode.usb}: the configuration that Linux chooses, with its ports, not MBIM\n"
                yield Choice(mode.usb, PORTS, label + STAY)


def _text(usb: str, message: str, targets: tuple[tuple[str, str], ...], usb_class: str = "") -> str:
    told = "; ".join(f"{product}: {names}" for product, names in targets)
    return (
        f"# {told}\nTargetVendor=0x{usb.partition(':')[0]}\n"
        f'TargetProductList="{",".join(product for product, _ in targets)}"\n'
        + (f"TargetClass=0x{usb_class}\n" if usb_class else "")
        + f'MessageContent="{message}"\n'
    )
