# SPDX-License-Identifier: MIT
"""What kas will check out, and whether its checkouts and the network allow it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from modem_image.errors import InputError, MissingError
from modem_image.yocto.account import Runner
from modem_image.yocto.repositories import (
    Repository,
    check_checkouts,
    check_network,
    host_of,
    repositories,
)
from unit.yocto.clones import commit, new_repository

RUNNER = Runner(None, {**os.environ, "GIT_TERMINAL_PROMPT": "0"})
DUMP = {
    "defaults": {"repos": {"branch": "scarthgap"}},
    "repos": {
        "poky": {"url": "https://git.example/poky", "layers": {"meta": None}},
        "meta-toradex-nxp": {
            "url": "https://git.example/nxp.git",
            "branch": "scarthgap-7.x.y",
            "path": "nxp",
        },
        "meta-huawei-modem": {"layers": {"meta-huawei-modem": None}},
        "other": None,
        "mercurial": {"url": "https://hg.example/x", "type": "hg", "commit": "1" * 40},
    },
    "overrides": {"repos": {"poky": {"commit": "a" * 40}}},
}


def test_locks_and_defaults_are_applied_and_local_repositories_left_out() -> None:
    assert repositories(json.dumps(DUMP)) == (
        Repository("poky", "https://git.example/poky", "poky", "scarthgap", "a" * 40),
        Repository("meta-toradex-nxp", "https://git.example/nxp.git", "nxp", "scarthgap-7.x.y", None),
    )


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://git.example/poky", "git.example"),
        ("ssh://git@git.example:2222/poky", "git.example"),
        ("git@git.example:group/poky.git", "git.example"),
        ("file:///srv/poky", None),
        ("/srv/mirror@2/poky:x", None),
    ],
)
def test_the_host_of_an_address(url: str, host: str | None) -> None:
    assert host_of(url) == host


def repository(name: str = "poky", url: str = "https://git.example/poky") -> Repository:
    return Repository(name, url, name, "scarthgap", "a" * 40)


def test_clean_checkouts_and_those_to_come_pass(tmp_path: Path) -> None:
    new_repository(tmp_path / "poky")
    (tmp_path / "poky" / "untracked").touch()
    check_checkouts([repository(), repository("not-there-yet")], tmp_path, RUNNER)


def test_changes_are_refused_and_named(tmp_path: Path) -> None:
    new_repository(tmp_path / "poky")
    (tmp_path / "poky" / "recipe.bb").write_text("changed")
    with pytest.raises(InputError, match=r"poky: has changes of its own \(recipe\.bb\)"):
        check_checkouts([repository()], tmp_path, RUNNER)


def test_every_bad_checkout_is_named(tmp_path: Path) -> None:
    """An interrupted clone has no commit; a killed git leaves its lock; a folder may be no checkout."""
    subprocess.run(["git", "init", "-q", tmp_path / "half"], check=True)
    new_repository(tmp_path / "locked")
    (tmp_path / "locked" / ".git" / "index.lock").touch()
    (tmp_path / "plain").mkdir()
    with pytest.raises(InputError) as caught:
        check_checkouts([repository(name) for name in ("half", "locked", "plain")], tmp_path, RUNNER)
    text = str(caught.value)
    assert f"rm -r {tmp_path}/half" in text
    assert f"rm {tmp_path}/locked/.git/index.lock" in text
    assert f"rm -r {tmp_path}/plain" in text


def test_a_plain_folder_inside_another_checkout_is_no_checkout(tmp_path: Path) -> None:
    """git looks into the parents of a folder, and there finds the project that kas works in."""
    new_repository(tmp_path)
    (tmp_path / "poky").mkdir()
    with pytest.raises(InputError, match="half checked out"):
        check_checkouts([repository()], tmp_path, RUNNER)


def redirected(target: str) -> Runner:
    """A runner whose git goes to `target` for git.example."""
    variables = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{target}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://git.example/",
    }
    return Runner(None, {**RUNNER.environment, **variables})


def test_a_host_that_answers_passes(tmp_path: Path) -> None:
    commit(new_repository(tmp_path / "poky"), "more")
    check_network([repository()], redirected(f"file://{tmp_path}/"))


def test_a_host_that_does_not_answer_is_named_once(tmp_path: Path) -> None:
    twice = [repository(), repository("meta", "https://git.example/meta")]
    with pytest.raises(MissingError, match=r"--mirror DIR") as caught:
        check_network(twice, redirected(f"file://{tmp_path}/nowhere/"))
    assert str(caught.value).count("git.example: ") == 1


def test_a_silent_host_is_not_waited_for(tmp_path: Path) -> None:
    stub = tmp_path / "git"
    stub.write_text("#!/bin/sh\nexec sleep 60\n")
    stub.chmod(0o755)
    runner = Runner(None, {**RUNNER.environment, "PATH": str(tmp_path) + ":/usr/bin:/bin"})
    with pytest.raises(MissingError, match=r"git\.example: no answer in 0 s"):
        check_network([repository()], runner, patience=0.3)
