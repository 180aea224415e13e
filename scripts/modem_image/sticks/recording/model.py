# SPDX-License-Identifier: MIT
"""What a listing shows of a USB device. None stands for what it does not show.

Numbers are those of the descriptors (USB 2.0, chapter 9), maximum power in milliamperes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from modem_image.errors import InputError

Triple = tuple[int | None, int | None, int | None]
"""Class, subclass, protocol."""

_MOST = 512
"""Parts of one kind of a device: a stick has ten or so, and the work grows with their square."""


def _few(count: int, what: str) -> None:
    if count > _MOST:
        raise InputError(f"a device of more than {_MOST} {what}: this is not a listing of USB")


UNKNOWN: Triple = (None, None, None)
BULK, INTERRUPT = 2, 3
"""Transfer types, the low two bits of bmAttributes of an endpoint."""


@dataclass(frozen=True)
class Endpoint:
    """`address` with bit 7 set for IN, `kind` the transfer type; `interval` is bInterval."""

    address: int
    kind: int
    max_packet: int
    interval: int = 0

    @property
    def is_in(self) -> bool:
        return bool(self.address & 0x80)


@dataclass(frozen=True)
class Setting:
    """One alternate setting of an interface.

    `descriptors` are the class-specific ones, `driver` what the listing says ("" where it says none);
    `filled` names what the listing left out and a rule added.
    """

    number: int
    alternate: int = 0
    triple: Triple = UNKNOWN
    count: int | None = None
    endpoints: tuple[Endpoint, ...] = ()
    descriptors: tuple[bytes, ...] = ()
    driver: str | None = None
    string: str | None = None
    function: str | None = None
    filled: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _few(max(len(self.endpoints), len(self.descriptors)), "descriptors of an interface")

    @property
    def class_text(self) -> str:
        return triple_text(self.triple)


@dataclass(frozen=True)
class Association:
    """An interface association descriptor."""

    first: int
    count: int
    triple: Triple = UNKNOWN


@dataclass(frozen=True)
class Configuration:
    """`count` is bNumInterfaces, `total` wTotalLength, `active` whether it was the chosen one."""

    value: int
    count: int | None = None
    attributes: int | None = None
    max_power: int | None = None
    total: int | None = None
    active: bool | None = None
    associations: tuple[Association, ...] = ()
    settings: tuple[Setting, ...] = ()
    filled: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _few(max(len(self.settings), len(self.associations)), "interfaces")

    @property
    def numbers(self) -> tuple[int, ...]:
        """The interfaces that are listed, each once."""
        return tuple(dict.fromkeys(setting.number for setting in self.settings))

    def first_setting(self, number: int) -> Setting:
        """The lowest alternate of an interface."""
        return min((s for s in self.settings if s.number == number), key=lambda s: s.alternate)


@dataclass(frozen=True)
class Device:
    """One device in one mode. `speed`: full or high; `count`: bNumConfigurations; `line`: where it begins.

    `switched_by`: the message (hexadecimal) that the listing says it was switched by.
    """

    vendor: int | None = None
    product: int | None = None
    version: int | None = None
    triple: Triple = UNKNOWN
    max_packet: int | None = None
    release: int | None = None
    manufacturer: str | None = None
    name: str | None = None
    has_serial: bool | None = None
    count: int | None = None
    speed: str | None = None
    configurations: tuple[Configuration, ...] = ()
    switched_by: str | None = None
    mode: str = ""
    filled: tuple[str, ...] = ()
    line: int = 1

    def __post_init__(self) -> None:
        _few(len(self.configurations), "configurations")

    @property
    def usb(self) -> str:
        """`vendor:product` as the kernel prints it."""
        return f"{self.vendor or 0:04x}:{self.product or 0:04x}"

    @property
    def settings(self) -> tuple[Setting, ...]:
        return tuple(setting for one in self.configurations for setting in one.settings)


@dataclass(frozen=True)
class Recording:
    """A stick: its modes in the order in which it shows them, and where all that is known from."""

    name: str
    devices: tuple[Device, ...]
    source: str = ""
    notes: tuple[str, ...] = field(default=())


def triple_text(triple: Triple) -> str:
    """`ff/03/10`, with ?? for what is not known."""
    return "/".join("??" if number is None else f"{number:02x}" for number in triple)
