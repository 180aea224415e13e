# SPDX-License-Identifier: MIT
"""image.json as others publish them for their modules: each is accepted for those.

Rebuilt by the fields that their public makers write, with archives and kernels of ours: the facts are
devices, sizes, types and spellings.
"""

from __future__ import annotations

import bz2
import copy
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpus.installer.draft import BOOTFS, ROOTFS, U_BOOT, emmc
from huawei_modem.report import Severity, Verdict
from huawei_modem_check.image import check_image
from huawei_modem_check.rules import Wanted
from unit.check.images import boot_files, codes, module_files, packed, tar, write_tar

SCRIPT = b"#!/bin/sh\nexit 0\n"
Published = tuple[dict[str, Any], dict[str, bytes]]


def partition(size: object, maximised: bool, label: str, fstype: str, **content: Any) -> dict[str, Any]:
    inside = {"label": label, "filesystem_type": fstype, "mkfs_options": "", **content}
    return {"partition_size_nominal": size, "want_maximised": maximised, "content": inside}


def boot0(*files: tuple[str, str], name: str = "mmcblk0boot0", **more: Any) -> dict[str, Any]:
    rawfiles = [{"filename": file, "dd_options": options} for file, options in files]
    return {"name": name, "content": {"filesystem_type": "raw", "rawfiles": rawfiles}, **more}


def image(ids: list[str], config_format: object, **fields: Any) -> dict[str, Any]:
    text = {"name": "Published", "description": "as others write it", "version": "1", "autoinstall": False}
    return {"config_format": config_format, "supported_product_ids": ids, **text, **fields}


def parts() -> dict[str, bytes]:
    return {name: data for name, data in emmc().files.items() if name in (BOOTFS, ROOTFS, "kernel-config")}


def ubuntu_for_apalis_imx8() -> Published:
    """A community's Ubuntu 20.04: plain tar, config_format as text, one imx-boot at the start of boot0."""
    names = {BOOTFS: "ubuntu.bootfs.tar", ROOTFS: "ubuntu.rootfs.tar"}
    files = {names[BOOTFS]: tar(boot_files()), names[ROOTFS]: emmc().rootfs_tar(), "wrapup.sh": SCRIPT}
    files |= {"imx-boot": U_BOOT, "kernel-config": parts()["kernel-config"]}
    boot = partition(128, False, "boot", "FAT", filename=names[BOOTFS], uncompressed_size=40)
    root = partition(1024, True, "root", "ext4", filename=names[ROOTFS], uncompressed_size=900)
    root["content"]["mkfs_options"] = "-E nodiscard"
    disks = [{"name": "mmcblk0", "partitions": [boot, root]}, boot0(("imx-boot", "seek=0"), erase=True)]
    return image(["0037", "0047", "0048", "0049"], "4", wrapup_script="wrapup.sh", blockdevs=disks), files


def openwrt_for_imx6() -> Published:
    """OpenWrt for Colibri and Apalis iMX6: SPL and u-boot.img in a row, sizes with a fraction."""
    files = {**parts(), "prepare.sh": SCRIPT, "wrapup.sh": SCRIPT, "SPL": U_BOOT, "u-boot.img": U_BOOT}
    boot = partition(16, False, "BOOT", "FAT", filename=BOOTFS, uncompressed_size=4.87109375)
    root = partition(512, True, "RFS", "ext4", filename=ROOTFS, uncompressed_size=396.27734375)
    root["content"]["mkfs_options"] = "-E nodiscard"
    disks = [
        {"partitions": [boot, root], "name": "mmcblk0"},
        boot0(("SPL", "seek=2"), ("u-boot.img", "seek=138")),
    ]
    scripts = {"prepare_script": "prepare.sh", "wrapup_script": "wrapup.sh", "release_date": "2026-01-01"}
    return image(["0014", "0015", "0016", "0017"], 1, blockdevs=disks, **scripts), files


def pantavisor_for_imx6ull() -> Published:
    """Pantavisor's base installer: raw NAND, kernel and root in two UBIFS volumes, U-Boot's environment."""
    files = {**parts(), "u-boot-nand.imx": U_BOOT, "u-boot-initial-env": b"bootdelay=1\n"}
    files |= {
        "prepare.sh": SCRIPT,
        "wrapup.sh": SCRIPT,
        "marketing.tar": tar({"a.png": b"x"}),
        "icon.png": b"x",
    }
    u_boot = {"rawfile": {"filename": "u-boot-nand.imx", "size": len(U_BOOT)}}

    def volume(name: str, file: str, **more: Any) -> dict[str, Any]:
        inside = {"filesystem_type": "ubifs", "uncompressed_size": len(files[file]), "filename": file}
        return {"name": name, "content": inside, **more}

    volumes = [volume("pvboot", BOOTFS, size_kib=16384), volume("pvroot", ROOTFS)]
    devices = [
        {"content": u_boot, "name": "u-boot1"},
        {"content": copy.deepcopy(u_boot), "name": "u-boot2"},
        {"ubivolumes": volumes, "name": "ubi"},
    ]
    fields = {
        "u_boot_env": "u-boot-initial-env",
        "prepare_script": "prepare.sh",
        "wrapup_script": "wrapup.sh",
    }
    fields |= {"marketing": "marketing.tar", "icon": "icon.png"}
    return image(["0044", "0040", "0045", "0036"], 2, mtddevs=devices, **fields), files


def toradex_for_verdin() -> Published:
    """Toradex's own class of kirkstone for a Verdin: numbers as texts, a partition for data, `emmc`."""
    files = {
        **parts(),
        "imx-boot": U_BOOT,
        "u-boot-initial-env": b"a=b\n",
        "LA_OPT_NXP_SW.html": b"<p>EULA</p>",
    }
    files |= {
        "prepare.sh": SCRIPT,
        "wrapup.sh": SCRIPT,
        "toradexlinux.png": b"x",
        "marketing.tar": tar({"a": b"x"}),
    }
    boot = partition(48, False, "BOOT", "FAT", filename=BOOTFS, uncompressed_size=10.1)
    root = partition("512", True, "RFS", "ext4", filename=ROOTFS, uncompressed_size=800.4)
    data = partition("512", True, "DATA", "ext4", filename="") | {"partition_type": "83"}
    for item in (root, data):
        item["content"]["mkfs_options"] = "-E nodiscard"
    disks = [
        {"name": "emmc", "partitions": [boot, root, data]},
        boot0(("imx-boot", "seek=0"), name="emmc-boot0", erase=True),
    ]
    fields = {"u_boot_env": "u-boot-initial-env", "license": "LA_OPT_NXP_SW.html", "license_title": "NXP"}
    fields |= {"prepare_script": "prepare.sh", "wrapup_script": "wrapup.sh"}
    fields |= {"icon": "toradexlinux.png", "marketing": "marketing.tar"}
    return image(["0058", "0061", "0063", "0064"], "4", blockdevs=disks, **fields), files


def two_roots_on_gpt() -> Published:
    """A team's change of Toradex's file: GPT, a second root that is empty until its first update, data."""
    document, files = toradex_for_verdin()
    disk = document["blockdevs"][0]
    disk["table_type"] = "gpt"
    disk["partitions"][1]["want_maximised"] = False
    spare = copy.deepcopy(disk["partitions"][1])
    del spare["content"]["filename"], spare["content"]["uncompressed_size"]
    disk["partitions"].insert(2, spare)
    del disk["partitions"][3]["partition_type"]
    return document, files


def whole_disk(packed_disk: bytes, name: str, options: dict[str, str]) -> Published:
    """Mender and SWUpdate on Toradex's modules: the whole user area as one packed file, unseen."""
    files = {
        name: packed_disk,
        "SPL": U_BOOT,
        "u-boot.img": U_BOOT,
        "prepare.sh": SCRIPT,
        "wrapup.sh": SCRIPT,
    }
    user_area = {
        "content": {"rawfiles": [{"filename": name, **options}]},
        "name": "mmcblk0",
        "table_type": "gpt",
    }
    loader = boot0(("SPL", "seek=2"), ("u-boot.img", "seek=138"))
    del loader["content"]["filesystem_type"]
    scripts = {"prepare_script": "prepare.sh", "wrapup_script": "wrapup.sh"}
    return image(["0027", "0028"], 2, blockdevs=[user_area, loader], **scripts), files


def mender_for_apalis() -> Published:
    return whole_disk(bz2.compress(bytes(1 << 20)), "mender.gptimg.bz2", {})


def swupdate_for_verdin() -> Published:
    return whole_disk(gzip.compress(bytes(1 << 20)), "image.wic.gz", {"dd_options": "bs=8M"})


def mender_for_nand() -> Published:
    """Mender on a Colibri with NAND: the ubi partition as one raw file, and a written environment."""
    files = {"u-boot-nand.imx": U_BOOT, "uboot.env": b"\xff" * 1024, "uEnv.txt": b"a=b\n"}
    files |= {"image.ubimg": b"UBI#" + bytes(4096), "prepare.sh": SCRIPT, "wrapup.sh": SCRIPT}

    def raw(name: str, file: str) -> dict[str, Any]:
        return {"name": name, "content": {"rawfile": {"filename": file, "size": 1}}}

    devices = [
        *(raw(name, "u-boot-nand.imx") for name in ("u-boot1", "u-boot2")),
        raw("u-boot-env", "uboot.env"),
        raw("ubi", "image.ubimg"),
    ]
    return image(["0033", "0032"], 2, mtddevs=devices, u_boot_env="uEnv.txt"), files


def torizon_for_apalis_imx6() -> Published:
    """Toradex's TorizonCore 5.4 of 2021-09-29: one partition, whose tree is an OSTree repository."""
    name = "torizon-core-docker-apalis-imx6.ota.tar.zst"
    tree = {"./ostree/repo/config": b"[core]\n", "./boot/loader/uEnv.txt": b"kernel_image=/ostree\n"}
    files = {name: packed(tar(tree), name), "SPL": U_BOOT, "u-boot.img": U_BOOT, "prepare.sh": SCRIPT}
    files |= {"wrapup.sh": SCRIPT, "u-boot-initial-env-spl": b"a=b\n", "toradexlinux.png": b"x"}
    files |= {"marketing.tar": tar({"a": b"x"})}
    root = partition(512, True, "otaroot", "ext4", filename=name, uncompressed_size=456.09375)
    root["content"]["mkfs_options"] = "-E nodiscard"
    loader = boot0(("SPL", "seek=2"), ("u-boot.img", "seek=138"), erase=True)
    fields = {
        "u_boot_env": "u-boot-initial-env-spl",
        "prepare_script": "prepare.sh",
        "wrapup_script": "wrapup.sh",
    }
    fields |= {"marketing": "marketing.tar", "icon": "toradexlinux.png", "release_date": "2021-09-29"}
    disks = [{"name": "mmcblk0", "partitions": [root]}, loader]
    return image(["0027", "0028", "0029", "0035"], "3", blockdevs=disks, **fields), files


def _disk(document: dict[str, Any]) -> dict[str, Any]:
    return document["blockdevs"][0]  # type: ignore[no-any-return]


def _more_than_a_dos_table_has(document: dict[str, Any]) -> None:
    _disk(document)["partitions"] += [{"partition_size_nominal": 64} for _ in range(2)]


WRONG: dict[str, tuple[Callable[[], Published], Callable[[dict[str, Any]], None]]] = {
    "no such device": (toradex_for_verdin, lambda d: _disk(d).update(name="mmcblk2")),
    "more partitions than four": (toradex_for_verdin, _more_than_a_dos_table_has),
    "no such table": (openwrt_for_imx6, lambda d: _disk(d).update(table_type="none")),
    "too low": (openwrt_for_imx6, lambda d: _disk(d)["partitions"][0].update(offset_in_sectors=2048)),
    "no such part of the NAND": (pantavisor_for_imx6ull, lambda d: d["mtddevs"][1].update(name="mmcblk0 ")),
    "for modules with NAND": (
        toradex_for_verdin,
        lambda d: d.update(supported_product_ids=["0036"]),
    ),
    "for modules with eMMC": (
        pantavisor_for_imx6ull,
        lambda d: d.update(supported_product_ids=["0062"]),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_installer_knows_the_flash_of_every_module(tmp_path: Path, name: str) -> None:
    maker, change = WRONG[name]
    document, files = maker()
    change(document)
    path = write_tar(tmp_path, {"image.json": json.dumps(document).encode(), **files})
    report = check_image(path, wanted=Wanted(document["supported_product_ids"][0]))
    assert report.verdict is Verdict.FAULT


def test_what_lies_beside_a_published_image_does_not_matter(tmp_path: Path) -> None:
    """A file for /etc, which the archive makes without a member for it; a description that is for nobody."""
    document, files = toradex_for_verdin()
    _disk(document)["partitions"][1]["content"]["filelist"] = ["wpa.conf:/etc"]
    name = _disk(document)["partitions"][1]["content"]["filename"]
    files[name] = packed(tar({**module_files(), "./etc/os-release": b"ID=a\n"}), name)
    files |= {"wpa.conf": b"x", "image_test.json": b"{}", "sub/image.json": b"{}"}
    document["config_format"] = 4
    path = write_tar(tmp_path, {"image.json": json.dumps(document).encode(), **files})
    report = check_image(path, wanted=Wanted("0058"))
    assert report.verdict is Verdict.OK, report.findings
    for name in ("image_test.json", "sub/image.json"):
        assert [finding.code for finding in report.findings if name in str(finding.evidence)] == [
            "tezi-installation"
        ]


@pytest.mark.parametrize("folder", ["overlays", "new"])
def test_u_boot_looks_for_a_tree_at_the_top_of_its_partition(tmp_path: Path, folder: str) -> None:
    files = boot_files()
    tree = next(name for name in files if name.endswith(".dtb"))
    files[f"./{folder}/{tree[2:]}"] = files.pop(tree)
    draft = emmc()
    draft.files[BOOTFS] = packed(tar(files), BOOTFS)
    report = check_image(write_tar(tmp_path, draft.packed()))
    assert codes(report) == {"device-tree-missing"}


def test_the_worst_comes_first(tmp_path: Path) -> None:
    document, files = toradex_for_verdin()
    document["icon"] = "nosuch.png"
    files["wrapup.sh"] = b"mmc bootpart enable 1 1 /dev/mmcblk0\n"
    files[_disk(document)["partitions"][0]["content"]["filename"]] = b"damaged"
    path = write_tar(tmp_path, {"image.json": json.dumps(document).encode(), **files})
    said = [finding.severity for finding in check_image(path, wanted=Wanted("0058")).findings]
    assert said[0] is Severity.ERROR and said == sorted(said, key=list(Severity).index)
    assert len(set(said)) == 3


def test_a_device_that_stands_there_twice_is_written_twice(tmp_path: Path) -> None:
    """As a block that was copied and left as it is: a warning. With other content it is lost: a fault."""
    document, files = toradex_for_verdin()
    document["blockdevs"].insert(1, copy.deepcopy(_disk(document)))
    path = write_tar(tmp_path, {"image.json": json.dumps(document).encode(), **files})
    assert check_image(path, wanted=Wanted("0058")).verdict is Verdict.OK
    del document["blockdevs"][1]["partitions"][1]
    path = write_tar(tmp_path, {"image.json": json.dumps(document).encode(), **files})
    assert codes(check_image(path, wanted=Wanted("0058"))) == {"tezi-installation"}


def test_what_stands_between_a_device_and_the_same_again_is_lost(tmp_path: Path) -> None:
    document, files = toradex_for_verdin()
    disk = _disk(document) | {"erase": True}
    content = {"filesystem_type": "raw", "rawfiles": [{"filename": "imx-boot", "dd_options": "seek=2"}]}
    between = {"name": disk["name"], "content": content}
    for disks, verdict in (
        ([disk, between], Verdict.INSUFFICIENT_DATA),
        ([disk, between, disk], Verdict.FAULT),
    ):
        document["blockdevs"][:-1] = disks
        path = write_tar(tmp_path, {"image.json": json.dumps(document).encode(), **files})
        assert check_image(path, wanted=Wanted("0058")).verdict is verdict


UNSEEN: tuple[Callable[[], Published], ...] = (
    *(mender_for_apalis, swupdate_for_verdin, mender_for_nand, torizon_for_apalis_imx6),
)
"""Nothing can be said of what is written as it is, or lies in an OSTree repository."""


PUBLISHED: tuple[Callable[[], Published], ...] = (
    *(ubuntu_for_apalis_imx8, openwrt_for_imx6, pantavisor_for_imx6ull, toradex_for_verdin, two_roots_on_gpt),
)


@pytest.mark.parametrize("maker", PUBLISHED, ids=lambda maker: maker.__name__)
def test_it_is_accepted_for_its_modules(tmp_path: Path, maker: Callable[[], Published]) -> None:
    document, files = maker()
    path = write_tar(tmp_path, {"image.json": json.dumps(document, indent=4).encode(), **files})
    first, *others = document["supported_product_ids"]
    for product in (first, others[-1]):
        report = check_image(path, wanted=Wanted(product))
        assert report.verdict is Verdict.OK, (product, report.findings)
    # And for no other: the gate still says whom it is not for.
    report = check_image(path, wanted=Wanted("0039"))
    assert {finding.code for finding in report.findings} == {"tezi-product-id"}


@pytest.mark.parametrize("maker", PUBLISHED, ids=lambda maker: maker.__name__)
def test_a_file_that_is_missing_is_a_fault_there_too(tmp_path: Path, maker: Callable[[], Published]) -> None:
    document, files = maker()
    lost = next(name for name in files if name.endswith(("imx-boot", "SPL", "u-boot-nand.imx")))
    del files[lost]
    path = write_tar(tmp_path, {"image.json": json.dumps(document).encode(), **files})
    report = check_image(path, wanted=Wanted(document["supported_product_ids"][0]))
    assert {finding.code for finding in report.findings} == {"tezi-file-missing"}


@pytest.mark.parametrize("maker", UNSEEN, ids=lambda maker: maker.__name__)
def test_what_is_written_unseen_is_not_refused(tmp_path: Path, maker: Callable[[], Published]) -> None:
    document, files = maker()
    path = write_tar(tmp_path, {"image.json": json.dumps(document).encode(), **files})
    for product in document["supported_product_ids"]:
        report = check_image(path, wanted=Wanted(product))
        assert report.verdict is Verdict.INSUFFICIENT_DATA, (product, report.findings)
