# SPDX-License-Identifier: MIT
"""The board without oFono and ConnMan, to which sticks come already switched: a few seconds each."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from modem_image.bench.card import make_card
from modem_image.bench.guest import Guest
from modem_image.bench.qemu import Board, powered_board
from modem_image.bench.record import Recorder
from modem_image.bench.stick.peer import Peer
from modem_image.bench.stick.stick import Stick
from modem_image.board.description import load_board
from modem_image.cache import Cache, cache_root
from modem_image.debian.archive import host_mirror
from modem_image.image.build import build_image

DEVICE = "/sys/bus/usb/devices/1-1"
PATIENCE = 300.0
# What is done to the board's udev and systemd by a plug has come to its end.
SETTLED = "udevadm settle; while systemctl list-jobs | grep -q huawei-modem-bind; do sleep 0.2; done"


class BasicBench:
    """The board while it runs."""

    def __init__(self, board: Board, guest: Guest, recorder: Recorder) -> None:
        self._board = board
        self._guest = guest
        self._recorder = recorder

    def run(self, command: str) -> str:
        status, output = self._guest.run(command, PATIENCE)
        assert status == 0, f"{command}: {output}"
        return output

    def fetch(self, path: str) -> bytes:
        return self._guest.fetch(path, PATIENCE)

    @contextmanager
    def stick(self, stick: Stick, last: str = "1.3") -> Iterator[Peer]:
        """The stick, plugged in, with its interface `last`; at the end it is out, and the board has let go of
        it."""
        peer = Peer(self._board.stick, stick, self._recorder.record)
        peer.start()
        try:
            self.run(f"until [ -e {DEVICE}:{last} ]; do sleep 0.2; done; {SETTLED}")
            yield peer
        finally:
            peer.stop()
            peer.join(PATIENCE)
        self.run(f"while [ -e {DEVICE} ]; do sleep 0.2; done; udevadm settle")


_Bench = TypeVar("_Bench", bound=BasicBench)


@contextmanager
def basic_bench(kind: type[_Bench], folder: Path) -> Iterator[_Bench]:
    """The bench's image, booted to basic.target; the logs lie in `folder`."""
    board, cache = load_board(host_mirror()), Cache(cache_root())
    card = make_card(build_image(board, cache), board, cache)
    line = (*board.qemu.command_line, "systemd.unit=basic.target")
    settings = dataclasses.replace(board.qemu, command_line=line)
    recorder = Recorder(folder / "stick.log", progress=lambda text: None)
    with (
        powered_board(settings, card, folder) as powered,
        closing(Guest(powered.shell, powered.check_alive, powered.now)) as guest,
    ):
        guest.connect(PATIENCE)
        bench = kind(powered, guest, recorder)
        bench.run("until systemctl is-active --quiet basic.target; do sleep 0.2; done")
        yield bench
