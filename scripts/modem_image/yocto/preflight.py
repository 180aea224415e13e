# SPDX-License-Identifier: MIT
"""What bitbake needs of this machine, looked at before it works for hours and then fails."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from modem_image.errors import MissingError
from modem_image.made import work_folder
from modem_image.system import install, run, which

# Programs of bitbake.conf's HOSTTOOLS and sanity.bbclass that a small Debian lacks, and the packages that
# bring them.
PACKAGES: Mapping[str, str] = {
    "bzip2": "bzip2",
    "chrpath": "chrpath",
    "cpio": "cpio",
    "diffstat": "diffstat",
    "file": "file",
    "g++": "g++",
    "gawk": "gawk",
    "gcc": "gcc",
    "git": "git",
    "localedef": "locales",
    "lz4c": "lz4",
    "make": "make",
    "makeinfo": "texinfo",
    "patch": "patch",
    "perl": "perl",
    "pzstd": "zstd",
    "rpcgen": "rpcsvc-proto",
    "rsync": "rsync",
    "socat": "socat",
    "unzip": "unzip",
    "wget": "wget",
    "xz": "xz-utils",
    "zstd": "zstd",
}
# The interpreter that bitbake finds under kas, whatever python3 is first on the caller's PATH.
PYTHON = Path("/usr/bin/python3")
LOCALE = "en_US.UTF-8"
_LOCALE_COMMAND = ["localedef", "-i", "en_US", "-f", "UTF-8", LOCALE]

GB = 10**9
# sanity.bbclass refuses a TMPDIR with one of these, or of more than 410 characters; ours lies a little
# deeper than the folder that is asked about.
_REFUSED_CHARACTERS = "+@~ "
_LONGEST_PATH = 410 - len("/scarthgap/build-colibri-imx7-emmc/tmp")


@dataclass(frozen=True)
class Needs:
    """Room on the disk and memory, in bytes, and what for."""

    disk: int
    memory: int
    purpose: str


# The Yocto Project's system requirements: 90 GB of disk, 8 GB of memory (which Linux shows as less).
BUILD = Needs(90 * GB, 7 * GB, "a build from nothing")
REBUILD = Needs(20 * GB, 7 * GB, "a build on top of the last one")
DRY_RUN = Needs(3 * GB, 2 * GB, "a dry run")


def needs(dry_run: bool, built_before: bool) -> Needs:
    """What this run needs. Where an image was built before, most of the room is taken already."""
    if dry_run:
        return DRY_RUN
    return REBUILD if built_before else BUILD


@dataclass(frozen=True)
class Host:
    """What matters of this machine; sizes in bytes."""

    missing: tuple[str, ...]
    has_locale: bool
    free: int
    memory: int
    case_sensitive: bool


def problems(host: Host, wanted: Needs, root: Path) -> list[str]:
    """What keeps bitbake from working below the folder `root` and takes more than a package to mend."""
    found = []
    if host.free < wanted.disk:
        found.append(
            f"{root}: {host.free / GB:.0f} GB are free, and {wanted.purpose} needs {wanted.disk / GB:.0f} GB"
            "\n    do: make room, or give a folder on another disk with --work-dir DIR"
        )
    if host.memory < wanted.memory:
        found.append(
            f"{host.memory / GB:.1f} GB of memory, and {wanted.purpose} needs {wanted.memory / GB:.0f} GB"
            "\n    do: give this machine, virtual machine or container more memory"
        )
    if not host.case_sensitive:
        found.append(
            f"{root}: the file system takes `a` and `A` for one name, and recipes need them apart"
            "\n    do: give a folder on a Linux file system with --work-dir DIR"
        )
    refused = sorted(set(str(root)) & set(_REFUSED_CHARACTERS))
    if refused:
        found.append(
            f"{root}: bitbake refuses a path with {' '.join(map(repr, refused))}"
            "\n    do: give another folder with --work-dir DIR"
        )
    if len(str(root)) > _LONGEST_PATH:
        found.append(f"{root}: too long a path for bitbake\n    do: give another folder with --work-dir DIR")
    return found


def commands(host: Host) -> list[list[str]]:
    """The commands, for root, that mend what packages can mend."""
    found = []
    if host.missing:
        found.append(["apt-get", "install", "--yes", "--no-install-recommends", *host.missing])
    if not host.has_locale:
        found.append(_LOCALE_COMMAND)
    return found


def check(root: Path, wanted: Needs, caller: int) -> None:
    """Make sure that bitbake can work below `root`; user id 0 installs what is missing.

    Raises MissingError that names all that is wrong and what mends it. Nothing is installed when
    something else is wrong too.
    """
    host = look(root)
    refuse(host, root, wanted, caller)
    mend(host)


def refuse(host: Host, root: Path, wanted: Needs, caller: int) -> None:
    """Raises MissingError that names all that is wrong with `host`, but for what user id 0 can install."""
    wrong = problems(host, wanted, root)
    repairs = commands(host)
    if repairs and caller != 0:
        missing = [*host.missing, *([] if host.has_locale else [f"the locale {LOCALE}"])]
        text = " && ".join(f"sudo {shlex.join(command)}" for command in [["apt-get", "update"], *repairs])
        wrong.append(f"missing on this machine: {', '.join(missing)}\n    do: {text}")
    if wrong:
        raise MissingError("\n  ".join(["bitbake cannot work here:", *wrong]))


def mend(host: Host) -> None:
    """Install, as root, what is missing."""
    if host.missing:
        install(host.missing)
    if not host.has_locale:
        run(_LOCALE_COMMAND)


def look(root: Path) -> Host:
    """Look at this machine and at the disk that `root` is, or will be, on."""
    there = _nearest(root)
    packages = {package for tool, package in PACKAGES.items() if which(tool) is None}
    if not _makes_environments():
        packages.add("python3-venv")
    return Host(
        missing=tuple(sorted(packages)),
        has_locale=_has_locale(),
        free=shutil.disk_usage(there).free,
        memory=memory(Path("/proc/meminfo").read_text(), _cgroup_limit()),
        case_sensitive=is_case_sensitive(there),
    )


def _nearest(path: Path) -> Path:
    return next(each for each in (path, *path.parents) if each.is_dir())


def _makes_environments() -> bool:
    if not PYTHON.exists():
        return False
    command = [str(PYTHON), "-c", "import ensurepip, venv"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _has_locale() -> bool:
    if which("locale") is None:
        return False
    return has_locale(run(["locale", "-a"]).decode(errors="replace").splitlines())


def has_locale(names: Sequence[str]) -> bool:
    """Whether `locale -a` lists en_US.UTF-8, which glibc may spell en_US.utf8."""
    return "en_us.utf8" in {name.lower().replace("-", "") for name in names}


def memory(meminfo: str, limit: str | None) -> int:
    """Bytes of memory, from /proc/meminfo (kB) and a container's limit (cgroup v2 memory.max)."""
    total = re.search(r"^MemTotal:\s+(\d+) kB$", meminfo, re.MULTILINE)
    sizes = [int(total[1]) * 1024] if total else []
    if limit and limit.strip().isdigit():
        sizes.append(int(limit))
    return min(sizes, default=0)


def _cgroup_limit() -> str | None:
    # In a container the limit of its own cgroup lies at the root of the file system of cgroups.
    path = Path("/sys/fs/cgroup/memory.max")
    return path.read_text() if path.is_file() else None


def is_case_sensitive(folder: Path) -> bool:
    """Whether the file system of `folder` tells `a` from `A`; True where we may not write."""
    if not os.access(folder, os.W_OK):
        return True
    with work_folder(folder) as work:
        (work / "a").touch()
        return not (work / "A").exists()
