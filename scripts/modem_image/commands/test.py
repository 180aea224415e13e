# SPDX-License-Identifier: MIT
"""Run the test suite, all of it or a part; tests/README.md says what each folder needs.

What is not listed here goes to pytest as it is: -k WORD, -x, -v, -n N (processes; the whole suite takes
several by itself). What a part leaves out is listed by name at its end.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from modem_image import PROJECT
from modem_image.commands import bench
from modem_image.errors import EXIT_UNUSABLE
from modem_image.system import ensure_packages, ensure_tools
from modem_image.yocto.arguments import MIRROR_VARIABLE

# Debian packages that only tests need: the real udev and D-Bus, a mocked /sys for them, the
# compressors that kernels and images may be packed with, what partitions a disk image, and what patches
# and compiles a driver.
PACKAGES = (
    "avahi-daemon",
    "avahi-utils",
    "bc",
    "busybox",
    "chromium",
    "curl",
    "fonts-dejavu-core",
    "dbus",
    "dosfstools",
    "e2fsprogs",
    "fdisk",
    "gir1.2-umockdev-1.0",
    "gpg",
    "gpg-agent",
    "groff-base",
    "iptables",
    "iproute2",
    "iputils-ping",
    "kmod",
    "libssl-dev",
    "lz4",
    "lzop",
    "u-boot-tools",
    "mandoc",
    "mtd-utils",
    "nftables",
    "openssh-client",
    "patch",
    "python3-dbus",
    "python3-gi",
    "systemd",
    "udev",
    "umockdev",
    "usbutils",
    "util-linux",
    "uuu",
    "zstd",
)
# The boots of the emulated board are two groups of tests, whose QEMUs use a processor each: more workers
# hardly help. Two more than there are processors: the daemons' tests wait for three quarters of theirs.
MOST_WORKERS = 5
# And with mirrors: Debian's own, so that bitbake packages our recipes without building these first.
LAYER_PACKAGES = ("dpkg", "pseudo", "quilt")


def configure(parser: argparse.ArgumentParser) -> None:
    """What `test` takes."""
    parser.description = __doc__
    parser.epilog = (
        "examples:\n"
        "  modem-image test                             the whole suite\n"
        "  modem-image test --quick                     some minutes, before each commit\n"
        "  modem-image test tests/unit -k udev          a folder, a word in the name\n"
        "  modem-image test tests/stacks --mirror DIR   the real Yocto stacks\n"
        "more options of the tests:\n"
        "  --mirror DIR             clones of the Yocto layers\n"
        "  --on-demand              also what takes half an hour each\n"
        "  --ofonod VERSION=PATH    an oFono with the layer's patches\n"
        "  --record FILE            keep the results of --mirror and --ofonod in a page\n"
        "and all of pytest's: .venv/bin/python -m pytest --help"
    )
    parser.usage = "%(prog)s [-h] [--quick] [PATH ...] [option of the tests ...]"
    parser.allow_abbrev = False
    parser.add_argument(
        "--quick", action="store_true", help="the unit and parser tests without the slow ones: some minutes"
    )


def run(args: argparse.Namespace) -> int:
    """pytest's exit status, and 2 for what it says of its arguments: a wrong one (4), no test (5)."""
    ensure_tools([*bench.tools(), "arm-linux-gnueabihf-gcc", "busybox", "fakeroot", "gcc"])
    ensure_packages(PACKAGES)
    if has_mirror(args.rest, os.environ):
        # Here, for the other commands need none of it.
        from modem_image.yocto import preflight

        preflight.check(PROJECT / "build" / "layer-tests", preflight.DRY_RUN, os.geteuid())
        ensure_packages(LAYER_PACKAGES)
    command = [sys.executable, "-m", "pytest", *pytest_words(args.quick, args.rest)]
    status = subprocess.run(command, cwd=PROJECT, env=with_byte_code(os.environ), check=False).returncode
    return EXIT_UNUSABLE if status in (4, 5) else status


def with_byte_code(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of the tests: Python keeps what it compiles.

    Each worker reads all tests, and hundreds of them start a command: half of that is compiling, where a
    container image sets PYTHONDONTWRITEBYTECODE.
    """
    return {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}


def pytest_words(quick: bool, rest: Sequence[str]) -> list[str]:
    """What pytest is called with; where no place is named, the whole suite, or the quick part of it."""
    option = ["--quick"] if quick else []
    if any(_is_place(word) for word in rest):
        return [*option, *rest]
    places = ["tests/unit", "tests/parser"] if quick else []
    return [*option, *places, "-n", str(workers(quick)), *rest]


def _is_place(word: str) -> bool:
    """Whether the word names a folder, a file or a test of the suite."""
    path = (PROJECT / word.partition("::")[0]).resolve()
    return path.is_relative_to(PROJECT / "tests") and path.exists()


def workers(quick: bool = False) -> int:
    """Processes for the whole suite: two for the emulated board, the others for the rest.

    The quick part hardly waits, and each process reads all tests: some seven seconds of a processor.
    """
    return min(len(os.sched_getaffinity(0)) + (1 if quick else 2), MOST_WORKERS)


def has_mirror(words: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Whether pytest is given mirrors of the layers, by its arguments or by the environment."""
    named = any(word == "--mirror" or word.startswith("--mirror=") for word in words)
    return named or bool(environment.get(MIRROR_VARIABLE))
