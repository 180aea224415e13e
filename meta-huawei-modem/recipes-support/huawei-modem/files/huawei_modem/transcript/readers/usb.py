# SPDX-License-Identifier: MIT
"""USB devices as the kernel's messages tell of them: they come, get drivers, and go."""

from __future__ import annotations

import re

from huawei_modem.transcript import ids, messages
from huawei_modem.transcript.model import MOST_ENTRIES, Leaving
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.readers.listings import MOST_TIERS, device_of
from huawei_modem.transcript.tables import Tables

# Linux before 2.6.35 writes `new device found`, `new full speed USB device using ... and address 4`.
_FOUND = re.compile(
    r"usb ([\d.-]+): (?:New USB|new) device found, idVendor=([0-9a-f]{4}), idProduct=([0-9a-f]{4})"
)
_PRODUCT = re.compile(r"usb ([\d.-]+): (?:Product|Manufacturer): (.{1,40})")
_OLD = re.compile(r"usb ([\d.-]+): device v([0-9a-f]{4}) p([0-9a-f]{4}) is not supported")
"""Kernels with CONFIG_USB_OTG_WHITELIST (drivers/usb/core/otg_whitelist.h)."""
_NEW = re.compile(
    r"usb (\d+-[\d.]+): new \S+(?: \S+)? USB device (?:number (\d+) using|using \S+ and address (\d+))"
)
_GONE = re.compile(r"usb ([\d.-]+): USB disconnect, (?:device number|address) \d+")
_NOW_TTY = re.compile(
    r"usb ([\d.-]+): (?:GSM modem|(?:Qualcomm|Sierra|Novatel) [\w ]{0,20}modem|generic)(?: \(1-port\))? "
    r"converter now attached to (tty\w+)"
)
_ADAPTERS = ("cp210x", "FTDI", "pl2303", "ch341-uart", "ch341", "ark3116", "MCT")
"""First words of what the drivers of serial adapters call themselves."""
_ADAPTER = re.compile(r"usb [\d.-]+: ([\w-]+).{0,30} converter now attached to (ttyUSB\d+)")
_NO_TTY = re.compile(r"\S+ (ttyUSB\d+): GSM modem \(1-port\) converter now disconnected from \1")
_BOUND = re.compile(r"(\S+) ([\d.-]+):\d+\.(\d+)(?: (\w+))?: ")
_HARDWARE = re.compile(r": register '\w+' at .*, ((?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}|\[masked-\d+\])$")
"""usbnet ends its line with the interface's address; one address is masked by one token everywhere."""
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
_CONVERTERS = (
    *("ftdi_sio", "ch341-uart", "ch341", "cp210x", "pl2303", "mct_u232", "ark3116", "oti6858", "spcp8x5"),
    *("io_ti", "io_edgeport", "keyspan", "keyspan_pda", "belkin_sa", "cypress_m8", "mos7720", "mos7840"),
    *("f81232", "f81534", "xr_serial", "whiteheat", "kl5kusb105", "ti_usb_3410_5052"),
)
"""Drivers of converters from USB to a serial port (drivers/usb/serial), and of no USB modem."""
_HUB = re.compile(r"hub ([\d.-]+):1\.0: USB hub found")
_CONVERTED = re.compile(r"\S+ (?:(ttyUSB\d+): |([\d.-]+):\d+\.\d+: )")
_WATCHED = (
    *("Under-voltage", "hwmon", "ofonod:"),
    *(f"{name}:" for name in _DRIVERS if name not in ("usb-storage", "usbserial_generic", "cdc_acm")),
)
_LIKELY = re.compile(r"fail|rror|-19|Zero|ESHUT|device dis")
"""One look that spares most of the drivers' lines the looks at each message."""
_FAILED_URB = re.compile(
    r"(?:\S+ \S+: )?(?:nonzero urb status received: |usb_wwan_\w+: nonzero status: )"
    r"-?(?:71|84|110|32|EPROTO|EILSEQ|ETIMEDOUT|EPIPE)\b.*"
)
"""drivers/usb/class/cdc-wdm.c and serial/usb_wwan.c: the bus, and nothing that was unplugged (-19, -108)."""
_CD = re.compile(r"sr [\d:]+: (?:\[sr\d\] |Attached scsi CD-ROM)")
_SCSI = re.compile(r"scsi [\d:]+: +(?:CD-ROM|Direct-Access) +HUAWEI .*")


class Usb:
    """Reads the messages of usbcore, hubs and drivers."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._watched = messages.watch(reader, "kernel log", "kernel")
        self._numbers_of: dict[str, int] = {}
        """Port to its latest device number."""
        self._leaving: Leaving | None = None
        """What left last."""
        self._freed_at = 0
        """Line where a driver let a port go last."""
        self._freed: dict[str, str] = {}
        """ttys that a driver has let go of a device that is there, and its port."""
        self._messages = {
            "new": self._new_or_found,
            "New": self._found,
            "GSM": self._now_tty,
            "Qualcomm": self._now_tty,
            "Sierra": self._now_tty,
            "Novatel": self._now_tty,
            "generic": self._now_tty,
            **dict.fromkeys(_ADAPTERS, self._adapter),
            "USB": self._disconnect,
            "device": self._listed_by_otg,
            "Product:": self._product,
            "Manufacturer:": self._product,
        }

    def tables(self) -> Tables:
        return Tables(
            kernel={
                "usb": self.message,
                "hub": self.hub_found,
                "option": self.bound,
                "option1": self.port_gone,
                "scsi": self.scsi,
                "sr": self.drive,
                **dict.fromkeys(_WATCHED, self._watched),
                **dict.fromkeys(_DRIVERS, self.bound),
                **dict.fromkeys(_CONVERTERS, self.converter),
            },
        )

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

    def _listed_by_otg(self, text: str) -> bool:
        match = _OLD.match(text)
        return match is not None and self._found_at(match)

    def scsi(self, text: str) -> None:
        """The installer's drive names its maker, on kernels too that print no ids."""
        if _SCSI.fullmatch(text):
            self._reader.mark("kernel log")
            self._reader.state.bus.drive = self._reader.seen(text.strip())

    def drive(self, text: str) -> None:
        """A CD drive speaks: the installer of a stick that is known by its id."""
        if _CD.match(text):
            self._reader.state.add("=drive", self._reader.seen(text))

    def _new(self, text: str) -> bool:
        match = _NEW.match(text)
        if match is None:
            return False
        self._reader.mark("kernel log")
        if len(self._numbers_of) < MOST_ENTRIES:
            self._numbers_of[match[1]] = int(match[2] or match[3])
        self._is_back(match[1], "")
        return True

    def _found(self, text: str) -> bool:
        match = _FOUND.match(text)
        return match is not None and self._found_at(match)

    def _found_at(self, match: re.Match[str]) -> bool:
        """A device came to a port, with its id."""
        self._reader.mark("kernel log")
        bus = self._reader.state.bus
        port, usb = match[1], f"{match[2]}:{match[3]}"
        bus.names.pop(port, None)
        if port.count(".") >= MOST_TIERS:
            return True
        before = bus.ports.get(port)
        self._is_back(port, usb)
        if len(bus.ports) < MOST_ENTRIES:
            bus.ports[port] = usb
            number = self._numbers_of.get(port)
            if number is not None and len(bus.addresses) < MOST_ENTRIES:
                bus.addresses[int(port.partition("-")[0]), number] = usb
        if match[2] == ids.VENDOR or match[2] in ids.KIN:
            self._reader.state.add("=usb-found", self._reader.seen(usb))
        if match[2] == ids.VENDOR and (found := device_of(self._reader, usb)) is not None:
            found.usb = self._reader.seen(usb)
            if before == usb and len(bus.present) == 1 and usb in bus.present:
                bus.present[usb] = found.usb
                return True
            # What stood at this port has gone, and so has a stick that only an older listing names.
            elsewhere = set(bus.ports.values()) - {before}
            for other in [key for key in bus.present if key.startswith(ids.VENDOR) and key not in elsewhere]:
                del bus.present[other]
            bus.present[usb] = found.usb
        elif match[2] in ids.KIN and len(bus.present) < MOST_ENTRIES:
            bus.present[usb] = self._reader.seen(usb)
        elif match[2] in ids.MAKERS:
            device_of(self._reader, usb)
        return True

    def _product(self, text: str) -> bool:
        """The name of a device of a maker of many things tells whether it is a modem."""
        match = _PRODUCT.match(text)
        names = self._reader.state.bus.names
        if match is not None and len(names) < MOST_ENTRIES and match[2] not in names.get(match[1], ""):
            names[match[1]] = f"{names.get(match[1], '')} {match[2]}".strip()[:80]
        device = (
            self._reader.state.bus.devices.get(self._reader.state.bus.ports.get(match[1], ""))
            if match
            else None
        )
        if match is not None and device is not None and match[2] not in device.name:
            device.name = f"{device.name} {match[2]}".strip()[:80]
        return match is not None

    def _now_tty(self, text: str) -> bool:
        match = _NOW_TTY.match(text)
        if match is None:
            return False
        self._reader.mark("kernel log")
        attached = self._reader.state.bus.attached
        if len(attached) < MOST_ENTRIES:
            attached[match[2]] = self._reader.seen(match[1])
        if self._freed.pop(match[2], None) == match[1]:
            self._came_back(match[1])
        return True

    def _came_back(self, port: str) -> None:
        """A port that its driver let go is there again, where no line of the bus says so: once for all."""
        bus = self._reader.state.bus
        left = bus.left.get(port)
        if left is not None and (left.back is None or left.back.place[2] > self._freed_at):
            return
        self._left(port, bus.ports.get(port, ""))
        self._was_used()
        self._is_back(port, bus.ports.get(port, ""))
        self._freed = {tty: at for tty, at in self._freed.items() if at != port}

    def _adapter(self, text: str) -> bool:
        """A serial adapter's port, which is no modem's."""
        match, adapters = _ADAPTER.match(text), self._reader.state.bus.adapters
        if match is not None and len(adapters) < MOST_ENTRIES:
            self._reader.mark("kernel log")
            adapters[match[2]] = self._reader.seen(match[1])
        return match is not None

    def _disconnect(self, text: str) -> bool:
        match = _GONE.match(text)
        if match is not None:
            self._gone(match[1])
        return match is not None

    def _gone(self, port: str) -> None:
        self._reader.mark("kernel log")
        bus = self._reader.state.bus
        usb = bus.ports.pop(port, None)
        name = bus.names.get(port, "")
        if usb is not None:
            bus.present.pop(usb, None)
            bus.devices.pop(usb, None)
        if usb is None or usb.startswith(ids.VENDOR) or ids.maker_of(usb, name):
            self._left(port, usb or "")
        bus.drivers.pop(port, None)
        bus.drive = None
        bus.attached = {tty: seen for tty, seen in bus.attached.items() if seen.value != port}

    def _left(self, port: str, usb: str) -> None:
        bus = self._reader.state.bus
        known = bus.left.get(port)
        if known is None:
            if len(bus.left) >= MOST_ENTRIES:
                return
            known = bus.left[port] = Leaving(self._reader.seen(usb))
        elif usb and known.seen.value == usb and not known.in_use:
            known.unswitched = known.unswitched or known.seen
        known.seen, known.back, known.quiet = self._reader.seen(usb), None, False
        self._reader.state.add("=usb-left", known.seen)
        known.times += 1
        known.ttys = tuple(tty for tty, seen in bus.attached.items() if seen.value == port)
        known.used = bool(known.ttys) or port in bus.drivers
        known.in_use += known.used
        self._leaving = known

    def _let_go(self, port: str) -> None:
        """A driver has lost its device, with no word of the bus that it left."""
        left = self._reader.state.bus.left.get(port)
        if left is not None and left.back is None:
            return
        bus = self._reader.state.bus
        if port in bus.drivers:
            self._left(port, bus.ports.get(port, ""))
            if (known := bus.left.get(port)) is not None:
                # The tty of the first interface goes before its driver says so.
                freed = (tty for tty, at in self._freed.items() if at == port)
                known.quiet, known.ttys = True, (*freed, *known.ttys)
        elif left is None and port not in bus.ports:
            # The text begins in the midst of it: neither the coming nor the leaving is there.
            self._left(port, "")
            self._was_used()

    def converter(self, text: str) -> None:
        """A serial converter speaks: what has just left the bus was no modem."""
        match = _CONVERTED.match(text)
        if match is None:
            return
        reader, bus = self._reader, self._reader.state.bus
        reader.mark("kernel log")
        reader.state.add("=converter", reader.seen(text.partition(" ")[0]))
        port = match[2] or next((at for at, left in bus.left.items() if left is self._leaving), "")
        left = bus.left.get(port)
        if left is not None and left is self._leaving and not left.seen.value:
            del bus.left[port]
            reader.state.events.pop("=usb-left", None)

    def hub_found(self, text: str) -> bool:
        """A hub is at the port: what left it was no modem."""
        if match := _HUB.match(text):
            left = self._reader.state.bus.left.get(match[1])
            if left is not None and not left.in_use and not left.seen.value:
                del self._reader.state.bus.left[match[1]]
        return bool(self._watched(text))

    def _was_used(self, tty: str = "") -> None:
        """A driver lets go what has just left: its tty, or its network interface."""
        left = self._leaving
        if left is None or left.back is not None:
            return
        left.in_use += not left.used
        left.used = True
        if tty and tty not in left.ttys and len(left.ttys) < MOST_ENTRIES:
            left.ttys = (*left.ttys, tty)

    def _is_back(self, port: str, usb: str) -> None:
        """A device is at the port again."""
        left = self._reader.state.bus.left.get(port)
        if left is not None and (left.back is None or not left.back.value):
            left.back = self._reader.seen(usb)

    def port_gone(self, text: str) -> None:
        """A driver lets a tty go."""
        if match := _NO_TTY.match(text):
            self._reader.mark("kernel log")
            seen = self._reader.state.bus.attached.pop(match[1], None)
            if seen is None:
                self._was_used(match[1])
            elif len(self._freed) < MOST_ENTRIES:
                self._freed[match[1]] = seen.value
                self._freed_at = self._reader.line
            if self._reader.state.runs:
                self._reader.state.runs[-1].detached = self._reader.seen(match[1])
        elif not self._urb_failed(text):
            self._watched(text)

    def _urb_failed(self, text: str) -> bool:
        """The bus failed under a driver."""
        if "nonzero" not in text or _FAILED_URB.fullmatch(text) is None:
            return False
        self._reader.mark("kernel log")
        self._reader.state.add("=urb-errors", self._reader.seen(text.strip()))
        return True

    def bound(self, text: str) -> bool:
        """A driver's message."""
        return self._urb_failed(text) or self._bound(text)

    def _bound(self, text: str) -> bool:
        """A driver's message about an interface: it has it, and there is a device, with or without an id."""
        match = _BOUND.match(text)
        if match is not None and "unregister" in text:
            self._was_used()
        if match is not None and text.endswith(": device disconnected"):
            self._let_go(match[2])
        if match is None or "disconnected" in text or "unregister" in text:
            return bool(self._watched(text))
        reader, bus = self._reader, self._reader.state.bus
        driver, port, number, net = match.groups()
        reader.mark("kernel log")
        seen = reader.seen(driver)
        if driver == "usb-storage":
            reader.state.add("=usb-storage", seen)
        elif port in bus.drivers or len(bus.drivers) < MOST_ENTRIES:
            bus.drivers[port] = seen
        usb = bus.ports.get(port)
        self._is_back(port, usb or "")
        if net and len(bus.nets) < MOST_ENTRIES:
            bus.nets[net] = usb or ""
        if (hardware := _HARDWARE.search(text)) and len(bus.hardware) < MOST_ENTRIES:
            bus.hardware[hardware[1].replace(":", "").lower()] = seen
        if usb is not None and (device := bus.devices.get(usb)) is not None:
            device.interface(int(number)).driver = seen
        if _LIKELY.search(text):
            self._watched(text)
        return True
