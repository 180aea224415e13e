# SPDX-License-Identifier: MIT
"""The modules of the Colibri iMX7 family, by the product id that the installer compares.

Product ids: configblock.cpp of qt-tezi; which of them have NAND: moduleinformation.cpp:161-171. Sizes: the
eMMC of a
Colibri iMX7D 1GB as the installer's log names it (3648 MiB), its boot partitions, and mtdparts of Toradex's
U-Boot. Device trees by what they call themselves (arch/arm/boot/dts, imx7*-colibri*.dtsi).
"""

from __future__ import annotations

from typing import NamedTuple

COLIBRI_IMX7D_EMMC = "0039"
COLIBRI_IMX7_NAND = ("0032", "0033", "0041", "0081")
EMMC, NAND = "eMMC", "NAND"

MIB, KIB = 1 << 20, 1 << 10
MTD = {
    "mx7-bcb": 512 * KIB,
    "u-boot1": 1536 * KIB,
    "u-boot2": 1536 * KIB,
    "u-boot-env": 512 * KIB,
    "ubi": 508 * MIB,
}
"""Names of /proc/mtd, with their sizes in bytes."""


class Module(NamedTuple):
    """A module that an image may be for; `flash` is EMMC, NAND or None for one that is not known here.

    `storage` and `boot0` are bytes; `device_tree` is what its trees are compatible with, `tree_name` how the
    file is called that U-Boot loads from the boot partition (from NAND it reads a volume).
    """

    product: str
    flash: str | None = None
    storage: int | None = None
    boot0: int | None = None
    device_tree: str | None = None
    tree_name: str | None = None


TREE_NAME = "imx7d-colibri-emmc-*.dtb"
"""${soc}-colibri-emmc-${fdt_board}.dtb: CONFIG_PREBOOT in U-Boot's configs/colibri_imx7_emmc_defconfig.

fdt_board is eval-v3 where nobody sets another (include/configs/colibri_imx7.h).
"""


def _nand(product: str, device_tree: str) -> Module:
    return Module(product, NAND, 512 * MIB, None, device_tree)


COLIBRI = {
    COLIBRI_IMX7D_EMMC: Module(
        COLIBRI_IMX7D_EMMC, EMMC, 3648 * MIB, 4 * MIB, "toradex,colibri-imx7d-emmc", TREE_NAME
    ),
    "0032": _nand("0032", "toradex,colibri-imx7s"),
    **{product: _nand(product, "toradex,colibri-imx7d") for product in ("0033", "0041", "0081")},
}
"""The modules that this layer is for."""

USER_AREA, BOOT0, BOOT1 = "mmcblk0", "mmcblk0boot0", "mmcblk0boot1"
BLOCK_DEVICES = {
    **{name: name for name in (USER_AREA, BOOT0, BOOT1)},
    "emmc": USER_AREA,
    "emmc-boot0": BOOT0,
    "emmc-boot1": BOOT1,
}
"""Under /dev of a module with eMMC while the installer runs; the last three are its own links."""
