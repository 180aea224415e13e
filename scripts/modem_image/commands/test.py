# SPDX-License-Identifier: MIT
"""Run the test suite; what follows the command goes to pytest as it is."""

from __future__ import annotations

import argparse
import subprocess
import sys

from modem_image import PROJECT
from modem_image.commands import bench
from modem_image.system import ensure_packages, ensure_tools

# Debian packages that only tests need: the real udev and D-Bus, a mocked /sys for them, the
# compressors that kernels and images may be packed with, what partitions a disk image, and what patches
# and compiles a driver.
PACKAGES = (
    "bc",
    "curl",
    "dbus",
    "fdisk",
    "gir1.2-umockdev-1.0",
    "gpg",
    "gpg-agent",
    "kmod",
    "libssl-dev",
    "lz4",
    "lzop",
    "patch",
    "python3-dbus",
    "python3-gi",
    "udev",
    "umockdev",
    "util-linux",
    "zstd",
)


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `test` to the host's command line."""
    commands.add_parser(
        "test",
        help="run the test suite",
        description=__doc__,
        epilog="example: modem-image test tests/unit -k udev",
        add_help=False,
    ).set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """pytest's exit status."""
    ensure_tools([*bench.tools(), "busybox", "fakeroot"])
    ensure_packages(PACKAGES)
    return subprocess.run([sys.executable, "-m", "pytest", *args.rest], cwd=PROJECT, check=False).returncode
