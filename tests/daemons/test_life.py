# SPDX-License-Identifier: MIT
"""What happens to a modem that is online: Debian's ofonod and connmand come back by themselves, or not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from daemons.bed.client import MARKS, OFONOD, Bed
from daemons.patched import Stick, patched, pings
from daemons.test_cable import HOST, dialled
from daemons.test_connman import CONFIG, MAIN_CONF, cellular, hand_over, write

pytestmark = MARKS
__all__ = ["patched"]


@contextmanager
def online(folder: Path, ofonod: Path | str) -> Iterator[Bed]:
    with Bed(folder) as bed:
        Stick().plug(bed)
        write(bed, "/etc/huawei-modem/config.ini", CONFIG)
        bed.start_ofono(ofonod)
        bed.start_connman(MAIN_CONF.read_text())
        hand_over(bed)
        bed.until(lambda: cellular(bed), "a connection")
        assert pings(bed, HOST)
        yield bed


def test_a_modem_whose_network_goes_and_comes_is_online_again_without_help(
    tmp_path: Path, patched: Path
) -> None:
    """Over the stick's network interface. Over PPP oFono 1.31 is not: test_watch.py."""
    with online(tmp_path, patched) as bed:
        bed.air(covered=False, internet=False)
        bed.until(lambda: not cellular(bed), "the loss to be noticed")
        before = dialled(bed)
        time.sleep(5)
        assert dialled(bed) - before <= 1, "nobody dials where there is no network"
        bed.air(covered=True, internet=True)
        bed.until(lambda: cellular(bed) and pings(bed, HOST), "a connection that carries")


@pytest.mark.parametrize("way", ["ppp", "ncm"])
def test_a_modem_whose_context_the_network_ends_is_online_again_without_help(
    tmp_path: Path, patched: Path, way: str
) -> None:
    with online(tmp_path, patched if way == "ncm" else OFONOD) as bed:
        for number in range(1, 4):
            before = dialled(bed)
            bed.air(drops=number)
            bed.until(lambda before=before: dialled(bed) > before, f"another call, {number}")  # type: ignore[misc]
            bed.until(lambda: cellular(bed) and pings(bed, HOST), "a connection that carries")


def test_a_weak_signal_is_shown_and_the_connection_lives(tmp_path: Path) -> None:
    with online(tmp_path, OFONOD) as bed:
        before = dialled(bed)
        bed.air(signal=3, lost_each=4)
        time.sleep(5)
        bed.air(lost_each=0)
        assert pings(bed, HOST)
        assert dialled(bed) == before
