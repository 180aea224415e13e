# SPDX-License-Identifier: MIT
"""The usbredir connection of one stick: hello, plug and unplug, transfers, mode switch. No I/O of its own.

Octets of the host go in by `receive`, octets for it come out of `take_output`; `poll` takes the time.
Facts that QEMU depends on: interface and endpoint tables go before device_connect and again after each
change of configuration or setting; a bulk IN request waits until there is data; after device_disconnect
nothing may be plugged before the acknowledgement.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from modem_image.bench.stick import redir_encoder, usbredir
from modem_image.bench.stick.descriptors import EndpointType
from modem_image.bench.stick.events import Emit
from modem_image.bench.stick.usb import Device, Setup
from modem_image.bench.stick.usbredir import BulkPacket, Capability, Status

HIGH_SPEED = 2
"""Of every stick, at whatever speed it was recorded: QEMU's EHCI rejects a device of full speed ("speed
mismatch"), where a real port of i.MX 7 has a translator. The descriptors stay."""
MAX_QUEUED = 1 << 20
"""Octets that wait for the host on one endpoint; what comes on top is lost, as in a stick's own buffers."""
MAX_PENDING = 256
"""Bulk IN requests of the host that may wait on one endpoint."""
MAX_TRANSFERS = 4096
"""Transfers that wait for the host on one endpoint."""


class Stage(enum.Enum):
    """Where the plug is."""

    WAITING_FOR_HELLO = "waiting for hello"
    UNPLUGGED = "unplugged"
    PLUGGED = "plugged"
    WAITING_FOR_ACK = "waiting for the acknowledgement of a disconnect"
    REJECTED = "rejected by the host's filter"


Switch = Callable[[str], None]


class DeviceSource(Protocol):
    """What the link plugs in: the stick, which makes the device of each mode. Delays in seconds."""

    @property
    def detach_delay_s(self) -> float: ...

    @property
    def attach_delay_s(self) -> float: ...

    def power_on(self, emit: Emit, switch: Switch) -> Device:
        """A fresh stick in its start mode. The device calls `switch` to come back in another mode."""
        ...

    def switched(self, mode: str, emit: Emit, switch: Switch) -> Device:
        """The same stick in another mode."""
        ...


@dataclass
class _Pipe:
    """An IN endpoint: transfers that wait for the host, and requests of the host that wait for data."""

    queue: deque[bytes] = field(default_factory=deque)
    queued: int = 0
    requests: deque[BulkPacket] = field(default_factory=deque)
    polled: bool = False

    def put(self, data: bytes) -> None:
        if self.queued + len(data) <= MAX_QUEUED and len(self.queue) < MAX_TRANSFERS:
            self.queue.append(data)
            self.queued += len(data)

    def take(self, length: int | None = None) -> bytes:
        """The next transfer, or its first `length` octets."""
        data = self.queue.popleft()
        if length is not None and len(data) > length:
            self.queue.appendleft(data[length:])
            data = data[:length]
        self.queued -= len(data)
        return data


class Link:
    """One connection to the host's side, for one stick at a time."""

    def __init__(self, source: DeviceSource, emit: Emit, *, plugged: bool = True) -> None:
        self.stage = Stage.WAITING_FOR_HELLO
        self._source = source
        self._emit = emit
        self._wanted = plugged
        self._now = 0.0
        self._decoder = usbredir.Decoder()
        self._encoder = redir_encoder.Encoder()
        self._output = bytearray(redir_encoder.hello())
        self._device: Device | None = None
        self._pipes: dict[int, _Pipe] = {}
        self._switch_to: str | None = None
        self._detach_at: float | None = None
        self._attach_at: float | None = None

    def take_output(self) -> bytes:
        """Octets for the host, once."""
        output = bytes(self._output)
        self._output.clear()
        return output

    # --- Plugging ---

    def plug(self) -> None:
        """Put the stick in, in its start mode. No effect while it is in."""
        self._wanted = True
        if self.stage is Stage.UNPLUGGED and self._attach_at is None:
            self._attach_at = self._now

    def unplug(self) -> None:
        """Pull the stick out; its state is lost. No effect while it is out."""
        self._wanted = False
        self._switch_to = self._attach_at = None
        if self.stage is Stage.PLUGGED:
            self._detach()

    def fall_back(self) -> None:
        """The stick resets itself: it goes, and comes back in its start mode. No effect while it is out."""
        if self.stage is Stage.PLUGGED:
            self._switch_to = None
            self._detach()

    def poll(self, now: float) -> None:
        """Do what is due at `now` (seconds of any steady clock)."""
        self._now = now
        if self._detach_at is not None and now >= self._detach_at:
            self._detach()
        if self._attach_at is not None and now >= self._attach_at:
            self._attach()
        if self._device is not None:
            self._device.poll(now)
            self._collect(self._device)

    def deadline(self) -> float | None:
        """When `poll` has something to do next."""
        device = self._device.deadline() if self._device is not None else None
        return min((t for t in (self._detach_at, self._attach_at, device) if t is not None), default=None)

    def _attach(self) -> None:
        mode, self._switch_to = self._switch_to, None
        self._attach_at = None
        if mode is None:
            device = self._source.power_on(self._emit, self._switch)
        else:
            device = self._source.switched(mode, self._emit, self._switch)
        self._device = device
        self._pipes = {}
        self.stage = Stage.PLUGGED
        description = device.description
        self._tables(device)
        self._output += self._encoder.device_connect(
            HIGH_SPEED,
            description.class_triple,
            description.vendor,
            description.product,
            description.bcd_device,
        )
        self._emit("attached", mode=device.mode, usb=description.usb_id)

    def _detach(self) -> None:
        device, self._device = self._device, None
        self._detach_at = None
        self._pipes = {}
        self._output += self._encoder.device_disconnect()
        if device is not None:
            self._emit("detached", mode=device.mode, usb=device.description.usb_id)
        if Capability.DEVICE_DISCONNECT_ACK in self._decoder.common:
            self.stage = Stage.WAITING_FOR_ACK
        else:
            self._unplugged()

    def _unplugged(self) -> None:
        self.stage = Stage.UNPLUGGED
        if self._wanted:
            self._attach_at = self._now + self._source.attach_delay_s

    def _switch(self, mode: str) -> None:
        """A device asks to come back in another mode: it leaves after a moment, as a real one does."""
        self._switch_to = mode
        self._detach_at = self._now + self._source.detach_delay_s

    # --- The host's packets ---

    def receive(self, data: bytes) -> None:
        """Take octets of the host. Raises ProtocolError; the connection is then of no further use."""
        for message in self._decoder.feed(data):
            self._message(message)

    def _message(self, message: usbredir.Message) -> None:
        match message:
            case usbredir.Hello():
                self._encoder = redir_encoder.Encoder(self._decoder.common)
                self.stage = Stage.UNPLUGGED
                if self._wanted:
                    self._attach()
            case usbredir.DisconnectAck():
                if self.stage is Stage.WAITING_FOR_ACK:
                    self._unplugged()
            case usbredir.Filter(rejected=rejected):
                if rejected:
                    self._rejected()
            case _ if self._device is not None:
                device = self._device
                self._to_device(device, message)
                self._collect(device)

    def _rejected(self) -> None:
        self._emit("protocol-error", layer="usbredir", message="the host's filter refuses this device")
        self._device = None
        self._wanted = False
        self.stage = Stage.REJECTED

    def _to_device(self, device: Device, message: usbredir.Message) -> None:
        match message:
            case usbredir.ControlPacket():
                self._control(device, message)
            case usbredir.BulkPacket():
                self._bulk(device, message)
            case usbredir.InterruptPacket(id=id_, endpoint=endpoint, data=data):
                status = Status.SUCCESS if device.data_out(endpoint, data) else Status.STALL
                self._output += self._encoder.interrupt(endpoint, status, b"", id_)
            case usbredir.InterruptReceiving():
                self._interrupt_receiving(device, message)
            case usbredir.CancelData(id=id_):
                self._cancel(id_)
            case _:
                self._setting(device, message)

    def _setting(self, device: Device, message: usbredir.Message) -> None:
        encoder = self._encoder
        match message:
            case usbredir.Reset():
                device.reset()
                self._pipes = {}
            case usbredir.SetConfiguration(id=id_, value=value):
                status = Status.SUCCESS if device.set_configuration(value) else Status.STALL
                self._tables(device)
                self._output += encoder.configuration_status(id_, status, device.configuration)
            case usbredir.GetConfiguration(id=id_):
                self._output += encoder.configuration_status(id_, Status.SUCCESS, device.configuration)
            case usbredir.SetAlternate(id=id_, interface=interface, alternate=alternate):
                status = Status.SUCCESS if device.set_alternate(interface, alternate) else Status.STALL
                self._tables(device)
                current = device.alternate(interface)
                self._output += encoder.alt_setting_status(id_, status, interface, current)
            case usbredir.GetAlternate(id=id_, interface=interface):
                current = device.alternate(interface)
                self._output += encoder.alt_setting_status(id_, Status.SUCCESS, interface, current)
            case usbredir.IsoStream(id=id_, endpoint=endpoint):
                self._output += encoder.iso_stream_status(id_, Status.INVALID, endpoint)

    def _tables(self, device: Device) -> None:
        interfaces = device.active_interfaces()
        self._output += self._encoder.interface_info(
            [redir_encoder.InterfaceEntry(i.number, i.class_, i.subclass, i.protocol) for i in interfaces]
        )
        self._output += self._encoder.ep_info(
            [
                redir_encoder.EndpointEntry(e.address, e.kind, e.interval, i.number, e.max_packet)
                for i in interfaces
                for e in i.endpoints
            ]
        )

    # --- Transfers ---

    def _control(self, device: Device, packet: usbredir.ControlPacket) -> None:
        setup = Setup(packet.request_type, packet.request, packet.value, packet.index, packet.length)
        answer = device.control(setup, packet.data)
        if answer is None:
            self._output += self._encoder.control(packet, Status.STALL)
        else:
            self._output += self._encoder.control(packet, Status.SUCCESS, answer if setup.is_in else None)

    def _bulk(self, device: Device, packet: BulkPacket) -> None:
        if packet.endpoint & 0x80:
            self._request_in(device, packet)
            return
        taken = device.data_out(packet.endpoint, packet.data)
        status = Status.SUCCESS if taken else Status.STALL
        self._output += self._encoder.bulk(packet, status, packet.length if taken else 0)

    def _request_in(self, device: Device, packet: BulkPacket) -> None:
        if device.is_stalled(packet.endpoint):
            self._output += self._encoder.bulk(packet, Status.STALL, 0)
            return
        requests = self._pipe(packet.endpoint).requests
        if len(requests) >= MAX_PENDING:
            raise usbredir.ProtocolError(f"more than {MAX_PENDING} requests wait on one endpoint")
        requests.append(packet)

    def _cancel(self, id_: int) -> None:
        for pipe in self._pipes.values():
            for packet in pipe.requests:
                if packet.id == id_:
                    pipe.requests.remove(packet)
                    self._output += self._encoder.bulk(packet, Status.CANCELLED, 0)
                    return

    def _interrupt_receiving(self, device: Device, message: usbredir.InterruptReceiving) -> None:
        known = any(
            endpoint.address == message.endpoint and endpoint.kind == EndpointType.INTERRUPT
            for interface in device.active_interfaces()
            for endpoint in interface.endpoints
        )
        if known:
            self._pipe(message.endpoint).polled = message.start
        status = Status.SUCCESS if known else Status.INVALID
        self._output += self._encoder.interrupt_receiving_status(message.id, status, message.endpoint)

    def _pipe(self, endpoint: int) -> _Pipe:
        return self._pipes.setdefault(endpoint, _Pipe())

    def _collect(self, device: Device) -> None:
        """Move what the device wants to send into its pipes, and serve the requests that wait there."""
        while device.outgoing:
            transfer = device.outgoing.popleft()
            self._pipe(transfer.endpoint).put(transfer.data)
        for endpoint, pipe in self._pipes.items():
            self._serve(device, endpoint, pipe)

    def _serve(self, device: Device, endpoint: int, pipe: _Pipe) -> None:
        if pipe.requests and device.is_stalled(endpoint):
            while pipe.requests:
                self._output += self._encoder.bulk(pipe.requests.popleft(), Status.STALL, 0)
        while pipe.polled and pipe.queue:
            self._output += self._encoder.interrupt(endpoint, Status.SUCCESS, pipe.take())
        while pipe.requests and pipe.queue:
            request = pipe.requests.popleft()
            data = pipe.take(request.length)
            self._output += self._encoder.bulk(request, Status.SUCCESS, len(data), data)
