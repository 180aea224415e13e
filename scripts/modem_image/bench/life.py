# SPDX-License-Identifier: MIT
"""What happens to a stick that is online already, again and again; and whether it comes back by itself."""

from __future__ import annotations

import enum
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from modem_image.bench.guest import Guest
from modem_image.bench.record import Recorder
from modem_image.bench.stick.air import GOOD_SIGNAL, WEAK_SIGNAL
from modem_image.bench.stick.peer import Peer
from modem_image.bench.stick.stick import Stick
from modem_image.console import waiting
from modem_image.errors import FaultError

_CALLS = r"^(ppp-up|dhcp-lease|address-told|mbim-connected)\b"
_PING_PATIENCE = 60.0
_LOST_WHEN_WEAK = 4
# Linux 6.0 and later (Documentation/ABI/testing/sysfs-bus-usb): every port of every root hub.
_PORTS = "/sys/bus/usb/devices/usb*/[0-9]*-0:1.0/usb*-port*/disable"
_POWER_PATIENCE = 60.0


class Act(enum.Enum):
    """What happens; the values are those of a scenario's `life`."""

    PULL = "pull"
    CUT_POWER = "cut-power"
    RESET = "reset"
    LOSE = "lose"
    DROP = "drop"
    WEAKEN = "weaken"


@dataclass(frozen=True)
class Life:
    """`act` so many `times`; what lasts, lasts for `seconds`."""

    act: Act
    times: int = 1
    seconds: float = 3.0


@dataclass(frozen=True)
class Return:
    """One time. `seconds` from the end of the act until the board could ping again; None: not in time."""

    number: int
    moment: float
    seconds: float | None

    def text(self, life: Life) -> str:
        if self.seconds is None:
            return f"not {self.number} of {life.times}: {life.act.value}, not online again in time"
        return f"ok {self.number} of {life.times}: {life.act.value}, online again after {self.seconds:.1f} s"


@dataclass(frozen=True)
class Around:
    """What an act needs. `check` raises when the board or the stick is gone, `now` is the clock of waits."""

    stick: Stick
    peer: Peer
    recorder: Recorder
    guest: Guest
    check: Callable[[], None]
    now: Callable[[], float]
    patience: float


def live(life: Life, around: Around) -> Iterator[Return]:
    """Each time in turn; ends with the first that does not come back."""
    for number in range(1, life.times + 1):
        with waiting(f"{life.act.value}, {number} of {life.times}, and online again", around.patience):
            calls_anew = _do(life, around)
            begin = time.monotonic()
            end = around.now() + around.patience
            back = _is_back(around, begin if calls_anew else None, end)
        moment = time.monotonic()
        yield Return(number, moment, moment - begin if back else None)
        if not back:
            return


def _do(life: Life, around: Around) -> bool:
    """Whether a new call, or lease, must follow before the board can be online again."""
    peer, air = around.peer, around.stick.air
    match life.act:
        case Act.PULL:
            peer.unplug()
            time.sleep(life.seconds)
            peer.plug()
            return True
        case Act.CUT_POWER:
            _set_power(around, on=False)
            peer.unplug()  # without power a stick is not there, and starts anew as it was bought
            time.sleep(life.seconds)
            _set_power(around, on=True)
            peer.plug()
            return True
        case Act.RESET:
            peer.reset()
            return True
        case Act.LOSE:
            peer.do(lambda: _set(air, covered=False, internet=False))
            time.sleep(life.seconds)
            peer.do(lambda: _set(air, covered=True, internet=True))
            return not around.stick.is_router
        case Act.DROP:
            peer.do(lambda: _set(air, drops=air.drops + 1))
            return not around.stick.is_router
        case Act.WEAKEN:
            peer.do(lambda: _set(air, signal=WEAK_SIGNAL, lost_each=_LOST_WHEN_WEAK))
            time.sleep(life.seconds)
            peer.do(lambda: _set(air, signal=GOOD_SIGNAL, lost_each=0))
            return False


def _set_power(around: Around, *, on: bool) -> None:
    """Switch the board's own USB ports. Raises FaultError where its kernel cannot."""
    command = f"for port in {_PORTS}; do echo {0 if on else 1} >$port || exit 1; done"
    status, said = around.guest.run(command, _POWER_PATIENCE)
    if status:
        raise FaultError(f"the board's kernel cannot switch the power of its USB ports: {said.strip()}")


def _set(air: object, **values: object) -> None:
    for name, value in values.items():
        setattr(air, name, value)


def _is_back(around: Around, calls_since: float | None, end: float) -> bool:
    if calls_since is not None:
        # The call may have been made while the act still lasted.
        left = max(0.0, end - around.now())
        if around.recorder.await_event(_CALLS, left, around.check, around.now, since=calls_since) is None:
            return False
    return ping_until(around, end, lambda status: status == 0)


def ping_until(around: Around, end: float, is_enough: Callable[[int], bool]) -> bool:
    """Ping the stick's network until a ping, by its exit status, is enough; whether one was before `end`."""
    host = around.stick.description.network.host
    while around.now() < end:
        around.check()
        if is_enough(around.guest.run(f"ping -c 1 -W 5 {host} >/dev/null", _PING_PATIENCE)[0]):
            return True
        time.sleep(0.5)
    return False
