# SPDX-License-Identifier: MIT
"""Which modules of Python an image has: OpenEmbedded packs its standard library in some sixty packages.

core's python3-manifest.json says which file belongs to which package, and what each depends on. The lists
in python3/ are rendered from it, a file a release: the modules of what the helper's recipe asks for.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from modem_image import HELPER

LISTS = Path(__file__).with_name("python3")
MANIFEST = "meta/recipes-devtools/python/python3/python3-manifest.json"
RELEASES = ("kirkstone", "scarthgap", "wrynose")
(RECIPE,) = HELPER.parent.glob("huawei-modem_*.bb")
"""The helper's recipe, whose name has its version."""

# In the interpreter itself whatever the configuration: Modules/Setup.bootstrap.in and config.c.in of CPython.
BUILTIN = frozenset(
    """
    _abc _ast _codecs _collections _functools _imp _io _locale _operator _signal _sre _stat _string
    _suggestions _symtable _sysconfig _thread _tokenize _tracemalloc _typing _warnings _weakref atexit
    builtins errno faulthandler gc itertools marshal posix pwd sys time
    """.split()  # noqa: SIM905
)


def wanted(recipe: Path) -> list[str]:
    """The packages python3-NAME of the recipe's RDEPENDS, as the manifest calls them."""
    (value,) = re.findall(r'^RDEPENDS:\$\{PN\} = "([^"]*)"$', recipe.read_text(), re.MULTILINE)
    return re.findall(r"\bpython3-([a-z]\w*)", value)


def modules(manifest: str, packages: list[str]) -> list[str]:
    """The modules that `packages` bring, with all they depend on. A folder is a name that ends in a dot."""
    # The file begins with a comment, which is not JSON.
    table: dict[str, Any] = json.loads(manifest[manifest.index("\n{") :])
    needed, found = list(packages), set()
    for package in needed:
        needed += [name for name in table[package]["rdepends"] if name not in needed]
        for pattern in table[package]["files"]:
            path = re.fullmatch(r"\$\{libdir\}/python[^/]+/(?:lib-dynload/)?(.+)", pattern)
            if path and (name := _module(path[1])):
                found.add(name)
    return sorted(found)


def _module(path: str) -> str | None:
    if path.endswith(".so"):
        return path.split(".")[0]
    if path.endswith(".py"):
        return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return None if "." in path else f"{path.replace('/', '.')}."


def rendered(release: str) -> list[str]:
    """The list of a release."""
    return (LISTS / f"{release}.txt").read_text().split()
