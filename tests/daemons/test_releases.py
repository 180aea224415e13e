# SPDX-License-Identifier: MIT
"""The patches on the releases of the recipes and of trixie, compiled by hand, asked what 1.31 is asked.

scripts/modem-image test tests/daemons/test_releases.py --ofonod 2.4=src/ofonod --record docs/dev/tested.md
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from daemons.bed.client import MARKS, Bed
from daemons.bed.describe import plugged
from daemons.patched import GIVEN, without_network
from modem_image import PROJECT
from unit.helper.trees import mode_of

pytestmark = MARKS

FILES = ("test_network_device.py", "test_late_devices.py")
TESTS = 25
"""So many at least have to pass: a run that found fewer has proved nothing."""
RELEASES = {
    "1.34": "39e2a3f2c573",
    "2.4": "e582982b8143",
    "2.16": "7e0e0f8c2bc2",
    "2.19": "c24b3f8f24db",
}
"""oFono's releases and their commits, on which the recipes' own patches and then ours were applied. No recipe
is of 2.16, Debian trixie's: ours alone."""


def given(config: pytest.Config, name: str, version: str) -> str:
    """The daemon called `name` on the command line, which says that it is of this version."""
    paths = dict(word.partition("=")[::2] for word in config.getoption("--ofonod"))
    ofonod = str(Path(paths[name]).resolve())
    said = subprocess.run([ofonod, "--version"], capture_output=True, text=True, check=True).stdout
    assert said.strip() == version
    return ofonod


@pytest.mark.parametrize(
    "version",
    [
        pytest.param(version, id=f"{version}-{commit}", marks=pytest.mark.ofonod(version))
        for version, commit in RELEASES.items()
    ],
)
def test_it_does_what_1_31_does(pytestconfig: pytest.Config, version: str) -> None:
    ofonod = given(pytestconfig, version, version)
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


@pytest.mark.ofonod("2.16", "2.16-unpatched")
def test_what_ends_2_16_without_the_patches_does_not_with_them(
    pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    """Two builds that differ in the patches alone, and the same stick: two labels, no network device."""
    patched, unpatched = (given(pytestconfig, name, "2.16") for name in ("2.16", "2.16-unpatched"))
    with Bed(tmp_path) as bed:
        bed.plug(plugged(mode_of("12d1:1596"), bound=without_network))
        bed.start_bus()
        bed.ask("start", name="ofonod", command=[unpatched, "-d", "-n"], preload=True)
        assert bed.until(lambda: bed.status("ofonod"), "the crash") == -signal.SIGSEGV
        bed.start_ofono(patched)
        assert list(bed.until(bed.modems, "a modem")) == ["/huawei_0"]
        assert bed.status("ofonod") is None
