# SPDX-License-Identifier: MIT
"""No pattern of the doctor goes back over a long line again and again, told from the patterns' structure."""

from __future__ import annotations

import ast
import gc
import importlib
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from huawei_modem import transcript
from unit.transcript.ways import LINE, ways

MOST = 4 * LINE**2
"""Ways over a line of 2000 characters at one place: at most two long repeats that cannot be told apart, some
20 ms for a line that is made for it. Three would be 2000 times as many."""
_CALLS = {"compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"}


def compiled() -> dict[str, tuple[str, int]]:
    """Every compiled pattern that the modules of the doctor hold in whatever object; its module and flags."""
    names = [item.name for item in pkgutil.walk_packages(transcript.__path__, transcript.__name__ + ".")]
    for name in names:
        importlib.import_module(name)
    found: dict[str, tuple[str, int]] = {}
    others = [module for name, module in sys.modules.items() if name not in names]
    seen = {id(getattr(module, "__dict__", None)) for module in others}
    todo: list[tuple[str, object]] = [(name, vars(sys.modules[name])) for name in names]
    while todo:
        name, held = todo.pop()
        if id(held) in seen or isinstance(held, ModuleType | str | bytes | int):
            continue
        if hasattr(held, "cache_clear"):
            continue  # what a call has left there depends on the tests that ran before
        seen.add(id(held))
        if isinstance(held, re.Pattern):
            found.setdefault(held.pattern, (name.removeprefix(f"{transcript.__name__}."), held.flags))
        else:
            todo += [(name, referent) for referent in gc.get_referents(held)]
    return found


def written() -> Iterator[tuple[str, str]]:
    """The patterns that functions hand to `re` as they stand."""
    for path in sorted(Path(transcript.__path__[0]).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="re"), attr=called),
                    args=[ast.Constant(value=str(pattern)), *_],
                ) if called in _CALLS:
                    yield f"{path.name}:{node.lineno}", pattern


def test_no_pattern_goes_back_over_a_line_again_and_again() -> None:
    patterns = compiled()
    assert len(patterns) > 400
    tried = [(ways(text, flags), name, text) for text, (name, flags) in patterns.items()]
    tried += [(ways(text), name, text) for name, text in written()]
    assert [f"{name}: {count:.1g} ways: {text[:200]}" for count, name, text in tried if count > MOST] == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?:\w+\s*)+:",
        r'"(?:\\.|[^"])*" ',
        r"(.*)(.*)(.*)x",
        r"\s+(.*?)\s*(\S*?)\s*\Z",
        r"x.*\d+.*y",
        r"(?:.{0,80} ){9}z",
    ],
)
def test_what_goes_back_is_seen(pattern: str) -> None:
    assert ways(pattern) > MOST


@pytest.mark.parametrize(
    "pattern",
    [
        r"\s*(\w+)\s*=\s*(\w+)\s*",
        r"[^:]*:[^:]*:[^:]*:.*",
        r"(?:\d+\.)*x",
        r".*error.*",
        r"\b(?:plug|pull)\w*\b.{0,60}\bout\b.{0,40}",
    ],
)
def test_what_finds_its_end_at_once_is_let_pass(pattern: str) -> None:
    assert ways(pattern) <= MOST
