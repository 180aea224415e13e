# SPDX-License-Identifier: MIT
"""The daemons from Debian's packages, extracted and not installed: nothing of them runs on this machine."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path

from modem_image.board.description import load_board
from modem_image.cache import Cache, cache_root
from modem_image.debian.archive import PrivateApt, host_mirror
from modem_image.system import run

SUITES = ("bookworm",)
PACKAGES = (
    "connman",
    "libjim0.81",
    "libpcap0.8",
    "libusb-1.0-0",
    "libxtables12",
    "libgudev-1.0-0",
    "libmbim-glib4",
    "libmm-glib0",
    "libpolkit-gobject-1-0",
    "libqmi-glib5",
    "libqrtr-glib0",
    "mobile-broadband-provider-info",
    "modemmanager",
    "ofono",
    "ppp",
    "usb-modeswitch",
    "usb-modeswitch-data",
)


@cache
def tree(packages: tuple[str, ...] = PACKAGES, suites: tuple[str, ...] = SUITES) -> Path:
    """A folder with `usr` and `etc` of the packages, of this machine's architecture; kept in the cache."""
    architecture = run(["dpkg", "--print-architecture"]).decode().strip()
    material = {"packages": packages, "suites": suites, "architecture": architecture}
    archive = replace(load_board(host_mirror()).archive, suites=suites, architecture=architecture)

    def extract(folder: Path) -> None:
        apt = PrivateApt(archive, folder / "apt")
        apt.update()
        for package in apt.download(packages, folder / "apt"):
            subprocess.run(["dpkg-deb", "--extract", package, folder], check=True)
        # Merged /usr: what is packaged in /lib is found in /usr/lib.
        if (folder / "lib").is_dir():
            shutil.copytree(folder / "lib", folder / "usr" / "lib", dirs_exist_ok=True, symlinks=True)
            shutil.rmtree(folder / "lib")
        shutil.rmtree(folder / "apt")

    return Cache(cache_root()).entry("test-daemons", material, extract)
