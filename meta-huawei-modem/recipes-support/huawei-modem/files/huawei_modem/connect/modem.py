# SPDX-License-Identifier: MIT
"""oFono's side: what a modem needs before ConnMan can dial, and before it has a network."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from huawei_modem import daemons, pin
from huawei_modem.bus import OFONO
from huawei_modem.connect.waiting import Course, Steps
from huawei_modem.settings import AccessPoint, ConnectError, Wishes, read_config

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from huawei_modem.bus import Bus

_NETWORK = "org.ofono.NetworkRegistration"
_CONNECTION = "org.ofono.ConnectionManager"
_CONTEXT = "org.ofono.ConnectionContext"


class Modem(Steps):
    """One that oFono lists, at `path`."""

    def __init__(self, path: str, bus: Bus, root: Path, say: Callable[[str], None]) -> None:
        super().__init__()
        self.path = path
        self._bus = bus
        self._root = root
        self._say = say

    def power(self) -> Course[Any]:
        return self.until(
            "the modem to be powered",
            lambda: self._modem_properties().get("Powered"),
            "journalctl -b -u ofono; huawei-modem doctor: does the port with the label pcui answer?",
        )

    def unlock(self, file: Path | None, may_enter: Callable[[], bool]) -> Course[Any]:
        """Until the SIM needs no PIN; that in `file`, else config.ini's, is entered where `may_enter`."""
        entered = False

        def ready() -> bool:
            nonlocal entered
            if not self._has_interface(pin.SIM):
                self.hint = "oFono has not read it yet"
                return False
            sim = self._properties(pin.SIM)
            if not sim.get("Present"):
                self.hint = "no SIM in the stick"
                return False
            # After its PIN the SIM takes some seconds, in which it still seems to ask for it.
            if not entered and sim.get("PinRequired", "none") != "none":
                if not may_enter():
                    raise ConnectError("SIM: locked, and the PIN was for another. See: --modem, --pin-file")
                self._say("SIM: locked, entering its PIN")
                tried = file or read_config(self._root).pin_file
                entered = pin.unlock(self._bus, self.path, sim, self._root, tried)
                return False
            self.hint = "the PIN was accepted" if entered else "oFono has not read it yet"
            # "none" is also what oFono says until the SIM has answered; only then it reads the IMSI.
            return bool(sim.get("PinRequired", "none") == "none" and sim.get("SubscriberIdentity"))

        return self.until("the SIM", ready, "huawei-modem doctor: SIM?")

    def packet_data(self) -> Course[Any]:
        return self.until(
            "packet data in oFono",
            partial(self._has_interface, _CONNECTION),
            "huawei-modem doctor: is the modem online?",
        )

    def set_up(self, wishes: Wishes, end: Callable[[], Course[Any]]) -> Course[None]:
        """Roaming and access point. `end` ends the connection of a context that is to be changed."""
        self._allow_roaming(wishes)
        context, properties = self._internet_context()
        if wishes.access_point is None and properties.get("AccessPointName"):
            self._say("access point: set already")
            return
        wanted = wishes.access_point or (yield from self._configured())
        changes = _changes(wanted, properties)
        if changes and properties.get("Active"):
            # oFono changes no context that is in use.
            self._say("access point: another one, ending the old connection")
            yield from end()
        for name, value in changes:
            self._bus.set_property(OFONO, context, _CONTEXT, name, value)
        self._say(f"access point: {wanted.apn}")

    def register(self) -> Course[Any]:
        yield from self.until(
            "registration with a network",
            self._registered,
            "antenna and coverage; denied: ask the operator whether the SIM is active",
        )
        yield from self.attach()

    def attach(self) -> Course[Any]:
        return self.until(
            "attachment to packet data",
            lambda: self._has_interface(_CONNECTION) and self._properties(_CONNECTION).get("Attached"),
            "huawei-modem doctor",
        )

    def subscriber(self) -> str:
        """The IMSI, which ConnMan names the service after. Raises BusError."""
        return str(self._properties(pin.SIM).get("SubscriberIdentity", ""))

    def active_contexts(self) -> list[str]:
        """Raises BusError."""
        if not self._has_interface(_CONNECTION):
            return []
        return [path for path, properties in self._contexts() if properties.get("Active")]

    def deactivate(self, context: str) -> None:
        """Raises BusError."""
        self._bus.set_property(OFONO, context, _CONTEXT, "Active", False)

    def _modem_properties(self) -> dict[str, Any]:
        return dict(dict(daemons.modems(self._bus)).get(self.path, {}))

    def _has_interface(self, interface: str) -> bool:
        properties = self._modem_properties()
        self.hint = "online" if properties.get("Online") else "the modem is not online"
        return interface in properties.get("Interfaces", ())

    def _properties(self, interface: str) -> dict[str, Any]:
        return dict(self._bus.call(OFONO, self.path, interface, "GetProperties"))

    def _allow_roaming(self, wishes: Wishes) -> None:
        wanted = wishes.roaming
        if wanted is None:
            wanted = read_config(self._root).roaming
        if wanted is None or self._properties(_CONNECTION).get("RoamingAllowed") == wanted:
            return
        self._bus.set_property(OFONO, self.path, _CONNECTION, "RoamingAllowed", wanted)
        self._say(f"roaming: {'allowed' if wanted else 'not allowed'}")

    def _registered(self) -> bool:
        properties = self._properties(_NETWORK) if self._has_interface(_NETWORK) else {}
        status = str(properties.get("Status", ""))
        self.hint = status
        if status == "roaming" and not self._properties(_CONNECTION).get("RoamingAllowed"):
            raise ConnectError(
                "registration with a network: a foreign one (roaming), which is not allowed, since it may "
                "cost more. If it is meant: huawei-modem connect --roaming"
            )
        if status not in ("registered", "roaming"):
            return False
        details = [properties.get("Name"), properties.get("Technology")]
        self._say(f"network: {', '.join([status, *(str(item) for item in details if item)])}")
        return True

    def _internet_context(self) -> tuple[str, dict[str, Any]]:
        for path, properties in self._contexts():
            if properties.get("Type") == "internet":
                return path, properties
        return str(self._bus.call(OFONO, self.path, _CONNECTION, "AddContext", "internet")), {}

    def _contexts(self) -> list[tuple[str, dict[str, Any]]]:
        return [tuple(item) for item in self._bus.call(OFONO, self.path, _CONNECTION, "GetContexts")]

    def _configured(self) -> Course[AccessPoint]:
        networks = yield from self.until(
            "the SIM's network code", self._sim_networks, "huawei-modem doctor: SIM?"
        )
        found = read_config(self._root).access_point(*networks)
        if found is None:
            network = " or ".join(networks)
            raise ConnectError(
                f"no access point for network {network}: oFono knows none. Add [apn {networks[0]}] to "
                "/etc/huawei-modem/config.ini, or run: huawei-modem connect --apn NAME"
            )
        return found

    def _sim_networks(self) -> tuple[str, ...]:
        """Codes that the SIM's network may have; the network's own part has two digits or three.

        The SIM says how many, but oFono's MBIM driver does not ask it (1.31 to 2.19): there the IMSI is left.
        """
        properties = self._properties(pin.SIM)
        country = properties.get("MobileCountryCode", "")
        network = properties.get("MobileNetworkCode", "")
        if country and network:
            return (f"{country}{network}",)
        imsi = str(properties.get("SubscriberIdentity", ""))
        return (imsi[:5], imsi[:6]) if len(imsi) > 6 else ()


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
