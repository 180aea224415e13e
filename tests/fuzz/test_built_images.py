# SPDX-License-Identifier: MIT
"""Whole images as builds and copies leave them: ok for what starts, and for nothing else.

The kinds are in built, the oracle in booting; those of started say themselves what they are. A number is its
seed: `-k "[17]"`; of the first every third is a right one, of the second every fourth.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from fuzz import built, started
from fuzz.booting import Started, starts
from fuzz.built import DAMAGED, RIGHT
from fuzz.test_whole_images import Parts, judge
from huawei_modem.report import Verdict
from huawei_modem_check.image import check_image

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


SHAPES = (None, built.init_by_a_link, built.modules_packed, built.modules_apart)
"""Right ones that a kind of started is put on, where it does not write the same files."""
ALONE = (started.in_the_place_of_a_folder, started.written_over)


def judge_started(folder: Path, seed: int) -> None:
    dice, parts = random.Random(seed), Parts()  # noqa: S311  repeatable, not secret
    is_right = seed % 4 == 3
    kinds = started.RIGHT if is_right else started.DAMAGED
    change, shape = kinds[(seed // 4) % len(kinds)], dice.choice(SHAPES)
    if shape and change not in ALONE and not change.__name__.startswith("init"):
        shape(parts, dice)
    change(parts, dice)
    folder.mkdir(exist_ok=True)
    path = folder / "image.tar"
    path.write_bytes(parts.build())
    report = check_image(path)
    said = [(item.code, item.title) for item in report.findings]
    assert (report.verdict is Verdict.OK) == is_right, f"seed {seed}: {change.__name__}: {said}"


@pytest.mark.parametrize("seed", range(4 * max(len(started.DAMAGED), len(started.RIGHT))))
def test_what_u_boot_tar_and_kmod_take_is_ok_and_nothing_else(tmp_path: Path, seed: int) -> None:
    judge_started(tmp_path, seed)


@pytest.mark.on_demand
@pytest.mark.parametrize("batch", range(BATCHES))
def test_more_of_these(tmp_path: Path, batch: int) -> None:
    for seed in range(1000 + batch, 1000 + MORE, BATCHES):
        judge_started(tmp_path / str(seed), seed)
