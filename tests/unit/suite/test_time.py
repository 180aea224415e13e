# SPDX-License-Identifier: MIT
"""No unit test is judged by the time that it takes: on a busy machine it would fail for no fault.

A speed is a ratio of two that are measured side by side: tests/benchmarks. What must come is waited for with
patience.py.
"""

from __future__ import annotations

import re
from pathlib import Path

UNIT = Path(__file__).parents[1]
MEASURES = re.compile(
    r"\b(?:process_time|perf_counter|thread_time|clock_gettime|ru_[us]time|default_timer|timeit)|\bos\.times\b"
    r"|\bmonotonic(?:_ns)?\(\) - (?=[a-z])|\btime\.time(?:_ns)?\(\) - (?=[a-z])"
)
IMPATIENT = re.compile(r"(?:\btimeout=|\.(?:join|wait)\(|\bmonotonic\(\) \+ )[1-9]\d*(?![\d.]| \* PATIENCE)")
"""A wait for what must come that has a number of its own."""
ALLOWED = {"bench/test_patience.py"}
"""It compares the bench's clock with the machine's, over the same time."""


def found(wanted: re.Pattern[str], folder: Path) -> dict[str, list[str]]:
    """What is wanted in the files below `folder`, by file, but for this one."""
    words = {
        path.relative_to(folder).as_posix(): sorted({match[0] for match in wanted.finditer(path.read_text())})
        for path in folder.rglob("*.py")
        if path != Path(__file__)
    }
    return {name: each for name, each in words.items() if each}


def test_no_unit_test_measures_its_time() -> None:
    assert found(MEASURES, UNIT).keys() == ALLOWED


def test_what_must_come_is_waited_for_with_patience() -> None:
    assert found(IMPATIENT, UNIT) == {}


def test_one_that_did_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("begun = time.process_time()\nused = os.times().user\n")
    (tmp_path / "test_wall.py").write_text("assert time.monotonic() - begun < 3\n")
    (tmp_path / "test_short.py").write_text("end = time.monotonic() + 10\nrun(timeout=60)\n")
    (tmp_path / "test_other.py").write_text(
        "end = time.monotonic() + PATIENCE\nbefore = time.time() - 60\nrun(timeout=3 * PATIENCE)\n"
    )
    assert found(MEASURES, tmp_path) == {
        "test_it.py": ["os.times", "process_time"],
        "test_wall.py": ["monotonic() - "],
    }
    assert found(IMPATIENT, tmp_path) == {"test_short.py": ["monotonic() + 10", "timeout=60"]}
