# SPDX-License-Identifier: MIT
"""The modules of the Colibri iMX7 family, by the product id that the installer compares."""

from __future__ import annotations

COLIBRI_IMX7D_EMMC = "0039"
COLIBRI_IMX7_NAND = ("0032", "0033", "0041", "0081")
# What the kernel's device trees for each module call themselves (arch/arm/boot/dts, imx7*-colibri*.dtsi).
DEVICE_TREES = {
    COLIBRI_IMX7D_EMMC: "toradex,colibri-imx7d-emmc",
    "0032": "toradex,colibri-imx7s",
    **dict.fromkeys(("0033", "0041", "0081"), "toradex,colibri-imx7d"),
}
