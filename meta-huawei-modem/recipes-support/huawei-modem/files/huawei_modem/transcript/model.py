# SPDX-License-Identifier: MIT
"""What a transcript shows: states of a system in the order of time, each fact with its line."""

from __future__ import annotations

import dataclasses
from collections import deque
from typing import Generic, NamedTuple, TypeVar

from huawei_modem.report import Evidence
from huawei_modem.transcript.topics import TOPICS, proven_by

T = TypeVar("T")

MOST_STATES = 64
"""How many states are kept, the latest ones: a log of months may hold thousands of boots."""
MOST_EVENTS = 8
"""How many lines of one kind are kept in a state: evidence, not a copy of the log."""
MOST_ENTRIES = 256
"""How many devices, parts or files are kept."""
_WANTED_SYMBOLS = """
    USB_SERIAL_OPTION PPP PPP_ASYNC PPP_FILTER TUN USB_NET_HUAWEI_CDC_NCM USB_NET_QMI_WWAN
    USB_ETH_RNDIS USB_NET_RNDIS_HOST USB_SERIAL_QUALCOMM USB_SERIAL USB_SERIAL_WWAN USB_ACM USB_USBNET
    USB_NET_CDC_NCM USB_NET_CDC_MBIM USB_NET_CDCETHER USB_STORAGE
"""
WANTED_SYMBOLS = frozenset(_WANTED_SYMBOLS.split())
"""The kernel's symbols that rules look at, without CONFIG_."""
WHOLE_CONFIG = 500
"""A .config has some thousand lines. From so many on, a symbol that is not named is not set."""


Place = tuple[str, str, int]
"""Source, text and number of a line: what an Evidence is made of."""


@dataclasses.dataclass(slots=True)
class Seen(Generic[T]):
    """A value and the line that shows it. Never changed; not frozen, because it is made for each line, as
    its evidence is not: few are asked for it."""

    value: T
    place: Place

    @property
    def evidence(self) -> Evidence:
        source, text, line = self.place
        return Evidence(source, text.strip()[:200], line)


PERSON = "person"
"""Who says what sentences say (Claim.who)."""


class Claim(NamedTuple):
    """What a sentence, or a program in words that no table has, says of a layer."""

    good: bool
    kind: str = ""
    """Of something bad: the kind of insufficient-data that asks about it."""
    who: str = ""
    """Who says so: PERSON, or empty for a program."""


@dataclasses.dataclass(slots=True)
class Interface:
    """One interface of a USB device; what was not shown is None."""

    triple: tuple[str, str, str] | None = None
    """Class, subclass and protocol, two hexadecimal digits each."""
    usb_class: str | None = None
    driver: Seen[str] | None = None
    """The driver's name; empty where the text shows that there is none."""


@dataclasses.dataclass(slots=True)
class Device:
    """A USB device as one listing shows it, under its id (vendor:product)."""

    usb: Seen[str]
    name: str = ""
    port: str | None = None
    """Where it is plugged in, as the kernel writes it: 1-1.4; 1 is the root hub of bus 1."""
    interfaces: dict[int, Interface] = dataclasses.field(default_factory=dict)
    configured: Seen[bool] | None = None
    configurations: Seen[int] | None = None
    """How many it has, from the listing that shows the interfaces of the active one (usb-devices)."""

    def interface(self, number: int) -> Interface:
        return self.interfaces.setdefault(number, Interface())


@dataclasses.dataclass(slots=True)
class Leaving:
    """What left a port of the bus, and whether it came back."""

    seen: Seen[str]
    """The id that left last, empty where it was not shown."""
    times: int = 0
    in_use: int = 0
    """How often it left while its ports or its network interface had drivers: no change of the mode."""
    used: bool = False
    """Whether it did so the last time."""
    quiet: bool = False
    """Only its drivers said so: that the device left the bus is not shown."""
    ttys: tuple[str, ...] = ()
    """Its ports when it left."""
    unswitched: Seen[str] | None = None
    """It left with the id that it left with again later: the first time nothing had switched it."""
    back: Seen[str] | None = None
    """The line that shows a device there again: its value is the id, empty where that is not shown."""


@dataclasses.dataclass(slots=True)
class Bus:
    """What the listings of USB devices show. The latest listing says what is there."""

    devices: dict[str, Device] = dataclasses.field(default_factory=dict)
    """By id; of several sticks with one id the last is kept."""
    present: dict[str, Seen[str]] = dataclasses.field(default_factory=dict)
    """Ids of the latest lsusb."""
    complete: Seen[str] | None = None
    """A listing that holds a root hub: what it does not name was not there."""
    addresses: dict[tuple[int, int], str] = dataclasses.field(default_factory=dict)
    """(bus, device number) to id."""
    ports: dict[str, str] = dataclasses.field(default_factory=dict)
    """Port such as 1-1.1 to id, from the kernel's messages."""
    tree: dict[tuple[int, int], Device] = dataclasses.field(default_factory=dict)
    """lsusb -t, which names no ids: they are looked up in `addresses`."""
    names: dict[str, str] = dataclasses.field(default_factory=dict)
    """Port to the name that the device there has in the kernel's messages."""
    adapters: dict[str, Seen[str]] = dataclasses.field(default_factory=dict)
    """ttyUSB name to the driver of the serial adapter that it is of."""
    nets: dict[str, str] = dataclasses.field(default_factory=dict)
    """Network interface to the id of its device, from the driver's message."""
    hardware: dict[str, Seen[str]] = dataclasses.field(default_factory=dict)
    """MAC address of a USB network interface, without colons, to its driver."""
    links: dict[str, str] = dataclasses.field(default_factory=dict)
    """MAC address without colons to its network interface, from ip and ifconfig."""
    drive: Seen[str] | None = None
    """The installer's drive, by its SCSI line."""
    drivers: dict[str, Seen[str]] = dataclasses.field(default_factory=dict)
    """Port to the last driver that spoke of an interface of the device there."""
    left: dict[str, Leaving] = dataclasses.field(default_factory=dict)
    """What left each port."""
    attached: dict[str, Seen[str]] = dataclasses.field(default_factory=dict)
    """ttyUSB name to the driver's message."""


@dataclasses.dataclass(slots=True)
class Session:
    """One run of pppd."""

    started: Seen[str]
    address: Seen[str] | None = None
    ended: Seen[str] | None = None
    """The peer ended it."""
    stopped: Seen[str] | None = None
    """A person or a program ended it."""
    refused: Seen[str] | None = None
    """Authentication failed."""
    silent: Seen[str] | None = None
    """A protocol timed out."""
    unaddressed: Seen[str] | None = None
    """The peer gave no address, as pppd's debug log shows it."""
    asked: str = ""
    """The last request for an address."""
    repeated: int = 0
    """How often it was sent again without an answer."""

    @property
    def is_over(self) -> bool:
        """Whether anything ended it."""
        return any((self.ended, self.stopped, self.refused, self.silent, self.unaddressed))


@dataclasses.dataclass(slots=True)
class ModeswitchConfig:
    """A configuration of usb_modeswitch. Keys are in lower case."""

    place: str
    last: int = 0
    """Line of its last setting."""
    values: dict[str, Seen[str]] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(slots=True)
class ModeswitchRun:
    """One run of usb_modeswitch."""

    command: Seen[str]
    usb: str | None
    found: Seen[str] | None = None
    """It saw a device with the default id."""
    nothing: Seen[str] | None = None
    """It saw none."""
    sent: Seen[str] | None = None
    unsent: Seen[str] | None = None
    """The message did not reach the stick."""
    detached: Seen[str] | None = None
    before: tuple[Seen[str], ...] = ()
    """What was on the bus when it began, as far as the text shows."""
    banner: int = -1000
    """Line where it began to say what it was told."""
    outcome: Seen[str] | None = None
    """switched, failed, disabled (by the configuration), or unlisted (no data for the id)."""
    logged: bool = False
    """The system's log has it: udev or systemd ran it, not a person."""
    became: str = ""
    """The id that it found afterwards."""


@dataclasses.dataclass(slots=True)
class RulesFile:
    """Lines of udev rules that stood together."""

    place: str
    """Path where it is known."""
    lines: list[Seen[str]] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(slots=True)
class Context:
    """A context of oFono as list-contexts prints it."""

    path: Seen[str]
    values: dict[str, Seen[str]] = dataclasses.field(default_factory=dict)
    """Property to value, such as `AccessPointName`."""


@dataclasses.dataclass(slots=True)
class UdevPort:
    """A tty in udev's database, as udevadm info prints it."""

    seen: Seen[str]
    usb: str
    number: int | None = None
    """Of the USB interface."""
    label: Seen[str] | None = None


@dataclasses.dataclass(slots=True)
class Route:
    """A default route."""

    net: str
    """The network interface it leaves by."""
    metric: int
    seen: Seen[str]


@dataclasses.dataclass(slots=True)
class State:
    """A system between two changes: a boot, a kernel, a look at the bus."""

    number: int
    host: str | None
    release: Seen[str] | None = None
    folders: Seen[tuple[str, ...]] | None = None
    """Names below /lib/modules."""
    tty_nodes: Seen[set[str]] | None = None
    """All of /dev/tty*, by name."""
    loaded: Seen[set[str]] | None = None
    """Modules of lsmod."""
    registered: dict[str, Seen[str]] = dataclasses.field(default_factory=dict)
    """USB drivers that the kernel has said to have."""
    symbols: dict[str, Seen[str]] = dataclasses.field(default_factory=dict)
    """Symbol of WANTED_SYMBOLS to its value, n for `is not set`."""
    whole_config: Seen[str] | None = None
    """The first line of a whole .config: what it does not name is not set."""
    bus: Bus = dataclasses.field(default_factory=Bus)
    events: dict[str, list[Seen[str]]] = dataclasses.field(default_factory=dict)
    """Lines that mean something by themselves, by the name of their sign."""
    latest: dict[str, Seen[str]] = dataclasses.field(default_factory=dict)
    """The last sign of each topic (topics.TOPICS)."""
    sessions: list[Session] = dataclasses.field(default_factory=list)
    configs: list[ModeswitchConfig] = dataclasses.field(default_factory=list)
    runs: list[ModeswitchRun] = dataclasses.field(default_factory=list)
    rules_files: list[RulesFile] = dataclasses.field(default_factory=list)
    ofono: dict[str, Seen[str]] = dataclasses.field(default_factory=dict)
    """Property to value, as `SimManager.Present`; the modem's own without a dot."""
    modems: Seen[tuple[str, ...]] | None = None
    """Modems that oFono lists."""
    contexts: list[Context] | None = None
    """Contexts of list-contexts, of all modems; None where it was not asked of a modem."""
    contexts_asked: Seen[str] | None = None
    vendor: Seen[str] | None = None
    """What the modem answers to AT+CGMI."""
    udev_ports: dict[str, UdevPort] = dataclasses.field(default_factory=dict)
    """By the name of the tty."""
    offered: dict[str, Seen[str]] = dataclasses.field(default_factory=dict)
    """Port to `class/subclass/protocol label` as oFono's debug log names them, in its decimal numbers."""
    connman: dict[str, Seen[str]] = dataclasses.field(default_factory=dict)
    """`cellular.Powered`, `OfflineMode`, `State`."""
    services: Seen[tuple[str, ...]] | None = None
    """Services of connmanctl, such as `*AO name cellular_...`."""
    addresses: dict[str, Seen[str]] = dataclasses.field(default_factory=dict)
    """Network interface to its IPv4 address; empty for one without."""
    routes: list[Route] | None = None
    """The default routes of the latest table; None where no table is shown."""
    wired: dict[str, Seen[str]] = dataclasses.field(default_factory=dict)
    """ConnMan's ethernet services: MAC address without colons to the flags, such as *AO."""

    def add(self, sign: str, seen: Seen[str]) -> None:
        """A line means `sign`: the code of a finding, with its kind, or = and the name of a state."""
        name = sign if sign[0] == "=" else sign.partition(":")[0]
        topic = TOPICS.get(name)
        if topic is not None:
            self.latest[topic] = Seen(sign, seen.place)
            for below, proven in proven_by(sign).items():
                if sign == "=online" or below in self.latest:
                    self.latest[below] = Seen(proven, seen.place)
        lines = self.events.setdefault(sign, [])
        if len(lines) < MOST_EVENTS:
            lines.append(seen)

    def said(self, topic: str) -> str:
        """The latest sign of a topic; empty where there is none."""
        seen = self.latest.get(topic)
        return "" if seen is None else seen.value

    def events_of(self, *signs: str) -> list[Seen[str]]:
        """The lines of the signs, in the order of the text for each."""
        return [seen for sign in signs for seen in self.events.get(sign, ())]


@dataclasses.dataclass(slots=True)
class Part:
    """A stretch of text that was recognised as one kind."""

    kind: str
    source: str
    first: int
    last: int


@dataclasses.dataclass(slots=True)
class History:
    """All states of all systems in a transcript, and what was recognised on the way."""

    states: deque[State] = dataclasses.field(default_factory=lambda: deque(maxlen=MOST_STATES))
    parts: list[Part] = dataclasses.field(default_factory=list)
    harmless: list[Seen[str]] = dataclasses.field(default_factory=list)
    programs: dict[str, int] = dataclasses.field(default_factory=dict)
    """How many lines each program that is known here said, by the name in its prefix."""
    kernel_lines: int = 0
    mentions: dict[str, Seen[str]] = dataclasses.field(default_factory=dict)
    """Kernel symbols that the prose names, of the few that matter."""
    named: dict[str, Seen[str]] = dataclasses.field(default_factory=dict)
    """Ids of Huawei's that stand in sentences."""
    port: Seen[str] | None = None
    """The first of a modem's ports that a line names which is no more than a line with a port."""
    others: dict[str, Seen[str]] = dataclasses.field(default_factory=dict)
    """Ids of other makers' modems that stand in such lines."""
    makers: dict[str, Seen[str]] = dataclasses.field(default_factory=dict)
    """Other makers of modems that the prose names, each with the name of its modem."""
    complaint: Seen[str] | None = None
    """The last line in which a program that is known here complains in words that are not."""
    claims: dict[str, Seen[Claim]] = dataclasses.field(default_factory=dict)
    """The last word on each layer of the way to the network (readers/claims.py)."""
    quoted: dict[str, Seen[str]] = dataclasses.field(default_factory=dict)
    """Errors that a sentence names, by the sign that each would be in a log."""
    commands: dict[str, None] = dataclasses.field(default_factory=dict)
    """What was typed at prompts, in its order."""
    tried: set[str] = dataclasses.field(default_factory=set)
    """What was tried (readers/sentences.py, readers/tried.py): commands, hub, port, cable, telephone,
    `mmcli none`."""
    words: set[str] = dataclasses.field(default_factory=set)
    """Of a few words that tell what a system has: `layer`, `usb_modeswitch`."""
    around: dict[str, Seen[str]] = dataclasses.field(default_factory=dict)
    """What stands around the modem (readers/around.py): guest, container, page, page-refused,
    second, unseen, net-lost."""
    told: dict[str, Seen[str]] = dataclasses.field(default_factory=dict)
    """What the person says last (readers/told.py): complaint, offline, service, solved,
    marked, recipe, storage, became."""
    dials: dict[str, int] = dataclasses.field(default_factory=dict)
    """How much the person says of each program that dials."""
    subjects: dict[str, int] = dataclasses.field(default_factory=dict)
    """How many sentences are about what, the title more (readers/nouns.py)."""
    dismissed: set[str] = dataclasses.field(default_factory=set)
    """Programs that are not used, as the person says."""
    lines: int = 0

    def forget_complaints(self) -> None:
        """It works now: what was complained of before is over."""
        self.claims = {layer: claim for layer, claim in self.claims.items() if claim.value.good}
        for name in ("unseen", "undetected"):
            self.around.pop(name, None)

    @property
    def complains(self) -> bool:
        """Whether the latest word on some layer is that it does not work."""
        return any(not claim.value.good for claim in self.claims.values())

    @property
    def is_bare(self) -> bool:
        """Whether no line of the text is known."""
        return not self.parts and not self.programs and not self.kernel_lines
