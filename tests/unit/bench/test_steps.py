# SPDX-License-Identifier: MIT
"""What counts as a step, and what a missing one is called."""

from __future__ import annotations

from modem_image.bench.observe import Observation
from modem_image.bench.steps import Step, expected_steps, findings, results

TTYS = Step("serial", "three ports", "kernel", r"attached to ttyUSB\d", 3)
DIALLED = Step("dialled", "dials", "stick", "^dialled")


def kernel(time: float, number: int) -> Observation:
    return Observation(time, "kernel", "kernel", f"attached to ttyUSB{number}")


def test_a_step_that_wants_three_is_seen_with_the_third() -> None:
    seen = [kernel(3.0, 2), kernel(1.0, 0), kernel(2.0, 1)]
    assert [result.seconds for result in results([TTYS], seen)] == [3.0]
    assert [result.seconds for result in results([TTYS], seen[:2])] == [None]


def test_another_source_with_the_same_words_does_not_count() -> None:
    seen = [Observation(1.0, "journal", "dialled", "")]
    assert results([DIALLED], seen)[0].seconds is None


def test_only_the_first_missing_step_is_a_finding() -> None:
    found = findings(results([TTYS, DIALLED], []), "run")
    assert [(item.code, item.title) for item in found] == [
        ("bench-step-missed", "not seen: three ports (serial)")
    ]
    assert findings(results([DIALLED], [Observation(1.0, "stick", "dialled", "")]), "run") == []


def test_a_stick_that_starts_as_a_modem_needs_no_switch() -> None:
    names = [step.name for step in expected_steps(switches=False)]
    assert "switched" not in names
    assert len(names) == len(set(names))
