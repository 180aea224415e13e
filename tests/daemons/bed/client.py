# SPDX-License-Identifier: MIT
"""`Bed`: the real daemons over mocked sticks, in namespaces of their own, as a context manager."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import pytest

from daemons.bed.describe import Plugged, host, plugged, wired
from daemons.bed.packages import tree
from huawei_modem.database import Mode
from modem_image import HELPER, PROJECT
from patience import PATIENCE

PYTHON = "/usr/bin/python3"
NAMESPACES = ("unshare", "--net", "--mount", "--fork", "--kill-child")
# umockdev sends events of devices that only a process with its library sees.
PRELOADED = "LD_PRELOAD=libumockdev-preload.so.0"
RULES = HELPER / "udev" / "70-huawei-modem.rules"
OFONOD, CONNMAND = "/usr/sbin/ofonod", "/usr/sbin/connmand"
CONNMAN_CONF = """\
[General]
AllowHostnameUpdates = false
PreferredTechnologies = cellular
EnableOnlineCheck = false
FallbackTimeservers =
FallbackNameservers =
NetworkInterfaceBlacklist = lo
"""
NEEDED = {
    "umockdev-run": "umockdev",
    "udevadm": "udev",
    "unshare": "util-linux",
    "dbus-daemon": "dbus",
}

_T = TypeVar("_T")


class DBusError(Exception):
    """A call was refused; `name` is the error's D-Bus name."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name


def missing() -> list[str]:
    """Debian packages that the bed needs and this machine lacks."""
    packages = sorted(package for tool, package in NEEDED.items() if not shutil.which(tool))
    check = "import gi, dbus; gi.require_version('UMockdev', '1.0')"
    if subprocess.run([PYTHON, "-c", check], capture_output=True).returncode:
        packages += ["python3-dbus", "python3-gi", "gir1.2-umockdev-1.0"]
    return packages


MARKS = [
    pytest.mark.skipif(bool(missing()), reason=f"needs the Debian packages: {' '.join(missing())}"),
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for namespaces"),
]
"""pytestmark of every file that uses a bed."""


class Bed:
    """Namespaces with mocked devices and real daemons. Logs lie below `folder`."""

    def __init__(self, folder: Path, rules: Mapping[str, Path] | None = None) -> None:
        """`rules`: udev rules by file name, besides the distribution's; by default the project's own."""
        self.folder = folder / "bed"
        self.folder.mkdir()
        self.rules = {RULES.name: RULES} if rules is None else rules
        self._worker: subprocess.Popen[str]

    def __enter__(self) -> Bed:
        paths = (PROJECT / "tests", PROJECT / "scripts", HELPER)
        with (self.folder / "worker.log").open("wb") as log:
            self._worker = subprocess.Popen(
                [*NAMESPACES, "env", PRELOADED, PYTHON, "-m", "daemons.bed.worker", self.folder, tree()],
                env={**os.environ, "PYTHONPATH": ":".join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        try:
            self._answer()
            for name, path in self.rules.items():
                self.run("cp", str(path), f"/run/udev/rules.d/{name}")
            self.ask("plug", text=host(), binary={})
        except BaseException:
            self._worker.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._worker.poll() is None:
                self.ask("close")
            self._worker.wait(PATIENCE)
        finally:
            self._worker.kill()
            self._worker.wait(10)
            for pipe in (self._worker.stdin, self._worker.stdout):
                if pipe is not None:
                    pipe.close()

    # --- Devices ---

    def plug(
        self, stick: Plugged, binary: Mapping[str, bytes] | None = None, only: Sequence[str] | None = None
    ) -> dict[str, dict[str, str]]:
        """Adds the stick and runs udev's rules over it, or over `only` these paths. Properties by path.

        Before the daemons start: umockdev's events have no properties of udev. `binary` are attributes of
        the stick itself that are no text.
        """
        encoded = {name: base64.b64encode(value).decode() for name, value in (binary or {}).items()}
        self.ask("plug", text=stick.text, binary={stick.device: encoded})
        properties: dict[str, dict[str, str]] = self.ask(
            "udev", paths=list(stick.paths if only is None else only)
        )
        return properties

    def answer_at(
        self,
        mode: Mode,
        stick: Plugged,
        settings: Mapping[str, str] | None = None,
        network: str | None = None,
        always_up: bool = False,
        subscriber: str | None = None,
        replies: Sequence[Sequence[object]] = (),
    ) -> int:
        """Puts an emulated modem behind the stick's ports, and its network behind a TAP device.

        `always_up`: the TAP device answers without AT^NDISDUP, as a router. `subscriber`: another IMSI.
        `replies` come before the modem's own: command (regular expression, without AT), lines, final code.
        """
        functions = {item.number: item.function or "" for item in mode.interfaces}
        ports = {tty: functions[number] for number, tty in stick.ttys.items()}
        number: int = self.ask(
            "emulate",
            ports=ports,
            settings=dict(settings or {}),
            network=network,
            always_up=always_up,
            subscriber=subscriber,
            replies=[list(reply) for reply in replies],
        )
        return number

    def cable(self, name: str, profile: str) -> int:
        """A wired Ethernet port whose network is the profile's; number of the emulation, for `seen`."""
        self.ask("plug", text=wired(name), binary={})
        number: int = self.ask("cable", name=name, profile=profile)
        return number

    def plug_cable(self, name: str, plugged_in: bool) -> None:
        """Its carrier, as of a real cable."""
        state = "on" if plugged_in else "off"
        assert self.run("ip", "link", "set", name, "carrier", state)["status"] == 0

    def seen(self, emulation: int = 0) -> list[tuple[str, dict[str, Any]]]:
        """What the emulated modem saw: names and details of its events."""
        return [(name, detail) for name, detail in self.ask("events", number=emulation)]

    def commands(self) -> list[str]:
        """The AT commands that the modem got, without what is secret in them."""
        return [detail["command"] for name, detail in self.seen() if name == "at-command"]

    def air(self, number: int = 0, **values: object) -> None:
        """Changes what surrounds the emulated stick (modem_image.bench.stick.air.Air)."""
        self.ask("air", number=number, values=values)

    # --- Daemons ---

    def start_ofono(self, *command: str | Path) -> None:
        """The bus if there is none, then ofonod: Debian's, or the command given."""
        self.start_bus()
        started = [str(part) for part in command or (OFONOD,)]
        self.ask("start", name="ofonod", command=[*started, "-d", "-n"], preload=True)
        self.until(lambda: self._owned("org.ofono"), "ofonod on D-Bus")

    def start_connman(self, configuration: str = CONNMAN_CONF) -> None:
        """connmand with the configuration given."""
        file = self.folder / "main.conf"
        file.write_text(configuration)
        self.start_bus()
        self.ask("start", name="connmand", command=[CONNMAND, "-n", "-d", "-c", str(file)], preload=True)
        self.until(lambda: self._owned("net.connman"), "connmand on D-Bus")

    def start_bus(self) -> None:
        if not (self.folder / "dbus-daemon.log").exists():
            self.ask("bus")

    def status(self, daemon: str) -> int | None:
        """None while it runs; minus the number of the signal that ended it."""
        found: int | None = self.ask("status", name=daemon)
        return found

    def log(self, daemon: str) -> str:
        return str(self.ask("log", name=daemon))

    def run(self, *command: str, preload: bool = False, timeout: float = PATIENCE) -> dict[str, Any]:
        """Runs a command in the namespaces: status, out, err."""
        done: dict[str, Any] = self.ask("run", command=list(command), preload=preload, timeout=timeout)
        return done

    # --- D-Bus ---

    def call(
        self,
        bus_name: str,
        path: str,
        method: str,
        signature: str = "",
        *arguments: object,
        timeout: float = PATIENCE,
    ) -> Any:
        """A D-Bus call. Raises DBusError."""
        found = self.ask(
            "call",
            bus_name=bus_name,
            path=path,
            method=method,
            signature=signature,
            arguments=list(arguments),
            timeout=timeout,
        )
        if "error" in found:
            raise DBusError(found["error"], found["message"])
        return found["answer"]

    def ofono(self, path: str, method: str, signature: str = "", *arguments: object) -> Any:
        return self.call("org.ofono", path, f"org.ofono.{method}", signature, *arguments)

    def connman(self, path: str, method: str, signature: str = "", *arguments: object) -> Any:
        return self.call("net.connman", path, f"net.connman.{method}", signature, *arguments)

    def modems(self) -> dict[str, Any]:
        """oFono's modems: properties by path."""
        return dict(self.ofono("/", "Manager.GetModems"))

    def services(self) -> dict[str, Any]:
        """ConnMan's services: properties by path."""
        return dict(self.connman("/", "Manager.GetServices"))

    def until(self, probe: Callable[[], _T], what: str, seconds: float = PATIENCE) -> _T:
        """What the probe gives once it is something; DBusError counts as nothing."""
        end = time.monotonic() + seconds
        while True:
            try:
                if found := probe():
                    return found
            except DBusError:
                pass
            if time.monotonic() > end:
                raise AssertionError(f"{what}: not within {seconds} s\n{self._logs()}")
            time.sleep(0.1)

    def _owned(self, name: str) -> bool:
        return bool(self.call("org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner", "s", name))

    def _logs(self) -> str:
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}" for log in logs)

    # --- The worker ---

    def ask(self, request: str, /, **arguments: object) -> Any:
        """One request to the worker."""
        assert self._worker.stdin is not None
        self._worker.stdin.write(json.dumps({"method": request, "arguments": arguments}) + "\n")
        self._worker.stdin.flush()
        return self._answer().get("answer")

    def _answer(self) -> dict[str, Any]:
        assert self._worker.stdout is not None
        line = self._worker.stdout.readline()
        if not line:
            raise RuntimeError(f"the worker ended\n{self._logs()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer


def activate(bed: Bed, modem: str, apn: str = "internet", **account: str) -> dict[str, Any]:
    """Takes the modem all the way: powered, online, registered, attached, context active. Its properties.

    `account` are further properties of the context, such as Username.
    """
    path = attach(bed, modem)
    for name, value in {**account, "AccessPointName": apn}.items():
        bed.ofono(path, "ConnectionContext.SetProperty", "sv", name, value)
    bed.ofono(path, "ConnectionContext.SetProperty", "sv", "Active", True)
    return dict(bed.ofono(path, "ConnectionContext.GetProperties"))


def attach(bed: Bed, modem: str) -> str:
    """Takes the modem as far as the packet network; the path of its context."""
    bed.ofono(modem, "Modem.SetProperty", "sv", "Powered", True)
    interfaces = ("SimManager", "ConnectionManager")

    def has(name: str) -> bool:
        return f"org.ofono.{name}" in bed.modems()[modem]["Interfaces"]

    bed.until(lambda: has(interfaces[0]), "the SIM")
    bed.until(lambda: bed.ofono(modem, "SimManager.GetProperties").get("SubscriberIdentity"), "the IMSI")
    bed.ofono(modem, "Modem.SetProperty", "sv", "Online", True)
    bed.until(lambda: has(interfaces[1]), "packet data")
    bed.until(lambda: bed.ofono(modem, "ConnectionManager.GetProperties")["Attached"], "attached")
    contexts = bed.until(lambda: bed.ofono(modem, "ConnectionManager.GetContexts"), "a context") or []
    return str(contexts[0][0])


def plug_modem(bed: Bed, mode: Mode, settings: Mapping[str, str] | None = None, **how: Any) -> Plugged:
    """Describes the mode, plugs it in and puts a modem behind its ports."""
    stick = plugged(mode, **how)
    bed.plug(stick)
    bed.answer_at(mode, stick, settings)
    return stick


def labels(properties: Mapping[str, Mapping[str, str]], ttys: Sequence[str]) -> dict[str, str | None]:
    """OFONO_LABEL by tty."""
    return {
        path.rsplit("/", 1)[-1]: found.get("OFONO_LABEL")
        for path, found in properties.items()
        if path.rsplit("/", 1)[-1] in ttys and "/tty/" in path
    }
