# SPDX-License-Identifier: MIT
"""docs/tested.md says what failed, and of which commits."""

from __future__ import annotations

import datetime

from layer.conftest import Result, locked, page


def test_a_failure_is_counted_and_listed() -> None:
    results = [Result("test_a[x]", "passed", 12.4), Result("test_b", "failed", 1.0)]
    text = page(results, [("kas/base.lock.yml", "poky", "a" * 40)], "b" * 40, datetime.date(2026, 1, 2))
    assert f"2026-01-02, commit {'b' * 40}: 1 passed, 1 failed." in text
    assert "| `test_a[x]` | passed | 12 |" in text
    assert "| `test_b` | failed | 1 |" in text
    assert f"| `kas/base.lock.yml` | poky | `{'a' * 40}` |" in text


def test_every_lock_is_listed() -> None:
    assert {file for file, _name, _sha in locked()} == {
        "kas/base.lock.yml",
        "kas/kirkstone/base.lock.yml",
        "kas/toradex.lock.yml",
        "kas/wrynose/base.lock.yml",
    }
