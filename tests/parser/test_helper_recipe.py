# SPDX-License-Identifier: MIT
"""The helper's recipe fetches all that its Makefile installs, and packages it."""

from __future__ import annotations

import re
import subprocess

import huawei_modem
from modem_image import HELPER

RECIPE = (HELPER.parent / f"huawei-modem_{huawei_modem.__version__}.bb").read_text(encoding="utf-8")
SOURCES_OF_RENDERING = {"findings.toml", "modems.toml", "modems"}
OF_OTHER_RECIPES = {"connman", "filter", "watch"}  # connman-conf owns main.conf


def test_every_source_file_is_fetched() -> None:
    fetched = set(re.findall(r"file://([^;\s]+);subdir=\$\{BP\}", RECIPE))
    tracked = subprocess.run(
        ["git", "-C", HELPER, "ls-files"], capture_output=True, text=True, check=True
    ).stdout.split()
    assert fetched == {path.split("/")[0] for path in tracked} - SOURCES_OF_RENDERING - OF_OTHER_RECIPES


def test_every_folder_that_the_makefile_has_a_variable_for_is_given_and_packaged() -> None:
    makefile = (HELPER / "Makefile").read_text(encoding="utf-8")
    variables = set(re.findall(r"^(\w+dir) =", makefile, re.MULTILINE))
    given = dict(re.findall(r"^\s+(\w+dir)=(\S+) \\$", RECIPE, re.MULTILINE))
    assert set(given) == variables - {"sbindir"}, "which is the filter's alone"
    packaged = re.findall(r"^    (\$\{\S+) \\$", RECIPE, re.MULTILINE)
    # These are in FILES by default, or of a package of their own.
    for folder in set(given) - {
        "bindir",
        "sysconfdir",
        "mandir",
        "completiondir",
        "udevdir",
        "modeswitchdir",
    }:
        assert any(given[folder].startswith(path) for path in packaged), folder


def test_the_version_is_the_helpers_own() -> None:

    for name in ("huawei-modem", "huawei-modem-filter", "huawei-modem-watch"):
        assert (HELPER.parent / f"{name}_{huawei_modem.__version__}.bb").is_file()
