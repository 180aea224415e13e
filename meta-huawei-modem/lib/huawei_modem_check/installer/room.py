# SPDX-License-Identifier: MIT
"""What a new file system leaves of its partition for files.

mke2fs of e2fsprogs 1.47 with its own mke2fs.conf, mkfs.fat of dosfstools 4.2 with -F 32. ext4 gets
"-T default" as one word (multiimagewritethread.cpp:946), which is none of mke2fs.conf's types, so that blocks
have 4 KiB whatever its size; ext2 and ext3 below 512 MiB are "small".
"""

from __future__ import annotations

from typing import NamedTuple

from huawei_modem_check.facts import BLOCK, SMALL_BLOCK
from huawei_modem_check.installer import mke2fs
from huawei_modem_check.installer.tools import ext_geometry

_JOURNAL = ((2048, 0), (32768, 1024), (262144, 4096), (524288, 8192), (4194304, 16384), (8388608, 32768))
"""Blocks of a file system below which its journal has so many (ext2fs_default_journal_size)."""
_SECTOR = 512
_FAT_ENTRY = 4  # bytes, in each of two tables
_FAT_RESERVED = 32  # sectors
_FAT_CLUSTERS = ((260 << 20, 512), (8 << 30, 4096))


class Room(NamedTuple):
    """Bytes for files, and how many a file takes at a time; how many there can be, None for any number."""

    size: int
    unit: int
    inodes: int | None = None


def room_in(fstype: str, size: int, options: str) -> Room:
    """The room in a partition of `size` bytes, at most; of what is not known here it is all of it."""
    if fstype in ("ext2", "ext3", "ext4"):
        made = ext_geometry(fstype, options, size)
        return _ext(made, size) if made and made.is_known else Room(size, 1)
    if fstype == "fat" and not options:
        cluster = next((unit for most, unit in _FAT_CLUSTERS if size <= most), 8192)
        clusters = (size - _FAT_RESERVED * _SECTOR) // (cluster + 2 * _FAT_ENTRY)
        return Room(max(0, clusters) * cluster, cluster)
    return Room(size, 1)


def _ext(made: mke2fs.Geometry, size: int) -> Room:
    block = made.block
    count = size // block
    journal = next((blocks for most, blocks in _JOURNAL if count < most), 65536)
    if made.journal is not None:
        journal = made.journal // block
    if "extent" not in made.features and journal:
        # An indirect block lists each so many blocks, and one more those.
        journal += journal * 4 // block + 1
    left = count - journal - _tables(made, count)
    if "extent" in made.features:
        left -= kept_for_extents(count)
    # What its files take is counted for blocks of 4 KiB, and for small ones that others list.
    unit = block if block == BLOCK or "extent" not in made.features else 1
    # mke2fs fills the last block of each group with them; ten are its own, and one is lost+found.
    most = made.inodes + -(-count // (8 * block)) * (block // made.inode) - 11
    return Room(max(0, left * block - made.inodes * made.inode), unit, most)


def kept_for_extents(count: int) -> int:
    """Blocks that Linux gives nobody, where there are extents (ext4_calculate_resv_clusters)."""
    return min(count // 50, 4096)


def _tables(made: mke2fs.Geometry, count: int) -> int:
    """Blocks of superblocks, group descriptors, bitmaps and first folders in a file system of `count` blocks.

    Room for descriptors is kept for growth to a thousand times the size (calc_reserved_gdt_blocks of mke2fs).
    """
    block = made.block
    in_group = 8 * block
    groups = -(-count // in_group)
    in_block = block // (64 if "64bit" in made.features else 32)
    own = -(-groups // in_block)
    later = -(-count * 1024 // in_group)
    kept = min(block // 4, -(-later // in_block) - own) if "resize_inode" in made.features else 0
    powers = {base**n for base in (3, 5, 7) for n in range(1, 20)}
    copies = groups
    if "sparse_super" in made.features:
        copies = sum(number in powers or number <= 1 for number in range(groups))
    lost_and_found = max(4, 12 * 1024 // block)
    return copies * (1 + own + kept) + 2 * groups + lost_and_found + (3 if block == SMALL_BLOCK else 2)
