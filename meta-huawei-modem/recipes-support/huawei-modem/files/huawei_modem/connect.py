# SPDX-License-Identifier: MIT
"""Brings a modem from "plugged in" to "ConnMan has all it needs", and a person's modem online; and back.

What has to happen, and who does it (ConnMan's plugins/ofono.c, src/technology.c; oFono's doc/):

- ConnMan powers every modem that oFono lists, and puts it online once its cellular technology is
  enabled. It is not on a new system: that is done here, once (a stamp keeps a person's later choice).
- The SIM is unlocked here, from a file (pin.py).
- ConnMan lists a service for an internet context with an access point. oFono finds one only where
  mobile-broadband-provider-info knows exactly one for the SIM; where it has none, the file of the
  team does (settings.py). What is set already stays.
"""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huawei_modem import daemons, overlooked, pin
from huawei_modem.bus import ACCESS_DENIED, CONNMAN, OFONO, BusError
from huawei_modem.settings import AccessPoint, ConnectError, Wishes, read_config

if TYPE_CHECKING:
    from collections.abc import Callable

    from huawei_modem.bus import Bus
    from huawei_modem.progress import Progress

STAMP = Path("var/lib/huawei-modem/cellular-enabled")
DISCONNECTED = Path("run/huawei-modem.disconnected")
"""For huawei-modem-watch: a person ended the connection."""
POLL_SECONDS = 0.5
OTHERS_SECONDS = 30.0
TRIES = 2
"""How often ConnMan is asked to connect before that is a fault: a wrong APN is refused each time."""
CONNECT_SECONDS = 3.0
"""ConnMan answers Connect when it is connected, and 1.41 never when it fails: its state tells sooner."""

_NETWORK = "org.ofono.NetworkRegistration"
_CONNECTION = "org.ofono.ConnectionManager"
_CONTEXT = "org.ofono.ConnectionContext"
_SERVICE = f"{CONNMAN}.Service"
_CELLULAR = "/net/connman/technology/cellular"


class Connector:
    """Takes the steps over D-Bus, until `deadline` (of time.monotonic())."""

    def __init__(
        self, bus: Bus, root: Path, deadline: float, progress: Progress, wishes: Wishes | None = None
    ) -> None:
        self._bus = bus
        self._root = root
        self._deadline = deadline
        self._progress = progress
        self._wishes = wishes or Wishes()
        self._hint = ""
        self._asked = 0

    def prepare(self, attended: bool = True) -> str:
        """All steps that nobody else takes; ConnMan does the rest. Returns the modem's path.

        `attended`: a person asked, which counts more than what was switched off before.
        """
        self._wait_for("oFono on D-Bus", lambda: self._bus.has_owner(OFONO), "systemctl status ofono")
        modem = self._await_modem()
        self._progress.say(f"modem: {modem}")
        self._wait_for("ConnMan on D-Bus", lambda: self._bus.has_owner(CONNMAN), "systemctl status connman")
        self._wait_for(
            "the modem to be powered",
            lambda: self._modem_properties(modem).get("Powered"),
            "journalctl -b -u ofono; huawei-modem doctor: does the port with the label pcui answer?",
        )
        # Before the next: ConnMan has no cellular technology until it knows whose SIM it is.
        self._unlock(modem)
        self._wait_for(
            "ConnMan's cellular technology", lambda: self._enable_cellular(attended), "huawei-modem doctor"
        )
        self._wait_for(
            "packet data in oFono",
            lambda: self._has_interface(modem, _CONNECTION),
            "huawei-modem doctor: is the modem online?",
        )
        self._allow_roaming(modem)
        self._set_access_point(modem)
        return modem

    def prepare_others(self, first: str) -> None:
        """Roaming and access point of what oFono lists beside it; a PIN is for the first one's SIM alone."""
        for modem in [path for path in self._modems() if path != first]:
            self._progress.say(f"modem: {modem}")
            # ConnMan powers it; one without a usable SIM is not waited for as long as the first.
            self._deadline = min(self._deadline, time.monotonic() + OTHERS_SECONDS)
            try:
                self._wait_for("its packet data", partial(self._has_interface, modem, _CONNECTION), "its SIM")
                self._allow_roaming(modem)
                self._set_access_point(modem)
            except (ConnectError, BusError) as err:
                # Also one that goes meanwhile: the first is ready, and the unit has done its work.
                self._progress.say(f"left as it is: {err}")

    def connect(self, modem: str) -> str:
        """Waits for network and service, and asks ConnMan to connect. Returns the service's state."""
        with suppress(OSError):
            (self._root / DISCONNECTED).unlink()
        self._wait_for(
            "registration with a network",
            lambda: self._registered(modem),
            "antenna and coverage; denied: ask the operator whether the SIM is active",
        )
        self._wait_for("attachment to packet data", lambda: self._attached(modem), "huawei-modem doctor")
        path = self._wait_for(
            "ConnMan's cellular service", self._service, "huawei-modem doctor: APN, network?"
        )[0]
        self._asked = 0
        service = self._wait_for("a connection", lambda: self._connected(path), "huawei-modem doctor")
        self._progress.say(f"connected: {' '.join(filter(None, _described(service)))}")
        return str(service["State"])

    def disconnect(self) -> bool:
        """Ends the connection, and stays so until someone connects. Whether there was one.

        ConnMan does not connect by itself again a service that it was told to disconnect (src/service.c).
        """
        ended = False
        with suppress(OSError):
            (self._root / DISCONNECTED).touch()
        service = self._service() if self._bus.has_owner(CONNMAN) else None
        if service and service[1].get("State") not in ("idle", "failure"):
            try:
                self._bus.call(CONNMAN, service[0], _SERVICE, "Disconnect")
            except BusError as err:
                if err.name != f"{CONNMAN}.Error.NotConnected":
                    raise
            ended = True
        if self._bus.has_owner(OFONO):
            # A context that is active without ConnMan, or until ConnMan is done with it.
            modem = self._modem()
            for path in self._active(modem) if modem else []:
                self._wait_or_deactivate(modem or "", path, ended)
                ended = True
        return ended

    def _wait_for(self, what: str, found: Callable[[], Any], remedy: str) -> Any:
        start = time.monotonic()
        waiting = False
        while True:
            self._hint = ""
            try:
                value = found()
            except BusError as err:
                if err.name == ACCESS_DENIED:
                    raise ConnectError(f"{what}: D-Bus does not let this user do it; run as root") from err
                # A daemon that starts, or a modem that goes, is no failure before the time is up.
                value, self._hint = None, str(err)
            if value:
                return value
            now = time.monotonic()
            if now >= self._deadline:
                hint = f" ({self._hint})" if self._hint else ""
                raise ConnectError(f"{what}: not there in time{hint}. See: {remedy}")
            if not waiting:
                self._progress.say(f"waiting for {what}")
                waiting = True
            self._progress.tick(what, now - start, self._hint)
            self._progress.sleep(POLL_SECONDS)

    # --- oFono ---

    def _modems(self) -> dict[str, Any]:
        return dict(daemons.modems(self._bus))

    def _modem(self) -> str | None:
        return next(iter(self._modems()), None)

    def _await_modem(self) -> str:
        """The modem that oFono lists; a stick that it does not list in time is announced once more."""
        late = time.monotonic() + overlooked.SECONDS

        def listed() -> str | None:
            nonlocal late
            path = self._modem()
            if path is None and time.monotonic() >= late:
                late = self._deadline + 1
                if overlooked.announce(self._root):
                    self._progress.say("oFono has overlooked the stick: its devices are announced again")
            return path

        return str(self._wait_for("a modem in oFono", listed, "huawei-modem doctor: ports and labels?"))

    def _modem_properties(self, modem: str) -> dict[str, Any]:
        return dict(self._modems().get(modem, {}))

    def _has_interface(self, modem: str, interface: str) -> bool:
        properties = self._modem_properties(modem)
        self._hint = "online" if properties.get("Online") else "the modem is not online"
        return interface in properties.get("Interfaces", ())

    def _properties(self, modem: str, interface: str) -> dict[str, Any]:
        return dict(self._bus.call(OFONO, modem, interface, "GetProperties"))

    def _unlock(self, modem: str) -> None:
        entered = False

        def ready() -> bool:
            nonlocal entered
            if not self._has_interface(modem, pin.SIM):
                self._hint = "oFono has not read it yet"
                return False
            sim = self._properties(modem, pin.SIM)
            if not sim.get("Present"):
                self._hint = "no SIM in the stick"
                return False
            # After its PIN the SIM takes some seconds, in which it still seems to ask for it.
            if not entered and sim.get("PinRequired", "none") != "none":
                file = self._wishes.pin_file or read_config(self._root).pin_file
                self._progress.say("SIM: locked, entering its PIN")
                entered = pin.unlock(self._bus, modem, sim, self._root, file)
                return False
            self._hint = "the PIN was accepted" if entered else "oFono has not read it yet"
            # "none" is also what oFono says until the SIM has answered; only then it reads the IMSI.
            return bool(sim.get("PinRequired", "none") == "none" and sim.get("SubscriberIdentity"))

        self._wait_for("the SIM", ready, "huawei-modem doctor: SIM?")

    def _allow_roaming(self, modem: str) -> None:
        wanted = self._wishes.roaming
        if wanted is None:
            wanted = read_config(self._root).roaming
        if wanted is None or self._properties(modem, _CONNECTION).get("RoamingAllowed") == wanted:
            return
        self._bus.set_property(OFONO, modem, _CONNECTION, "RoamingAllowed", wanted)
        self._progress.say(f"roaming: {'allowed' if wanted else 'not allowed'}")

    def _registered(self, modem: str) -> bool:
        properties = self._properties(modem, _NETWORK) if self._has_interface(modem, _NETWORK) else {}
        status = str(properties.get("Status", ""))
        self._hint = status
        if status == "roaming" and not self._properties(modem, _CONNECTION).get("RoamingAllowed"):
            raise ConnectError(
                "registration with a network: a foreign one (roaming), which is not allowed, since it may "
                "cost more. If it is meant: huawei-modem connect --roaming"
            )
        if status not in ("registered", "roaming"):
            return False
        details = [properties.get("Name"), properties.get("Technology")]
        self._progress.say(f"network: {', '.join([status, *(str(item) for item in details if item)])}")
        return True

    def _attached(self, modem: str) -> bool:
        return bool(self._properties(modem, _CONNECTION).get("Attached"))

    def _set_access_point(self, modem: str) -> None:
        context, properties = self._internet_context(modem)
        chosen = self._wishes.access_point
        if chosen is None and properties.get("AccessPointName"):
            self._progress.say("access point: set already")
            return
        wanted = chosen or self._configured(modem)
        changes = _changes(wanted, properties)
        if changes and properties.get("Active"):
            # oFono changes no context that is in use.
            self._progress.say("access point: another one, ending the old connection")
            self.disconnect()
        for name, value in changes:
            self._bus.set_property(OFONO, context, _CONTEXT, name, value)
        self._progress.say(f"access point: {wanted.apn}")

    def _internet_context(self, modem: str) -> tuple[str, dict[str, Any]]:
        for path, properties in self._contexts(modem):
            if properties.get("Type") == "internet":
                return path, properties
        return str(self._bus.call(OFONO, modem, _CONNECTION, "AddContext", "internet")), {}

    def _contexts(self, modem: str) -> list[tuple[str, dict[str, Any]]]:
        return [tuple(item) for item in self._bus.call(OFONO, modem, _CONNECTION, "GetContexts")]

    def _active(self, modem: str) -> list[str]:
        if not self._has_interface(modem, _CONNECTION):
            return []
        return [path for path, properties in self._contexts(modem) if properties.get("Active")]

    def _wait_or_deactivate(self, modem: str, context: str, by_connman: bool) -> None:
        end = min(self._deadline, time.monotonic() + 5)
        while by_connman and context in self._active(modem) and time.monotonic() < end:
            self._progress.sleep(POLL_SECONDS)
        if context in self._active(modem):
            self._bus.set_property(OFONO, context, _CONTEXT, "Active", False)

    def _configured(self, modem: str) -> AccessPoint:
        networks = self._wait_for(
            "the SIM's network code", lambda: self._sim_networks(modem), "huawei-modem doctor: SIM?"
        )
        found = read_config(self._root).access_point(*networks)
        if found is None:
            network = " or ".join(networks)
            raise ConnectError(
                f"no access point for network {network}: oFono knows none. Add [apn {networks[0]}] to "
                "/etc/huawei-modem/config.ini, or run: huawei-modem connect --apn NAME"
            )
        return found

    def _sim_networks(self, modem: str) -> tuple[str, ...]:
        """Codes that the SIM's network may have; the network's own part has two digits or three.

        The SIM says how many, but oFono's MBIM driver does not ask it (1.31 to 2.19): there the IMSI is left.
        """
        properties = self._properties(modem, pin.SIM)
        country = properties.get("MobileCountryCode", "")
        network = properties.get("MobileNetworkCode", "")
        if country and network:
            return (f"{country}{network}",)
        imsi = str(properties.get("SubscriberIdentity", ""))
        return (imsi[:5], imsi[:6]) if len(imsi) > 6 else ()

    # --- ConnMan ---

    def _enable_cellular(self, attended: bool) -> bool:
        technologies = dict(self._bus.call(CONNMAN, "/", f"{CONNMAN}.Manager", "GetTechnologies"))
        if _CELLULAR not in technologies:
            return False
        stamp = self._root / STAMP
        if stamp.exists() and not attended:
            return True
        if not technologies[_CELLULAR].get("Powered"):
            self._check_offline()
            self._bus.set_property(CONNMAN, _CELLULAR, f"{CONNMAN}.Technology", "Powered", True)
            self._progress.say("ConnMan's cellular technology: enabled")
        try:
            stamp.parent.mkdir(parents=True, exist_ok=True)
            stamp.touch()
        except OSError as err:
            if not attended:
                raise ConnectError(f"/{STAMP}: cannot be written: {err.strerror}. Run as root") from err
            # The bus lets this user act, as netdev's members: only the unit's memory of it is missing.
            self._progress.say(f"/{STAMP}: {err.strerror}; the connection needs it not")
        return True

    def _check_offline(self) -> None:
        if self._bus.call(CONNMAN, "/", f"{CONNMAN}.Manager", "GetProperties").get("OfflineMode"):
            raise ConnectError(
                "ConnMan's cellular technology: offline mode is on; do: connmanctl disable offline"
            )

    def _service(self) -> tuple[str, dict[str, Any]] | None:
        services = self._bus.call(CONNMAN, "/", f"{CONNMAN}.Manager", "GetServices")
        return next(((path, item) for path, item in services if item.get("Type") == "cellular"), None)

    def _connected(self, path: str) -> dict[str, Any] | None:
        service = self._service()
        if service is None:
            self._hint = "the service has gone"
            return None
        state, error = str(service[1].get("State", "")), str(service[1].get("Error", ""))
        # ConnMan that dials by itself, as with our main.conf, is at the next try once one was refused.
        self._hint = f"{state}; refused before, {error}: APN, user and password?" if error else state
        if state in ("ready", "online"):
            return service[1]
        if state not in ("idle", "failure"):
            return None
        if self._asked and error:
            if self._asked >= TRIES:
                raise ConnectError(
                    f"a connection: refused {TRIES} times ({error}). See: APN, user and password; "
                    "huawei-modem doctor; journalctl -b -u ofono"
                )
            self._restart_cellular(error)
        try:
            self._bus.call(CONNMAN, path, _SERVICE, "Connect", seconds=CONNECT_SECONDS)
        except BusError as err:
            if err.name == ACCESS_DENIED:
                raise
            if err.name == f"{CONNMAN}.Error.InProgress" and error and not self._asked:
                self._restart_cellular(error)
                return None
            # ConnMan may be at it already; else its state tells, at the next look.
        self._asked += 1
        return None

    def _restart_cellular(self, error: str) -> None:
        """ConnMan 1.41 says InProgress to each Connect for two minutes after a context was refused."""
        self._progress.say(f"refused ({error}): cellular off and on, then once more")
        self._bus.set_property(CONNMAN, _CELLULAR, f"{CONNMAN}.Technology", "Powered", False)
        self._progress.sleep(POLL_SECONDS)
        self._wait_for(
            "ConnMan's cellular technology", lambda: self._enable_cellular(True), "huawei-modem doctor"
        )
        self._wait_for("ConnMan's cellular service", self._service, "huawei-modem doctor")


def _changes(wanted: AccessPoint, present: dict[str, Any]) -> list[tuple[str, str]]:
    """The context's properties to set, in this order."""
    values = [
        ("AuthenticationMethod", wanted.auth or present.get("AuthenticationMethod", "")),
        ("Username", wanted.username),
        ("Password", wanted.password),
        # Last, since ConnMan takes the context up as soon as it has an access point.
        ("AccessPointName", wanted.apn),
    ]
    return [(name, value) for name, value in values if value != present.get(name, "")]


def _described(service: dict[str, Any]) -> list[str]:
    return [
        str(service.get("Ethernet", {}).get("Interface", "")),
        str(service.get("IPv4", {}).get("Address", "")),
        f"({service['State']})",
    ]
