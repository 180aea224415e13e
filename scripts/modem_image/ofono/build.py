# SPDX-License-Identifier: MIT
"""ofonod 1.31 of Debian's source package with the layer's patches, for this machine or for the board.

Nothing is installed for it but a compiler: headers and libraries are extracted from Debian's packages of the
architecture, and configure is told where they are, so that it needs no pkg-config. Left out are the modem
families that are no Huawei stick's; what is left is what a Huawei stick runs through.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from modem_image import PROJECT
from modem_image.cache import Cache, digest_of_files
from modem_image.console import step
from modem_image.debian.archive import Archive, PrivateApt
from modem_image.errors import UserError
from modem_image.system import ensure_packages, ensure_tools, run

SUITE = "bookworm"
VERSION = "1.31"
PATCHES = PROJECT / "meta-huawei-modem/recipes-connectivity/ofono/files/ofono-huawei-modem"
_TREES = ("ofono-1.x", "ofono-2.2", "ofono-2.8")
_HEADERS = ("libdbus-1-dev", "libglib2.0-dev", "libudev-dev")
_LIBRARIES = ("libdbus-1-3", "libglib2.0-0", "libudev1")
_LEFT_OUT = ("bluetooth", "dundee", "isimodem", "phonesim", "qmimodem", "rilmodem", "upower")
_PROVIDERS = "/usr/share/mobile-broadband-provider-info/serviceproviders.xml"


@dataclass(frozen=True)
class Target:
    """What is compiled for: the name of Debian and that of GNU, and packages of the compiler."""

    architecture: str
    triplet: str
    packages: tuple[str, ...]

    @property
    def cross(self) -> bool:
        return self.architecture != _host().architecture


_TARGETS = (
    Target("amd64", "x86_64-linux-gnu", ("libc6-dev",)),
    Target("arm64", "aarch64-linux-gnu", ("libc6-dev",)),
    Target("armhf", "arm-linux-gnueabihf", ("libc6-dev-armhf-cross",)),
)


def target(architecture: str) -> Target:
    """Raises UserError for an architecture that is not built for."""
    for item in _TARGETS:
        if item.architecture == architecture:
            return item
    raise UserError(
        f"oFono is not built for {architecture}; known: {[item.architecture for item in _TARGETS]}"
    )


def _host() -> Target:
    return target({"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine()))


def host_architecture() -> str:
    """Debian's name of this machine's architecture."""
    return _host().architecture


def patches(variant: str) -> list[Path]:
    """The layer's patches for a tree, in their order; `variant` is the folder, such as ofono-2.8."""
    if variant not in _TREES:
        raise UserError(f"no patches for oFono {variant}; known: {', '.join(_TREES)}")
    return sorted(
        [*PATCHES.glob("*.patch"), *(PATCHES / variant).glob("*.patch")], key=lambda path: path.name
    )


def apply(tree: Path, files: Sequence[Path]) -> None:
    """Patches the tree. Without fuzz, as bitbake wants it. Raises CommandError with the hunk that failed."""
    for file in files:
        run(["patch", "--fuzz=0", "--strip=1", "--silent", f"--directory={tree}", f"--input={file}"])


def fetch_source(cache: Cache, mirror: str) -> Path:
    """Debian's oFono source with Debian's own patches, and none of ours."""
    archive = Archive(mirror, (SUITE,), host_architecture(), sources=True)

    def make(folder: Path) -> None:
        ensure_tools(["patch", "xz"])
        with step(f"fetch oFono's source ({SUITE})"):
            apt = PrivateApt(archive, folder / "apt")
            apt.update()
            apt.source("ofono", folder)
            for packed in sorted(folder.glob("*.tar.xz")):
                run(["tar", "--extract", "--xz", "--no-same-owner", "--file", packed, "--directory", folder])
                packed.unlink()
            series = (folder / "debian/patches/series").read_text().split()
            apply(folder / f"ofono-{VERSION}", [folder / "debian/patches" / name for name in series])

    return cache.entry("ofono-source", {"archive": archive.source_lines()}, make) / f"ofono-{VERSION}"


def build_ofono(cache: Cache, mirror: str, architecture: str) -> Path:
    """The patched ofonod for `architecture`, stripped, in the cache."""
    goal = target(architecture)
    source = fetch_source(cache, mirror)
    material = {
        "source": source.parent.name,
        "architecture": architecture,
        "patches": digest_of_files(patches("ofono-1.x"), PROJECT),
        "code": digest_of_files([Path(__file__)], PROJECT),
    }

    def make(folder: Path) -> None:
        compiler = f"{goal.triplet}-gcc" if goal.cross else "gcc"
        ensure_tools([compiler, "make", "patch"])
        ensure_packages(goal.packages)
        tree, root = folder / "tree", folder / "sysroot"
        with step(f"compile oFono {VERSION} with the layer's patches ({architecture})"):
            run(["cp", "-a", source, tree])
            apply(tree, patches("ofono-1.x"))
            _extract(Archive(mirror, (SUITE,), architecture), folder / "apt", root)
            run(configure_command(tree, goal, root, compiler), directory=tree)
            run(["make", f"-j{os.cpu_count() or 1}", "all"], directory=tree)
            strip = f"{goal.triplet}-strip" if goal.cross else "strip"
            run([strip, "-o", folder / "ofonod", tree / "src/ofonod"])
        for used in (tree, root, folder / "apt"):
            run(["rm", "-r", used])

    return cache.entry("ofono", material, make) / "ofonod"


def _extract(archive: Archive, state: Path, root: Path) -> None:
    """Headers and libraries of the architecture, with links that stay within `root`."""
    apt = PrivateApt(archive, state)
    apt.update()
    for package in apt.download([*_HEADERS, *_LIBRARIES], state):
        run(["dpkg-deb", "--extract", package, root])
    for link in root.rglob("*.so"):
        if link.is_symlink() and link.readlink().is_absolute():
            inside = root / link.readlink().relative_to("/")
            link.unlink()
            link.symlink_to(inside)


def configure_command(tree: Path, goal: Target, root: Path, compiler: str) -> list[str | Path]:
    """oFono's configure with all that pkg-config would have told it."""
    include, library = root / "usr/include", root / "usr/lib" / goal.triplet
    search = f"-L{library} -L{root / 'lib' / goal.triplet}"
    # What the libraries themselves need is the board's, and is not looked at.
    search += " -Wl,--unresolved-symbols=ignore-in-shared-libs"
    return [
        tree / "configure",
        *(["--host", goal.triplet] if goal.cross else []),
        "--quiet",
        "--prefix=/usr",
        "--sysconfdir=/etc",
        "--localstatedir=/var",
        "--disable-dependency-tracking",
        "--disable-datafiles",
        "--disable-static",
        *(f"--disable-{part}" for part in _LEFT_OUT),
        f"--with-provisiondb={_PROVIDERS}",
        "--with-dbusconfdir=/etc",
        "--with-dbusdatadir=/usr/share",
        "--with-systemdunitdir=/lib/systemd/system",
        f"CC={compiler}",
        f"GLIB_CFLAGS=-I{include}/glib-2.0 -I{library}/glib-2.0/include",
        f"GLIB_LIBS={search} -lglib-2.0",
        f"DBUS_CFLAGS=-I{include}/dbus-1.0 -I{library}/dbus-1.0/include",
        f"DBUS_LIBS={search} -ldbus-1",
        f"UDEV_CFLAGS=-I{include}",
        f"UDEV_LIBS={search} -ludev",
    ]
