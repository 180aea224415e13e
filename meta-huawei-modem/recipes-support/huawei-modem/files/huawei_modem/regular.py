# SPDX-License-Identifier: MIT
"""Files of the system as far as they are files: no pipe is waited for, no device opened, no size trusted."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

SETTINGS = 1 << 16
"""Octets that a file of settings may have."""


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file at `path`, or where a link there leads. Raises OSError, also for what is no regular file."""
    # Opening some devices is an act of its own; what took the file's place meanwhile is not waited for.
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "is not a regular file", str(path))
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "is not a regular file", str(path))
        yield file


def settings(file: BinaryIO) -> str:
    """A whole file of settings, which is UTF-8, its lines ended by \\n. Raises OSError where it has more than
    SETTINGS octets, UnicodeDecodeError."""
    data = file.read(SETTINGS + 1)
    if len(data) > SETTINGS:
        raise OSError(errno.EFBIG, f"more than {SETTINGS >> 10} KiB")
    return data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")


def _pieces(file: BinaryIO, most: int) -> Iterator[bytes]:
    # /proc/sys has no answer for who asks for 4 MiB at once (ENOMEM, fs/proc/proc_sysctl.c).
    while most > 0 and (piece := file.read(min(most, SETTINGS))):
        most -= len(piece)
        yield piece


def beginning(path: Path, most: int) -> bytes:
    """At most `most` octets of the file; empty where it cannot be read."""
    try:
        with opened(path) as file:
            return b"".join(_pieces(file, most))
    except (OSError, ValueError):  # a name with an octet 0 is a ValueError
        return b""
