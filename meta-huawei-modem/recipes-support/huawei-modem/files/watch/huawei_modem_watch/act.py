# SPDX-License-Identifier: MIT
"""Does what was decided: over D-Bus, and at the stick's port in sysfs."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from huawei_modem import facts, sysfs
from huawei_modem.bus import CONNMAN, BusError
from huawei_modem_watch.look import OFONO_UNIT, SYSTEMD, cellular_service, network_devices
from huawei_modem_watch.policy import Action

if TYPE_CHECKING:
    from huawei_modem.bus import Bus

CONNECT_UNIT = "huawei-modem-connect.service"
_CELLULAR = "/net/connman/technology/cellular"
_SERVICE = f"{CONNMAN}.Service"
_ANSWER_S = 3.0
"""ConnMan 1.41 does not answer a Connect that fails; its state says it at the next look."""
_OFF_S = 2.0
_POWERLESS_S = 5.0
_BACK_TRIES = 5


def act(action: Action, bus: Bus, root: Path) -> None:
    """Raises BusError, OSError where it cannot be done."""
    _DO[action](bus, root)


def _connect(bus: Bus, _root: Path) -> None:
    _call_service(bus, "Connect")


def _reconnect(bus: Bus, root: Path) -> None:
    with suppress(BusError):
        _call_service(bus, "Disconnect")
    time.sleep(_OFF_S)
    _connect(bus, root)


def _call_service(bus: Bus, method: str) -> None:
    service = cellular_service(bus)
    if service:
        with suppress(BusError):
            bus.call(CONNMAN, service.path, _SERVICE, method, seconds=_ANSWER_S)


def _hold(bus: Bus, _root: Path) -> None:
    _automatic(bus, False)
    with suppress(BusError):
        _call_service(bus, "Disconnect")


def _release(bus: Bus, _root: Path) -> None:
    _automatic(bus, True)


def _automatic(bus: Bus, wanted: bool) -> None:
    service = cellular_service(bus)
    if service and service.automatic != wanted:
        bus.set_property(CONNMAN, service.path, _SERVICE, "AutoConnect", wanted)


def _cellular(bus: Bus, _root: Path) -> None:
    """Off and on: oFono takes the modem offline, which looks for its network anew."""
    _power(bus, False)
    time.sleep(_OFF_S)
    for left in reversed(range(_BACK_TRIES)):  # never left off: that would be a person's wish
        try:
            _power(bus, True)
            return
        except BusError:
            if not left:
                raise
            time.sleep(_OFF_S)


def _power(bus: Bus, wanted: bool) -> None:
    bus.set_property(CONNMAN, _CELLULAR, f"{CONNMAN}.Technology", "Powered", wanted)


def _restart_ofono(bus: Bus, _root: Path) -> None:
    """And the unit that hands the modem over, which udev starts only when a stick comes."""
    for unit in (OFONO_UNIT, CONNECT_UNIT):
        bus.call(SYSTEMD, "/org/freedesktop/systemd1", f"{SYSTEMD}.Manager", "RestartUnit", unit, "replace")


def _replug(_bus: Bus, root: Path) -> None:
    sticks, route = sysfs.sticks(root), facts.default_route(root)
    # A router beside the modem may be what carries the board's data meanwhile.
    idle = [stick for stick in sticks if route not in network_devices([stick])]
    for stick in idle or sticks:
        # Linux 6.0 and later, where the hub can switch power (Documentation/ABI, sysfs-bus-usb).
        # By the hub's own path: the stick's goes with the stick, and its port would stay off.
        power = (stick / "port" / "disable").resolve()
        if power.exists():
            _off_and_on(power, "1", "0")
        else:
            _off_and_on(stick / "authorized", "0", "1")


def _off_and_on(file: Path, off: str, on: str) -> None:
    file.write_text(off)
    try:
        time.sleep(_POWERLESS_S)
    finally:
        file.write_text(on)


_DO: dict[Action, Callable[[Bus, Path], None]] = {
    Action.CONNECT: _connect,
    Action.RECONNECT: _reconnect,
    Action.CELLULAR: _cellular,
    Action.RESTART_OFONO: _restart_ofono,
    Action.REPLUG: _replug,
    Action.HOLD: _hold,
    Action.RELEASE: _release,
}
