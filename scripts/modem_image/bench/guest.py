# SPDX-License-Identifier: MIT
"""The shell on the board's second serial port, which systemd's debug-shell.service provides."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from modem_image.bench.shell import GuestTimeoutError, Shell

__all__ = ["Guest", "GuestTimeoutError"]
_DEATH_PATIENCE = 2.0


class Guest(Shell):
    """The shell behind QEMU's unix socket at `path`."""

    def __init__(
        self, path: Path, check_alive: Callable[[], None], now: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(socket.socket(socket.AF_UNIX), check_alive, now)
        self._path = path

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

    def _ended(self, what: str) -> NoReturn:
        self._await_death()
        raise GuestTimeoutError(f"the board's serial port was closed: {what}")

    def _await_death(self) -> None:
        """A board that dies closes its port a moment before its process is gone."""
        end = time.monotonic() + _DEATH_PATIENCE
        while time.monotonic() < end:
            self._check_alive()
            time.sleep(0.05)
