# SPDX-License-Identifier: MIT
"""Messages are plain English: without the turns on the right of CONTRIBUTING's list of words."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from modem_image import HELPER, LIBRARY, PROJECT

FOLDERS = (PROJECT / "scripts" / "modem_image", LIBRARY, HELPER / "huawei_modem")
TURNS = {
    "tell": re.compile(r"\b(?:tells?|told)\b(?! (?:\w+ )?(?:apart|from))"),
    "is no …": re.compile(
        r"(?<![Tt]here )\b(?:is|are) no (?!longer\b|more\b|less\b|other\b|such\b|matter\b)\w"
    ),
    "has not the …": re.compile(r"\b(?:has|have) not (?:the|a|an|what)\b"),
    "no part of": re.compile(r"\bno part of\b"),
    "is none": re.compile(r"\b(?:input|file|it) is none\b"),
}


def said(path: Path) -> Iterator[tuple[int, str]]:
    """The texts of a module that are no docstrings, with their lines."""
    tree = ast.parse(path.read_text())
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.lineno, node.value


def found(text: str) -> list[str]:
    # A single word is a name or a key, and what has groups or borders of words is a pattern: no sentence.
    if " " not in text.strip() or "(?" in text or r"\b" in text:
        return []
    return [name for name, turn in TURNS.items() if turn.search(text)]


def test_no_message_has_them() -> None:
    wrong = [
        f"{path.relative_to(PROJECT)}:{line}: {names}: {text[:60]}"
        for folder in FOLDERS
        for path in sorted(folder.rglob("*.py"))
        for line, text in said(path)
        if (names := found(text))
    ]
    assert wrong == []


def catalogue(value: object) -> Iterator[str]:
    """The texts of findings.toml."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from catalogue(each)


def test_no_finding_has_them() -> None:
    texts = list(catalogue(tomllib.loads((HELPER / "findings.toml").read_text())))
    assert len(texts) > 1000
    assert [(found(text), text) for text in texts if found(text)] == []


# What a person reads of the pages that are rendered, and of what a build prints.
SAYING = [
    *sorted((PROJECT / "scripts" / "modem_image" / "templates").rglob("*.j2")),
    *sorted((PROJECT / "scripts" / "modem_image" / "site").glob("*.js")),
    *sorted((PROJECT / "meta-huawei-modem" / "classes").glob("*.bbclass")),
]


@pytest.mark.parametrize("path", SAYING, ids=lambda path: path.name)
def test_no_page_and_no_class_has_them(path: Path) -> None:
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "…", path.read_text(), flags=re.DOTALL)
    lines = [line for line in text.splitlines() if not line.lstrip().startswith(("#", "//"))]
    assert [(found(line), line) for line in lines if found(line)] == []


# CONTRIBUTING has the list itself; the page of messages quotes what people and programs say.
PAGES = [
    "README.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "meta-huawei-modem/README.md",
    "tests/README.md",
    *(
        str(path.relative_to(PROJECT))
        for path in sorted((PROJECT / "docs").rglob("*.md"))
        if path.name != "messages.md"
    ),
]


@pytest.mark.parametrize("name", PAGES)
def test_no_page_has_them(name: str) -> None:
    """But in what is quoted, in italics or as code."""
    text = re.sub(r"\*[^*\n]+\*|`[^`\n]+`", "…", (PROJECT / name).read_text())
    lines = text.splitlines()
    assert [(number, found(line), line) for number, line in enumerate(lines, 1) if found(line)] == []


@pytest.mark.parametrize(
    "text",
    [
        "a file that is no archive",
        "nobody has told what leads there",
        "the input is none",
        "it has not the symbols",
    ],
)
def test_they_would_be_found(text: str) -> None:
    assert found(text)
