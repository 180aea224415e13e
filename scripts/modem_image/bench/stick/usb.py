# SPDX-License-Identifier: MIT
"""USB 2.0 devices: standard requests, and functions behind interfaces.

A `Device` is described by data (`DeviceDescription`) and does its work through `Function` objects, one
an interface. It is plain bytes in, bytes out: what it wants to send waits in `outgoing`.
Source: USB 2.0 specification, chapter 9 (tables 9-2 to 9-4).
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from modem_image.bench.stick.descriptors import (
    DIRECTION_IN,
    Configuration,
    DescriptorType,
    DeviceDescription,
    Interface,
)
from modem_image.bench.stick.events import Emit


class Request(enum.IntEnum):
    """Standard requests (table 9-4)."""

    GET_STATUS = 0
    CLEAR_FEATURE = 1
    SET_FEATURE = 3
    GET_DESCRIPTOR = 6


ENDPOINT_HALT = 0
TO_DEVICE, TO_INTERFACE, TO_ENDPOINT = 0x00, 0x01, 0x02
RECIPIENT_MASK = 0x1F
TYPE_MASK = 0x60


@dataclass(frozen=True)
class Setup:
    """The eight octets of a control request (table 9-2)."""

    request_type: int
    request: int
    value: int
    index: int
    length: int

    @property
    def is_in(self) -> bool:
        return bool(self.request_type & DIRECTION_IN)

    @property
    def is_standard(self) -> bool:
        return not self.request_type & TYPE_MASK

    @property
    def recipient(self) -> int:
        return self.request_type & RECIPIENT_MASK


SendIn = Callable[[int, bytes], None]


class Function:
    """What one interface does. Subclasses override what they need; the defaults refuse or ignore."""

    def __init__(self, interface: int) -> None:
        self.interface = interface
        self._send_in: SendIn | None = None

    def bind(self, send_in: SendIn) -> None:
        """The device that owns this function gives it the way out."""
        self._send_in = send_in

    def send(self, endpoint: int, data: bytes) -> None:
        """Queue one IN transfer. Without a device there is nobody to send to."""
        if self._send_in is not None:
            self._send_in(endpoint, data)

    def control(self, _setup: Setup, _data: bytes) -> bytes | None:
        """A class or vendor request to this interface: data for IN, empty for OUT, None to stall."""
        return None

    def data_out(self, _endpoint: int, _data: bytes) -> bool:
        """OUT data; False stalls the endpoint."""
        return True

    def alternate_selected(self, _alternate: int) -> None:
        """SET_INTERFACE chose this alternate setting (also called with 0 on SET_CONFIGURATION)."""

    def reset(self) -> None:
        """The bus was reset."""

    def endpoint_cleared(self, _endpoint: int) -> None:
        """CLEAR_FEATURE(ENDPOINT_HALT) on an endpoint of this interface."""

    def stalled(self) -> Iterable[int]:
        """Endpoints that are halted now."""
        return ()

    def poll(self, _now: float) -> None:
        """Time has come for what `deadline` announced; also called before input is handled."""

    def deadline(self) -> float | None:
        """When `poll` has something to do, in the clock of `poll`; None: nothing is planned."""
        return None


@dataclass(frozen=True)
class Transfer:
    """One IN transfer that waits for the host to ask for it."""

    endpoint: int
    data: bytes


def _by_interface(functions: Sequence[Function]) -> dict[int, Function]:
    return {function.interface: function for function in functions}


@dataclass
class _State:
    configuration: int = 0
    alternates: dict[int, int] = field(default_factory=dict)


class Device:
    """A device in the state that the host has brought it to."""

    def __init__(
        self,
        mode: str,
        description: DeviceDescription,
        functions: Sequence[Function],
        emit: Emit,
        others: Mapping[int, Sequence[Function]] | None = None,
    ) -> None:
        """`others`: the functions of configurations that have their own, by the configuration's value."""
        self.mode = mode
        self.description = description
        self.outgoing: deque[Transfer] = deque()
        self._default = _by_interface(functions)
        self._others = {value: _by_interface(found) for value, found in (others or {}).items()}
        self._emit = emit
        self._state = _State()
        for function in self._every_function():
            function.bind(self._queue)

    @property
    def _functions(self) -> dict[int, Function]:
        """Those of the chosen configuration."""
        return self._others.get(self.configuration, self._default)

    def _every_function(self) -> Iterable[Function]:
        for functions in (self._default, *self._others.values()):
            yield from functions.values()

    def _queue(self, endpoint: int, data: bytes) -> None:
        self.outgoing.append(Transfer(endpoint, bytes(data)))

    # --- State ---

    @property
    def configuration(self) -> int:
        return self._state.configuration

    def alternate(self, interface: int) -> int:
        return self._state.alternates.get(interface, 0)

    def active_interfaces(self) -> tuple[Interface, ...]:
        """The interfaces of the configuration (the first one, before the choice), each in its setting."""
        chosen = self._configuration(self.configuration) or self.description.configurations[0]
        return tuple(i for i in chosen.interfaces if i.alternate == self.alternate(i.number))

    def _configuration(self, value: int) -> Configuration | None:
        return next((c for c in self.description.configurations if c.value == value), None)

    def reset(self) -> None:
        """Bus reset: back to the address state."""
        self._state = _State()
        self.outgoing.clear()
        for function in self._every_function():
            function.reset()

    def set_configuration(self, value: int) -> bool:
        """Value 0 unconfigures. False if there is no such configuration."""
        if value != 0 and self._configuration(value) is None:
            return False
        self._state = _State(configuration=value)
        if value != 0:
            self._emit("configured", mode=self.mode, usb=self.description.usb_id, value=value)
        for function in self._functions.values():
            function.alternate_selected(0)
        return True

    def set_alternate(self, interface: int, alternate: int) -> bool:
        """False if the chosen configuration has no such setting."""
        chosen = self._configuration(self.configuration)
        if chosen is None or not any(
            i.number == interface and i.alternate == alternate for i in chosen.interfaces
        ):
            return False
        self._state.alternates[interface] = alternate
        if interface in self._functions:
            self._functions[interface].alternate_selected(alternate)
        return True

    # --- Transfers ---

    def control(self, setup: Setup, data: bytes) -> bytes | None:
        """The data stage of an IN request (at most `setup.length` octets), b"" for OUT, or None to stall."""
        answer = self._standard(setup) if setup.is_standard else self._class_request(setup, data)
        return answer if answer is None else answer[: setup.length]

    def data_out(self, endpoint: int, data: bytes) -> bool:
        """OUT data of a bulk or interrupt endpoint; False stalls."""
        function = self._owner(endpoint)
        if function is None or endpoint in function.stalled():
            return False
        return function.data_out(endpoint, data)

    def is_stalled(self, endpoint: int) -> bool:
        """Whether a transfer on this endpoint stalls now: it is halted, or absent in this setting."""
        function = self._owner(endpoint)
        return function is None or endpoint in function.stalled()

    def poll(self, now: float) -> None:
        for function in self._functions.values():
            function.poll(now)

    def deadline(self) -> float | None:
        return min((d for f in self._functions.values() if (d := f.deadline()) is not None), default=None)

    def _owner(self, endpoint: int) -> Function | None:
        for interface in self.active_interfaces():
            if any(e.address == endpoint for e in interface.endpoints):
                return self._functions.get(interface.number)
        return None

    # --- Requests ---

    def _class_request(self, setup: Setup, data: bytes) -> bytes | None:
        if setup.recipient != TO_INTERFACE or setup.index & 0xFF not in self._functions:
            return None
        return self._functions[setup.index & 0xFF].control(setup, data)

    def _standard(self, setup: Setup) -> bytes | None:
        if setup.request == Request.GET_DESCRIPTOR and setup.is_in and setup.recipient == TO_DEVICE:
            return self._descriptor(setup.value >> 8, setup.value & 0xFF)
        if setup.request == Request.GET_STATUS and setup.is_in:
            return self._status(setup)
        if setup.request == Request.CLEAR_FEATURE and setup.request_type == TO_ENDPOINT:
            return self._clear_halt(setup)
        if setup.request in (Request.CLEAR_FEATURE, Request.SET_FEATURE) and not setup.is_in:
            return b""
        return None

    def _descriptor(self, kind: int, index: int) -> bytes | None:
        if kind == DescriptorType.DEVICE:
            return self.description.descriptor()
        if kind == DescriptorType.CONFIGURATION:
            configurations = self.description.configurations
            return configurations[index].descriptor() if index < len(configurations) else None
        if kind == DescriptorType.STRING:
            return self.description.string(index)
        if kind == DescriptorType.DEVICE_QUALIFIER:
            return self.description.qualifier()
        return None

    def _status(self, setup: Setup) -> bytes | None:
        if setup.recipient != TO_ENDPOINT or setup.index & 0x0F == 0:
            return b"\0\0"
        return bytes((self.is_stalled(setup.index & 0xFF), 0))

    def _clear_halt(self, setup: Setup) -> bytes | None:
        if setup.value != ENDPOINT_HALT:
            return None
        function = self._owner(setup.index & 0xFF)
        if function is not None:
            function.endpoint_cleared(setup.index & 0xFF)
        return b""
