# SPDX-License-Identifier: MIT
"""docs/dev/tested.md says what passed, failed and was not run, when, and of which commits."""

from __future__ import annotations

from conftest import locked
from stacks.record import NOT_RUN, Row, merge, page, rows_of

OLD = [
    Row("stacks/test_a.py::test_x[1]", "passed", "12", "2026-01-02", "`aaaa`"),
    Row("stacks/test_a.py::test_gone", "passed", "1", "2026-01-02", "`aaaa`"),
    Row("stacks/test_b.py::test_y", "failed", "3", "2026-01-02", "`aaaa`+"),
    Row("stacks/test_removed.py::test_z", "passed", "3", "2026-01-02", "`aaaa`"),
]


def test_a_page_is_read_as_it_was_written() -> None:
    rows = [*OLD, Row("stacks/test_a.py::test_never", NOT_RUN)]
    text = page(rows, [("kas/base.lock.yml", "poky", "a" * 40)])
    assert rows_of(text) == rows
    assert "5 tests: 3 passed, 1 failed, 1 not run." in text
    assert f"| `kas/base.lock.yml` | poky | `{'a' * 40}` |" in text


def test_what_left_itself_out_is_no_failure() -> None:
    text = page([OLD[0], Row("stacks/test_a.py::test_z", "skipped", "0", "2026-01-02", "`aaaa`")], [])
    assert "2 tests: 1 passed, 0 failed, 1 not run." in text


def test_a_run_replaces_what_it_ran_and_keeps_the_rest() -> None:
    again = Row("stacks/test_a.py::test_x[1]", "failed", "9", "2026-01-03", "`bbbb`")
    collected = [again.test, "stacks/test_a.py::test_new"]
    rows = merge(OLD, collected, {again.test: again}, {"stacks/test_b.py"})
    assert rows == [Row("stacks/test_a.py::test_new", NOT_RUN), again, OLD[2]]


def test_what_is_left_out_keeps_its_last_result() -> None:
    assert merge(OLD, [OLD[0].test], {}, set()) == [OLD[0]]


def test_a_run_of_single_tests_drops_no_other_of_their_file() -> None:
    unread = {"stacks/test_a.py", "stacks/test_b.py"}
    assert {row.test for row in merge(OLD, [OLD[0].test], {}, unread)} == {row.test for row in OLD[:3]}


def test_every_lock_is_listed() -> None:
    assert {file for file, _name, _sha in locked()} == {
        "kas/kirkstone/base.lock.yml",
        "kas/kirkstone/toradex.lock.yml",
        "kas/scarthgap/base.lock.yml",
        "kas/scarthgap/toradex.lock.yml",
        "kas/wrynose/base.lock.yml",
    }


def test_what_a_test_measured_is_kept_with_its_row() -> None:
    said = Row(
        "stacks/test_a.py::test_x[1]", "passed", "9", "2026-01-03", "`bbbb`", "210 of 300\n recipes: 1 `x`"
    )
    text = page([said, OLD[1]], [])
    assert "- `stacks/test_a.py::test_x[1]`: 210 of 300 recipes: 1 `x`\n" in text
    first, second = rows_of(text)
    assert first.measured == "210 of 300 recipes: 1 `x`"
    assert second == OLD[1]
    assert page(rows_of(text), []) == text
    assert "What they measured" not in page([OLD[1]], [])
