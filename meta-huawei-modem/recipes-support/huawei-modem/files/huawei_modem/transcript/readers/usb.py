# SPDX-License-Identifier: MIT
"""USB devices: the kernel's messages, lsusb with -t and -v, usb-devices, udevadm info."""

from __future__ import annotations

import functools
import re

from huawei_modem.transcript import ids, messages
from huawei_modem.transcript.model import MOST_ENTRIES, Device, Interface, Seen
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Tables

_LSUSB = re.compile(r"Bus (\d{3}) Device (\d{3}): ID ([0-9a-fA-F]{4}) ?: ?([0-9a-fA-F]{4})\b ?(.*)")
_TREE = re.compile(
    r"[\s|_]*(?:/: +Bus (\d+)\.)?Port (\d+): Dev (\d+),(?: If (\d+),)? Class=([^,]*), Driver=([^,]*)"
)
# Linux before 2.6.35 writes `new device found`, `new full speed USB device using ... and address 4`.
_FOUND = re.compile(
    r"usb ([\d.-]+): (?:New USB|new) device found, idVendor=([0-9a-f]{4}), idProduct=([0-9a-f]{4})"
)
_NEW = re.compile(
    r"usb (\d+-[\d.]+): new \S+(?: \S+)? USB device (?:number (\d+) using|using \S+ and address (\d+))"
)
_GONE = re.compile(r"usb ([\d.-]+): USB disconnect, (?:device number|address) \d+")
_NOW_TTY = re.compile(
    r"usb ([\d.-]+): (?:GSM modem|(?:Qualcomm|Sierra|Novatel) [\w ]{0,20}modem|generic)(?: \(1-port\))? "
    r"converter now attached to (tty\w+)"
)
_NO_TTY = re.compile(r"\S+ (ttyUSB\d+): GSM modem \(1-port\) converter now disconnected from \1")
_BOUND = re.compile(r"(\S+) ([\d.-]+):\d+\.(\d+)(?: (\w+))?: ")
_HARDWARE = re.compile(r": register '\w+' at .*, ((?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}|\[masked-\d+\])$")
"""usbnet ends its line with the interface's address; one address is masked by one token everywhere."""
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
_DRIVERS = (
    "usb-storage",
    "cdc_ether",
    "cdc_ncm",
    "huawei_cdc_ncm",
    "cdc_mbim",
    "qmi_wwan",
    "cdc_acm",
    "rndis_host",
    "usbserial_generic",
    "qcserial",
)
_REMEMBERED = 256
"""Lines of listings of which is kept what they say: people paste the same ones again and again."""
_TIERS = 7
"""USB 2.0, 4.1.1: a device is at most in the seventh tier."""
_WATCHED = ("Under-voltage", "hwmon", "ofonod:")
_LIKELY = re.compile(r"fail|rror|-19|Zero|ESHUT|device dis")
"""One look that spares most of the drivers' lines the looks at each message."""
_SCSI = re.compile(r"scsi [\d:]+: +(?:CD-ROM|Direct-Access) +HUAWEI .*")
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


class Usb:
    """Reads what is said about devices, their interfaces and drivers."""

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
        """Whether its active configuration was told, of several that the kernel's own file lists."""
        self._watched = messages.watch(reader, "kernel log", "kernel")
        self._numbers_of: dict[str, int] = {}
        """Port to its latest device number."""
        self._messages = {
            "new": self._new_or_found,
            "New": self._found,
            "GSM": self._now_tty,
            "Qualcomm": self._now_tty,
            "Sierra": self._now_tty,
            "Novatel": self._now_tty,
            "generic": self._now_tty,
            "USB": self._disconnect,
        }

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
            },
            kernel={
                "usb": self.message,
                "hub": self._watched,
                "option": self.bound,
                "option1": self.port_gone,
                "scsi": self.scsi,
                "sr": self.drive,
                **dict.fromkeys(_WATCHED, self._watched),
                **dict.fromkeys(_DRIVERS, self.bound),
            },
            cues=((("{bInterface",), self.attribute),),
        )

    def _device(self, usb: str, name: str = "") -> Device | None:
        """The device with this id, new when it was not seen before; None when there are too many."""
        devices = self._reader.state.bus.devices
        if usb not in devices:
            if len(devices) >= MOST_ENTRIES:
                return None
            devices[usb] = Device(self._reader.seen(usb), name)
        devices[usb].name = name or devices[usb].name
        return devices[usb]

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
        found = self._device(usb, name)
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
        depth = 0 if bus_number else min(max(1, (text.find("|__") + 3) // 4), _TIERS)
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
        if len(bus.addresses) < MOST_ENTRIES and self._device(match[1], match[2] or "") is not None:
            bus.addresses[self._tree_last] = match[1]
        return True

    def message(self, text: str) -> bool:
        """A device appears, gets a port's tty, or goes."""
        # The third word tells the four messages apart, and most logs are full of them.
        words = text.split(" ", 3)
        told = self._messages.get(words[2]) if len(words) == 4 else None
        if told is not None and told(text):
            return True
        return bool(self._watched(text))

    def _new_or_found(self, text: str) -> bool:
        return self._new(text) or self._found(text)

    def scsi(self, text: str) -> None:
        """The installer's drive names its maker, on kernels too that print no ids."""
        if _SCSI.fullmatch(text):
            self._reader.mark("kernel log")
            self._reader.state.bus.drive = self._reader.seen(text.strip())

    def drive(self, text: str) -> None:
        """A CD drive speaks: the installer of a stick that is known by its id."""
        if re.match(r"sr [\d:]+: (?:\[sr\d\] |Attached scsi CD-ROM)", text):
            self._reader.state.add("=drive", self._reader.seen(text))

    def _new(self, text: str) -> bool:
        match = _NEW.match(text)
        if match is None:
            return False
        self._reader.mark("kernel log")
        if len(self._numbers_of) < MOST_ENTRIES:
            self._numbers_of[match[1]] = int(match[2] or match[3])
        return True

    def _found(self, text: str) -> bool:
        match = _FOUND.match(text)
        if match is None:
            return False
        self._reader.mark("kernel log")
        bus = self._reader.state.bus
        port, usb = match[1], f"{match[2]}:{match[3]}"
        if port.count(".") >= _TIERS:
            return True
        before = bus.ports.get(port)
        if len(bus.ports) < MOST_ENTRIES:
            bus.ports[port] = usb
            number = self._numbers_of.get(port)
            if number is not None and len(bus.addresses) < MOST_ENTRIES:
                bus.addresses[int(port.partition("-")[0]), number] = usb
        if match[2] == ids.VENDOR and (found := self._device(usb)) is not None:
            found.usb = self._reader.seen(usb)
            if before == usb and len(bus.present) == 1 and usb in bus.present:
                bus.present[usb] = found.usb
                return True
            # What stood at this port has gone, and so has a stick that only an older listing names.
            elsewhere = set(bus.ports.values()) - {before}
            for other in [key for key in bus.present if key.startswith(ids.VENDOR) and key not in elsewhere]:
                del bus.present[other]
            bus.present[usb] = found.usb
        return True

    def _now_tty(self, text: str) -> bool:
        match = _NOW_TTY.match(text)
        if match is None:
            return False
        self._reader.mark("kernel log")
        attached = self._reader.state.bus.attached
        if len(attached) < MOST_ENTRIES:
            attached[match[2]] = self._reader.seen(match[1])
        return True

    def _disconnect(self, text: str) -> bool:
        match = _GONE.match(text)
        if match is not None:
            self._gone(match[1])
        return match is not None

    def _gone(self, port: str) -> None:
        self._reader.mark("kernel log")
        bus = self._reader.state.bus
        usb = bus.ports.pop(port, None)
        if usb is not None:
            bus.present.pop(usb, None)
            bus.devices.pop(usb, None)
        if usb is None or usb.startswith(ids.VENDOR):
            seen = self._reader.seen(usb or "")
            known = bus.left.get(port)
            if known is not None or len(bus.left) < MOST_ENTRIES:
                bus.left[port] = (seen, known[1] + 1 if known else 1)
        bus.drive = None
        bus.attached = {tty: seen for tty, seen in bus.attached.items() if seen.value != port}

    def port_gone(self, text: str) -> None:
        """A driver lets a tty go."""
        if match := _NO_TTY.match(text):
            self._reader.mark("kernel log")
            self._reader.state.bus.attached.pop(match[1], None)
            if self._reader.state.runs:
                self._reader.state.runs[-1].detached = self._reader.seen(match[1])
        else:
            self._watched(text)

    def bound(self, text: str) -> None:
        """A driver's message about an interface: it has it, and there is a device, with or without an id."""
        match = _BOUND.match(text)
        if match is None or "disconnected" in text or "unregister" in text:
            self._watched(text)
            return
        reader, bus = self._reader, self._reader.state.bus
        driver, port, number, net = match.groups()
        reader.mark("kernel log")
        seen = reader.seen(driver)
        if driver != "usb-storage" and (port in bus.drivers or len(bus.drivers) < MOST_ENTRIES):
            bus.drivers[port] = seen
        usb = bus.ports.get(port)
        if net and len(bus.nets) < MOST_ENTRIES:
            bus.nets[net] = usb or ""
        if (hardware := _HARDWARE.search(text)) and len(bus.hardware) < MOST_ENTRIES:
            bus.hardware[hardware[1].replace(":", "").lower()] = seen
        if usb is not None and (device := bus.devices.get(usb)) is not None:
            device.interface(int(number)).driver = seen
        if _LIKELY.search(text):
            self._watched(text)

    def verbose(self, text: str) -> None:
        """lsusb -v: the numbers of an interface, below the line that names the device."""
        match = _VERBOSE.match(text)
        addresses = self._reader.state.bus.addresses
        if match is None or not addresses:
            return
        self._reader.mark("lsusb -v")
        usb = list(addresses.values())[-1]
        self._collect(usb, match[1], f"{int(match[2]) & 0xFF:02x}")

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
        if len(self._numbers) == 4 and (found := self._device(usb)) is not None:
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
        self._described = self._device(usb)
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
