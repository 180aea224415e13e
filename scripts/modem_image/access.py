# SPDX-License-Identifier: MIT
"""Places that this user is kept from: what is in the way, whose it is, and what to do.

The launcher imports this too, before there is a virtual environment: the standard library alone.
"""

from __future__ import annotations

import errno
import os
import pwd
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from modem_image import PROJECT
from modem_image.errors import MissingError

DENIED = frozenset((errno.EACCES, errno.EPERM, errno.EROFS))


@contextmanager
def denials_explained(remedy: str = "") -> Iterator[None]:
    """What this user may not do to a file, in the block, is a MissingError; other errors stay what they are.

    `remedy` is what helps besides being another user.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in DENIED or not isinstance(error.filename, str | os.PathLike):
            raise
        raise _denied(Path(error.filename), str(error.strerror), remedy) from error


def make_folder(folder: Path, remedy: str = "") -> None:
    """Make a folder that is ours to write, or find it. Raises MissingError when this user cannot."""
    check_writable(folder, remedy)
    try:
        with denials_explained(remedy):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        remedy = remedy or _elsewhere(folder)
        raise MissingError(f"{folder}: cannot be made: {error.strerror}\n  do: {remedy}") from error


def check_writable(folder: Path, remedy: str = "") -> None:
    """Raises MissingError when this user can neither write `folder` nor, where it is not there, make it."""
    if _in_the_way(folder) is not None:
        raise _denied(folder, "cannot be written", remedy)


def _in_the_way(path: Path) -> Path | None:
    """The first folder towards `path` that this user may not enter, else the last that is there if it is not
    his to write; links are followed.
    """
    real = Path(os.path.realpath(path))
    for folder in reversed(real.parents):
        if folder.is_dir() and not os.access(folder, os.X_OK):
            return folder
    last = next(each for each in (real, *real.parents) if each.exists())
    return None if os.access(last, os.W_OK | os.X_OK if last.is_dir() else os.W_OK) else last


def _denied(path: Path, reason: str, remedy: str) -> MissingError:
    remedy = remedy or _elsewhere(path)
    place = _in_the_way(path)
    if place is None:
        return MissingError(f"{path}: {reason}\n  do: {remedy}")
    what = "it" if place == path else place
    if os.statvfs(place).f_flag & os.ST_RDONLY:
        return MissingError(f"{path}: {reason}: {what} is on a read-only file system\n  do: {remedy}")
    owner, user = place.stat().st_uid, os.geteuid()
    if owner == user:
        remedy = f"chmod u+rwx {shlex.quote(str(place))}"
        return MissingError(f"{path}: {reason}: {what} is closed to its own owner\n  do: {remedy}")
    return MissingError(
        f"{path}: {reason}: {what} belongs to {_name(owner)}, and this runs as {_name(user)}\n"
        f"  do: run this as {_name(owner)}, or {remedy}"
    )


def _elsewhere(path: Path) -> str:
    # The path as it was named: what a link in our checkout leads to is in our way as well.
    return "work in a checkout of your own" if path.is_relative_to(PROJECT) else "choose another place"


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user id {user}"
