# SPDX-License-Identifier: MIT
"""The event loop on a real socket: connect, plug, stop, and every way it can end."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from modem_image.bench.stick import peer as peer_module
from modem_image.bench.stick.events import Event
from modem_image.bench.stick.peer import End, Peer, run_peer
from modem_image.bench.stick.redir_encoder import hello
from modem_image.bench.stick.stick import load_stick
from modem_image.cli import main
from modem_image.commands import stick as command
from modem_image.errors import EXIT_FAULT, FaultError
from patience import PATIENCE
from unit.stick.tools import QEMU_HELLO


class Server:
    """A listening socket in the place of QEMU's, and the events of the stick that connects."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "stick"
        self.events: list[Event] = []
        self._news = threading.Condition()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen()
        self._listener.settimeout(PATIENCE)
        self.connection: socket.socket | None = None

    def record(self, event: Event) -> None:
        with self._news:
            self.events.append(event)
            self._news.notify_all()

    def wait_for(self, name: str, count: int = 1) -> None:
        """Until the event `name` was seen `count` times."""
        with self._news:
            assert self._news.wait_for(
                lambda: [event.name for event in self.events].count(name) >= count, PATIENCE
            ), f"{name} in {[event.name for event in self.events]}"

    def accept(self) -> socket.socket:
        self.connection, _ = self._listener.accept()
        self.connection.settimeout(PATIENCE)
        return self.connection

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self._listener.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    yield made
    made.close()


def started(server: Server, *, plugged: bool = True) -> tuple[Peer, socket.socket]:
    """A peer whose host has said hello."""
    peer = Peer(server.path, load_stick("ms2372h"), server.record, plugged=plugged)
    peer.start()
    connection = server.accept()
    assert connection.recv(4096)[: len(hello())] == hello()
    connection.sendall(QEMU_HELLO)
    return peer, connection


def test_plug_by_hand_then_stop(server: Server) -> None:
    peer, _ = started(server, plugged=False)
    peer.plug()
    server.wait_for("attached")
    before = time.monotonic()
    assert server.events[0].time <= before
    peer.stop()
    assert peer.join(PATIENCE) is End.STOPPED
    peer.stop()  # once more does no harm


def test_replug(server: Server) -> None:
    peer, connection = started(server)
    server.wait_for("attached")
    peer.replug()
    server.wait_for("detached")
    connection.sendall(bytes.fromhex("18000000000000000000000000000000"))
    server.wait_for("attached", 2)
    peer.unplug()
    server.wait_for("detached", 2)
    peer.stop()
    assert peer.join(PATIENCE) is End.STOPPED


def test_the_host_ends(server: Server) -> None:
    peer, connection = started(server)
    server.wait_for("attached")
    connection.close()
    assert peer.join(PATIENCE) is End.CLOSED


def test_a_fault_of_the_listener_is_not_taken_for_the_end_of_the_host(server: Server) -> None:
    def full_disk(_event: Event) -> None:
        raise OSError(28, "No space left on device")

    peer = Peer(server.path, load_stick("ms2372h"), full_disk)
    peer.start()
    server.accept().sendall(QEMU_HELLO)
    with pytest.raises(OSError, match="No space left"):
        peer.join(PATIENCE)


def test_the_host_talks_nonsense(server: Server) -> None:
    peer, connection = started(server)
    server.wait_for("attached")
    connection.sendall(b"\xff" * 64)
    assert peer.join(PATIENCE) is End.PROTOCOL_ERROR
    server.wait_for("protocol-error")
    assert "packet of type" in str(server.events[-1].detail["message"])


def test_a_host_that_reads_nothing_is_given_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer_module, "MAX_UNSENT", 100)
    peer, _ = started(server)
    assert peer.join(PATIENCE) is End.PROTOCOL_ERROR
    assert "unread" in str(server.events[-1].detail["message"])


def test_nobody_listens(tmp_path: Path) -> None:
    with pytest.raises(FaultError, match=r"no usbredir host listens on .*stick"):
        run_peer(tmp_path / "stick", load_stick("ms2372h"), lambda _event: None, connect_timeout_s=0.1)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_stop_while_connecting_leaves_nothing_open(tmp_path: Path) -> None:
    before = open_files()
    peer = Peer(tmp_path / "stick", load_stick("ms2372h"), lambda _event: None)
    peer.start()
    peer.stop()
    assert peer.join(PATIENCE) is End.STOPPED
    assert open_files() == before


def test_the_error_of_the_thread_comes_out_of_join(tmp_path: Path) -> None:
    peer = Peer(tmp_path / "stick", load_stick("ms2372h"), lambda _event: None, connect_timeout_s=0.1)
    peer.start()
    with pytest.raises(FaultError):
        peer.join(PATIENCE)


def test_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_PATIENCE_S", 0.1)
    socket = str(tmp_path / "s")
    assert main(["stick", "serve", socket, "--stick", "ms2372h", "--start", "modem"]) == EXIT_FAULT
    said = capsys.readouterr().err
    assert "is QEMU running?" in said
    assert f"-chardev socket,id=stick,path={socket},server=on" in said
