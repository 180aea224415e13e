# SPDX-License-Identifier: MIT
"""The event loop: a stick behind QEMU's usbredir socket. The only module with socket, clock and thread."""

from __future__ import annotations

import contextlib
import enum
import queue
import select
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from modem_image.bench.stick.events import EventSink, emitter
from modem_image.bench.stick.link import DeviceSource, Link
from modem_image.bench.stick.usbredir import ProtocolError
from modem_image.errors import FaultError

CONNECT_TIMEOUT_S = 30.0
CONNECT_RETRY_S = 0.05
MAX_UNSENT = 16 << 20
"""Octets. A host that takes nothing for so long is stuck."""
_CHUNK = 1 << 16


class End(enum.Enum):
    """Why a peer ended."""

    STOPPED = "stopped"
    CLOSED = "closed by the host"
    PROTOCOL_ERROR = "protocol error"


class _Command(enum.Enum):
    PLUG = "plug"
    UNPLUG = "unplug"
    REPLUG = "replug"
    RESET = "reset"
    STOP = "stop"


class Peer:
    """A stick behind a unix socket that QEMU's `usb-redir` device listens on.

    `run` blocks until the host closes the socket or `stop` is called; `start` does the same in a thread.
    The other methods may be called from any thread. Events are delivered in the peer's own thread.
    """

    def __init__(
        self,
        socket_path: Path,
        stick: DeviceSource,
        events: EventSink,
        *,
        plugged: bool = True,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
    ) -> None:
        self.end: End | None = None
        self.error: Exception | None = None
        self._socket_path = socket_path
        self._emit = emitter(events)
        self._link = Link(stick, self._emit, plugged=plugged)
        self._connect_timeout_s = connect_timeout_s
        self._commands: queue.SimpleQueue[_Command | Callable[[], None]] = queue.SimpleQueue()
        # Sockets, not a pipe: writing to a closed one fails, and never hits a descriptor used anew.
        self._wake_read, self._wake_write = socket.socketpair()
        self._stopping = False
        self._thread: threading.Thread | None = None

    # --- From any thread ---

    def plug(self) -> None:
        """Put the stick in, in its start mode."""
        self._command(_Command.PLUG)

    def unplug(self) -> None:
        """Pull the stick out."""
        self._command(_Command.UNPLUG)

    def replug(self) -> None:
        """Pull the stick out and put it in again, in its start mode."""
        self._command(_Command.REPLUG)

    def stop(self) -> None:
        """End `run`, also while it is still connecting."""
        self._command(_Command.STOP)

    def reset(self) -> None:
        """The stick resets itself, and comes back in its start mode."""
        self._command(_Command.RESET)

    def do(self, change: Callable[[], None]) -> None:
        """Change something around the stick, in its own thread."""
        self._command(change)

    def _command(self, command: _Command | Callable[[], None]) -> None:
        self._commands.put(command)
        with contextlib.suppress(OSError):  # the loop has ended
            self._wake_write.send(b"\0")

    def start(self) -> None:
        """Run in a thread of its own; `join` collects it and its error."""
        self._thread = threading.Thread(target=self._run_in_thread, name="stick", daemon=True)
        self._thread.start()

    def join(self, timeout_s: float | None = None) -> End | None:
        """Wait for the end. None if it has not come in time. Raises the error that `run` ended with."""
        if self._thread is not None:
            self._thread.join(timeout_s)
        if self.error is not None:
            raise self.error
        return self.end

    def _run_in_thread(self) -> None:
        try:
            self.run()
        except Exception as error:  # noqa: BLE001 - handed to the thread that joins
            self.error = error

    # --- The loop ---

    def run(self) -> End:
        """Connect, serve, and say why it ended. Raises FaultError when nobody listens in time."""
        try:
            connection = self._connect()
            if connection is None:
                self.end = End.STOPPED
            else:
                with connection:
                    self.end = self._serve(connection)
        finally:
            self._wake_read.close()
            self._wake_write.close()
        return self.end

    def _connect(self) -> socket.socket | None:
        give_up = time.monotonic() + self._connect_timeout_s
        while True:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                connection.connect(str(self._socket_path))
            except OSError as error:
                connection.close()
                if time.monotonic() >= give_up:
                    raise FaultError(
                        f"no usbredir host listens on {self._socket_path} after {self._connect_timeout_s:g} s"
                        f" ({error.strerror or error}); is QEMU running?"
                    ) from error
            else:
                connection.setblocking(False)
                return connection
            if self._wait_for_command(CONNECT_RETRY_S):
                return None

    def _wait_for_command(self, timeout_s: float) -> bool:
        """Whether a stop came within the time; other commands are carried out."""
        readable, _, _ = select.select([self._wake_read], [], [], timeout_s)
        if readable:
            self._obey()
        return self._stopping

    def _obey(self) -> None:
        self._wake_read.recv(_CHUNK)
        while not self._commands.empty():
            match self._commands.get():
                case _Command.PLUG:
                    self._link.plug()
                case _Command.UNPLUG:
                    self._link.unplug()
                case _Command.REPLUG:
                    self._link.unplug()
                    self._link.plug()
                case _Command.RESET:
                    self._link.fall_back()
                case _Command.STOP:
                    self._stopping = True
                case change:
                    change()

    def _serve(self, connection: socket.socket) -> End:
        unsent = bytearray()
        while not self._stopping:
            self._link.poll(time.monotonic())
            unsent += self._link.take_output()
            if len(unsent) > MAX_UNSENT:
                return self._protocol_error(f"the host left {len(unsent)} octets unread")
            writers = [connection] if unsent else []
            readable, writable, _ = select.select(
                [connection, self._wake_read], writers, [], self._patience()
            )
            if self._wake_read in readable:
                self._obey()
            data = _read(connection) if connection in readable else b""
            if data is None or (writable and not _write(connection, unsent)):
                return End.CLOSED
            self._link.poll(time.monotonic())
            try:
                self._link.receive(data)
            except ProtocolError as error:
                return self._protocol_error(str(error))
        return End.STOPPED

    def _patience(self) -> float | None:
        deadline = self._link.deadline()
        return None if deadline is None else max(0.0, deadline - time.monotonic())

    def _protocol_error(self, message: str) -> End:
        self._emit("protocol-error", layer="usbredir", message=message)
        return End.PROTOCOL_ERROR


def _read(connection: socket.socket) -> bytes | None:
    """What has arrived (empty: nothing yet); None when the host has closed the connection."""
    try:
        return connection.recv(_CHUNK) or None
    except BlockingIOError:
        return b""
    except OSError:
        return None


def _write(connection: socket.socket, unsent: bytearray) -> bool:
    """Send what goes, and take it off `unsent`; False when the host has closed the connection."""
    try:
        del unsent[: connection.send(unsent)]
    except BlockingIOError:
        return True
    except OSError:
        return False
    return True


def run_peer(
    socket_path: Path,
    stick: DeviceSource,
    events: EventSink,
    *,
    plugged: bool = True,
    connect_timeout_s: float = CONNECT_TIMEOUT_S,
) -> End:
    """Serve one connection in this thread; see `Peer`."""
    return Peer(socket_path, stick, events, plugged=plugged, connect_timeout_s=connect_timeout_s).run()
