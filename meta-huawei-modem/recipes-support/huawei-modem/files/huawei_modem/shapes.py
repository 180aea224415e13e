# SPDX-License-Identifier: MIT
"""The shape of the facts (docs/dev/facts.md): keys are added to, never renamed. What reads them is facts.py.

None stands for "not known here", never for "no".
"""

from __future__ import annotations

from typing import TypedDict

from huawei_modem.running_kernel import KernelFacts


class InterfaceFacts(TypedDict):
    """One USB interface of a stick; class, subclass and protocol as two hexadecimal digits."""

    number: int
    usb_class: str
    subclass: str
    protocol: str
    function: str | None
    """modem, pcui, diag, gps, ncm, qmi, ether, mbim, ...; None when neither number nor id say it."""
    wanted_driver: str | None
    driver: str | None
    listed: bool
    """False where the driver's own table lacks the interface (driver_id_gap of the database)."""
    tty: str | None
    net: str | None
    label: str | None
    """OFONO_LABEL in udev's database."""


class StickFacts(TypedDict):
    """One Huawei USB device."""

    path: str
    """Its folder in sysfs, such as /sys/bus/usb/devices/1-1."""
    usb: str
    """vendor:product."""
    id: str | None
    """Id in the database; None for an unknown stick, and where models that look alike share the id."""
    name: str | None
    """Name in the database, or the names of all models that it can be; None for an unknown stick."""
    mode: str | None
    configurations: int | None
    """How many USB configurations it has; the interfaces are those of the active one."""
    interfaces: list[InterfaceFacts]


class ContextFacts(TypedDict):
    """One context of oFono."""

    type: str
    active: bool
    apn: str


class ModemFacts(TypedDict):
    """One modem of oFono; None for what its interfaces do not give yet."""

    path: str
    powered: bool
    online: bool
    sim_present: bool | None
    pin_required: str | None
    """As oFono says it: none, pin, puk, ..."""
    registration: str | None
    """unregistered, searching, denied, registered, roaming, unknown."""
    operator: str | None
    """Name of the network, as oFono has it."""
    technology: str | None
    strength: int | None
    """Signal, per cent."""
    attached: bool | None
    roaming_allowed: bool | None
    contexts: list[ContextFacts] | None


class OfonoFacts(TypedDict):
    """oFono on D-Bus."""

    running: bool | None
    reason: str | None
    """Why `running` is not known."""
    modems: list[ModemFacts]
    modemmanager: bool
    """Whether ModemManager is on D-Bus too: both would have the same ports."""


class ServiceFacts(TypedDict):
    """One service of ConnMan, without its path, which holds the IMSI."""

    type: str
    name: str
    state: str
    """idle, association, configuration, ready, online, disconnect, failure."""
    error: str | None
    interface: str | None
    address: str | None


class TechnologyFacts(TypedDict):
    """ConnMan's cellular technology."""

    powered: bool
    connected: bool


class ConnmanFacts(TypedDict):
    """ConnMan on D-Bus."""

    running: bool | None
    reason: str | None
    offline_mode: bool | None
    cellular: TechnologyFacts | None
    services: list[ServiceFacts]


class Facts(TypedDict):
    """Everything that was seen."""

    kernel: KernelFacts
    sticks: list[StickFacts]
    tun: bool
    """Whether the kernel has the TUN driver, which oFono's PPP needs."""
    usb_modeswitch: bool | None
    """Whether that program is there."""
    ofono: OfonoFacts
    connman: ConnmanFacts
    default_route: str | None
    """Network device of the IPv4 default route."""
