# SPDX-License-Identifier: MIT
"""What the check thinks of options, held against mke2fs, mkfs.fat, dd, sfdisk and nandwrite themselves.

On files, so that nothing is mounted: what Linux does not mount is a fault that these programs do not see.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
from pathlib import Path

import pytest

from corpus.installer.options import (
    TYPES,
    dd_options,
    mke2fs_options,
    mkfs_fat_options,
    nandwrite_options,
)
from huawei_modem_check.installer.dd import DdOptions
from huawei_modem_check.installer.description import Content, Partition
from huawei_modem_check.installer.layout import type_fault
from huawei_modem_check.installer.room import kept_for_extents, room_in
from huawei_modem_check.installer.tools import mkfs_fault, nand_options
from patience import PATIENCE

SIZE = 64 << 20
_SIZES = ("Free blocks", "Block size")
CONTENT = Content("", "raw", "", "", "", (), (), frozenset())
_OWN = {
    "ext2": ("-L", "RFS"),
    "ext3": ("-L", "RFS"),
    "ext4": ("-L", "RFS", "-O ^metadata_csum", "-T default"),
    "fat": ("-F", "32", "-n", "BOOT"),
}
# What the program does, and the installer's kernel does not mount, or nobody can have meant.
_BEYOND = re.compile(
    r"CONFIG_|Linux mounts|where its partition|installer's own|for tests|for Android|makes no file system"
    r"|makes a journal|no size of a descriptor|wants its size"
)
_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}


def run(*command: str | Path, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, input=given, capture_output=True, env=_ENVIRONMENT, timeout=PATIENCE)


def disagreement_about_mkfs(disk: Path, fstype: str, options: str) -> list[str]:
    disk.write_bytes(b"")
    with disk.open("r+b") as file:
        file.truncate(SIZE)
    made = run(f"mkfs.{fstype}", *_OWN[fstype], *options.split(" "), disk).returncode == 0
    reason = mkfs_fault(fstype, options, SIZE)
    if made == bool(reason) and not (made and _BEYOND.search(reason or "")):
        return [f"mkfs.{fstype} {options!r}: makes it: {made}; the check: {reason}"]
    return []


def disagreements_about_mkfs(folder: Path, seed: int, number: int) -> list[str]:
    """Options of which mkfs and the check do not say the same."""
    rng, disk, wrong = random.Random(seed), folder / "disk", []  # noqa: S311  repeatable, not secret
    for _ in range(number):
        fstype = rng.choice(sorted(_OWN))
        options = mkfs_fat_options(rng) if fstype == "fat" else mke2fs_options(rng)
        wrong += disagreement_about_mkfs(disk, fstype, options)
    return wrong


def test_options_of_mkfs(tmp_path: Path) -> None:
    assert disagreements_about_mkfs(tmp_path, seed=1, number=40) == []


LONG = "7" * 5000
"""More digits than Python makes a number of."""


@pytest.mark.parametrize(
    ("fstype", "option"),
    [
        *(("ext4", f"-{letter} {LONG}") for letter in "bCgGiINm"),
        *(("ext4", option) for option in (f"-m 0x{'f' * 5000}", f"-E root_owner={LONG}", f"-J size={LONG}")),
        *(("fat", f"-{letter} {LONG}") for letter in "bDFfhMrRsSig"),
        *(("fat", f"--{name}={LONG}") for name in ("codepage", "offset")),
    ],
    ids=lambda word: word[:12],
)
def test_a_number_without_end(tmp_path: Path, fstype: str, option: str) -> None:
    assert disagreement_about_mkfs(tmp_path / "disk", fstype, option) == []


@pytest.mark.parametrize("number", [LONG, "\u00b2"], ids=["long", "superscript"])
def test_a_number_without_end_elsewhere(number: str) -> None:
    assert mkfs_fault("ntfs", f"-c {number}")
    assert nand_options(f"-s {number}").fault
    assert DdOptions(f"seek={number}").fault


@pytest.mark.on_demand
def test_many_options_of_mkfs(tmp_path: Path) -> None:
    assert disagreements_about_mkfs(tmp_path, seed=2, number=3000) == []


@pytest.mark.parametrize("seed", [3, pytest.param(4, marks=pytest.mark.on_demand)])
def test_operands_of_dd(tmp_path: Path, seed: int) -> None:
    """A file of 4 MiB takes 16388 bytes, all of them, at the place that the check says."""
    rng, wrong = random.Random(seed), []  # noqa: S311  repeatable, not secret
    data = random.Random(0).randbytes(16388)  # noqa: S311  repeatable, not secret
    disk = tmp_path / "disk"
    for _ in range(40 if seed == 3 else 1000):
        options = dd_options(rng)
        disk.write_bytes(bytes(4 << 20))
        done = run("dd", f"of={disk}", *options.split(), given=data).returncode == 0
        # A regular file is cut where dd begins, unless told not to; what matters is behind it.
        at = disk.read_bytes().find(data) if done else -1
        found = DdOptions(options)
        cut = found.limit is not None and found.limit < len(data)
        right = None if found.fault or found.redirected or cut else found.start
        if (at if at >= 0 else None) != right:
            wrong.append(f"dd {options!r}: at {at}; the check: {found.fault or right}")
    assert wrong == []


def test_options_of_nandwrite() -> None:
    """It parses them before it looks at the device."""
    rng, wrong = random.Random(5), []  # noqa: S311  repeatable, not secret
    for _ in range(60):
        options = nandwrite_options(rng)
        made = run("nandwrite", "--quiet", "--pad", *options.split(), "/dev/null", "-")
        taken = b"libmtd" in made.stderr
        if taken == bool(nand_options(options).fault):
            wrong.append(f"nandwrite {options!r}: {made.stderr[-80:]!r}")
    assert wrong == []


@pytest.mark.parametrize("table", ["dos", "gpt"])
def test_types_of_a_partition(tmp_path: Path, table: str) -> None:
    disk, wrong = tmp_path / "disk", []
    for kind in TYPES:
        disk.write_bytes(b"")
        with disk.open("r+b") as file:
            file.truncate(SIZE)
        line = f"start=8192,size=32768,type={kind}\n".encode()
        taken = run("sfdisk", "--label", table, disk, given=line).returncode == 0
        if taken and table == "dos":
            made = json.loads(run("sfdisk", "-J", disk).stdout)["partitiontable"]["partitions"][0]["type"]
            taken = made not in ("5", "f", "85", "ee")
        reason = type_fault(Partition("", 16, False, 0, 0, False, kind, CONTENT), table)
        if taken == bool(reason):
            wrong.append(f"{table} {kind!r}: taken: {taken}; the check: {reason}")
    assert wrong == []


def test_the_room_that_mke2fs_leaves(tmp_path: Path) -> None:
    """As dumpe2fs counts it, with options that make another file system of it."""
    rng, disk, wrong = random.Random(6), tmp_path / "disk", []  # noqa: S311  repeatable, not secret
    words = ("-b 1024", "-b 4096", "-O ^has_journal", "-i 1024", "-I 128", "-J size=4", "-N 5000", "-m 0")
    extended = ("-E nodiscard", "-E lazy_itable_init=0,root_owner=1:1", "-E stride=2,stripe-width=4")
    for _ in range(15):
        fstype, size = rng.choice(("ext2", "ext3", "ext4")), rng.choice((8, 16, 64, 600)) << 20
        options = " ".join(
            [*rng.sample(words, rng.choice((0, 1, 2))), *rng.sample(extended, rng.choice((0, 1)))]
        )
        disk.write_bytes(b"")
        with disk.open("r+b") as file:
            file.truncate(size)
        own = options.split(" ") if options else []
        if run(f"mkfs.{fstype}", *_OWN[fstype], *own, disk).returncode:
            continue
        told = run("dumpe2fs", "-h", disk).stdout.decode()
        free, block = (
            int(found[1]) for found in (re.search(rf"{key}:\s+(\d+)", told) for key in _SIZES) if found
        )
        inodes = re.search(r"Free inodes:\s+(\d+)", told)
        assert inodes is not None
        room = room_in(fstype, size, options)
        if room.inodes is None or not 0 <= room.inodes - int(inodes[1]) <= -(-size // block**2 // 8) * 32:
            wrong.append(f"mkfs.{fstype} {options!r} in {size >> 20} MiB: {inodes[1]} inodes")
        kept = kept_for_extents(size // block) if fstype == "ext4" else 0
        if abs(room.size - (free - kept) * block) > size // 500:
            wrong.append(f"mkfs.{fstype} {options!r} in {size >> 20} MiB: {free * block}")
    assert wrong == []
