# SPDX-License-Identifier: MIT
"""The suite in several workers: what shares a boot or a build must stay together."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from conftest import BOARD, BOARDS, GIVES_WAY, LONG, OTHER_BOARD, OTHER_BOOTS, group_of, place_of
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
    rest = ["daemons/test_apn.py", "unit/check/test_tar.py"]
    long = ["board/test_board.py", "board/test_bind.py", f"{LONG}test_corpus.py"]
    assert sorted([*rest, *long], key=lambda name: place_of(f"tests/{name}::test_it")) == [*long, *rest]


BOOTS = {
    "built": ("hot_plug", "good_tour", "unbranded"),
    "boot_with_stick": ("cold_plug", "replug", "guarded", "fault_tour"),
    "fast_tour": (),
}
"""The boots that files of board/ share, and the fixtures for what is seen at each: board/conftest.py."""


def test_the_boots_share_two_workers_and_none_is_made_twice() -> None:
    files = {path.name: path.read_text() for path in (PROJECT / "tests" / "board").glob("test_*.py")}
    workers = {
        boot: {
            group_of(f"tests/board/{name}::test_it[a/b::c]")
            for name, text in files.items()
            if re.search(rf"[\"(\s]({'|'.join((boot, *parts))})(: (Run|dict)|\")", text)
        }
        for boot, parts in BOOTS.items()
    }
    assert workers == {"built": {BOARD}, "boot_with_stick": {OTHER_BOARD}, "fast_tour": {OTHER_BOARD}}
    assert {f"{BOARD}/{name}" for name in files} >= OTHER_BOOTS
    assert {BOARD, OTHER_BOARD} == set(BOARDS)


def test_what_shares_a_build_has_one_worker() -> None:
    assert group_of("tests/stacks/test_dry_run.py::test_it") == group_of("tests/stacks/test_gate.py::test_it")
    assert group_of("tests/daemons/test_apn.py::test_it") == "daemons/test_apn.py"
