# SPDX-License-Identifier: MIT
"""Debian's real kernels 6.1 and 6.12, packed in every way that the kernel's build knows.

Each is taken out of Debian's own zImage and packed again in the formats of scripts/Makefile.lib; head and
table are laid out as arch/arm/boot/compressed does.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from huawei_modem_check.boot_file import read_boot_file
from huawei_modem_check.inflate import FORMATS, DamagedError
from huawei_modem_check.kernel_image import read_kernel
from modem_image.board.description import load_board
from modem_image.cache import Cache, cache_root
from modem_image.debian.archive import PrivateApt, host_mirror
from unit.check.images import by_tool, zimage_of

pytestmark = pytest.mark.kernel

SUITES = {"6.1": "bookworm", "6.12": "bookworm-backports"}
# Levels lower than the kernel's own, for the time; the formats are the same.
PACKINGS = {
    "gzip": ("gzip", "-n", "-6"),
    "lz4": ("lz4", "-l", "-1", "-c"),
    "lzma": ("xz", "--format=lzma", "-0"),
    "lzo": ("lzop", "-1", "-c"),
    "xz": ("xz", "--check=crc32", "--arm", "--lzma2=preset=0,dict=32MiB"),
    "zstd": ("zstd", "-3", "-c", "-q"),
}


def unpack(suite: str, folder: Path) -> None:
    """The boot folder of the suite's kernel package."""
    apt = PrivateApt(replace(load_board(host_mirror()).archive, suites=(suite,)), folder / "apt")
    apt.update()
    (package,) = apt.download([apt.dependency("linux-image-armmp", r"linux-image-\d.*")], folder)
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as content:
        subprocess.run(["tar", "-C", folder, "-x", "./boot"], stdin=content.stdout, check=True)
    package.unlink()


@pytest.fixture(scope="module", params=SUITES)
def kernel(request: pytest.FixtureRequest) -> tuple[str, bytes, bytes]:
    """Release, Debian's own zImage, and what it inflates to."""
    suite = SUITES[request.param]
    entry = Cache(cache_root()).entry("kernel-boot", {"suite": suite}, lambda folder: unpack(suite, folder))
    (path,) = (entry / "boot").glob("vmlinuz-*")
    data = path.read_bytes()
    packing = read_kernel(data, path.name).compression
    assert packing is not None
    inflated = b"".join(FORMATS[packing].inflate(memoryview(data)[payload(data, packing) :]))
    return path.name.removeprefix("vmlinuz-"), data, inflated


def payload(data: bytes, packing: str) -> int:
    """Where the packed kernel begins: the first place from which it inflates to a kernel."""
    for match in re.finditer(FORMATS[packing].magic, data, re.DOTALL):
        chunks = FORMATS[packing].inflate(memoryview(data)[match.start() :])
        try:
            if sum(map(len, chunks)) > 10 << 20:
                return match.start()
        except DamagedError:
            continue
    raise AssertionError("no kernel inflates")


def test_debians_own_is_read(kernel: tuple[str, bytes, bytes]) -> None:
    release, data, _inflated = kernel
    found = read_kernel(data, "zImage")
    assert (found.problem, found.release) == (None, release)


@pytest.mark.parametrize("packing", PACKINGS)
def test_the_release_is_read_however_it_is_packed(kernel: tuple[str, bytes, bytes], packing: str) -> None:
    release, _data, inflated = kernel
    packed = by_tool(*PACKINGS[packing])(inflated)
    found = read_kernel(zimage_of(inflated, packing, packed), "zImage")
    assert (found.problem, found.compression, found.release) == (None, packing, release)
    # And as a compressed Image, without a zImage around it.
    ((image,), _trees) = read_boot_file(packed, "Image")
    assert image.release == release
