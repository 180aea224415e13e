# SPDX-License-Identifier: MIT
"""The serial ports of the modem: AT commands, or PPP while a call is up; and ports that only swallow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from modem_image.bench.stick.at import AtPort, Call
from modem_image.bench.stick.ppp import PppPeer
from modem_image.bench.stick.usb import Function, Setup

SET_CONTROL_LINE_STATE = 0x22
"""CDC PSTN 1.2, 6.3.14; Linux's option driver sends it to Huawei's vendor-specific interfaces too."""
DTR = 1

Dial = Callable[[Call], PppPeer]


@dataclass(frozen=True)
class PeriodicLine:
    """An unsolicited line that a port says every so often while somebody has it open."""

    line: str
    every_s: float


_LAST_WORDS_S = 2.0
"""Seconds from the stick's Terminate-Request to the end of the call, answered or not."""


@dataclass(frozen=True)
class World:
    """What a port learns from its modem: lines that it says by itself, and whether its call has ended.

    `drops` is a count that `ended` gets back later; `worded` fills in a report's {fields}.
    """

    news: Callable[[], Sequence[str]] = tuple
    drops: Callable[[], int] = int
    ended: Callable[[int], bool] = lambda _drops: False
    worded: Callable[[str], str] = str


class SerialPort(Function):
    """An interface that carries an AT port. `dial` makes the network's end of a call.

    `reports` are said while the port is open (DTR), no call is up on it and `reporting` says so.
    """

    def __init__(
        self,
        interface: int,
        bulk_in: int,
        at: AtPort,
        dial: Dial,
        reports: Sequence[PeriodicLine] = (),
        reporting: Callable[[], bool] = lambda: True,
        world: World | None = None,
    ) -> None:
        super().__init__(interface)
        self._bulk_in = bulk_in
        self._at = at
        self._dial = dial
        self._reports = tuple(reports)
        self._reporting = reporting
        self._world = world or World()
        self._drops = 0
        self._ends_at: float | None = None
        self._now = 0.0
        self._due: dict[PeriodicLine, float] = {}
        self._ppp: PppPeer | None = None

    def control(self, setup: Setup, _data: bytes) -> bytes | None:
        if setup.request_type != 0x21 or setup.request != SET_CONTROL_LINE_STATE:
            return None
        if setup.value & DTR:
            for report in self._reports:
                self._due.setdefault(report, self._now + report.every_s)
        else:
            self._due.clear()
            self._hang_up()
        return b""

    def poll(self, now: float) -> None:
        self._now = now
        for report, due in self._due.items():
            if now >= due:
                self._due[report] = now + report.every_s
                if self._ppp is None and self._reporting():
                    self._at.say(self._world.worded(report.line))
        if self._ppp is None:
            for line in self._world.news():
                self._at.say(line)
            self._flush()
        else:
            self._end_of_call(self._ppp, now)

    def _end_of_call(self, ppp: PppPeer, now: float) -> None:
        """A call that the network ends: the stick says so in PPP, and hangs up when nobody listens."""
        if self._ends_at is None and self._world.ended(self._drops):
            self._ends_at = now + _LAST_WORDS_S
            self.send(self._bulk_in, ppp.network_ends())
        if self._ends_at is not None and now >= self._ends_at:
            self._at.say("NO CARRIER")
            self._hang_up()

    def deadline(self) -> float | None:
        ends = () if self._ends_at is None else (self._ends_at,)
        return min((*self._due.values(), *ends), default=None)

    def data_out(self, _endpoint: int, data: bytes) -> bool:
        if self._ppp is None:
            data = self._commands(data)
        if self._ppp is not None and data:
            self._call(self._ppp, data)
        return True

    def reset(self) -> None:
        self._due.clear()
        self._hang_up()

    def _commands(self, data: bytes) -> bytes:
        """Feed the AT port; what follows a dial command in the same transfer is of the call."""
        rest = self._at.feed(data)
        self._flush()
        if self._at.call is not None:
            self._ppp = self._dial(self._at.call)
            self._drops, self._ends_at = self._world.drops(), None
        return rest

    def _call(self, ppp: PppPeer, data: bytes) -> None:
        answer = ppp.receive(data)
        if answer:
            self.send(self._bulk_in, answer)
        if ppp.dead:
            self._at.say("NO CARRIER")
            self._hang_up()

    def _hang_up(self) -> None:
        if self._ppp is not None:
            self._ppp.carrier_lost()
        self._ppp = self._ends_at = None
        self._at.hang_up()
        self._flush()

    def _flush(self) -> None:
        output = self._at.take_output()
        if output:
            self.send(self._bulk_in, output)


class SilentPort(Function):
    """An interface that takes everything and says nothing, such as the diagnosis port."""

    def control(self, setup: Setup, _data: bytes) -> bytes | None:
        is_line_state = setup.request_type == 0x21 and setup.request == SET_CONTROL_LINE_STATE
        return b"" if is_line_state else None
