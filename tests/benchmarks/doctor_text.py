# SPDX-License-Identifier: MIT
"""The doctor over a large log against a loop that applies one regular expression to each line of it.

    python tests/benchmarks/doctor_text.py [MEGABYTES]

Processor time, taken in turns; the memory is the peak of the whole process.
"""

from __future__ import annotations

import re
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "scripts")]
import modem_image  # noqa: E402, F401  (puts the helper's package on the path)
from huawei_modem.transcript import doctor  # noqa: E402

ONE = re.compile(r"(error|fail)")
ROUNDS = 3


def log(size: int) -> Iterator[str]:
    """`size` bytes of a boot's journal: half of it kernel, the stick coming and going, daemons, commands."""
    written = number = 0
    while written < size:
        number += 1
        stamp = f"{number * 0.05:12.6f}"
        for line in (
            f"Nov 22 13:00:00 board kernel: [{stamp}] mmc0: new SDIO card at address {number:04x}\n",
            f"[{stamp}] usb 1-1.1: new high-speed USB device number {number % 120} using ci_hdrc\n",
            f"[{stamp}] usb 1-1.1: New USB device found, idVendor=12d1, idProduct=1506\n",
            f"[{stamp}] usb 1-1.1: GSM modem (1-port) converter now attached to ttyUSB{number % 4}\n",
            f"Nov 22 13:00:00 board dhcpd[{number}]: a lease = {number} for a client\n",
            f"a sentence of a forum that says nothing, number {number}\n",
        ):
            written += len(line)
            yield line


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    size = int(sys.argv[1] if len(sys.argv) > 1 else 10) * 1_000_000
    lines = list(log(size)) if size <= 20_000_000 else None

    def source() -> Iterator[str]:
        return iter(lines) if lines is not None else log(size)

    def loop() -> None:
        for line in source():
            ONE.search(line)

    for _ in range(ROUNDS):
        base, mine = seconds(loop), seconds(lambda: doctor.read([("log", source())]))
        print(f"one expression {base:.2f} s, doctor {mine:.2f} s: {mine / base:.1f} x")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")


if __name__ == "__main__":
    main()
