# SPDX-License-Identifier: MIT
"""From plug-in to the first answered ping: oFono with ConnMan beside ModemManager with NetworkManager.

    .venv/bin/python tests/benchmarks/plug_to_ping.py [--rounds 3] [--only NAME]

The same emulated board, kernel and sticks; the images differ in their daemons, and ModemManager runs with
this layer's udev rules and without. On each a loop pings the network's host from before plug-in, and the
stick tells when the first request came. The images take turns, a boot each, with all the sticks. Prints a
Markdown table of medians. Seconds are of a clock that stands still while QEMU waits for a processor.
"""

from __future__ import annotations

import argparse
import dataclasses
import shutil
import statistics
from collections.abc import Callable, Mapping
from pathlib import Path

from booted import APN, PATIENCE, PROJECT, booted, plugged

from modem_image.bench.guest import Guest
from modem_image.bench.qemu import Board as Powered
from modem_image.bench.stick.stick import StickSettings, load_stick
from modem_image.bench.visit import await_unplugged
from modem_image.board.description import Board, load_board
from modem_image.cache import Cache, cache_root
from modem_image.console import say
from modem_image.debian.archive import host_mirror
from modem_image.image.build import OVERLAY, build_image
from modem_image.ofono.build import build_ofono

OUTPUT = PROJECT / "build" / "plug-to-ping"
STICKS = ("ms2372h", "e3372s")
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
# Nothing that takes time and that this board has no use for: its Ethernet has no cable.
SETTINGS = """\
[main]
no-auto-default=*
rc-manager=unmanaged

[connectivity]
enabled=false
"""
# Below /etc.
FILES = {
    "NetworkManager/system-connections/modem.nmconnection": CONNECTION,
    "NetworkManager/conf.d/10-board.conf": SETTINGS,
}
# A file there takes the place of one with its name in /usr/lib.
NO_RULES = {"udev/rules.d/70-huawei-modem.rules": ""}


def with_modem_manager(board: Board) -> Board:
    """The board with Debian's ModemManager and NetworkManager in the place of oFono and ConnMan."""
    root = board.root
    left_out = {"ofono", "connman", "ofono.service", "connman.service"}
    settings = dataclasses.replace(
        root,
        packages=(
            *(name for name in root.packages if name not in left_out),
            "modemmanager",
            "network-manager",
        ),
        enable=(
            *(unit for unit in root.enable if unit not in left_out),
            "ModemManager.service",
            "NetworkManager.service",
        ),
        mask=(*root.mask, "huawei-modem-connect.service", "NetworkManager-wait-online.service"),
    )
    # Its libraries want more room.
    qemu = dataclasses.replace(board.qemu, card_size_mib=board.qemu.card_size_mib * 2)
    return dataclasses.replace(board, root=settings, qemu=qemu)


def overlay(name: str, **others: str) -> Path:
    """The board's overlay with a connection for the modem, as a team would ship one."""
    folder = OUTPUT / name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(OVERLAY, folder)
    for path, text in {**FILES, **others}.items():
        place = folder / "etc" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        place.chmod(0o600)
    return folder


def images(only: str) -> Mapping[str, tuple[Board, Path]]:
    """Board and image, by what the table calls them."""
    board, cache = load_board(host_mirror()), Cache(cache_root())
    other = with_modem_manager(board)

    def ofonod() -> Path:
        return build_ofono(cache, board.archive.mirror, board.archive.architecture)

    makers: Mapping[str, Callable[[], tuple[Board, Path]]] = {
        "oFono 1.31, ConnMan": lambda: (board, build_image(board, cache)),
        "oFono 1.31 with the patches, ConnMan": lambda: (board, build_image(board, cache, ofonod=ofonod())),
        "ModemManager, NetworkManager": lambda: (
            other,
            build_image(other, cache, overlay=overlay("overlay-bare", **NO_RULES)),
        ),
        "ModemManager with our udev rules, NetworkManager": lambda: (
            other,
            build_image(other, cache, overlay=overlay("overlay-rules")),
        ),
    }
    return {name: make() for name, make in makers.items() if only in name}


def measure(board: Board, image: Path, folder: Path) -> dict[str, float | None]:
    """Seconds from plug-in to the first ping, by stick; None where it never came."""
    found: dict[str, float | None] = {}
    with booted(board, image, folder) as (powered, guest):
        for name in STICKS:
            found[name] = visit(powered, guest, name, folder)
            (folder / f"{name}.journal").write_text(guest.run("journalctl -b --no-pager", PATIENCE)[1])
            await_unplugged(guest, powered.now)
    return found


def visit(powered: Powered, guest: Guest, name: str, folder: Path) -> float | None:
    stick = load_stick(name, StickSettings(apn=APN))
    host = stick.description.network.host
    guest.run(f"(while ! ping -c 1 -W 1 {host}; do sleep 0.3; done) >/dev/null 2>&1 & true")
    with plugged(powered, stick, folder / f"{name}.log") as recorder:
        recorder.await_event(r"^attached\b", 10, powered.check_alive)
        start = powered.now()
        seen = recorder.await_event(r"^icmp-echo\b", PATIENCE, powered.check_alive, powered.now)
        seconds = None if seen is None else powered.now() - start
    say(f"{folder.name}, {name}: {'never' if seconds is None else f'{seconds:.1f} s'}")
    return seconds


def median(values: list[float | None]) -> str:
    seen = [value for value in values if value is not None]
    failed = f" ({len(values) - len(seen)} never)" if len(seen) < len(values) else ""
    return (f"{statistics.median(seen):.1f} s" if seen else "never") + failed


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="images with this in their name")
    args = parser.parse_args()
    chosen = images(args.only)
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
