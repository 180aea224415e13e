# SPDX-License-Identifier: MIT
"""The file systems in a disk image, or in a file that is one file system, for the reader of images."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from huawei_modem_check.disk.ext import Ext, is_ext
from huawei_modem_check.disk.fat import Fat, is_fat
from huawei_modem_check.disk.partitions import is_disk, kind_of, partitions
from huawei_modem_check.disk.region import Region
from huawei_modem_check.errors import InputError
from huawei_modem_check.reader import may_matter
from huawei_modem_check.streams import ArchiveError

if TYPE_CHECKING:
    from huawei_modem_check.reader import Entries

_PACKED = re.compile(r".+\.(?:wic|ext[234]|img|sdcard)\.(?:xz|gz|bz2|zst|lz4|lzo)")
# Two octets make the magic number of a disk: an archive has them by chance one time in 65536.
_ARCHIVE = re.compile(
    rb"\xfd7zXZ\0|\x28\xb5\x2f\xfd|\x04\x22\x4d\x18|\x02\x21\x4c\x18|\x89LZO\0|\x1f\x8b|BZh|PK|"
    rb".{257}ustar",
    re.DOTALL,
)
_SMALLEST = 64 << 10  # bytes; a boot sector alone is no image


class Taker(Protocol):
    """What is given the files."""

    def take_tree(self, name: str, entries: Entries) -> None:
        """The members of a file system."""

    def problem(self, code: str, where: str, text: str) -> None:
        """Something that cannot be read."""


def is_disk_image(path: Path) -> bool:
    """Whether a file holds a partition table or a file system. Raises InputError for a packed one."""
    if _PACKED.fullmatch(path.name):
        raise InputError(f"{path}: a packed disk image: unpack it first (xz -dk, gunzip -k, zstd -d)")
    with _opened(path) as region:
        if region.size < _SMALLEST or _ARCHIVE.match(region.read_at(0, 512)):
            return False
        return is_ext(region) or is_fat(region) or is_disk(region)


def read_disk(taker: Taker, path: Path) -> bool:
    """Give all files of a disk image to `taker`. Whether it has partitions, and a kernel to be expected.

    What cannot be read of one file system is a problem of that one; the others are still read.
    """
    with _opened(path) as region:
        if is_ext(region) or is_fat(region):
            _read(taker, path.name, region)
            return False
        try:
            found = partitions(region)
        except ArchiveError as err:
            taker.problem("filesystem-damaged", path.name, str(err))
            return True
        for each in found:
            _read(taker, f"{path.name}:partition {each.number}", each.region)
    return True


def _read(taker: Taker, name: str, region: Region) -> None:
    walk: Callable[[Callable[[str], bool]], Entries]
    try:
        if is_ext(region):
            system = Ext(region)
            if system.problem:
                taker.problem("filesystem-damaged", name, system.problem)
            walk = system.walk
        elif is_fat(region):
            walk = Fat(region).walk
        else:
            _note_unread(taker, name, region)
            return
        taker.take_tree(name, walk(may_matter))
    except ArchiveError as err:
        taker.problem("filesystem-damaged", name, str(err))


def _note_unread(taker: Taker, name: str, region: Region) -> None:
    kind = kind_of(region)
    # A boot loader and swap have no files, and an empty partition has none either.
    if kind and kind != "swap":
        taker.problem("insufficient-data", name, f"holds {kind}, which is not read here")


@contextmanager
def _opened(path: Path) -> Iterator[Region]:
    handle = os.open(path, os.O_RDONLY)
    try:
        # Of a device, stat() does not tell the size.
        yield Region(handle, 0, os.lseek(handle, 0, os.SEEK_END))
    finally:
        os.close(handle)
