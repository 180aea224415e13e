# SPDX-License-Identifier: MIT
"""mtddevs: raw NAND and UBI (multiimagewritethread.cpp:96-114, 225-282, 648-807, 1217-1278)."""

from __future__ import annotations

from collections.abc import Iterator

from huawei_modem_check.installer.dd import SHELL
from huawei_modem_check.installer.description import Content, MtdDevice, RawFile, Volume
from huawei_modem_check.installer.files import copied, unpacked
from huawei_modem_check.installer.modules import EMMC, KIB, NAND
from huawei_modem_check.installer.products import is_chosen
from huawei_modem_check.installer.run import Run, is_ignored, packing_by_name
from huawei_modem_check.installer.stages import Fault, Outcome
from huawei_modem_check.installer.tools import nand_options

_BLOCK = 128 * KIB  # what is erased at once
_UBI_BLOCK = 124 * KIB  # what is left of it for a volume, with pages of 2 KiB
_BAD_RESERVE = 80  # blocks: 20 of 1024 (CONFIG_MTD_UBI_BEB_LIMIT)
_UBI_OWN = 4  # blocks: the volume table twice, wear levelling, atomic change
_NAME_MAXIMUM = 127
_UBIFS_MINIMUM = 17  # blocks, UBIFS_MIN_LEB_CNT of Linux (fs/ubifs/ubifs.h), which mounts no smaller one


def devices(run: Run) -> Iterator[Fault]:
    """The partitions of the NAND, one after the other."""
    flashes = run.description.mtd_devices
    if run.module.flash == EMMC and flashes:
        yield Fault(
            Outcome.BEFORE, "mtddevs", f"{run.module.product}: this module has no NAND", "tezi-product-id"
        )
        return
    if not flashes and "mtddevs" in run.description.document:
        yield Fault(Outcome.SILENT, "mtddevs", "is empty: nothing is written at all")
    for number, device in enumerate(flashes):
        if run.module.flash == NAND and device.name not in run.module.mtd:
            outcome = Outcome.AFTER if number else Outcome.BEFORE
            text = f"{device.name!r} is not a partition of the NAND: {', '.join(run.module.mtd)} are"
            yield Fault(outcome, f"{device.place}.name", text)
            continue
        yield from _device(run, device)


def _device(run: Run, device: MtdDevice) -> Iterator[Fault]:
    if device.name.endswith("-bcb") or (device.name == "u-boot1" and device.erase and device.content is None):
        text = "is erased: the boot ROM's table, or the module's serial and MAC address, lie there"
        if device.erase or device.content is not None:
            yield Fault(Outcome.CAUTION, device.place, text)
    if device.content is not None:
        yield from _raw_nand(run, device.content, run.module.mtd.get(device.name))
    if device.volumes:
        yield from _volumes(run, device)


def _raw_nand(run: Run, content: Content, size: int | None) -> Iterator[Fault]:
    if content.fstype != "raw":
        text = (
            f"is not written: the NAND itself takes raw files only, and filesystem_type is {content.fstype}"
        )
        yield Fault(Outcome.SILENT, content.place, text)
        return
    yield from _ignored(content)
    chosen = list(_chosen(run, content))
    if content.rawfiles and not chosen:
        yield _for_others(run, content)
    for item in chosen:
        place = f"{item.place}.nandwrite_options"
        if fault := _readable(run, item):
            yield fault
            if fault.outcome.is_fault:
                continue
        if SHELL.search(item.nandwrite_options):
            text = f"{item.nandwrite_options!r}: the installer's shell reads it, and runs what is a command"
            yield Fault(Outcome.CAUTION, place, text)
        options = nand_options(item.nandwrite_options)
        if options.fault:
            yield Fault(Outcome.AFTER, place, f"{item.nandwrite_options!r}: {options.fault}")
            continue
        written = run.written(item.filename)
        if options.skipped or (options.limit is not None and options.limit < written):
            text = f"{item.nandwrite_options!r}: not all of {item.filename} is written"
            yield Fault(Outcome.SILENT, place, text)
        elif size is not None and options.start + written > size:
            text = f"{item.filename} with {-(-written // KIB)} KiB does not fit into {size // KIB} KiB"
            yield Fault(Outcome.AFTER, item.place, text)


def _volumes(run: Run, device: MtdDevice) -> Iterator[Fault]:
    total = run.module.mtd.get(device.name)
    left = None if total is None else total // _BLOCK - _BAD_RESERVE - _UBI_OWN
    names: set[str] = set()
    for volume in device.volumes:
        wanted = -(-volume.size * KIB // _UBI_BLOCK) if volume.size > 0 else left
        reason = None
        if left is not None and left <= 0:
            reason = "no room is left: a volume without size_kib has taken it all, so that it must come last"
        elif left is not None and wanted is not None and wanted > left:
            reason = f"{volume.size} KiB, and {left * _UBI_BLOCK // KIB} KiB are left"
        elif volume.name in names:
            reason = f"there is a volume {volume.name!r} already"
        elif not volume.name or len(volume.name) > _NAME_MAXIMUM:
            reason = f"{volume.name!r} is not a name for a volume"
        if reason:
            yield Fault(Outcome.AFTER, volume.place, reason)
            return
        names.add(volume.name)
        if left is not None and wanted is not None:
            left -= wanted
        room = None if wanted is None else wanted * _UBI_BLOCK
        if volume.content is not None:
            yield from _volume(run, volume, volume.content, room)


def _volume(run: Run, volume: Volume, content: Content, room: int | None) -> Iterator[Fault]:
    if content.fstype == "raw":
        yield from _ignored(content)
        chosen = list(_chosen(run, content))
        if content.rawfiles and not chosen:
            yield _for_others(run, content)
        for item in chosen[1:]:
            text = f"{item.filename!r} is not written: a volume takes the first raw file only"
            yield Fault(Outcome.SILENT, item.place, text)
        for item in chosen[:1]:
            yield from _first(run, item, room)
    elif content.fstype == "ubifs":
        for field in is_ignored(content, "rawfiles"):
            yield Fault(
                Outcome.SILENT, f"{content.place}.{field}", "is not written: filesystem_type is ubifs"
            )
        if volume.type == "static":
            text = "a static volume cannot be mounted to write UBIFS to it: type must be dynamic"
            yield Fault(Outcome.AFTER, f"{volume.place}.type", text)
        elif room is not None and room < _UBIFS_MINIMUM * _UBI_BLOCK:
            least = _UBIFS_MINIMUM * _UBI_BLOCK // KIB
            text = f"UBIFS needs {least} KiB at least, and the volume has {room // KIB}: it is not mounted"
            yield Fault(Outcome.AFTER, f"{volume.place}.size_kib", text)
        faults = (
            unpacked(run, f"{content.place}.filename", content.filename, False) if content.filename else []
        )
        more, _written = copied(run, content, False)
        yield from (*faults, *more)
    elif is_ignored(content, "filename", "filelist", "rawfiles"):
        text = f"is not written: a volume takes ubifs or raw, and filesystem_type is {content.fstype}"
        yield Fault(Outcome.SILENT, content.place, text)


def _first(run: Run, item: RawFile, room: int | None) -> Iterator[Fault]:
    if fault := _readable(run, item):
        yield fault
        if fault.outcome.is_fault:
            return
    size = run.files[item.filename].size
    if packing_by_name(item.filename):
        # --size is that of the packed file, line 1268: of what comes out of it the rest is left.
        text = f"{item.filename}: of what is packed in it only the first {size} bytes are written"
        yield Fault(Outcome.SILENT, f"{item.place}.filename", text, "", item.filename)
    elif room is not None and size > room:
        text = f"{item.filename} with {-(-size // KIB)} KiB does not fit into a volume of {room // KIB} KiB"
        yield Fault(Outcome.AFTER, item.place, text)


def _readable(run: Run, item: RawFile) -> Fault | None:
    if not item.filename:
        return Fault(Outcome.AFTER, item.place, "names no file, as an object with filename does")
    return run.named(f"{item.place}.filename", item.filename, Outcome.AFTER)


def _ignored(content: Content) -> Iterator[Fault]:
    for field in is_ignored(content, "filename", "filelist"):
        text = "is not written: this is raw, and raw takes rawfiles"
        yield Fault(Outcome.SILENT, f"{content.place}.{field}", text)


def _chosen(run: Run, content: Content) -> Iterator[RawFile]:
    return (item for item in content.rawfiles if is_chosen(run.module.product, item.product_ids))


def _for_others(run: Run, content: Content) -> Fault:
    text = f"none of them is for product id {run.module.product}: nothing is written"
    return Fault(Outcome.SILENT, f"{content.place}.rawfiles", text)
