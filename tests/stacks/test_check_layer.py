# SPDX-License-Identifier: MIT
"""yocto-check-layer, the Yocto Project's own judge of a layer: among much else, no signature may change.

It makes the signatures of every task in the world without the layer and with it, four times in all. The world
is core's without what needs a screen (kas/common.yml), and of meta-oe what the layer depends on.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from modem_image.yocto.plan import RELEASES, Request
from parser.bitbake import LAYER
from stacks.stack import META_OE_MASK, open_stack

pytestmark = [pytest.mark.mirror, pytest.mark.on_demand]

# What it sets itself where it makes signatures. Said everywhere, the recipes are not parsed once more.
HANDLER = 'BB_SIGNATURE_HANDLER = "OEBasicHash"'


@pytest.mark.parametrize("release", RELEASES)
def test_the_layer_is_compatible(pytestconfig: pytest.Config, release: str) -> None:
    mirror = Path(pytestconfig.getoption("--mirror")).resolve()
    stack = open_stack(mirror, Request("qemuarm", release), "check-layer").core_alone()
    stack = stack.with_conf("meta-oe", META_OE_MASK).with_conf("handler", HANDLER)
    meta_oe = stack.folders.layers / "meta-openembedded" / "meta-oe"
    outcome = stack.shell(f"yocto-check-layer {LAYER} --dependency {meta_oe} --no-auto-dependency")
    assert outcome.status == 0, outcome.output[-6000:]
    assert "meta-huawei-modem ... PASS" in outcome.output, outcome.output[-6000:]
