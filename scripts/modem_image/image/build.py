# SPDX-License-Identifier: MIT
"""From Debian's parts to an Easy Installer image, each stage cached by what it was made from."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from modem_image import HELPER, PROJECT
from modem_image.board.description import BOARDS, Board
from modem_image.cache import Cache, digest_of_files
from modem_image.console import step
from modem_image.debian.parts import KernelParts, fetch_kernel, fetch_root
from modem_image.easyinstaller.image_json import ImageSpec
from modem_image.easyinstaller.pack import pack
from modem_image.files import readable_by_all
from modem_image.image.ext4 import write_ext4
from modem_image.image.initramfs import make_initramfs
from modem_image.image.rootfs import compose

OVERLAY = BOARDS / "overlay"
_CODE = PROJECT / "scripts" / "modem_image"
# What decides the image's bytes: a change here makes it anew.
_MAKERS = (
    "compression.py",
    "debian",
    "easyinstaller",
    "files.py",
    "image",
    "templates/initramfs-init.sh",
    "templates/installer",
)


@readable_by_all()
def build_image(
    board: Board,
    cache: Cache,
    kernel: KernelParts | None = None,
    ofonod: Path | None = None,
    overlay: Path = OVERLAY,
) -> Path:
    """The Easy Installer tar of `board`, in the cache; kernel and oFono are Debian's unless others are given.
    Of a board that boots no such image: its root file system (.ext4), with kernel and initramfs beside it.

    `overlay` is a folder laid over all else, the board's own settings.

    Files that the maintainer of a package did not give a mode have that of umask 022, whoever builds.

    Raises UserError when a part cannot be had.
    """
    kernel = kernel or fetch_kernel(cache, board.archive, board.kernel.package)
    base = fetch_root(cache, board.archive, board.root.packages)
    epoch = int(kernel.image.stat().st_mtime)
    material = {
        "board": asdict(board),
        "kernel": kernel.root.parent.name,
        "base": base.parent.name,
        "ofono": ofonod.parent.name if ofonod else "",
        "payload": digest_of_files([HELPER, overlay], PROJECT),
        "code": digest_of_files([_CODE / name for name in _MAKERS], PROJECT),
    }

    def make(folder: Path) -> None:
        with step("make the root file system"):
            rootfs = compose(board, kernel, base, overlay, folder, epoch, ofonod)
            boot = boot_files(board, kernel, folder, epoch)
        if board.qemu.boots_from_card:
            with step("pack the Easy Installer image"):
                pack(image_spec(board, epoch), rootfs, boot, folder)
            boot["initramfs.cpio.gz"].unlink()
        else:
            with step("make the disk"):
                write_ext4(rootfs, folder / name, board.qemu.card_size_mib * 1024)
            shutil.copyfile(boot["zImage"], folder / "zImage")
        rootfs.unlink()

    name = (
        f"{image_spec(board, epoch).folder}.tar" if board.qemu.boots_from_card else f"{board.image.name}.ext4"
    )
    return cache.entry("image", material, make) / name


def boot_files(board: Board, kernel: KernelParts, work: Path, epoch: int) -> Mapping[str, Path]:
    """The BOOT partition: zImage, the device trees, and the initramfs that Debian's kernel needs."""
    initramfs = make_initramfs(kernel.root, kernel.release, board.kernel.initramfs_modules, work, epoch)
    trees = {name: kernel.device_trees / name for name in board.image.device_trees}
    return {"zImage": kernel.image, "initramfs.cpio.gz": initramfs, **trees}


def image_spec(board: Board, epoch: int) -> ImageSpec:
    """What the image is called and what it is for."""
    image = board.image
    return ImageSpec(
        name=image.name,
        version=image.version,
        title=image.name,
        description=image.description,
        timestamp=epoch,
        product_ids=image.product_ids,
    )
