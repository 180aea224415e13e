# SPDX-License-Identifier: MIT
"""What counts as a step, and what a missing one is called."""

from __future__ import annotations

from modem_image.bench.observe import Observation
from modem_image.bench.steps import Step, awaited, expected_steps, findings, results
from modem_image.bench.stick.stick import StickSettings, load_stick

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


def names(settings: StickSettings, last_step: str | None = None, *, first: bool = True) -> list[str]:
    steps = expected_steps(load_stick("ms2372h", settings), last_step, first=first)
    return [step.name for step in steps]


def test_a_stick_that_starts_as_a_modem_needs_no_switch() -> None:
    found = names(StickSettings(start="modem"))
    assert "switched" not in found
    assert len(found) == len(set(found))
    assert found == names(StickSettings())[2:]


def test_a_fault_ends_the_steps_where_it_shows() -> None:
    found = names(StickSettings(), "powered")
    assert found[-4:] == ["powered", "doctor", "modules", "capture"]
    assert "ping" not in found


def test_the_modules_are_checked_once_a_boot() -> None:
    assert "modules" in names(StickSettings())
    assert "modules" not in names(StickSettings(), first=False)


def test_what_a_fault_kept_from_happening_is_the_first_step_that_was_not_seen() -> None:
    stick = load_stick("ms2372h", StickSettings(start="modem"))
    first = awaited(stick, [])
    assert first is not None and first.name == "modem-mode"
    there = Observation(1.0, "stick", "configured:modem", "mode=modem usb=12d1:1506 value=1")
    second = awaited(stick, [there])
    assert second is not None and second.name == "serial"
