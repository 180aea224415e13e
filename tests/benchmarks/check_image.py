# SPDX-License-Identifier: MIT
"""How long a check takes, beside `xz -dc` of the same root file system.

python tests/benchmarks/check_image.py NAME-Tezi_VERSION.tar
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from modem_image.check.image import check_image

ROUNDS = 5


def median_seconds(work: Callable[[], object]) -> float:
    def once() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return statistics.median(once() for _round in range(ROUNDS))


def inflate(path: Path) -> None:
    subprocess.run(["xz", "-dc", path], stdout=subprocess.DEVNULL, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("image", type=Path)
    image = parser.parse_args().image
    with tempfile.TemporaryDirectory() as work, tarfile.open(image) as archive:
        member = next(entry for entry in archive if entry.name.endswith(".rootfs.tar.xz"))
        archive.extract(member, work, filter="data")
        rootfs = Path(work, member.name)
        check, inflated = median_seconds(lambda: check_image(image)), median_seconds(lambda: inflate(rootfs))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"rootfs.tar.xz {member.size / 2**20:.0f} MiB, median of {ROUNDS}")
    print(f"  check    {check:6.2f} s  {check / inflated:.2f} x xz -dc, at most {memory:.0f} MiB of memory")
    print(f"  xz -dc   {inflated:6.2f} s")


if __name__ == "__main__":
    main()
