# SPDX-License-Identifier: MIT
"""A small good image whose image.json a row of the table changes before it is packed."""

from __future__ import annotations

import copy
import json
import lzma
from collections.abc import Callable
from typing import Any

from unit.check.images import (
    BOOTFS,
    ROOTFS,
    TREE,
    boot_files,
    device_tree,
    image_files,
    module_files,
    packed,
    tar,
    zimage,
)
from unit.check.images import description as emmc_description

U_BOOT = b"\xd1\x00\x20\x40" + bytes(range(256)) * 64
EMMC, NAND = "0039", "0033"


class Draft:
    """The parts of an image: `d` is image.json, `files` all others, `raw` is image.json as it is written."""

    def __init__(self, description: dict[str, Any], files: dict[str, bytes], product: str) -> None:
        self.d = description
        self.files = files
        self.product = product
        self.write: Callable[[bytes], bytes] = bytes

    def packed(self) -> dict[str, bytes]:
        """The files of the image's folder."""
        return {"image.json": self.write(json.dumps(self.d).encode()), **self.files}

    # --- places in image.json -------------------------------------------------------------------------

    @property
    def disk(self) -> dict[str, Any]:
        return dict.__getitem__(self.d, "blockdevs")[0]  # type: ignore[no-any-return]

    @property
    def boot(self) -> dict[str, Any]:
        return self.disk["partitions"][0]  # type: ignore[no-any-return]

    @property
    def root(self) -> dict[str, Any]:
        return self.disk["partitions"][1]  # type: ignore[no-any-return]

    @property
    def volumes(self) -> list[dict[str, Any]]:
        return self.d["mtddevs"][-1]["ubivolumes"]  # type: ignore[no-any-return]

    def volume(self, name: str) -> dict[str, Any]:
        return next(item for item in self.volumes if item["name"] == name)

    # --- common changes -------------------------------------------------------------------------------

    def boot0(self, content: dict[str, Any], u_boot: bytes = U_BOOT) -> None:
        """Give mmcblk0boot0 this content, and the image a U-Boot."""
        self.d["blockdevs"].append({"name": "mmcblk0boot0", "content": content})
        self.files["u-boot.imx"] = u_boot

    def raw_boot(self, **rawfile: Any) -> None:
        """U-Boot as one raw file of mmcblk0boot0."""
        self.boot0({"filesystem_type": "raw", "rawfiles": [{"filename": "u-boot.imx", **rawfile}]})

    def rename_rootfs(self, name: str, content: bytes | None = None) -> None:
        """The root file system's archive under another name, in image.json too."""
        old = self.files.pop(ROOTFS)
        self.files[name] = old if content is None else content
        self.root["content"]["filename"] = name

    def rootfs_tar(self) -> bytes:
        """The root file system's archive, not compressed."""
        return lzma.decompress(self.files[ROOTFS])


def emmc() -> Draft:
    """BOOT and RFS on the eMMC."""
    files = image_files()
    del files["image.json"]
    return Draft(copy.deepcopy(emmc_description()), files, EMMC)


def nand() -> Draft:
    """The layout of Toradex's class for raw NAND: two U-Boots, and volumes for kernel, trees and root."""

    def u_boot(name: str) -> dict[str, Any]:
        return {"name": name, "content": {"rawfile": {"filename": "u-boot-nand.imx", "size": 1}}}

    trees = {"0032": "imx7s-colibri-eval-v3.dtb", "0033": "imx7d-colibri-eval-v3.dtb"}
    rawfiles = [{"filename": name, "product_ids": number} for number, name in trees.items()]
    volumes = [
        {
            "name": "kernel",
            "size_kib": 8192,
            "type": "static",
            "content": {"rawfile": {"filename": "zImage"}},
        },
        {"name": "dtb", "content": {"rawfiles": rawfiles}, "size_kib": 128, "type": "static"},
        {"name": "m4firmware", "size_kib": 896, "type": "static"},
        {"name": "rootfs", "content": {"filesystem_type": "ubifs", "filename": ROOTFS}},
    ]
    erased = {"name": "u-boot-env", "erase": True, "content": {"rawfiles": []}}
    d = emmc_description(supported_product_ids=["0032", "0033"])
    del d["blockdevs"]
    d["mtddevs"] = [u_boot("u-boot1"), u_boot("u-boot2"), erased, {"name": "ubi", "ubivolumes": volumes}]
    files = {
        "u-boot-nand.imx": U_BOOT,
        "zImage": zimage(),
        trees["0032"]: device_tree("toradex,colibri-imx7s"),
        trees["0033"]: device_tree("toradex,colibri-imx7d"),
        ROOTFS: packed(tar(module_files()), ROOTFS),
        "kernel-config": image_files()["kernel-config"],
    }
    return Draft(d, files, NAND)


__all__ = [
    "BOOTFS",
    "ROOTFS",
    "TREE",
    "U_BOOT",
    "Draft",
    "boot_files",
    "device_tree",
    "emmc",
    "nand",
    "zimage",
]
