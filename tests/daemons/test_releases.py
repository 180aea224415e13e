# SPDX-License-Identifier: MIT
"""The patches on the releases that the recipes have: each compiled by hand, and asked what 1.31 is asked.

scripts/modem-image test tests/daemons/test_releases.py --ofonod 2.4=src/ofonod --record docs/tested.md
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from daemons.bed.client import MARKS
from daemons.patched import GIVEN
from modem_image import PROJECT

pytestmark = MARKS

FILES = ("test_network_device.py", "test_late_devices.py")
TESTS = 22
"""So many at least have to pass: a run that found fewer has proved nothing."""
RELEASES = {"1.34": "39e2a3f2c573", "2.4": "e582982b8143", "2.19": "c24b3f8f24db"}
"""oFono's releases and their commits, on which the recipes' own patches and then ours were applied."""


@pytest.mark.parametrize(
    "version",
    [
        pytest.param(version, id=f"{version}-{commit}", marks=pytest.mark.ofonod(version))
        for version, commit in RELEASES.items()
    ],
)
def test_it_does_what_1_31_does(pytestconfig: pytest.Config, version: str) -> None:
    given = dict(word.partition("=")[::2] for word in pytestconfig.getoption("--ofonod"))
    ofonod = str(Path(given[version]).resolve())
    said = subprocess.run([ofonod, "--version"], capture_output=True, text=True, check=True).stdout
    assert said.strip() == version
    files = [str(PROJECT / "tests" / "daemons" / name) for name in FILES]
    # Debian's own daemon, which one of the tests looks at, is no matter here.
    command = [sys.executable, "-m", "pytest", "-q", "-k", "not of_debian", *files]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider"],
        env={**os.environ, GIVEN: ofonod},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]
    passed = re.search(r"\b(\d+) passed", done.stdout)
    assert passed and int(passed[1]) >= TESTS, done.stdout[-500:]
