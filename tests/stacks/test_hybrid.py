# SPDX-License-Identifier: MIT
"""An image made by bitbake, from do_fetch to Toradex's Easy Installer tar, checked and booted on the bench.

The tool chain and what stands under the daemons are Debian's, in OpenEmbedded's packages; the daemons, with
every patch of this layer, and the kernel are compiled by their own recipes (docs/dev/hybrid-build.md).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from board.over_ssh import board_behind_ssh, report_of
from modem_image import PROJECT
from modem_image.board.description import load_board
from modem_image.yocto.plan import Request
from stacks.hybrid_build import COMPILED, LAYER, fill_pool, fill_sources, made, manifest
from stacks.record import MEASURED
from stacks.stack import META_OE_MASK, Stack, open_stack

pytestmark = [pytest.mark.mirror, pytest.mark.on_demand]

# Outside of any checkout: kernel-yocto writes into the repository that it finds above its sources.
FILES = Path(os.environ.get("MODEM_IMAGE_HYBRID", "/var/tmp/modem-image-hybrid"))  # noqa: S108
CONF = """
HYBRID_LAYER = "{layer}"
HYBRID_POOL = "{files}/pool"
HYBRID_SOURCES = "{files}/sources"
BB_NO_NETWORK = "1"
BB_NUMBER_THREADS = "3"
PARALLEL_MAKE = "-j2"
require conf/hybrid.conf
HUAWEI_MODEM_CONFIG = "{config}"
"""
# Nothing can be configured at the first boot: scripts of two packages run here, by Debian's qemu-user-static.
READ_ONLY = """
MACHINE_FEATURES_BACKFILL_CONSIDERED:remove = "qemu-usermode"
HYBRID_LINKS:pn-qemu-native = "usr/bin/qemu-arm=/usr/bin/qemu-arm-static"
# Packages that nobody needs any more are removed, by dpkg itself.
HYBRID_LINKS:pn-apt-native:append = " usr/bin/dpkg=${HYBRID_LAYER}/files/dpkg-rootfs"
ROOTFS_POSTPROCESS_COMMAND:append:pn-huawei-modem-image = " hybrid_tmp_in_memory;"
"""
# The access point of the emulated network, as a team gives that of its SIM.
CONFIG = PROJECT / "scripts/modem_image/board/overlay/etc/huawei-modem/config.ini"
LAUNCHER = PROJECT / "scripts" / "modem-image"
STICKS = ("ms2372h:cold-plug", "ms2372h-vodafone:hot-plug", "e3372h:hot-plug", "e3372-mbim:hot-plug")
"""A modem from power-on and its Vodafone brand, a router, and MBIM: all of one boot. MBIM after the router at
the same port, whose interface oFono would take for MBIM's without patch 0014 (docs/dev/hybrid-build.md)."""


@dataclass(frozen=True)
class Build:
    """A finished build."""

    stack: Stack
    deployed: Path

    @property
    def tar(self) -> Path:
        """The Easy Installer tar."""
        (found,) = self.deployed.glob("huawei-modem-image-*-Tezi_*.tar")
        return found


def build(mirror: Path, name: str = "hybrid", options: tuple[str, ...] = (), more: str = "") -> Build:
    """huawei-modem-image for the Colibri iMX7 with eMMC; what is there from the last time is used.

    `name` is that of the build's folder: images with different options share none. `more` is for local.conf.
    """
    for folder in ("pool", "sources"):
        (FILES / folder).mkdir(parents=True, exist_ok=True)
    assert fill_sources(mirror, FILES / "sources", FILES / "apt-sources") == []
    fill_pool(FILES / "pool", FILES / "apt")
    stack = open_stack(mirror, Request("colibri-imx7-emmc", options=options), name, FILES / "build")
    conf = CONF.format(layer=LAYER, files=FILES, config=CONFIG) + more
    stack = stack.with_layer(LAYER).with_conf("hybrid", META_OE_MASK + conf)
    outcome = stack.shell("bitbake huawei-modem-image")
    assert outcome.status == 0, outcome.output[-5000:]
    return Build(stack, stack.folders.build / "tmp" / "deploy" / "images" / "colibri-imx7-emmc")


@pytest.fixture(scope="module")
def hybrid(pytestconfig: pytest.Config) -> Build:
    return build(Path(pytestconfig.getoption("--mirror")).resolve())


def command(*arguments: str | Path, status: int = 0) -> str:
    """What a command of modem-image says."""
    done = subprocess.run(
        [sys.executable, LAUNCHER, *arguments], capture_output=True, text=True, check=False, timeout=3600
    )
    assert done.returncode == status, done.stdout[-5000:] + done.stderr[-5000:]
    return done.stdout


def bench(tar: Path, sticks: Sequence[str], output: Path) -> dict[str, dict[str, Any]]:
    """Each stick's report of one boot."""
    command("bench", tar, "--output", output, *(word for stick in sticks for word in ("--stick", stick)))
    reports = {}
    for name in sticks:
        stick, _, scenario = name.partition(":")
        reports[name] = json.loads((output / f"run-{scenario}-{stick}" / "summary.json").read_text())
    return reports


def test_the_daemons_and_the_kernel_are_compiled_and_checked(hybrid: Build) -> None:
    kinds = {one.recipe: one.kind for one in made(hybrid.stack.folders.build / "tmp")}
    assert {name: kinds.get(name) for name in COMPILED} == dict.fromkeys(COMPILED, "compiled")
    assert {kinds[name] for name in ("dbus", "glib-2.0", "glibc", "python3", "systemd")} == {"wrapped"}


def test_nothing_in_the_image_is_a_stand_in_for_what_is_missing(hybrid: Build) -> None:
    packages = manifest(hybrid.deployed)
    assert {"ofono", "connman", "huawei-modem", "huawei-modem-filter", "usb-modeswitch"} <= packages
    assert "absent" not in packages


def test_the_check_has_nothing_against_it_but_that_it_is_for_the_bench(hybrid: Build) -> None:
    command("check", "--bench", hybrid.tar)
    found = json.loads(command("check", "--json", "-", hybrid.tar, status=1))["findings"]
    assert [one["code"] for one in found if one["severity"] == "error"] == ["tezi-bench-image"]


def test_it_comes_online_on_the_board(
    hybrid: Build, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    reports = bench(hybrid.tar, STICKS, tmp_path)
    for name, report in reports.items():
        assert report["verdict"] == "ok", (name, report["findings"])
    record_property(MEASURED, in_a_line(hybrid, reports))


def test_with_a_read_only_root_file_system_it_comes_online_too(
    pytestconfig: pytest.Config, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    mirror = Path(pytestconfig.getoption("--mirror")).resolve()
    read_only = build(mirror, "hybrid-ro", ("read-only-rootfs",), READ_ONLY)
    command("check", "--bench", read_only.tar)
    (report,) = bench(read_only.tar, STICKS[1:2], tmp_path).values()
    assert report["verdict"] == "ok", report["findings"]
    record_property(MEASURED, f"{STICKS[1]} {seconds_of(report, 'ping'):.1f} s from plug-in to ping")


def test_a_person_at_the_board_sees_the_same_over_ssh(hybrid: Build, tmp_path: Path) -> None:
    """By the board's own dropbear, as a team does with its board: undisturbed, with a connection that drops
    as the stick comes, and with a board that reboots then."""
    with board_behind_ssh(load_board(""), hybrid.tar, tmp_path, "ms2372h-vodafone") as board:
        done = board.bench(tmp_path / "undisturbed")
        assert done.returncode == 0, done.stdout + done.stderr
        board.pull()
        done = board.bench(tmp_path / "drops", board.drop)
        assert done.returncode == 0, done.stdout + done.stderr
        board.pull()
        done = board.bench(tmp_path / "reboots", board.reboot)
        assert done.returncode == 1
        assert "rebooted while it was watched" in done.stderr
    for name, drops in (("undisturbed", 0), ("drops", 1)):
        report = report_of(tmp_path / name)
        assert report["verdict"] == "ok", report["findings"]
        assert report["facts"]["stick"] == "12d1:1596"
        assert report["facts"]["connection_drops"] == drops
        assert all(each["seconds"] is not None for each in report["facts"]["timeline"])
        assert list((tmp_path / name / "runs").glob("run-real-board-*-0001/capture.tar.gz"))


def in_a_line(build: Build, reports: Mapping[str, Mapping[str, Any]]) -> str:
    """What was built of what, and how long each stick took: all from the build and the reports."""
    names = ("poky", "meta-openembedded", "meta-toradex-bsp-common", "meta-toradex-nxp")
    commits = ", ".join(f"{name} {build.stack.commit(name)[:12]}" for name in names)
    kinds = Counter(one.kind for one in made(build.stack.folders.build / "tmp"))
    online = ", ".join(
        f"{name} {seconds_of(report, 'ping'):.1f} s from plug-in (power-on of a cold plug) to ping"
        for name, report in reports.items()
    )
    return (
        f"built by bitbake at {commits}; {kinds['compiled']} recipes compiled ({', '.join(COMPILED)} among "
        f"them), {kinds['wrapped']} wrapped from Debian; packed by Toradex's class, checked, booted, "
        f"switched, online: {online}"
    )


def seconds_of(report: Mapping[str, Any], step: str) -> float:
    """When the step was seen, in seconds since plug-in."""
    (found,) = [each["seconds"] for each in report["facts"]["timeline"] if each["step"] == step]
    return float(found)
