# SPDX-License-Identifier: MIT
"""Results under a name that a person gives: whole or not at all, and never over a file that is somebody's.

A file that is there is replaced only when it is a result of these commands, as its own format shows. The
host's commands write theirs through here too.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import json
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_LARGEST = 64 << 20
"""Bytes of a file that may be a result; what is larger was not written here."""
_TABLES = (
    frozenset(("schema", "tool", "verdict")),  # every report
    frozenset(("kernel", "sticks", "ofono", "connman")),  # status
    frozenset(("usb", "path", "identity", "ports")),  # ports, for each stick
    frozenset(("symbol", "depends_on", "agrees_with_make")),  # kernel-config explain
    frozenset(("first", "second", "differences")),  # stick compare
)
"""What the results have, each at its first level; files of others have not all of it."""
FULL = (errno.ENOSPC, errno.EDQUOT)
"""What the system says when a disk, or this user's share of it, has no room."""
_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/(\d{1,9})")
_STREAMS = {"-": 1, "/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}


class OutputError(Exception):
    """The result cannot be written there; the message says why, and what to do."""


class Result(argparse.Action):
    """An argument that names a file to write; `ours` says of a file there whether it may be replaced."""

    def __init__(self, *args: Any, ours: Callable[[Path], bool], **named: Any) -> None:
        super().__init__(*args, **named)
        self.ours = ours

    def __call__(
        self,
        _parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option: str | None = None,
    ) -> None:
        setattr(namespace, self.dest, values)
        if values not in (None, "-"):
            before = getattr(namespace, "results", ())
            namespace.results = (*before, (self.dest, option or self.metavar or self.dest, self.ours))


def vet(args: argparse.Namespace) -> None:
    """Looks at every file that is named, before anything is done.

    Raises OutputError when one may not be written, is read too, or is named for two results; and for a named
    pipe, or links in a circle, that are to be read.
    """
    results = getattr(args, "results", ())
    written = {dest for dest, _option, _ours in results}
    read = [
        str(item)
        for dest, value in vars(args).items()
        if dest not in written and dest != "results"
        for item in (value if isinstance(value, list) else [value])
        if isinstance(item, str | Path)
    ]
    for path in read:
        if is_named_pipe(path):
            raise OutputError(f"{path}: is a pipe, which may never end\n  do: give a file, or standard input")
        if _leads_nowhere(path):
            raise OutputError(f"{path}: links that lead in a circle\n  do: name the file itself")
    paths: list[str] = []
    for dest, option, ours in results:
        path = str(getattr(args, dest))
        if any(_same(path, other) for other in read):
            raise OutputError(
                f"{option} {path}: is what is read here; it stays as it is\n  do: name another file"
            )
        if any(_same(path, other) for other in paths):
            raise OutputError(f"{option} {path}: is named for two results\n  do: name two files")
        paths.append(path)
        check(Path(path), ours)


def is_named_pipe(path: str) -> bool:
    """Whether a named pipe is there.

    Not one that a shell has made for <(\u2026): that has somebody who writes.
    """
    try:
        return not path.startswith(("/dev/", "/proc/")) and Path(path).is_fifo()
    except (OSError, ValueError):
        return False


def _leads_nowhere(path: str) -> bool:
    try:
        Path(path).stat()
    except OSError as err:
        return err.errno == errno.ELOOP
    except ValueError:
        pass
    return False


def _same(first: str, second: str) -> bool:
    try:
        return Path(first).samefile(second) and Path(first).is_file()
    except (OSError, ValueError):
        # A file that is yet to be: two names of it are the same too.
        return os.path.realpath(first) == os.path.realpath(second) and not os.path.lexists(first)


def is_json(path: Path) -> bool:
    """Whether the file is a result that a command wrote with `--json`."""
    document = json.loads(_content(path))
    first = document[0] if isinstance(document, list) and document else document
    if not isinstance(first, dict):
        return isinstance(document, list) and not document
    return any(table <= first.keys() for table in _TABLES)


def write(path: Path, content: bytes, ours: Callable[[Path], bool], mode: int = 0o666) -> None:
    """Writes `content` to the file, pipe or device `path`; a link is followed.

    `ours` says of a file whether it is a result of the same kind. Raises OutputError.
    """
    with _explained(path):
        if (number := _descriptor(path)) is not None:
            sys.stdout.flush()
            _pour(os.dup(number), content)
            return
        kind = check(path, ours)
        path = Path(os.path.realpath(path))
        if kind in (stat.S_IFCHR, stat.S_IFIFO):
            handle = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            os.set_blocking(handle, True)
            _pour(handle, content)
        else:
            _place(path, content, mode)


def check(path: Path, ours: Callable[[Path], bool]) -> int:
    """The kind of what is there (stat.S_IFMT), 0 for nothing. Raises OutputError when nothing may go there,
    by itself or by `ours`.

    For commands that work long before they have something to write.
    """
    if _descriptor(path) is not None:
        return stat.S_IFCHR
    with _explained(path):
        try:
            status = path.stat()
        except FileNotFoundError:
            if not Path(os.path.realpath(path)).parent.is_dir():
                raise
            return 0
    kind = stat.S_IFMT(status.st_mode)
    if kind == stat.S_IFDIR:
        raise OutputError(f"{path}: is a folder\n  do: name a file in it")
    if kind not in (stat.S_IFREG, stat.S_IFCHR, stat.S_IFIFO):
        raise OutputError(f"{path}: is neither a file nor a pipe\n  do: name a file")
    if kind == stat.S_IFREG and status.st_size and not _is(ours, path):
        raise OutputError(
            f"{path}: is there, and is no earlier result of this command; it stays as it is\n"
            "  do: name another file, or move it away"
        )
    return kind


def _is(ours: Callable[[Path], bool], path: Path) -> bool:
    try:
        return ours(path)
    except (OSError, ValueError, RecursionError, EOFError):
        return False


def _content(path: Path) -> bytes:
    with path.open("rb") as stream:
        content = stream.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ValueError("too large")
    return content


def _descriptor(path: Path) -> int | None:
    """The number of the open file that `path` stands for: /dev/stdout, and what a shell's >(…) gives."""
    if (found := _DESCRIPTOR.fullmatch(str(path))) is not None:
        return int(found[1])
    return _STREAMS.get(str(path))


def _pour(handle: int, content: bytes) -> None:
    with os.fdopen(handle, "wb", buffering=0) as stream:
        view = memoryview(content)
        while view:
            view = view[stream.write(view) or 0 :]


def _place(path: Path, content: bytes, mode: int) -> None:
    """A file without a name gets its name when it is whole: a run that is killed leaves nothing."""
    partial = f".{path.name[:100]}.{os.urandom(8).hex()}"
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        handle, named = _nameless(folder, partial, mode)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
                if not named:
                    # Given a folder, link follows the link of /proc (AT_SYMLINK_FOLLOW).
                    os.link(f"/proc/self/fd/{stream.fileno()}", partial, dst_dir_fd=folder)
                    named = True
            os.replace(partial, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            if named:
                with contextlib.suppress(OSError):
                    os.unlink(partial, dir_fd=folder)
            raise
    finally:
        os.close(folder)


def _nameless(folder: int, partial: str, mode: int) -> tuple[int, bool]:
    """A new file in the open `folder`, and whether it has the name `partial` already."""
    try:
        return os.open(".", os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, mode, dir_fd=folder), False
    except OSError as err:
        # FAT, NFS and older overlays have no files without a name.
        if err.errno not in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT):
            raise
    return os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, mode, dir_fd=folder), True


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as err:
        raise OutputError(refusal(path, err)) from err


def refusal(path: Path, error: OSError) -> str:
    """Why `path` was not written, for people."""
    if error.errno in FULL:
        return f"{path}: the disk is full; nothing was written. Make room and try again."
    if error.errno == errno.ENXIO:
        return f"{path}: cannot be written: nobody reads this pipe"
    return f"{path}: cannot be written: {error.strerror}"
