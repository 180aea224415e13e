# SPDX-License-Identifier: MIT
"""A checkout in which another user worked before: whose folder is in the way, and never a traceback.

Root writes everywhere, unless it lacks the capabilities for it: so it meets the folders of `nobody` here.
Anybody else meets folders that are closed to their own owner.
"""

from __future__ import annotations

import argparse
import errno
import hashlib
import os
import pwd
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from modem_image import access, cli
from modem_image.errors import EXIT_MISSING, MissingError

PROJECT = Path(__file__).resolve().parents[3]
ROOT = os.geteuid() == 0
POWERLESS = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if ROOT else []
NOBODY = pwd.getpwnam("nobody")


def close(path: Path, mode: int = 0o555) -> str:
    """Make `path` another user's, or closed to us; what is said of it."""
    path.chmod(mode)
    if not ROOT:
        return "is closed to its own owner"
    os.chown(path, NOBODY.pw_uid, NOBODY.pw_gid)
    return "belongs to nobody, and this runs as root"


def python(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*POWERLESS, sys.executable, *command], capture_output=True, text=True, check=False, cwd=PROJECT
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """This project again, as far as the commands need it, with our virtual environment."""
    project = tmp_path / "checkout"
    for name in ("kas", "meta-huawei-modem", "scripts"):
        shutil.copytree(PROJECT / name, project / name, ignore=shutil.ignore_patterns("__pycache__"))
    (project / ".venv").symlink_to(PROJECT / ".venv")
    return project


def dry_run(checkout: Path) -> subprocess.CompletedProcess[str]:
    mirror = checkout.parent / "mirror"
    mirror.mkdir()
    work = ["--dry-run", "--mirror", mirror, "--work-dir", checkout.parent / "work"]
    return python(checkout / "scripts" / "modem-image", "build", "qemuarm", *work)


@pytest.mark.parametrize("closed", ["", "build", "build/cache/kas", "build/qemuarm"])
@pytest.mark.slow
def test_a_build_where_another_user_built(checkout: Path, closed: str) -> None:
    folder = checkout / closed
    folder.mkdir(parents=True, exist_ok=True)
    said = close(folder)
    done = dry_run(checkout)
    assert done.returncode == EXIT_MISSING, done.stderr
    assert re.search(rf"cannot be written: (it|{folder}) {said}\n  do: ", done.stderr), done.stderr
    assert "Traceback" not in done.stderr
    assert not (checkout.parent / "work").exists()


def test_the_bench_where_another_user_ran_it(tmp_path: Path) -> None:
    said = close(tmp_path)
    done = python(PROJECT / "scripts" / "modem-image", "bench", "--output", tmp_path / "out")
    assert done.returncode == EXIT_MISSING, done.stderr
    assert f"{tmp_path}/out: cannot be written: {tmp_path} {said}" in done.stderr


def test_a_lock_of_another_user_in_a_cache_of_ours(tmp_path: Path) -> None:
    script = """
import sys; from pathlib import Path; from modem_image import cache, errors
try:
    cache.Cache(Path(sys.argv[1])).entry("kas", {}, Path.exists)
except errors.MissingError as error:
    print(error)
"""
    lines = ["-c", f"import sys; sys.path.insert(0, 'scripts'){script}", tmp_path]
    assert python(*lines).stdout == ""
    (lock,) = (tmp_path / "kas").glob(".*.lock")
    said = close(lock, 0o444)
    done = python(*lines)
    assert done.stdout.startswith(f"{lock}: Permission denied: it {said}"), done.stderr


def launcher(tmp_path: Path) -> Path:
    """The launcher in a checkout that has nothing else."""
    checkout = tmp_path / "checkout"
    for name in ("scripts/modem-image", "scripts/requirements.lock", *IMPORTED):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, checkout / name)
    return checkout / "scripts" / "modem-image"


IMPORTED = (
    "scripts/modem_image/__init__.py",
    "scripts/modem_image/access.py",
    "scripts/modem_image/errors.py",
    "meta-huawei-modem/lib/huawei_modem_check/__init__.py",
    "meta-huawei-modem/lib/huawei_modem_check/errors.py",
)


def test_the_launcher_names_the_folder_that_hides_its_python(tmp_path: Path) -> None:
    start = launcher(tmp_path)
    private, environment = tmp_path / "home", start.parents[1] / ".venv"
    private.mkdir()
    (private / "python").symlink_to(sys.executable)
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(private / "python")
    lock = start.parent / "requirements.lock"
    (environment / "lock-run.sha256").write_text(hashlib.sha256(lock.read_bytes()).hexdigest())
    said = close(private, 0o600)
    done = python(start, "build")
    assert done.returncode == EXIT_MISSING, done.stderr
    python_there = f"{environment}/bin/python: Permission denied"
    assert done.stderr.startswith(f"modem-image: {python_there}: {private} {said}\n  do: ")


def test_the_launcher_does_not_touch_an_old_environment_of_another_user(tmp_path: Path) -> None:
    start = launcher(tmp_path)
    environment = start.parents[1] / ".venv"
    environment.mkdir()
    (environment / "lock-run.sha256").write_text("of an older lock")
    said = close(environment)
    done = python(start, "build")
    assert done.returncode == EXIT_MISSING, done.stderr
    assert done.stderr.startswith(f"modem-image: {environment}: cannot be written: it {said}\n  do: ")


def test_wherever_a_command_is_denied_a_file_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def denied(_args: argparse.Namespace) -> int:
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "x"))

    monkeypatch.setattr("modem_image.commands.render.run", denied)
    assert cli.main(["render"]) == EXIT_MISSING
    assert capsys.readouterr().err.startswith(f"modem-image: {tmp_path}/x: Permission denied\n  do: ")


@pytest.mark.parametrize("error", [PermissionError(errno.EPERM, "no file"), FileNotFoundError(2, "no", "x")])
def test_other_errors_stay_what_they_are(error: OSError) -> None:
    with pytest.raises(type(error)), access.denials_explained():
        raise error


def test_a_folder_is_made_with_those_above_it(tmp_path: Path) -> None:
    access.make_folder(tmp_path / "a" / "b")
    access.make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(MissingError, match="file/b: cannot be made: Not a directory"):
        access.make_folder(tmp_path / "file" / "b")
