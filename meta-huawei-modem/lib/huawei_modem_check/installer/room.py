# SPDX-License-Identifier: MIT
"""What a new file system leaves of its partition for files.

mke2fs of e2fsprogs 1.47 with its own mke2fs.conf, mkfs.fat of dosfstools 4.2 with -F 32. ext4 gets
"-T default" as one word (multiimagewritethread.cpp:946), which is none of mke2fs.conf's types, so that blocks
have 4 KiB whatever its size; ext2 and ext3 below 512 MiB are "small".
"""

from __future__ import annotations

import re
from typing import NamedTuple

from huawei_modem_check.facts import BLOCK, SMALL_BLOCK

_INODE = 256  # bytes
_SMALL = 512 << 20  # bytes
_JOURNAL = ((2048, 0), (32768, 1024), (262144, 4096), (524288, 8192), (4194304, 16384), (8388608, 32768))
"""Blocks of a file system below which its journal has so many (ext2fs_default_journal_size)."""
_OTHERWISE = re.compile(r"-[biINJOtTgGEC]")
"""Options that make another file system of it: then nothing is said about its room."""
_SECTOR = 512
_FAT_ENTRY = 4  # bytes, in each of two tables
_FAT_RESERVED = 32  # sectors
_FAT_CLUSTERS = ((260 << 20, 512), (8 << 30, 4096))


class Room(NamedTuple):
    """Bytes for files, and how many a file takes at a time."""

    size: int
    unit: int


def room_in(fstype: str, size: int, options: str) -> Room:
    """The room in a partition of `size` bytes, at most; of what is not known here it is all of it."""
    if fstype in ("ext2", "ext3", "ext4") and not _OTHERWISE.search(options):
        return _ext(fstype, size)
    if fstype == "fat" and not options:
        cluster = next((unit for most, unit in _FAT_CLUSTERS if size <= most), 8192)
        clusters = (size - _FAT_RESERVED * _SECTOR) // (cluster + 2 * _FAT_ENTRY)
        return Room(max(0, clusters) * cluster, cluster)
    return Room(size, 1)


def _ext(fstype: str, size: int) -> Room:
    small = fstype != "ext4" and size < _SMALL
    block, ratio = (SMALL_BLOCK, 4096) if small else (BLOCK, 16384)
    count = size // block
    journal = 0
    if fstype != "ext2":
        journal = next((blocks for most, blocks in _JOURNAL if count < most), 65536)
        # Without extents an indirect block lists each so many blocks, and one more those.
        journal += 0 if fstype == "ext4" else journal * 4 // block + 1
    return Room(
        max(0, (count - journal - _tables(fstype, count, block)) * block - size // ratio * _INODE), block
    )


def _tables(fstype: str, count: int, block: int) -> int:
    """Blocks of superblocks, group descriptors, bitmaps and first folders in a file system of `count` blocks.

    Room for descriptors is kept for growth to a thousand times the size (calc_reserved_gdt_blocks of mke2fs).
    """
    in_group = 8 * block
    groups = -(-count // in_group)
    in_block = block // (64 if fstype == "ext4" else 32)
    own = -(-groups // in_block)
    later = -(-count * 1024 // in_group)
    kept = min(block // 4, -(-later // in_block) - own)
    powers = {base**n for base in (3, 5, 7) for n in range(1, 20)}
    copies = sum(number in powers or number <= 1 for number in range(groups))
    lost_and_found = max(4, 12 * 1024 // block)
    return copies * (1 + own + kept) + 2 * groups + lost_and_found + (3 if block == SMALL_BLOCK else 2)
