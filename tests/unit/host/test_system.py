# SPDX-License-Identifier: MIT
"""What the command says when this machine lacks something, and what it leaves behind when it is ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from modem_image import system
from modem_image.commands import bench
from modem_image.errors import EXIT_MISSING, MissingError
from patience import until


def test_a_user_is_told_the_one_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "which", lambda tool: None if tool == "mmdebstrap" else f"/usr/bin/{tool}")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(
        MissingError, match="sudo apt-get install --yes --no-install-recommends mmdebstrap"
    ) as caught:
        system.ensure_tools(["xz", "mmdebstrap"])
    assert caught.value.exit_status == EXIT_MISSING


def test_nothing_is_installed_when_all_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "install", lambda packages: pytest.fail(f"installs {packages}"))
    system.ensure_tools(["tar"])


def test_every_tool_that_a_command_needs_has_a_package() -> None:
    assert {tool for tool in bench.tools() if tool not in system.TOOLS} == {"apt-get"}


def test_a_failure_keeps_the_last_lines() -> None:
    with pytest.raises(system.CommandError, match="exit status 3\n    last words"):
        system.run(["sh", "-c", "echo last words >&2; exit 3"])


def test_a_missing_program_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "which", lambda tool: None)
    with pytest.raises(MissingError, match="apt-get install xz-utils"):
        system.run(["xz"])


def test_what_ran_beside_has_ended_well_at_the_end_of_the_block(tmp_path: Path) -> None:
    with system.running(["sh", "-c", f"sleep 0.2; touch {tmp_path}/done"]):
        assert not (tmp_path / "done").exists()
    assert (tmp_path / "done").exists()
    with (
        pytest.raises(system.CommandError, match="exit status 3\n    last words"),
        system.running(["sh", "-c", "echo last words >&2; exit 3"]),
    ):
        pass


def test_what_ran_beside_a_block_that_failed_is_ended(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), system.running(["sh", "-c", f"sleep 60; touch {tmp_path}/done"]):
        raise ZeroDivisionError
    assert not (tmp_path / "done").exists()


def test_an_interruption_ends_the_whole_group(tmp_path: Path) -> None:
    """The shell's child too, and what it cleans up in its trap is cleaned up."""
    script = """
        trap 'rm "$0"/mounted; exit' TERM
        touch "$0"/mounted
        sleep 600 &
        echo $! >"$0"/child
        wait
    """

    def interrupt() -> None:
        while not (tmp_path / "child").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        system.run(["sh", "-c", script, str(tmp_path)])
    assert not (tmp_path / "mounted").exists()
    child = int((tmp_path / "child").read_text())
    until(lambda: not alive(child), lambda: "the child outlived its group")


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes() != b""
    except OSError:
        return False


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["bench", "--stick", "ms2372"], 2, "no stick is called 'ms2372'; nearest: ms2372h; "),
        (["bench", "--scenario", "hotplug"], 2, "hot-plug"),
        (["bench", "/nonexistent.tar"], 2, "no such file"),
        (["build", "bensh"], 2, "nearest: bench; there is: "),
        (["build", "--colour"], 2, "unrecognized arguments"),
        (["check", "/nonexistent.tar"], 2, "/nonexistent.tar"),
        ([], 2, "try it without hardware"),
        (["bensh"], 2, "no command is called 'bensh'; nearest: bench"),
        (["bench", "--stik", "x"], 2, "usage: modem-image bench"),
        (["kernel-config", "chekc"], 2, "nearest: check"),
        (["bench", "--list"], 0, "ms2372h-vodafone"),
        (["--help"], 0, "Exit status"),
    ],
)
@pytest.mark.slow
def test_bad_usage_ends_with_a_message(arguments: list[str], status: int, said: str) -> None:
    done = subprocess.run(
        [sys.executable, Path(__file__).parents[3] / "scripts" / "modem-image", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
