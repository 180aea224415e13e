# SPDX-License-Identifier: MIT
"""The list of facts: each key of shapes.py by its path, its type and what its line says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from modem_image.errors import InputError

TOP = "Facts"
_TYPES = {"str": "text", "bool": "true or false", "int": "number"}


class Key(NamedTuple):
    """One key of the facts. `path` is dotted, with `[]` behind a list."""

    path: str
    type: str
    text: str


def keys(source: Path) -> list[Key]:
    """The keys of the module's `Facts`, in its order. Raises InputError where one has no line of its own."""
    tree = ast.parse(source.read_text("utf-8"))
    tables = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    return list(_of(tables, TOP, "", source))


def _of(tables: Mapping[str, ast.ClassDef], name: str, before: str, source: Path) -> Iterator[Key]:
    body = tables[name].body
    for node, below in zip(body, [*body[1:], None], strict=True):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        path, kind = f"{before}{node.target.id}", ast.unparse(node.annotation)
        said = below.value if isinstance(below, ast.Expr) else None
        text = str(said.value) if isinstance(said, ast.Constant) else ""
        inner = next((each for each in re.findall(r"\w+", kind) if each in tables), "")
        if not inner and not text:
            raise InputError(
                f"{source}:{node.lineno}: {name}.{node.target.id}: says nothing in a string below"
            )
        if text:
            yield Key(path, _type(kind, inner), " ".join(text.split()))
        if inner:
            yield from _of(tables, inner, f"{path}{'[]' if kind.startswith('list') else ''}.", source)


def _type(kind: str, inner: str) -> str:
    """In words, as JSON has it."""
    optional = " or null" if kind.endswith("| None") else ""
    plain = kind.removesuffix(" | None")
    if inner:
        return f"{'list of tables' if plain.startswith('list') else 'table'}{optional}"
    if plain.startswith("list"):
        return f"list of texts{optional}"
    if plain.startswith("dict"):
        return f"table of texts{optional}"
    return f"{_TYPES[plain]}{optional}"
