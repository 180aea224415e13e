# SPDX-License-Identifier: MIT
"""On OpenEmbedded Python's library is some ninety packages: the recipe needs those that the helper imports.

The oracle is openembedded-core's own list of what is in which package (python3-manifest.json).
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from modem_image import HELPER
from unit.helper.python_packages import RECIPE

pytestmark = pytest.mark.mirror

CORE = "openembedded+openembedded-core"
MANIFEST = "meta/recipes-devtools/python/python3/python3-manifest.json"
# Built into the interpreter, or of no file that the manifest names.
WITHIN = {"__future__", "errno", "itertools", "sys", "time"}


def manifest(mirror: Path, release: str) -> dict[str, Any]:
    text = subprocess.run(
        ["git", "-C", mirror / CORE / "repo", "show", f"{release}:{MANIFEST}"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    document = json.loads("\n".join(line for line in text.splitlines() if not line.startswith("#")))
    return dict(document)


WATCH = "huawei-modem-watch"


def imported(package: str) -> set[str]:
    """Modules of the standard library that a package imports anywhere, also within functions."""
    found: set[str] = set()
    folder = HELPER / "watch/huawei_modem_watch" if package == WATCH else HELPER / "huawei_modem"
    for path in folder.rglob("*.py"):
        if package == "${PN}" and "transcript" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return {name for name in found if name in sys.stdlib_module_names} - WITHIN


def asked_for(package: str) -> list[str]:
    """What the package depends on by its recipe; the watch needs the helper, and has what that has."""
    lists = re.findall(r'^RDEPENDS:(\S+) = "([^"]*)"', RECIPE.read_text(), re.MULTILINE)
    needed = [text for name, text in lists if name in {"${PN}", package}]
    if package == WATCH:
        (recipe,) = HELPER.parent.glob(f"{WATCH}_*.bb")
        needed += re.findall(r'^RDEPENDS:\$\{PN\} = "([^"]*)"', recipe.read_text(), re.MULTILINE)
    return " ".join(needed).split()


@pytest.mark.parametrize("package", ["${PN}", "${PN}-transcript", WATCH])
@pytest.mark.parametrize("release", ["kirkstone", "scarthgap", "wrynose"])
def test_each_module_is_in_a_package_that_the_recipe_needs(
    pytestconfig: pytest.Config, release: str, package: str
) -> None:
    packages = manifest(Path(pytestconfig.getoption("--mirror")), release)
    needed = asked_for(package)
    todo = [name.removeprefix("python3-") for name in needed if name.startswith("python3-")]
    there: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in there:
            there.add(name)
            todo += packages[name].get("rdepends", [])

    def places(module: str) -> set[str]:
        # As a module, as a package, or as an extension of the interpreter.
        wanted = re.compile(rf"/{module}(?:\.py|\.\*|\.\w|/|$)")
        return {name for name, item in packages.items() if any(map(wanted.search, item.get("files", [])))}

    missing = {module: sorted(places(module)) for module in imported(package) if not places(module) & there}
    assert missing == {}
