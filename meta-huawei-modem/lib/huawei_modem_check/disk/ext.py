# SPDX-License-Identifier: MIT
"""Read ext2, ext3 and ext4: inodes by extents or block maps, inline data, directories read linearly.

Layout: Documentation/filesystems/ext4 of the Linux tree. Where the file system has checksums of its
metadata, all that is read is held against them; file contents have none.
"""

from __future__ import annotations

import bisect
import dataclasses
import itertools
import stat
import struct
from collections.abc import Callable, Iterator

from huawei_modem_check.disk.crc32c import crc32c
from huawei_modem_check.disk.region import MEMBERS_MAXIMUM, DiskFile, Region
from huawei_modem_check.disk.superblock import FILETYPE, META_BG, Superblock, has_copy
from huawei_modem_check.streams import ArchiveError, LinkTo, Readable

_SUPERBLOCK, _MAGIC = 1024, b"\x53\xef"
_ROOT_INODE = 2
_EXTENT_MAGIC, _DEPTH_MAXIMUM = 0xF30A, 5
_EXTENTS_FLAG, _INLINE_FLAG, _ENCRYPTED_FLAG, _INDEX_FLAG = 0x80000, 0x10000000, 0x800, 0x1000
_DIRECTORY_MAXIMUM = 64 << 20  # bytes; 500,000 names need less
_TREE_DEPTH = 64
_FILE, _DIRECTORY = 1, 2  # file types in a directory
_SYMBOLIC_LINK = 7
_TARGET_MAXIMUM = 4096  # bytes of a path


def is_ext(region: Region) -> bool:
    """Whether a region holds ext2, ext3 or ext4."""
    return region.has(_SUPERBLOCK + 0x38, _MAGIC)


@dataclasses.dataclass(frozen=True)
class _Inode:
    number: int
    mode: int
    size: int
    flags: int
    block: bytes  # i_block, 60 bytes: extents, a block map, or inline data
    inline_rest: bytes  # what of inline data lies behind i_block
    seed: int | None  # for the checksums of its blocks


class Ext:
    """A file system. Raises ArchiveError for damage, at the latest when the damaged part is read."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._super = Superblock.parse(region.read_at(_SUPERBLOCK, 1024))
        if self._super.blocks * self._super.block_size > region.size:
            size = self._super.blocks * self._super.block_size
            raise ArchiveError(f"truncated: it has {size} bytes, and {region.size} are there")
        self._tables: dict[int, int] = {}

    @property
    def problem(self) -> str | None:
        """What the file system says against itself."""
        return self._super.problem

    def walk(self, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bool, Readable]]:
        """Path, whether it is a plain file, and content of all that is not a folder.

        Folders for whose path `wanted` is False are not entered.
        """
        count = itertools.count()
        seen = {_ROOT_INODE}

        def descend(number: int, inside: str) -> Iterator[tuple[str, bool, Readable]]:
            if inside.count("/") > _TREE_DEPTH:
                raise ArchiveError(f"damaged: folders more than {_TREE_DEPTH} deep, at {inside[:80]}")
            for name, child, kind in self._directory(number):
                if next(count) > MEMBERS_MAXIMUM:
                    raise ArchiveError(f"more than {MEMBERS_MAXIMUM} names")
                path = f"{inside}{name}"
                if kind != _DIRECTORY:
                    content = LinkTo(self._target(child)) if kind == _SYMBOLIC_LINK else None
                    yield path, kind == _FILE, content or DiskFile(_ExtFile(self, child))
                elif wanted(path):
                    if child in seen:
                        raise ArchiveError(f"damaged: the folder {path} is another one too")
                    seen.add(child)
                    yield from descend(child, f"{path}/")

        yield from descend(_ROOT_INODE, "")

    # --- inodes -----------------------------------------------------------------------------------

    def inode(self, number: int) -> _Inode:
        """An inode by its number, from 1 on."""
        at = self._super
        if not 0 < number <= at.inodes:
            raise ArchiveError(f"damaged: it names inode {number} of {at.inodes}")
        group, index = divmod(number - 1, at.inodes_per_group)
        place = self._inode_table(group) * at.block_size + index * at.inode_size
        data = self._region.read_at(place, at.inode_size)
        generation = data[0x64:0x68]
        extra = struct.unpack_from("<H", data, 0x80)[0] if at.inode_size > 128 else 0
        seed = None
        if at.seed is not None:
            seed = crc32c(generation, crc32c(struct.pack("<I", number), at.seed))
            self._check_inode(number, data, extra, seed)
        mode = struct.unpack_from("<H", data)[0]
        size = struct.unpack_from("<I", data, 4)[0] | struct.unpack_from("<I", data, 0x6C)[0] << 32
        flags = struct.unpack_from("<I", data, 0x20)[0]
        rest = _inline_rest(data[128 + extra :]) if flags & _INLINE_FLAG and at.inode_size > 128 else b""
        return _Inode(number, mode, size, flags, data[0x28:0x64], rest, seed)

    def _check_inode(self, number: int, data: bytes, extra: int, seed: int) -> None:
        wide = self._super.inode_size > 128 and extra >= 4
        stored = struct.unpack_from("<H", data, 0x7C)[0]
        bare = bytearray(data)
        bare[0x7C:0x7E] = b"\0\0"
        if wide:
            stored |= struct.unpack_from("<H", data, 0x82)[0] << 16
            bare[0x82:0x84] = b"\0\0"
        computed = crc32c(bytes(bare), seed)
        if stored != (computed if wide else computed & 0xFFFF):
            raise ArchiveError(f"damaged: the checksum of inode {number} is wrong")

    def _inode_table(self, group: int) -> int:
        if group not in self._tables:
            self._tables[group] = self._read_descriptor(group)
        return self._tables[group]

    def _read_descriptor(self, group: int) -> int:
        at = self._super
        per_block = at.block_size // at.descriptor_size
        block = at.first_block + 1 + group // per_block
        if at.features & META_BG and group // per_block >= at.first_meta_group:
            first = group // per_block * per_block
            # The descriptors lie in the first group of each that fills a block of them, behind a
            # copy of the superblock where there is one. Every group may have one but for sparse_super.
            block = at.first_block + first * at.blocks_per_group + (1 if has_copy(first) else 0)
        data = self._region.read_at(
            block * at.block_size + group % per_block * at.descriptor_size, at.descriptor_size
        )
        if at.seed is not None:
            bare = data[:0x1E] + b"\0\0" + data[0x20:]
            if crc32c(bare, crc32c(struct.pack("<I", group), at.seed)) & 0xFFFF != int.from_bytes(
                data[0x1E:0x20], "little"
            ):
                raise ArchiveError(f"damaged: the checksum of group {group} is wrong")
        low = int(struct.unpack_from("<I", data, 8)[0])
        return low | (struct.unpack_from("<I", data, 0x28)[0] << 32 if at.descriptor_size >= 64 else 0)

    # --- directories ------------------------------------------------------------------------------

    def _target(self, number: int) -> str:
        """What a symbolic link leads to: a short target lies in the inode itself."""
        inode = self.inode(number)
        if inode.size < len(inode.block):
            return inode.block[: inode.size].decode("utf-8", "replace")
        pieces = self.pieces(inode, 0, min(inode.size, _TARGET_MAXIMUM))
        return b"".join(pieces).decode("utf-8", "replace")

    def _directory(self, number: int) -> Iterator[tuple[str, int, int]]:
        inode = self.inode(number)
        if not stat.S_ISDIR(inode.mode):
            raise ArchiveError(f"damaged: inode {number} is named as a folder and is none")
        if inode.flags & _ENCRYPTED_FLAG:
            return
        if inode.size > _DIRECTORY_MAXIMUM:
            raise ArchiveError(f"damaged: a folder of {inode.size} bytes")
        names = list(self._entries(inode))
        # By name, as an archive that was made sorted: boot comes before lib.
        yield from sorted(names)

    def _entries(self, inode: _Inode) -> Iterator[tuple[str, int, int]]:
        if inode.flags & _INLINE_FLAG:
            yield from self._block_entries(inode.block[4:])
            yield from self._block_entries(inode.inline_rest)
            return
        for number, block in enumerate(self.pieces(inode, 0, inode.size)):
            # A block of a hash tree's index looks like an empty one, but for its first entries.
            self._check_directory_block(inode, number, block)
            yield from self._block_entries(block)

    def _check_directory_block(self, inode: _Inode, number: int, block: bytes) -> None:
        if inode.seed is None:
            return
        tail = struct.unpack_from("<IHBBI", block, len(block) - 12) if len(block) >= 12 else (1,) * 5
        if tail[:4] != (0, 12, 0, 0xDE):
            if inode.flags & _INDEX_FLAG:
                return  # an index block; its names are only those of the folder and its parent
            raise ArchiveError(
                f"damaged: block {number} of the folder in inode {inode.number} has no checksum"
            )
        if crc32c(block[:-12], inode.seed) != tail[4]:
            raise ArchiveError(
                f"damaged: the checksum of block {number} of the folder in inode {inode.number} is wrong"
            )

    def _block_entries(self, block: bytes) -> Iterator[tuple[str, int, int]]:
        place = 0
        while place + 8 <= len(block):
            number, length, size, kind = struct.unpack_from("<IHBB", block, place)
            # Of a block of 64 KiB all is written as 65535 or 0.
            length = len(block) - place if length in (0, 0xFFFF) and len(block) == 1 << 16 else length
            if length < 8 or length % 4 or place + length > len(block) or 8 + size > length:
                raise ArchiveError("damaged: a folder's entries do not fit their block")
            name = block[place + 8 : place + 8 + size]
            place += length
            if number and name not in (b".", b".."):
                if not name or b"/" in name or b"\0" in name:
                    raise ArchiveError(f"damaged: a name that cannot be one: {name!r}")
                yield name.decode("utf-8", "replace"), number, self._kind(number, kind)

    def _kind(self, number: int, kind: int) -> int:
        if self._super.features & FILETYPE:
            return kind
        mode = self.inode(number).mode
        return _DIRECTORY if stat.S_ISDIR(mode) else _FILE if stat.S_ISREG(mode) else 0

    # --- contents ---------------------------------------------------------------------------------

    def pieces(self, inode: _Inode, offset: int, size: int) -> Iterator[bytes]:
        """The content from `offset` on, a piece for each run of blocks; folders block by block."""
        if inode.flags & _INLINE_FLAG:
            yield (inode.block + inode.inline_rest)[: inode.size][offset : offset + size]
            return
        if inode.flags & _ENCRYPTED_FLAG:
            raise ArchiveError("is encrypted")
        block_size = self._super.block_size
        most = 1 if stat.S_ISDIR(inode.mode) else (1 << 20) // block_size
        blocks = self._extents(inode) if inode.flags & _EXTENTS_FLAG else None
        end = offset + size
        while offset < end:
            logical, inside = divmod(offset, block_size)
            if blocks is None:
                physical, run = self._mapped(inode.block, logical), 1
            else:
                physical, run = _find(blocks, logical)
            wanted = min(min(run, most) * block_size - inside, end - offset)
            yield self._region.read_at(physical * block_size + inside, wanted) if physical else bytes(wanted)
            offset += wanted

    def _extents(self, inode: _Inode) -> list[tuple[int, int, int]]:
        """First logical block, count, first physical block (0: a hole) of each extent, in order."""
        found: list[tuple[int, int, int]] = []

        def node(data: bytes, depth: int | None) -> None:
            magic, count, _most, level = struct.unpack_from("<4H", data)
            fits = magic == _EXTENT_MAGIC and level <= _DEPTH_MAXIMUM and 12 + 12 * count <= len(data)
            if not fits or depth not in (None, level):
                raise ArchiveError(f"damaged: the extents of inode {inode.number} are none")
            for place in range(12, 12 + 12 * count, 12):
                if level:
                    _logical, low, high = struct.unpack_from("<IIH", data, place)
                    block = self._region.read_at(
                        (high << 32 | low) * self._super.block_size, self._super.block_size
                    )
                    self._check_extents(inode, block)
                    node(block, level - 1)
                    continue
                logical, run, high, low = struct.unpack_from("<IHHI", data, place)
                # More than 32768: allocated and not written, which reads as zeros.
                found.append(
                    (logical, run, high << 32 | low) if run <= 0x8000 else (logical, run - 0x8000, 0)
                )
                if len(found) > MEMBERS_MAXIMUM:
                    raise ArchiveError(f"damaged: inode {inode.number} has too many extents")

        node(inode.block, None)
        return sorted(found)

    def _check_extents(self, inode: _Inode, block: bytes) -> None:
        if inode.seed is None:
            return
        end = 12 + 12 * struct.unpack_from("<H", block, 4)[0]  # eh_max
        if end + 4 > len(block) or crc32c(block[:end], inode.seed) != struct.unpack_from("<I", block, end)[0]:
            raise ArchiveError(f"damaged: the checksum of the extents of inode {inode.number} is wrong")

    def _mapped(self, block_map: bytes, logical: int) -> int:
        """The block of a file without extents: 12 direct ones, then one, two and three levels of tables."""
        if logical < 12:
            return int(struct.unpack_from("<I", block_map, 4 * logical)[0])
        logical -= 12
        per_block = self._super.block_size // 4
        for level in (1, 2, 3):
            if logical < per_block**level:
                block = int(struct.unpack_from("<I", block_map, 4 * (11 + level))[0])
                for power in range(level - 1, -1, -1):
                    if not block:
                        return 0
                    index = logical // per_block**power % per_block
                    place = block * self._super.block_size + 4 * index
                    block = int(struct.unpack("<I", self._region.read_at(place, 4))[0])
                return block
            logical -= per_block**level
        raise ArchiveError("damaged: a file is larger than its block map")


class _ExtFile:
    """A file's content; its inode is read when it is first needed."""

    def __init__(self, system: Ext, number: int) -> None:
        self._system = system
        self._number = number
        self._inode: _Inode | None = None

    @property
    def inode(self) -> _Inode:
        if self._inode is None:
            self._inode = self._system.inode(self._number)
        return self._inode

    @property
    def size(self) -> int:
        return self.inode.size

    def pieces(self, offset: int, size: int) -> Iterator[bytes]:
        return self._system.pieces(self.inode, offset, size)


def _find(extents: list[tuple[int, int, int]], logical: int) -> tuple[int, int]:
    """The physical block (0: a hole) of a logical one, and how many follow it in a row."""
    index = bisect.bisect_right(extents, (logical, 1 << 62, 0))
    if index:
        first, count, physical = extents[index - 1]
        if logical < first + count:
            return (physical + logical - first if physical else 0), first + count - logical
    return 0, (extents[index][0] - logical if index < len(extents) else 1 << 20)


def _inline_rest(space: bytes) -> bytes:
    """The value of system.data among the attributes behind an inode, where a small file goes on."""
    if len(space) < 4 or struct.unpack_from("<I", space)[0] != 0xEA020000:
        return b""
    first = 4
    place = first
    while place + 16 <= len(space):
        length, index, value_at, _inode, size, _hash = struct.unpack_from("<BBHIII", space, place)
        if not length and not index:
            break
        if index == 7 and space[place + 16 : place + 16 + length] == b"data":
            return space[first + value_at : first + value_at + size]
        place += 16 + (length + 3 & ~3)
    return b""
