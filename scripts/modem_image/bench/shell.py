# SPDX-License-Identifier: MIT
"""A shell on the board, whatever carries it: commands, files, and its clock."""

from __future__ import annotations

import base64
import re
import secrets
import shlex
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from modem_image.errors import FaultError

POLL = 0.5
_ENCODE = 'import binascii, sys; print(binascii.b2a_base64(open(sys.argv[1], "rb").read()).decode())'


class GuestTimeoutError(FaultError):
    """The board did not answer in time."""


class Shell:
    """Runs commands on the board, one at a time, over `connection`: a stream socket to a POSIX shell.

    `check_alive` is called while waiting; what it raises ends the wait. `now` is the clock of the waits.
    """

    def __init__(
        self,
        connection: socket.socket,
        check_alive: Callable[[], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._check_alive = check_alive
        self._now = now
        self._socket = connection
        self._socket.settimeout(POLL)
        self._received = ""

    def close(self) -> None:
        self._socket.close()

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
        with suppress(ConnectionError):  # it went; the wait for the answer says so
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
            except ConnectionError:  # it went, with something of ours unread
                data = b""
            if not data:
                self._ended(what)
            self._received += data.decode(errors="replace")

    def _ended(self, what: str) -> NoReturn:
        """The stream has ended while `what` was waited for: raises what that means."""
        raise GuestTimeoutError(f"the board's shell was closed: {what}")
