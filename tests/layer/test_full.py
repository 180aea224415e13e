# SPDX-License-Identifier: MIT
"""All recipes of the real stacks and the whole task graph of the image: some minutes each."""

from __future__ import annotations

from pathlib import Path

import pytest

from layer.stack import META_OE_MASK, Stack, open_stack
from modem_image.yocto.plan import Request

pytestmark = pytest.mark.mirror

EMMC = "colibri-imx7-emmc"
NAND = "colibri-imx7"
OFONO = ("connman", "connman-conf", "huawei-modem", "ofono")
# The helper's recipe has the udev rules of both.
MODEMMANAGER = ("huawei-modem", "modemmanager", "networkmanager")
ALWAYS = ("dropbear", "packagegroup-huawei-modem", "usb-modeswitch", "usb-modeswitch-data")
OTHERS = ("debug", "nftables", "preempt-rt", "read-only-rootfs", "sbom", "shared-state")

# Target, release, options; the kernel that the image needs, and the daemons.
STACKS = [
    (EMMC, "scarthgap", (), "linux-toradex-upstream", OFONO),
    (EMMC, "scarthgap", ("nxp-bsp",), "linux-toradex", OFONO),
    (EMMC, "scarthgap", ("kernel-6.12",), "linux-toradex-upstream", OFONO),
    (EMMC, "scarthgap", OTHERS, "linux-toradex-upstream-rt", OFONO),
    (EMMC, "scarthgap", ("modemmanager",), "linux-toradex-upstream", MODEMMANAGER),
    (NAND, "scarthgap", (), "linux-toradex-upstream", OFONO),
    (NAND, "scarthgap", ("nxp-bsp",), "linux-toradex", OFONO),
    (NAND, "scarthgap", ("kernel-6.12",), "linux-toradex-upstream", OFONO),
    (EMMC, "kirkstone", (), "linux-toradex-mainline", OFONO),
    ("qemuarm", "kirkstone", (), "linux-yocto", OFONO),
    ("qemuarm", "wrynose", (), "linux-yocto", OFONO),
]


each_stack = pytest.mark.parametrize(
    ("target", "release", "options", "kernel", "daemons"),
    STACKS,
    ids=["-".join([target, release, *options]) for target, release, options, *_ in STACKS],
)


@each_stack
def test_the_image_has_what_the_packagegroup_promises(
    pytestconfig: pytest.Config,
    target: str,
    release: str,
    options: tuple[str, ...],
    kernel: str,
    daemons: tuple[str, ...],
) -> None:
    """All of core, of the BSP layers and of ours; of meta-oe, half of all recipes, what the image needs."""
    stack = open_image_stack(pytestconfig, Request(target, release, options))
    if "modemmanager" not in options:
        stack = stack.with_conf("meta-oe", META_OE_MASK)
    outcome = stack.shell("bitbake -g huawei-modem-image")
    assert outcome.status == 0, outcome.output[-3000:]
    assert outcome.warnings == []
    built = set((stack.folders.build / "pn-buildlist").read_text().split())
    assert {*daemons, *ALWAYS, kernel} <= built
    assert not built & ({*OFONO, *MODEMMANAGER} - {*daemons})


@pytest.mark.on_demand
@each_stack
def test_everything_parses(
    pytestconfig: pytest.Config,
    target: str,
    release: str,
    options: tuple[str, ...],
    kernel: str,
    daemons: tuple[str, ...],
) -> None:
    """The same with all of meta-oe; tests/yocto/test_dry_run.py has it of the first stack, always."""
    outcome = open_image_stack(pytestconfig, Request(target, release, options)).shell("bitbake -p")
    assert outcome.status == 0, outcome.output[-3000:]
    assert outcome.warnings == []


def open_image_stack(config: pytest.Config, request: Request) -> Stack:
    return open_stack(Path(config.getoption("--mirror")).resolve(), request, "image")
