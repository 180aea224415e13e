# SPDX-License-Identifier: MIT
"""Every scenario that is offered for a stick has the steps that it waits for; others are refused at once."""

from __future__ import annotations

import functools
import itertools

import pytest

from modem_image.bench.fit import KINDS, fitting, kinds_of
from modem_image.bench.scenario import load_scenarios
from modem_image.bench.steps import expected_steps
from modem_image.bench.stick import data
from modem_image.bench.stick.stick import load_stick
from modem_image.cli import main

SCENARIOS = load_scenarios()
PAIRS = list(itertools.product(data.names(), SCENARIOS))


@functools.cache
def fitting_for(stick: str) -> frozenset[str]:
    """Names of scenarios."""
    return frozenset(fitting(kinds_of(load_stick(stick)), SCENARIOS))


def fits(stick: str, scenario: str) -> bool:
    return scenario in fitting_for(stick)


@pytest.mark.parametrize(("stick", "scenario"), [pair for pair in PAIRS if fits(*pair)])
def test_what_fits_has_every_step(stick: str, scenario: str) -> None:
    names = [step.name for step in expected_steps(load_stick(stick), SCENARIOS[scenario].last_step)]
    assert "capture" in names


@pytest.mark.parametrize(("stick", "scenario"), [pair for pair in PAIRS if not fits(*pair)])
@pytest.mark.slow
def test_what_does_not_fit_is_refused_with_what_would(
    stick: str, scenario: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "--stick", f"{stick}:{scenario}"]) == 2
    said = capsys.readouterr().err
    assert f"{scenario} needs {KINDS[SCENARIOS[scenario].needs]}, and {stick} is not one" in said
    offered = said.split(f"with {stick}: ")[1].splitlines()[0].split(", ")
    assert offered == [name for name in SCENARIOS if fits(stick, name)]
    others = said.split(f"{scenario} with: ")[1].strip().split(", ")
    assert all(fits(other, scenario) for other in others)


@pytest.mark.slow
def test_each_stick_has_some_and_each_scenario_one() -> None:
    assert {stick for stick, scenario in PAIRS if fits(stick, scenario)} == set(data.names())
    assert {scenario for stick, scenario in PAIRS if fits(stick, scenario)} == set(SCENARIOS)


def test_the_list_says_which_go_together_in_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert "e3372h            hot-plug, slow-switch, choose-modem, cold-plug, pulled," in lines
