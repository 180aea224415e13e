# SPDX-License-Identifier: MIT
"""What a build compiles, and where its hours go.

The weights are the standard build units of Linux From Scratch: what a package takes on four processors,
against the first pass of binutils on one. From lfs 003dedde, packages.ent (of 2024; the final system's
figures, the temporary tools' of gcc and glibc, whose final ones have their tests in it), and from BLFS's
pages of cmake, git, GLib, LLVM, QEMU and Rust; LLVM's and Rust's are of eight processors, and doubled.
They tell big from small and no more: LFS compiles for the machine that it runs on, with options of its
own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from modem_image.console import table
from modem_image.yocto.graph import Graph

SHOWN = 10
WEIGHTS: Mapping[str, float] = {
    "bash": 1.4,
    "binutils": 2.0,
    "bison": 2.2,
    "cmake": 3.0,
    "coreutils": 1.1,
    "e2fsprogs": 0.5,
    "elfutils": 0.3,
    "findutils": 0.7,
    "gcc": 4.2,
    "gettext": 1.6,
    "git": 0.3,
    "glib-2.0": 0.7,
    "glibc": 1.3,
    "libffi": 1.7,
    "linux": 2.5,
    "llvm": 26.0,
    "openssl": 1.7,
    "perl": 1.4,
    "python3": 2.2,
    "qemu": 1.3,
    "rust": 18.0,
    "rust-llvm": 26.0,
    "systemd": 0.8,
    "tar": 0.7,
    "tcl": 3.2,
    "util-linux": 0.5,
}
_TOOL = re.compile(r"-(?:native|cross-\w+|crosssdk-\w+)$")
# The kernels of all layers; linux-libc-headers and linux-firmware compile nothing.
_KERNEL = re.compile(r"linux-(?:toradex|yocto|fslc)\b")


def weight_of(recipe: str) -> float | None:
    """In standard build units; None where the table has no such package."""
    name = _TOOL.sub("", recipe)
    return WEIGHTS.get("linux" if _KERNEL.match(name) else name)


def compiled(graph: Graph) -> list[str]:
    """The recipes with something to compile, by name; as far as the graph shows it."""
    return sorted({recipe for recipe, task in graph.tasks if task == "do_compile"})


def heaviest(recipes: Collection[str], number: int = SHOWN) -> list[tuple[str, float]]:
    """The heaviest of the recipes that have a weight, the heaviest first."""
    weighed = [(name, weight) for name in recipes if (weight := weight_of(name)) is not None]
    return sorted(weighed, key=lambda pair: (-pair[1], pair[0]))[:number]


def summary(graph: Graph) -> str:
    """For people: how much is compiled for whom, and the heaviest."""
    recipes = compiled(graph)
    tools = [name for name in recipes if _TOOL.search(name)]
    rows = [[name, f"{weight:5.1f}"] for name, weight in heaviest(recipes)]
    return (
        f"to compile: {len(recipes)} recipes, {len(tools)} of them tools of this machine\n"
        + table(rows, ["the heaviest", "weight"])
        + "weights: build units of Linux From Scratch, to tell big from small (docs/build.md)\n"
        + ("--opt lean leaves out what no image has\n" if "rust-native" in recipes else "")
    )
