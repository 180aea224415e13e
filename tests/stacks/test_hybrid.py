# SPDX-License-Identifier: MIT
"""Our recipes and the daemons compiled, packed and checked by bitbake, with Debian's compiler and libraries.

The tool chain and what stands under the daemons are Debian's, in OpenEmbedded's packages; the daemons, with
every patch of this layer, are compiled by their own recipes, from do_fetch to do_package_qa.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from modem_image import PROJECT
from modem_image.yocto.plan import Request
from stacks.hybrid_build import LAYER, fill_pool, fill_sources, made
from stacks.stack import META_OE_MASK, open_stack

pytestmark = [pytest.mark.mirror, pytest.mark.on_demand]

FILES = PROJECT / "build" / "hybrid"
COMPILED = (
    "busybox connman connman-conf dropbear ell huawei-modem ofono ppp usb-modeswitch".split()  # noqa: SIM905
)
CONF = """
HYBRID_LAYER = "{layer}"
HYBRID_POOL = "{files}/pool"
HYBRID_SOURCES = "{files}/sources"
BB_NO_NETWORK = "1"
BB_NUMBER_THREADS = "2"
PARALLEL_MAKE = "-j2"
require conf/hybrid.conf
# Without a kernel: what is recommended of its modules is not built.
PREFERRED_PROVIDER_virtual/kernel:forcevariable = "linux-dummy"
HUAWEI_MODEM_KERNELS:append = " linux-dummy"
"""


def test_the_daemons_are_compiled_and_packed(pytestconfig: pytest.Config) -> None:
    mirror = Path(pytestconfig.getoption("--mirror")).resolve()
    for name in ("pool", "sources"):
        (FILES / name).mkdir(parents=True, exist_ok=True)
    assert fill_sources(mirror, FILES / "sources", FILES / "apt") == []
    fill_pool(FILES / "pool", FILES / "apt-pool")
    stack = open_stack(mirror, Request("colibri-imx7-emmc"), "hybrid").with_layer(LAYER)
    stack = stack.with_conf("hybrid", META_OE_MASK + CONF.format(layer=LAYER, files=FILES))
    outcome = stack.shell(f"bitbake {' '.join(COMPILED)} -c package_qa")
    assert outcome.status == 0, outcome.output[-5000:]
    kinds = {one.recipe: one.kind for one in made(stack.folders.build / "tmp")}
    assert {name: kinds.get(name) for name in COMPILED} == dict.fromkeys(COMPILED, "compiled")
    assert {kinds[name] for name in ("dbus", "glib-2.0", "glibc", "python3", "systemd")} == {"wrapped"}
