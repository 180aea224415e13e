# SPDX-License-Identifier: MIT
"""USB devices as programs list them: lsusb with -t and -v, usb-devices, udevadm info."""

from __future__ import annotations

import functools
import re

from huawei_modem.transcript import ids
from huawei_modem.transcript.model import MOST_ENTRIES, Device, Interface, Seen
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Tables

_LSUSB = re.compile(r"Bus (\d{3}) Device (\d{3}): ID ([0-9a-fA-F]{4}) ?: ?([0-9a-fA-F]{4})\b ?(.*)")
_TREE = re.compile(
    r"[\s|_]*(?:/: +Bus (\d+)\.)?Port (\d+): Dev (\d+),(?: If (\d+),)? Class=([^,]*), Driver=([^,\s]*)"
)
_VERBOSE = re.compile(r"\s+b(InterfaceNumber|InterfaceClass|InterfaceSubClass|InterfaceProtocol)\s+(\d+)")
_ATTRIBUTE = re.compile(
    r"\s*ATTRS?\{b(InterfaceClass|InterfaceNumber|InterfaceProtocol|InterfaceSubClass)\}==\"([0-9a-f]{2})\""
)
_USB_DEVICES_COUNT = re.compile(r"D: .*#Cfgs= *(\d+)")
_TREE_ID = re.compile(r"\s+ID ([0-9a-f]{4}:[0-9a-f]{4})(?: (.*))?")
_USB_DEVICES_ID = re.compile(r"P: +Vendor=([0-9a-f]{4}) ProdID=([0-9a-f]{4})")
# Files of the kernel mark the active configuration with *; the script prints that one alone, unmarked.
_USB_DEVICES_CONFIG = re.compile(r"C:\*? +#Ifs= *(\d+)")
_USB_DEVICES_IF = re.compile(
    r"I:\*? +If#= ?(?:0x)?([0-9a-f]+) .*"
    r"Cls=([0-9a-f]{2})\(.*\) Sub=([0-9a-f]{2}) Prot=([0-9a-f]{2}) Driver=(\S*)"
)
_NUMBERS = ("Number", "Class", "SubClass", "Protocol")
_REMEMBERED = 256
"""Lines of listings of which is kept what they say: people paste the same ones again and again."""
MOST_TIERS = 7
"""USB 2.0, 4.1.1: a device is at most in the seventh tier."""
_NONE = ("", "(none)", "[none]")
_CLASS_NAMES = {
    "Vendor Specific Class": "ff",
    "Mass Storage": "08",
    "Communications": "02",
    "CDC Data": "0a",
    "Human Interface Device": "03",
    "Wireless": "e0",
}


@functools.lru_cache(maxsize=_REMEMBERED)
def _listed(text: str) -> tuple[tuple[int, int], str, str] | None:
    """Bus and device number, id and name of a line of lsusb."""
    match = _LSUSB.match(text)
    return (
        ((int(match[1]), int(match[2])), f"{match[3]}:{match[4]}".lower(), match[5].strip())
        if match is not None
        else None
    )


@functools.lru_cache(maxsize=_REMEMBERED)
def _of_tree(text: str) -> tuple[str, ...] | None:
    match = _TREE.match(text)
    return match.groups() if match is not None else None


def device_of(reader: Reader, usb: str, name: str = "") -> Device | None:
    """The device with this id, new when it was not seen before; None when there are too many."""
    devices = reader.state.bus.devices
    if usb not in devices:
        if len(devices) >= MOST_ENTRIES:
            return None
        devices[usb] = Device(reader.seen(usb), name)
    devices[usb].name = name or devices[usb].name
    return devices[usb]


class Listings:
    """Reads what programs list of devices, their interfaces and drivers."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._tree_bus = 0
        self._tree_path: list[str] = []
        """The ports of the line before, from the root hub on."""
        self._tree_last: tuple[int, int] | None = None
        self._configurations: Seen[int] | None = None
        self._numbers: dict[str, str] = {}
        self._described: Device | None = None
        self._active = False
        """Whether its active configuration was named, of several that the kernel's own file lists."""

    def tables(self) -> Tables:
        return Tables(
            heads={
                "Bus": self.lsusb,
                "/:": self.tree,
                "|__": self.tree,
                "ID": self.tree_id,
                "D:": self.counted,
                "P:": self.named,
                "C:*": self.configuration,
                "C:": self.configuration,
                "I:": self.interface,
                "I:*": self.interface,
                **{f"bInterface{name}": self.verbose for name in _NUMBERS},
                "bNumConfigurations": self._of_verbose,
            },
            cues=((("{bInterface",), self.attribute), (("usb_modeswitch -",), self._ends)),
        )

    def _ends(self, _text: str) -> None:
        """A command between two rows: the second is of another listing."""
        self._reader.block = ""

    def lsusb(self, text: str) -> None:
        """One line of lsusb. The first line of a listing makes the earlier listing history."""
        listed = _listed(text)
        if listed is None:
            return
        address, usb, name = listed
        reader = self._reader
        bus = reader.state.bus
        if not reader.joins("lsusb"):
            bus.present = {}
            bus.addresses = {}
        reader.mark("lsusb")
        seen = reader.seen(usb)
        if len(bus.present) < MOST_ENTRIES:
            bus.present[usb] = seen
            bus.addresses[address] = usb
        if usb[:5] == "1d6b:":
            bus.complete = seen
        found = device_of(self._reader, usb, name)
        if found is not None:
            found.usb = seen

    def tree(self, text: str) -> None:
        """One line of lsusb -t: what is bound to which interface."""
        shown = _of_tree(text)
        if shown is None:
            return
        bus_number, port, address, number, usb_class, driver = shown
        state = self._reader.state
        if not self._reader.joins("lsusb -t"):
            state.bus.tree = {}
        self._reader.mark("lsusb -t")
        depth = 0 if bus_number else min(max(1, (text.find("|__") + 3) // 4), MOST_TIERS)
        if bus_number:
            self._tree_bus = int(bus_number)
            self._tree_path = [str(self._tree_bus)]
        above = self._tree_path[min(depth, len(self._tree_path)) - 1] if depth and self._tree_path else ""
        path = f"{above}{'-' if depth == 1 else '.'}{int(port)}" if above else str(self._tree_bus)
        self._tree_path[depth:] = [path]
        key = (self._tree_bus, int(address))
        self._tree_last = key
        if len(state.bus.tree) >= MOST_ENTRIES:
            return
        found = state.bus.tree.setdefault(key, Device(self._reader.seen(""), port=path))
        if number is None:
            return
        found.interfaces[int(number)] = Interface(
            usb_class=_CLASS_NAMES.get(usb_class),
            # A listing without the names of classes has none of drivers either.
            driver=self._reader.seen("" if driver in _NONE else driver.split("/")[0])
            if usb_class or driver not in _NONE
            else None,
        )

    def tree_id(self, text: str) -> bool:
        """lsusb -t -v: the id of the device of the line before."""
        match = _TREE_ID.fullmatch(text)
        bus = self._reader.state.bus
        if match is None or not self._reader.joins("lsusb -t") or not self._tree_last:
            return False
        if len(bus.addresses) < MOST_ENTRIES:
            found = device_of(self._reader, match[1], match[2] or "")
            if found is not None:
                bus.addresses[self._tree_last] = match[1]
        return True

    def verbose(self, text: str) -> None:
        """lsusb -v: the numbers of an interface, below the line that names the device."""
        match = _VERBOSE.match(text)
        addresses = self._reader.state.bus.addresses
        if match is None or not addresses:
            return
        self._reader.mark("lsusb -v")
        usb = list(addresses.values())[-1]
        self._collect(usb, match[1], f"{int(match[2]) & 0xFF:02x}")

    def _of_verbose(self, _text: str) -> None:
        """lsusb -v says how many configurations the device has, whatever became of its margin."""
        self._reader.mark("lsusb -v")

    def attribute(self, text: str) -> None:
        """udevadm info -a: the same numbers; they belong to the stick that is there."""
        match = _ATTRIBUTE.fullmatch(text)
        if match is None:
            return
        sticks = [usb for usb in self._reader.state.bus.devices if usb.startswith(ids.VENDOR)]
        usb = sticks[-1] if sticks else self._earlier_stick()
        if usb is None:
            return
        self._reader.mark("udevadm info")
        self._collect(usb, match[1], match[2])

    def _earlier_stick(self) -> str | None:
        """The stick that this system had in the latest of its states that shows one."""
        for state in reversed(self._reader.history.states):
            if state.host == self._reader.state.host:
                for usb in reversed(state.bus.devices):
                    if usb.startswith(ids.VENDOR):
                        return usb
        return None

    def _collect(self, usb: str, key: str, value: str) -> None:
        """Puts the numbers of one interface together; the four lines stand in the order of each program."""
        if not self._reader.joins(f"numbers of {usb}") or key in self._numbers:
            self._numbers = {}
        self._numbers[key] = value
        if len(self._numbers) == 4 and (found := device_of(self._reader, usb)) is not None:
            interface = found.interface(int(self._numbers["InterfaceNumber"], 16))
            triple = tuple(self._numbers[f"Interface{name}"] for name in ("Class", "SubClass", "Protocol"))
            if interface.triple is None:
                interface.triple = (triple[0], triple[1], triple[2])
                interface.usb_class = triple[0]

    # usb-devices: D: counts configurations, P: names the device, C: and I: are its parts

    def counted(self, text: str) -> None:
        if match := _USB_DEVICES_COUNT.match(text):
            self._configurations = self._reader.seen(int(match[1]))

    def named(self, text: str) -> None:
        match = _USB_DEVICES_ID.match(text)
        if match is None:
            return
        bus = self._reader.state.bus
        usb = f"{match[1]}:{match[2]}"
        self._reader.mark("usb-devices")
        self._described = device_of(self._reader, usb)
        bus.present[usb] = self._reader.seen(usb)
        if self._described is not None:
            self._described.usb, self._described.interfaces = bus.present[usb], {}
            self._described.configured = None
            self._described.configurations = self._configurations
        self._configurations, self._active = None, False
        if usb.startswith("1d6b:"):
            bus.complete = bus.present[usb]

    def configuration(self, text: str) -> None:
        match = _USB_DEVICES_CONFIG.match(text)
        device = self._described
        if match is None or device is None or self._active:
            return
        self._active = "*" in match[0]
        if self._active or device.configured is None:
            device.configured = self._reader.seen(match[1] != "0")

    def interface(self, text: str) -> None:
        match = _USB_DEVICES_IF.match(text)
        device = self._described
        if match is None or device is None:
            return
        if match[5]:
            interface = device.interface(int(match[1], 16))
            interface.triple = (match[2], match[3], match[4])
            interface.usb_class = match[2]
            interface.driver = self._reader.seen("" if match[5] in _NONE else match[5])
        elif not self._active and (device.configured is None or device.configured.value):
            # The kernel's own file: the driver's place is empty in a configuration that is not active.
            device.configured = self._reader.seen(False)
