# SPDX-License-Identifier: MIT
"""The emulated board, up and waiting for a stick, for the benchmarks that measure on it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
for folder in ("scripts", "meta-huawei-modem/recipes-support/huawei-modem/files"):
    sys.path.insert(0, str(PROJECT / folder))

from modem_image.bench.card import make_card  # noqa: E402 - the packages are found by the lines above
from modem_image.bench.guest import Guest  # noqa: E402
from modem_image.bench.qemu import Board as Powered  # noqa: E402
from modem_image.bench.qemu import powered_board  # noqa: E402
from modem_image.bench.record import Recorder  # noqa: E402
from modem_image.bench.stick.peer import Peer  # noqa: E402
from modem_image.bench.stick.stick import Stick  # noqa: E402
from modem_image.board.description import Board  # noqa: E402
from modem_image.cache import Cache, cache_root  # noqa: E402
from modem_image.console import say  # noqa: E402

APN = "internet.example"
PATIENCE = 300.0
"""Seconds of the board's clock, for whatever it is that has to come."""


@contextmanager
def booted(board: Board, image: Path, folder: Path) -> Iterator[tuple[Powered, Guest]]:
    """The board with `image`, at multi-user.target; its serial log and USB capture go to `folder`."""
    card = make_card(image, board, Cache(cache_root()))
    folder.mkdir(parents=True, exist_ok=True)
    with (
        powered_board(board.qemu, card, folder) as powered,
        closing(Guest(powered.shell, powered.check_alive, powered.now)) as guest,
    ):
        guest.connect(PATIENCE)
        while guest.run("systemctl is-active --quiet multi-user.target")[0]:
            time.sleep(1)
        yield powered, guest


@contextmanager
def plugged(powered: Powered, stick: Stick, log: Path) -> Iterator[Recorder]:
    """The stick in the board; what happens to it goes to `log`. At the end it is out."""
    recorder = Recorder(log, progress=say)
    peer = Peer(powered.stick, stick, recorder.record)
    peer.start()
    try:
        yield recorder
    finally:
        peer.stop()
        peer.join(10)


def shell_script(guest: Guest, text: str, patience: float = PATIENCE) -> str:
    """Run a bash script on the board; what it printed. Exits when it fails."""
    guest.run("cat >/run/script <<'END_OF_SCRIPT'\n" + text + "\nEND_OF_SCRIPT\ntrue")
    status, output = guest.run("bash /run/script", patience)
    if status:
        sys.exit(f"the board: {output}")
    return output
