# SPDX-License-Identifier: MIT
"""What the emulated board boots from: an SD card, made of an Easy Installer image's own archives, or a root
file system with a kernel beside it, as bitbake deploys them for a machine of QEMU's."""

from __future__ import annotations

import json
import os
import shutil
import struct
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from modem_image import PROJECT
from modem_image.board.description import Board, QemuSettings
from modem_image.cache import Cache, digest_of_files
from modem_image.console import step
from modem_image.errors import InputError
from modem_image.files import sha256_of
from modem_image.image import ext4
from modem_image.system import run

SECTOR = 512
MIB = 1 << 20
_FIRST_SECTOR = 2048
_FAT32_LBA, _LINUX = 0x0C, 0x83
# Where a file system of ext2's kind has its magic number (Linux, Documentation/filesystems/ext4/super.rst).
_MAGIC_PLACE, _EXT = 1024 + 0x38, b"\x53\xef"
# What decides the card's bytes: a change here makes it anew.
_MAKERS = (Path(__file__), Path(ext4.__file__))
KERNEL, INITRAMFS = "zImage", "initramfs.cpio.gz"
"""The names of the files that a boot loader reads: in a BOOT partition, or beside a root file system."""


@dataclass(frozen=True)
class Card:
    """What QEMU needs: the card's image, and the files that a boot loader would read."""

    folder: Path

    @property
    def image(self) -> Path:
        return self.folder / "card.img"

    @property
    def kernel(self) -> Path:
        return self.folder / "boot" / KERNEL

    @property
    def initramfs(self) -> Path | None:
        """None where the kernel mounts the root file system itself, as those of Toradex's images do."""
        path = self.folder / "boot" / INITRAMFS
        return path if path.exists() else None

    @property
    def device_tree(self) -> Path:
        return self.folder / "board.dtb"


def make_card(image: Path, board: Board, cache: Cache) -> Card:
    """The card for an Easy Installer tar, or the disk for a root file system and what lies beside it.

    Raises InputError for an image this board cannot boot.
    """
    qemu = board.qemu
    files = [image] if qemu.boots_from_card else [image, *boot_files(image).values()]
    material = {
        "image": [sha256_of(path) for path in files],
        "qemu": asdict(qemu),
        "code": digest_of_files(_MAKERS, PROJECT),
    }

    def make(folder: Path) -> None:
        with step("make the SD card" if qemu.boots_from_card else "copy the disk"):
            (_make if qemu.boots_from_card else _copy)(image, qemu, folder)

    return Card(cache.entry("card", material, make))


def boot_files(image: Path) -> dict[str, Path]:
    """The kernel that is deployed with a root file system, and its initramfs if it needs one, by their names.

    Raises InputError where there is no kernel.
    """
    found = {name: image.parent / name for name in (KERNEL, INITRAMFS) if (image.parent / name).is_file()}
    if KERNEL not in found:
        raise InputError(
            f"{image}: no {KERNEL} beside it, which the board boots\n"
            "  do: give the image in bitbake's folder deploy/images/MACHINE, or copy both"
        )
    return found


def _copy(image: Path, _qemu: QemuSettings, folder: Path) -> None:
    with image.open("rb") as handle:
        if handle.read(_MAGIC_PLACE + len(_EXT))[_MAGIC_PLACE:] != _EXT:
            raise InputError(f"{image}: not an ext4 file system\n  do: give the image that ends in .ext4")
    (folder / "boot").mkdir()
    for name, path in boot_files(image).items():
        shutil.copyfile(path, folder / "boot" / name)
    with Card(folder).image.open("wb") as sink:
        sink.truncate(image.stat().st_size)
        _copy_sparse(image, sink.fileno())


def _make(tezi: Path, qemu: QemuSettings, folder: Path) -> None:
    with _opened(tezi) as image:
        bootfs, rootfs = partition_archives(image.description)
        for name in (bootfs, rootfs):
            image.extract(name, folder / name)
    boot = folder / "boot"
    boot.mkdir()
    run(["tar", "--extract", "--no-same-owner", "--file", folder / bootfs, "--directory", boot])
    tree = Card(folder).device_tree
    shutil.copyfile(_needed(boot / qemu.device_tree, tezi), tree)
    for node, attribute in qemu.device_tree_deletes:
        run(["fdtput", "--delete", tree, node, attribute])
    for node, attribute, value in qemu.device_tree_sets:
        run(["fdtput", "--type", "s", tree, node, attribute, value])
    _needed(Card(folder).kernel, tezi)
    boot_sectors = qemu.boot_partition_mib * MIB // SECTOR
    root_sectors = qemu.card_size_mib * MIB // SECTOR - _FIRST_SECTOR - boot_sectors
    _write_fat(boot, folder / "fat.img", qemu.boot_partition_mib)
    ext4.write_ext4(folder / rootfs, folder / "ext4.img", root_sectors * SECTOR // 1024)
    _assemble(folder, boot_sectors, root_sectors, qemu.card_size_mib)
    for name in (bootfs, rootfs, "fat.img", "ext4.img"):
        (folder / name).unlink()


def partition_archives(description: dict[str, object]) -> tuple[str, str]:
    """The archives of the BOOT and RFS partitions that image.json names for the eMMC.

    Raises InputError when it names no such pair.
    """
    try:
        devices = [device for device in description["blockdevs"] if device["name"] == "mmcblk0"]  # type: ignore[attr-defined]
        contents = [partition["content"] for partition in devices[0]["partitions"]]
        names = {content["label"]: content["filename"] for content in contents}
        return str(names["BOOT"]), str(names["RFS"])
    except (KeyError, IndexError, TypeError) as error:
        raise InputError(f"image.json has no BOOT and RFS partitions for mmcblk0 ({error})") from error


@dataclass(frozen=True)
class _Image:
    tar: tarfile.TarFile
    path: Path
    description: dict[str, object]

    def extract(self, name: str, target: Path) -> None:
        """One file of the image's flat folder; a name that the tar lacks is an InputError."""
        found = [
            member for member in self.tar.getmembers() if member.isreg() and Path(member.name).name == name
        ]
        source = self.tar.extractfile(found[0]) if found else None
        if source is None:
            raise InputError(f"{self.path}: image.json names {name}, which is not in the image")
        with source, target.open("wb") as sink:
            shutil.copyfileobj(source, sink, MIB)


@contextmanager
def _opened(path: Path) -> Iterator[_Image]:
    try:
        with tarfile.open(path) as tar:
            found = [member for member in tar.getmembers() if Path(member.name).name == "image.json"]
            source = tar.extractfile(found[0]) if found else None
            if source is None:
                raise InputError(f"{path}: no image.json in it: not an Easy Installer image")
            yield _Image(tar, path, json.load(source))
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise InputError(f"{path}: not a readable Easy Installer tar ({error})") from error


def _needed(path: Path, tezi: Path) -> Path:
    if not path.is_file():
        raise InputError(f"{tezi}: its BOOT partition has no {path.name}, which the emulated board needs")
    return path


def _write_fat(folder: Path, path: Path, size_mib: int) -> None:
    with path.open("wb") as handle:
        handle.truncate(size_mib * MIB)
    run(["mkfs.vfat", "-n", "BOOT", path])
    run(["mcopy", "-s", "-i", path, *sorted(folder.iterdir()), "::/"], environment={"MTOOLS_SKIP_CHECK": "1"})


def _assemble(folder: Path, boot_sectors: int, root_sectors: int, size_mib: int) -> None:
    with Card(folder).image.open("wb") as card:
        card.truncate(size_mib * MIB)
        card.write(partition_table([(_FAT32_LBA, boot_sectors), (_LINUX, root_sectors)]))
        for name, sector in (("fat.img", _FIRST_SECTOR), ("ext4.img", _FIRST_SECTOR + boot_sectors)):
            card.seek(sector * SECTOR)
            _copy_sparse(folder / name, card.fileno())


def _copy_sparse(source: Path, target: int) -> None:
    """Copy the parts of `source` that are not holes to the position of `target`."""
    start = os.lseek(target, 0, os.SEEK_CUR)
    with source.open("rb") as handle:
        for offset in range(0, source.stat().st_size, MIB):
            block = handle.read(MIB)
            if block.count(0) != len(block):
                os.pwrite(target, block, start + offset)


def partition_table(partitions: list[tuple[int, int]]) -> bytes:
    """An MBR with the partitions (type, sectors) one after the other from the first MiB on."""
    table = bytearray(SECTOR)
    start = _FIRST_SECTOR
    for number, (kind, sectors) in enumerate(partitions):
        no_chs = b"\xfe\xff\xff"
        struct.pack_into("<B3sB3sII", table, 446 + 16 * number, 0, no_chs, kind, no_chs, start, sectors)
        start += sectors
    table[510:] = b"\x55\xaa"
    return bytes(table)
