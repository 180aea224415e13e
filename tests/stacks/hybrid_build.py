# SPDX-License-Identifier: MIT
"""The layer hybrid/: the sources and packages that it takes, and what a build with it was made of.

Tars are made of clones at the recipe's own version where the mirror has them, and of Debian's sources.
The packages are Debian's armhf ones, checked by apt against Debian's archive key.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from modem_image.debian.archive import Archive, PrivateApt, host_mirror
from modem_image.debian.source import unpack_source, with_suites
from modem_image.errors import MissingError
from modem_image.system import run
from modem_image.yocto.mirror import clones

LAYER = Path(__file__).with_name("hybrid")
# What has to be compiled here; what else is, is of no matter.
COMPILED = (
    "busybox",
    "connman",
    "connman-conf",
    "dropbear",
    "ell",
    "huawei-modem",
    "huawei-modem-filter",
    "linux-toradex-upstream",
    "ofono",
    "packagegroup-huawei-modem",
    "ppp",
    "u-boot-toradex",
    "usb-modeswitch",
)
PACKAGES = re.compile(r'^HYBRID_DEBIAN\S* = "([^"]*)"', re.MULTILINE)


@dataclass(frozen=True)
class Clone:
    """A tree out of a clone: what the recipe fetches, unless `stands_for` says what that is."""

    repository: str
    commit: str
    stands_for: str = ""


@dataclass(frozen=True)
class Source:
    """The tar of a Debian source package. `sha256` is the recipe's, for the very file; `stands_for` says what
    the recipe fetches where that is another."""

    suite: str
    package: str
    sha256: str = ""
    stands_for: str = ""


@dataclass(frozen=True)
class Kernel:
    """The tar of Debian's linux-source of a series."""

    series: str
    stands_for: str


# By the tar's name in the layer's files. `stands_for`: in scarthgap and wrynose.
SOURCES: dict[str, Clone | Source | Kernel] = {
    "base-passwd-3.6.8": Source(
        "sid",
        "base-passwd",
        "fab3d0e6e8b641e116bda9bd5f7a7ed24482384c1513f6a369b506327fbc8dde",
        "scarthgap's 3.6.3",
    ),
    "busybox-1.36.1": Clone("busybox", "1_36_1"),
    "busybox-1.37.0": Source(
        "trixie", "busybox", "3311dff32e746499f4df0d5df04d7eb396382d7e108bb9250e7b519b837043a4"
    ),
    "connman-1.42": Clone("connman", "6a51d5d3"),
    "connman-2.0": Source(
        "sid", "connman", "d25c2ddc0b5ad13e986ec35ad765ae8d2f4b7acb47c958a05616c943cd082527"
    ),
    "dropbear-2022.83": Clone("dropbear", "DROPBEAR_2022.83"),
    "dropbear-2025.89": Source(
        "trixie", "dropbear", "0d1f7ca711cfc336dc8a85e672cab9cfd8223a02fe2da0a4a7aeb58c9e113634"
    ),
    "ell-0.77": Source("trixie", "ell", stands_for="0.64"),
    "ell-0.81": Clone("ell", "2e254f5", "0.83"),
    "kern-tools": Clone(
        "yocto-kernel-tools", "7160ebe8b865dd6028aef278efa219433db93f7e", "wrynose's commit a4a362d9"
    ),
    "linux-6.1": Kernel("6.1", "Linux 6.6, for the Colibri with Toradex's patches"),
    "linux-6.12": Kernel("6.12", "Linux 6.18"),
    "netbase-6.5": Source(
        "trixie",
        "netbase",
        "9116047aebbaa1698934052d01c6e09b4c3aed643e93df63d2ddcbec243c26d1",
        "scarthgap's 6.4",
    ),
    "ofono-2.4": Clone("ofono", "e582982b"),
    "ofono-2.19": Clone("ofonoci", "c24b3f8f"),
    "opkg-utils": Clone("opkg-utils", "08be88d", "0.6.3 and 0.7.0"),
    "ppp-2.5.0": Clone("ppp", "v2.5.0"),
    "ppp-2.5.2": Source("sid", "ppp", "47da358de54a10cb10bf6ff2cf9b1c03c0d3555518f6182e8f701b8e55733cb2"),
    "u-boot-2023.01": Source("bookworm", "u-boot", stands_for="U-Boot 2024.07 with Toradex's patches"),
    "usb-modeswitch-2.5.2": Clone("usb-modeswitch", "upstream/2.5.2", "2.6.2"),
}


def fill_sources(mirror: Path, folder: Path, work: Path) -> list[str]:
    """Make every tar in `folder` that is not there; what could not be had. `work` is for what apt keeps.

    None has a folder of its own at its top: bitbake unpacks it where the recipe looks for its sources.
    """
    missing = []
    for name, source in SOURCES.items():
        target = folder / f"{name}.tar"
        try:
            if not target.exists():
                _make(mirror, source, target, work)
        except (MissingError, LookupError, subprocess.CalledProcessError) as error:
            target.unlink(missing_ok=True)
            missing.append(f"{name}: {str(error).splitlines()[0]}")
    return missing


def fill_qmp(folder: Path, work: Path) -> None:
    """The client of QEMU's monitor, which testimage needs: Python that Debian's package of QEMU is without.

    Of trixie's source: that of bookworm's 7.2 has no `cmd_raw`, which scarthgap's runner calls.
    """
    target, unpacked = folder / "qemu-qmp", work / "qemu"
    if target.exists():
        return
    unpacked.mkdir(parents=True, exist_ok=True)
    apt = PrivateApt(Archive(host_mirror(), ("trixie",), "armhf", sources=True), unpacked / "apt")
    apt.update()
    apt.source("qemu", unpacked)
    (packed,) = unpacked.glob("qemu_*.orig.tar.*")
    inside = ["--no-same-owner", "--wildcards", "--strip-components=4", "*/python/qemu/qmp"]
    target.mkdir()
    run(["tar", "--extract", "--file", packed, "--directory", target, *inside])


def _make(mirror: Path, source: Clone | Source | Kernel, target: Path, work: Path) -> None:
    match source:
        case Clone():
            _from_clone(mirror, source, target)
        case Source():
            _from_debian(source, target, work)
        case Kernel():
            _from_kernel(source, target, work)


def _from_clone(mirror: Path, source: Clone, target: Path) -> None:
    for clone in clones(mirror)[source.repository]:
        git = ["git", "-c", "safe.directory=*", f"--git-dir={clone}"]
        if (
            subprocess.run(
                [*git, "cat-file", "-e", source.commit], capture_output=True, check=False
            ).returncode
            == 0
        ):
            subprocess.run([*git, "archive", f"--output={target}", source.commit], check=True)
            return
    raise LookupError(f"no clone of {source.repository} has {source.commit}")


def _from_kernel(source: Kernel, target: Path, work: Path) -> None:
    folder = work / "linux"
    folder.mkdir(parents=True, exist_ok=True)
    tree = unpack_source(with_suites(Archive(host_mirror(), (), "armhf")), source.series, folder)
    run(["tar", "--create", "--file", target, "--directory", tree, "."])
    shutil.rmtree(tree)


def _from_debian(source: Source, target: Path, work: Path) -> None:
    folder = work / source.package
    folder.mkdir(parents=True, exist_ok=True)
    apt = PrivateApt(Archive(host_mirror(), (source.suite,), "armhf", sources=True), folder / "apt")
    apt.update()
    apt.source(source.package, folder)
    version = target.stem.removeprefix(f"{source.package}-")
    found = [
        path
        for path in folder.glob(f"{source.package}_{version}*.tar.*")
        if ".debian." not in path.name and path.suffix != ".asc"
    ]
    if len(found) != 1:
        raise LookupError(f"Debian {source.suite} has another version than {version}")
    (packed,) = found
    if source.sha256 not in ("", sha256(packed.read_bytes()).hexdigest()):
        raise LookupError(f"{packed.name} is not the file that the recipe names")
    with tarfile.open(packed) as tar, tarfile.open(target, "w") as out:
        for member in tar:
            # All but their own top folder.
            member.name = "/".join(member.name.removeprefix("./").split("/")[1:])
            if member.name:
                out.addfile(member, tar.extractfile(member) if member.isreg() else None)


def fill_pool(folder: Path, work: Path) -> None:
    """Download Debian's packages that the layer names, each as NAME.deb."""
    texts = [path.read_text() for path in sorted(LAYER.rglob("*")) if path.suffix in (".bb", ".conf")]
    wanted = {
        name
        for text in texts
        for found in PACKAGES.findall(text)
        for name in found.replace("\\\n", " ").split()
    }
    names = sorted(name for name in wanted if not (folder / f"{name}.deb").exists())
    work.mkdir(parents=True, exist_ok=True)
    apt = PrivateApt(Archive(host_mirror(), ("bookworm",), "armhf"), work)
    apt.update()
    for name in names:
        (path,) = apt.download([name], folder)
        path.rename(folder / f"{name}.deb")


OPKG = Clone("opkg", "e2f2a23", "scarthgap's 0.6.3, wrynose's 0.9.0")
"""Upstream's release 0.4.4, with libsolv and the lock in /run as core builds it."""


def fill_opkg(mirror: Path, folder: Path) -> None:
    """A program of this machine, which installs the packages of an image: `folder`/opkg."""
    if (folder / "opkg").exists():
        return
    tree = folder / "tree"
    tree.mkdir(parents=True, exist_ok=True)
    _from_clone(mirror, OPKG, folder / "opkg.tar")
    run(["tar", "--extract", "--file", folder / "opkg.tar", "--directory", tree])
    header = tree / "libopkg" / "opkg_conf.h"
    # Below /var/run it would make a folder of what base-files has as a link.
    header.write_text(header.read_text().replace('VARDIR "/run/opkg.lock"', '"/run/opkg.lock"'))
    options = "--with-libsolv --disable-curl --disable-gpg --disable-shared --localstatedir=/var"
    run(["sh", "-ec", f"cd {tree}; ./autogen.sh; ./configure --prefix=/usr {options}; make"])
    shutil.copy(tree / "src" / "opkg", folder / "opkg")


@dataclass(frozen=True)
class Made:
    """A recipe of a build: `kind` is compiled, wrapped, or unfinished."""

    recipe: str
    version: str
    kind: str


CHECKED = "do_package_qa"
# A kernel's and U-Boot's are packed like others.
_TARGETS = ("all-", "colibri", "cortexa", "qemuarm")


def made(tmpdir: Path) -> list[Made]:
    """What the recipes for the target were made of, read from their work folders and bitbake's stamps.

    Wrapped: Debian's packages were unpacked there. Compiled: all others. Either passed do_package_qa: a stamp
    is written when a task has succeeded, a log when it has begun.
    """
    found = []
    for work in sorted(tmpdir.glob("work/*/*/*")):
        architecture, recipe, version = work.relative_to(tmpdir / "work").parts
        if not architecture.startswith(_TARGETS):
            continue
        unpacked = (work / "debian", work / "sources" / "debian")
        kind = "wrapped" if any(folder.is_dir() for folder in unpacked) else "compiled"
        found.append(Made(recipe, version, kind if _passed(tmpdir, work, CHECKED) else "unfinished"))
    return found


def _passed(tmpdir: Path, work: Path, task: str) -> bool:
    """Whether the task of the recipe with this work folder has a stamp."""
    stamps = tmpdir / "stamps" / work.relative_to(tmpdir / "work").parent
    names = re.compile(rf"{re.escape(work.name)}\.{task}(_setscene)?\.[0-9a-f]+")
    return stamps.is_dir() and any(names.match(path.name) for path in stamps.iterdir())


def manifest(deployed: Path) -> set[str]:
    """The packages of the image, by the manifest that bitbake writes beside it."""
    (path,) = {path.resolve() for path in deployed.glob("huawei-modem-image-*.manifest")}
    return {line.split()[0] for line in path.read_text().splitlines()}
