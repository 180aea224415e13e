# SPDX-License-Identifier: MIT
"""Why a symbol cannot have a value, on a small Kconfig file with the language's newer keywords."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from huawei_modem_kernel.dependencies import changes, invalid_value, obstacle, place_of
from huawei_modem_kernel.kconfig import _Kconfig

KCONFIG = """\
config MODULES
\tbool "modules"
\tmodules
\tdefault y

config OLD_NAME
\tbool
\ttransitional

config BUS
\ttristate "bus"

config CORE
\ttristate

config DRIVER
\ttristate "driver"
\tdepends on BUS && !LOCKED
\tselect CORE

config ONE
\tbool "one"
\tdepends on BUS = y

config TWO
\tbool "two"

config EITHER
\tbool "either"
\tdepends on (ONE && BUS) || TWO

config LOCKED
\tbool "locked"
\tdefault y

config ROLE
\ttristate "role"
\tdepends on BUS if !LOCKED
\tdepends on ONE if TWO # said twice

config LEVEL
\tint "level"
\trange 1 9

config NAME
\tstring "name"

config LOOP_A
\tbool "a"
\tdepends on LOOP_OFF

config LOOP_OFF
\tbool
"""


@pytest.fixture
def symbols(tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "Kconfig"
    path.write_text(KCONFIG)
    found: dict[str, Any] = _Kconfig(str(path), {}).syms
    return found


def test_newer_keywords_are_read_and_lines_stay_right(symbols: dict[str, Any]) -> None:
    assert symbols["MODULES"].str_value == "y"
    assert symbols["OLD_NAME"].str_value == "n"
    assert place_of(symbols["DRIVER"])[1] == KCONFIG.splitlines().index("config DRIVER") + 1


def test_every_condition_in_the_way_is_named_and_the_change_lifts_all(symbols: dict[str, Any]) -> None:
    found = obstacle(symbols["DRIVER"], "m")
    assert found is not None
    assert found.code == "kernel-symbol-unmet"
    assert [item.text for item in found.evidence] == [
        "DRIVER depends on BUS, which is n",
        "DRIVER depends on !LOCKED, which is n",
    ]
    assert found.changes == {"BUS": "m", "LOCKED": "n"}


def test_a_conditional_dependency_holds_while_its_condition_does(symbols: dict[str, Any]) -> None:
    role = symbols["ROLE"]
    assert obstacle(role, "m") is None, "LOCKED is y, and TWO is n"
    symbols["LOCKED"].set_value(0)
    found = obstacle(role, "m")
    assert found is not None
    assert found.changes == {"BUS": "m"}
    assert place_of(role)[1] == KCONFIG.splitlines().index("config ROLE") + 1


def test_nothing_is_in_the_way_of_what_only_a_line_sets(symbols: dict[str, Any]) -> None:
    assert obstacle(symbols["BUS"], "m") is None


def test_of_two_ways_the_shorter_is_taken(symbols: dict[str, Any]) -> None:
    assert changes(symbols["EITHER"], 2) == {"TWO": "y"}


def test_without_prompt_a_selector_is_the_way(symbols: dict[str, Any]) -> None:
    found = obstacle(symbols["CORE"], "m")
    assert found is not None
    assert found.code == "kernel-symbol-promptless"
    assert found.evidence[0].text.endswith("selected by DRIVER")
    assert found.changes == {"BUS": "m", "LOCKED": "n", "DRIVER": "m"}


def test_what_nothing_can_set_has_no_way(symbols: dict[str, Any]) -> None:
    found = obstacle(symbols["LOOP_A"], "y")
    assert found is not None
    assert found.changes is None


def test_a_selected_symbol_cannot_be_off(symbols: dict[str, Any]) -> None:
    for name, value in (("LOCKED", 0), ("BUS", 2), ("DRIVER", 2)):
        symbols[name].set_value(value)
    found = obstacle(symbols["CORE"], "n")
    assert found is not None
    assert found.code == "kernel-symbol-promptless"


@pytest.mark.parametrize(
    ("name", "value", "valid"),
    [
        ("BUS", "m", True),
        ("ONE", "m", False),
        ("BUS", "yes", False),
        ("LEVEL", "9", True),
        ("LEVEL", "10", False),
        ("LEVEL", "nine", False),
        ("NAME", '"x"', True),
        ("NAME", "x", False),
    ],
)
def test_values_by_type_and_range(symbols: dict[str, Any], name: str, value: str, valid: bool) -> None:
    assert (invalid_value(symbols[name], value) is None) is valid
