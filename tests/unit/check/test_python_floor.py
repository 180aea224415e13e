# SPDX-License-Identifier: MIT
"""What a build runs needs the layer alone, and no Python newer than a supported build host has."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from modem_image import HELPER, LIBRARY
from unit.check.images import check_files, codes, image_files

FLOOR = (3, 8)
SOURCES = sorted(LIBRARY.rglob("*.py"))
# What a module of lib/ imports of the helper's package, and what that imports.
SHARED = ("database", "running_kernel", "modules", "report", "text")
# Subscripted when the program runs: since 3.9.
GENERICS = {"dict", "list", "tuple", "set", "frozenset", "type", "deque"}
# Since 3.9 or 3.10.
NEWER = {"removeprefix", "removesuffix", "is_relative_to", "cache", "with_stem", "randbytes", "pairwise"}


def files() -> list[Path]:
    return [*SOURCES, *(HELPER / "huawei_modem" / f"{name}.py" for name in SHARED)]


@pytest.mark.parametrize("path", files(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_nothing_newer_than_the_floor_is_used(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"), feature_version=FLOOR)
    assert list(newer(tree)) == []


def newer(tree: ast.AST) -> Iterator[str]:
    """What a Python 3.8 would stumble over when it runs `tree`; annotations are never evaluated."""
    abstract = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "collections.abc"
        for alias in node.names
    }
    for node in run_time(tree):
        if what := newer_node(node, abstract):
            yield f"line {getattr(node, 'lineno', 0)}: {what}"


def newer_node(node: ast.AST, abstract: set[str]) -> str | None:
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        generic = node.value.id in GENERICS | abstract and isinstance(node.ctx, ast.Load)
        return f"{node.value.id}[...]" if generic else None
    if isinstance(node, ast.Attribute):
        return f".{node.attr}" if node.attr in NEWER else None
    if isinstance(node, (ast.AugAssign, ast.BinOp)) and isinstance(node.op, ast.BitOr):
        sides = [node.value] if isinstance(node, ast.AugAssign) else [node.left, node.right]
        return "| of a dict" if any(isinstance(side, (ast.Dict, ast.DictComp)) for side in sides) else None
    if isinstance(node, ast.Call):
        words = {word.arg for word in node.keywords} & {"strict", "usedforsecurity"}
        zipped = isinstance(node.func, ast.Name) and node.func.id == "zip"
        return f"{min(words)}=" if words and (zipped or "usedforsecurity" in words) else None
    return None


def run_time(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below `node` that are evaluated: no annotations, nothing for the type checker alone."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST):
                continue
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
                for part in child.orelse:
                    yield part
                    yield from run_time(part)
                continue
            yield child
            yield from run_time(child)


def test_the_judge_of_the_floor_sees_what_is_newer() -> None:
    for line in ("x = dict[str, int]", "a.removeprefix(b)", "zip(a, b, strict=True)", "functools.cache(f)"):
        assert list(newer(ast.parse(line)))
    with pytest.raises(SyntaxError):
        ast.parse("match x:\n    case 1: pass", feature_version=FLOOR)


def floor_python() -> str | None:
    """A Python 3.8 of this machine that starts: on PATH, or one of pyenv's."""
    installed = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob("versions/3.8.*"))
    for python in [shutil.which("python3.8"), *(str(path / "bin" / "python3.8") for path in installed)]:
        if python and subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0:
            return python
    return None


def run_as_a_build(python: str, layer: Path, image: Path) -> subprocess.CompletedProcess[str]:
    places = [layer / "lib", layer / "recipes-support" / "huawei-modem" / "files"]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(map(str, places))}
    line = [python, "-S", "-B", "-m", "huawei_modem_check", image]
    return subprocess.run(line, env=environment, capture_output=True, text=True, check=False)


def images(folder: Path) -> list[tuple[Path, int]]:
    made = []
    for name, files, status in (("good", image_files(), 0), ("bad", image_files(rootfs={"./etc/x": b""}), 1)):
        place = folder / name
        place.mkdir()
        assert bool(codes(check_files(place, files))) is bool(status)
        made.append((next(place.iterdir()), status))
    return made


def test_the_layer_alone_and_the_standard_library_are_enough(tmp_path: Path) -> None:
    """As huawei_modem_image_check.bbclass runs it: no packages, and nothing but a copy of the layer."""
    layer = tmp_path / "meta-huawei-modem"
    shutil.copytree(LIBRARY.parent, layer, ignore=shutil.ignore_patterns("__pycache__"))
    python = str(Path(sys.base_prefix) / "bin" / "python3")
    for image, status in images(tmp_path):
        done = run_as_a_build(python, layer, image)
        assert done.returncode == status, done.stderr


def test_a_python_of_the_floor_runs_it(tmp_path: Path) -> None:
    python = floor_python()
    if python is None:
        pytest.skip("needs a Python 3.8, on PATH or of pyenv")
    for image, status in images(tmp_path):
        done = run_as_a_build(python, LIBRARY.parent, image)
        assert done.returncode == status, done.stderr
