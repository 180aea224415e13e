# SPDX-License-Identifier: MIT
"""Run the test suite; what follows the command goes to pytest as it is.

The whole suite runs on several processors (-n N for a part of it). With --mirror DIR (clones of the
Yocto layers) also on the real stacks.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from modem_image import PROJECT
from modem_image.commands import bench
from modem_image.system import ensure_packages, ensure_tools
from modem_image.yocto.arguments import MIRROR_VARIABLE

# Debian packages that only tests need: the real udev and D-Bus, a mocked /sys for them, the
# compressors that kernels and images may be packed with, what partitions a disk image, and what patches
# and compiles a driver.
PACKAGES = (
    "avahi-daemon",
    "avahi-utils",
    "bc",
    "curl",
    "dbus",
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
    "mandoc",
    "nftables",
    "openssh-client",
    "patch",
    "python3-dbus",
    "python3-gi",
    "systemd",
    "udev",
    "umockdev",
    "util-linux",
    "uuu",
    "zstd",
)
# The emulated board is one group of tests, and QEMU uses one processor: more workers hardly help.
MOST_WORKERS = 4
# And with mirrors: Debian's own, so that bitbake packages our recipes without building these first.
LAYER_PACKAGES = ("dpkg", "pseudo", "quilt")
# With --on-demand: the browser that looks at a feed's page, 113 MB to download.
ON_DEMAND_PACKAGES = ("chromium",)


def configure(parser: argparse.ArgumentParser) -> None:
    """What `test` takes."""
    parser.description = __doc__
    parser.epilog = "example: modem-image test tests/unit -k udev"


def run(args: argparse.Namespace) -> int:
    """pytest's exit status."""
    ensure_tools([*bench.tools(), "arm-linux-gnueabihf-gcc", "busybox", "fakeroot", "gcc"])
    ensure_packages(PACKAGES)
    if has_mirror(args.rest, os.environ):
        # Here, for the other commands need none of it.
        from modem_image.yocto import preflight

        preflight.check(PROJECT / "build" / "layer-tests", preflight.DRY_RUN, os.geteuid())
        ensure_packages(LAYER_PACKAGES)
    if "--on-demand" in args.rest:
        ensure_packages(ON_DEMAND_PACKAGES)
    words = args.rest or ["-n", str(workers())]
    return subprocess.run([sys.executable, "-m", "pytest", *words], cwd=PROJECT, check=False).returncode


def workers() -> int:
    """Processes for the whole suite: one for the emulated board, the others for the rest."""
    return min(max(2, len(os.sched_getaffinity(0))), MOST_WORKERS)


def has_mirror(words: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Whether pytest is given mirrors of the layers, by its arguments or by the environment."""
    named = any(word == "--mirror" or word.startswith("--mirror=") for word in words)
    return named or bool(environment.get(MIRROR_VARIABLE))
