# SPDX-License-Identifier: MIT
"""The layer on the real stacks, at the locked commits, with the recipes of kernels alone: seconds each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from huawei_modem_kernel.fragments import fragment_files, linux_version
from modem_image import PROJECT
from modem_image.yocto.plan import RELEASES, Request
from stacks.stack import KERNELS_ALONE, Stack, open_stack

pytestmark = pytest.mark.mirror

QEMU_ALONE = r'BBMASK += "/recipes-(?!devtools/qemu/|support/spice/)"'

EMMC = "colibri-imx7-emmc"
FILES = PROJECT / "meta-huawei-modem/recipes-kernel/linux/files/huawei-modem"

# Target, release, option; the kernel that must be chosen, and the start of its version.
MATRIX = [
    (EMMC, "scarthgap", "", "linux-toradex-upstream", "6.6."),
    (EMMC, "scarthgap", "kernel-6.12", "linux-toradex-upstream", "6.12."),
    (EMMC, "scarthgap", "nxp-bsp", "linux-toradex", "5.4."),
    (EMMC, "scarthgap", "preempt-rt", "linux-toradex-upstream-rt", "6.6."),
    ("colibri-imx7", "scarthgap", "", "linux-toradex-upstream", "6.6."),
    ("colibri-imx7", "scarthgap", "kernel-6.12", "linux-toradex-upstream", "6.12."),
    ("colibri-imx7", "scarthgap", "nxp-bsp", "linux-toradex", "5.4."),
    (EMMC, "kirkstone", "", "linux-toradex-mainline", "6.1."),
    (EMMC, "kirkstone", "nxp-bsp", "linux-toradex", "5.4."),
    (EMMC, "kirkstone", "preempt-rt", "linux-toradex-mainline-rt", "6.1."),
    ("colibri-imx7", "kirkstone", "", "linux-toradex-mainline", "6.1."),
    ("qemuarm", "scarthgap", "", "linux-yocto", "6.6."),
    ("qemuarm", "kirkstone", "", "linux-yocto", "5.15."),
    ("qemuarm", "wrynose", "", "linux-yocto", "6.18."),
]


@pytest.fixture
def mirror(pytestconfig: pytest.Config) -> Path:
    return Path(pytestconfig.getoption("--mirror")).resolve()


def kernels(mirror: Path, target: str, release: str, *options: str) -> Stack:
    stack = open_stack(mirror, Request(target, release, options), "kernels")
    return stack.with_conf("kernels-alone", KERNELS_ALONE)


@pytest.mark.parametrize(
    ("target", "release", "option", "kernel", "version"),
    MATRIX,
    ids=["-".join(filter(None, entry[:3])) for entry in MATRIX],
)
def test_the_chosen_kernel_gets_our_fragments_and_patch(
    mirror: Path, target: str, release: str, option: str, kernel: str, version: str
) -> None:
    stack = kernels(mirror, target, release, *filter(None, [option]))
    outcome, variables = stack.recipe("virtual/kernel", "PN", "LINUX_VERSION", "SRC_URI", "IMAGE_FSTYPES")
    assert outcome.status == 0, outcome.output[-3000:]
    assert outcome.warnings == []
    assert variables["PN"] == kernel
    assert variables["LINUX_VERSION"].startswith(version)
    given = [word for word in variables["SRC_URI"].split() if word.startswith("file://huawei-modem/")]
    wanted = (*fragment_files(linux_version(variables["LINUX_VERSION"])), *FILES.glob("*.patch"))
    assert sorted(given) == sorted(f"file://huawei-modem/{path.name}" for path in wanted)
    assert ("teziimg" in variables["IMAGE_FSTYPES"].split()) == target.startswith("colibri")


@pytest.mark.parametrize(("option", "kernel"), [("", "linux-fslc"), ("nxp-bsp", "linux-toradex")])
def test_a_colibri_without_toradexs_layers_gets_them_too(mirror: Path, option: str, kernel: str) -> None:
    stack = kernels(mirror, EMMC, "scarthgap", *filter(None, [option])).without_toradex()
    outcome, variables = stack.recipe("virtual/kernel", "PN", "SRC_URI")
    assert outcome.status == 0, outcome.output[-3000:]
    assert outcome.warnings == []
    assert variables["PN"] == kernel
    assert "file://huawei-modem/" in variables["SRC_URI"]


@pytest.mark.parametrize("release", ["kirkstone", "scarthgap", "wrynose"])
def test_the_checkouts_are_at_the_locked_commits(mirror: Path, release: str) -> None:
    target = "qemuarm" if release == "wrynose" else EMMC
    stack = kernels(mirror, target, release)
    assert stack.shell("true").status == 0
    locks = [yaml.safe_load(path.read_text()) for path in (PROJECT / "kas" / release).glob("*.lock.yml")]
    locked = {name: each["commit"] for lock in locks for name, each in lock["overrides"]["repos"].items()}
    assert locked
    assert {name: stack.commit(name) for name in locked} == locked


def test_without_the_feature_the_kernel_stays_as_it_was(mirror: Path) -> None:
    stack = kernels(mirror, EMMC, "scarthgap").with_conf("huawei-modem", "")
    outcome, variables = stack.recipe("virtual/kernel", "PN", "SRC_URI")
    assert outcome.status == 0, outcome.output[-3000:]
    assert variables["PN"] == "linux-toradex-upstream"
    assert "huawei-modem/" not in variables["SRC_URI"]


def test_the_other_options_parse_together(mirror: Path) -> None:
    options = ("debug", "nftables", "read-only-rootfs", "sbom", "shared-state")
    stack = kernels(mirror, EMMC, "scarthgap", *options)
    names = ("SSTATE_MIRRORS", "EXTRA_IMAGE_FEATURES", "HUAWEI_MODEM_FIREWALL")
    outcome, variables = stack.recipe("virtual/kernel", *names)
    assert outcome.status == 0, outcome.output[-3000:]
    assert outcome.warnings == []
    assert {"empty-root-password", "read-only-rootfs"} <= set(variables["EXTRA_IMAGE_FEATURES"].split())
    assert variables["HUAWEI_MODEM_FIREWALL"] == "nftables"
    assert variables["SSTATE_MIRRORS"] == ""


def in_environment(stack: Stack, values: Mapping[str, str]) -> Stack:
    """The same with variables of the environment more."""
    runner = replace(stack.kas.runner, environment={**stack.kas.runner.environment, **values})
    return replace(stack, kas=replace(stack.kas, runner=runner))


def test_the_emulated_machine_of_testimage_gets_a_stick_beside_its_own_devices(mirror: Path) -> None:
    stack = kernels(mirror, "qemuarm", "scarthgap", "testimage")
    _, without = stack.recipe("virtual/kernel", "QB_OPT_APPEND")
    stack = in_environment(stack, {"MODEM_TEST_STICK": "/run/stick"})
    outcome, variables = stack.recipe("virtual/kernel", "QB_OPT_APPEND", "TEST_TARGET")
    assert variables["TEST_TARGET"] == "qemu", outcome.output[-3000:]
    assert "xhci" in without["QB_OPT_APPEND"] and "stick" not in without["QB_OPT_APPEND"]
    words = variables["QB_OPT_APPEND"].removeprefix(without["QB_OPT_APPEND"]).split()
    assert words == [
        *("-chardev", "socket,id=stick,path=/run/stick,server=on,wait=off"),
        *("-device", "usb-redir,chardev=stick"),
    ]


@pytest.mark.parametrize("release", RELEASES)
def test_the_qemu_of_testimage_has_the_device_that_the_stick_is(mirror: Path, release: str) -> None:
    """Core's recipe says --disable-usb-redir, and its library is of a layer that is not always there."""
    stack = open_stack(mirror, Request("qemuarm", release, ("testimage",)), "qemu")
    stack = stack.with_conf("qemu-alone", QEMU_ALONE)
    for stick, asked in (("", "--disable-usb-redir"), ("/run/stick", "--enable-usb-redir")):
        outcome, qemu = in_environment(stack, {"MODEM_TEST_STICK": stick}).recipe(
            "qemu-system-native", "DEPENDS", "PACKAGECONFIG_CONFARGS"
        )
        assert asked in qemu["PACKAGECONFIG_CONFARGS"].split(), outcome.output[-3000:]
        assert ("usbredir-native" in qemu["DEPENDS"].split()) == bool(stick)
    outcome, usbredir = stack.recipe("usbredir-native", "PN")
    assert usbredir == {"PN": "usbredir-native"}, outcome.output[-3000:]


def test_the_servers_of_shared_state_come_from_the_environment(mirror: Path) -> None:
    stack = kernels(mirror, EMMC, "scarthgap", "shared-state")
    servers = {"MODEM_SSTATE_MIRROR": "https://sstate.example.org", "MODEM_HASHSERVE": "localhost:1"}
    stack = in_environment(stack, servers)
    outcome, variables = stack.recipe("virtual/kernel", "SSTATE_MIRRORS", "BB_HASHSERVE_UPSTREAM")
    assert variables["BB_HASHSERVE_UPSTREAM"] == "localhost:1", outcome.output[-3000:]
    mirrors = variables["SSTATE_MIRRORS"].split()
    assert mirrors == ["file://.*", "https://sstate.example.org/PATH;downloadfilename=PATH"]


@pytest.mark.parametrize(
    ("name", "conf", "said"),
    [
        # The kas file's own part is taken away, or contradicted.
        ("machine", "", "    require conf/machine/include/colibri-imx7-emmc.inc"),
        ("zz-init", 'INIT_MANAGER = "sysvinit"', '    INIT_MANAGER = "systemd"'),
        ("zz-3g", 'DISTRO_FEATURES:remove = "3g"', '    DISTRO_FEATURES:append = " 3g"'),
        (
            "zz-kernel",
            'PREFERRED_PROVIDER_virtual/kernel:forcevariable = "linux-imx"',
            '    HUAWEI_MODEM_KERNELS:append = " linux-imx"',
        ),
        (
            "zz-fragment",
            'SRC_URI:append:pn-linux-toradex-upstream = " file://huawei-modem/absent.cfg"',
            "huawei-modem/absent.cfg",
        ),
        # bitbake says which files it has read, and the place is looked for in them.
        ("zz-value", 'HUAWEI_MODEM_STACK = "of"', "/conf/local.conf:"),
        (
            "zz-gate",
            'HUAWEI_MODEM_KERNEL_FRAGMENTS:append:pn-linux-toradex-upstream = " mine.cfg"',
            'HUAWEI_MODEM_KERNEL_FRAGMENTS: "mine.cfg" is not the absolute path of a file',
        ),
    ],
    ids=["missing-require", "sysvinit", "no-3g", "other-kernel", "missing-fragment", "value", "gate"],
)
def test_bitbake_stops_at_each_trap(mirror: Path, name: str, conf: str, said: str) -> None:
    outcome = kernels(mirror, EMMC, "scarthgap").with_conf(name, conf).shell("bitbake -p")
    assert outcome.status != 0
    assert said in outcome.output


def test_each_of_several_configurations_is_judged(mirror: Path) -> None:
    """The default one is right, the other one is not."""
    stack = kernels(mirror, EMMC, "scarthgap").with_conf("zz-multi", 'BBMULTICONFIG = "other"')
    folder = stack.folders.build / "conf" / "multiconfig"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "other.conf").write_text('TMPDIR = "${TOPDIR}/other"\nHUAWEI_MODEM_FILTER = "of"\n')
    outcome = stack.shell("bitbake -p")
    assert outcome.status != 0
    assert 'multiconfig other: HUAWEI_MODEM_FILTER = "of"' in outcome.output
    assert "multiconfig/other.conf:2" in outcome.output
    assert "meta-huawei-modem: HUAWEI_MODEM_FILTER" not in outcome.output
