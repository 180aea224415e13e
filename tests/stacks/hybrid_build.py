# SPDX-License-Identifier: MIT
"""The layer hybrid/: the sources and packages that it takes, and what a build with it was made of.

Tars are made of clones at the recipe's own version where the mirror has them, and of Debian's sources.
The packages are Debian's armhf ones, checked by apt against Debian's archive key.
"""

from __future__ import annotations

import re
import subprocess
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from modem_image.debian.archive import Archive, PrivateApt, host_mirror
from modem_image.errors import MissingError
from modem_image.yocto.mirror import clones

LAYER = Path(__file__).with_name("hybrid")
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


SOURCES: dict[str, Clone | Source] = {
    "base-passwd": Source("sid", "base-passwd", "work", "base-passwd 3.6.3"),
    "busybox": Clone("busybox", "1_36_1", "busybox-1.36.1"),
    "connman": Clone("connman", "6a51d5d3", "connman-1.42"),
    "dropbear": Clone("dropbear", "DROPBEAR_2022.83", "dropbear-2022.83"),
    "ell": Source("trixie", "ell", "ell-0.64", "ell 0.64"),
    "kern-tools": Clone("yocto-kernel-tools", "7160ebe8b865dd6028aef278efa219433db93f7e", "git"),
    "netbase": Source("trixie", "netbase", "netbase", "netbase 6.4"),
    "ofono": Clone("ofono", "e582982b", "ofono-2.4"),
    "opkg-utils": Clone("opkg-utils", "HEAD", "git", "opkg-utils 0.6.3"),
    "ppp": Clone("ppp", "v2.5.0", "ppp-2.5.0"),
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
                make = _from_clone if isinstance(source, Clone) else _from_debian
                make(mirror, source, target, work)  # type: ignore[operator]
        except (MissingError, LookupError, subprocess.CalledProcessError) as error:
            target.unlink(missing_ok=True)
            missing.append(f"{name}: {str(error).splitlines()[0]}")
    return missing


def _from_clone(mirror: Path, source: Clone, target: Path, work: Path) -> None:
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


def _from_debian(mirror: Path, source: Source, target: Path, work: Path) -> None:
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


def made(tmpdir: Path, architectures: Iterable[str] = ("cortexa7", "colibri", "all")) -> list[Made]:
    """What the recipes for the target were made of, read from their work folders.

    Wrapped: Debian's packages were unpacked there. Compiled: do_compile ran. Either passed do_package_qa.
    """
    found = []
    for work in sorted(tmpdir.glob("work/*/*/*")):
        if not work.parent.parent.name.startswith(tuple(architectures)):
            continue
        checked = (work / "temp" / "log.do_package_qa").exists()
        kind = "wrapped" if (work / "debian").is_dir() else "compiled"
        found.append(Made(work.parent.name, work.name, kind if checked else "unfinished"))
    return found
