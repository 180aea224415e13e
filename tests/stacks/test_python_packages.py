# SPDX-License-Identifier: MIT
"""What tests/unit/helper/python3 says of each release is what core's manifest at the locked commit says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from modem_image import PROJECT
from modem_image.yocto.mirror import clones
from unit.helper.python_packages import MANIFEST, RECIPE, RELEASES, modules, rendered, wanted

pytestmark = pytest.mark.mirror

CORE = {"kirkstone": "poky", "scarthgap": "poky", "wrynose": "openembedded-core"}


@pytest.mark.parametrize("release", RELEASES)
def test_the_list_is_of_the_locked_commit(pytestconfig: pytest.Config, release: str) -> None:
    lock = (PROJECT / "kas" / release / "base.lock.yml").read_text()
    found = re.search(rf"^ +{CORE[release]}:\n +commit: (\w+)$", lock, re.MULTILINE)
    assert found
    (clone,) = clones(Path(pytestconfig.getoption("--mirror")).resolve())[CORE[release]]
    git = ["git", "-c", "safe.directory=*", f"--git-dir={clone}", "show", f"{found[1]}:{MANIFEST}"]
    manifest = subprocess.run(git, check=True, capture_output=True, text=True).stdout
    assert modules(manifest, wanted(RECIPE)) == rendered(release)
