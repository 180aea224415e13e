# SPDX-License-Identifier: MIT
"""Orders to QEMU over its machine protocol (QMP): a line of JSON each way, events between."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from modem_image.errors import FaultError

_PATIENCE = 30.0
_SAVE_PATIENCE = 120.0
_POLL = 0.1
_NAME = "memory"


class MonitorError(FaultError):
    """QEMU refused an order, or said nothing."""


class Monitor:
    """An open connection to the monitor of a QEMU."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lines = connection.makefile("rw", encoding="utf-8")

    def do(self, command: str, **arguments: object) -> Any:
        """What QEMU returns for a command. Raises MonitorError."""
        try:
            self._lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
            self._lines.flush()
        except OSError as err:
            raise MonitorError(f"QEMU's monitor does not take {command}: {err}") from err
        return self._answer(command)

    def _answer(self, command: str) -> Any:
        try:
            while line := self._lines.readline():
                answer = json.loads(line)
                if "return" in answer:
                    return answer["return"]
                if "error" in answer:
                    raise MonitorError(f"QEMU refused {command}: {answer['error']['desc']}")
        except (OSError, ValueError) as err:
            raise MonitorError(f"QEMU's monitor does not answer {command}: {err}") from err
        raise MonitorError(f"QEMU closed its monitor at {command}")

    def save(self, target: Path, now: Callable[[], float] = time.monotonic) -> None:
        """Write the machine's state to the file `target`; the machine stands still afterwards, and what it
        wrote to its disks is in their files. Raises MonitorError, also where the disk is full.
        """
        with target.open("wb") as file:
            # QEMU writes to the file itself: a program between them could lose the end of it unseen.
            self._hand_over(file.fileno())
            self.do("migrate-set-parameters", **{"max-bandwidth": 1 << 33})
            self.do("migrate", uri=f"fd:{_NAME}")
            self._await_saved(now)

    def _hand_over(self, handle: int) -> None:
        order = {"execute": "getfd", "arguments": {"fdname": _NAME}}
        socket.send_fds(self._connection, [json.dumps(order).encode() + b"\n"], [handle])
        self._answer("getfd")

    def _await_saved(self, now: Callable[[], float]) -> None:
        end = now() + _SAVE_PATIENCE
        while (found := self.do("query-migrate"))["status"] != "completed":
            if found["status"] in ("failed", "cancelled") or now() > end:
                raise MonitorError(
                    f"QEMU cannot save the board: {found['status']} {found.get('error-desc', '')}"
                )
            time.sleep(_POLL)

    def await_running(
        self, check_alive: Callable[[], None], patience: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        """Wait until a machine that comes from a file is all there, and runs. Raises MonitorError."""
        end = now() + patience
        while (status := self.do("query-status")["status"]) != "running":
            check_alive()
            if now() > end:
                raise MonitorError(f"QEMU does not bring the kept board back: {status}")
            time.sleep(_POLL)


@contextmanager
def monitor(path: Path, check_alive: Callable[[], None]) -> Iterator[Monitor]:
    """The monitor of the QEMU that listens, or will soon, on the unix socket `path`. Raises MonitorError."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_PATIENCE)
        end = time.monotonic() + _PATIENCE
        while connection.connect_ex(str(path)):
            check_alive()
            if time.monotonic() > end:
                raise MonitorError(f"QEMU's monitor {path} cannot be reached")
            time.sleep(_POLL)
        found = Monitor(connection)
        found.do("qmp_capabilities")
        yield found
