# SPDX-License-Identifier: MIT
"""The whole way to an image with the real layers, up to the tasks themselves, without the network.

Needs a mirror. A first run parses everything (some minutes); what it leaves in build/yocto-test makes the
next one quick.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from modem_image.yocto import graph
from modem_image.yocto.mirror import clones

PROJECT = Path(__file__).parents[2]
WORK = PROJECT / "build" / "yocto-test"
TARGET = "colibri-imx7-emmc"

pytestmark = pytest.mark.mirror


def dry_run(mirror: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """The command as a person types it; root hands over to the user `builder`."""
    user = ["--user", "builder"] if os.geteuid() == 0 else []
    command = ["build", TARGET, "--dry-run", "--mirror", str(mirror), "--work-dir", str(WORK), *user, *more]
    return subprocess.run(
        [sys.executable, PROJECT / "scripts" / "modem-image", *command],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def mirror(request: pytest.FixtureRequest) -> Path:
    return Path(request.config.getoption("--mirror")).resolve()


@pytest.fixture(scope="module")
def done(mirror: Path) -> subprocess.CompletedProcess[str]:
    return dry_run(mirror)


def test_every_step_passes(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stderr[-4000:]
    assert f"{TARGET}: every step passed" in done.stderr
    assert "nothing was built" in done.stderr


def test_bitbake_resolved_all_tasks_of_the_image(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stderr[-4000:]
    made = graph.read(WORK / "scarthgap" / f"build-{TARGET}", "huawei-modem-image")
    assert len(made.tasks) > 3000
    assert {
        ("huawei-modem-image", "do_image_teziimg"),
        ("huawei-modem", "do_package_qa"),
        ("linux-toradex-upstream", "do_compile"),
        ("u-boot-toradex", "do_deploy"),
    } <= made.tasks
    assert f"has {len(made.tasks)} tasks of {len(made.recipes)} recipes" in done.stderr


def test_our_layer_gives_no_warning(done: subprocess.CompletedProcess[str]) -> None:
    lines = (done.stdout + done.stderr).splitlines()
    assert not [line for line in lines if "WARNING" in line and "huawei" in line]


def test_the_network_stays_out(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0
    local_conf = (WORK / "scarthgap" / f"build-{TARGET}" / "conf" / "local.conf").read_text()
    assert 'BB_NO_NETWORK = "1"' in local_conf
    assert "linux-toradex-upstream_mainline[.]bb$" in local_conf


def test_nothing_was_built(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0
    assert not list((WORK / "scarthgap" / f"build-{TARGET}").glob("tmp*/deploy/images/*/*.tar"))
    assert not (PROJECT / "build" / TARGET / "SHA256SUMS").exists()


def test_a_mirror_without_one_repository_is_refused_by_its_name(mirror: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for name, found in clones(mirror).items():
        if name != "meta-toradex-nxp" and not (tmp_path / name).exists():
            (tmp_path / name).symlink_to(found[0])
    refused = dry_run(tmp_path)
    assert refused.returncode == 3
    assert "meta-toradex-nxp.git: no clone" in refused.stderr
    assert "meta-freescale.git: no clone" not in refused.stderr


def test_a_changed_checkout_is_refused(done: subprocess.CompletedProcess[str], mirror: Path) -> None:
    assert done.returncode == 0
    readme = WORK / "scarthgap" / "meta-freescale" / "README.md"
    content = readme.read_bytes()
    try:
        readme.write_bytes(content + b"changed\n")
        refused = dry_run(mirror)
    finally:
        readme.write_bytes(content)
    assert refused.returncode == 2
    assert "meta-freescale: has changes of its own (README.md)" in refused.stderr
