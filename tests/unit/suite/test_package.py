# SPDX-License-Identifier: MIT
"""pip installs the host's part of a clone, and what needs no clone works from there. One version for all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from huawei_modem import __version__
from modem_image import HELPER, PROJECT
from modem_image.board.description import load_board
from unit.check.images import image_files, write_tar

LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "build", "__pycache__", ".*_cache", ".hypothesis", "tests", "docs"
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package alone, in a folder; its dependencies are this environment's."""
    clone, target = tmp_path_factory.mktemp("clone") / "project", tmp_path_factory.mktemp("installed")
    shutil.copytree(PROJECT, clone, ignore=LEFT_OUT)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", target, clone]
    subprocess.run(pip, check=True, capture_output=True)
    return target


def run(target: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    script = "import sys; from modem_image.cli.dispatch import program; sys.exit(program())"
    environment = {**os.environ, "PYTHONPATH": str(target), "COLUMNS": "80"}
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(
        command, cwd=target, env=environment, capture_output=True, text=True, check=False, input="nothing\n"
    )


@pytest.mark.slow
def test_what_needs_no_clone_works_from_the_package(installed: Path, tmp_path: Path) -> None:
    assert run(installed, "--version").stdout == f"modem-image {__version__}\n"
    image = write_tar(tmp_path, image_files())
    checked = run(installed, "check", image, "--html", tmp_path / "page.html")
    assert checked.returncode == 0, checked.stderr
    assert "ok" in checked.stdout
    assert (tmp_path / "page.html").stat().st_size > 1000
    (tmp_path / "config").write_text(
        "CONFIG_ARM=y\nCONFIG_MODULES=y\n# Linux/arm 6.1.0 Kernel Configuration\n"
    )
    examined = run(installed, "kernel-config", "check", tmp_path / "config")
    assert "kernel-symbol-missing" in examined.stdout + examined.stderr, examined.stderr
    assert run(installed, "doctor", "-").returncode == 2
    published = run(installed, "release", image, "--out", tmp_path / "feed", "--version", "1")
    assert published.returncode == 0, published.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", ["build", "bench", "test", "render"])
def test_what_needs_a_clone_says_so(installed: Path, name: str) -> None:
    refused = run(installed, name)
    assert refused.returncode == 3
    assert refused.stderr.startswith(f"modem-image: {name} works in a clone of the project")


@pytest.mark.slow
def test_the_program_that_pip_makes_is_there(installed: Path) -> None:
    assert (installed / "bin" / "modem-image").is_file()


def test_the_version_stands_once() -> None:
    assert (HELPER.parent / f"huawei-modem_{__version__}.bb").is_file()
    assert load_board("").image.version == __version__
    assert f'\nversion = "{__version__}"' not in (PROJECT / "pyproject.toml").read_text()
    assert f"\n## {__version__} - 20" in (PROJECT / "CHANGELOG.md").read_text()
