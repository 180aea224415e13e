# SPDX-License-Identifier: MIT
"""The patches on the trees that the recipes have: oFono's releases, and core's own patches before ours.

Needs clones in the mirror: openembedded-core, and one of oFono's repository (its name has "ofono" in it).
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from modem_image.ofono.build import apply, patches

pytestmark = pytest.mark.mirror

CORE = "openembedded+openembedded-core"
RECIPES = "meta/recipes-connectivity/ofono"
TOUCHED = ("drivers", "plugins", "src", "unit", "Makefile.am")


def git(repository: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", repository, *arguments], check=True, capture_output=True).stdout


def release(mirror: Path, version: str) -> tuple[Path, str]:
    """A clone and its commit that is this release of oFono."""
    for repository in sorted(path / "repo" for path in mirror.iterdir() if "ofono" in path.name.lower()):
        wanted = ["--all", "-1", "--format=%H", f"--grep=^Release {re.escape(version)}$"]
        if found := git(repository, "log", *wanted).decode().strip():
            return repository, found
    pytest.skip(f"no clone in {mirror} has oFono's commit 'Release {version}'")


def unpack(packed: bytes, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    subprocess.run(["tar", "-x", "-C", folder], input=packed, check=True)


def recipe_patches(core: Path, branch: str, version: str, folder: Path) -> list[Path]:
    """The patches of core's recipe, in its order."""
    unpack(git(core, "archive", branch, RECIPES), folder)
    text = (folder / RECIPES / f"ofono_{version}.bb").read_text()
    return [folder / RECIPES / "ofono" / name for name in re.findall(r"file://(\S+\.patch)", text)]


@pytest.mark.parametrize(
    ("branch", "version", "variant"),
    [
        ("kirkstone", "1.34", "ofono-1.x"),
        ("scarthgap", "2.4", "ofono-2.2"),
        ("wrynose", "2.19", "ofono-2.8"),
    ],
)
def test_they_apply_without_fuzz(
    pytestconfig: pytest.Config, tmp_path: Path, branch: str, version: str, variant: str
) -> None:
    mirror = Path(pytestconfig.getoption("--mirror"))
    repository, commit = release(mirror, version)
    tree = tmp_path / "ofono"
    unpack(git(repository, "archive", commit, *TOUCHED), tree)
    theirs = recipe_patches(mirror / CORE / "repo", branch, version, tmp_path / "core")
    # A patch of core may change what no patch of ours comes near, such as doc: what is here is enough.
    for patch in theirs:
        subprocess.run(["patch", "-s", "-f", "-p1", f"--directory={tree}", f"--input={patch}"], check=False)
    apply(tree, patches(variant))
    assert "set_huawei_ncm(modem);" in (tree / "plugins/udevng.c").read_text()
