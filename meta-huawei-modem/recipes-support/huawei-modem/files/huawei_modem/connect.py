# SPDX-License-Identifier: MIT
"""Brings a modem from "plugged in" to "ConnMan has all it needs", and a person's modem online.

What has to happen, and who does it (ConnMan's plugins/ofono.c, src/technology.c; oFono's doc/):

- ConnMan powers every modem that oFono lists, and puts it online once its cellular technology is
  enabled. It is not on a new system: that is done here, once (a stamp keeps a person's later choice).
- ConnMan lists a service for an internet context with an access point. oFono finds one only where
  mobile-broadband-provider-info knows exactly one for the SIM; where it has none, the file of the
  team does (config.ini). What is set already stays.
"""

from __future__ import annotations

import configparser
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from huawei_modem.bus import CONNMAN, OFONO, Bus, BusError

CONFIG = Path("etc/huawei-modem/config.ini")
STAMP = Path("var/lib/huawei-modem/cellular-enabled")
POLL_SECONDS = 0.5

_MANAGER = "org.ofono.Manager"
_SIM = "org.ofono.SimManager"
_CONNECTION = "org.ofono.ConnectionManager"
_CONTEXT = "org.ofono.ConnectionContext"
_CELLULAR = "/net/connman/technology/cellular"


class ConnectError(Exception):
    """A step was not reached; the text says which one and what to do."""


class AccessPoint(NamedTuple):
    """How to reach the operator's packet network. The password is for oFono alone: never print it."""

    apn: str
    username: str = ""
    password: str = ""


def access_point(config: str, network: str) -> AccessPoint | None:
    """The access point for a SIM of `network` (MCC and MNC, five or six digits) in the text of config.ini.

    Raises ConnectError when the text is no such file, or a section has no `apn`.
    """
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(config)
    except configparser.Error as err:
        # The error's own text quotes the line, which may hold the password.
        raise ConnectError(
            f"/{CONFIG}: not a file of sections and keys ({type(err).__name__}); compare config.ini.example"
        ) from None
    for section in (f"apn {network}", "apn default"):
        if parser.has_section(section):
            keys = parser[section]
            if not keys.get("apn"):
                raise ConnectError(f"/{CONFIG}: section [{section}] has no apn")
            return AccessPoint(keys["apn"], keys.get("username", ""), keys.get("password", ""))
    return None


class Connector:
    """Takes the steps over D-Bus. `say` gets one line a step, `deadline` is of time.monotonic()."""

    def __init__(
        self,
        bus: Bus,
        root: Path,
        deadline: float,
        say: Callable[[str], None],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._bus = bus
        self._root = root
        self._deadline = deadline
        self._say = say
        self._sleep = sleep

    def prepare(self, chosen: AccessPoint | None = None) -> str:
        """All steps that nobody else takes; ConnMan does the rest. Returns the modem's path.

        `chosen` is what a person asked for, and is set even where there is an access point.
        """
        self._wait_for("oFono on D-Bus", lambda: self._bus.has_owner(OFONO), "systemctl status ofono")
        modem: str = self._wait_for(
            "a modem in oFono", self._modem, "huawei-modem doctor shows ports and labels"
        )
        self._say(f"modem {modem}")
        self._wait_for("ConnMan on D-Bus", lambda: self._bus.has_owner(CONNMAN), "systemctl status connman")
        self._wait_for("ConnMan's cellular technology", self._enable_cellular, "huawei-modem doctor")
        self._wait_for(
            "packet data in oFono",
            lambda: self._has_interface(modem, _CONNECTION),
            "huawei-modem doctor: SIM, PIN?",
        )
        self._set_access_point(modem, chosen)
        return modem

    def connect(self) -> str:
        """Asks ConnMan to connect, unless it has, and waits. Returns the service's state."""
        path = self._wait_for(
            "ConnMan's cellular service", self._service, "huawei-modem doctor: APN, network?"
        )[0]
        state = self._wait_for("a connection", lambda: self._connected(path), "huawei-modem doctor")
        self._say(f"service {state}")
        return str(state)

    def _wait_for(self, what: str, found: Callable[[], Any], remedy: str) -> Any:
        while True:
            try:
                value = found()
            except BusError as err:
                # A daemon that starts, or a modem that goes, is no failure before the time is up.
                value, reason = None, f" ({err})"
            else:
                reason = ""
            if value:
                return value
            if time.monotonic() >= self._deadline:
                raise ConnectError(f"{what}: not there in time{reason}. See: {remedy}")
            self._sleep(POLL_SECONDS)

    def _modem(self) -> str | None:
        modems = self._bus.call(OFONO, "/", _MANAGER, "GetModems")
        return next((path for path, properties in modems if properties.get("Type") == "hardware"), None)

    def _has_interface(self, modem: str, interface: str) -> bool:
        modems = dict(self._bus.call(OFONO, "/", _MANAGER, "GetModems"))
        return interface in modems.get(modem, {}).get("Interfaces", ())

    def _enable_cellular(self) -> bool:
        technologies = dict(self._bus.call(CONNMAN, "/", f"{CONNMAN}.Manager", "GetTechnologies"))
        if _CELLULAR not in technologies:
            return False
        stamp = self._root / STAMP
        if stamp.exists():
            return True
        if not technologies[_CELLULAR].get("Powered"):
            self._set_powered()
            self._say("ConnMan's cellular technology enabled")
        try:
            stamp.parent.mkdir(parents=True, exist_ok=True)
            stamp.touch()
        except OSError as err:
            raise ConnectError(f"/{STAMP}: cannot be written: {err.strerror}. Run as root") from err
        return True

    def _set_powered(self) -> None:
        try:
            self._bus.set_property(CONNMAN, _CELLULAR, f"{CONNMAN}.Technology", "Powered", True)
        except BusError as err:
            if err.name != f"{CONNMAN}.Error.AlreadyEnabled":
                raise

    def _set_access_point(self, modem: str, chosen: AccessPoint | None) -> None:
        context, properties = self._internet_context(modem)
        if chosen is None and properties.get("AccessPointName"):
            self._say("access point: set already")
            return
        wanted = chosen or self._configured(modem)
        for name, value in (
            ("Username", wanted.username),
            ("Password", wanted.password),
            # Last, since ConnMan takes the context up as soon as it has an access point.
            ("AccessPointName", wanted.apn),
        ):
            if value:
                self._bus.set_property(OFONO, context, _CONTEXT, name, value)
        self._say(f"access point: {wanted.apn}")

    def _internet_context(self, modem: str) -> tuple[str, dict[str, Any]]:
        for path, properties in self._bus.call(OFONO, modem, _CONNECTION, "GetContexts"):
            if properties.get("Type") == "internet":
                return path, properties
        return str(self._bus.call(OFONO, modem, _CONNECTION, "AddContext", "internet")), {}

    def _configured(self, modem: str) -> AccessPoint:
        sim = self._wait_for(
            "the SIM's network code", lambda: self._sim_network(modem), "huawei-modem doctor: SIM?"
        )
        path = self._root / CONFIG
        try:
            found = access_point(path.read_text(encoding="utf-8"), sim)
        except FileNotFoundError:
            found = None
        except (OSError, UnicodeDecodeError) as err:
            raise ConnectError(f"/{CONFIG}: cannot be read: {type(err).__name__}") from err
        if found is None:
            raise ConnectError(
                f"no access point for network {sim}: oFono knows none. "
                f"Add [apn {sim}] to /{CONFIG}, or run: huawei-modem connect --apn NAME"
            )
        return found

    def _sim_network(self, modem: str) -> str:
        properties = self._bus.call(OFONO, modem, _SIM, "GetProperties")
        country = properties.get("MobileCountryCode", "")
        network = properties.get("MobileNetworkCode", "")
        return f"{country}{network}" if country and network else ""

    def _service(self) -> tuple[str, str] | None:
        services = self._bus.call(CONNMAN, "/", f"{CONNMAN}.Manager", "GetServices")
        return next(
            ((path, item.get("State", "")) for path, item in services if item.get("Type") == "cellular"), None
        )

    def _connected(self, path: str) -> str | None:
        service = self._service()
        state = service[1] if service else ""
        if state in ("ready", "online"):
            return state
        if state in ("idle", "failure"):
            try:
                self._bus.call(CONNMAN, path, f"{CONNMAN}.Service", "Connect")
            except BusError as err:
                if not err.name.endswith((".InProgress", ".AlreadyConnected")):
                    raise
        return None
