# SPDX-License-Identifier: MIT
"""What the commands cost now and at an earlier commit, in turns: processor time, the least of some rounds.

    .venv/bin/python tests/benchmarks/before_and_now.py COMMIT [--image IMAGE] [--rounds N] [--bench]

COMMIT's tree is unpacked beside the present one, and runs in the same environment; both have byte code. With
--image that image is checked too; with --bench both boot it with the emulated stick, once each, by the clock:
on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [
    str(PROJECT / "scripts"),
    str(PROJECT / "meta-huawei-modem/lib"),
    str(PROJECT / "meta-huawei-modem/recipes-support/huawei-modem/files"),
]
from modem_image.console import table  # noqa: E402

HELPER = Path("meta-huawei-modem/recipes-support/huawei-modem/files")
THREAD = PROJECT / "tests" / "corpus" / "thread.txt"
LOG_OCTETS = 1 << 20


@contextmanager
def unpacked(commit: str) -> Iterator[Path]:
    """The tree of a commit, with this project's environment."""
    with tempfile.TemporaryDirectory(prefix="modem-image-before-") as name:
        tree = Path(name)
        archive = subprocess.run(
            ["git", "-C", PROJECT, "archive", commit], capture_output=True, check=True
        ).stdout
        subprocess.run(["tar", "-x", "-C", tree], input=archive, check=True)
        (tree / ".venv").symlink_to(PROJECT / ".venv")
        yield tree


def spent(command: list[str | Path], byte_code: Path) -> tuple[float, float]:
    """Seconds of processor time, and by the clock."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(byte_code)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1, 2):
        raise SystemExit(f"{' '.join(map(str, command))}: exit status {process.returncode}")
    return used.ru_utime + used.ru_stime, time.monotonic() - start


def commands(tree: Path, log: Path, image: Path | None) -> dict[str, list[str | Path]]:
    """What is compared: the same words for each tree."""
    host: list[str | Path] = [PROJECT / ".venv/bin/python", tree / "scripts" / "modem-image"]
    target = f"import sys; sys.path.insert(0, {str(tree / HELPER)!r}); from huawei_modem.cli import main; "
    found = {
        "modem-image --help": [*host, "--help"],
        "check of a file that is not there": [*host, "check", "/nonexistent.tar"],
        "doctor of the thread": [*host, "doctor", THREAD],
        "doctor of a log of 1 MiB": [*host, "doctor", log],
        **{
            f"huawei-modem {name}": [sys.executable, "-EsSc", f"{target}sys.exit(main([{name!r}]))"]
            for name in ("status", "doctor")
        },
    }
    return {**found, "check of the image": [*host, "check", image]} if image else found


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("commit")
    parser.add_argument("--image", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--bench", action="store_true")
    args = parser.parse_args()
    with unpacked(args.commit) as before, tempfile.TemporaryDirectory() as work:
        byte_code, log = Path(work) / "byte-code", Path(work) / "log.txt"
        thread = THREAD.read_text(encoding="utf-8")
        log.write_text(thread * (LOG_OCTETS // len(thread)), encoding="utf-8")
        trees = {"before": before, "now": PROJECT}
        both = {name: commands(tree, log, args.image) for name, tree in trees.items()}
        least = {(name, what): 1e9 for name, words in both.items() for what in words}
        for _ in range(args.rounds):
            for what in both["now"]:
                for name, words in both.items():
                    least[name, what] = min(least[name, what], spent(words[what], byte_code)[0])
        rows = [
            (
                what,
                f"{least['before', what]:.3f}",
                f"{least['now', what]:.3f}",
                f"{least['now', what] / least['before', what]:.2f}",
            )
            for what in both["now"]
        ]
        if args.bench and args.image:
            clock = {
                name: spent(
                    [PROJECT / ".venv/bin/python", tree / "scripts/modem-image", "bench", args.image],
                    byte_code,
                )[1]
                for name, tree in trees.items()
            }
            rows.append(
                (
                    "bench of the image, by the clock",
                    f"{clock['before']:.0f}",
                    f"{clock['now']:.0f}",
                    f"{clock['now'] / clock['before']:.2f}",
                )
            )
    print(table(rows, ("seconds", args.commit, "now", "now / before")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
