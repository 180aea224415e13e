# SPDX-License-Identifier: MIT
"""No unit test is judged by the time that it takes: on a busy machine it would fail for no fault.

A speed is a ratio of two that are measured side by side: tests/benchmarks. What must come is waited for with
patience.py.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

UNIT = Path(__file__).parents[1]
MEASURES = re.compile(
    r"\b(?:process_time|perf_counter|thread_time|clock_gettime|ru_[us]time|default_timer|timeit)|\bos\.times\b"
)
CLOCKS = {"monotonic", "monotonic_ns", "time", "time_ns"}
IMPATIENT = re.compile(r"(?:\btimeout=|\.(?:join|wait)\(|\bmonotonic\(\) \+ )[1-9]\d*(?![\d.]| \* PATIENCE)")
"""A wait for what must come that has a number of its own."""
ALLOWED = {"bench/test_patience.py"}
"""It compares the bench's clock with the machine's, over the same time."""


def measures(text: str) -> Iterator[str]:
    """Clocks of what a program has cost, and differences of two moments: what a clock says now, or a name
    that has or gathers what it said."""
    yield from MEASURES.findall(text)
    if not any(f"{clock}()" in text for clock in CLOCKS):
        return
    tree = ast.parse(text)
    moments: set[str] = set()
    while more := {name for node in ast.walk(tree) for name in _stored(node, moments)} - moments:
        moments |= more
    for node in ast.walk(tree):
        match node:
            case ast.BinOp(left=left, op=ast.Sub(), right=right):
                if _is_moment(left, moments) and _is_moment(right, moments):
                    yield ast.unparse(node)


def _stored(node: ast.AST, moments: set[str]) -> Iterator[str]:
    """The names that this piece gives a moment to."""
    match node:
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
            for target, value in zip(targets, values, strict=False):
                yield from _names(target) if _is_moment(value, moments) else ()
        case ast.Assign(targets=targets, value=value) if _is_moment(value, moments):
            yield from (name for target in targets for name in _names(target))
        case ast.AnnAssign(target=target, value=ast.expr() as value) if _is_moment(value, moments):
            yield from _names(target)
        case ast.NamedExpr(target=target, value=value) if _is_moment(value, moments):
            yield from _names(target)
        case ast.For(target=target, iter=gathered) | ast.comprehension(target=target, iter=gathered):
            if any(_is_moment(part, moments) for part in ast.walk(gathered)):
                yield from _names(target)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[value]):
            if _is_moment(value, moments):
                yield name


def _names(target: ast.AST) -> Iterator[str]:
    for part in ast.walk(target):
        if isinstance(part, ast.Name | ast.Attribute):
            yield part.id if isinstance(part, ast.Name) else part.attr


def _is_moment(node: ast.AST, moments: set[str]) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=[]):
            return name in CLOCKS
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in moments
        case ast.Subscript(value=value):
            return _is_moment(value, moments)
    return False


def found(wanted: Callable[[str], Iterator[str]], folder: Path) -> dict[str, list[str]]:
    """What is wanted in the files below `folder`, by file, but for this one."""
    words = {
        path.relative_to(folder).as_posix(): sorted(set(wanted(path.read_text())))
        for path in folder.rglob("*.py")
        if path != Path(__file__)
    }
    return {name: each for name, each in words.items() if each}


def impatient(text: str) -> Iterator[str]:
    yield from IMPATIENT.findall(text)


def test_no_unit_test_measures_its_time() -> None:
    assert found(measures, UNIT).keys() == ALLOWED


def test_what_must_come_is_waited_for_with_patience() -> None:
    assert found(impatient, UNIT) == {}


def test_one_that_did_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("begun = time.process_time()\nused = os.times().user\n")
    (tmp_path / "test_wall.py").write_text("begun = time.monotonic()\nassert time.monotonic() - begun < 3\n")
    (tmp_path / "test_two.py").write_text(
        "begun, limit = time.time(), 3\nself.ended = time.time()\nassert self.ended - begun < limit\n"
    )
    (tmp_path / "test_many.py").write_text(
        "def act():\n    seen.append(monotonic())\nassert all(b - a < 1 for a, b in zip(seen, seen[1:]))\n"
    )
    (tmp_path / "test_short.py").write_text("end = time.monotonic() + 10\nrun(timeout=60)\n")
    (tmp_path / "test_other.py").write_text(
        "end = time.monotonic() + PATIENCE\nbefore = time.time() - 60\nrun(timeout=3 * PATIENCE)\n"
    )
    assert found(measures, tmp_path) == {
        "test_it.py": ["os.times", "process_time"],
        "test_wall.py": ["time.monotonic() - begun"],
        "test_two.py": ["self.ended - begun"],
        "test_many.py": ["b - a"],
    }
    assert found(impatient, tmp_path) == {"test_short.py": ["monotonic() + 10", "timeout=60"]}
