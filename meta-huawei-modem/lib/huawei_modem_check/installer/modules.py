# SPDX-License-Identifier: MIT
"""The modules that the installer knows, by the product id that it compares; the Colibri iMX7 in full.

Product ids, and which of them have NAND: moduleinformation.cpp:113-245 of qt-tezi. Sizes: the eMMC of a
Colibri iMX7D 1GB as the installer's log names it (3648 MiB), its boot partitions, and mtdparts of Toradex's
U-Boot. Device trees by what they call themselves (arch/arm/boot/dts, imx7*-colibri*.dtsi).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

COLIBRI_IMX7D_EMMC = "0039"
COLIBRI_IMX7_NAND = ("0032", "0033", "0041", "0081")
EMMC, NAND = "eMMC", "NAND"

MIB, KIB = 1 << 20, 1 << 10


def _mtd(boot_table: str) -> dict[str, int]:
    return {
        boot_table: 512 * KIB,
        "u-boot1": 1536 * KIB,
        "u-boot2": 1536 * KIB,
        "u-boot-env": 512 * KIB,
        "ubi": 508 * MIB,
    }


MTD = _mtd("mx7-bcb")
"""Names of /proc/mtd, with their sizes in bytes."""


class Module(NamedTuple):
    """A module that an image may be for; `flash` is EMMC, NAND or None for one that is not known here.

    `storage`, `boot0` and the sizes of `mtd` are bytes; `device_tree` is what its trees are compatible with,
    `tree_name` how the file is called that U-Boot loads from the boot partition; from NAND it reads a volume.
    """

    product: str
    flash: str | None = None
    storage: int | None = None
    boot0: int | None = None
    device_tree: str | None = None
    tree_name: str | None = None
    mtd: Mapping[str, int] = MTD


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

_WITH_EMMC = """
0014 0015 0016 0017 0027 0028 0029 0035 0037 0038 0047 0048 0049 0050 0051 0052 0055 0056 0057 0058 0059 0060
0061 0062 0063 0064 0065 0066 0067 0068 0069 0070 0071 0072 0073 0074 0075 0076 0077 0078 0079 0080 0082 0083
0084 0085 0086 0087 0088 0089 0090 0091 0092 0093 0094 0095 0096 0097 0098 0099 0201 0202 0203 0204 0205 0206
0207 0208 0209 0210 0211 0212 0213 0214 0215 0216 0217 0218 0219 0220 0221 0223 0225 0226 0227 0228
"""
_WITH_NAND = ("0036", "0040", "0044", "0045")
KNOWN: Mapping[str, Module] = {
    **COLIBRI,
    **{product: Module(product, EMMC) for product in _WITH_EMMC.split()},
    **{product: Module(product, NAND, mtd=_mtd("mx6ull-bcb")) for product in _WITH_NAND},
}
"""Every module of the installer. How much eMMC one has is known of the Colibri iMX7 alone; of the NAND of a
Colibri iMX6ULL, 128 or 512 MiB, the larger stands here."""

USER_AREA, BOOT0, BOOT1 = "mmcblk0", "mmcblk0boot0", "mmcblk0boot1"
BLOCK_DEVICES = {
    **{name: name for name in (USER_AREA, BOOT0, BOOT1)},
    "emmc": USER_AREA,
    "emmc-boot0": BOOT0,
    "emmc-boot1": BOOT1,
}
"""Under /dev of a module with eMMC while the installer runs; the last three are its own links."""
