# SPDX-License-Identifier: MIT
"""The installed helper on other Pythons, with busybox for all tools, without systemd, D-Bus and oFono.

Debian 12 has Python 3.11; 3.13 is Debian 13's, extracted beside it with its own C library. Others are run
where MODEM_IMAGE_PYTHONS names them (paths, with : between). For 3.10 mypy checks language and library.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from modem_image import HELPER, PROJECT
from modem_image.cache import Cache, cache_root
from modem_image.debian.archive import Archive, PrivateApt, host_mirror
from patience import PATIENCE
from unit.helper.test_running_kernel import system
from unit.helper.trees import plug

PYTHON = "3.13"
PARTS = (f"python{PYTHON}-minimal", f"libpython{PYTHON}-minimal", f"libpython{PYTHON}-stdlib")
LIBRARIES = ("libc6", "zlib1g", "libexpat1")
OTHERS = [path for path in os.environ.get("MODEM_IMAGE_PYTHONS", "").split(":") if path]
LOG = """\
[    5.1] usb 1-1: New USB device found, idVendor=12d1, idProduct=1596, bcdDevice= 1.02
[    5.2] option 1-1:1.0: GSM modem (1-port) converter detected
"""


def unpack(archive: Archive, folder: Path) -> None:
    """Debian 13's Python and C library, as the packages have them, into `folder`/root."""
    apt = PrivateApt(archive, folder / "apt")
    apt.update()
    for package in apt.download([*PARTS, *LIBRARIES], folder):
        subprocess.run(["dpkg-deb", "--extract", package, folder / "root"], check=True)
        package.unlink()
    shutil.rmtree(folder / "apt")


@pytest.fixture(scope="module")
def python_of_trixie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that starts Debian 13's Python with Debian 13's C library."""
    architecture = subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
    ).stdout.strip()
    archive = Archive(host_mirror(), ("trixie",), architecture)
    material = {"archive": archive.source_lines(), "packages": [*PARTS, *LIBRARIES]}
    made = Cache(cache_root()).entry("trixie-python", material, lambda folder: unpack(archive, folder))
    root = made / "root"
    (loader,) = [path for path in root.rglob("ld-linux*.so.*") if not path.is_symlink()]
    libraries = ":".join(str(path) for path in {path.parent for path in root.rglob("lib*.so.*")})
    start = tmp_path_factory.mktemp("trixie") / f"python{PYTHON}"
    program = f"{loader} --library-path {libraries} {root}/usr/bin/python{PYTHON}"
    start.write_text(f'#!/bin/sh\nPYTHONHOME={root}/usr exec {program} "$@"\n')
    start.chmod(0o755)
    return start


@pytest.fixture(params=["this", "trixie", *OTHERS])
def python(request: pytest.FixtureRequest) -> str:
    if request.param == "this":
        return sys.executable
    if request.param == "trixie":
        return str(request.getfixturevalue("python_of_trixie"))
    return str(request.param)


class Board:
    """A root with a stick, the helper, and nothing but busybox on the PATH."""

    def __init__(self, folder: Path, python: str) -> None:
        self.root = folder / "root"
        self.tools = folder / "bin"
        self.tools.mkdir()
        subprocess.run(["busybox", "--install", "-s", self.tools], check=True)
        system(self.root)
        plug(self.root, "12d1:1596")
        self.python = python
        self.helper = folder / "lib"
        # The packages are made elsewhere: busybox need not have install.
        make = ["make", "-sC", str(HELPER), "install-helper"]
        places = [f"bindir={folder}/sbin", f"helperdir={self.helper}", f"sysconfdir={folder}/etc"]
        subprocess.run([*make, *places, f"PYTHON={python}"], check=True)
        self.launcher = folder / "sbin/huawei-modem"

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Through the launcher, with its flags; a script as interpreter is more than a #! line takes."""
        flags = self.launcher.read_text().splitlines()[0].split()[1:]
        command = [self.python, *flags, self.launcher, "--root", self.root, *arguments]
        environment = {"PATH": str(self.tools), "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.root}/absent"}
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE)


@pytest.fixture
def board(tmp_path: Path, python: str) -> Iterator[Board]:
    yield Board(tmp_path, python)


def test_every_command_works_or_says_what_is_missing(board: Board, tmp_path: Path) -> None:
    (tmp_path / "log").write_text(LOG)
    capture = tmp_path / "report.tar.gz"
    for arguments, status in (
        (["status"], 0),
        (["status", "--json", "-"], 0),
        (["check-modules", "--all"], 0),
        (["doctor"], 1),
        (["doctor", "--fix", "--dry-run"], 1),
        (["report", capture], 0),
        (["doctor", capture], 1),
        (["doctor", tmp_path / "log"], None),
        (["bind"], 1),
        (["ports"], 0),
        (["connect", "--timeout", "1"], 3),
        (["disconnect"], 3),
        (["connect", "--user", "name"], 2),
        (["--help"], 0),
    ):
        done = board.run(*arguments)
        assert status is None or done.returncode == status, (arguments, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr and "Warning" not in done.stderr, (arguments, done.stderr)
    facts = json.loads(board.run("status", "--json", "-").stdout)
    assert (facts["sticks"][0]["usb"], facts["ofono"]["running"]) == ("12d1:1596", None)


@pytest.mark.parametrize("version", ["3.10", "3.13"])
def test_language_and_library_are_those_of(version: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--cache-dir", tmp_path, "--python-version", version]
    done = subprocess.run([*command, "-p", "huawei_modem"], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
