# SPDX-License-Identifier: MIT
"""The example pipelines: valid YAML, shell that parses, and nothing named that is not there.

That they are what is rendered is tested with everything else that is (test_render.py). No runner ran them.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
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
    assert {"kas/base.lock.yml", pipelines.KAS, "scripts/modem-image"} <= files
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
