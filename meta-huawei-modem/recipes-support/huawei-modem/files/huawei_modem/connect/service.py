# SPDX-License-Identifier: MIT
"""ConnMan's side: the cellular technology, and the service of a modem."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huawei_modem.bus import ACCESS_DENIED, CONNMAN, BusError
from huawei_modem.connect.waiting import Course, Steps, Wait
from huawei_modem.settings import ConnectError

if TYPE_CHECKING:
    from collections.abc import Callable

    from huawei_modem.bus import Bus

STAMP = Path("var/lib/huawei-modem/cellular-enabled")
TRIES = 2
"""How often ConnMan is asked to connect before that is a fault: a wrong APN is refused each time."""
CONNECT_SECONDS = 3.0
"""ConnMan answers Connect when it is connected, and 1.41 never when it fails: its state tells sooner."""

_TECHNOLOGY = "ConnMan's cellular technology"
_DOCTOR = "huawei-modem doctor"
_SERVICE = f"{CONNMAN}.Service"
_MANAGER = f"{CONNMAN}.Manager"
_CELLULAR = "/net/connman/technology/cellular"


class Technology(Steps):
    """ConnMan's cellular technology, which all modems share."""

    def __init__(self, bus: Bus, root: Path, say: Callable[[str], None]) -> None:
        super().__init__()
        self._bus = bus
        self._root = root
        self._say = say

    def enable(self, attended: bool) -> Course[bool]:
        """`attended`: also where somebody has switched it off since it was enabled here."""
        return bool((yield from self.until(_TECHNOLOGY, partial(self._enable, attended), _DOCTOR)))

    def restart(self) -> Course[bool]:
        """Off, and on at the next look."""
        self._power(False)
        yield Wait(_TECHNOLOGY, _DOCTOR, silent=True)
        return (yield from self.enable(True))

    def _power(self, wanted: bool) -> None:
        self._bus.set_property(CONNMAN, _CELLULAR, f"{CONNMAN}.Technology", "Powered", wanted)

    def _enable(self, attended: bool) -> bool:
        technologies = dict(self._bus.call(CONNMAN, "/", _MANAGER, "GetTechnologies"))
        if _CELLULAR not in technologies:
            return False
        stamp = self._root / STAMP
        if stamp.exists() and not attended:
            return True
        if not technologies[_CELLULAR].get("Powered"):
            self._check_offline()
            self._power(True)
            self._say("ConnMan's cellular technology: enabled")
        try:
            stamp.parent.mkdir(parents=True, exist_ok=True)
            stamp.touch()
        except OSError as err:
            if not attended:
                raise ConnectError(f"/{STAMP}: cannot be written: {err.strerror}. Run as root") from err
            # The bus lets this user act, as netdev's members: only the unit's memory of it is missing.
            self._say(f"/{STAMP}: {err.strerror}; the connection needs it not")
        return True

    def _check_offline(self) -> None:
        if self._bus.call(CONNMAN, "/", _MANAGER, "GetProperties").get("OfflineMode"):
            raise ConnectError(
                "ConnMan's cellular technology: offline mode is on; do: connmanctl disable offline"
            )


def cellular_services(bus: Bus) -> list[tuple[str, dict[str, Any]]]:
    """Path and properties, the one that ConnMan prefers first. Raises BusError."""
    services = bus.call(CONNMAN, "/", _MANAGER, "GetServices")
    return [(path, dict(item)) for path, item in services if item.get("Type") == "cellular"]


def end(bus: Bus, path: str, service: dict[str, Any]) -> bool:
    """Disconnects it, if it is connected or about to be; whether it was. Raises BusError.

    ConnMan does not connect by itself again a service that it was told to disconnect (src/service.c).
    """
    if service.get("State") in ("idle", "failure"):
        return False
    try:
        bus.call(CONNMAN, path, _SERVICE, "Disconnect")
    except BusError as err:
        if err.name != f"{CONNMAN}.Error.NotConnected":
            raise
    return True


class Turn:
    """Whose connection ConnMan is asked for: of several modems one, until the network has refused it."""

    def __init__(self) -> None:
        self.holder = ""

    def take(self, modem: str) -> bool:
        self.holder = self.holder or modem
        return self.holder == modem

    def leave(self, modem: str) -> None:
        if self.holder == modem:
            self.holder = ""


class Dialling(Steps):
    """One modem's service. `find` looks for it; `attach` waits until oFono can take a call up."""

    def __init__(
        self,
        bus: Bus,
        technology: Technology,
        find: Callable[[], tuple[str, dict[str, Any]] | None],
        attach: Callable[[], Course[Any]],
        take_turn: Callable[[], bool],
        say: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._bus = bus
        self._technology = technology
        self._find = find
        self._attach = attach
        self._take_turn = take_turn
        self._say = say
        self._asked = 0
        self._refused = ""
        self._restarted = False

    def connect(self) -> Course[str]:
        """Until ConnMan is connected; the service's state."""
        what = "ConnMan's cellular service"
        yield from self.until(what, self._find, "huawei-modem doctor: APN, network?")
        while True:
            service = yield from self.until("a connection", self._connected, _DOCTOR)
            if not self._refused:
                self._say(f"connected: {' '.join(filter(None, _described(service)))}")
                return str(service["State"])
            # ConnMan 1.41 says InProgress to each Connect for two minutes after a context was refused.
            self._say(f"refused ({self._refused}): cellular off and on, then once more")
            yield from self._technology.restart()
            # ConnMan lists the service sooner, and oFono, which says that it is attached while it still
            # attaches, refuses the call until it has (AttachInProgress).
            yield from self._attach()
            yield from self.until(what, self._find, _DOCTOR)
            for _ in range(2):
                yield Wait(what, _DOCTOR, silent=True)
            self._refused, self._restarted = "", True

    def _connected(self) -> dict[str, Any] | None:
        """The service that is connected, or, with `_refused`, that was refused."""
        found = self._find()
        if found is None:
            self.hint = "the service has gone"
            return None
        path, service = found
        state, error = str(service.get("State", "")), str(service.get("Error", ""))
        # ConnMan that dials by itself, as with our main.conf, is at the next try once one was refused.
        self.hint = f"{state}; refused before, {error}: APN, user and password?" if error else state
        if state in ("ready", "online"):
            return service
        if state not in ("idle", "failure"):
            return None
        if not self._take_turn():
            self.hint = f"{state}; another modem is dialled first"
            return None
        if self._asked and error and not self._restarted:
            if self._asked >= TRIES:
                raise ConnectError(
                    f"a connection: refused {TRIES} times ({error}). See: APN, user and password; "
                    "huawei-modem doctor; journalctl -b -u ofono"
                )
            self._refused = error
            return service
        self._restarted = False
        try:
            self._bus.call(CONNMAN, path, _SERVICE, "Connect", seconds=CONNECT_SECONDS)
        except BusError as err:
            if err.name == ACCESS_DENIED:
                raise
            if err.name == f"{CONNMAN}.Error.InProgress" and error and not self._asked:
                self._refused = error
                return service
            # ConnMan may be at it already; else its state tells, at the next look.
        self._asked += 1
        return None


def _described(service: dict[str, Any]) -> list[str]:
    return [
        str(service.get("Ethernet", {}).get("Interface", "")),
        str(service.get("IPv4", {}).get("Address", "")),
        f"({service['State']})",
    ]
