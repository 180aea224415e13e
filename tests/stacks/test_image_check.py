# SPDX-License-Identifier: MIT
"""The check of images as a class of the build: BitBake's real image tasks and Toradex's own image type.

The root file system, the kernel and U-Boot are files that this test makes; no package manager runs.
"""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from huawei_modem_check.image import check_image
from modem_image.yocto.plan import Request
from stacks.stack import ROOT, STUB, Outcome, Stack, open_stack
from unit.check.images import CONFIG, boot_scr, device_tree, module_files, tar, zimage

pytestmark = pytest.mark.mirror

IMAGE_STUB = Path(__file__).parent / "stub-image"
TREES = [f"imx7d-colibri-emmc-{board}.dtb" for board in ("aster", "eval-v3", "iris", "iris-v2")]
HELPER = "./usr/bin/huawei-modem"

CONF = r"""
require conf/host-tools.conf
# No recipe of any other layer is needed.
BBMASK += "/meta/recipes- /meta-poky/recipes- /meta-oe/recipes- /meta-freescale /meta-toradex"
BBMASK += "/meta-huawei-modem/recipes- /meta-huawei-modem/dynamic-layers /stub/recipes-core"
HOSTTOOLS += "lz4 lzop zstd"
PREFERRED_PROVIDER_virtual/kernel:forcevariable = "stub-kernel"
HUAWEI_MODEM_KERNELS:append = " stub-kernel"
IMAGE_FSTYPES:forcevariable = "teziimg"
STUB_FILES = "%s"
"""


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def deployed(kernel: bytes) -> dict[str, bytes]:
    """What the recipes of the kernel and of U-Boot leave in the deploy folder."""
    files = {"zImage": kernel, "kernel-config": CONFIG.encode(), "overlays/none.dtbo": b"x"}
    names = ("LA_OPT_NXP_SW.html", "toradexlinux.png", "u-boot.imx", "u-boot-initial-env")
    files |= dict.fromkeys((*names, "overlays.txt"), b"x" * 1000)
    files |= dict.fromkeys(
        ("boot.scr", "boot.scr-colibri-imx7-emmc"), boot_scr("env set kernel_image zImage; run bootcmd_boot")
    )
    files |= dict.fromkeys(("prepare.sh", "wrapup.sh"), b"#!/bin/sh\n")
    files["marketing.tar"] = tar({"slide.png": b"x"})
    return files | {name: device_tree() for name in TREES}


class Builder:
    """Builds the image of given files, again and again in one build folder."""

    def __init__(self, mirror: Path, folder: Path, *, copied: bool = False) -> None:
        self.files = folder
        stack = open_stack(mirror, Request("colibri-imx7-emmc"), folder.name.removesuffix("-files"))
        if copied:
            stack = stack.with_our_layer_copied()
        self.stack: Stack = stack.with_conf("stub", CONF % folder).with_layer(STUB).with_layer(IMAGE_STUB)

    def build(self, rootfs: Mapping[str, bytes], kernel: bytes, conf: str = "") -> Outcome:
        shutil.rmtree(self.files, ignore_errors=True)
        write(self.files / "rootfs", rootfs)
        write(self.files / "deploy", deployed(kernel))
        for path in (self.files, *self.files.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        for path in self.deploy.glob("*Tezi*"):
            path.unlink()
        return self.stack.with_conf("case", conf).shell("bitbake stub-image -c image_complete")

    @property
    def deploy(self) -> Path:
        return self.stack.folders.build / "tmp" / "deploy" / "images" / "colibri-imx7-emmc"

    def images(self) -> list[Path]:
        return sorted(path for path in self.deploy.glob("*-Tezi_*.tar") if not path.is_symlink())


@pytest.fixture(scope="module")
def builder(pytestconfig: pytest.Config) -> Builder:
    missing = [tool for tool in ("pseudo", "quilt", "lzop", "curl") if shutil.which(tool) is None]
    assert not missing, f"apt-get install {' '.join(missing)}"
    # Below the build folder, which the user that builds can read.
    return Builder(Path(pytestconfig.getoption("--mirror")).resolve(), ROOT / "image-check-files")


def test_an_image_of_toradex_own_class_is_accepted(builder: Builder) -> None:
    outcome = builder.build({**module_files(), HELPER: b"#!"}, zimage(packing="lzo", config=CONFIG))
    assert outcome.status == 0, outcome.output[-6000:]
    (image,) = builder.images()
    report = check_image(image)
    assert report.findings == ()
    with tarfile.open(image) as archive:
        (name,) = [name for name in archive.getnames() if name.endswith("/image.json")]
        content = archive.extractfile(name)
        assert content is not None
        assert json.load(content)["supported_product_ids"] == ["0039"]


def test_modules_of_another_kernel_stop_the_build(builder: Builder) -> None:
    outcome = builder.build({**module_files("6.1.0-other"), HELPER: b"#!"}, zimage())
    assert outcome.status != 0
    assert "modules-mismatch: the modules are those of another kernel" in outcome.output
    assert "do_huawei_modem_image_check" in outcome.output
    assert builder.images() == []


def test_a_stale_folder_stops_the_build_too(builder: Builder) -> None:
    outcome = builder.build({**module_files(), **module_files("6.1.0-older"), HELPER: b"#!"}, zimage())
    assert outcome.status != 0
    assert "modules-stale" in outcome.output


def test_as_a_warning_the_image_is_made(builder: Builder) -> None:
    conf = 'HUAWEI_MODEM_IMAGE_CHECK = "warn"'
    outcome = builder.build({**module_files("6.1.0-other"), HELPER: b"#!"}, zimage(), conf)
    assert outcome.status == 0, outcome.output[-6000:]
    assert (
        "WARNING: stub-image-1.0-r0 do_huawei_modem_image_check: huawei-modem: stub-image:" in outcome.output
    )
    assert "modules-mismatch: the modules are those of another kernel" in outcome.output
    assert len(builder.images()) == 1


def test_with_its_finding_accepted_the_image_is_made(builder: Builder) -> None:
    files = {**module_files(), **module_files("6.1.0-older"), HELPER: b"#!"}
    outcome = builder.build(files, zimage(), 'HUAWEI_MODEM_IMAGE_ACCEPTED = "modules-stale"')
    assert outcome.status == 0, outcome.output[-6000:]
    assert "this image would not work" not in outcome.output
    assert len(builder.images()) == 1


def test_an_image_json_that_the_installer_refuses_is_not_deployed(builder: Builder) -> None:
    conf = 'TEZI_CONFIG_FORMAT = "9"'
    outcome = builder.build({**module_files(), HELPER: b"#!"}, zimage(), conf)
    assert outcome.status != 0
    assert "tezi-format-too-new" in outcome.output
    assert builder.images() == []


def test_an_image_without_the_stack_is_passed_over(builder: Builder) -> None:
    outcome = builder.build(module_files("6.1.0-other"), zimage())
    assert outcome.status == 0, outcome.output[-6000:]


def test_without_the_feature_nothing_is_checked(builder: Builder) -> None:
    conf = 'DISTRO_FEATURES:remove = "huawei-modem"'
    outcome = builder.build({**module_files("6.1.0-other"), HELPER: b"#!"}, zimage(), conf)
    assert outcome.status == 0, outcome.output[-6000:]


KEY = b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHBmFHabZwg6XL/YSeqze3GegT3SmnBdMEZpLRGI+XND a\n"
LOGIN = {
    "./usr/lib/udev/rules.d/70-huawei-modem.rules": b"",
    "./usr/sbin/dropbear": b"",
    "./etc/default/dropbear": b'DROPBEAR_EXTRA_ARGS="-w"\n',
    "./etc/shadow": b"root:*:19000:0:99999:7:::\n",
}


def rootfs_of(image: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and content of each file of the image's root file system."""
    with tarfile.open(image) as archive:
        (name,) = [name for name in archive.getnames() if name.endswith(".rootfs.tar.xz")]
        packed = archive.extractfile(name)
        assert packed is not None
        content = packed.read()
    with tarfile.open(fileobj=io.BytesIO(content)) as rootfs:
        files = [member for member in rootfs if member.isfile()]
        return {item.name: (item.mode, rootfs.extractfile(item).read()) for item in files}  # type: ignore[union-attr]


def test_a_teams_image_gets_its_keys_and_its_access_point(builder: Builder) -> None:
    team = builder.files.with_name("image-check-team")
    config = b"[apn default]\napn = internet\npassword = hidden\n[mode 12d1:1f01]\nuse = modem-e3372h\n"
    mode = {"./usr/share/huawei-modem/modeswitch/12d1-1f01.modem-e3372h": b"# of usb_modeswitch\n"}
    write(team, {"keys": KEY, "config.ini": config})
    for path in (team, *team.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
    conf = f'HUAWEI_MODEM_AUTHORIZED_KEYS = "{team}/keys"\nHUAWEI_MODEM_CONFIG = "{team}/config.ini"'
    outcome = builder.build({**module_files(), HELPER: b"#!", **LOGIN, **mode}, zimage(), conf)
    assert outcome.status == 0, outcome.output[-6000:]
    assert "nobody can log in" not in outcome.output
    files = rootfs_of(builder.images()[0])
    assert files["./etc/usb_modeswitch.d/12d1:1f01"] == (0o644, *mode.values())
    (home,) = [name for name in files if name.endswith(".ssh/authorized_keys")]
    assert files[home] == (0o600, KEY)
    assert files["./etc/huawei-modem/config.ini"] == (0o600, config)
    assert files["./etc/default/dropbear"][1] == b'DROPBEAR_EXTRA_ARGS="-g"\n'


def test_an_image_that_nobody_can_log_in_to_is_said_to_be_one(builder: Builder) -> None:
    outcome = builder.build({**module_files(), HELPER: b"#!", **LOGIN}, zimage())
    assert outcome.status == 0, outcome.output[-6000:]
    assert "stub-image: nobody can log in" in outcome.output
