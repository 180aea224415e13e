# SPDX-License-Identifier: MIT
"""The example pipelines: valid YAML, shell that parses, and nothing named that is not there.

That they are what is rendered is tested with everything else that is (test_render.py). No runner ran them.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from modem_image import PROJECT
from modem_image.cli.dispatch import parse
from modem_image.render import pipelines

SCRIPT_KEYS = ("before_script", "script", "after_script")


def document(name: str) -> dict[str, Any]:
    # A YAML 1.1 reader takes the key `on` of GitHub for true; as text it stays itself.
    loaded = yaml.load((PROJECT / pipelines.FOLDER / name).read_text(), yaml.BaseLoader)  # noqa: S506  ours
    assert isinstance(loaded, dict)
    return loaded


def scripts(name: str) -> Iterator[str]:
    """Every piece of shell in a pipeline, with GitHub's expressions replaced by a word."""
    if name == "github.yml":
        steps = [step for job in document(name)["jobs"].values() for step in job["steps"]]
        yield from (re.sub(r"\$\{\{.*?\}\}", "value", step["run"]) for step in steps if "run" in step)
        return
    jobs = [job for job in document(name).values() if isinstance(job, dict) and "script" in job]
    yield from ("\n".join(job[key]) for job in jobs for key in SCRIPT_KEYS if key in job)


@pytest.mark.parametrize("name", ["github.yml", "gitlab.yml"])
def test_every_script_parses(name: str) -> None:
    found = list(scripts(name))
    assert len(found) >= 3
    for script in found:
        done = subprocess.run(["sh", "-n"], input=script, capture_output=True, text=True, check=False)
        assert done.returncode == 0, script + done.stderr


@pytest.mark.parametrize("name", ["github.yml", "gitlab.yml"])
def test_every_file_and_option_that_is_named_exists(name: str) -> None:
    text = "\n".join(scripts(name))
    files = set(re.findall(r"(?<![\w/])(?:kas|scripts)/[\w./-]+\w", text))
    assert {"kas/scarthgap/base.lock.yml", pipelines.KAS, "scripts/modem-image"} <= files
    assert [file for file in files if not (PROJECT / file).exists()] == []
    lines = [line for line in text.splitlines() if "scripts/modem-image" in line]
    assert len(lines) == 2
    for line in lines:
        words = shlex.split(line)
        assert parse(words[words.index("scripts/modem-image") + 1 :])


def test_the_order_of_the_stages_is_that_of_a_release() -> None:
    stages = document("gitlab.yml")
    assert stages["stages"] == ["build", "check", "release"]
    names = [step.get("name") for step in document("github.yml")["jobs"]["image"]["steps"]]
    assert [name for name in names if name in ("Build", "Check", "Release")] == ["Build", "Check", "Release"]


def steps(text: str) -> list[dict[str, Any]]:
    """Every step of a GitHub pipeline."""
    return [step for job in yaml.safe_load(text)["jobs"].values() for step in job["steps"]]


def test_actions_are_named_by_commit_and_keep_no_credentials() -> None:
    text = (PROJECT / pipelines.FOLDER / "github.yml").read_text()
    used = [step for step in steps(text) if "uses" in step]
    assert len(used) == 2
    assert [step["uses"] for step in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"])] == []
    (checkout,) = [step for step in used if step["uses"].startswith("actions/checkout@")]
    assert checkout["with"]["persist-credentials"] is False
    # Which version it is, for people.
    assert len(re.findall(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", text, re.MULTILINE)) == 2


def test_a_job_may_read_the_repository_and_no_more() -> None:
    found = document("github.yml")
    assert found["permissions"] == {}
    assert [job["permissions"] for job in found["jobs"].values()] == [{"contents": "read"}]
    secret = [
        step.get("name")
        for step in steps((PROJECT / pipelines.FOLDER / "github.yml").read_text())
        if "secrets." in str(step)
    ]
    assert secret == ["Release"]
    assert document("gitlab.yml")["release"]["environment"] == "feed"


def script_of(name: str, words: str) -> str:
    """The piece of shell that has `words`."""
    (found,) = [script for script in scripts(name) if words in script]
    return found


def sandbox(folder: Path, status: int) -> dict[str, str]:
    """A checkout whose modem-image ends with `status`, and what else the scripts start; the environment."""
    (folder / "scripts").mkdir()
    tool = folder / "scripts" / "modem-image"
    tool.write_text(f'#!/bin/sh\necho "$GNUPGHOME" >>{folder}/homes\nexit {status}\n')
    kas = folder / "kas-container"
    kas.write_text(f"#!/bin/sh\necho kas-container >>{folder}/ran\n")
    for path in (tool, kas):
        path.chmod(0o755)
    (folder / "tmp").mkdir()
    return {**os.environ, "TMPDIR": str(folder / "tmp"), "DEPLOY": "deploy"}


@pytest.fixture(scope="module")
def signing_key(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An armoured secret key, by the real gpg."""
    home = tmp_path_factory.mktemp("gnupg")
    home.chmod(0o700)
    gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet"]
    make = [*gpg, "--passphrase", "", "--quick-generate-key", "Test <test@example.org>", "ed25519", "sign"]
    subprocess.run(make, check=True, capture_output=True)
    exported = subprocess.run(
        [*gpg, "--armor", "--export-secret-keys"], check=True, capture_output=True, text=True
    )
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=True)
    return exported.stdout


@pytest.mark.parametrize("status", [0, 1])
@pytest.mark.parametrize("name", ["github.yml", "gitlab.yml"])
def test_the_key_is_removed_also_when_the_release_fails(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, signing_key: str, name: str, status: int
) -> None:
    environment = sandbox(tmp_path, status)
    # A socket's path has 108 bytes at most (unix(7)), and gpg-agent's lies in the key's home.
    short = tmp_path_factory.mktemp("t")
    environment["TMPDIR"] = str(short)
    key = tmp_path / "key.asc"
    key.write_text(signing_key)
    environment["SIGNING_KEY"] = str(key) if name == "gitlab.yml" else signing_key
    command = ["bash", "-e", "-c", script_of(name, "gpg --batch --import")]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    (home,) = (tmp_path / "homes").read_text().split()
    assert home.startswith(str(short)), "the key had a home"
    assert list(short.iterdir()) == []


@pytest.mark.parametrize(
    ("image", "status"),
    [("ghcr.io/siemens/kas/kas:5.5", 2), ("", 2), (f"ghcr.io/siemens/kas/kas@sha256:{'0' * 64}", 0)],
)
@pytest.mark.parametrize("name", ["github.yml", "gitlab.yml"])
def test_an_image_by_its_tag_is_refused(tmp_path: Path, name: str, image: str, status: int) -> None:
    script = script_of(name, "KAS_CONTAINER_IMAGE")
    # What installs kas, over the network, is left out; what is started is ours.
    script = re.sub(r"^.*(?:-m venv|bin/pip|mkdir).*$", "", script, flags=re.MULTILINE)
    script = re.sub(r"\S+/bin/kas-container\"?", "./kas-container", script)
    environment = {**sandbox(tmp_path, 0), "KAS_CONTAINER_IMAGE": image}
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert done.returncode == status, done.stderr
    assert (tmp_path / "ran").exists() == (status == 0)
