# SPDX-License-Identifier: MIT
"""What mkfs.fat refuses, and which of its file systems Linux does not mount.

Follows src/mkfs.fat.c of dosfstools 4.2, and fat_read_bpb of Linux' fs/fat/inode.c. The installer gives
"-F 32" before the options of image.json (multiimagewritethread.cpp:930), so that a further -F counts.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Container, Iterable
from dataclasses import dataclass

from huawei_modem_check.installer.strtoul import decimal, signed

SHORT = "aAb:cCf:D:F:g:Ii:l:m:M:n:r:R:s:S:h:v"
"""Short options for getopt; a colon follows those with a value."""
LONG = {"codepage=", "help", "invariant", "mbr?", "offset=", "variant="}

LABEL = re.compile(r'[*?.,;:/\\|+=<>\[\]"\x00-\x1f]')
"""Characters that a label must not have."""
_CLUSTERS = (1, 2, 4, 8, 16, 32, 64, 128)  # sectors
_RANGES: dict[str, tuple[str, Container[int], str]] = {
    "b": ("backup", range(0x10000), "a sector for the second boot sector"),
    "D": ("", range(0x100), "the number of a drive"),
    "f": ("tables", range(1, 5), "a number of tables: 1 to 4"),
    "F": ("bits", (12, 16, 32), "a size of FAT: 12, 16 or 32"),
    "h": ("", range(1 << 32), "a number of hidden sectors"),
    "M": ("", (0xF0, *range(0xF8, 0x100)), "a type of medium: 0xf0, or 0xf8 to 0xff"),
    "r": ("entries", range(16, 32769), "a number of entries of the root directory: 16 to 32768"),
    "R": ("reserved", range(1, 0x10000), "a number of reserved sectors"),
    "s": ("cluster", _CLUSTERS, "a number of sectors of a cluster: a power of 2 up to 128"),
    "S": ("sector", tuple(512 << n for n in range(7)), "a size of a sector: a power of 2 from 512 on"),
}
"""Name in _Options where it matters later, what is right, and how that is called."""
_MOUNTED_SECTORS = 4096  # bytes at most
_GEMDOS = 65531  # sectors of the Atari variant
_CLUSTERS_12, _CLUSTERS_16 = 4084, (4087, 65524)
_INFO_SECTOR = 1


class _RefusedError(Exception):
    """Why mkfs.fat makes no file system of it."""


@dataclass
class _Options:
    bits: int = 32
    sector: int = 512  # bytes
    cluster: int = 0  # sectors
    reserved: int = 0  # sectors
    tables: int = 2
    backup: int = 0
    entries: int = 512
    aligned: bool = True
    atari: bool = False


def fault(found: Iterable[tuple[str, str]], size: int | None = None) -> str | None:
    """Why mkfs.fat fails with the options `found` on a partition of `size` bytes, or Linux does not mount it.

    `size` is None where it is not known; the answer is None when nothing is wrong.
    """
    options = _Options()
    try:
        for letter, value in found:
            _take(options, letter, value)
        _together(options, size)
    except _RefusedError as reason:
        return str(reason)
    return None


def label_fault(label: str) -> str | None:
    """Why mkfs.fat does not take `label`."""
    if len(label) > 11:
        return f"the label {label!r} is longer than the 11 characters of FAT"
    if LABEL.search(label):
        return f"the label {label!r} has characters that FAT does not allow"
    if not label.isascii():
        return f"the label {label!r} has letters beyond ASCII, which mkfs.fat does not take in the C locale"
    return f"the label {label!r} begins with a blank" if label.startswith(" ") else None


def _take(options: _Options, letter: str, value: str) -> None:
    if letter in _RANGES:
        _take_number(options, letter, value)
    elif letter == "a":
        options.aligned = False
    elif letter == "A":
        options.atari = not options.atari
    elif reason := _word_fault(letter, value):
        raise _RefusedError(reason)
    else:
        _take_long(options, letter, value)


def _word_fault(letter: str, value: str) -> str | None:
    if letter == "C":
        return "-C makes a file, and wants its size"
    if letter == "l":
        return "-l reads a list of bad blocks from the installer's own memory"
    if letter == "n":
        return label_fault(value)
    if letter == "i":
        count = signed(value, 16)
        return None if count is not None and 0 <= count < 1 << 32 else f"{value!r} is not a volume id"
    parts = [signed(part) or 0 for part in value.split("/")] if letter == "g" else [1, 1]
    is_right = len(parts) == 2 and all(0 < part < 0x10000 for part in parts)
    return None if is_right else f"-g {value!r} is not HEADS/SECTORS"


def _take_number(options: _Options, letter: str, value: str) -> None:
    name, known, what = _RANGES[letter]
    count = signed(value)
    if count is None or count not in known:
        raise _RefusedError(f"-{letter} {value!r} is not {what}")
    if name:
        setattr(options, name, count)


def _take_long(options: _Options, name: str, value: str) -> None:
    low = value.lower()
    if name == "mbr" and low not in ("", "y", "yes", "n", "no", "a", "auto"):
        raise _RefusedError(f"--mbr={value!r} is neither yes nor no nor auto")
    if name == "variant":
        if low not in ("standard", "atari"):
            raise _RefusedError(f"mkfs.fat knows no variant {value!r}")
        options.atari = low == "atari"
    if name == "codepage" and not _is_codepage(value):
        raise _RefusedError(f"mkfs.fat knows no code page {value!r}")
    if name == "offset" and signed(value) != 0:
        raise _RefusedError(f"--offset={value!r}: the file system does not begin where its partition does")


def _is_codepage(value: str) -> bool:
    try:
        return value.isascii() and value.isdigit() and bool(codecs.lookup(f"cp{decimal(value)}"))
    except LookupError:
        return False


def _together(options: _Options, size: int | None) -> None:
    """What does not go with each other, or with the size."""
    if options.sector > _MOUNTED_SECTORS:
        raise _RefusedError(f"-S {options.sector}: Linux mounts sectors of at most {_MOUNTED_SECTORS} bytes")
    if options.bits == 32:
        if options.reserved == 1:
            raise _RefusedError("-R 1: one reserved sector is too few for FAT32")
        reserved = options.reserved or 32
        if options.aligned and options.cluster and not options.atari:
            reserved += -reserved % options.cluster
        if options.backup and (options.backup == _INFO_SECTOR or options.backup >= reserved):
            raise _RefusedError(f"-b {options.backup}: is not a reserved sector that is free")
    elif not options.aligned and options.entries % (options.sector // 32):
        raise _RefusedError(f"-r {options.entries}: Linux mounts no root directory that ends within a sector")
    if size is not None:
        _sized(options, size)


def _sized(options: _Options, size: int) -> None:
    if options.atari and size // options.sector >= _GEMDOS:
        raise _RefusedError("the Atari variant takes no partition of this size")
    room = size - (options.reserved or (32 if options.bits == 32 else 1)) * options.sector
    least = 64 << 10
    if options.cluster:
        sizes = [options.cluster * options.sector]
    elif options.bits == 32:
        sizes = [options.sector]
    else:
        sizes = [unit * options.sector for unit in _CLUSTERS if unit * options.sector >= 2048]
    counts = [room // unit for unit in sizes]
    if options.bits == 12 and not any(count <= _CLUSTERS_12 for count in counts):
        raise _RefusedError("-F 12: the partition has too many clusters")
    low, high = _CLUSTERS_16
    if options.bits == 16 and not any(low <= count <= high for count in counts):
        raise _RefusedError("-F 16: the partition has too few clusters, or too many")
    tables = options.tables * (counts[-1] * options.bits // 8)
    if room - tables < least:
        raise _RefusedError("the reserved sectors and the tables leave no room")
