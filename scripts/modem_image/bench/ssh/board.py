# SPDX-License-Identifier: MIT
"""A board over SSH: a shell that comes back when the connection drops, and knows when the board rebooted."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn, TypeVar

from modem_image.bench.shell import Shell
from modem_image.bench.ssh.address import Address, command, explain
from modem_image.console import say
from modem_image.errors import FaultError
from modem_image.system import end_group

_Answer = TypeVar("_Answer")
BACK_PATIENCE = 120.0
"""Seconds for which a board whose connection dropped is called again: long enough for a reboot."""
_CONNECT_PATIENCE = 30.0
_BETWEEN_TRIES = 2.0
_BOOT_ID = "cat /proc/sys/kernel/random/boot_id"
# A shell that is not a login's may lack the folders of root's tools.
_PREPARE = (
    "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin PS1= PS2= TERM=dumb NO_COLOR=1 LC_ALL=C\n"
    "export PATH TERM NO_COLOR LC_ALL\n"
)
_LAST_OCTETS = 4000


class ConnectionLostError(FaultError):
    """ssh has ended."""


class BoardRebootedError(FaultError):
    """The board is back, and has booted meanwhile."""


class SshShell(Shell):
    """One run of ssh. What it says on standard error goes to the end of the file `log`."""

    def __init__(self, address: Address, options: Sequence[str], log: Path) -> None:
        ours, theirs = socket.socketpair()
        self._address = address
        self._log = log
        self._said_before = log.stat().st_size if log.exists() else 0
        with theirs, log.open("ab") as errors:
            self._process = subprocess.Popen(
                command(address, options),
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=errors,
                start_new_session=True,
            )
        super().__init__(ours, lambda: None)
        try:
            self._send(_PREPARE.encode())
            self.run("true", _CONNECT_PATIENCE)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        super().close()
        end_group(self._process)

    def _ended(self, what: str) -> NoReturn:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        raise ConnectionLostError(f"{explain(self._address, self._said())}\n  asked last: {what}")

    def _said(self) -> str:
        with self._log.open("rb") as handle:
            end = handle.seek(0, os.SEEK_END)
            handle.seek(max(self._said_before, end - _LAST_OCTETS))
            return handle.read().decode(errors="replace")


class RemoteBoard:
    """The board at `address`. A connection that drops is made again, and the question is asked again.

    Raises ConnectionLostError when it does not come back in `patience` seconds, BoardRebootedError when it
    comes back from a boot: what listened there is gone.
    """

    def __init__(
        self, address: Address, options: Sequence[str], log: Path, patience: float = BACK_PATIENCE
    ) -> None:
        self._address, self._options, self._log = address, options, log
        self._patience = patience
        self.drops = 0
        """How often the connection dropped."""
        self._shell = SshShell(address, options, log)
        self._boot = self._shell.run(_BOOT_ID)[1].strip()

    def close(self) -> None:
        self._shell.close()

    def run(self, question: str, patience: float = 60.0) -> tuple[int, str]:
        """As Shell.run."""
        return self._ask(lambda shell: shell.run(question, patience))

    def fetch(self, path: str, patience: float) -> bytes:
        """As Shell.fetch."""
        return self._ask(lambda shell: shell.fetch(path, patience))

    def clock(self) -> tuple[float, float]:
        """As Shell.clock."""
        return self._ask(lambda shell: shell.clock())

    def _ask(self, question: Callable[[Shell], _Answer]) -> _Answer:
        while True:
            try:
                return question(self._shell)
            except ConnectionLostError as lost:
                self._call_again(lost)

    def _call_again(self, lost: ConnectionLostError) -> None:
        self.drops += 1
        self._shell.close()
        say(f"  the connection dropped; the board is called again, at most {self._patience:.0f} s")
        end = time.monotonic() + self._patience
        while True:
            try:
                self._shell = SshShell(self._address, self._options, self._log)
                boot = self._shell.run(_BOOT_ID)[1].strip()
                break
            except FaultError as error:
                if time.monotonic() > end:
                    raise ConnectionLostError(
                        f"{lost}\n  and it did not come back in {self._patience:.0f} s: {error}"
                    ) from error
                time.sleep(_BETWEEN_TRIES)
        if boot != self._boot:
            raise BoardRebootedError(
                f"the board at {self._address.login} rebooted while it was watched\n"
                "  what it had seen is gone with it; its log of the boot before: journalctl --boot=-1 (where "
                "the journal is kept over boots), or its serial console\n"
                "  do: when it happened as the stick came, look at the supply: a stick takes 500 mA and more "
                "for a moment; then run this again"
            )
        say("  the board is back, and goes on")
