# SPDX-License-Identifier: MIT
"""What is told of a build that failed, by what the real bitbake leaves behind."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from modem_image.yocto.failure import explain
from modem_image.yocto.plan import RELEASES, Request
from stacks.stack import STUB, open_stack

pytestmark = pytest.mark.mirror

# Of all recipes one, whose source is in the network.
CONF = r"""
require conf/host-tools.conf
BBMASK += "/meta/recipes- /meta-poky/recipes- /meta-oe/(?!recipes-support/usb-modeswitch/usb-modeswitch-data)"
BBMASK += "/meta-python/ /meta-networking/ /meta-huawei-modem/recipes-"
INHIBIT_DEFAULT_DEPS = "1"
DEPENDS:remove = "tcl-native"
DL_DIR = "${TOPDIR}/no-downloads"
"""


@pytest.mark.parametrize("release", RELEASES)
def test_a_source_that_is_not_there_is_named_with_its_task_and_the_cause(
    pytestconfig: pytest.Config, release: str
) -> None:
    mirror = Path(pytestconfig.getoption("--mirror")).resolve()
    stack = open_stack(mirror, Request("qemuarm", release), "failure")
    stack = stack.with_conf("stub", CONF).with_layer(STUB)
    since = time.time()
    assert stack.shell("bitbake -c fetch usb-modeswitch-data").status != 0
    told = explain(stack.folders.build, since)
    assert "failed: do_fetch of usb-modeswitch-data_" in told
    assert "\n  | " in told, "the end of the task's log"
    assert "cause: with --mirror bitbake stays off the network" in told
