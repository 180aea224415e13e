# SPDX-License-Identifier: MIT
"""The shell on the board's second serial port, which systemd's debug-shell.service provides."""

from __future__ import annotations

import base64
import re
import secrets
import shlex
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from modem_image.errors import FaultError

_POLL = 0.5
_DEATH_PATIENCE = 2.0
_ENCODE = 'import binascii, sys; print(binascii.b2a_base64(open(sys.argv[1], "rb").read()).decode())'


class GuestTimeoutError(FaultError):
    """The board did not answer in time."""


class Guest:
    """Runs commands on the board, one at a time.

    `check_alive` is called while waiting; what it raises ends the wait. `now` is the clock of the waits.
    """

    def __init__(
        self, path: Path, check_alive: Callable[[], None], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._path = path
        self._check_alive = check_alive
        self._now = now
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(_POLL)
        self._received = ""

    def close(self) -> None:
        self._socket.close()

    def connect(self, patience: float) -> None:
        """Wait `patience` seconds for a shell that answers. Raises GuestTimeoutError."""
        end = self._now() + patience
        self._reach(end)
        # The prompt of a root shell; what is typed before it would be lost with the tty's set-up.
        self._wait_for(re.compile(r"[#$] $"), end, "a shell prompt")
        # bash edits lines, and so repeats what it reads whatever stty says.
        self._send(b"exec sh\nstty -echo; PS1= PS2= TERM=dumb NO_COLOR=1; export TERM NO_COLOR\n")
        self.run("true", patience)

    def take_up(self, patience: float) -> None:
        """Go on with the shell that `connect` left on a board that was kept. Raises GuestTimeoutError."""
        end = self._now() + patience
        self._reach(end)
        self.run("true", patience)

    def _reach(self, end: float) -> None:
        while True:
            try:
                self._socket.connect(str(self._path))
                return
            except OSError as error:
                if self._now() > end:
                    raise GuestTimeoutError(
                        f"QEMU's serial port {self._path} cannot be reached: {error}"
                    ) from error
                self._check_alive()
                time.sleep(0.1)

    def run(self, command: str, patience: float = 60.0) -> tuple[int, str]:
        """Exit status and output (both streams) of a shell command. Raises GuestTimeoutError."""
        mark = secrets.token_hex(6)
        # The quotes keep the echo of this line, which the first command sees, from looking like its end.
        line = f"{{ {command}; }} </dev/null 2>&1; echo \"{mark}\"'-'$?\n"
        self._received = ""
        self._send(line.encode())
        found = self._wait_for(re.compile(rf"(?s)^(.*?){mark}-(\d+)\r?\n"), self._now() + patience, command)
        return int(found[2]), found[1].replace("\r\n", "\n")

    def fetch(self, path: str, patience: float) -> bytes:
        """The content of a file on the board. Raises FaultError when it cannot be read there.

        By the Python that the helper needs: OpenEmbedded's BusyBox has no base64.
        """
        status, output = self.run(f"python3 -ISc '{_ENCODE}' {shlex.quote(path)}", patience)
        if status != 0:
            raise FaultError(f"the board's {path} cannot be fetched: {output.strip()[-200:]}")
        return base64.b64decode(output)

    def clock(self) -> tuple[float, float]:
        """The same moment on two clocks, in seconds: this machine's monotonic one and the board's uptime.

        The error is half of the round trip, below 0.1 s.
        """
        before = time.monotonic()
        _, output = self.run("cut -d' ' -f1 /proc/uptime")
        return (before + time.monotonic()) / 2, float(output.split()[-1])

    def _send(self, data: bytes) -> None:
        with suppress(ConnectionError):  # QEMU went; the wait for the answer says so
            self._socket.sendall(data)

    def _wait_for(self, pattern: re.Pattern[str], end: float, what: str) -> re.Match[str]:
        while True:
            found = pattern.search(self._received)
            if found:
                return found
            if self._now() > end:
                tail = self._received.strip()[-200:]
                raise GuestTimeoutError(f"the board did not answer in time: {what}\n    last heard: {tail!r}")
            try:
                data = self._socket.recv(65536)
            except TimeoutError:
                self._check_alive()
                continue
            except ConnectionError:  # QEMU went, with something of ours unread
                data = b""
            if not data:
                self._await_death()
                raise GuestTimeoutError(f"the board's serial port was closed: {what}")
            self._received += data.decode(errors="replace")

    def _await_death(self) -> None:
        """A board that dies closes its port a moment before its process is gone."""
        end = time.monotonic() + _DEATH_PATIENCE
        while time.monotonic() < end:
            self._check_alive()
            time.sleep(0.05)
