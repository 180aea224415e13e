# SPDX-License-Identifier: MIT
"""Partition tables, GPT and MBR, and what file system a region holds."""

from __future__ import annotations

import dataclasses
import struct
import zlib
from collections.abc import Iterator

from huawei_modem_check.disk.region import Region
from huawei_modem_check.streams import ArchiveError

_SECTORS = (512, 4096)
_SIGNATURE = b"\x55\xaa"
_GPT = b"EFI PART"
_GPT_HEADER = struct.Struct("<8s4I4Q16sQ3I")
_EXTENDED = (0x05, 0x0F, 0x85)
_PROTECTIVE = 0xEE
_ENTRIES_MAXIMUM = 1024
_LOGICAL_MAXIMUM = 60
_OTHERS = (
    (0, b"hsqs", "squashfs"),
    (1024, b"\xe2\xe1\xf5\xe0", "erofs"),
    (1024, b"\x10\x20\xf5\xf2", "f2fs"),
    (0x10040, b"_BHRfS_M", "btrfs"),
    (0, b"XFSB", "XFS"),
    (0, b"LUKS\xba\xbe", "LUKS"),
    (0, b"UBI#", "UBI"),
    (4086, b"SWAPSPACE2", "swap"),
)


@dataclasses.dataclass(frozen=True)
class Partition:
    """A partition by its number in the table, from 1 on."""

    number: int
    region: Region


def is_disk(region: Region) -> bool:
    """Whether a region begins with a partition table."""
    return region.has(510, _SIGNATURE)


def partitions(disk: Region) -> list[Partition]:
    """The partitions of a disk. Raises ArchiveError for a table that is damaged or does not fit the disk."""
    found = list(_gpt(disk) if _is_gpt(disk) else _mbr(disk))
    if not found:
        raise ArchiveError("damaged: its partition table names no partition")
    for each in found:
        if each.region.start < disk.start or each.region.start + each.region.size > disk.start + disk.size:
            raise ArchiveError(f"truncated: partition {each.number} reaches beyond the end of the image")
    return found


def kind_of(region: Region) -> str | None:
    """The name of a file system that is not read here, None when it is not known."""
    return next((name for place, magic, name in _OTHERS if region.has(place, magic)), None)


def _is_gpt(disk: Region) -> bool:
    return any(disk.has(sector, _GPT) for sector in _SECTORS)


def _gpt(disk: Region) -> Iterator[Partition]:
    sector = next(size for size in _SECTORS if disk.has(size, _GPT))
    raw = disk.read_at(sector, 512)
    (
        _magic,
        _revision,
        length,
        crc,
        _zero,
        _own,
        _backup,
        _first,
        _last,
        _id,
        place,
        count,
        size,
        table_crc,
    ) = _GPT_HEADER.unpack_from(raw)
    if not _GPT_HEADER.size <= length <= 512 or zlib.crc32(raw[:16] + bytes(4) + raw[20:length]) != crc:
        raise ArchiveError("damaged: the checksum of the GPT's header is wrong")
    if count > _ENTRIES_MAXIMUM or not 128 <= size <= 4096:
        raise ArchiveError(f"damaged: a GPT with {count} entries of {size} bytes")
    table = disk.read_at(place * sector, count * size)
    if zlib.crc32(table) != table_crc:
        raise ArchiveError("damaged: the checksum of the GPT's entries is wrong")
    for number in range(count):
        entry = table[number * size : (number + 1) * size]
        first, last = struct.unpack_from("<2Q", entry, 32)
        if any(entry[:16]):
            yield Partition(number + 1, disk.part(first * sector, max(0, last - first + 1) * sector))


def _mbr(disk: Region) -> Iterator[Partition]:
    for number, (kind, first, count) in enumerate(_entries(disk, 0), 1):
        if kind in _EXTENDED:
            yield from _logical(disk, first)
        elif kind and kind != _PROTECTIVE:
            yield Partition(number, disk.part(first * 512, count * 512))


def _logical(disk: Region, extended: int) -> Iterator[Partition]:
    """Logical partitions: a chain of tables, each with one partition and the place of the next table."""
    place = extended
    for number in range(5, 5 + _LOGICAL_MAXIMUM):
        own, following = list(_entries(disk, place))[:2]
        if own[0]:
            yield Partition(number, disk.part((place + own[1]) * 512, own[2] * 512))
        if following[0] not in _EXTENDED:
            return
        place = extended + following[1]
    raise ArchiveError("damaged: the chain of logical partitions has no end")


def _entries(disk: Region, sector: int) -> Iterator[tuple[int, int, int]]:
    """Type, first sector and number of sectors of the four entries of a table."""
    data = disk.read_at(sector * 512, 512)
    if data[510:] != _SIGNATURE:
        raise ArchiveError(f"damaged: no partition table in sector {sector}")
    for place in range(446, 510, 16):
        first, count = struct.unpack_from("<2I", data, place + 8)
        yield data[place + 4], first, count
