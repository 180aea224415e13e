# SPDX-License-Identifier: MIT
"""Debian's kernel sources: the packages linux-source-VERSION, each a tar of a whole tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from modem_image.debian.archive import Archive, PrivateApt
from modem_image.system import ensure_tools, run

# The series that Debian 12 has, and the suites they are in.
SUITES = ("bookworm", "bookworm-backports")
VERSIONS = ("6.1", "6.12")


def with_suites(archive: Archive, suites: Sequence[str] = SUITES) -> Archive:
    """The same mirror, with the suites that have the sources."""
    return replace(archive, suites=tuple(suites))


def unpack_source(archive: Archive, version: str, folder: Path, patterns: Sequence[str] = ()) -> Path:
    """Download the series `version` and unpack it; the tree is `folder`/linux-source-VERSION.

    `patterns`, as tar takes them, leave out all else. The tree has the date of Debian's tar. Raises
    MissingError when the package cannot be fetched.
    """
    ensure_tools(["dpkg-deb", "tar", "xz"])
    apt = PrivateApt(archive, folder / "apt")
    apt.update()
    (package,) = apt.download([f"linux-source-{version}"], folder)
    run(["dpkg-deb", "--extract", package, folder / "package"])
    package.unlink()
    packed = folder / "package" / "usr" / "src" / f"linux-source-{version}.tar.xz"
    chosen = ["--wildcards", *patterns] if patterns else []
    run(["tar", "--directory", folder, "--extract", "--xz", "--file", packed, *chosen])
    packed.unlink()
    return folder / f"linux-source-{version}"
