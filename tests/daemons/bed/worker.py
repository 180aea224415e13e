# SPDX-License-Identifier: MIT
"""The process in the namespaces: umockdev, the emulated modem, the daemons. JSON lines in, JSON lines out.

Started by client.py with the distribution's Python, which has gi and dbus, as root. Everything that the
daemons write to lies in mounts of this namespace; nothing of the machine is changed.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import json
import os
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import dbus
import dbus.lowlevel
import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import UMockdev  # noqa: E402

from daemons.bed.bus import bus_configuration  # noqa: E402
from daemons.bed.emulation import Emulation  # noqa: E402
from patience import PATIENCE  # noqa: E402

_TIOCEXCL, _TIOCNXCL = 0x540C, 0x540D
PRELOAD = "libumockdev-preload.so.0"

# /usr and /etc have the daemons over them, /dev the bare nodes; /var/lib, /var/log and /run are empty.
NAMESPACE = """
set -e
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$2/usr:/usr" /usr
mkdir -p "$1/etc"
mount -t tmpfs tmpfs "$1/etc"
cp -a /etc/. "$1/etc/"
cp -a "$2/etc/." "$1/etc/"
mount --bind "$1/etc" /etc
rm -f /etc/resolv.conf && : > /etc/resolv.conf
mount -t tmpfs tmpfs /run
mkdir -p /run/udev/rules.d /run/udev/data /run/bed /run/dev/pts /run/dev/net /run/connman
cp -a /dev/null /dev/zero /dev/urandom /dev/random /dev/ptmx /dev/tty /run/dev/
mknod /run/dev/net/tun c 10 200
mount --bind /dev/pts /run/dev/pts
mount --rbind /run/dev /dev
mount -t tmpfs tmpfs /var/lib
mount -t tmpfs tmpfs /var/log
mkdir -p /var/lib/ofono /var/lib/connman /var/lib/usb_modeswitch
ip link set lo up
"""


class Worker:
    """What a test can ask for: every public method, by its name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.testbed = UMockdev.Testbed.new()
        # umockdev 0.17 answers the ioctls of the real /dev/net/tun; a plain file in its socket's place
        # makes it pass them on. 0.19 does by itself.
        tun = Path(self.testbed.get_root_dir()) / "ioctl/dev/net/tun"
        tun.parent.mkdir(parents=True)
        tun.touch()
        self.environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/run/bed/bus"}
        self.emulations: list[Emulation] = []
        self.daemons: dict[str, subprocess.Popen[bytes]] = {}
        self.logs: dict[str, Path] = {}
        self.connection: Any = None

    # --- Devices ---

    def plug(self, text: str, binary: dict[str, dict[str, str]]) -> None:
        """Adds devices; `binary` has attributes by path and name, in base64, which no text can hold."""
        self.testbed.add_from_string(text)
        for path, attributes in binary.items():
            for name, value in attributes.items():
                self.testbed.set_attribute_binary(f"/sys{path}", name, base64.b64decode(value))

    def attribute(self, path: str, name: str, value: str) -> None:
        self.testbed.set_attribute(f"/sys{path}", name, value)

    def uevent(self, path: str, action: str) -> None:
        self.testbed.uevent(f"/sys{path}", action)

    def unplug(self, path: str) -> None:
        """Takes a device out of /sys, and all below it, without an event."""
        self.testbed.remove_device(f"/sys{path}")

    def ioctls(self, node: str, tree: str) -> None:
        """Answers for the ioctls of a device node: a tree in umockdev's format."""
        file = self.folder / "ioctl.tree"
        file.write_text(tree)
        self.testbed.load_ioctl(node, str(file))

    def udev(self, paths: list[str]) -> dict[str, dict[str, str]]:
        """Runs the rules over each device, which also fills udev's database; properties by path."""
        found = {}
        for path in paths:
            done = self._run(
                ["udevadm", "test", "--action=add", f"/sys{path}"], preload=True, timeout=PATIENCE
            )
            lines = done.stdout.splitlines()
            pairs = [line.partition("=") for line in lines if line[:1].isupper() and "=" in line]
            found[path] = {name: value for name, _, value in pairs}
            found[path]["run"] = "\n".join(line for line in lines if line.startswith("run:"))
            found[path]["errors"] = done.stderr
        return found

    # --- The modem behind the ports ---

    def emulate(
        self,
        ports: dict[str, str],
        settings: dict[str, str],
        network: str | None,
        always_up: bool,
        subscriber: str | None,
        replies: list[Any],
    ) -> int:
        """Ports by tty name (ttyUSB0: pcui, ...); returns the emulation's number."""
        emulation = Emulation(settings, always_up, subscriber, replies)
        for tty, name in ports.items():
            emulation.port(name, self.testbed.get_dev_fd(f"/dev/{tty}"))
        if network:
            emulation.network(network)
        emulation.start()
        self.emulations.append(emulation)
        return len(self.emulations) - 1

    def cable(self, name: str, profile: str) -> int:
        """An Ethernet port with the network of that profile behind it; returns the emulation's number."""
        emulation = Emulation({}, always_up=True, profile=profile)
        emulation.network(name)
        emulation.start()
        self.emulations.append(emulation)
        return len(self.emulations) - 1

    def air(self, number: int, values: dict[str, Any]) -> None:
        """Changes what surrounds the stick: attributes of modem_image.bench.stick.air.Air."""
        for name, value in values.items():
            setattr(self.emulations[number].air, name, value)

    def say(self, number: int, port: str, line: str) -> None:
        self.emulations[number].say(port, line)

    def lockable(self, node: str) -> None:
        """Lets a program have the serial port for itself (TIOCEXCL), as ModemManager wants."""

        def handle(_handler: Any, client: Any) -> bool:
            client.complete(0 if client.get_request() in (_TIOCEXCL, _TIOCNXCL) else -1, errno.ENOTTY)
            return True

        handler = UMockdev.IoctlBase()
        handler.connect("handle-ioctl", handle)
        self.testbed.attach_ioctl(node, handler)

    def events(self, number: int) -> list[list[Any]]:
        return [[event.name, dict(event.detail)] for event in self.emulations[number].events]

    # --- Processes ---

    def start(self, name: str, command: list[str], preload: bool) -> None:
        """Starts a daemon in the foreground; its output goes to a log."""
        environment = self._preloaded() if preload else self.environment
        self.logs[name] = self.folder / f"{name}.log"
        with self.logs[name].open("wb") as log:
            self.daemons[name] = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def bus(self) -> None:
        config = self.folder / "bus.conf"
        config.write_text(bus_configuration("/run/bed/bus"))
        self.start("dbus-daemon", ["dbus-daemon", "--nofork", "--config-file", str(config)], preload=False)
        address = self.environment["DBUS_SYSTEM_BUS_ADDRESS"]
        for _ in range(100):  # the socket's file is there before the daemon listens
            with contextlib.suppress(dbus.DBusException):
                self.connection = dbus.bus.BusConnection(address)
                return
            time.sleep(0.05)
        raise RuntimeError("dbus-daemon does not answer")

    def status(self, name: str) -> int | None:
        """Exit status of a daemon, minus the signal's number when one ended it; None while it runs."""
        return self.daemons[name].poll()

    def log(self, name: str) -> str:
        return self.logs[name].read_text(errors="replace")

    def stop(self, name: str) -> int:
        daemon = self.daemons.pop(name)
        daemon.terminate()
        try:
            return daemon.wait(10)
        except subprocess.TimeoutExpired:
            daemon.kill()
            return daemon.wait(10)

    def run(self, command: list[str], preload: bool, timeout: float) -> dict[str, Any]:
        done = self._run(command, preload, timeout)
        return {"status": done.returncode, "out": done.stdout, "err": done.stderr}

    def call(
        self, bus_name: str, path: str, method: str, signature: str, arguments: list[Any], timeout: float
    ) -> Any:
        """A D-Bus call; `method` with its interface. Basic types in, plain values out."""
        interface, _, member = method.rpartition(".")
        try:
            answer = self.connection.call_blocking(
                bus_name,
                path,
                interface,
                member,
                signature,
                _arguments(signature, arguments),
                timeout=timeout,
            )
        except dbus.DBusException as error:
            return {"error": error.get_dbus_name(), "message": error.get_dbus_message()}
        return {"answer": _plain(answer)}

    def send(self, bus_name: str, path: str, method: str, signature: str, arguments: list[Any]) -> None:
        """A D-Bus call whose answer nobody waits for."""
        interface, _, member = method.rpartition(".")
        message = dbus.lowlevel.MethodCallMessage(bus_name, path, interface, member)
        message.append(*_arguments(signature, arguments), signature=signature)
        message.set_no_reply(True)
        self.connection.send_message(message)
        self.connection.flush()

    def close(self) -> None:
        for name in reversed(list(self.daemons)):
            self.stop(name)
        for emulation in self.emulations:
            emulation.stop()

    def _run(self, command: list[str], preload: bool, timeout: float) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=self._preloaded() if preload else self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
        )

    def _preloaded(self) -> dict[str, str]:
        return {
            **self.environment,
            "LD_PRELOAD": PRELOAD,
            "UMOCKDEV_DIR": self.testbed.get_root_dir(),
            "OFONO_AT_DEBUG": "1",
        }


def _arguments(signature: str, values: list[Any]) -> list[Any]:
    """Basic types as they are; what goes into a variant needs its D-Bus type."""
    return [
        (dbus.Boolean(value) if isinstance(value, bool) else dbus.String(value)) if kind == "v" else value
        for kind, value in zip(signature, values, strict=True)
    ]


def _plain(value: Any) -> Any:
    """D-Bus types as JSON has them."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dbus.Boolean):
        return bool(value)
    if isinstance(value, int):
        return int(value)
    return str(value) if isinstance(value, str) else value


def main(folder: Path, packages: Path) -> None:
    # It is for this process; what is started gets it where it is meant to see the stick.
    os.environ.pop("LD_PRELOAD", None)
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    subprocess.run(["sh", "-c", NAMESPACE, "sh", folder, packages], check=True)
    worker = Worker(folder)
    print(json.dumps({"ready": True}), file=out, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"answer": getattr(worker, request["method"])(**request["arguments"])}
        except Exception:  # noqa: BLE001  (the client raises it again)
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), file=out, flush=True)
        if request["method"] == "close":
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
