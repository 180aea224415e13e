# SPDX-License-Identifier: MIT
"""Closed, full, broken and narrow standard streams, inputs that are no files: a sentence, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from modem_image import HELPER, PROJECT
from patience import PATIENCE

HOST = "from modem_image.cli import main; sys.exit(main(sys.argv[1:]))"
TARGET = "from huawei_modem.cli import main; sys.exit(main(sys.argv[1:]))"
COMMANDS = [
    (HOST, ["--help"]),
    (HOST, ["stick", "show", "e3372h"]),
    (HOST, ["doctor", "log.txt"]),
    (TARGET, ["--help"]),
    (TARGET, ["--root", ".", "status"]),
    (TARGET, ["doctor", "log.txt"]),
]
STATES = ["full", "closed", "all closed", "broken", "ascii", "bare"]


def run(folder: Path, script: str, arguments: list[str], state: str = "") -> tuple[int, str]:
    """Exit status and standard error."""
    (folder / "log.txt").write_text("usb 1-1: New USB device found, idVendor=12d1, idProduct=1f01\n")
    environment = dict(os.environ, PYTHONPATH=f"{PROJECT / 'scripts'}:{HELPER}")
    command = [sys.executable, "-c", f"import sys; {script}", *arguments]
    target: int = subprocess.DEVNULL
    if state == "full":
        target = os.open("/dev/full", os.O_WRONLY)
    if state == "broken":
        reader, target = os.pipe()
        os.close(reader)
    if "closed" in state:
        closing = ">&-" if state == "closed" else "<&- >&- 2>&-"
        command = ["sh", "-c", f'exec "$@" {closing}', "sh", *command]
    if state == "ascii":
        environment |= {
            "LC_ALL": "C",
            "PYTHONIOENCODING": "ascii",
            "PYTHONUTF8": "0",
            "PYTHONCOERCECLOCALE": "0",
        }
    if state == "bare":
        environment = {"PYTHONPATH": environment["PYTHONPATH"]}
    done = subprocess.run(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=target, stderr=subprocess.PIPE,
        timeout=PATIENCE, check=False,
    )  # fmt: skip
    if target >= 0:
        os.close(target)
    return done.returncode, done.stderr.decode(errors="replace")


def clean(said: str) -> bool:
    return not any(
        word in said for word in ("Traceback", "fault of this program", "not foreseen", "Exception")
    )


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("script", "arguments"), COMMANDS, ids=[" ".join(each) for _, each in COMMANDS])
@pytest.mark.slow
def test_a_sentence_and_the_right_status(
    tmp_path: Path, script: str, arguments: list[str], state: str
) -> None:
    plain, _said = run(tmp_path, script, arguments)
    status, said = run(tmp_path, script, arguments, state)
    assert clean(said)
    if state == "full":
        # What `huawei-modem doctor` has to say of a fault goes to standard error.
        assert (status == 2 and "No space left on device" in said) or (status, script) == (1, TARGET)
    elif state == "broken":
        assert status in (0, plain)
    else:
        assert status == plain


@pytest.mark.parametrize(
    "name", ["n" * 300, "pipe", "log.txt/x", "folder", "socket", "/dev/null", "\x01\x1b"]
)
@pytest.mark.parametrize("script", [HOST, TARGET])
@pytest.mark.slow
def test_an_input_that_is_no_file(tmp_path: Path, script: str, name: str) -> None:
    import socket

    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as there:
        before = Path.cwd()
        os.chdir(tmp_path)  # the name of a socket is short
        try:
            there.bind("socket")
        finally:
            os.chdir(before)
        status, said = run(tmp_path, script, ["doctor", name])
    assert status == 2
    assert clean(said)
    assert "\x1b" not in said
