# SPDX-License-Identifier: MIT
"""Where a build's hours go, on graphs as `bitbake -g` writes them."""

from __future__ import annotations

import pytest

from modem_image.yocto import graph, weights

NAMES = (
    "rust-native",
    "rust-llvm-native",
    "gcc-cross-arm",
    "linux-toradex-upstream",
    "python3",
    "python3-native",
)


def made(*recipes: str) -> graph.Graph:
    """Each with a do_compile, and one recipe of files alone."""
    tasks = [*((name, "do_compile") for name in recipes), ("packagegroup-huawei-modem", "do_package")]
    return graph.parse("".join(f'"{name}.{task}" [label="{name} {task}\\n:1.0"]\n' for name, task in tasks))


@pytest.mark.parametrize(
    ("recipe", "like"),
    [
        ("gcc-cross-arm", "gcc"),
        ("python3-native", "python3"),
        ("linux-yocto", "linux"),
        ("linux-toradex-mainline", "linux"),
        ("linux-libc-headers", None),
        ("python3-jinja2-native", None),
        ("ofono", None),
    ],
)
def test_a_recipe_weighs_what_its_package_does(recipe: str, like: str | None) -> None:
    assert weights.weight_of(recipe) == (weights.WEIGHTS[like] if like else None)


def test_the_heaviest_come_first_and_are_ten_at_most() -> None:
    found = weights.heaviest([*NAMES, *weights.WEIGHTS])
    assert len(found) == weights.SHOWN
    assert [name for name, _ in found[:4]] == ["llvm", "rust-llvm", "rust-llvm-native", "rust"]
    assert [weight for _, weight in found] == sorted((weight for _, weight in found), reverse=True)


def test_the_summary_counts_what_is_compiled_and_names_the_lean_way_where_it_helps() -> None:
    text = weights.summary(made(*NAMES, "ofono"))
    assert "to compile: 7 recipes, 4 of them tools of this machine" in text
    assert "--opt lean" in text
    assert "--opt lean" not in weights.summary(made("ofono", "gcc-cross-arm"))
