# SPDX-License-Identifier: MIT
"""Results under a name that a person gives: whole or not at all, and never over a file that is somebody's.

One rule for each command and each of its options: a file that is there is replaced only when the same option
of the same command wrote it and it is as it was written. It bears a mark for that, `COMMAND OPTION
sha256:DIGEST`; the digest is that of the file's name and of the file with zeros in its place, so that a copy
under another name is its owner's. The mark is the last key of a JSON document, a comment at the end of a
text, and the comment in the header of a gzip file (RFC 1952). The host's commands write theirs through here.
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
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from huawei_modem.text import plain

if TYPE_CHECKING:
    import hashlib

MARK = "written_by"
"""The key of a JSON document that has the mark."""
_MARK = re.compile(rb"(modem-image|huawei-modem)((?: [\w.-]{1,40}){1,4}) sha256:([0-9a-f]{64})")
_NO_DIGEST = "0" * 64
_EDGE = 512
"""Octets at the beginning and at the end of a file in which its mark stands."""
_EMPTY = b"[]\n"
"""A JSON list of nothing: no mark fits in, and nothing is lost with it."""
FULL = (errno.ENOSPC, errno.EDQUOT)
"""What the system says when a disk, or this user's share of it, has no room."""
_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/(\d{1,9})")
_STREAMS = {"-": 1, "/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}


class OutputError(Exception):
    """The result cannot be written there; the message says why, and what to do."""


class Target(str):
    """The name of a file for a result, and `by`: the command and the option whose result it is."""

    def __new__(cls, name: str | Path, by: str) -> Target:
        target = super().__new__(cls, name)
        target.by = by
        return target

    by: str


class Result(argparse.Action):
    """An argument that names a file to write: a Target."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option: str | None = None,
    ) -> None:
        # One word for an option that has a short name too.
        by = " ".join((parser.prog, *self.option_strings[-1:]))
        setattr(namespace, self.dest, None if values is None else Target(values, by))
        if values not in (None, "-"):
            before = getattr(namespace, "results", ())
            namespace.results = (*before, (self.dest, option or self.metavar or self.dest))


def vet(args: argparse.Namespace) -> None:
    """Looks at every file that is named, before anything is done.

    Raises OutputError when one may not be written, is read too, or is named for two results; and for a named
    pipe, or links in a circle, that are to be read.
    """
    results = getattr(args, "results", ())
    written = {dest for dest, _option in results}
    read = [
        str(item)
        for dest, value in vars(args).items()
        if dest not in written and dest != "results"
        for item in (value if isinstance(value, list) else [value])
        if isinstance(item, str | Path)
    ]
    for name in read:
        if is_named_pipe(name):
            raise OutputError(f"{name}: is a pipe, which may never end\n  do: give a file, or standard input")
        if _leads_nowhere(name):
            raise OutputError(f"{name}: links that lead in a circle\n  do: name the file itself")
    paths: list[Target] = []
    for dest, option in results:
        path = getattr(args, dest)
        if any(_same(path, other) for other in read):
            raise OutputError(
                f"{option} {path}: is what is read here; it stays as it is\n  do: name another file"
            )
        if any(_same(path, other) for other in paths):
            raise OutputError(f"{option} {path}: is named for two results\n  do: name two files")
        paths.append(path)
        check(path)


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


def write_json(target: Target, document: object) -> None:
    """Writes plain data, a table or a list of tables, as JSON with printable texts. Raises OutputError."""
    document = plain(document)
    blank = _mark(target.by, _NO_DIGEST)
    if isinstance(document, dict):
        document = {**document, MARK: blank}
    elif isinstance(document, list) and document:
        document = [*document[:-1], {**document[-1], MARK: blank}]
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    # The last one is ours; what comes before may be anybody's text.
    before, found, after = text.encode("utf-8", "backslashreplace").rpartition(blank.encode())
    _write(target, _marked(target, before, after) if found else after)


def write_text(target: Target, text: str, comment: tuple[str, str]) -> None:
    """Writes a text and a comment, which begins and ends as `comment` says. Raises OutputError."""
    before, after = f"{text}{comment[0]}".encode(), f"{comment[1]}\n".encode()
    _write(target, _marked(Target(target, _plain(target.by)), before, after))


def _plain(by: str) -> str:
    """As it stands in a comment: XML has no place for two dashes there."""
    return by.replace(" --", " ")


def write_gzip(target: Target, packed: bytes, mode: int) -> None:
    """Writes a gzip file whose header has no field but those it must have (RFC 1952). Raises OutputError."""
    flags = 3
    header = packed[:flags] + b"\x10" + packed[flags + 1 : 10]
    _write(target, _marked(target, header, b"\0" + packed[10:]), mode)


def _marked(target: Target, before: bytes, after: bytes) -> bytes:
    """A result with its mark: the digest is that of its name and of all of it, with zeros in its place."""
    state = _begun(Path(target))
    for part in (before, _mark(target.by, _NO_DIGEST).encode(), after):
        state.update(part)
    return b"".join((before, _mark(target.by, state.hexdigest()).encode(), after))


def _mark(by: str, digest: str) -> str:
    return f"{by} sha256:{digest}"


def _write(target: Target, content: bytes, mode: int = 0o666) -> None:
    """Writes `content`, which has its mark, to a file, pipe or device; a link is followed.

    Raises OutputError.
    """
    path = Path(target)
    with _explained(path):
        if (number := _descriptor(path)) is not None:
            sys.stdout.flush()
            check(target)
            _pour(os.dup(number), content)
            return
        kind = check(target)
        path = Path(os.path.realpath(path))
        if kind in (stat.S_IFCHR, stat.S_IFIFO):
            handle = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            os.set_blocking(handle, True)
            _pour(handle, content)
        else:
            _place(target, path, content, mode)


def check(target: Target) -> int:
    """The kind of what is there (stat.S_IFMT), 0 for nothing. Raises OutputError when nothing may go there.

    For commands that work long before they have something to write.
    """
    path = Path(target)
    if (number := _descriptor(path)) is not None:
        if _writes_over(number):
            raise OutputError(
                f"{path}: holds something, which stays as it is\n  do: name another, or append to it"
            )
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
    if kind == stat.S_IFREG and status.st_size and (what := _whose(path, target.by)):
        raise OutputError(
            f"{path}: is there, and {what}; it stays as it is\n  do: name another file, or move it away"
        )
    return kind


def _whose(path: Path, by: str) -> str:
    """What keeps a file from being replaced by a result of `by`; empty where nothing does."""
    foreign = f"was not written by {by}"
    try:
        with path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            if size == len(_EMPTY) and stream.read() == _EMPTY:
                return ""
            place, mark = _found(stream, size)
            if mark is None:
                return foreign
            wrote = (mark[1] + mark[2]).decode()
            if _plain(wrote) != _plain(by):
                return f"was written by {wrote}"
            return (
                ""
                if _digest(path, stream, place + mark.start(3)) == mark[3]
                else "was changed, or renamed, since it was written"
            )
    except OSError:
        return foreign


def writer(path: Path) -> str:
    """The command and the option whose mark a file bears; empty without one, or where it cannot be read."""
    try:
        with path.open("rb") as stream:
            mark = _found(stream, os.fstat(stream.fileno()).st_size)[1]
    except OSError:
        return ""
    return "" if mark is None else (mark[1] + mark[2]).decode()


def _found(stream: IO[bytes], size: int) -> tuple[int, re.Match[bytes] | None]:
    """Where an edge of the file begins, and the mark in it."""
    stream.seek(0)
    head = stream.read(_EDGE)
    if head.startswith(b"\x1f\x8b"):
        return 0, _MARK.match(head, 10)
    place = max(0, size - _EDGE)
    stream.seek(place)
    found = list(_MARK.finditer(stream.read(_EDGE)))
    return place, found[-1] if found else None


def _begun(path: Path) -> hashlib._Hash:
    """A digest that has the name of the file in it, the one that links lead to."""
    import hashlib  # brings OpenSSL along, and few commands write a result

    return hashlib.sha256(os.fsencode(Path(os.path.realpath(path)).name) + b"\0")


def _digest(path: Path, stream: IO[bytes], place: int) -> bytes:
    """The digest of the file `path`, read from `stream`, with zeros at `place`, where its own stands."""
    state = _begun(path)
    stream.seek(0)
    left = place
    while left and (data := stream.read(min(left, 1 << 16))):
        state.update(data)
        left -= len(data)
    state.update(b"0" * len(stream.read(64)))
    while data := stream.read(1 << 16):
        state.update(data)
    return state.hexdigest().encode()


def _descriptor(path: Path) -> int | None:
    """The number of the open file that `path` stands for: /dev/stdout, and what a shell's >(…) gives."""
    if (found := _DESCRIPTOR.fullmatch(str(path))) is not None:
        return int(found[1])
    return _STREAMS.get(str(path))


def _writes_over(number: int) -> bool:
    """Whether what is written to an open file replaces what it holds: a shell's `9<>FILE`."""
    import fcntl

    try:
        status = os.fstat(number)
        return (
            stat.S_ISREG(status.st_mode)
            and not fcntl.fcntl(number, fcntl.F_GETFL) & os.O_APPEND
            and os.lseek(number, 0, os.SEEK_CUR) < status.st_size
        )
    except OSError:
        return False  # closed: who writes to it says so


def _pour(handle: int, content: bytes) -> None:
    with os.fdopen(handle, "wb", buffering=0) as stream:
        view = memoryview(content)
        while view:
            view = view[stream.write(view) or 0 :]


def _place(target: Target, path: Path, content: bytes, mode: int) -> None:
    """A file without a name gets its name, `path`, when it is whole: a run that is killed leaves nothing.

    Raises OutputError where something has come there meanwhile that has to stay.
    """
    partial = f".{path.name[:100]}.{os.urandom(8).hex()}"
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        handle, named = _nameless(folder, partial, mode)
        try:
            with os.fdopen(handle, "wb") as stream:
                with contextlib.suppress(OSError):
                    # What its owner has made private stays so; FAT has no modes.
                    os.fchmod(stream.fileno(), stat.S_IMODE(path.stat().st_mode))
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
                if not named:
                    # Given a folder, link follows the link of /proc (AT_SYMLINK_FOLLOW).
                    os.link(f"/proc/self/fd/{stream.fileno()}", partial, dst_dir_fd=folder)
                    named = True
            try:
                # Not over what another run has just put there.
                os.link(partial, path.name, src_dir_fd=folder, dst_dir_fd=folder)
                os.unlink(partial, dir_fd=folder)
            except OSError:  # something is there, or links are unknown here (FAT)
                check(target)
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
