# SPDX-License-Identifier: MIT
"""The gate in a real build: kernel-yocto's tasks configure Debian's kernel; a dropped symbol stops it."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from pathlib import Path

import pytest

from kernel.trees import opened
from modem_image.yocto.mirror import clones
from modem_image.yocto.plan import Request
from parser.bitbake import LAYER
from stacks.stack import Outcome, Stack, open_stack

pytestmark = pytest.mark.mirror

STUB = Path(__file__).parent / "stub-kernel"
VERSION = "6.1"
# What `make olddefconfig` reads of a tree, the patched driver, and what kernel-yocto looks for.
WANTED = ("Kconfig", "Makefile", "Kbuild", "COPYING", "_defconfig", "huawei_cdc_ncm.c")
GATE = "bitbake linux-yocto -c huawei_modem_kernel_gate"

# Of all layers the recipes of the stub layer alone, and our append to the kernel.
CONF = r"""
BBMASK += "/meta/recipes- /meta-poky/recipes- /meta-oe/recipes- /meta-huawei-modem/recipes-(?!kernel)"
INHERIT:remove = "create-spdx uninative"
SKIP_FILEDEPS = "1"
BB_DISKMON_DIRS:forcevariable = ""
PREFERRED_PROVIDER_virtual/fakeroot-native = "kernstub-native"
HOSTTOOLS += "bc bison flex m4 openssl arm-linux-gnueabihf-gcc arm-linux-gnueabihf-ld \
    arm-linux-gnueabihf-ld.bfd arm-linux-gnueabihf-ar arm-linux-gnueabihf-nm \
    arm-linux-gnueabihf-objcopy arm-linux-gnueabihf-objdump \
    arm-linux-gnueabihf-as arm-linux-gnueabihf-readelf arm-linux-gnueabihf-strip"
"""


@pytest.fixture(scope="module")
def stack(pytestconfig: pytest.Config) -> Stack:
    mirror = Path(pytestconfig.getoption("--mirror")).resolve()
    return prepared(mirror, open_stack(mirror, Request("qemuarm"), "gate"))


def prepared(mirror: Path, made: Stack) -> Stack:
    """bitbake with the stub layer, and the two sources as tars that its user can read."""
    runner, folder = made.kas.runner, made.folders.build
    runner.output(["rm", "-rf", folder / "tmp", folder / "sstate-cache"])
    assert made.shell("true").status == 0, "the layers are checked out now"
    sources = {"STUB_LINUX": linux(), "STUB_KERN_TOOLS": kern_tools(mirror, made)}
    lines = [CONF]
    for name, content in sources.items():
        runner.output(["dd", "status=none", f"of={folder / name}.tar"], content)
        lines.append(f'{name} = "{folder / name}.tar"')
    return made.with_layer(STUB).with_conf("stub", "\n".join(lines))


def linux() -> bytes:
    """The part of Debian's tree that its configuration needs, as a tar."""
    tree = opened(VERSION).path
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path in sorted(tree.rglob("*")):
            name = path.relative_to(tree)
            if path.is_file() and (
                name.parts[0] == "scripts"
                or path.name.startswith(WANTED[:4])
                or path.name.endswith(WANTED[4:])
            ):
                tar.add(path, f"{tree.name}/{name}", filter=of_nobody)
    return out.getvalue()


def of_nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    return member


def kern_tools(mirror: Path, stack: Stack) -> bytes:
    """kern-tools at the commit of core's own recipe, as a tar."""
    recipe = stack.folders.layers / "poky/meta/recipes-kernel/kern-tools/kern-tools-native_git.bb"
    found = re.search(r'^SRCREV = "(\w+)"', recipe.read_text(), re.MULTILINE)
    assert found
    (clone,) = clones(mirror)["yocto-kernel-tools"]
    git = ["git", "-c", "safe.directory=*", f"--git-dir={clone}", "archive", "--prefix=kern-tools/", found[1]]
    return subprocess.run(git, check=True, capture_output=True).stdout


def test_a_kernel_with_everything_passes(stack: Stack) -> None:
    outcome = stack.shell(GATE)
    assert outcome.status == 0, outcome.output[-5000:]
    assert [line for line in outcome.warnings if "kernel's configuration" in line] == []


def stopped(stack: Stack, fragment: str) -> Outcome:
    """bitbake with a fragment more; what it says when it ends."""
    conf = f'SRC_URI:append:pn-linux-yocto = " file://{fragment}"'
    outcome = stack.with_conf("fragment", conf).shell("bitbake linux-yocto -c compile")
    assert outcome.status != 0
    assert "do_huawei_modem_kernel_gate" in outcome.output
    assert not re.search(r"linux-yocto-\S+: task do_compile: Started", outcome.output)
    return outcome


def test_a_dropped_symbol_stops_the_build_with_place_value_and_reason(stack: Stack) -> None:
    said = stopped(stack, "undoes.cfg").output
    path = LAYER / "recipes-kernel/linux/files/huawei-modem/huawei-modem-usb-net.cfg"
    line = path.read_text().splitlines().index("CONFIG_USB_NET_HUAWEI_CDC_NCM=m") + 1
    assert f"huawei-modem-usb-net.cfg:{line}: asks for CONFIG_USB_NET_HUAWEI_CDC_NCM=m" in said
    assert re.search(r"seen: \S+/\.config: CONFIG_USB_NET_HUAWEI_CDC_NCM is not set", said)
    assert re.search(
        r"seen: drivers/net/usb/Kconfig:\d+: USB_NET_HUAWEI_CDC_NCM depends on USB_\w+, which", said
    )
    assert "CONFIG_TUN=m" not in said


def test_a_teams_own_recipe_that_inherits_the_gate_alone_is_stopped(stack: Stack) -> None:
    conf = 'PREFERRED_PROVIDER_virtual/kernel = "linux-team"\nHUAWEI_MODEM_KERNELS:append = " linux-team"'
    outcome = stack.with_conf("team", conf).shell("bitbake linux-team -c huawei_modem_kernel_gate")
    assert outcome.status != 0
    asked = re.findall(r"(huawei-modem-[\w-]+\.cfg):\d+: asks for CONFIG_\w+", outcome.output)
    # imx_v6_v7_defconfig has the serial driver already.
    assert {"huawei-modem-usb-net.cfg", "huawei-modem-ppp.cfg"} <= set(asked)
    assert "legacy-tables" not in outcome.output


def test_as_a_warning_the_build_goes_on(stack: Stack) -> None:
    conf = 'SRC_URI:append:pn-linux-yocto = " file://undoes.cfg"\nHUAWEI_MODEM_KERNEL_GATE = "warn"'
    outcome = stack.with_conf("fragment", conf).shell(GATE)
    assert outcome.status == 0, outcome.output[-5000:]
    (warning,) = [text for text in outcome.warnings if "lacks what USB modems need" in text]
    assert warning.startswith("WARNING: ")


def test_what_a_fragment_turns_into_a_module_stops_the_build(stack: Stack) -> None:
    said = stopped(stack, "huawei-modem/demotes.cfg").output
    assert "demotes.cfg:3: asks for CONFIG_USB_USBNET=m" in said
    assert "CONFIG_USB_USBNET was y, is m" in said
    assert "CONFIG_USB_NET_SMSC95XX was y, is m" in said
