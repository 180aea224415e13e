# SPDX-License-Identifier: MIT
"""A stick on which real daemons work: dbus-daemon, ofonod and connmand, and the bench's AT and PPP peer.

Started by real.py in a network and mount namespace of its own, with the distribution's Python, which has gi.
Arguments: a folder for files, with the stick in stick.umockdev, the folder with the daemons' packages,
settings of the stick as JSON. Prints `ready` and the folder of the mocked devices, then each event of the
stick as JSON; ends when its standard input does.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import UMockdev  # noqa: E402

from modem_image.bench.stick import data  # noqa: E402
from modem_image.bench.stick.at import AtPort, Call  # noqa: E402
from modem_image.bench.stick.modem import Modem  # noqa: E402
from modem_image.bench.stick.network import Network  # noqa: E402
from modem_image.bench.stick.ppp import PppPeer  # noqa: E402
from modem_image.bench.stick.ppp_packets import PppSettings  # noqa: E402
from modem_image.bench.stick.stick import settings_from  # noqa: E402

STICK = "ms2372h-vodafone"
BUS = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={folder}/bus</listen>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
  </policy>
</busconfig>
"""
# Nothing of this machine is written to: its /run, the daemons' state and resolv.conf are the namespace's own.
MOUNTS = """
mount -t tmpfs tmpfs /run
mkdir -p /run/ofono /run/connman-state /run/connman /run/udev/data /var/lib/ofono /var/lib/connman
cp /etc/resolv.conf /run/resolv.conf
mount --bind /run/resolv.conf /etc/resolv.conf
mount --bind /run/ofono /var/lib/ofono
mount --bind /run/connman-state /var/lib/connman
ip link set lo up
"""


def tell(name: str, **detail: str | int) -> None:
    print(json.dumps({"event": name, **detail}), flush=True)


class Ports:
    """The AT ports of the stick, in one thread; a call on the modem port speaks PPP."""

    def __init__(self, descriptors: dict[str, int], settings: dict[str, str]) -> None:
        self._data, self._settings = data.load(STICK), settings_from(settings)
        wanted = self._settings
        modem = Modem(
            self._data.modem, sim=wanted.sim, pin=wanted.pin, registration=wanted.registration, emit=tell
        )
        self._network = Network(self._data.network, tell)
        self._ports = {fd: AtPort(name, modem, tell) for name, fd in descriptors.items()}
        self._calls: dict[int, PppPeer] = {}
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            for fd in select.select(list(self._ports), [], [], 1)[0]:
                try:
                    self._input(fd, os.read(fd, 4096))
                except OSError:
                    # Nobody has the other end open: EIO until somebody does.
                    if call := self._calls.pop(fd, None):
                        call.carrier_lost()
                        self._ports[fd].hang_up()
                    threading.Event().wait(0.05)

    def _input(self, fd: int, received: bytes) -> None:
        port = self._ports[fd]
        if fd not in self._calls:
            received = port.feed(received)
            os.write(fd, port.take_output())
            if port.call is not None:
                self._calls[fd] = self._dial(port.call)
        if fd in self._calls and received:
            os.write(fd, self._calls[fd].receive(received))
            if self._calls[fd].dead:
                del self._calls[fd]
                port.hang_up()
                os.write(fd, b"\r\nNO CARRIER\r\n")

    def _dial(self, call: Call) -> PppPeer:
        network, wanted = self._data.network, self._settings
        settings = PppSettings(
            local=network.gateway,
            guest=network.guest,
            dns=(network.gateway, network.second_dns),
            auth=wanted.auth,
            username=wanted.username,
            password=wanted.password,
            accept_apn=wanted.apn is None or call.apn == wanted.apn,
        )
        return PppPeer(settings, self._network.receive, tell)


class Bed:
    """The daemons. Their logs lie in the folder."""

    def __init__(self, folder: Path, root: Path, settings: dict[str, str]) -> None:
        self._folder, self._root = folder, root
        self._processes: list[subprocess.Popen[bytes]] = []
        subprocess.run(["sh", "-ec", MOUNTS], check=True)
        self._stick = UMockdev.Testbed.new()
        self._stick.add_from_string((folder / "stick.umockdev").read_text())
        # umockdev 0.17 answers ENOTTY to TUNSETIFF; with a plain file in the place of its socket it
        # passes the ioctl on to the real /dev/net/tun.
        tun = Path(self._stick.get_root_dir(), "ioctl/dev/net/tun")
        tun.parent.mkdir(parents=True, exist_ok=True)
        tun.touch()
        ports = {"modem": "/dev/ttyUSB0", "pcui": "/dev/ttyUSB2"}
        self._ports = Ports({name: self._stick.get_dev_fd(path) for name, path in ports.items()}, settings)

    def start(self) -> None:
        """All daemons, each when the one it needs is there."""
        (self._folder / "bus.conf").write_text(BUS.format(folder=self._folder))
        self._run(
            "dbus", ["dbus-daemon", "--nofork", "--print-address", "--config-file", self._folder / "bus.conf"]
        )
        while not (self._folder / "dbus.log").stat().st_size:
            threading.Event().wait(0.02)
        self._run(
            "ofono",
            [self._root / "usr/sbin/ofonod", "-n", "-d"],
            LD_PRELOAD="libumockdev-preload.so.0",
            UMOCKDEV_DIR=self._stick.get_root_dir(),
        )
        settings = "[General]\nEnableOnlineCheck=false\nAllowHostnameUpdates=false\nFallbackNameservers=\n"
        (self._folder / "main.conf").write_text(f"{settings}PreferredTechnologies=cellular\n")
        self._run("connman", [self._root / "usr/sbin/connmand", "-n", "-c", self._folder / "main.conf"])

    @property
    def devices(self) -> str:
        """The folder of the mocked /sys and /dev (UMOCKDEV_DIR)."""
        return str(self._stick.get_root_dir())

    def close(self) -> None:
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)

    def _run(self, name: str, command: list[Any], **environment: str) -> None:
        libraries = ":".join(str(path) for path in (self._root / "usr/lib").glob("*-linux-gnu*"))
        address = f"unix:path={self._folder}/bus"
        environment |= {"DBUS_SYSTEM_BUS_ADDRESS": address, "LD_LIBRARY_PATH": libraries}
        with (self._folder / f"{name}.log").open("wb") as log:
            self._processes.append(
                subprocess.Popen(command, env={**os.environ, **environment}, stdout=log, stderr=log)
            )


def main() -> None:
    bed = Bed(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3]))
    try:
        bed.start()
        print(f"ready {bed.devices}", flush=True)
        sys.stdin.read()
    finally:
        bed.close()


main()
