# SPDX-License-Identifier: MIT
"""Killed at seeded random points and run again, a command leaves a user's files, and nothing of its own."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from huawei_modem import outputs
from modem_image.cache import Cache
from modem_image.cli import main
from modem_image.commands import build
from modem_image.files import write_atomic
from modem_image.yocto import artefacts
from unit.killed import below, run_killed
from unit.launcher import load_launcher
from unit.planted import lost, plant
from unit.release.feeds import image
from unit.release.test_nothing_lost import release

pytestmark = pytest.mark.slow

POINTS = 10
_LEFT = re.compile(r"\.modem-image-[0-9a-f]{16}$")


def leftovers(folder: Path, before: object) -> list[str]:
    """Our own working folders that are still there: those not planted."""
    return [
        str(path)
        for path in folder.rglob(".modem-image-*")
        if _LEFT.search(path.name) and str(path) not in before  # type: ignore[operator]
    ]


def _release_again(folder: Path, images: list[Path]) -> None:
    assert release(folder / "feed", images[0]) == 0
    assert release(folder / "feed", images[1]) == 0


def _flash(folder: Path, images: list[Path]) -> None:
    (folder / "stick").mkdir(exist_ok=True)
    for _again in range(2):
        assert main(["flash", str(images[0]), "--usb-stick", str(folder / "stick")]) == 0


def _cache(folder: Path, images: list[Path]) -> None:
    def fill(entry: Path) -> None:
        (entry / "rootfs").mkdir()
        (entry / "rootfs" / "file").write_text("x" * 1000)

    for number in range(5):
        entry = Cache(folder / "cache").entry("kind", {"number": number}, fill)
        assert (entry / "rootfs" / "file").stat().st_size == 1000
        os.utime(entry, (0, 0))
    Cache(folder / "cache").forget("kind")


def _file(folder: Path, images: list[Path]) -> None:
    write_atomic(folder / "report.json", b"{}" * 1000)


def _hand_out(folder: Path, images: list[Path]) -> None:
    """What `build` leaves, for the bench and for kas."""
    for packed in images:
        build.publish(packed, folder / "bench")
        artefacts.publish([packed], folder / "out")


def _result(folder: Path, images: list[Path]) -> None:
    for _again in range(2):
        outputs.write_json(outputs.Target(folder / "result.json", "modem-image doctor --json"), {"schema": 1})


def _environment(folder: Path, images: list[Path]) -> None:
    launcher = load_launcher()
    vars(launcher).update(PROJECT=folder, VENV=folder / ".venv-of-ours", fill_environment=_filled)
    for _again in range(2):
        assert launcher.create_environment() == 0


def _filled(partial: Path) -> int:
    (partial / "bin").mkdir(parents=True)
    (partial / "bin" / "activate").write_text("made here")
    return 0


@pytest.mark.parametrize("action", [_release_again, _flash, _cache, _file, _hand_out, _result, _environment])
def test_killed_at_random_points(
    tmp_path: Path, action: Callable[[Path, list[Path]], None], capfd: pytest.CaptureFixture[str]
) -> None:
    images = [image(tmp_path, "1.0"), image(tmp_path, "1.1")]
    place = tmp_path / "place"
    before = plant(place) | plant(place / "cache" / "kind") | plant(place / "feed", visible=False)
    before = before | plant(place / "stick")
    counted = below(place)
    status, events = run_killed(lambda: action(place, images), None, counted)
    assert status == 0
    chosen = random.Random(7).sample(range(len(events)), min(POINTS, len(events)))  # noqa: S311  a seed
    for point in chosen:
        run_killed(lambda: action(place, images), point, counted)
        assert lost(before) == [], point
    status, _events = run_killed(lambda: action(place, images), None, counted)
    assert status == 0
    assert lost(before) == []
    assert leftovers(place, before) == []
