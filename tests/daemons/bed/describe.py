# SPDX-License-Identifier: MIT
"""A stick as the kernel shows it, in umockdev's format, with nothing that udev would add."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from huawei_modem.database import Interface, Mode, load
from modem_image import HELPER
from modem_image.bench.stick.descriptors import (
    Configuration,
    DeviceDescription,
    EndpointType,
)
from modem_image.bench.stick.descriptors import Interface as Descriptor
from modem_image.sticks import database
from modem_image.sticks.recording.model import Endpoint
from modem_image.sticks.schema import from_document

BUS = "/devices/platform/soc/30b20000.usb/ci_hdrc.1/usb1"
SERIAL_DRIVERS = {"option": "ttyUSB", "cdc_acm": "ttyACM"}
NETWORK_DRIVERS = ("huawei_cdc_ncm", "cdc_ncm", "cdc_ether", "cdc_mbim", "qmi_wwan", "rndis_host")
CONTROL_DRIVERS = ("huawei_cdc_ncm", "cdc_mbim", "qmi_wwan")
"""Drivers that make a /dev/cdc-wdm beside the network device."""
WWAN_ETHER = ("12d1:15c1",)
"""Ids that Linux's cdc_ether marks as modems, besides all 02/06/ff of the vendor (its id table)."""
TTY_MAJOR = {"ttyUSB": 188, "ttyACM": 166}

_FAMILY = load().family


def has_driver(interface: Interface) -> bool:
    """Whether mainline's driver lists the interface."""
    return interface.driver is not None and _FAMILY.gap_of(*interface.triple) is None


@dataclass(frozen=True)
class Plugged:
    """A described stick; `device` is its path, `number` its number on the bus.

    `ttys`, `networks` and `controls` name devices by interface number, `paths` are all that it has in /sys.
    """

    text: str
    device: str
    number: int
    ttys: dict[int, str]
    networks: dict[int, str]
    controls: dict[int, str]
    paths: tuple[str, ...]

    def tty_of(self, mode: Mode, function: str) -> str:
        """The serial port of the function, such as ttyUSB2."""
        return next(
            self.ttys[item.number]
            for item in mode.interfaces
            if item.function == function and item.number in self.ttys
        )

    def path_of(self, name: str) -> str:
        """The path in /sys of the device called `name`."""
        return next(path for path in self.paths if path.rsplit("/", 1)[-1] == name)


def plugged(
    mode: Mode,
    *,
    port: str = "1-1",
    number: int = 3,
    first_tty: int = 0,
    first_network: int = 0,
    strings: Sequence[str] = ("HUAWEI", "HUAWEI Mobile", "FFFFFFFFFFFFFFFF"),
    bound: Callable[[Interface], bool] = has_driver,
) -> Plugged:
    """The stick in this mode at `port`, device `number` of bus 1. `bound`: which interfaces have a driver.

    `strings` are manufacturer, product and serial number.
    """
    builder = _Builder(mode, port, number, first_tty, first_network)
    builder.device(strings)
    for interface in mode.interfaces:
        builder.interface(interface, bound(interface))
    return Plugged(
        "\n".join(builder.blocks),
        f"{BUS}/{port}",
        number,
        builder.ttys,
        builder.networks,
        builder.controls,
        tuple(builder.paths),
    )


def unknown(vendor: str, offset: int, pcui: int = 0x12) -> Mode:
    """A stick that is in no database, numbered as one of the brands. `pcui`: 0x02 or 0x12, both are used."""
    document = database.load(HELPER / "modems.toml")[1]
    functions = (("modem", 0x01), ("diag", 0x03), ("pcui", pcui), ("ncm", 0x16))
    interfaces = [
        {"number": number, "class": "ff", "subclass": "02", "protocol": f"{plain + offset:02x}"}
        | {"function": name}
        for number, (name, plain) in enumerate(functions)
    ]
    mode = {"name": "modem", "usb": f"{vendor}:fffe", "source": ["thread"], "confidence": "inferred"}
    stick = {"id": "unknown", "name": "Unknown", "mode": [{**mode, "interfaces": interfaces}]}
    return from_document({**document, "stick": [stick]}).sticks[0].modes[0]


def host() -> str:
    """The host controller and its root hub, once for all sticks."""
    return (
        f"P: {BUS.rsplit('/', 2)[0]}\nE: SUBSYSTEM=platform\nE: DRIVER=imx_usb\n\n"
        f"P: {BUS}\nN: bus/usb/001/001\nE: DEVNAME=/dev/bus/usb/001/001\nE: DEVTYPE=usb_device\n"
        "E: SUBSYSTEM=usb\nE: MAJOR=189\nE: MINOR=0\nE: BUSNUM=001\nE: DEVNUM=001\n"
        "E: PRODUCT=1d6b/2/601\nA: idVendor=1d6b\\n\nA: idProduct=0002\\n\nA: busnum=1\\n\nA: devnum=1\\n\n"
        "A: bConfigurationValue=1\\n\nA: speed=480\\n\n"
        f"H: descriptors={_bytes(_ROOT_HUB)}\n"
    )


def wired(name: str) -> str:
    """The board's own Ethernet port."""
    return (
        f"P: /devices/platform/soc/30be0000.ethernet/net/{name}\n"
        f"E: SUBSYSTEM=net\nE: INTERFACE={name}\nE: IFINDEX=2\nA: ifindex=2\\n\nA: type=1\\n\n"
    )


_ROOT_HUB = DeviceDescription(
    vendor=0x1D6B,
    product=0x0002,
    bcd_device=0x0601,
    strings={},
    configurations=(Configuration(1, (Descriptor(0, 0, 9, 0, 0),)),),
)


def _bytes(description: DeviceDescription) -> str:
    """What /sys/.../descriptors holds, in hexadecimal."""
    parts = [description.descriptor(), *(item.descriptor() for item in description.configurations)]
    return b"".join(parts).hex().upper()


def announced(text: str, driver: str, kind: str = "net") -> str:
    """The description with what udev adds to the event of a network device, or of another kind: umockdev's
    have the kernel's properties alone."""
    added = f"E: SUBSYSTEM={kind}\nE: ID_BUS=usb\nE: ID_USB_DRIVER={driver}"
    return text.replace(f"E: SUBSYSTEM={kind}\n", f"{added}\n")


def escaped(value: str) -> str:
    """An attribute's text as umockdev's format wants it."""
    return value.replace("\\", "\\\\").replace("\n", "\\n")


class _Builder:
    def __init__(self, mode: Mode, port: str, number: int, first_tty: int, first_network: int) -> None:
        self.mode = mode
        self.port = port
        self.number = number
        self.next_tty = first_tty
        self.next_network = first_network
        self.vendor, self.product = mode.usb.split(":")
        self.blocks: list[str] = []
        self.paths: list[str] = []
        self.ttys: dict[int, str] = {}
        self.networks: dict[int, str] = {}
        self.controls: dict[int, str] = {}

    def add(self, path: str, *lines: str, attributes: dict[str, str] | None = None) -> None:
        shown = [f"A: {name}={escaped(value)}\\n" for name, value in (attributes or {}).items()]
        self.blocks.append("\n".join([f"P: {path}", *lines, *shown]) + "\n")
        self.paths.append(path)

    def device(self, strings: Sequence[str]) -> None:
        name = f"bus/usb/001/{self.number:03}"
        self.add(
            f"{BUS}/{self.port}",
            f"N: {name}",
            f"E: DEVNAME=/dev/{name}",
            "E: DEVTYPE=usb_device\nE: SUBSYSTEM=usb\nE: DRIVER=usb\nE: MAJOR=189",
            f"E: MINOR={self.number - 1}",
            f"E: BUSNUM=001\nE: DEVNUM={self.number:03}",
            f"E: PRODUCT={self._product}\nE: TYPE=0/0/0",
            f"H: descriptors={self._descriptors()}",
            attributes={
                "idVendor": self.vendor,
                "idProduct": self.product,
                "bcdDevice": "0102",
                "bDeviceClass": "00",
                "bConfigurationValue": str(self.mode.configuration),
                "bNumConfigurations": str(1 + len(self.mode.configurations)),
                "bNumInterfaces": f"{len(self.mode.interfaces):2}",
                "busnum": "1",
                "devnum": str(self.number),
                "devpath": self.port.partition("-")[2],
                "speed": "480",
                "manufacturer": strings[0],
                "product": strings[1],
                "serial": strings[2],
            },
        )

    @property
    def _product(self) -> str:
        return f"{self.vendor}/{self.product.lstrip('0')}/102"

    def interface(self, item: Interface, is_bound: bool) -> None:
        path = f"{BUS}/{self.port}/{self.port}:{self.mode.configuration}.{item.number}"
        driver = item.driver if is_bound else None
        lines = [
            "E: DEVTYPE=usb_interface\nE: SUBSYSTEM=usb",
            f"E: PRODUCT={self._product}\nE: TYPE=0/0/0",
            "E: INTERFACE=" + "/".join(str(int(part, 16)) for part in item.triple),
            f"E: MODALIAS=usb:v{self.vendor.upper()}p{self.product.upper()}d0102dc00dsc00dp00"
            f"ic{item.usb_class.upper()}isc{item.subclass.upper()}ip{item.protocol.upper()}in{item.number:02X}",
        ]
        if driver:
            lines.append(f"E: DRIVER={driver}")
            lines.append(f"L: driver={'../' * path.count('/')}bus/usb/drivers/{driver}")
        self.add(
            path,
            *lines,
            attributes={
                "bInterfaceNumber": f"{item.number:02x}",
                "bInterfaceClass": item.usb_class,
                "bInterfaceSubClass": item.subclass,
                "bInterfaceProtocol": item.protocol,
                "bAlternateSetting": " 0",
                "bNumEndpoints": "02",
            },
        )
        if driver in SERIAL_DRIVERS:
            self._tty(path, item, driver)
        elif driver in NETWORK_DRIVERS and item.function != "qmi-data":
            self._network(path, item, driver)

    def _tty(self, path: str, item: Interface, driver: str) -> None:
        kind = SERIAL_DRIVERS[driver]
        name, minor = f"{kind}{self.next_tty}", self.next_tty
        self.next_tty += 1
        self.ttys[item.number] = name
        if kind == "ttyUSB":
            path = f"{path}/{name}"
            link = f"L: driver={'../' * path.count('/')}bus/usb-serial/drivers/option1"
            attributes = {"port_number": "0"}
            self.add(path, "E: SUBSYSTEM=usb-serial\nE: DRIVER=option1", link, attributes=attributes)
        major = TTY_MAJOR[kind]
        self.add(
            f"{path}/tty/{name}",
            f"N: {name}\nE: DEVNAME=/dev/{name}\nE: SUBSYSTEM=tty\nE: MAJOR={major}\nE: MINOR={minor}",
            attributes={"dev": f"{major}:{minor}"},
        )

    def _network(self, path: str, item: Interface, driver: str) -> None:
        # usbnet names a device wwan where the driver marks it so (FLAG_WWAN).
        wwan = (
            driver not in ("cdc_ether", "rndis_host") or item.protocol == "ff" or self.mode.usb in WWAN_ETHER
        )
        name = f"{'wwan' if wwan else 'usb'}{self.next_network}"
        self.networks[item.number] = name
        self.add(
            f"{path}/net/{name}",
            f"E: SUBSYSTEM=net\nE: INTERFACE={name}\nE: IFINDEX={10 + self.next_network}"
            + ("\nE: DEVTYPE=wwan" if wwan else ""),
            attributes={"ifindex": str(10 + self.next_network), "address": "02:00:00:00:00:02", "type": "1"},
        )
        if driver in CONTROL_DRIVERS:
            control = f"cdc-wdm{self.next_network}"
            self.controls[item.number] = control
            self.add(
                f"{path}/usbmisc/{control}",
                f"N: {control}\nE: DEVNAME=/dev/{control}\nE: SUBSYSTEM=usbmisc\nE: MAJOR=180\n"
                f"E: MINOR={176 + self.next_network}",
                attributes={"dev": f"180:{176 + self.next_network}"},
            )
        self.next_network += 1

    def _descriptors(self) -> str:
        """What libusb reads: the device and its first configurations, two bulk endpoints an interface."""
        configurations = [
            (self.mode.configuration, self.mode.interfaces),
            *((other.value, other.interfaces) for other in self.mode.configurations),
        ]
        description = DeviceDescription(
            vendor=int(self.vendor, 16),
            product=int(self.product, 16),
            bcd_device=0x0102,
            strings={1: "m", 2: "p", 3: "s"},
            configurations=tuple(
                Configuration(value, tuple(map(_descriptor, interfaces)))
                for value, interfaces in sorted(configurations)
            ),
        )
        return _bytes(description)


def _descriptor(item: Interface) -> Descriptor:
    bulk = EndpointType.BULK
    return Descriptor(
        number=item.number,
        alternate=0,
        class_=int(item.usb_class, 16),
        subclass=int(item.subclass, 16),
        protocol=int(item.protocol, 16),
        endpoints=(
            Endpoint(0x81 + item.number, bulk, 512),
            Endpoint(0x01 + item.number, bulk, 512),
        ),
    )
