# SPDX-License-Identifier: MIT
"""The bench's emulated modem and network behind ptys and a TAP device, in one thread."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import struct
import threading
import time
from dataclasses import replace
from typing import Any

from modem_image.bench.stick.air import Air
from modem_image.bench.stick.at import AtPort, Call, Reply, Row, look_up
from modem_image.bench.stick.data import load
from modem_image.bench.stick.events import Event, emitter
from modem_image.bench.stick.modem import Modem
from modem_image.bench.stick.network import Ethernet, Network
from modem_image.bench.stick.ppp import PppPeer
from modem_image.bench.stick.serial import SerialPort
from modem_image.bench.stick.stick import ppp_settings, settings_from, world_of

PROFILE = "ms2372h"
"""Every mocked stick answers AT commands as this one does, unless a test names another."""

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
_TICK_S = 0.2


class _Overridden:
    """The modem behind the ports, with some of its answers replaced."""

    def __init__(self, modem: Modem, rows: list[Row]) -> None:
        self._modem = modem
        self._rows = rows

    def execute(self, port: str, command: str) -> Reply:
        row = look_up(self._rows, command)
        return self._modem.execute(port, command) if row is None else row.reply(self._modem.fields())


class Emulation:
    """One modem with its ports and its network. `settings` are those of StickSettings, as text.

    `subscriber` is another IMSI than the bench's, whose first digits name the network too. A TAP device
    carries frames while AT^NDISDUP has a call up, or always when `always_up` (a router). `replies` come
    before the modem's own: command (regular expression, without AT), lines, final code. `profile` has the
    modem and the network, that is its addresses.
    """

    def __init__(
        self,
        settings: dict[str, Any],
        always_up: bool = False,
        subscriber: str | None = None,
        replies: list[Any] | None = None,
        profile: str = PROFILE,
    ) -> None:
        self.events: list[Event] = []
        self._emit = emitter(self.events.append)
        self._data = load(profile)
        modem = self._data.modem
        if subscriber is not None:
            sim = replace(modem.sim, imsi=subscriber)
            modem = replace(modem, sim=sim, plmn=subscriber[: 3 + sim.mnc_length])
        self._settings = settings_from(settings)
        self._always_up = always_up
        self.air = Air()
        self._network = Network(self._data.network, self._emit, self.air)
        self._modem = Modem(
            modem,
            sim=self._settings.sim,
            pin=self._settings.pin,
            registration=self._settings.registration,
            emit=self._emit,
            air=self.air,
        )
        rows = [Row(re.compile(command), tuple(lines), final) for command, lines, final in replies or ()]
        self._interpreter = _Overridden(self._modem, rows)
        self._at: dict[str, tuple[AtPort, int]] = {}
        self._ports: dict[int, SerialPort | None] = {}
        self._tap: tuple[int, Ethernet] | None = None
        self._thread: threading.Thread | None = None
        self._stopping = False

    def port(self, name: str, descriptor: int) -> None:
        """Puts the port called `name` (pcui, modem, ...) on a pty's master; any other name is silent."""
        os.set_blocking(descriptor, False)
        if name not in ("pcui", "modem"):
            self._ports[descriptor] = None
            return
        at = AtPort(name, self._interpreter, self._emit)
        self._at[name] = at, descriptor
        serial = SerialPort(0, 0, at, self._dial, world=world_of(self._modem, name))
        serial.bind(lambda _endpoint, data: _write(descriptor, data))
        self._ports[descriptor] = serial

    def say(self, name: str, line: str) -> None:
        """An unsolicited line on a port."""
        at, descriptor = self._at[name]
        at.say(line)
        _write(descriptor, at.take_output())

    def network(self, name: str) -> None:
        """Makes the network device called `name`: the kernel's own TAP, in this network namespace."""
        descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        request = struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI)
        fcntl.ioctl(descriptor, TUNSETIFF, request)
        self._tap = descriptor, Ethernet(self._network, self._emit)

    def start(self) -> None:
        """Begins to answer."""
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread; the devices are the caller's."""
        self._stopping = True
        if self._thread is not None:
            self._thread.join(5)
        if self._tap is not None:
            os.close(self._tap[0])

    def _serve(self) -> None:
        while not self._stopping:
            waiting = [*self._ports, *([self._tap[0]] if self._tap else [])]
            ready, _, _ = select.select(waiting, [], [], _TICK_S)
            for serial in self._ports.values():
                if serial is not None:
                    serial.poll(time.monotonic())
            closed = [item for item in ready if not self._read(item)]
            if closed:  # a pty that nobody has open is always ready
                select.select([], [], [], 0.05)

    def _read(self, descriptor: int) -> bool:
        if self._tap is not None and descriptor == self._tap[0]:
            self._frame(os.read(descriptor, 2048))
            return True
        port = self._ports[descriptor]
        try:
            data = os.read(descriptor, 4096)
        except BlockingIOError:
            return True
        except OSError:  # EIO: closed on the other side, which is what DTR is on a real port
            if port is not None:
                port.reset()
            return False
        if port is not None:
            # Closed and opened again before this thread looked: frames of PPP begin with a flag.
            if data.startswith(b"AT"):
                port.reset()
            port.data_out(0, data)
        return True

    def _frame(self, frame: bytes) -> None:
        assert self._tap is not None
        descriptor, ethernet = self._tap
        if not self._always_up and self._modem.network_port_call is None:
            return
        for answer in ethernet.receive(frame):
            os.write(descriptor, answer)

    def _dial(self, call: Call) -> PppPeer:
        ppp = ppp_settings(self._settings, self._data.network, call)
        return PppPeer(ppp, self._network.receive, self._emit)


def _write(descriptor: int, data: bytes) -> None:
    with contextlib.suppress(OSError):
        os.write(descriptor, data)
