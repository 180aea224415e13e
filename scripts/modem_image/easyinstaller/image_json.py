# SPDX-License-Identifier: MIT
"""image.json in Toradex's eMMC layout, as the class image_type_tezi of meta-toradex-bsp-common makes it."""

from __future__ import annotations

import dataclasses
import datetime
import math
from collections.abc import Mapping
from typing import Any

from huawei_modem_check.installer.modules import COLIBRI_IMX7D_EMMC
from huawei_modem_check.installer.rules import BENCH_MARK

# The partitions as the installer makes them from blockdevs, in their order.
BOOT_DEVICE, ROOT_DEVICE = "/dev/mmcblk0p1", "/dev/mmcblk0p2"
MIB = 1 << 20
_CONFIG_FORMAT = "2"  # a string, as Toradex's class writes it; Easy Installer 1.4 and later read it
_BOOT_MINIMUM_MIB = 16
_ROOTFS_MINIMUM_MIB = 512


@dataclasses.dataclass(frozen=True)
class ImageSpec:
    """What an image is called, what it is for, and how it is packed.

    `name` begins the names of the files; `title` and `description` are what the installer shows.
    `timestamp` (seconds since 1970, the meaning of SOURCE_DATE_EPOCH) is the date of every member and the
    release date, so that the same input gives the same bytes.

    `u_boot` and `u_boot_env` name extra files. Both may be absent: the emulated board has no U-Boot,
    QEMU starts the kernel itself. Such an image installs beside the U-Boot that a module already has.
    """

    name: str
    version: str
    title: str
    description: str
    timestamp: int
    product_ids: tuple[str, ...] = (COLIBRI_IMX7D_EMMC,)
    autoinstall: bool = False
    u_boot: str | None = None
    u_boot_env: str | None = None
    xz_level: int = 1

    @property
    def folder(self) -> str:
        """The one folder in the tar, and the tar's name without its ending."""
        return f"{self.name}-Tezi_{self.version}"

    @property
    def bootfs(self) -> str:
        """File name of the archive for the BOOT partition."""
        return f"{self.name}.bootfs.tar.xz"

    @property
    def rootfs(self) -> str:
        """File name of the archive for the RFS partition."""
        return f"{self.name}.rootfs.tar.xz"


def image_json(
    spec: ImageSpec, bootfs_size: int, rootfs_size: int, scripts: Mapping[str, str]
) -> dict[str, Any]:
    """image.json for `spec`; the sizes are bytes before compression, `scripts` fields with file names."""
    release_date = datetime.datetime.fromtimestamp(spec.timestamp, datetime.timezone.utc).date()
    head = {
        "config_format": _CONFIG_FORMAT,
        "autoinstall": spec.autoinstall,
        "name": spec.title,
        "description": spec.description,
        "version": spec.version,
        "release_date": release_date.isoformat(),
    }
    environment = {"u_boot_env": spec.u_boot_env} if spec.u_boot_env else {}
    # Without a U-Boot it is the bench's: no module boots it, and no command puts it on one unasked.
    mark = {} if spec.u_boot else {BENCH_MARK: True}
    return {
        **head,
        **mark,
        **environment,
        **scripts,
        "supported_product_ids": list(spec.product_ids),
        "blockdevs": [_user_area(spec, bootfs_size, rootfs_size), *_boot_area(spec)],
    }


def boot_partition_mib(bootfs_size: int) -> int:
    """Size of the BOOT partition in MiB: three times the next power of two, as Toradex's class has it."""
    mib = bootfs_size / MIB
    if mib < 1:
        return _BOOT_MINIMUM_MIB
    return max(_BOOT_MINIMUM_MIB, 3 << (1 + int(math.log2(mib))))


def _user_area(spec: ImageSpec, bootfs_size: int, rootfs_size: int) -> dict[str, Any]:
    boot = {
        "partition_size_nominal": boot_partition_mib(bootfs_size),
        "want_maximised": False,
        "content": {
            "label": "BOOT",
            "filesystem_type": "FAT",
            "mkfs_options": "",
            "filename": spec.bootfs,
            "uncompressed_size": bootfs_size / MIB,
        },
    }
    rootfs = {
        "partition_size_nominal": max(_ROOTFS_MINIMUM_MIB, math.ceil(1.25 * rootfs_size / MIB)),
        "want_maximised": True,
        "content": {
            "label": "RFS",
            "filesystem_type": "ext4",
            "mkfs_options": "-E nodiscard",
            "filename": spec.rootfs,
            "uncompressed_size": rootfs_size / MIB,
        },
    }
    return {"name": "mmcblk0", "partitions": [boot, rootfs]}


def _boot_area(spec: ImageSpec) -> list[dict[str, Any]]:
    if not spec.u_boot:
        return []
    # The i.MX7's boot ROM reads U-Boot from block 2 of the boot partition.
    u_boot = {"filename": spec.u_boot, "dd_options": "seek=2"}
    return [
        {
            "name": "mmcblk0boot0",
            "erase": True,
            "content": {"filesystem_type": "raw", "rawfiles": [u_boot]},
        }
    ]
