# SPDX-License-Identifier: MIT
"""The fragments as the layer uses them: all are appended, and all are features too."""

from __future__ import annotations

import re

from huawei_modem.database import load
from huawei_modem_kernel.fragments import FRAGMENTS, layer_asks

NAMES = {path.stem for path in FRAGMENTS.glob("*.cfg")}
APPENDED = (FRAGMENTS.parents[1] / "huawei-modem-kernel.inc").read_text()


def test_every_fragment_is_appended_to_the_kernel() -> None:
    assert set(re.findall(r"file://huawei-modem/([\w-]+)\.cfg\b", APPENDED)) == NAMES


def test_every_fragment_is_a_feature_of_its_own() -> None:
    features = {path.stem: path.read_text() for path in FRAGMENTS.glob("*.scc")}
    assert features.keys() == NAMES
    for name, text in features.items():
        assert f"kconf non-hardware {name}.cfg\n" in text


def test_no_other_layer_has_a_fragment_of_that_name() -> None:
    """kern-tools copies the fragments of all layers into one folder: a later one would replace ours."""
    assert all(name.startswith("huawei-modem-") for name in NAMES)


def test_no_symbol_is_asked_for_twice() -> None:
    symbols = [item.symbol for item in layer_asks()]
    assert len(symbols) == len(set(symbols))


def test_every_driver_of_the_sticks_is_asked_for() -> None:
    asked = {item.symbol for item in layer_asks()}
    for symbol, sticks in load().symbols().items():
        assert symbol in asked, f"needed by {', '.join(sticks)}"
