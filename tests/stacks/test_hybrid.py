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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from board.over_ssh import Behind, board_behind_ssh, report_of
from modem_image import PROJECT
from modem_image.bench.stick import data
from modem_image.board.description import BOARD, load_board
from modem_image.yocto.plan import DEFAULT_RELEASE, Request
from stacks.hybrid_build import COMPILED, LAYER, fill_opkg, fill_pool, fill_qmp, fill_sources, made, manifest
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
require conf/hybrid-{release}.conf
require conf/hybrid-{machine}.conf
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
# As our own builds have it: packages of opkg's, which installs them.
IPK = """
PACKAGE_CLASSES = "package_ipk"
OPKGBUILDCMD = "opkg-build -Z gzip"
HYBRID_LINKS:pn-opkg-native = "\\
    usr/bin/opkg=${HYBRID_SOURCES}/opkg/opkg usr/bin/grpconv=${HYBRID_LAYER}/files/shadow-tool \\
    usr/bin/pwconv=${HYBRID_LAYER}/files/shadow-tool \\
"
"""
# The access point of the emulated network, as a team gives that of its SIM.
CONFIG = PROJECT / "scripts/modem_image/board/overlay/etc/huawei-modem/config.ini"
LAUNCHER = PROJECT / "scripts" / "modem-image"
# Layers of an image's recipes, as far as the target has them.
CORE = ("poky", "openembedded-core", "meta-openembedded", "meta-toradex-bsp-common", "meta-toradex-nxp")
STICK = "ms2372h-vodafone"
STICKS = ("ms2372h:cold-plug", f"{STICK}:hot-plug", "e3372h:hot-plug", "e3372-mbim:hot-plug")
"""A modem from power-on and its Vodafone brand, a router, and MBIM: all of one boot. MBIM after the router at
the same port, whose interface oFono would take for MBIM's without patch 0014 (docs/dev/hybrid-build.md)."""


@dataclass(frozen=True)
class Build:
    """A finished build."""

    stack: Stack
    deployed: Path

    @property
    def image(self) -> Path:
        """The Easy Installer tar, or the root file system of an emulated machine: the newest. Toradex's class
        leaves that of a build that stopped."""
        found = {
            path.resolve()
            for pattern in ("huawei-modem-image-*-Tezi_*.tar", "huawei-modem-image-qemuarm.rootfs.ext4")
            for path in self.deployed.glob(pattern)
        }
        return max(found, key=lambda path: path.stat().st_mtime)


def build(stack: Stack) -> Build:
    """The image; what is there from the last time is used."""
    outcome = stack.shell("bitbake huawei-modem-image")
    assert outcome.status == 0, outcome.output[-5000:]
    (deployed,) = (stack.folders.build / "tmp" / "deploy" / "images").iterdir()
    return Build(stack, deployed)


def configured(
    mirror: Path,
    options: tuple[str, ...] = (),
    more: str = "",
    machine: str = "colibri-imx7-emmc",
    name: str = "hybrid",
    release: str = DEFAULT_RELEASE,
) -> Stack:
    """What makes huawei-modem-image of the three kinds of recipes.

    `name` is that of the build's folder: images with different options share none. `more` is for local.conf.
    """
    for folder in ("pool", "sources"):
        (FILES / folder).mkdir(parents=True, exist_ok=True)
    assert fill_sources(mirror, FILES / "sources", FILES / "apt-sources") == []
    fill_pool(FILES / "pool", FILES / "apt")
    stack = open_stack(mirror, Request(machine, release, options), name, FILES / "build")
    conf = CONF.format(layer=LAYER, files=FILES, config=CONFIG, release=release, machine=machine) + more
    return stack.with_layer(LAYER).with_conf("hybrid", META_OE_MASK + conf)


@pytest.fixture(scope="module")
def mirror(pytestconfig: pytest.Config) -> Path:
    return Path(pytestconfig.getoption("--mirror")).resolve()


@pytest.fixture(scope="module")
def hybrid(mirror: Path) -> Build:
    return build(configured(mirror))


def command(*arguments: str | Path, status: int = 0) -> str:
    """What a command of modem-image says."""
    done = subprocess.run(
        [sys.executable, LAUNCHER, *arguments], capture_output=True, text=True, check=False, timeout=3600
    )
    assert done.returncode == status, done.stdout[-5000:] + done.stderr[-5000:]
    return done.stdout


def bench(image: Path, sticks: Sequence[str], output: Path, board: str = BOARD) -> dict[str, dict[str, Any]]:
    """Each stick's report of one boot."""
    words = (word for stick in sticks for word in ("--stick", stick))
    command("bench", image, "--board", board, "--output", output, *words)
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
    command("check", "--bench", hybrid.image)
    found = json.loads(command("check", "--json", "-", hybrid.image, status=1))["findings"]
    assert [one["code"] for one in found if one["severity"] == "error"] == ["tezi-bench-image"]


def test_it_comes_online_on_the_board(
    hybrid: Build, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    reports = bench(hybrid.image, STICKS, tmp_path)
    for name, report in reports.items():
        assert report["verdict"] == "ok", (name, report["findings"])
    record_property(MEASURED, in_a_line(hybrid, reports))


def test_with_a_read_only_root_file_system_it_comes_online_too(
    mirror: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    read_only = build(configured(mirror, ("read-only-rootfs",), READ_ONLY, name="hybrid-ro"))
    command("check", "--bench", read_only.image)
    (report,) = bench(read_only.image, STICKS[1:2], tmp_path).values()
    assert report["verdict"] == "ok", report["findings"]
    record_property(MEASURED, f"{STICKS[1]} {seconds_of(report, 'ping'):.1f} s from plug-in to ping")


@pytest.fixture(scope="module")
def reached(hybrid: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    """The booted board, without a stick, that lets a key in by its dropbear."""
    with board_behind_ssh(load_board(""), hybrid.image, tmp_path_factory.mktemp("reached"), STICK) as board:
        yield board


@pytest.fixture(scope="module")
def by_yocto(mirror: Path, reached: Behind) -> dict[str, dict[str, Any]]:
    """What `bitbake -c testimage` says of the board: without a stick, and with one online; and what
    testexport makes of it."""
    stack = configured(mirror, ("testimage",)).with_environment(
        MODEM_TEST_BOARD=f"127.0.0.1:{reached.port}",
        MODEM_TEST_HERE="127.0.0.1",
        MODEM_TEST_HOST=reached.host,
        # kas gives it to an agent of its own.
        SSH_PRIVATE_KEY=reached.key.read_text(),
    )
    without = by_testimage(stack, "without a stick")
    reached.peer.plug()
    there = by_testimage(stack, "with a stick")
    return {"without": without, "with": there, "exported": by_testexport(stack, reached.port, reached.host)}


def by_testexport(stack: Stack, port: int, host: str) -> dict[str, Any]:
    """Each case's result by what `bitbake -c testexport` leaves, which runs without a build."""
    outcome = stack.shell("bitbake -c testexport huawei-modem-image")
    assert outcome.status == 0, outcome.output[-5000:]
    folder = stack.folders.build / "tmp" / "testimage" / "huawei-modem-image"
    data = folder / "data" / "testdata.json"
    # As who runs it writes there; the build knew no host.
    content = json.dumps({**json.loads(data.read_text()), "HUAWEI_MODEM_TEST_HOST": host})
    stack.kas.runner.write(data, content)
    outcome = stack.shell(
        f"cd {folder} && env -i HOME=$HOME SSH_AUTH_SOCK=$SSH_AUTH_SOCK PATH=/usr/bin:/bin python3 oe-test "
        f"runtime --target-ip 127.0.0.1:{port} --server-ip 127.0.0.1 --json-result-dir results"
    )
    assert outcome.status == 0, outcome.output[-5000:]
    (found,) = json.loads((folder / "results" / "testresults.json").read_text()).values()
    cases: dict[str, Any] = found["result"]
    return cases


def by_testimage(stack: Stack, when: str) -> dict[str, Any]:
    """Each case's result by Yocto's runner; what the task printed where it passed."""
    results = stack.folders.build / "tmp" / "log" / "oeqa" / "testresults.json"
    results.unlink(missing_ok=True)
    outcome = stack.shell("bitbake -c testimage huawei-modem-image")
    assert results.exists(), f"{when}: {outcome.output[-5000:]}"
    (found,) = json.loads(results.read_text()).values()
    assert outcome.status == 0, f"{when}: {outcome.output[-5000:]}"
    cases: dict[str, Any] = found["result"]
    return cases


def test_bitbakes_testimage_passes_with_a_stick(
    by_yocto: dict[str, dict[str, Any]], record_property: Callable[[str, object], None]
) -> None:
    cases = {name: case["status"] for name, case in by_yocto["with"].items()}
    assert len([name for name in cases if name.startswith("huawei_modem.")]) >= 9
    assert set(cases.values()) == {"PASSED"}, cases
    record_property(MEASURED, f"{len(cases)} cases passed: {', '.join(sorted(cases))}")


def test_what_testexport_leaves_passes_without_a_build(by_yocto: dict[str, dict[str, Any]]) -> None:
    cases = {name: case["status"] for name, case in by_yocto["exported"].items()}
    assert set(cases) == set(by_yocto["with"])
    assert set(cases.values()) == {"PASSED"}, cases


def test_bitbakes_testimage_leaves_out_what_needs_a_stick(by_yocto: dict[str, dict[str, Any]]) -> None:
    cases = {name.rpartition(".")[2]: case for name, case in by_yocto["without"].items() if "huawei" in name}
    passed = {name for name, case in cases.items() if case["status"] == "PASSED"}
    assert passed == {"test_modules_match_the_kernel", "test_units_run", "test_no_secret_is_readable"}
    left_out = {name: case for name, case in cases.items() if name not in passed}
    assert {case["status"] for case in left_out.values()} == {"SKIPPED"}
    assert "no Huawei stick" in left_out["test_stick_has_its_drivers"]["log"]


def test_a_person_at_the_board_sees_the_same_over_ssh(reached: Behind, tmp_path: Path) -> None:
    """By the board's own dropbear, as a team does with its board: with a connection that drops as the stick
    comes, and with a board that reboots then."""
    reached.pull()
    done = reached.bench(tmp_path / "drops", reached.drop)
    assert done.returncode == 0, done.stdout + done.stderr
    report = report_of(tmp_path / "drops")
    assert report["verdict"] == "ok", report["findings"]
    assert report["facts"]["stick"] == "12d1:1596"
    assert report["facts"]["connection_drops"] == 1
    assert all(each["seconds"] is not None for each in report["facts"]["timeline"])
    assert list((tmp_path / "drops" / "runs").glob("run-real-board-*-0001/capture.tar.gz"))
    reached.pull()
    done = reached.bench(tmp_path / "reboots", reached.reboot, "--wait", "600")
    assert done.returncode == 1, done.stdout
    assert "rebooted while it was watched" in done.stderr


@pytest.fixture(scope="module", params=("scarthgap", "wrynose"))
def emulated(request: pytest.FixtureRequest, mirror: Path) -> Build:
    """The image of Yocto's own emulated machine, without vendor layers. It lets in a key of Yocto's runner,
    whose QEMU listens for a stick."""
    return build(emulated_stack(mirror, request.param))


def emulated_stack(mirror: Path, release: str, options: tuple[str, ...] = (), more: str = "") -> Stack:
    """What makes it. Images with other options are made in the same folder, one after the other."""
    key = FILES / "key"
    FILES.mkdir(parents=True, exist_ok=True)
    if not key.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    (FILES / "sources").mkdir(exist_ok=True)
    fill_qmp(FILES / "sources", FILES / "apt-sources")
    more += f'HUAWEI_MODEM_AUTHORIZED_KEYS = "{key}.pub"\n'
    if release != "scarthgap":  # its testimage asks for them, whatever key is there (docs/layer.md)
        more += 'EXTRA_IMAGE_FEATURES += "allow-empty-password allow-root-login empty-root-password"\n'
    stack = configured(mirror, ("testimage", *options), more, "qemuarm", release=release)
    return stack.with_environment(
        MODEM_TEST_STICK=str(stick_socket(stack)),
        MODEM_TEST_HOST=str(data.load(data.path_of(STICK)).network.host),
        SSH_PRIVATE_KEY=key.read_text(),
    )


def stick_socket(stack: Stack) -> Path:
    """Where runqemu's QEMU listens for a stick."""
    return stack.folders.build / "stick"


def test_for_yoctos_emulated_machine_it_is_built_too_and_comes_online(
    emulated: Build, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    kinds = {one.recipe: one.kind for one in made(emulated.stack.folders.build / "tmp")}
    wanted = {"linux-yocto", *COMPILED} - {"linux-toradex-upstream", "u-boot-toradex"}
    assert {name: kinds.get(name) for name in wanted} == dict.fromkeys(wanted, "compiled")
    command("check", emulated.image)
    reports = bench(emulated.image, STICKS[:2], tmp_path, "qemuarm")
    for name, report in reports.items():
        assert report["verdict"] == "ok", (name, report["findings"])
    record_property(MEASURED, in_a_line(emulated, reports))


def test_bitbakes_testimage_boots_it_with_an_emulated_stick(
    emulated: Build, record_property: Callable[[str, object], None]
) -> None:
    """By runqemu, over Debian's QEMU, with `stick serve`."""
    serve = [sys.executable, LAUNCHER, "stick", "serve", stick_socket(emulated.stack), "--stick", STICK]
    with subprocess.Popen(serve, stdout=subprocess.DEVNULL) as stick:
        try:
            found = by_testimage(emulated.stack, "by runqemu")
        finally:
            stick.terminate()
    cases = {name: case["status"] for name, case in found.items()}
    assert len([name for name in cases if name.startswith("huawei_modem.")]) >= 9
    assert set(cases.values()) == {"PASSED"}, cases
    record_property(MEASURED, f"{len(cases)} cases passed: {', '.join(sorted(cases))}")


def test_opkg_installs_it_and_a_lean_build_has_the_same_packages(
    mirror: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """In the folder of the image that apt installs; what is there of its recipes is used."""
    fill_opkg(mirror, FILES / "sources" / "opkg")
    whole = build(emulated_stack(mirror, "wrynose", (), IPK))
    packages = manifest(whole.deployed)
    lean = build(emulated_stack(mirror, "wrynose", ("lean",), IPK))
    assert manifest(lean.deployed) == packages
    command("check", lean.image)
    (report,) = bench(lean.image, STICKS[1:2], tmp_path, "qemuarm").values()
    assert report["verdict"] == "ok", report["findings"]
    ping = f"{STICKS[1]} {seconds_of(report, 'ping'):.1f} s from plug-in to ping"
    record_property(MEASURED, f"{len(packages)} packages, the same by lean; {ping}")


def in_a_line(build: Build, reports: Mapping[str, Mapping[str, Any]]) -> str:
    """What was built of what, and how long each stick took: all from the build and the reports."""
    packed = "" if "qemuarm" in build.image.name else "packed by Toradex's class, "
    there = [name for name in CORE if (build.stack.folders.layers / name).exists()]
    commits = ", ".join(f"{name} {build.stack.commit(name)[:12]}" for name in there)
    wanted = {"linux-yocto", *COMPILED}
    recipes = made(build.stack.folders.build / "tmp")
    kinds = Counter(one.kind for one in recipes)
    compiled = [one.recipe for one in recipes if one.recipe in wanted and one.kind == "compiled"]
    online = ", ".join(
        f"{name} {seconds_of(report, 'ping'):.1f} s from plug-in (power-on of a cold plug) to ping"
        for name, report in reports.items()
    )
    return (
        f"built by bitbake at {commits}; {kinds['compiled']} recipes compiled ({', '.join(compiled)} among "
        f"them), {kinds['wrapped']} wrapped from Debian; {packed}checked, booted, switched, online: {online}"
    )


def seconds_of(report: Mapping[str, Any], step: str) -> float:
    """When the step was seen, in seconds since plug-in."""
    (found,) = [each["seconds"] for each in report["facts"]["timeline"] if each["step"] == step]
    return float(found)
