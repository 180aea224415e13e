# SPDX-License-Identifier: MIT
"""Takes oFono's modem away for some seconds, and gives it back as it was.

oFono's Lockdown powers a modem down and keeps everyone, ConnMan too, from powering it until the one who
set it lets go or ends (doc/modem-api.txt). So nothing is left behind when this process is killed, except
that the modem stays down until ConnMan or a person powers it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from huawei_modem import daemons
from huawei_modem.bus import OFONO, BusError

if TYPE_CHECKING:
    from huawei_modem.bus import Bus

_MODEM = "org.ofono.Modem"
_SECONDS = 20.0


class BorrowError(Exception):
    """The modem could not be taken or given back; the text says what to do."""


def powered_modems(bus: Bus) -> dict[str, dict[str, Any]]:
    """oFono's powered modems that may be Huawei's, by path: their ports are in use."""
    if not bus.has_owner(OFONO):
        return {}
    powered = [item for item in daemons.modems(bus) if item[1].get("Powered")]
    # oFono names a modem after its driver; another maker's beside a Huawei one is left alone.
    own = [item for item in powered if item[0].startswith("/huawei")]
    return dict(own or powered)


class Borrowed:
    """The modems without oFono, inside a with block."""

    def __init__(
        self,
        bus: Bus,
        modems: dict[str, dict[str, Any]],
        say: Callable[[str], None],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._bus = bus
        self._modems = modems
        self._say = say
        self._sleep = sleep
        self._taken: list[str] = []

    def __enter__(self) -> Borrowed:
        try:
            for path in self._modems:
                self._say(f"oFono: {path} powered down; its connection ends")
                self._taken.append(path)
                self._set(path, "Lockdown", True)
                self._wait(path, "Powered", False)
        except BusError as err:
            self._give_back()
            raise BorrowError(f"oFono does not give its modem away: {err}") from err
        except BaseException:
            self._give_back()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self._give_back()

    def _give_back(self) -> None:
        for path in self._taken:
            try:
                self._set(path, "Lockdown", False)
                self._restore(path)
            except BusError as err:
                self._say(f"oFono: {path} is not as it was: {err}. Do: huawei-modem connect")
        self._taken = []

    def _restore(self, path: str) -> None:
        for name in ("Powered", "Online"):
            # ConnMan may have done it already: both ask for the same.
            if self._modems[path].get(name) and not self._property(path, name):
                try:
                    self._set(path, name, True)
                except BusError as err:
                    if not err.name.endswith((".InProgress", ".NotAvailable")):
                        raise
                self._wait(path, name, True)
        self._say(f"oFono: {path} powered again")

    def _set(self, path: str, name: str, value: bool) -> None:
        self._bus.set_property(OFONO, path, _MODEM, name, value)

    def _property(self, path: str, name: str) -> Any:
        return self._bus.call(OFONO, path, _MODEM, "GetProperties").get(name)

    def _wait(self, path: str, name: str, value: bool) -> None:
        end = time.monotonic() + _SECONDS
        while bool(self._property(path, name)) != value and time.monotonic() < end:
            self._sleep(0.2)
