# SPDX-License-Identifier: MIT
"""Rows as in rows.py, of changes that were made at random and that the check judged otherwise at first.

Measured on 2026-11-30 on qt-tezi 37bc583: its JSON, dto and write-thread sources, unchanged but for the
paths of devices, with Qt 5.15, sfdisk, mkfs, tar, dd and libubootenv of Debian 12 on loop devices.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from corpus.installer.draft import ROOTFS, Draft, nand
from corpus.installer.rows import Row, boot_content, disk, raw_boot, root_content, with_file
from unit.check.images import module_files, packed, tar


def u_boot_between(a: Draft) -> None:
    """U-Boot between the table and the first partition, as on an i.MX6."""
    a.boot0({})
    del a.d["blockdevs"][1]
    a.disk["content"] = {"rawfile": {"filename": "u-boot.imx", "dd_options": "seek=2"}}


def u_boot_over_table(a: Draft) -> None:
    u_boot_between(a)
    a.disk["table_type"] = "gpt"


def in_folder(name: str) -> Callable[[Draft], None]:
    """The root file system below `parts`, and image.json has it as `name`."""

    def apply(a: Draft) -> None:
        a.rename_rootfs(f"parts/{ROOTFS}")
        a.root["content"]["filename"] = name

    return apply


def kernel_in_folder(a: Draft) -> None:
    a.files["a b/zImage"] = a.files.pop("zImage")
    a.volume("kernel")["content"] = {"rawfile": {"filename": "a b/zImage"}}


def ntfs(**content: Any) -> Callable[[Draft], None]:
    def apply(a: Draft) -> None:
        more = {"partition_size_nominal": 16, "content": {"filesystem_type": "ntfs", **content}}
        a.disk["partitions"].append(more)

    return apply


def nearly_full(a: Draft) -> None:
    """15 MiB in 16 MiB of ext4, whose journal takes 4."""
    a.root["want_maximised"] = False
    a.files[ROOTFS] = packed(tar({**module_files(), "./big": bytes(15 << 20)}), ROOTFS)


def count(blocks: int) -> Callable[[Draft], None]:
    def apply(a: Draft) -> None:
        a.raw_boot(dd_options=f"count={blocks}")
        a.files["u-boot.imx"] = bytes(400_000)

    return apply


MEASURED: tuple[Row, ...] = (
    Row("fat-one-reserved-sector", "after-erase", boot_content(mkfs_options="-R 1")),
    Row("fat-mbr-with-value", "installs", boot_content(mkfs_options="--mbr=y")),
    Row("ext4-encoding", "after-erase", root_content(mkfs_options="-E encoding=utf8")),
    Row("ext4-other-system", "after-erase", root_content(mkfs_options="-o x")),
    Row("ntfs-label-twice", "after-erase", ntfs(label="x", mkfs_options="-L x")),
    Row("ntfs-cluster", "after-erase", ntfs(mkfs_options="-c x")),
    Row("ext4-without-its-journals-room", "after-erase", nearly_full),
    Row("dd-no-block", "after-erase", count(0)),
    Row("dd-unknown-flag", "after-erase", raw_boot(dd_options="oflag=nosuch")),
    Row("dd-computed-by-the-shell", "installs", raw_boot(dd_options="seek=$((1+1))")),
    Row("device-with-a-dot", "installs", disk(name="./mmcblk0")),
    Row("device-with-a-slash", "before-erase", disk(name="mmcblk0/")),
    Row("u-boot-before-the-partitions", "installs", u_boot_between),
    Row("u-boot-over-the-gpt", "silent", u_boot_over_table),
    Row("two-slashes", "installs", in_folder(f"parts//{ROOTFS}")),
    Row("dot-and-slash", "installs", in_folder(f"./parts/./{ROOTFS}")),
    Row("nand-kernel-in-a-folder", "installs", kernel_in_folder, base=nand),
    Row("script-with-a-quote", "installs", with_file("s'.sh", b"exit 0\n", wrapup_script="s'.sh")),
    Row("script-with-a-dash", "installs", with_file("-s.sh", b"exit 0\n", prepare_script="-s.sh")),
    Row("error-script-as-on-windows", "installs", with_file("e.sh", b"true\r\n", error_script="e.sh")),
)
