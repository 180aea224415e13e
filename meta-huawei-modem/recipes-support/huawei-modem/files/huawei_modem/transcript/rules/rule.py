# SPDX-License-Identifier: MIT
"""What a rule is, and what it sees of a history."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from huawei_modem.database import Database
from huawei_modem.report import Evidence, Finding
from huawei_modem.transcript import ids
from huawei_modem.transcript.model import Device, Interface, Seen, State
from huawei_modem.transcript.readers.dialogue import PIN_SENT

Judgement = Sequence[Finding] | None
"""Findings; none for a state that is right; None where the state does not show enough to judge."""

HILINK_NET = "192.168.8."
"""The network of Huawei's HiLink sticks, as delivered."""
_OVER_MODEM = ("ppp", "ww", "3g-", "4g-", "lte")


@dataclasses.dataclass(frozen=True)
class View:
    """One state, and the states of the same system before it."""

    state: State
    earlier: tuple[State, ...]
    database: Database
    words: frozenset[str] = frozenset()
    """What the prose names: History.words."""
    named: tuple[str, ...] = ()
    """Ids of Huawei's in sentences."""
    now: Seen[str] | None = None
    """The id that the stick has come to, as the prose says."""

    def became(self, device: Device) -> bool:
        """Whether the text says, after it showed the device, that its id is another one now."""
        now, (source, _text, line) = self.now, device.usb.place
        return (
            now is not None
            and now.value != device.usb.value
            and now.place[0] == source
            and now.place[2] >= line
        )

    def sticks(self) -> list[Device]:
        """Huawei's devices that the latest look at the bus showed."""
        bus = self.state.bus
        present = bus.present if bus.present else bus.devices
        return [found for usb, found in bus.devices.items() if usb in present and _is_huawei(usb)]

    def known_stick(self) -> Device | None:
        """The stick that is there, or that was there when the text last showed the bus."""
        for state in (self.state, *reversed(self.earlier)):
            found = View(state, (), self.database).sticks()
            if found:
                return found[-1]
        return None

    def others(self) -> list[Seen[str]]:
        """Modems of other makers on the bus."""
        bus = self.state.bus
        known = {**{usb: found.usb for usb, found in bus.devices.items()}, **bus.present}
        return [seen for usb, seen in known.items() if ids.maker_of(usb, self.name(usb))]

    def name(self, usb: str) -> str:
        """What lsusb calls the device."""
        found = self.state.bus.devices.get(usb)
        return found.name if found is not None else ""

    def maker(self) -> Seen[str] | None:
        """The modem's maker as ModemManager names it, where it is another."""
        named = self.state.events_of("=maker")
        return named[-1] if named and "huawei" not in named[-1].value.lower() else None

    def device(self, usb: str) -> Device | None:
        """The device with this id, as this or the latest earlier state shows it."""
        for state in (self.state, *reversed(self.earlier)):
            if usb in state.bus.devices:
                return state.bus.devices[usb]
        return None

    def mode(self, device: Device) -> str | None:
        """storage, modem or router, by the id; else by the interfaces."""
        mode = ids.mode_of(device.usb.value, self.database, device.name)
        if mode == ids.MBIM and ids.may_be_drive(device.usb.value) and self._only_drive(device):
            return ids.STORAGE  # one id for both, and a drive is all that is there
        classes = {item.usb_class for item in self.interfaces(device).values() if item.usb_class}
        if classes == {"08"}:
            return ids.STORAGE
        if mode == ids.STORAGE and classes and "08" not in classes:
            mode = None  # one id for the drive and for what it becomes
        if mode is not None:
            return mode
        return ids.MODEM if "ff" in classes else None

    def _only_drive(self, device: Device) -> bool:
        """Whether a drive was seen, and no network interface of the device since."""
        return bool(self.state.events_of("=drive")) and device.usb.value not in self.state.bus.nets.values()

    def interfaces(self, device: Device) -> dict[int, Interface]:
        """Interfaces of the device with what lsusb -t says about their drivers."""
        joined = dict(device.interfaces)
        bus = self.state.bus
        for address, usb in bus.addresses.items():
            if usb != device.usb.value or address not in bus.tree:
                continue
            for number, item in bus.tree[address].interfaces.items():
                known = joined.get(number, Interface())
                joined[number] = Interface(known.triple, known.usb_class or item.usb_class, item.driver)
        return joined

    def triple(self, device: Device, number: int) -> tuple[tuple[str, str, str] | None, bool]:
        """Class, subclass and protocol of an interface, and whether the text shows them (else: database)."""
        shown = device.interfaces.get(number)
        if shown is not None and shown.triple is not None:
            return shown.triple, True
        known = {
            item.triple
            for _stick, mode in self.database.candidates(device.usb.value)
            for item in mode.interfaces
            if item.number == number
        }
        # Models that share the id may differ here: then the id says nothing.
        return (known.pop(), False) if len(known) == 1 else (None, False)

    def function(self, device: Device, number: int) -> str | None:
        """What the interface is for: modem, pcui, diag, ncm, qmi, storage."""
        triple, _shown = self.triple(device, number)
        return self.database.function_name(*triple) if triple else None

    def ports(self) -> Seen[str] | None:
        """A line that shows a serial port of a modem."""
        for seen in self.state.bus.attached.values():
            return seen
        nodes = self.state.tty_nodes
        if nodes is not None and any(name.startswith(("ttyUSB", "ttyACM")) for name in nodes.value):
            return Seen("ttyUSB", nodes.place)
        for port in self.state.udev_ports.values():
            if port.seen.value.startswith(("ttyUSB", "ttyACM")):
                return port.seen
        started = [item.started for item in self.state.sessions if "/dev/ttyUSB" in item.started.value]
        shown = self.state.events_of("=port-shown")
        return next(iter((*started, *shown)), None)


@dataclasses.dataclass(frozen=True)
class Rule:
    """One judgement, known by the code of its findings."""

    code: str
    judge: Callable[[View], Judgement]
    of_kernel: bool = False
    """It holds for the kernel of its state, and no longer when another one runs."""


def rule(code: str, of_kernel: bool = False) -> Callable[[Callable[[View], Judgement]], Rule]:
    """Makes a function a rule."""
    return lambda judge: Rule(code, judge, of_kernel)


def evidence(*seen: Seen[Any] | None) -> tuple[Evidence, ...]:
    """The lines, without those that are not there, each once."""
    return tuple(dict.fromkeys(item.evidence for item in seen if item is not None))


def signs_of(view: View, code: str) -> list[str]:
    """The signs of a code, each kind, as far as the text shows them."""
    return [name for name in view.state.events if name.partition(":")[0] == code]


def events(view: View, *names: str) -> tuple[Evidence, ...]:
    """The first lines of these signs."""
    return tuple(seen.evidence for seen in view.state.events_of(*names)[:3])


def unbound(view: View, device: Device) -> Iterator[tuple[int, Interface, Seen[str]]]:
    """Interfaces of which the text says that they have no driver."""
    for number, item in sorted(view.interfaces(device).items()):
        if item.driver is not None and not item.driver.value:
            yield number, item, item.driver


def pin_taken(view: View) -> Seen[str] | None:
    """The line in which the modem took the PIN that was sent to it by hand or by a script."""
    ready = [seen for seen in view.state.events_of("=sim-ready") if seen.value == PIN_SENT]
    return ready[-1] if ready else None


def is_link_local(address: str) -> bool:
    """An address that the board gave itself, because nobody else did (RFC 3927)."""
    return address.startswith("169.254.")


def is_modems(view: View, net: str) -> bool:
    """Whether the network interface is a modem's, by its name or by the stick that has it."""
    return net.startswith(_OVER_MODEM) or view.state.bus.nets.get(net, "").startswith(ids.VENDOR)


def is_loaded(view: View, driver: str) -> bool:
    """Whether the text shows that the kernel has the driver."""
    loaded = view.state.loaded
    return driver in view.state.registered or (loaded is not None and driver in loaded.value)


def _is_huawei(usb: str) -> bool:
    return usb.startswith(f"{ids.VENDOR}:")
