# SPDX-License-Identifier: MIT
"""The suite in several workers: what shares a boot or a build must stay together."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from conftest import BOARD, GIVES_WAY, LONG, group_of, place_of
from modem_image import PROJECT

FILES = ("test_steps.py", "test_patience.py", "test_observe.py")


@pytest.mark.slow
def test_each_file_has_one_worker() -> None:
    files = [f"tests/unit/bench/{name}" for name in FILES]
    command = [sys.executable, "-m", "pytest", "-n", "2", "-v", "-p", "no:cacheprovider", *files]
    said = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    ran = re.findall(r"\[(gw\d)\].* PASSED (\S+)::", said)
    assert {path for _, path in ran} == set(files)
    assert len(set(ran)) == len(files), said


def test_a_worker_without_the_board_gives_way_to_it() -> None:
    """This one, where the suite runs in workers."""
    own = os.nice(0)
    command = [sys.executable, "-m", "pytest", "-n", "1", "-q", "-p", "no:cacheprovider", "--no-header"]
    if "PYTEST_XDIST_WORKER" in os.environ:
        assert own >= GIVES_WAY
    else:
        subprocess.run([*command, f"{__file__}::{_THIS}"], cwd=PROJECT, check=True, capture_output=True)


_THIS = test_a_worker_without_the_board_gives_way_to_it.__name__


def test_what_is_long_comes_first() -> None:
    assert (PROJECT / "tests" / LONG).is_dir()
    found = ["board/test_board.py", "daemons/test_apn.py", "unit/check/test_tar.py", f"{LONG}test_corpus.py"]
    ordered = sorted(found, key=lambda name: place_of(f"tests/{name}::test_it"))
    assert ordered == [found[0], found[3], found[1], found[2]]


def test_the_boots_share_one_worker() -> None:
    found = {group_of(f"tests/board/{name}::test_it[a/b::c]") for name in ("test_board.py", "test_image.py")}
    assert found == {BOARD}
    assert group_of("tests/stacks/test_dry_run.py::test_it") == group_of("tests/stacks/test_gate.py::test_it")
    assert group_of("tests/daemons/test_apn.py::test_it") == "daemons/test_apn.py"
