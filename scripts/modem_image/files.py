# SPDX-License-Identifier: MIT
"""Outputs that appear whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from huawei_modem import outputs
from huawei_modem.errors import what_is_beyond
from modem_image.errors import InputError, UserError
from modem_image.made import work_folder

MARKUP = ("<!-- ", " -->")
"""A comment in HTML and XML."""
TEXT_LIMIT = 16 << 20
"""Bytes of a text that somebody names: recordings, changelogs and lock files have a hundredth of it."""
_DOTS = 200
SUMS = "SHA256SUMS"
"""Beside the files of a release."""


def sha256_of(path: Path) -> str:
    """Of a file's content, in hexadecimal; the file may be larger than memory."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def content_of(path: Path, most: int = TEXT_LIMIT) -> bytes:
    """The content of a file of at most `most` bytes; a pipe that a shell made, <(…), is one too.

    Raises InputError for what is larger or has no end, and OSError for what cannot be read.
    """
    if outputs.is_named_pipe(str(path)):
        raise InputError(f"{path}: is a pipe, which may never end\n  do: give a file, or standard input")
    with path.open("rb") as stream:
        state = os.fstat(stream.fileno())
        regular = stat.S_ISREG(state.st_mode)
        # Of a device what is read before it is refused lies in memory: no more than of a text.
        most = most if regular else min(most, TEXT_LIMIT)
        content = b"" if state.st_size > most else _read(stream, state.st_size, most + 1)
    if max(len(content), state.st_size) > most:
        what = "is larger than" if regular else "is not a file, and gives more than"
        raise InputError(f"{path}: {what} {_size(most)}, the most that is read here")
    return content


def _read(stream: IO[bytes], size: int, most: int) -> bytes:
    """What comes, `most` octets of it; no more memory than for `size` is taken before more has come."""
    parts = [stream.read(size)]
    left = most - size
    while left > 0 and (part := stream.read(min(1 << 20, left))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _size(octets: int) -> str:
    return f"{octets >> 20} MiB" if octets >> 20 else f"{octets >> 10} KiB"


def text_of(path: Path, most: int = TEXT_LIMIT) -> str:
    """The UTF-8 text of such a file, its lines ended by \\n. Raises as that, and UnicodeDecodeError."""
    return content_of(path, most).decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")


def toml_of(text: str) -> dict[str, Any]:
    """The table of a TOML text that anybody may have written. Raises ValueError, for whatever is wrong."""
    import tomllib  # here, for few commands read any: it brings six modules

    for number, line in enumerate(text.splitlines(), 1):
        if line.count(".") > _DOTS:
            # tomllib's work grows with the square of a key's parts.
            raise ValueError(f"line {number} has more than {_DOTS} dots")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except (RecursionError, ValueError) as err:
        raise ValueError(what_is_beyond(err)) from None


@contextlib.contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, which takes its place when the block ends well.

    The block creates a file (or a folder) at the path it is given. When it ends well that is written
    through to the disk and renamed over `path`; a folder replaces no folder that holds files. When it
    raises, Ctrl-C included, the temporary is removed and `path` stays as it was.

    Raises UserError when the disk is full or the folder of `path` cannot be written.
    """
    with contextlib.ExitStack() as stack:
        with _write_errors_explained(path):
            # A folder of our own: no other process can take the name, and one removal cleans up.
            work = stack.enter_context(work_folder(path.parent, (path.name,)))
        temporary = work / path.name
        with _full_disk_explained(path):
            yield temporary
        with _write_errors_explained(path):
            if not temporary.is_dir():
                sync(temporary)
            temporary.replace(path)
            sync(path.parent)


def write_atomic(path: Path, content: bytes) -> None:
    """Write `content` to `path`, whole or not at all. Raises UserError as `atomic_path`, and for a folder."""
    if path.is_dir():
        raise UserError(f"{path}: is a folder\n  do: name a file in it")
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def write_result(target: outputs.Target, text: str, comment: tuple[str, str] = MARKUP) -> None:
    """Write a text to what a person named for it, with a mark in a comment at its end: see `outputs`.

    Raises UserError when something of another is there, and when it cannot be written.
    """
    try:
        outputs.write_text(target, text, comment)
    except outputs.OutputError as err:
        raise UserError(str(err)) from err


def check_result(target: outputs.Target) -> None:
    """Raises UserError when something of another is where a result is to go, before there is one."""
    try:
        outputs.check(target)
    except outputs.OutputError as err:
        raise UserError(str(err)) from err


def sums_of(folder: Path) -> dict[str, str]:
    """Paths and SHA-256 of the files that were published together. Raises as content_of."""
    lines = content_of(folder / SUMS).decode("utf-8", "replace").splitlines()
    found = (re.fullmatch(r"([0-9a-f]{64})  (.+)", line) for line in lines)
    return {match[2]: match[1] for match in found if match}


@contextlib.contextmanager
def readable_by_all() -> Iterator[None]:
    """What is made in the block is for everybody to read, whatever umask the user has; a decorator too."""
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)


@contextlib.contextmanager
def _full_disk_explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as err:
        if err.errno not in outputs.FULL:
            raise
        raise UserError(outputs.refusal(path, err)) from err


@contextlib.contextmanager
def _write_errors_explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as err:
        raise UserError(outputs.refusal(path, err)) from err


def sync(path: Path) -> None:
    """Write a file, or the names in a folder, through to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
