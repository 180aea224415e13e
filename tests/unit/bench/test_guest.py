# SPDX-License-Identifier: MIT
"""The shell on the serial port, against a real bash on a real pseudo-terminal."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from modem_image.bench.guest import Guest, GuestTimeoutError
from modem_image.errors import FaultError
from patience import PATIENCE


def serial_port(server: socket.socket, command: list[str], stop: threading.Event) -> None:
    """What QEMU does: a socket, wired to a terminal that `command` runs on."""
    master, slave = pty.openpty()
    environment = {"PATH": os.environ["PATH"], "PS1": "root@board:/# "}
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment)
    connection, _ = server.accept()
    while not stop.is_set():
        ready, _, _ = select.select([master, connection], [], [], 0.05)
        with contextlib.suppress(OSError):
            if master in ready:
                connection.sendall(os.read(master, 4096))
            if connection in ready:
                data = connection.recv(4096)
                if not data:
                    break
                os.write(master, data)
    process.kill()
    process.wait()
    for descriptor in (master, slave):
        os.close(descriptor)
    connection.close()
    server.close()


@pytest.fixture
def port(tmp_path: Path) -> Iterator[Path]:
    yield from wired(tmp_path / "shell", ["bash", "--norc", "-i"])


@pytest.fixture
def silent_port(tmp_path: Path) -> Iterator[Path]:
    yield from wired(tmp_path / "shell", ["sleep", "60"])


def wired(path: Path, command: list[str]) -> Iterator[Path]:
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen()
    stop = threading.Event()
    thread = threading.Thread(target=serial_port, args=(server, command, stop))
    thread.start()
    yield path
    stop.set()
    thread.join(PATIENCE)


def test_status_and_output_of_each_command(port: Path) -> None:
    with contextlib.closing(Guest(port, lambda: None)) as guest:
        guest.connect(10)
        assert guest.run("echo one; echo two >&2") == (0, "one\ntwo\n")
        assert guest.run("exit_status() { return 7; }; exit_status") == (7, "")
        assert guest.run("cat") == (0, "")  # nothing of the next command is read as its input
        assert guest.run("printf 'x%.0s' $(seq 9000)")[1] == "x" * 9000


def test_a_file_comes_over_unchanged(port: Path, tmp_path: Path) -> None:
    content = bytes(range(256)) * 64
    (tmp_path / "it's here").write_bytes(content)
    with contextlib.closing(Guest(port, lambda: None)) as guest:
        guest.connect(10)
        assert guest.fetch(str(tmp_path / "it's here"), 10) == content
        with pytest.raises(FaultError, match=r"(?s)cannot be fetched: .*No such file"):
            guest.fetch(str(tmp_path / "gone"), 10)


def test_the_clocks_are_of_one_moment(port: Path) -> None:
    with contextlib.closing(Guest(port, lambda: None)) as guest:
        guest.connect(10)
        host, uptime = guest.clock()
        assert host > 0
        assert uptime > 0


def test_a_board_that_says_nothing(silent_port: Path) -> None:
    with (
        contextlib.closing(Guest(silent_port, lambda: None)) as guest,
        pytest.raises(GuestTimeoutError, match="did not answer in time: a shell prompt"),
    ):
        guest.connect(1)


def test_a_board_that_dies_ends_the_wait(silent_port: Path) -> None:
    def dead() -> None:
        raise FaultError("QEMU ended")

    with contextlib.closing(Guest(silent_port, dead)) as guest, pytest.raises(FaultError, match="QEMU ended"):
        guest.connect(30)


@pytest.mark.slow
def test_a_port_that_is_torn_down_is_a_board_that_is_gone(tmp_path: Path) -> None:
    """What was sent and never read: the kernel answers the next read with a reset."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "shell"))
        server.listen()

        def die() -> None:
            connection, _ = server.accept()
            connection.sendall(b"# ")
            select.select([connection], [], [], 10)
            connection.close()

        thread = threading.Thread(target=die)
        thread.start()
        guest = Guest(tmp_path / "shell", lambda: None)
        with contextlib.closing(guest), pytest.raises(GuestTimeoutError, match="was closed"):
            guest.connect(10)
        thread.join()
