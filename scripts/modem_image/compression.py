# SPDX-License-Identifier: MIT
"""Streams into and out of compressed files, by the tools of the system where they are faster."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from modem_image.errors import MissingError, UserError
from modem_image.system import mortal, which

_XZ_BLOCK = "8MiB"


@contextlib.contextmanager
def xz_writer(out: Path, level: int) -> Iterator[IO[bytes]]:
    """A stream whose bytes arrive in the file `out`, compressed by xz at `level` (0 to 9).

    The block size is fixed and there are always two threads or more: then the number of processors
    leaves the bytes as they are, and a reader can decompress the blocks in parallel.

    Raises MissingError without xz, OSError (ENOSPC) when the disk is full, UserError when xz fails.
    """
    threads = max(2, os.cpu_count() or 2)
    if which("xz") is None:
        raise MissingError("xz is not installed: apt-get install xz-utils")
    command = ["xz", "-c", f"-{level}", f"-T{threads}", f"--block-size={_XZ_BLOCK}", "--check=crc64"]
    english = {**os.environ, "LC_ALL": "C"}
    with out.open("wb") as target, tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            mortal(command), stdin=subprocess.PIPE, stdout=target, stderr=complaints, env=english
        )
        try:
            sink = process.stdin
            assert sink is not None  # noqa: S101  a pipe was asked for
            # A broken pipe means that xz gave up; its own words say why.
            with contextlib.suppress(BrokenPipeError):
                yield sink
            with contextlib.suppress(BrokenPipeError):
                sink.close()
            if process.wait() != 0:
                complaints.seek(0)
                raise _failure(out, complaints.read().decode("utf-8", "replace").strip())
        finally:
            process.kill()
            process.wait()


def _failure(out: Path, complaint: str) -> Exception:
    if "No space left on device" in complaint:
        return OSError(errno.ENOSPC, "No space left on device", str(out))
    return UserError(f"{out.name}: not compressed: {complaint or 'xz was killed'}")
