# SPDX-License-Identifier: MIT
"""The facts, key by key: what `status --json` prints, a capture holds and `doctor` judges.

`modem-image render` makes the table of docs/dev/facts.md of this module. Keys are added to, never renamed.
None stands for "not known here", never for "no". What reads the facts is facts.py.
"""

from __future__ import annotations

from typing import TypedDict


class KernelFacts(TypedDict):
    """The kernel that runs, and its modules."""

    release: str
    """as `uname -r`"""
    modules_dir: str
    """where its modules belong: `/lib/modules/<release>`"""
    folder: bool
    """whether that folder is there"""
    folders: list[str]
    """names of all folders in `/lib/modules`"""
    loadable: bool | None
    """whether the kernel takes modules at all; null where /proc does not say"""
    index: bool
    """whether `modules.dep` is there and readable"""
    absent: list[str]
    """modules of the index that are not there, of those looked at"""
    lacking: list[str]
    """wanted drivers that are neither a module nor built in"""
    checked: int
    """how many modules were read: `status` reads the drivers, `doctor` also what is loaded"""
    foreign: dict[str, str]
    """modules built for another kernel, each with that kernel's release"""
    unread: dict[str, str]
    """modules that could not be read, each with the reason"""


class InterfaceFacts(TypedDict):
    """One USB interface of a stick."""

    number: int
    """as sysfs has it"""
    usb_class: str
    """two hexadecimal digits, as the next two"""
    subclass: str
    """bInterfaceSubClass"""
    protocol: str
    """bInterfaceProtocol"""
    function: str | None
    """`modem`, `pcui`, `diag`, `gps`, `ncm`, `qmi`, `ether`, `mbim`, `rndis`, `acm`, `data`, `storage` …;
    null where neither number nor id say it"""
    wanted_driver: str | None
    """the driver that it should have"""
    driver: str | None
    """the driver that it has"""
    listed: bool
    """false where the driver's own table lacks the interface"""
    tty: str | None
    """its serial port"""
    net: str | None
    """its network device"""
    label: str | None
    """`OFONO_LABEL` in udev's database"""


class StickFacts(TypedDict):
    """One Huawei USB device."""

    path: str
    """its folder in sysfs, such as `/sys/bus/usb/devices/1-1`"""
    usb: str
    """`vendor:product`"""
    id: str | None
    """id in the database; null for an unknown stick, and where several models look alike"""
    name: str | None
    """name in the database, or the names of all models that it can be"""
    mode: str | None
    """`storage`, `modem`, `hilink` or `mbim`"""
    configurations: int | None
    """how many USB configurations it has; the interfaces are those of the active one"""
    interfaces: list[InterfaceFacts]


class ContextFacts(TypedDict):
    """One context of oFono."""

    type: str
    """`internet` is the one that counts"""
    active: bool
    """as oFono has it"""
    apn: str
    """the name of its access point"""


class ModemFacts(TypedDict):
    """One modem of oFono; null for what its interfaces do not give yet."""

    path: str
    """its path on D-Bus; phones over Bluetooth and oFono's simulator are left out"""
    powered: bool
    """whether oFono has switched it on"""
    online: bool
    """whether its radio is on"""
    sim_present: bool | None
    """whether there is a SIM"""
    pin_required: str | None
    """`none` for a usable SIM, else `pin`, `puk` …"""
    registration: str | None
    """`registered` or `roaming` is on the network; `unregistered`, `searching`, `denied`, `unknown` is not"""
    operator: str | None
    """name of the network"""
    technology: str | None
    """`lte`, `umts`, `gsm` …"""
    strength: int | None
    """signal, per cent"""
    attached: bool | None
    """whether it is attached to the packet service"""
    roaming_allowed: bool | None
    """whether data may be used abroad"""
    contexts: list[ContextFacts] | None


class OfonoFacts(TypedDict):
    """oFono on D-Bus."""

    running: bool | None
    """whether it is there"""
    reason: str | None
    """why that is not known"""
    modems: list[ModemFacts]
    modemmanager: bool
    """whether ModemManager is on D-Bus too: both would have the same ports"""


class ServiceFacts(TypedDict):
    """One service of ConnMan, without its path, which holds the IMSI."""

    type: str
    """`cellular`, `ethernet`, `wifi` …"""
    name: str
    """a WLAN's is a token"""
    state: str
    """`ready` has an address, `online` has reached the check page; `idle`, `failure` and others have none"""
    error: str | None
    """why it failed, in ConnMan's word"""
    interface: str | None
    """its network device"""
    address: str | None
    """its IPv4 address"""


class TechnologyFacts(TypedDict):
    """ConnMan's cellular technology."""

    powered: bool
    """as ConnMan has it"""
    connected: bool
    """whether a service of it is"""


class ConnmanFacts(TypedDict):
    """ConnMan on D-Bus."""

    running: bool | None
    """whether it is there"""
    reason: str | None
    """why that is not known"""
    offline_mode: bool | None
    """whether its offline mode is on"""
    cellular: TechnologyFacts | None
    """null while there is no such technology"""
    services: list[ServiceFacts]


class Facts(TypedDict):
    """Everything that was seen."""

    kernel: KernelFacts
    sticks: list[StickFacts]
    tun: bool
    """whether the kernel has the TUN driver, which oFono's PPP needs"""
    usb_modeswitch: bool | None
    """whether that program is there"""
    ofono: OfonoFacts
    connman: ConnmanFacts
    default_route: str | None
    """network device of the IPv4 default route"""
