# SPDX-License-Identifier: MIT
"""Read FAT12, FAT16 and FAT32 with long names, as on a BOOT partition.

Layout: Microsoft's FAT specification of 2004 (fatgen103).
"""

from __future__ import annotations

import dataclasses
import itertools
import re
import struct
from collections.abc import Callable, Iterator

from huawei_modem_check.disk.region import MEMBERS_MAXIMUM, DiskFile, Region
from huawei_modem_check.streams import ArchiveError

_BOOT = struct.Struct("<3x8sHBHBHHBHHHII")
_LONG, _LABEL, _FOLDER = 0x0F, 0x08, 0x10  # attributes
_LAST = 0x40  # in the number of a long name's last part
_FORBIDDEN = re.compile(r'[\x00-\x1f"*/:<>?\\|\uffff]')
_CHAIN_MAXIMUM = 1 << 20  # clusters that are followed
_FOLDER_MAXIMUM = 4 << 20  # bytes
_TREE_DEPTH = 32


@dataclasses.dataclass(frozen=True)
class _Layout:
    """Where the parts begin, in bytes; `bits` of an entry of the table; `root` is a cluster in FAT32."""

    cluster_size: int
    clusters: int
    table: int
    root_start: int
    root_size: int
    data: int
    bits: int
    root: int
    size: int


def _layout(region: Region) -> _Layout | None:
    """The layout in a region's first sector, None when that is no FAT's."""
    if region.size < 512 or not region.has(510, b"\x55\xaa"):
        return None
    head = region.read_at(0, 512)
    (
        _oem,
        sector,
        per_cluster,
        reserved,
        tables,
        entries,
        small,
        media,
        size16,
        _track,
        _heads,
        _hidden,
        large,
    ) = _BOOT.unpack_from(head)
    table_sectors = size16 or struct.unpack_from("<I", head, 36)[0]
    sectors = small or large
    if sector not in (512, 1024, 2048, 4096) or per_cluster not in (1, 2, 4, 8, 16, 32, 64, 128):
        return None
    # As Linux (fat_valid_media).
    if media < 0xF8 and media != 0xF0:
        return None
    if not reserved or tables not in (1, 2) or not table_sectors or not sectors:
        return None
    root_sectors = -(-entries * 32 // sector)
    first = reserved + tables * table_sectors + root_sectors
    clusters = (sectors - first) // per_cluster
    if clusters <= 0:
        return None
    bits = 12 if clusters < 4085 else 16 if clusters < 65525 else 32
    root = struct.unpack_from("<I", head, 44)[0] if bits == 32 else 0
    return _Layout(
        per_cluster * sector,
        clusters,
        reserved * sector,
        (reserved + tables * table_sectors) * sector,
        root_sectors * sector,
        first * sector,
        bits,
        root,
        sectors * sector,
    )


def is_fat(region: Region) -> bool:
    """Whether a region holds FAT."""
    return _layout(region) is not None


class Fat:
    """A file system. Raises ArchiveError for damage, at the latest when the damaged part is read."""

    def __init__(self, region: Region) -> None:
        layout = _layout(region)
        if layout is None:
            raise ArchiveError("no FAT file system")
        self._region = region
        self._at = layout
        if layout.size > region.size:
            raise ArchiveError(f"truncated: it has {layout.size} bytes, and {region.size} are there")

    def walk(self, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bool, DiskFile]]:
        """Path, whether it is a plain file (here always), and content of all that is not a folder.

        Folders for whose path `wanted` is False are not entered.
        """
        count = itertools.count()

        def descend(data: bytes, inside: str) -> Iterator[tuple[str, bool, DiskFile]]:
            if inside.count("/") > _TREE_DEPTH:
                raise ArchiveError(f"damaged: folders more than {_TREE_DEPTH} deep, at {inside[:80]}")
            for name, attributes, first, size in sorted(_entries(data)):
                if next(count) > MEMBERS_MAXIMUM:
                    raise ArchiveError(f"more than {MEMBERS_MAXIMUM} names")
                path = f"{inside}{name}"
                if not attributes & _FOLDER:
                    yield path, True, DiskFile(_FatFile(self, first, size))
                elif wanted(path):
                    yield from descend(self._folder(first), f"{path}/")

        root = (
            self._folder(self._at.root)
            if self._at.bits == 32
            else self._region.read_at(self._at.root_start, self._at.root_size)
        )
        yield from descend(root, "")

    def chain(self, first: int) -> list[int]:
        """The clusters of a file, in order."""
        found: list[int] = []
        end = {12: 0xFF8, 16: 0xFFF8, 32: 0x0FFFFFF8}[self._at.bits]
        cluster = first
        while cluster < end:
            if not 2 <= cluster < self._at.clusters + 2 or len(found) >= min(
                self._at.clusters, _CHAIN_MAXIMUM
            ):
                raise ArchiveError(f"damaged: the chain of cluster {first} leads to cluster {cluster}")
            found.append(cluster)
            cluster = self._next(cluster)
        return found

    def cluster(self, number: int, offset: int, size: int) -> bytes:
        """Bytes of one cluster."""
        return self._region.read_at(self._at.data + (number - 2) * self._at.cluster_size + offset, size)

    @property
    def cluster_size(self) -> int:
        """Bytes."""
        return self._at.cluster_size

    def _next(self, cluster: int) -> int:
        if self._at.bits == 12:
            both = int.from_bytes(self._region.read_at(self._at.table + cluster * 3 // 2, 2), "little")
            return both >> 4 if cluster & 1 else both & 0xFFF
        width = self._at.bits // 8
        data = self._region.read_at(self._at.table + cluster * width, width)
        return int.from_bytes(data, "little") & (0x0FFFFFFF if width == 4 else 0xFFFF)

    def _folder(self, first: int) -> bytes:
        clusters = self.chain(first)
        if len(clusters) * self.cluster_size > _FOLDER_MAXIMUM:
            raise ArchiveError("damaged: a folder larger than any")
        return b"".join(self.cluster(number, 0, self.cluster_size) for number in clusters)


class _FatFile:
    def __init__(self, system: Fat, first: int, size: int) -> None:
        self._system = system
        self._first = first
        self.size = size
        self._clusters: list[int] | None = None

    def pieces(self, offset: int, size: int) -> Iterator[bytes]:
        if not size:
            return
        if self._clusters is None:
            self._clusters = self._system.chain(self._first)
        length = self._system.cluster_size
        end = offset + size
        while offset < end:
            index, inside = divmod(offset, length)
            if index >= len(self._clusters):
                raise ArchiveError(f"damaged: a file of {self.size} bytes has {len(self._clusters)} clusters")
            piece = self._system.cluster(self._clusters[index], inside, min(length - inside, end - offset))
            yield piece
            offset += len(piece)


def _entries(data: bytes) -> Iterator[tuple[str, int, int, int]]:
    """Name, attributes, first cluster and size of what a folder names.

    Linux and U-Boot pass over a long name that does not belong to the short one behind it, and know the file
    by that alone: nobody means that, and it is damage here.
    """
    long: list[bytes] = []
    for place in range(0, len(data) - 31, 32):
        entry = data[place : place + 32]
        if entry[0] == 0:
            if long:
                raise ArchiveError("damaged: a folder ends with a long name that has no file")
            return
        if entry[0] == 0xE5:
            long = []
        elif entry[11] == _LONG:
            long.append(entry)
        else:
            short, parts, long = _short_name(entry), long, []
            if entry[11] & _LABEL or short in (".", ".."):
                continue
            name = _long_name(parts, entry) if parts else short
            if "/" in name or not name:
                raise ArchiveError(f"damaged: a name that cannot be one: {name!r}")
            high, low, size = (
                *struct.unpack_from("<H", entry, 20),
                *struct.unpack_from("<H", entry, 26),
                *struct.unpack_from("<I", entry, 28),
            )
            yield name, entry[11], high << 16 | low, size


def _long_name(parts: list[bytes], entry: bytes) -> str:
    """The name in the entries before `entry`. Raises ArchiveError when they are not all of its own."""
    total = 0
    for letter in entry[:11]:
        total = ((total >> 1) | (total & 1) << 7) + letter & 0xFF
    numbers = [part[0] for part in parts]
    expected = [_LAST | len(parts), *range(len(parts) - 1, 0, -1)]
    if numbers != expected or any(part[13] != total for part in parts):
        raise ArchiveError(f"damaged: the long name of {_short_name(entry)!r} is not its own")
    text = b"".join(part[1:11] + part[14:26] + part[28:32] for part in reversed(parts))
    name, _end, rest = text.decode("utf-16-le", "replace").partition("\0")
    if rest.strip("\uffff") or _FORBIDDEN.search(name):
        raise ArchiveError(f"damaged: a name that cannot be one: {name!r}")
    return name


def _short_name(entry: bytes) -> str:
    # Windows NT's flags: base and ending in small letters.
    base, ending = (part.decode("cp437").rstrip() for part in (entry[:8], entry[8:11]))
    base = base.lower() if entry[12] & 0x08 else base
    ending = ending.lower() if entry[12] & 0x10 else ending
    return f"{base}.{ending}" if ending else base
