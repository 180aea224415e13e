# SPDX-License-Identifier: MIT
"""All recipes of the real stacks and the whole task graph of the image: a minute or two each."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from modem_image.yocto import graph
from modem_image.yocto.plan import Request
from stacks.record import MEASURED
from stacks.stack import open_stack

pytestmark = pytest.mark.mirror

EMMC = "colibri-imx7-emmc"
NAND = "colibri-imx7"
OFONO = ("connman", "connman-conf", "huawei-modem", "ofono")
# The helper's recipe has the udev rules of both.
MODEMMANAGER = ("huawei-modem", "modemmanager", "networkmanager")
ALWAYS = ("dropbear", "packagegroup-huawei-modem", "usb-modeswitch", "usb-modeswitch-data")
OTHERS = ("debug", "nftables", "preempt-rt", "read-only-rootfs", "sbom", "shared-state", "testimage")

# Target, release, options; the kernel that the image needs, and the daemons.
STACKS = [
    (EMMC, "scarthgap", (), "linux-toradex-upstream", OFONO),
    (EMMC, "scarthgap", ("nxp-bsp",), "linux-toradex", OFONO),
    (EMMC, "scarthgap", ("kernel-6.12",), "linux-toradex-upstream", OFONO),
    (EMMC, "scarthgap", OTHERS, "linux-toradex-upstream-rt", OFONO),
    (EMMC, "scarthgap", ("modemmanager",), "linux-toradex-upstream", MODEMMANAGER),
    (EMMC, "scarthgap", ("lean",), "linux-toradex-upstream", OFONO),
    (NAND, "scarthgap", (), "linux-toradex-upstream", OFONO),
    (NAND, "scarthgap", ("nxp-bsp",), "linux-toradex", OFONO),
    (NAND, "scarthgap", ("kernel-6.12",), "linux-toradex-upstream", OFONO),
    (EMMC, "kirkstone", (), "linux-toradex-mainline", OFONO),
    ("qemuarm", "kirkstone", (), "linux-yocto", OFONO),
    ("qemuarm", "wrynose", (), "linux-yocto", OFONO),
]


@pytest.mark.parametrize(
    ("target", "release", "options", "kernel", "daemons"),
    STACKS,
    ids=["-".join([target, release, *options]) for target, release, options, *_ in STACKS],
)
def test_all_recipes_parse_and_the_image_has_what_the_packagegroup_promises(
    pytestconfig: pytest.Config,
    target: str,
    release: str,
    options: tuple[str, ...],
    kernel: str,
    daemons: tuple[str, ...],
) -> None:
    mirror = Path(pytestconfig.getoption("--mirror")).resolve()
    stack = open_stack(mirror, Request(target, release, options), "image")
    outcome = stack.shell("bitbake -g huawei-modem-image")
    assert outcome.status == 0, outcome.output[-3000:]
    assert outcome.warnings == []
    built = set((stack.folders.build / "pn-buildlist").read_text().split())
    assert {*daemons, *ALWAYS, kernel} <= built
    assert not built & ({*OFONO, *MODEMMANAGER} - {*daemons})


HEAVY = {"cargo-native", "rust-llvm-native", "rust-native"}
# The aim; docs/build.md has what was measured.
PART = 0.7
LEAN = [(EMMC, "scarthgap"), ("qemuarm", "wrynose"), (EMMC, "kirkstone"), ("qemuarm", "kirkstone")]


@pytest.mark.on_demand
@pytest.mark.parametrize(("target", "release"), LEAN, ids=["-".join(each) for each in LEAN])
def test_a_lean_build_has_fewer_recipes(
    pytestconfig: pytest.Config,
    target: str,
    release: str,
    record_property: Callable[[str, object], None],
) -> None:
    mirror = Path(pytestconfig.getoption("--mirror")).resolve()
    graphs = {}
    for options in ((), ("lean",)):
        stack = open_stack(mirror, Request(target, release, options), "image")
        outcome = stack.shell("bitbake -g huawei-modem-image")
        assert outcome.status == 0, outcome.output[-3000:]
        graphs[options] = graph.read(stack.folders.build, "huawei-modem-image")
    whole, lean = graphs[()].recipes, graphs["lean",].recipes
    tasks = " of ".join(f"{len(graphs[options].tasks):,}" for options in (("lean",), ()))
    record_property(MEASURED, f"{len(lean)} of {len(whole)} recipes, {tasks} tasks")
    assert lean < whole
    assert len(lean) <= PART * len(whole), (len(lean), len(whole))
    # QEMU runs the emulated machine.
    assert not lean & (HEAVY | (set() if target == "qemuarm" else {"qemu-native"}))
    assert {"huawei-modem", "ofono", "connman", "glib-2.0", "udev", "systemd"} & whole <= lean


@pytest.mark.on_demand
def test_bitbake_walks_every_task_of_the_image(pytestconfig: pytest.Config) -> None:
    """`bitbake -n`: each of the 4,700 tasks in its order, in a process of its own that does nothing."""
    mirror = Path(pytestconfig.getoption("--mirror")).resolve()
    outcome = open_stack(mirror, Request(EMMC, "scarthgap", ()), "image").shell(
        "bitbake -n huawei-modem-image"
    )
    assert outcome.status == 0, outcome.output[-3000:]
    # Off the network there is no uninative, which bitbake builds without then, and says so.
    assert [text for text in outcome.warnings if "uninative" not in text] == []
    summary = re.search(r"Attempted (\d+) tasks of which \d+ didn't need to be rerun and all", outcome.output)
    assert summary and int(summary[1]) > 4000, outcome.output[-3000:]
