# SPDX-License-Identifier: MIT
"""Whole images as builds and copies leave them: ok for what starts, and for nothing else.

The kinds are in built, the oracle in booting. A number is its seed: `-k "[17]"`; every third is a right one.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from fuzz.booting import Started, starts
from fuzz.built import DAMAGED, RIGHT
from fuzz.test_whole_images import Parts, judge

SEEDS, MORE, BATCHES = 54, 1446, 24


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Started:
    found = starts(tmp_path_factory.mktemp("sound"), Parts().build())
    assert found is not None
    return found


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_starts_is_ok_and_nothing_else(tmp_path: Path, seed: int, sound: Started) -> None:
    judge(tmp_path, seed, sound, DAMAGED, RIGHT)


@pytest.mark.on_demand
@pytest.mark.parametrize("batch", range(BATCHES))
def test_more_of_them(tmp_path: Path, batch: int, sound: Started) -> None:
    for seed in range(SEEDS + batch, SEEDS + MORE, BATCHES):
        judge(tmp_path / str(seed), seed, sound, DAMAGED, RIGHT)
