# SPDX-License-Identifier: MIT
"""The superblock of ext2, ext3 and ext4 (Documentation/filesystems/ext4/super.rst of the Linux tree)."""

from __future__ import annotations

import dataclasses
import struct

from huawei_modem_check.disk.crc32c import crc32c
from huawei_modem_check.streams import ArchiveError

_COMPATIBLE = {  # incompatible features (s_feature_incompat) that reading as below copes with
    0x0002: "filetype", 0x0010: "meta_bg", 0x0040: "extents", 0x0080: "64bit", 0x0100: "mmp",
    0x0200: "flex_bg", 0x0400: "ea_inode", 0x2000: "metadata_csum_seed", 0x4000: "largedir",
    0x8000: "inline_data", 0x10000: "encrypt", 0x20000: "casefold",
}  # fmt: skip
FILETYPE, META_BG = 0x0002, 0x0010
_RECOVER, _64BIT, _CSUM_SEED = 0x0004, 0x0080, 0x2000
_METADATA_CSUM = 0x0400  # s_feature_ro_compat
_CLEAN, _ERRORS = 0x0001, 0x0002  # s_state


@dataclasses.dataclass(frozen=True)
class Superblock:
    """The fields of a superblock that reading needs; sizes in bytes."""

    block_size: int
    first_block: int
    blocks: int
    blocks_per_group: int
    inodes: int
    inodes_per_group: int
    inode_size: int
    descriptor_size: int
    features: int
    first_meta_group: int
    seed: int | None
    problem: str | None

    @classmethod
    def parse(cls, data: bytes) -> Superblock:
        """Raises ArchiveError for a superblock that is damaged, or of a kind that cannot be read."""
        inodes, blocks_low = struct.unpack_from("<2I", data)
        first_block, log_block = struct.unpack_from("<2I", data, 0x14)
        blocks_per_group, _clusters, inodes_per_group = struct.unpack_from("<3I", data, 0x20)
        state, revision = struct.unpack_from("<H", data, 0x3A)[0], struct.unpack_from("<I", data, 0x4C)[0]
        inode_size = struct.unpack_from("<H", data, 0x58)[0] if revision else 128
        features, compatible_reading = struct.unpack_from("<2I", data, 0x60) if revision else (0, 0)
        wide = bool(features & _64BIT)
        descriptor_size = struct.unpack_from("<H", data, 0xFE)[0] if wide else 32
        blocks = blocks_low | (struct.unpack_from("<I", data, 0x150)[0] << 32 if wide else 0)
        seed = None
        if compatible_reading & _METADATA_CSUM:
            if crc32c(data[:0x3FC]) != struct.unpack_from("<I", data, 0x3FC)[0]:
                raise ArchiveError("damaged: the checksum of the superblock is wrong")
            stored = struct.unpack_from("<I", data, 0x270)[0]
            seed = stored if features & _CSUM_SEED else crc32c(data[0x68:0x78])
        if unknown := features & ~_RECOVER & ~sum(_COMPATIBLE):
            raise ArchiveError(f"has features that are not known here (incompatible: {unknown:#x})")
        sane = (
            log_block <= 6
            and 128 <= inode_size <= 1024 << log_block
            and 32 <= descriptor_size <= 1024
            and 0 < inodes_per_group <= 8 * (1024 << log_block)
            and 0 < blocks_per_group <= 8 * (1024 << log_block)
            and first_block < blocks
        )
        if not sane:
            raise ArchiveError("damaged: the superblock contradicts itself")
        problem = None
        if features & _RECOVER:
            problem = "was not unmounted: its journal holds what is not in place yet (run e2fsck)"
        elif not state & _CLEAN or state & _ERRORS:
            problem = "says itself that it has errors (run e2fsck)"
        return cls(
            1024 << log_block,
            first_block,
            blocks,
            blocks_per_group,
            inodes,
            inodes_per_group,
            inode_size,
            descriptor_size,
            features,
            struct.unpack_from("<I", data, 0x104)[0],
            seed,
            problem,
        )


def has_copy(group: int) -> bool:
    """Whether a group has a copy of the superblock: 0, 1 and the powers of 3, 5 and 7 (sparse_super)."""

    def power(base: int) -> bool:
        value = base
        while value < group:
            value *= base
        return value == group

    return group <= 1 or power(3) or power(5) or power(7)
