# SPDX-License-Identifier: MIT
"""What stands where a file of the system should be, and is none, keeps nobody waiting and takes no room."""

from __future__ import annotations

import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from huawei_modem import capture, regular
from huawei_modem.mask import Masker
from huawei_modem.settings import CONFIG, ConnectError, read_config, read_secret
from modem_image import HELPER
from patience import PATIENCE
from unit.helper.samples import healthy


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def huge(path: Path) -> None:
    path.write_bytes(b"[a]\nx = 1\n" + b" y\n" * 3_000_000)
    path.chmod(0o600)


KINDS: dict[str, Callable[[Path], None]] = {
    "pipe": os.mkfifo,
    "device": device,
    "folder": Path.mkdir,
    "huge": huge,
}


@pytest.fixture(params=KINDS)
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A root whose config.ini is no file of settings."""
    path = tmp_path / "root" / CONFIG
    path.parent.mkdir(parents=True)
    KINDS[request.param](path)
    return tmp_path / "root"


def test_config_ini_may_be_anything(root: Path) -> None:
    with pytest.raises(ConnectError, match=r"not a regular file|more than 64 KiB"):
        read_config(root)


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_a_secret_is_read_from_a_file_alone(kind: str, tmp_path: Path) -> None:
    KINDS[kind](tmp_path / "pin")
    with pytest.raises(ConnectError, match="cannot be read: is not a regular file"):
        read_secret(tmp_path / "pin", "PIN")


def test_a_capture_is_made_whatever_config_ini_is(root: Path, tmp_path: Path) -> None:
    tracemalloc.start()
    capture.write(tmp_path / "report.tar.gz", root, healthy(), Masker())
    assert tracemalloc.get_traced_memory()[1] < 32 << 20
    tracemalloc.stop()


def test_what_took_a_files_place_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    there = (tmp_path / "file").stat()
    os.mkfifo(pipe := tmp_path / "pipe")
    monkeypatch.setattr(Path, "stat", lambda _path, **_named: there)
    with pytest.raises(OSError, match="not a regular file"), regular.opened(pipe):
        pass


def helper(*arguments: str, by: str) -> subprocess.CompletedProcess[str]:
    """The helper's command line, started by a shell that sets limits or redirects."""
    start = f"import sys; sys.path[0] = {str(HELPER)!r}; from huawei_modem.cli import main; sys.exit(main())"
    return subprocess.run(
        ["bash", "-c", by, "bash", sys.executable, "-EsSc", start, *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


@pytest.mark.parametrize("shell", ['"$@" 2> /dev/full', '"$@" > /dev/full 2>&1'])
def test_an_error_that_cannot_be_said_keeps_its_exit_status(shell: str, tmp_path: Path) -> None:
    assert helper("--root", str(tmp_path), "report", "/nowhere/x", by=shell).returncode == 2
    assert helper("nonsense", by=shell).returncode == 2


def test_a_capture_says_what_could_not_be_run(tmp_path: Path) -> None:
    # Standard input to error leave room for one more file: none for the pipes of a command.
    done = helper("report", str(tmp_path / "report.tar.gz"), by='ulimit -n 6; exec "$@"')
    assert done.returncode == 0, done.stderr
    assert "not in it, for it could not be run: dmesg: Too many open files" in done.stderr


def test_a_board_without_a_program_is_not_complained_of(tmp_path: Path) -> None:
    done = helper("report", str(tmp_path / "report.tar.gz"), by='PATH=/nowhere exec "$@"')
    assert (done.returncode, done.stderr) == (0, "")


def test_a_file_of_proc_is_read_however_much_it_might_have() -> None:
    path = Path("/proc/sys/kernel/osrelease")
    assert regular.beginning(path, 1 << 26).decode().strip() == os.uname().release
    assert regular.beginning(path, 3).decode() == os.uname().release[:3]
