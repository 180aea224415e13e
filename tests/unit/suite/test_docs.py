# SPDX-License-Identifier: MIT
"""The documentation and the code name the same codes, files and commands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from huawei_modem_kernel import compare
from modem_image import HELPER, LIBRARY

PROJECT = Path(__file__).resolve().parents[3]
MAKERS = {"error", "warning", "info", "Finding", "Why", "Obstacle"}


def emitted() -> Iterator[str]:
    """Every code that stands where a finding is made."""
    yield from (code for code, _title in compare._OWN_CODE.values())
    for folder in (PROJECT / "scripts" / "modem_image", HELPER, LIBRARY):
        for path in folder.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and called(node) in MAKERS | {"make"} and node.args:
                    for leaf in ast.walk(node.args[0]):
                        if (
                            isinstance(leaf, ast.Constant)
                            and isinstance(leaf.value, str)
                            and "-" in leaf.value
                        ):
                            yield leaf.value


def called(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def test_every_code_has_its_section_and_every_section_its_code() -> None:
    sections = set(re.findall(r"^### (\S+)$", (PROJECT / "docs" / "findings.md").read_text(), re.MULTILINE))
    known = set(emitted()) | {"insufficient-data"}
    # Codes that are chosen from data on their way to the finding.
    known |= {"filesystem-damaged", "kernel-symbol-missing", "tezi-file-corrupt", "tezi-name-unsafe"}
    assert sections == known


def test_every_link_leads_somewhere() -> None:
    for page in (*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md"), *PROJECT.glob("meta-*/README.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
