# SPDX-License-Identifier: MIT
"""A child process that is killed at the n-th thing that it does to files, as no handler could prevent."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable

_TOUCHES = frozenset(
    (
        "open",
        "os.rename",
        "os.symlink",
        "os.mkdir",
        "os.remove",
        "os.rmdir",
        "os.chmod",
        "os.truncate",
        "shutil.rmtree",
    )
)


def run_killed(
    action: Callable[[], object], at: int | None, concerns: Callable[[tuple[object, ...]], bool]
) -> tuple[int, list[str]]:
    """Do `action` in a child; its wait status, and the events that it got through.

    `concerns` says of an event's arguments whether it counts. With None for `at` nobody kills it.
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        seen: list[str] = []

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            if event in _TOUCHES and concerns(arguments):
                if len(seen) == at:
                    os.kill(os.getpid(), signal.SIGKILL)
                seen.append(event)

        sys.addaudithook(hook)
        status = 1
        try:
            action()
            status = 0
        finally:
            os.write(writer, json.dumps(seen).encode())
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        said = answer.read()
    return os.waitpid(pid, 0)[1], json.loads(said or b"[]")


def below(*folders: object) -> Callable[[tuple[object, ...]], bool]:
    """Events that name something in one of `folders`; within a folder that is open, names are relative."""
    starts = tuple(map(str, folders))

    def concerns(arguments: tuple[object, ...]) -> bool:
        texts = [item for item in map(str, arguments) if item]
        return any(text.startswith(starts) for text in texts) or (
            bool(texts) and "/" not in texts[0] and isinstance(arguments[-1], int) and arguments[-1] > 2
        )

    return concerns
