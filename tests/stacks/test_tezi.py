# SPDX-License-Identifier: MIT
"""Our image's recipe through Toradex's own image class, over placeholders: the tar and its image.json.

The tasks are the real ones, the files that other recipes deploy are not. The golden files were read against
the installer's format once; a change of the class, the machine or our recipe shows as a difference.
"""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from huawei_modem_check.image import check_image
from modem_image.yocto import artefacts
from modem_image.yocto.plan import Request
from stacks.stack import STUB, Stack, open_stack

pytestmark = pytest.mark.mirror

WITHOUT_CONTENT = Path(__file__).parent / "stub-tezi"
GOLDEN = Path(__file__).parent / "golden"
IMAGE = "huawei-modem-image"
# What other recipes deploy, beside the device trees; scripts and pictures are Toradex's own (tezi-metadata).
DEPLOYED = ("overlays.txt", "overlays/display.dtbo", "u-boot-initial-env", "zImage")
METADATA = ("LA_OPT_NXP_SW.html", "marketing.tar", "prepare.sh", "toradexlinux.png", "wrapup.sh")

CONF = r"""
require conf/host-tools.conf
# No recipe of any other layer is needed.
BBMASK += "/meta/recipes- /meta-poky/recipes- /meta-oe/recipes- /meta-freescale /meta-toradex"
BBMASK += "/meta-huawei-modem/(?!recipes-core/images)"
# Of the machine's types, the installer's and those that it is made of.
IMAGE_FSTYPES:forcevariable = "teziimg"
"""


def pack(mirror: Path, target: str, boot_loader: str) -> tuple[Path, set[str]]:
    """The tar that bitbake made, and the names of the device trees."""
    stack: Stack = open_stack(mirror, Request(target), "tezi").with_conf("stub", CONF)
    stack = stack.with_layer(STUB).with_layer(WITHOUT_CONTENT)
    runner, build = stack.kas.runner, stack.folders.build
    runner.output(["rm", "-rf", build / "tmp", build / "sstate-cache"])
    outcome, variables = stack.recipe(IMAGE, "KERNEL_DEVICETREE")
    assert outcome.status == 0, outcome.output[-3000:]
    deploy = build / "tmp" / "deploy" / "images" / target
    runner.output(["mkdir", "-p", deploy / "overlays"])
    metadata = stack.folders.layers / "meta-toradex-bsp-common/recipes-bsp/tezi-metadata/files"
    runner.output(["cp", *(metadata / name for name in METADATA), deploy])
    trees = {Path(name).name for name in variables["KERNEL_DEVICETREE"].split()}
    for name in (*DEPLOYED, f"boot.scr-{target}", boot_loader, *trees):
        runner.write(deploy / name, "placeholder\n")
    outcome = stack.shell(f"bitbake {IMAGE} -c image_complete")
    assert outcome.status == 0, outcome.output[-5000:]
    assert outcome.warnings == []
    found = artefacts.collect(build, target, IMAGE).installer
    assert found is not None
    assert found in build.glob(artefacts.attested(target, IMAGE)), "what --provenance attests"
    return found, trees


def normalised(document: dict[str, Any]) -> dict[str, Any]:
    """image.json without the date, and without the sizes of what is placed here by the test."""

    def without_size(each: dict[str, Any]) -> dict[str, Any]:
        return {name: 0 if name == "uncompressed_size" else value for name, value in each.items()}

    text = json.dumps({**document, "release_date": "DATE"})
    result: dict[str, Any] = json.loads(text, object_hook=without_size)
    return result


@pytest.mark.parametrize(
    ("target", "boot_loader"), [("colibri-imx7-emmc", "u-boot.imx"), ("colibri-imx7", "u-boot-nand.imx")]
)
def test_toradex_class_packs_our_image(pytestconfig: pytest.Config, target: str, boot_loader: str) -> None:
    packed, trees = pack(Path(pytestconfig.getoption("--mirror")).resolve(), target, boot_loader)
    with tarfile.open(packed) as archive:
        members = {Path(member.name).name: member for member in archive}
        document = json.load(archive.extractfile(members["image.json"]) or pytest.fail("image.json"))
    golden = json.loads((GOLDEN / f"{target}.json").read_text())
    assert normalised(document) == golden
    common = {*METADATA, "image.json", "u-boot-initial-env", boot_loader, f"{IMAGE}-{target}.rootfs.tar.xz"}
    emmc, nand = {f"{IMAGE}-{target}.rootfs.bootfs.tar.xz"}, {"zImage", *trees}
    assert members.keys() == common | (emmc if target.endswith("emmc") else nand)
    codes = {finding.code for finding in check_image(packed).findings}
    assert not [code for code in codes if code.startswith("tezi-")]
