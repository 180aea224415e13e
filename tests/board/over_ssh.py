# SPDX-License-Identifier: MIT
"""The emulated board treated as a real one: `bench --board ssh://…` reaches its own dropbear by its cable.

The Colibri's Ethernet is emulated for it, with QEMU's user network behind it, of which one port of loopback
leads to the board's SSH server. The stick is plugged in by the command that --plug-command names.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from modem_image.bench.card import make_card
from modem_image.bench.guest import Guest
from modem_image.bench.qemu import Board, Start, powered_board
from modem_image.bench.scenario import load_scenarios
from modem_image.bench.snapshot import UP, await_up
from modem_image.bench.stick.peer import Peer
from modem_image.bench.stick.stick import load_stick
from modem_image.bench.visit import await_unplugged
from modem_image.board.description import Board as Description
from modem_image.board.description import QemuSettings
from modem_image.cache import Cache, cache_root

from .conftest import LAUNCHER

# QEMU has no RN5T567: without its regulator Linux waits for the PHY's supply for ever.
_ETHERNET = ("/soc/bus@30800000/ethernet@30be0000", "phy-supply")
_NETWORK = "user,restrict=on,hostfwd=tcp:127.0.0.1:{port}-:22"
# The bench's QEMU ends when the board reboots: this one boots it again.
_REBOOTS = ("-action", "reboot=reset")
_PORT = 2222
_BOOT_PATIENCE = 300.0
_SERVER_PATIENCE = 120.0
_RUN_PATIENCE = 900.0
_SWITCHING_S = 4.0


@dataclass
class Behind:
    """The board, whose SSH server at `port` of loopback lets `key` in; the stick is not plugged in yet."""

    port: int
    key: Path
    power: Board
    guest: Guest
    peer: Peer
    host: str
    """An address of the stick's network."""

    def bench(
        self, output: Path, as_it_comes: Callable[[], None] = lambda: None, *more: str
    ) -> subprocess.CompletedProcess[str]:
        """`modem-image bench --board`, as a person types it; `as_it_comes` is called amid the switch."""
        output.mkdir()
        asked, stop = output / "plug", threading.Event()
        watcher = threading.Thread(target=self._plug_when, args=(asked, stop, as_it_comes))
        watcher.start()
        words = [
            *(sys.executable, LAUNCHER, "bench", "--board", f"ssh://root@127.0.0.1:{self.port}"),
            *(word for option in self._options() for word in ("--ssh-option", option)),
            *("--plug-command", f"touch '{asked}'", "--ping", self.host, "--output", output / "runs"),
            *("--json", output / "report.json", *more),
        ]
        try:
            return subprocess.run(words, capture_output=True, text=True, check=False, timeout=_RUN_PATIENCE)
        finally:
            stop.set()
            watcher.join()

    def drop(self) -> None:
        """End every connection, as a cable does that is pulled."""
        self.guest.run("kill $(pidof dropbear)")

    def reboot(self) -> None:
        """At once, with what was written so far on the card. Not by sysrq: a small kernel is without."""
        self.guest.run("sync; { sleep 1; systemctl reboot -ff; } >/dev/null 2>&1 & :")

    def pull(self) -> None:
        """Take the stick out, and wait until the board has let go of it."""
        self.peer.unplug()
        await_unplugged(self.guest, self.power.now)

    def _options(self) -> tuple[str, ...]:
        return (
            f"IdentityFile={self.key}",
            "IdentitiesOnly=yes",
            f"UserKnownHostsFile={self.key}.known",
            "StrictHostKeyChecking=accept-new",
        )

    def _plug_when(self, asked: Path, stop: threading.Event, as_it_comes: Callable[[], None]) -> None:
        while not asked.exists():
            if stop.wait(0.1):
                return
        self.peer.plug()
        if not stop.wait(_SWITCHING_S):
            as_it_comes()


def report_of(output: Path) -> dict[str, Any]:
    """What --json wrote."""
    found: dict[str, Any] = json.loads((output / "report.json").read_text())
    return found


def with_ethernet(settings: QemuSettings) -> QemuSettings:
    """The board whose device tree lets Linux find its Ethernet."""
    return replace(settings, device_tree_deletes=(*settings.device_tree_deletes, _ETHERNET))


@contextmanager
def board_behind_ssh(description: Description, tar: Path, folder: Path, name: str) -> Iterator[Behind]:
    """The board of the Easy Installer tar, booted, with a key of ours in it and dropbear running."""
    board = replace(description, qemu=with_ethernet(description.qemu))
    card = make_card(tar, board, Cache(cache_root()))
    stick = load_stick(name, load_scenarios()["hot-plug"].stick)
    key = folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    port = _free_port()
    start = Start(more=("-nic", _NETWORK.format(port=port), *_REBOOTS))
    with (
        powered_board(board.qemu, card, folder, start) as power,
        closing(Guest(power.shell, power.check_alive, power.now)) as guest,
    ):
        peer = Peer(power.stick, stick, lambda _event: None, plugged=False)
        peer.start()
        try:
            await_up(guest, UP, _BOOT_PATIENCE, power.now)
            let_in(guest, key.with_suffix(".pub").read_text().strip())
            await_server(port, power)
            yield Behind(port, key, power, guest, peer, str(stick.description.network.host))
        finally:
            peer.stop()
            with suppress(Exception):
                peer.join(10)


def _free_port() -> int:
    """The same each time where it can be: bitbake reads every recipe anew for another environment."""
    for wanted in (_PORT, 0):
        with socket.socket() as free, suppress(OSError):
            free.bind(("127.0.0.1", wanted))
            return int(free.getsockname()[1])
    raise AssertionError("no port is free")


def let_in(guest: Guest, key: str) -> None:
    """Root's list of keys gets ours, and dropbear runs: by its own unit where the image has one."""
    for command in (
        "home=$(grep ^root: /etc/passwd | cut -d: -f6); mkdir -p -m 700 $home/.ssh /etc/dropbear && "
        f"echo '{key}' >>$home/.ssh/authorized_keys && chmod 600 $home/.ssh/authorized_keys",
        "systemctl enable --now dropbear.socket 2>/dev/null || dropbear -R -s </dev/null >/dev/null 2>&1",
    ):
        status, output = guest.run(command)
        assert status == 0, output


def await_server(port: int, power: Board) -> None:
    """Until the board has its address and an SSH server answers at the port."""
    end = power.now() + _SERVER_PATIENCE
    said = b""
    while not said.startswith(b"SSH-2.0-dropbear"):
        assert power.now() < end, f"no SSH server of the board answered at port {port}: {said!r}"
        power.check_alive(1)
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as connection:
            connection.settimeout(5)
            said = connection.recv(100)
