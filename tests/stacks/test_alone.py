# SPDX-License-Identifier: MIT
"""The layer is complete in itself: its folder alone, copied elsewhere, builds what the whole project builds.

The stub kernel with the gate, which stops for a dropped symbol, and the stub image with the check.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from modem_image import PROJECT
from modem_image.yocto.plan import Request
from stacks.stack import LAYER, ROOT, open_stack
from stacks.test_gate import GATE, prepared, stopped
from stacks.test_image_check import HELPER, Builder
from unit.check.images import module_files, zimage


def test_no_path_leads_out_of_the_layer() -> None:
    files = [
        path for path in LAYER.rglob("*") if path.suffix in (".bb", ".bbappend", ".bbclass", ".conf", ".inc")
    ]
    assert len(files) > 15
    outwards = re.compile(r"\.\./\.\.|LAYERDIR\}?/\.\.|COREBASE")
    assert [path.name for path in files if outwards.search(path.read_text())] == []
    assert [path for path in LAYER.rglob("*") if path.is_symlink()] == []


@pytest.mark.mirror
def test_its_folder_alone_configures_a_kernel_and_stops_one(pytestconfig: pytest.Config) -> None:
    mirror = Path(pytestconfig.getoption("--mirror")).resolve()
    stack = prepared(mirror, open_stack(mirror, Request("qemuarm"), "alone-gate").with_our_layer_copied())
    outcome = stack.shell(GATE)
    assert outcome.status == 0, outcome.output[-5000:]
    said = stopped(stack, "undoes.cfg").output
    assert (
        "/alone/meta-huawei-modem/recipes-kernel/linux/files/huawei-modem/huawei-modem-usb-net.cfg:" in said
    )
    assert f"{PROJECT}/meta-huawei-modem" not in said


@pytest.mark.mirror
def test_its_folder_alone_accepts_an_image_and_stops_one(pytestconfig: pytest.Config) -> None:
    mirror = Path(pytestconfig.getoption("--mirror")).resolve()
    builder = Builder(mirror, ROOT / "alone-image-files", copied=True)
    outcome = builder.build({**module_files(), HELPER: b"#!"}, zimage())
    assert outcome.status == 0, outcome.output[-6000:]
    assert len(builder.images()) == 1
    outcome = builder.build({**module_files("6.1.0-other"), HELPER: b"#!"}, zimage())
    assert outcome.status != 0
    assert "modules-mismatch" in outcome.output
