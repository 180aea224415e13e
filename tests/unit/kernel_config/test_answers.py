# SPDX-License-Identifier: MIT
"""The compiler's answers to the macros of Kconfig files: asked once, and again of another compiler."""

from __future__ import annotations

from pathlib import Path

import pytest

from huawei_modem_kernel.kconfig import Model
from modem_image.kernel_config.answers import with_answers

# Each run of the macro adds a line; the symbol has the answer as its value.
KCONFIG = 'asked := $(shell,echo x >>"$(LOG)"; echo $(CC))\nconfig ANSWER\n\tstring\n\tdefault "$(asked)"\n'


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MODEM_IMAGE_CACHE", str(tmp_path / "cache"))
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "cc-version.sh").write_text("echo 1\n")
    (tmp_path / "Kconfig").write_text(KCONFIG)
    return tmp_path


def answer(tree: Path, compiler: str) -> tuple[str, int]:
    """What the symbol's value is, and how often the macro has run."""
    environment = {"CC": compiler, "LOG": str(tree / "log"), "srctree": str(tree), "PATH": "/usr/bin:/bin"}
    model = with_answers(tree, environment, lambda answers: Model(tree, "6.1", environment, tree, answers))
    return model.find("ANSWER").str_value, len((tree / "log").read_text().splitlines())


def test_the_compiler_is_asked_once(tree: Path) -> None:
    assert [answer(tree, "true"), answer(tree, "true")] == [("true", 1), ("true", 1)]


def test_another_compiler_or_script_is_asked_again(tree: Path) -> None:
    assert [answer(tree, "true"), answer(tree, "false")] == [("true", 1), ("false", 2)]
    (tree / "scripts" / "cc-version.sh").write_text("echo 2\n")
    assert answer(tree, "true") == ("true", 3)
