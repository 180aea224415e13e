# SPDX-License-Identifier: MIT
"""blockdevs: partition, make file systems, write (multiimagewritethread.cpp:284-1215)."""

from __future__ import annotations

from collections.abc import Iterator

from huawei_modem_check.installer.dd import SHELL, DdOptions
from huawei_modem_check.installer.description import BlockDevice, Content, RawFile
from huawei_modem_check.installer.files import copied, unpacked
from huawei_modem_check.installer.layout import ALIGNMENT, SECTOR, Layout, lay_out
from huawei_modem_check.installer.modules import BLOCK_DEVICES, BOOT0, EMMC, MIB, NAND, USER_AREA
from huawei_modem_check.installer.products import is_chosen
from huawei_modem_check.installer.qt import to_list
from huawei_modem_check.installer.room import room_in
from huawei_modem_check.installer.run import Run, is_ignored, packing_by_name
from huawei_modem_check.installer.stages import Fault, Outcome
from huawei_modem_check.installer.tools import label_fault, mkfs_fault

_CONFIG_BLOCK = (
    512  # bytes at the end of boot0: product id, serial and MAC address (moduleinformation.cpp:16)
)
_PIPE = 64 << 10  # bytes
_ENOUGH = 1 << 40  # bytes: more than any module's eMMC
_MKFS = ("ext2", "ext3", "ext4", "fat", "ntfs")


def devices(run: Run) -> Iterator[Fault]:
    """The devices exist, and sfdisk takes the tables."""
    disks = run.description.block_devices
    if run.module.flash == NAND and disks:
        yield Fault(
            Outcome.BEFORE, "blockdevs", f"{run.module.product}: this module has no eMMC", "tezi-product-id"
        )
        return
    if not disks and "blockdevs" in run.description.document:
        yield Fault(Outcome.SILENT, "blockdevs", "is empty: nothing is written at all")
    for disk in disks:
        if run.module.flash == EMMC and disk.name not in BLOCK_DEVICES:
            text = f"{disk.name!r} is not a device of the module: mmcblk0, mmcblk0boot0 and mmcblk0boot1 are"
            yield Fault(run.erased_before(disk), f"{disk.place}.name", text)
            continue
        if not disk.partitions and disk.content is None:
            yield Fault(Outcome.SILENT, disk.place, "has no partition and no content: nothing is written")
        if disk.partitions and disk.content is not None and not _beside_partitions(run, disk, disk.content):
            yield Fault(Outcome.SILENT, disk.place, "has partitions, and content that is written over them")
        yield from _overwritten(run, disk)
        for misfit in layout(run, disk).faults:
            outcome = Outcome.AFTER if misfit.late else run.erased_before(disk)
            yield Fault(outcome, misfit.place, misfit.text)


def _overwritten(run: Run, disk: BlockDevice) -> Iterator[Fault]:
    """What an entry before `disk` has written to the same device, and `disk` destroys."""
    for before in run.description.block_devices:
        if before is disk:
            return
        if BLOCK_DEVICES.get(before.name, before.name) != BLOCK_DEVICES.get(disk.name, disk.name):
            continue
        if not before.partitions and before.content is None:
            continue
        number, other = (run.description.block_devices.index(item) for item in (disk, before))
        entries = to_list(run.description.document["blockdevs"])
        if entries[number] == entries[other]:
            yield Fault(Outcome.CAUTION, disk.place, f"is {before.place} once more: it is written twice")
            continue
        if disk.erase or not _spares(run, before, disk):
            text = f"is the device of {before.place} again, and destroys what that has written"
            yield Fault(Outcome.SILENT, disk.place, text)
            return


def _spares(run: Run, before: BlockDevice, disk: BlockDevice) -> bool:
    """Whether writing `disk` leaves what `before` has written to the same device."""
    if disk.partitions:
        return bool(
            not before.partitions and before.content and _beside_partitions(run, disk, before.content)
        )
    if disk.content is None:
        return True
    return (
        _beside_partitions(run, before, disk.content) if before.partitions else disk.content.fstype == "raw"
    )


def _beside_partitions(run: Run, disk: BlockDevice, content: Content) -> bool:
    """Whether what is written to the device itself spares its table and its partitions, as a U-Boot does."""
    if content.fstype != "raw":
        return False
    table = layout(run, disk)
    first = min([ALIGNMENT, *(item.offset for item in disk.partitions if item.offset > 0)]) * SECTOR
    own = SECTOR * (34 if disk.table == "gpt" else 1)
    for item in content.rawfiles:
        if is_chosen(run.module.product, item.product_ids) and item.filename in run.files:
            options = DdOptions(item.dd_options)
            start = item.offset or options.start
            if table.faults or start < own or start + run.written(item.filename) > first:
                return False
    return True


def layout(run: Run, disk: BlockDevice) -> Layout:
    """The partitions of `disk`. Where its size is not known, what grows to fill it has none."""
    if not disk.partitions:
        return Layout({}, {}, [])
    size = run.module.storage if BLOCK_DEVICES.get(disk.name) == USER_AREA else run.module.boot0
    if size is not None:
        return lay_out(disk, size)
    sizes, numbers, faults = lay_out(disk, _ENOUGH)
    fixed = {item.place for item in disk.partitions if not item.maximised}
    return Layout({place: sizes[place] for place in fixed & set(sizes)}, numbers, faults)


def file_systems(run: Run) -> Iterator[Fault]:
    """mkfs takes type, label and options."""
    for content, size in _contents(run):
        if content.fstype == "raw":
            continue
        if content.fstype not in _MKFS:
            text = (
                f"{content.fstype!r} cannot be made on a block device; the installer makes {', '.join(_MKFS)}"
            )
            yield Fault(Outcome.AFTER, f"{content.place}.filesystem_type", text)
            continue
        if len(content.label.encode("utf-8", "surrogateescape")) > 15:
            text = f"{content.label!r} is longer than 15 bytes: the file system gets no label"
            yield Fault(Outcome.CAUTION, f"{content.place}.label", text)
        if reason := label_fault(content.fstype, content.label, content.mkfs_options):
            yield Fault(Outcome.AFTER, f"{content.place}.label", reason)
        if reason := mkfs_fault(content.fstype, content.mkfs_options, size):
            yield Fault(Outcome.AFTER, f"{content.place}.mkfs_options", f"{content.mkfs_options!r}: {reason}")


def contents(run: Run) -> Iterator[Fault]:
    """Every file can be read, unpacked and written, and has the room."""
    for content, size in _contents(run):
        if content.fstype == "raw":
            yield from _raw(run, content, size)
        elif content.fstype in _MKFS:
            for field in is_ignored(content, "rawfiles"):
                text = f"is not written: filesystem_type is {content.fstype}, and raw files need raw"
                yield Fault(Outcome.SILENT, f"{content.place}.{field}", text)
            yield from _files(run, content, size)


def _contents(run: Run) -> Iterator[tuple[Content, int | None]]:
    """Each content with the bytes that its device has, None where that is not known."""
    if run.module.flash == NAND:
        return
    for disk in run.description.block_devices:
        table = layout(run, disk)
        if table.faults:
            continue
        for partition in disk.partitions:
            if partition.content is not None:
                yield partition.content, table.sizes.get(partition.place)
        if disk.content is not None:
            size = run.module.storage if BLOCK_DEVICES.get(disk.name) == USER_AREA else run.module.boot0
            if BLOCK_DEVICES.get(disk.name) == BOOT0 and size is not None:
                size -= _CONFIG_BLOCK
            yield disk.content, size


def _files(run: Run, content: Content, size: int | None) -> Iterator[Fault]:
    faults, written = [], 0
    if content.filename:
        faults += unpacked(run, f"{content.place}.filename", content.filename, content.fstype == "fat")
        written += run.written(content.filename) if content.filename in run.files else 0
    more, further = copied(run, content, content.fstype == "fat")
    yield from (*faults, *more)
    written += further
    if size is None or any(fault.outcome.is_fault for fault in (*faults, *more)):
        return
    room = room_in(content.fstype, size, content.mkfs_options)
    needed = max(written, run.occupied(content, room.unit))
    if needed > room.size:
        text = f"{-(-needed // MIB)} MiB do not fit into a partition of {size // MIB} MiB"
        own = f", of which its file system leaves {room.size // MIB}" if room.size < size else ""
        yield Fault(Outcome.AFTER, content.place, f"{text}{own}")
    elif room.inodes is not None and (inodes := run.inodes(content)) > room.inodes:
        text = f"{inodes} files and folders do not fit: its file system has inodes for {room.inodes}"
        yield Fault(Outcome.AFTER, content.place, text)


def _raw(run: Run, content: Content, size: int | None) -> Iterator[Fault]:
    for field in is_ignored(content, "filename", "filelist"):
        said = "is raw" if "filesystem_type" in content.has else "is missing, which means raw"
        text = f"is not written: filesystem_type {said}, and raw takes rawfiles"
        yield Fault(Outcome.SILENT, f"{content.place}.{field}", text)
    chosen = [item for item in content.rawfiles if is_chosen(run.module.product, item.product_ids)]
    if content.rawfiles and not chosen:
        text = f"none of them is for product id {run.module.product}: nothing is written"
        yield Fault(Outcome.SILENT, f"{content.place}.rawfiles", text)
    for item in chosen:
        yield from _dd(run, item, size)


def _dd(run: Run, item: RawFile, size: int | None) -> Iterator[Fault]:
    if not item.filename:
        yield Fault(Outcome.AFTER, item.place, "names no file, as an object with filename does")
        return
    if fault := run.named(f"{item.place}.filename", item.filename, Outcome.AFTER):
        yield fault
        if fault.outcome.is_fault:
            return
    place = f"{item.place}.dd_options"
    if SHELL.search(item.dd_options):
        text = f"{item.dd_options!r}: the installer's shell reads it, and runs what is a command"
        yield Fault(Outcome.CAUTION, place, text)
    options = DdOptions(item.dd_options)
    if options.is_open:
        return
    if options.fault:
        yield Fault(Outcome.AFTER, place, f"{item.dd_options!r}: {options.fault}")
        return
    if options.redirected:
        yield Fault(Outcome.SILENT, place, f"{item.dd_options!r}: dd writes something else, or elsewhere")
        return
    if item.offset and ("bs" in item.dd_options or "seek" in item.dd_options):
        yield Fault(Outcome.AFTER, item.place, "has an offset and dd_options with bs or seek")
        return
    yield from _fits(run, item, options, size)


def _fits(run: Run, item: RawFile, options: DdOptions, size: int | None) -> Iterator[Fault]:
    packing = packing_by_name(item.filename)
    archive = run.files[item.filename].archive
    if packing and (archive is None or archive.packing != packing):
        text = f"{item.filename}: unpacked with {packing} for its name, and it is no {packing}"
        yield Fault(Outcome.AFTER, f"{item.place}.filename", text, "", item.filename)
        return
    written = run.written(item.filename)
    if options.limit is not None and options.limit < written:
        text = f"{item.dd_options!r}: of {written} bytes {options.limit} are written"
        # What the pipe does not hold any more ends pv, and with it the installation (set -o pipefail).
        outcome = Outcome.AFTER if written - options.limit > _PIPE else Outcome.SILENT
        yield Fault(outcome, f"{item.place}.dd_options", text)
        return
    if size is None:
        return
    start = item.offset if item.offset > 0 else size + item.offset if item.offset else options.start
    if start < 0 or start + written > size:
        text = f"{item.filename}: {written} bytes from byte {start} on do not fit into {size}"
        yield Fault(Outcome.AFTER, item.place, text)
