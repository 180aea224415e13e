# SPDX-License-Identifier: MIT
"""Huawei's numbering of interfaces, and where a fact is known from: what the database says of all sticks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    Triple = tuple[str, str, str]
    """Class, subclass and protocol of an interface, two hexadecimal digits each."""
else:
    # For the checker alone: a build host's Python, which runs the image check, may be 3.8.
    Triple = tuple


class Fact(NamedTuple):
    """Where something is known from: `source` names entries of the table `sources`."""

    source: tuple[str, ...]
    confidence: str


ON_THE_HOST = Fact((), "")
"""What a target's copy of the database has in the place of each: modems.toml has them."""


class Function(NamedTuple):
    """What an interface of the vendor's class is for. `protocols`: plain numbers, two hex digits each."""

    name: str
    protocols: tuple[str, ...]
    driver: str
    symbol: str
    fact: Fact
    ofono_label: str | None = None


class Standard(NamedTuple):
    """What an interface of a standard USB class is for; None stands for any number."""

    usb_class: str
    subclass: str | None
    protocol: str | None
    function: str
    driver: str | None
    symbol: str | None
    fact: Fact

    def matches(self, triple: Triple) -> bool:
        """Whether the interface is of this class."""
        return (
            self.usb_class == triple[0]
            and self.subclass in (None, triple[1])
            and self.protocol in (None, triple[2])
        )


class DriverIdGap(NamedTuple):
    """Interfaces that `driver` can drive and whose numbers it does not list (full numbers, with offset)."""

    driver: str
    subclass: str
    protocols: tuple[str, ...]
    fact: Fact


class Family(NamedTuple):
    """The vendor's numbering: the function stands in bInterfaceProtocol, plus an offset by brand.

    Only in `subclasses`: others have numbers of their own, as a debugger's ff/42/01.
    """

    vendor: str
    usb_class: str
    subclasses: tuple[str, ...]
    offsets: Mapping[str, str]
    functions: tuple[Function, ...]
    driver_id_gaps: tuple[DriverIdGap, ...]
    fact: Fact

    def spread(self, protocols: tuple[str, ...]) -> tuple[str, ...]:
        """`protocols` in every brand's numbering, two hexadecimal digits each: udev's rules are of it."""
        return tuple(
            f"{int(offset, 16) + int(protocol, 16):02x}"
            for offset in self.offsets.values()
            for protocol in protocols
        )

    def function_of(self, usb_class: str, subclass: str, protocol: str) -> Function | None:
        """What an interface of this vendor is for, and None when its number says nothing."""
        if usb_class != self.usb_class or subclass not in self.subclasses:
            return None
        try:
            number = int(protocol, 16)
        except ValueError:
            return None  # the stick went while it was looked at
        plain = {f"{number - int(offset, 16):02x}" for offset in self.offsets.values()}
        return next((item for item in self.functions if not plain.isdisjoint(item.protocols)), None)

    def gap_of(self, usb_class: str, subclass: str, protocol: str) -> DriverIdGap | None:
        """The gap that the interface falls into, if any."""
        if usb_class != self.usb_class:
            return None
        return next(
            (gap for gap in self.driver_id_gaps if subclass == gap.subclass and protocol in gap.protocols),
            None,
        )
