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
    folder: str
    stands_for: str = ""


@dataclass(frozen=True)
class Source:
    """The tar of a Debian source package, of another version than the recipe's."""

    suite: str
    package: str
    folder: str
    stands_for: str


@dataclass(frozen=True)
class Kernel:
    """The tar of Debian's linux-source of a series."""

    series: str
    folder: str
    stands_for: str


SOURCES: dict[str, Clone | Source | Kernel] = {
    "base-passwd": Source("sid", "base-passwd", "work", "base-passwd 3.6.3"),
    "busybox": Clone("busybox", "1_36_1", "busybox-1.36.1"),
    "connman": Clone("connman", "6a51d5d3", "connman-1.42"),
    "dropbear": Clone("dropbear", "DROPBEAR_2022.83", "dropbear-2022.83"),
    "ell": Source("trixie", "ell", "ell-0.64", "ell 0.64"),
    "kern-tools": Clone("yocto-kernel-tools", "7160ebe8b865dd6028aef278efa219433db93f7e", "git"),
    "linux": Kernel("6.1", "linux", "Linux 6.6 with Toradex's patches"),
    "netbase": Source("trixie", "netbase", "netbase", "netbase 6.4"),
    "ofono": Clone("ofono", "e582982b", "ofono-2.4"),
    "opkg-utils": Clone("opkg-utils", "HEAD", "git", "opkg-utils 0.6.3"),
    "ppp": Clone("ppp", "v2.5.0", "ppp-2.5.0"),
    "u-boot": Source("bookworm", "u-boot", "git", "U-Boot 2024.07 with Toradex's patches"),
    "usb-modeswitch": Clone(
        "usb-modeswitch", "upstream/2.5.2", "usb-modeswitch-2.6.2", "usb_modeswitch 2.6.2"
    ),
}


def fill_sources(mirror: Path, folder: Path, work: Path) -> list[str]:
    """Make every tar in `folder` that is not there; what could not be had. `work` is for what apt keeps."""
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
            subprocess.run(
                [*git, "archive", f"--prefix={source.folder}/", f"--output={target}", source.commit],
                check=True,
            )
            return
    raise LookupError(f"no clone of {source.repository} has {source.commit}")


def _from_kernel(source: Kernel, target: Path, work: Path) -> None:
    folder = work / "linux"
    folder.mkdir(parents=True, exist_ok=True)
    tree = unpack_source(with_suites(Archive(host_mirror(), (), "armhf")), source.series, folder)
    renamed = f"--transform=s,^{tree.name},{source.folder},"
    run(["tar", "--create", "--file", target, "--directory", folder, renamed, tree.name])
    shutil.rmtree(tree)


def _from_debian(source: Source, target: Path, work: Path) -> None:
    folder = work / source.package
    folder.mkdir(parents=True, exist_ok=True)
    apt = PrivateApt(Archive(host_mirror(), (source.suite,), "armhf", sources=True), folder / "apt")
    apt.update()
    apt.source(source.package, folder)
    (packed,) = [
        path
        for path in folder.glob(f"{source.package}_*.tar.*")
        if ".debian." not in path.name and path.suffix != ".asc"
    ]
    with tarfile.open(packed) as tar, tarfile.open(target, "w") as out:
        for member in tar:
            # Their own top folder gets the name that the recipe looks for.
            member.name = "/".join([source.folder, *member.name.removeprefix("./").split("/")[1:]])
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
        kind = "wrapped" if (work / "debian").is_dir() else "compiled"
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
