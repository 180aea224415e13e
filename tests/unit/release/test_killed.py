# SPDX-License-Identifier: MIT
"""A kill at any point leaves a whole release."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from huawei_modem_check.image import check_image
from modem_image.made import MARK
from modem_image.release.feed import Feed
from modem_image.release.publish import Material, publish
from unit.killed import below, run_killed
from unit.release.feeds import CHANGELOG, image, shown, sums_hold

pytestmark = pytest.mark.slow

_SWITCHES = ("os.rename", "os.symlink")


def in_child(feed: Path, path: Path, at: int | None) -> tuple[int, list[str]]:
    """Publish in a child that is killed at that point: its wait status, and what it did to the feed."""

    def action() -> None:
        published = Feed(feed)
        with published.locked(wait=False):
            publish(published, [path], Material(changelog=CHANGELOG))
            published.prune(1)

    return run_killed(action, at, below(feed))


def points(events: list[str]) -> Iterator[int]:
    """Every rename and link, and of the rest each eighth."""
    return (number for number, event in enumerate(events) if event in _SWITCHES or number % 8 == 0)


def state(feed: Path) -> Mapping[str, str]:
    (found,) = shown(feed)
    assert json.loads(found.read_text())["version"] == Feed(feed).latest()
    assert sums_hold(feed / "latest")
    assert check_image(found.parent).findings == ()
    return {"latest": Feed(feed).latest() or ""}


def test_a_kill_at_any_point_leaves_a_whole_release(tmp_path: Path) -> None:
    old, new = image(tmp_path, "1.0"), image(tmp_path, "1.1")
    trial = tmp_path / "trial"
    assert in_child(trial, old, None)[0] == 0
    _status, events = in_child(trial, new, None)
    seen = set()
    for point in points(events):
        feed = tmp_path / f"feed-{point}"
        assert in_child(feed, old, None)[0] == 0
        status, _events = in_child(feed, new, point)
        assert os.WIFSIGNALED(status), f"{point}: not killed"
        seen.add(state(feed)["latest"])
        # The next run is not in the way of what was left behind, and removes it.
        assert in_child(feed, new, None)[0] == 0
        assert state(feed) == {"latest": "1.1"}
        assert Feed(feed).versions() == ["1.1"]
        assert {entry.name for entry in feed.glob(".*")} == {MARK}
        assert list((feed / "releases").glob(".*")) == []
    assert seen == {"1.0", "1.1"}
