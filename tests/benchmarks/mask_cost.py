# SPDX-License-Identifier: MIT
"""What masking costs for twice as much of the same: 2 where it is linear, 4 where it is quadratic.

    python tests/benchmarks/mask_cost.py

Long lines that a form begins to match at every place, and logs in which each line has another identity. Of
each the least of three runs counts; exit status 1 where a ratio is above 3.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "scripts")]
import modem_image  # noqa: E402, F401  (puts the helper's package on the path)
from huawei_modem.mask import Masker  # noqa: E402

PIECES = (
    "hexdump_ascii(len=9): ",
    "6b 61 ",
    "user ",
    "text: ",
    "> ",
    "from 1 to 2 ",
    "<SerialNumber",
    '"serial',
    "WPS-A [",
    "CMD 'password \"",
    "AT+CMGS=1\\r",
    "pin ",
    "ssid plugins/a.c:",
    "option key ",
    "busctl Password s ",
    '"-p", ',
)
OCTETS = 20_000
LINES = 1000
ROUNDS = 3
BOUND = 3.0
LEAST = 0.05
"""Seconds below which a ratio is noise."""


def long_line(piece: str, times: int) -> str:
    return piece * (OCTETS * times // len(piece))


def identities(times: int) -> str:
    return "\n".join(
        f"wlan0: authenticate with 02:00:5e:{n >> 8:02x}:{n & 255:02x}:01" for n in range(LINES * times)
    )


def seconds(text: str) -> float:
    least = 1e9
    for _ in range(ROUNDS):
        start = time.process_time()
        mask = Masker()
        mask.survey([text])
        for _line in mask.lines(text):
            pass
        least = min(least, time.process_time() - start)
    return least


def main() -> int:
    worst = 0.0
    texts = {repr(piece): (long_line(piece, 1), long_line(piece, 2)) for piece in PIECES}
    texts["another identity in each line"] = (identities(1), identities(2))
    for name, (once, twice) in texts.items():
        short, long = seconds(once), seconds(twice)
        ratio = long / max(short, LEAST)
        worst = max(worst, ratio)
        print(f"{name:32} {short:6.2f} s {long:6.2f} s {ratio:5.1f} x", flush=True)
    return int(worst > BOUND)


if __name__ == "__main__":
    sys.exit(main())
