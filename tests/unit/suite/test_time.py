# SPDX-License-Identifier: MIT
"""No unit test is judged by the time that it takes: on a busy machine it would fail for no fault.

A speed is a ratio of two that are measured side by side: tests/benchmarks. What must come is waited for with
patience.py.
"""

from __future__ import annotations

import re
from pathlib import Path

UNIT = Path(__file__).parents[1]
MEASURES = re.compile(r"\b(process_time|perf_counter|thread_time|ru_[us]time|default_timer)|\bos\.times\b")
ALLOWED: dict[str, str] = {}
"""A file and why it measures; nothing has had a reason yet."""


def measuring(folder: Path) -> dict[str, list[str]]:
    """The words for a measured time in the files below `folder`, by file, but for this one."""
    found = {
        path.relative_to(folder).as_posix(): sorted(
            {match[0] for match in MEASURES.finditer(path.read_text())}
        )
        for path in folder.rglob("*.py")
        if path != Path(__file__)
    }
    return {name: words for name, words in found.items() if words}


def test_no_unit_test_measures_its_time() -> None:
    assert set(measuring(UNIT)) == set(ALLOWED)


def test_one_that_did_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("begun = time.process_time()\nused = os.times().user\n")
    (tmp_path / "test_other.py").write_text("end = time.monotonic() + PATIENCE\n")
    assert measuring(tmp_path) == {"test_it.py": ["os.times", "process_time"]}
