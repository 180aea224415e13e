# SPDX-License-Identifier: MIT
"""The doctor over large texts against a loop that applies one regular expression to each line of them.

    python tests/benchmarks/doctor_text.py [--note] [MEGABYTES [KIND...]]

Processor time, taken in turns; of each the least of some rounds counts. The memory is the peak of the whole
process. Up to 20 MB the lines lie in memory, and the ratio is the doctor's; beyond, both loops make them.
"""

from __future__ import annotations

import itertools
import re
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "scripts")]
import figures  # noqa: E402 - in this script's folder

import modem_image  # noqa: E402, F401  (puts the helper's package on the path)
from huawei_modem.transcript import doctor  # noqa: E402

ONE = re.compile(r"(error|fail)")
ROUNDS = 5
NOTED = {
    "boot": "doctor over a journal, compared with a loop",
    "dmesg": "doctor over a stick's dmesg, compared with a loop",
    "thread": "doctor over a forum's thread, repeated, compared with a loop",
}


def boot(number: int) -> str:
    """A boot's journal: half of it kernel, the stick coming and going, daemons, commands."""
    stamp = f"{number * 0.05:12.6f}"
    return f"""\
Nov 22 13:00:00 board kernel: [{stamp}] mmc0: new SDIO card at address {number:04x}
[{stamp}] usb 1-1.1: new high-speed USB device number {number % 120} using ci_hdrc
[{stamp}] usb 1-1.1: New USB device found, idVendor=12d1, idProduct=1506
[{stamp}] usb 1-1.1: GSM modem (1-port) converter now attached to ttyUSB{number % 4}
Nov 22 13:00:00 board dhcpd[{number}]: a lease = {number} for a client
a sentence of a forum that says nothing, number {number}
"""


def config(number: int) -> str:
    """A kernel's .config: every line is a setting."""
    return f"""\
CONFIG_USB_SERIAL_{number % 900}=m
# CONFIG_USB_NET_{number % 900} is not set
CONFIG_PPP_{number % 900}=y

#
# Device drivers {number}
#
CONFIG_DEFAULT_HOSTNAME="(none)"
CONFIG_HZ={number % 1000}
"""


def verbose(number: int) -> str:
    """lsusb -v: the numbers of interfaces in a long listing."""
    interfaces = "".join(
        f"""\
    Interface Descriptor:
      bLength                 9
      bDescriptorType         4
      bInterfaceNumber        {index}
      bAlternateSetting       0
      bNumEndpoints           3
      bInterfaceClass       255 Vendor Specific Class
      bInterfaceSubClass      3
      bInterfaceProtocol     {49 + index}
      iInterface              0
      Endpoint Descriptor:
        bEndpointAddress     0x8{index}  EP {index} IN
        wMaxPacketSize     0x0200  1x 512 bytes
"""
        for index in range(4)
    )
    return f"Bus 001 Device {number % 127:03}: ID 12d1:1596 Huawei Technologies Co., Ltd.\n{interfaces}"


def dmesg(number: int) -> str:
    """dmesg of a stick that comes and goes, and nothing else."""
    stamp = f"{number * 0.05:12.6f}"
    ports = "".join(
        f"""\
[{stamp}] option 1-1.1:1.{index}: GSM modem (1-port) converter detected
[{stamp}] usb 1-1.1: GSM modem (1-port) converter now attached to ttyUSB{index}
"""
        for index in range(3)
    )
    return f"""\
[{stamp}] usb 1-1.1: new high-speed USB device number {number % 120} using ci_hdrc
[{stamp}] usb 1-1.1: New USB device found, idVendor=12d1, idProduct=1596, bcdDevice= 1.02
[{stamp}] usb 1-1.1: New USB device strings: Mfr=1, Product=2, SerialNumber=0
{ports}[{stamp}] usb 1-1.1: USB disconnect, device number {number % 120}
[{stamp}] option1 ttyUSB0: GSM modem (1-port) converter now disconnected from ttyUSB0
[{stamp}] option 1-1.1:1.0: device disconnected
"""


def ofono(number: int) -> str:
    """ofonod -d, as it writes to a terminal and to the journal."""
    return f"""\
ofonod[{number}]: plugins/udevng.c:setup_huawei() /sys/devices/soc0/usb1/1-1/1-1.1
ofonod[{number}]: plugins/udevng.c:setup_huawei() /dev/ttyUSB0 255/3/49 00 (null)
ofonod[{number}]: Pcui: > AT+CREG?\\r
ofonod[{number}]: Pcui: < \\r\\n+CREG: 2,1\\r\\n\\r\\nOK\\r\\n
Nov 22 13:00:00 board ofonod[{number}]: src/gprs.c:ofono_gprs_status_notify() /huawei_0 status 1
Nov 22 13:00:00 board ofonod[{number}]: Modem: > AT+CGDCONT=1,"IP","internet"\\r
"""


def thread(_number: int) -> str:
    """A forum's thread over and over: short lines of every kind, each a new state of the same board."""
    return (PROJECT / "tests/corpus/thread.txt").read_text(encoding="utf-8")


def corpus(_number: int) -> str:
    """All pasted texts of the corpus, one after the other."""
    texts = sorted((PROJECT / "tests/corpus").glob("*.toml"))
    return "".join(path.read_text(encoding="utf-8") for path in texts)


KINDS: dict[str, Callable[[int], str]] = {
    "boot": boot,
    "dmesg": dmesg,
    "ofonod -d": ofono,
    ".config": config,
    "lsusb -v": verbose,
    "thread": thread,
    "corpus": corpus,
}


def text(kind: str, size: int) -> Iterator[str]:
    """The lines of `size` octets of a kind."""
    written = 0
    for number in itertools.count(1):
        block = KINDS[kind](number)
        yield from block.splitlines(keepends=True)
        written += len(block)
        if written >= size:
            return


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def measure(kind: str, size: int) -> float:
    """The ratio, which is printed too."""
    lines = list(text(kind, size)) if size <= 20_000_000 else None

    def source() -> Iterator[str]:
        return iter(lines) if lines is not None else text(kind, size)

    def loop() -> None:
        for line in source():
            ONE.search(line)

    base = mine = 1e9
    for _ in range(ROUNDS if lines is not None else 1):
        base = min(base, seconds(loop))
        mine = min(mine, seconds(lambda: doctor.read([("log", source())])))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{kind:10} one expression {base:5.2f} s, doctor {mine:6.2f} s: {mine / base:4.1f} x; {memory} MiB")
    return mine / base


def main() -> None:
    words = [word for word in sys.argv[1:] if word != "--note"]
    size = int(words[0] if words else 10) * 1_000_000
    ratios = {kind: measure(kind, size) for kind in words[1:] or KINDS}
    if "--note" in sys.argv:
        figures.note_all({NOTED[kind]: ratio for kind, ratio in ratios.items() if kind in NOTED})


if __name__ == "__main__":
    main()
