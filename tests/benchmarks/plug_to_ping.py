# SPDX-License-Identifier: MIT
"""From plug-in to the first answered ping: oFono with ConnMan beside ModemManager with NetworkManager.

    .venv/bin/python tests/benchmarks/plug_to_ping.py --rounds 2

The same emulated board, kernel and sticks; the images differ in their daemons. On each a loop pings the
network's host from before plug-in, and the stick tells when the first request came through. The images
take turns, a boot each, with all the sticks. Prints a Markdown table of medians.
"""

from __future__ import annotations

import argparse
import dataclasses
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
for folder in ("scripts", "meta-huawei-modem/recipes-support/huawei-modem/files"):
    sys.path.insert(0, str(PROJECT / folder))

from modem_image.bench.card import make_card  # noqa: E402 - the package is found by the lines above
from modem_image.bench.guest import Guest  # noqa: E402
from modem_image.bench.qemu import Board as Powered  # noqa: E402
from modem_image.bench.qemu import powered_board  # noqa: E402
from modem_image.bench.record import Recorder  # noqa: E402
from modem_image.bench.stick.peer import Peer  # noqa: E402
from modem_image.bench.stick.stick import StickSettings, load_stick  # noqa: E402
from modem_image.bench.visit import await_unplugged  # noqa: E402
from modem_image.board import Board, load_board  # noqa: E402
from modem_image.cache import Cache, cache_root  # noqa: E402
from modem_image.console import say  # noqa: E402
from modem_image.debian.archive import host_mirror  # noqa: E402
from modem_image.image import build  # noqa: E402
from modem_image.ofono.build import build_ofono  # noqa: E402

OUTPUT = PROJECT / "build" / "plug-to-ping"
STICKS = ("ms2372h", "e3372s")
PATIENCE_S = 300.0
APN = "internet.example"
CONNECTION = f"""\
[connection]
id=modem
uuid=6f1b4a3e-2f64-4a0b-9a52-0d5a1f0c9d11
type=gsm
autoconnect=true

[gsm]
apn={APN}

[ipv4]
method=auto

[ipv6]
method=disabled
"""
# Debian's way to say that NetworkManager resolves names, and what a board without Ethernet at hand needs not.
SETTINGS = "[main]\ndns=default\nno-auto-default=*\n\n[connectivity]\nenabled=false\n"


def with_modem_manager(board: Board) -> Board:
    """The board with Debian's ModemManager and NetworkManager, and without the units that feed oFono."""
    left_out = ("ofono", "connman")
    kept = tuple(name for name in board.root.packages if name not in left_out)
    disturbing = ("ofono.service", "connman.service")
    root = dataclasses.replace(
        board.root,
        packages=(*kept, "modemmanager", "network-manager"),
        enable=(
            *(unit for unit in board.root.enable if unit not in disturbing),
            "ModemManager.service",
            "NetworkManager.service",
        ),
        mask=(*board.root.mask, "huawei-modem-connect.service", "NetworkManager-wait-online.service"),
    )
    return dataclasses.replace(
        board, root=root, qemu=dataclasses.replace(board.qemu, card_size_mib=board.qemu.card_size_mib * 2)
    )


def overlay_with_connection() -> Path:
    """The board's overlay with a connection for the modem."""
    folder = OUTPUT / "overlay"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(build.OVERLAY, folder)
    place = folder / "etc" / "NetworkManager"
    (place / "system-connections").mkdir(parents=True)
    connection = place / "system-connections" / "modem.nmconnection"
    connection.write_text(CONNECTION)
    connection.chmod(0o600)
    (place / "conf.d").mkdir()
    (place / "conf.d" / "10-board.conf").write_text(SETTINGS)
    return folder


def images(board: Board, cache: Cache) -> dict[str, tuple[Board, Path]]:
    """Board and image by what the table calls them."""
    archive = board.archive
    other = with_modem_manager(board)
    usual = build.OVERLAY
    build.OVERLAY = overlay_with_connection()
    try:
        rival = build.build_image(other, cache)
    finally:
        build.OVERLAY = usual
    patched = build_ofono(cache, archive.mirror, archive.architecture)
    return {
        "oFono 1.31, ConnMan": (board, build.build_image(board, cache)),
        "oFono 1.31 with the patches, ConnMan": (board, build.build_image(board, cache, ofonod=patched)),
        "ModemManager, NetworkManager": (other, rival),
    }


def measure(board: Board, image: Path, folder: Path) -> dict[str, float | None]:
    """Seconds from plug-in to the first ping, by stick; None where it never came.

    By the clock that stands still while QEMU is kept waiting for a processor.
    """
    card = make_card(image, board, Cache(cache_root()))
    found: dict[str, float | None] = {}
    folder.mkdir(parents=True, exist_ok=True)
    with (
        powered_board(board.qemu, card, folder) as machine,
        closing(Guest(machine.shell, machine.check_alive, machine.now)) as guest,
    ):
        guest.connect(PATIENCE_S)
        while guest.run("systemctl is-active --quiet multi-user.target")[0]:
            time.sleep(1)
        for name in STICKS:
            found[name] = visit(machine, guest, name, folder)
            (folder / f"{name}.journal").write_text(guest.run("journalctl -b --no-pager", PATIENCE_S)[1])
            await_unplugged(guest, machine.now)
    return found


def visit(machine: Powered, guest: Guest, name: str, folder: Path) -> float | None:
    stick = load_stick(name, StickSettings(apn=APN))
    host = stick.description.network.host
    guest.run(f"(while ! ping -c 1 -W 1 {host}; do sleep 0.3; done) >/dev/null 2>&1 & true")
    recorder = Recorder(folder / f"{name}.log", progress=say)
    peer = Peer(machine.stick, stick, recorder.record)
    peer.start()
    try:
        recorder.await_event(r"^attached\b", 10, machine.check_alive)
        start = machine.now()
        seen = recorder.await_event(r"^icmp-echo\b", PATIENCE_S, machine.check_alive, machine.now)
        return None if seen is None else machine.now() - start
    finally:
        peer.stop()
        peer.join(10)


def median(values: list[float | None]) -> str:
    seen = [value for value in values if value is not None]
    failed = f" ({len(values) - len(seen)} never)" if len(seen) < len(values) else ""
    return (f"{statistics.median(seen):.1f} s" if seen else "never") + failed


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", help="images with this in their name")
    args = parser.parse_args()
    wanted: Callable[[str], bool] = lambda name: args.only is None or args.only in name  # noqa: E731
    chosen = {
        name: item
        for name, item in images(load_board(host_mirror()), Cache(cache_root())).items()
        if wanted(name)
    }
    found: dict[tuple[str, str], list[float | None]] = {}
    for turn in range(args.rounds):
        for name, (board, image) in chosen.items():
            folder = OUTPUT / f"{turn}-{'-'.join(name.replace(',', '').split())}"
            for stick, seconds in measure(board, image, folder).items():
                found.setdefault((name, stick), []).append(seconds)
    print(f"| plug-in to ping, {args.rounds} rounds | {' | '.join(STICKS)} |")
    print("|---|" + "---|" * len(STICKS))
    for name in chosen:
        print(f"| {name} | {' | '.join(median(found[name, stick]) for stick in STICKS)} |")


if __name__ == "__main__":
    main()
