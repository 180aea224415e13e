# SPDX-License-Identifier: MIT
"""kas's attestation of a build, by the real kas; a script stands for bitbake and its hours."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from modem_image.yocto import artefacts, plan
from unit.yocto.clones import git

IMAGE, MACHINE = "huawei-modem-image", "colibri-imx7-emmc"
URL = "https://git.example.org/stub"
OWN = "https://git.example.org/meta-huawei-modem"
STAMPED = f"{IMAGE}-{MACHINE}.rootfs-20260102030405"
# What the names are, test_artefacts.py holds against a real deploy folder.
BITBAKE = f"""#!/bin/sh -e
mkdir -p tmp/deploy/images/{MACHINE} && cd tmp/deploy/images/{MACHINE}
echo image >{STAMPED}-Tezi_5.0.15.tar
ln -sf {STAMPED}-Tezi_5.0.15.tar {STAMPED}-Tezi.tar
echo manifest >{STAMPED}.manifest
"""
ENVIRONMENT = """
mkdir -p "$1/conf" && cd "$1"
export PATH=$OLDPWD/bin:$PATH
"""


@pytest.fixture
def stub(tmp_path: Path) -> tuple[Path, str]:
    """A repository with what kas wants of poky, and its commit."""
    folder = tmp_path / "stub"
    (folder / "bin").mkdir(parents=True)
    (folder / "oe-init-build-env").write_text(ENVIRONMENT)
    (folder / "bin" / "bitbake").write_text(BITBAKE)
    (folder / "bin" / "bitbake").chmod(0o755)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "stub")
    return folder, git(folder, "rev-parse", "HEAD")


def test_the_attestation_is_about_the_image_and_what_it_was_made_of(
    tmp_path: Path, stub: tuple[Path, str]
) -> None:
    repository, commit = stub
    project = tmp_path / "project"
    project.mkdir()
    git(project, "init", "--quiet")
    git(project, "remote", "add", "origin", OWN)
    git(project, "commit", "--quiet", "--allow-empty", "--message", "ours")
    config = {
        "header": {"version": 14},
        "machine": MACHINE,
        "target": IMAGE,
        "repos": {"stub": {"url": URL, "branch": "main", "commit": commit}, "meta-huawei-modem": {}},
    }
    (project / "kas.json").write_text(json.dumps(config))
    (project / "overlay.json").write_text(plan.overlay(None, artefacts.attested(MACHINE, IMAGE)))
    request = plan.Request(MACHINE, provenance=True)
    command = plan.kas_build(Path(sys.executable), request, (project / "kas.json", project / "overlay.json"))
    folders = plan.Folders(tmp_path / "work", "scarthgap", MACHINE)
    environment = plan.environment(folders, None, os.environ)
    folders.layers.mkdir(parents=True)
    folders.git_config.write_text(plan.git_config([project], {URL: repository}, ""))
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

    files = artefacts.collect(folders.build, MACHINE, IMAGE).files
    attestation = next(path for path in files if path.name == "kas-build.provenance.json")
    statement = json.loads(attestation.read_text())
    digests = {Path(each["name"]).name: each["digest"]["sha256"] for each in statement["subject"]}
    assert digests == {files[0].name: hashlib.sha256(b"image\n").hexdigest()}
    made_of = statement["predicate"]["buildDefinition"]["resolvedDependencies"]
    assert (f"git+{URL}", {"gitCommit": commit}) in [
        (each.get("uri"), each.get("digest")) for each in made_of
    ]
