# SPDX-License-Identifier: MIT
"""NCM beside PPP on the emulated board: how fast a page comes down, and what it costs the board.

    .venv/bin/python tests/benchmarks/data_path.py [--rounds 5] [--mib 2]

One boot, one stick, and oFono with the layer's patches, which dials both times: with AT^NDISDUP, and with
PPP where the stick refuses that. The page is read by bash and cat, as cheap as a reader gets. Prints a
Markdown table.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from booted import APN, PATIENCE, booted, plugged, shell_script

from modem_image.bench.guest import Guest
from modem_image.bench.qemu import Board as Powered
from modem_image.bench.stick.modem import NdisDup
from modem_image.bench.stick.stick import StickSettings, load_stick
from modem_image.bench.visit import await_unplugged
from modem_image.board.description import load_board
from modem_image.cache import Cache, cache_root
from modem_image.debian.archive import host_mirror
from modem_image.image.build import build_image
from modem_image.ofono.build import build_ofono

STICK = "ms2372h"
MIB = 1 << 20
PAGE_PATIENCE = 900.0
HZ = 100
"""Of /proc/stat (USER_HZ)."""
SETTLED_S = 5.0
"""After the online check: what the daemons still have to do must not be measured."""
# What each path's answer of the stick to AT^NDISDUP is, and the name of its network device.
PATHS = {
    "PPP (option, TUN)": (NdisDup.REFUSED, "ppp"),
    "NCM (huawei_cdc_ncm)": (NdisDup.WORKS, "ww"),
}
# Prints: seconds of uptime, and ticks of idle, before and after; between them the octets that came.
_FETCH = """
look() {{ cut -d' ' -f1 /proc/uptime; read -r _ _ _ _ idle wait _ </proc/stat; echo $((idle + wait)); }}
look
exec 3<>/dev/tcp/{host}/80
printf 'GET /octets/{octets} HTTP/1.1\\r\\n\\r\\n' >&3
cat <&3 | wc -c
look
"""


@dataclass(frozen=True)
class Cost:
    """Of one page."""

    mib_per_second: float
    cpu_seconds_per_mib: float


def fetch(guest: Guest, host: str, octets: int) -> Cost:
    before, idle_before, came, after, idle_after = map(
        float, shell_script(guest, _FETCH.format(host=host, octets=octets), PAGE_PATIENCE).split()
    )
    if came < octets:
        sys.exit(f"{came:.0f} of {octets} octets came")
    wall, mib = after - before, octets / MIB
    return Cost(mib / wall, max(0.0, wall - (idle_after - idle_before) / HZ) / mib)


def visit(
    powered: Powered, guest: Guest, ndisdup: NdisDup, device: str, folder: Path, rounds: int, mib: int
) -> list[Cost]:
    """The page `rounds` times, over the device that oFono and ConnMan have brought up."""
    stick = load_stick(STICK, StickSettings(apn=APN, ndisdup=ndisdup))
    host = str(stick.description.network.host)
    with plugged(powered, stick, folder / f"{device}.log") as recorder:
        seen = recorder.await_event(r"^http-request\b", PATIENCE, powered.check_alive, powered.now)
        if seen is None:
            sys.exit(f"the board did not come online over {device}*")
        time.sleep(SETTLED_S)
        route = guest.run(f"ip route get {host}")[1]
        if f" dev {device}" not in route:
            sys.exit(f"the way to {host} is not {device}*: {route}")
        costs = [fetch(guest, host, mib * MIB) for _ in range(rounds)]
    await_unplugged(guest, powered.now)
    return costs


def measure(rounds: int, mib: int) -> dict[str, list[Cost]]:
    board, cache = load_board(host_mirror()), Cache(cache_root())
    ofonod = build_ofono(cache, board.archive.mirror, board.archive.architecture)
    image = build_image(board, cache, ofonod=ofonod)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with booted(board, image, folder) as (powered, guest):
            return {
                path: visit(powered, guest, ndisdup, device, folder, rounds, mib)
                for path, (ndisdup, device) in PATHS.items()
            }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mib", type=int, default=2, help="size of the page")
    options = parser.parse_args()
    costs = measure(options.rounds, options.mib)
    print("| data path | rounds | MiB/s | busy seconds of the board a MiB |")
    print("|---|---|---|---|")
    medians = []
    for name, found in costs.items():
        speed = statistics.median(cost.mib_per_second for cost in found)
        busy = statistics.median(cost.cpu_seconds_per_mib for cost in found)
        medians.append((speed, busy))
        print(f"| {name} | {len(found)} | {speed:.2f} | {busy:.2f} |")
    (ppp, ppp_busy), (ncm, ncm_busy) = medians
    print(f"| ratio | | {ncm / ppp:.1f} | {ppp_busy / ncm_busy:.1f} |")


if __name__ == "__main__":
    main()
