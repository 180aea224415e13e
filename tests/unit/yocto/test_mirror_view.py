# SPDX-License-Identifier: MIT
"""A view of a mirror's clone is made anew when it is half made, and replaces nothing of a user."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from modem_image import made
from modem_image.errors import InputError
from modem_image.yocto.mirror import Source, make_view
from unit.planted import state
from unit.yocto.test_mirror import RUNNER, wanted

pytestmark = pytest.mark.slow


def test_a_view_of_a_mirror_with_a_users_file_stays(tmp_path: Path) -> None:
    clone = tmp_path / "poky"
    subprocess.run(["git", "init", "--quiet", str(clone)], check=True)
    git = ["git", "-C", str(clone), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "-m", "a"], check=True)
    commit = subprocess.run(
        [*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    source = Source(wanted(commit), clone / ".git", commit)
    view = make_view(source, tmp_path / "views", RUNNER)
    assert make_view(source, tmp_path / "views", RUNNER) == view
    (view / made.MARK).write_text("in the making\n")  # killed
    assert make_view(source, tmp_path / "views", RUNNER) == view
    time.sleep(0.02)  # the clock of files has steps of some milliseconds
    (view / "hooks" / "thesis.odt").parent.mkdir(exist_ok=True)
    (view / "hooks" / "thesis.odt").write_text("mine")
    before = state(view)
    with pytest.raises(InputError, match="was not made by this command"):
        make_view(source, tmp_path / "views", RUNNER)
    assert state(view) == before


def test_a_view_of_a_mirror_replaces_no_repository_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "views" / "poky.git").mkdir(parents=True)
    (tmp_path / "views" / "poky.git" / "HEAD").write_text("mine")
    before = state(tmp_path)
    source = Source(wanted("0" * 40), tmp_path, "0" * 40)
    with pytest.raises(InputError, match="was not made by this command"):
        make_view(source, tmp_path / "views", RUNNER)
    assert state(tmp_path) == before
