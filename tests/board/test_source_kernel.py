# SPDX-License-Identifier: MIT
"""A kernel compiled from Debian's source with our options and patch, booted: on demand, it takes long."""

from __future__ import annotations

import json
import subprocess
import tarfile
from pathlib import Path

import pytest

from huawei_modem_kernel.fragments import layer_asks, linux_version
from huawei_modem_kernel.gate import judge

from .conftest import LAUNCHER, PROJECT

pytestmark = [pytest.mark.bench, pytest.mark.on_demand]


@pytest.fixture(scope="module", params=["source", "source-6.12"])
def visited(request: pytest.FixtureRequest) -> Path:
    """The folder of a run of the user's own command."""
    command = [LAUNCHER, "build", "bench", "--kernel", request.param]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return PROJECT / "build" / f"bench-{request.param}" / "run-hot-plug-ms2372h-vodafone"


def test_every_step_is_seen(visited: Path) -> None:
    report = json.loads((visited / "summary.json").read_text())
    assert report["verdict"] == "ok"
    assert all(entry["seconds"] is not None for entry in report["facts"]["timeline"])


def test_interface_3_is_driven_without_a_run_time_id(visited: Path) -> None:
    lines = (visited / "journal.txt").read_text().splitlines()
    assert [line for line in lines if "register 'huawei_cdc_ncm'" in line]
    assert not [line for line in lines if "huawei-modem" in line and " added, " in line]


def test_the_running_kernels_configuration_passes_the_gate(visited: Path) -> None:
    """/proc/config.gz, as the board's own capture has it."""
    text = configuration(visited / "capture.tar.gz")
    verdict = judge(layer_asks(linux_version(text)), text, "/proc/config.gz")
    assert (verdict.fatal, verdict.warning) == ("", "")


def configuration(capture: Path) -> str:
    with tarfile.open(capture) as tar:
        file = tar.extractfile("config.txt")
        assert file is not None
        return file.read().decode()
