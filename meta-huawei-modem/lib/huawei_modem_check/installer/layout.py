# SPDX-License-Identifier: MIT
"""The partition table as the installer computes it and sfdisk writes it.

(multiimagewritethread.cpp:332-575).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from huawei_modem_check.installer.description import BlockDevice, Partition

ALIGNMENT = 8192  # sectors (config.h, PARTITION_ALIGNMENT)
SECTOR = 512
_PER_MIB = 2048  # sectors
_INT = 1 << 31
_GUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
# What sfdisk 2.38 takes for a type of a gpt table: one letter or an alias as written, and names of types with
# a dash for each blank, in any case.
_GPT_WORDS = frozenset({"L", "S", "U", "R", "V", "H", "linux", "swap", "home", "uefi", "raid", "lvm"})
_GPT_NAMES = re.compile(
    r"linux-(?:swap|filesystem|server-data|reserved|home|raid|lvm|variable-data|temporary-data|extended-boot"
    r"|(?:root|usr)-(?:verity-(?:sign-)?)?(?:x86|x86-64|arm|arm-64))"
    r"|efi-system|bios-boot|microsoft-(?:reserved|basic-data)",
    re.IGNORECASE,
)
# Likewise of a dos table; every other word that is not a hexadecimal number becomes type 0.
_DOS_WORDS = {"E": 0x05, "Ex": 0x05, "X": 0x85, "linuxex": 0x85}
_DOS_NAMES = {"extended": 0x05, "w95-ext-d-lba": 0x0F, "linux-extended": 0x85, "gpt": 0xEE}
_EXTENDED = frozenset({0x05, 0x0F, 0x85})  # Linux gives such a partition one block of 1 KiB
_PROTECTIVE = 0xEE  # Linux looks for a gpt table then, and reads no partition of this one


class Misfit(NamedTuple):
    """What is wrong with the partition at `place`; `late` is what is noticed when the table was written."""

    place: str
    text: str
    late: bool = False


class Layout(NamedTuple):
    """Bytes and number of each partition by its place, where nothing is wrong with them."""

    sizes: dict[str, int]
    numbers: dict[str, int]
    faults: list[Misfit]


def lay_out(disk: BlockDevice, storage: int) -> Layout:
    """Partition `disk` of `storage` bytes."""
    sectors = storage // SECTOR - (34 if disk.table == "gpt" else 0)
    available = (sectors - ALIGNMENT) // _PER_MIB
    faults = _requirements(disk, available)
    if faults:
        return Layout({}, {}, faults)
    numbered = _numbered(disk)
    placed, faults = _placed(numbered, sectors, available)
    if not faults:
        faults = _sfdisk(disk, numbered, placed, storage // SECTOR)
    if faults:
        return Layout({}, {}, faults)
    sizes = {item.place: placed[number][1] * SECTOR for number, item in numbered.items()}
    return Layout(sizes, {item.place: number for number, item in numbered.items()}, faults)


def _requirements(disk: BlockDevice, available: int) -> list[Misfit]:
    """Lines 343-403."""
    most = 16 if disk.table == "gpt" else 4
    if len(disk.partitions) > most:
        return [
            Misfit(disk.place, f"{len(disk.partitions)} partitions, and table_type {disk.table} has {most}")
        ]
    faults = []
    taken: set[int] = set()
    needed = 0
    for item in disk.partitions:
        if not -_INT <= item.size * _PER_MIB < _INT:
            faults.append(Misfit(item.place, f"partition_size_nominal {item.size} MiB is beyond all measure"))
        if item.number in taken and item.number:
            faults.append(Misfit(item.place, f"more than one partition requires number {item.number}"))
        taken.add(item.number)
        needed += item.size
        if item.maximised or item.size * _PER_MIB % ALIGNMENT:
            needed += ALIGNMENT // _PER_MIB
    if not faults and needed > available:
        faults.append(
            Misfit(disk.place, f"the partitions need {needed} MiB, and the flash has {available} MiB")
        )
    return faults


def _numbered(disk: BlockDevice) -> dict[int, Partition]:
    """Lines 371-417: those that require a number have it, the others what is left; in the numbers' order."""
    by_number = {item.number: item for item in disk.partitions if item.number}
    number = 1
    for item in disk.partitions:
        if not item.number:
            while number in by_number:
                number += 1
            by_number[number] = item
    return dict(sorted(by_number.items()))


def _placed(
    numbered: dict[int, Partition], sectors: int, available: int
) -> tuple[dict[int, tuple[int, int]], list[Misfit]]:
    """Lines 391-470: start and size in sectors by number."""
    needed = sum(
        item.size + (ALIGNMENT // _PER_MIB if item.maximised or item.size * _PER_MIB % ALIGNMENT else 0)
        for item in numbered.values()
    )
    growing = sum(item.maximised for item in numbered.values())
    extra = int((available - needed) / growing) if growing else 0
    placed: dict[int, tuple[int, int]] = {}
    offset = ALIGNMENT
    for number, item in numbered.items():
        if item.offset:
            if item.offset < offset:
                text = f"offset_in_sectors {item.offset} is too low: the least is {offset}"
                return placed, [Misfit(item.place, text)]
            offset = item.offset
        else:
            offset += -offset % ALIGNMENT
        size = (item.size + (extra if item.maximised else 0)) * _PER_MIB
        if item.maximised and number == max(numbered):
            size = sectors - offset
        elif item.maximised:
            size += -size % ALIGNMENT
        placed[number] = offset, size
        offset += size
    return placed, []


def _sfdisk(
    disk: BlockDevice, numbered: dict[int, Partition], placed: dict[int, tuple[int, int]], sectors: int
) -> list[Misfit]:
    """What sfdisk does not write (util-linux 2.38), or writes otherwise than the installer expects."""
    label = disk.table.lower()
    if label not in ("dos", "mbr", "gpt"):
        text = f"table_type {disk.table!r}: the installer and U-Boot know dos and gpt"
        return [Misfit(disk.place, text, label in ("sgi", "sun"))]
    faults = []
    last = sectors - (34 if label == "gpt" else 0)
    for place, (number, item) in enumerate(numbered.items(), 1):
        start, size = placed[number]
        if number != place:
            # sfdisk leaves out the empty lines between, and the installer waits for a device that never
            # comes.
            text = f"would have number {number}, and there is none with {place}"
            faults.append(Misfit(item.place, text, late=True))
        elif reason := type_fault(item, label):
            text = f"partition_type {item.kind!r}: {reason}; table_type is {disk.table!r}"
            faults.append(Misfit(item.place, text, label != "gpt" and _dos_type(item.kind) is not None))
        elif size < 0 or (size == 0 and number != max(numbered)):
            faults.append(
                Misfit(item.place, f"partition_size_nominal is {item.size}: the partition has no size")
            )
        elif start + size > last:
            faults.append(Misfit(item.place, f"ends at sector {start + size}, and the flash at {last}"))
    return faults


def type_fault(item: Partition, label: str) -> str | None:
    """Why a partition of this type cannot be used in a table of kind `label`, dos or gpt."""
    if label == "gpt":
        kind = item.kind.strip().strip('"')
        known = kind in _GPT_WORDS or _GPT_NAMES.fullmatch(kind) or _GUID.fullmatch(kind)
        return None if known else "no type of this table"
    kind_id = _dos_type(item.kind)
    if kind_id is None:
        return "no type of this table"
    if kind_id == _PROTECTIVE:
        return "Linux looks for a gpt table then, and finds no partition"
    if kind_id in _EXTENDED and item.content is not None:
        return "an extended partition, which has no room for content"
    return None


def _dos_type(kind: str) -> int | None:
    """The number that sfdisk makes of a type of a dos table, None when it does not take it."""
    found = re.fullmatch(r'\s*"?([^\s,;"]+)"?\s*(?:[,;].*)?', kind, re.DOTALL)
    if found is None:
        return None
    word = found[1]
    if word in _DOS_WORDS or word.lower() in _DOS_NAMES:
        return _DOS_WORDS.get(word) or _DOS_NAMES[word.lower()]
    number = re.fullmatch(r"([+-]?)(?:0[xX])?([0-9A-Fa-f]+)", word)
    return (-1 if number[1] == "-" else 1) * int(number[2], 16) & 0xFF if number else 0
