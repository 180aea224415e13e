# SPDX-License-Identifier: MIT
"""The helper runs on the part of Python that its recipe asks for, release by release.

A module that is in another package stops an image at the first command, and no build notices. What counts is
core's own manifest; a Python of this machine stands for the image's and refuses all that is not in it.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from modem_image import HELPER
from unit.helper.python_packages import BUILTIN, RELEASES, rendered
from unit.helper.trees import plug

# Of CPython's own start, before anything is asked for; and names that only this machine's Python has.
REFUSER = """
import sys
allowed, folders = set(sys.argv[2].split()), tuple(word for word in sys.argv[2].split() if word.endswith("."))
class Refuser:
    def find_spec(self, name, path=None, target=None):
        top = name.split(".")[0]
        # A module of one release is a package of another (re, since 3.11): what is below it belongs to it.
        above = {".".join(name.split(".")[:count]) for count in range(1, 5)}
        if top != "huawei_modem" and not above & allowed and not (name + ".").startswith(folders):
            raise ModuleNotFoundError("not in the image: " + name, name=name)
sys.path.insert(0, sys.argv[1])
for name in [name for name in sys.modules if name in sys.builtin_module_names and name not in allowed]:
    if name not in ("__main__", "_frozen_importlib", "_frozen_importlib_external"):
        del sys.modules[name]
sys.meta_path.insert(0, Refuser())
"""


def imports() -> list[str]:
    """Every module of Python that the helper names anywhere, inside functions too."""
    found = set()
    for path in HELPER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module)
    return sorted(name for name in found if not name.startswith("huawei_modem"))


def confined(release: str, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python, without site, on the modules of the release's image alone."""
    modules = " ".join([*rendered(release), *BUILTIN])
    command = [sys.executable, "-ISc", REFUSER + script, str(HELPER), modules, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("release", RELEASES)
def test_what_the_helper_imports_is_in_the_image(release: str) -> None:
    done = confined(release, "for name in sys.argv[3:]:\n    __import__(name)\n", *imports())
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("words", [["--help"], ["doctor"], ["status"], ["ports"], ["report", "FILE"]])
@pytest.mark.slow
def test_commands_run_in_the_image(release: str, words: list[str], tmp_path: Path) -> None:
    plug(tmp_path, "12d1:1596")
    words = [str(tmp_path / "capture.tar.gz") if word == "FILE" else word for word in words]
    script = "sys.argv[1:] = sys.argv[3:]\nfrom huawei_modem.cli import main\nsys.exit(main(sys.argv[1:]))\n"
    done = confined(release, script, *words)
    assert "Traceback" not in done.stderr
    assert "not in the image" not in done.stderr + done.stdout
    assert done.returncode in (0, 1, 2), done.stderr


def test_a_module_of_another_package_is_refused() -> None:
    """The oracle's own test: sqlite3 and ctypes are packages of their own in every release."""
    for release in RELEASES:
        for name in ("sqlite3", "ctypes", "xml.dom"):
            done = confined(release, f"import {name}\n")
            assert "not in the image" in done.stderr
