# SPDX-License-Identifier: MIT
"""The packages depend on each other in one direction, and a command loads what it needs alone."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from modem_image import HELPER, LIBRARY, PROJECT
from modem_image.commands import COMMANDS, command

SOURCES = (PROJECT / "scripts", LIBRARY, HELPER)
PACKAGES = ("modem_image", "huawei_modem", "huawei_modem_kernel", "huawei_modem_check")
MOST = {"--help": 18, "check": 95}
"""Modules of ours, once the command has read its arguments and failed for want of a file; Python's own are
another number with each of its versions. Each costs half a millisecond, of a budget of 0.15 s."""
ON_THE_TARGET = {"status": 25, "doctor": 36}
"""The same of the helper: what it loads is most of its cost (tests/benchmarks/board_cost.py)."""
DEAR = {
    "dataclasses",
    "hashlib",
    "inspect",
    "logging",
    "multiprocessing",
    "subprocess",
    "tempfile",
    "tomllib",
}
"""Of Python's own what brings many others, or takes milliseconds."""


def modules() -> dict[str, Path]:
    """Every module of ours by its name."""
    return {
        ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__"): path
        for folder in SOURCES
        for package in PACKAGES
        for path in (folder / package).rglob("*.py")
    }


def imported(name: str, path: Path, known: Mapping[str, Path]) -> Iterator[str]:
    """What a module imports of ours, wherever in it; importing a.b runs a too, unless it is a's own part."""
    for node in ast.walk(ast.parse(path.read_text())):
        found: list[str] = []
        if isinstance(node, ast.Import):
            found = [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            inner = [f"{node.module}.{each.name}" for each in node.names]
            found = [each if each in known else node.module for each in inner]
        for each in found:
            parts = each.split(".")
            for length in range(1, len(parts) + 1):
                module = ".".join(parts[:length])
                if module in known and not f"{name}.".startswith(f"{module}."):
                    yield module


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Ways from a module back to itself, each named once."""
    found: list[list[str]] = []
    done: set[str] = set()

    def walk(name: str, way: list[str]) -> None:
        if name in way:
            found.append([*way[way.index(name) :], name])
        elif name not in done:
            for each in sorted(graph[name]):
                walk(each, [*way, name])
            done.add(name)

    for name in sorted(graph):
        walk(name, [])
    return found


def test_a_circle_would_be_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == [["b", "c", "b"]]


def test_there_is_no_circle_of_imports() -> None:
    known = modules()
    assert len(known) > 200
    graph = {name: set(imported(name, path, known)) for name, path in known.items()}
    assert "huawei_modem_check.image" in graph["modem_image.commands.check"]
    assert circles(graph) == []


def test_what_the_layer_holds_knows_nothing_of_the_host() -> None:
    known = modules()
    outside = {
        name: found
        for name, path in known.items()
        if not name.startswith("modem_image")
        and (found := [each for each in imported(name, path, known) if each.startswith("modem_image")])
    }
    assert outside == {}


def loaded(*arguments: str) -> set[str]:
    """The names of all modules once the command has ended."""
    script = (
        "import sys; from modem_image.cli import main; main(sys.argv[1:]);"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=PROJECT / "scripts",
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.splitlines()[-1].split())


def ours(names: Iterable[str]) -> set[str]:
    return {name for name in names if name.partition(".")[0] in PACKAGES}


def test_help_loads_no_area() -> None:
    names = loaded("--help")
    assert len(ours(names)) <= MOST["--help"], sorted(ours(names))
    assert names.isdisjoint(DEAR)
    areas = {name.split(".")[1] for name in names if name.startswith("modem_image.")}
    assert areas == {"access", "cli", "commands", "console", "errors"}


def test_check_loads_what_reads_an_image_and_no_more() -> None:
    names = loaded("check", "/nonexistent")
    assert len(ours(names)) <= MOST["check"], sorted(ours(names))
    assert names.isdisjoint({"jinja2", "kconfiglib", "multiprocessing", "tomllib", "xml.etree", "zeroconf"})
    assert not {name for name in names if name.startswith("modem_image.bench")}


@pytest.mark.parametrize(("name", "most"), ON_THE_TARGET.items())
def test_looking_on_the_target_loads_what_it_needs_alone(name: str, most: int) -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(HELPER)!r}); from huawei_modem.cli import main;"
        "main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-EsS", "-c", script, "--root", "/nonexistent", name], capture_output=True, text=True
    )
    names = set(done.stderr.splitlines()[-1].split())
    assert len(ours(names)) <= most, sorted(ours(names))
    assert names.isdisjoint(DEAR)
    assert not {each for each in names if each.startswith("huawei_modem.transcript")}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_made_alike(name: str) -> None:
    module = command(name)
    assert callable(module.configure)
    assert callable(module.run)
    assert module.__doc__
