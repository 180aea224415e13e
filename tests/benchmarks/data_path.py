# SPDX-License-Identifier: MIT
"""NCM beside PPP on the emulated board: how fast a page comes down, and what it costs the board.

    scripts/modem-image build && .venv/bin/python tests/benchmarks/data_path.py

One boot. First oFono dials PPP, as it does where the stick refuses AT^NDISDUP; then the daemons are stopped,
the same stick's NCM interface gets its call by AT^NDISDUP and its address by hand, so that the data path
alone is measured. The page is read by bash and cat, as cheap as a reader gets. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [
    str(PROJECT / "scripts"),
    str(PROJECT / "meta-huawei-modem" / "recipes-support" / "huawei-modem" / "files"),
]

from modem_image.bench.card import make_card  # noqa: E402 - the packages are found by the lines above
from modem_image.bench.guest import Guest  # noqa: E402
from modem_image.bench.qemu import Board, powered_board  # noqa: E402
from modem_image.bench.stick.events import Event  # noqa: E402
from modem_image.bench.stick.modem import NdisDup  # noqa: E402
from modem_image.bench.stick.peer import Peer  # noqa: E402
from modem_image.bench.stick.stick import StickSettings, load_stick  # noqa: E402
from modem_image.board import load_board  # noqa: E402
from modem_image.cache import Cache, cache_root  # noqa: E402
from modem_image.debian.archive import host_mirror  # noqa: E402
from modem_image.image.build import build_image  # noqa: E402

STICK, APN = "ms2372h", "internet.example"
MIB = 1 << 20
PATIENCE = 900.0
HZ = 100
"""Of /proc/stat (USER_HZ)."""
# Prints: seconds of uptime, and ticks of idle, before and after; then the octets that came.
_FETCH = """
look() {{ cut -d' ' -f1 /proc/uptime; read -r _ _ _ _ idle wait _ </proc/stat; echo $((idle + wait)); }}
look
exec 3<>/dev/tcp/{host}/80
printf 'GET /octets/{octets} HTTP/1.1\\r\\n\\r\\n' >&3
cat <&3 | wc -c
look
"""
_CALL = """
systemctl stop connman ofono
for i in $(seq 60); do ls /sys/class/net | grep -q ^ww && break; sleep 1; done
udevadm settle
device=$(ls /sys/class/net | grep ^ww)
port=$(ls /sys/bus/usb/devices/1-1:1.2/ | grep ttyUSB)
exec 4<>/dev/$port
stty -F /dev/$port raw -echo
printf 'AT^NDISDUP=1,1,"{apn}"\\r' >&4
sleep 2
ip link set $device up && ip addr add {guest}/24 dev $device && ip route add default via {gateway} dev $device
for i in $(seq 20); do ping -c 1 -W 2 {host} >/dev/null && break; done
ip route get {host}
"""


@dataclass(frozen=True)
class Cost:
    """Of one page."""

    mib_per_second: float
    cpu_seconds_per_mib: float


class Online:
    """Remembers that the stick saw the online check."""

    def __init__(self) -> None:
        self.seen = False

    def record(self, event: Event) -> None:
        self.seen = self.seen or event.name == "http-request"


@contextmanager
def plugged(board: Board, ndisdup: NdisDup) -> Iterator[Online]:
    online = Online()
    stick = load_stick(STICK, StickSettings(apn=APN, ndisdup=ndisdup))
    peer = Peer(board.stick, stick, online.record)
    peer.start()
    try:
        yield online
    finally:
        peer.stop()
        peer.join(10)


def script(guest: Guest, text: str) -> str:
    """Run a bash script on the board; it must end well."""
    guest.run("cat >/run/script <<'END_OF_SCRIPT'\n" + text + "\nEND_OF_SCRIPT\ntrue")
    status, output = guest.run("bash /run/script", PATIENCE)
    if status:
        sys.exit(f"the board: {output}")
    return output


def fetch(guest: Guest, host: str, octets: int) -> Cost:
    before, idle_before, came, after, idle_after = map(
        float, script(guest, _FETCH.format(host=host, octets=octets)).split()
    )
    if came < octets:
        sys.exit(f"{came:.0f} of {octets} octets came")
    wall, mib = after - before, octets / MIB
    return Cost(mib / wall, max(0.0, wall - (idle_after - idle_before) / HZ) / mib)


def measure(rounds: int, mib: int) -> dict[str, list[Cost]]:
    board_data = load_board(host_mirror())
    card = make_card(build_image(board_data, Cache(cache_root())), board_data, Cache(cache_root()))
    network = load_stick(STICK).description.network
    host = str(network.host)
    costs: dict[str, list[Cost]] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        powered_board(board_data.qemu, card, Path(folder)) as board,
        closing(Guest(board.shell, board.check_alive, board.now)) as guest,
    ):
        guest.connect(PATIENCE)
        while guest.run("systemctl is-active --quiet multi-user.target")[0]:
            time.sleep(1)
        with plugged(board, NdisDup.REFUSED) as online:
            end = time.monotonic() + PATIENCE
            while not online.seen:
                if time.monotonic() > end:
                    sys.exit("the board did not come online over PPP")
                time.sleep(0.5)
            time.sleep(5)
            print(guest.run(f"ip route get {host}")[1].strip(), file=sys.stderr)
            costs["PPP (oFono, option, TUN)"] = [fetch(guest, host, mib * MIB) for _ in range(rounds)]
        with plugged(board, NdisDup.WORKS):
            call = _CALL.format(apn=APN, guest=network.guest, gateway=network.gateway, host=host)
            print(script(guest, call).strip(), file=sys.stderr)
            costs["NCM (huawei_cdc_ncm)"] = [fetch(guest, host, mib * MIB) for _ in range(rounds)]
    return costs


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
