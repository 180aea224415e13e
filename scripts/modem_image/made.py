# SPDX-License-Identifier: MIT
"""What this program made, known again by a mark inside, so that nothing else is ever removed.

A folder is ours when it holds a file `.made-by-modem-image` that begins as this program begins it. A
folder to work in has besides a name that proves itself (random digits and their checksum), and its mark is
locked for as long as its process lives: one without a lock was left by a process that was killed, and goes.

What somebody else has put into such a folder, or changed in it, is not ours. A folder that is finished is
sealed: its mark has a digest of what it holds, and it goes only while it holds just that. A folder to work
in tells by the time of its mark, which is touched while its process lives, when that died: one with anything
newer stays, and one whose first level has other names.

The launcher imports this too, before there is a virtual environment: the standard library alone.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import shutil
import stat
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

MARK = ".made-by-modem-image"
_FIRST = "Made by modem-image, which may remove what it made here."
_WORK = re.compile(r"\.modem-image-(?P<random>[0-9a-f]{8})(?P<proof>[0-9a-f]{8})")
_TRIES = 20
_SEAL, _NAME = "sealed: ", "holds: "
_BEAT = 0.25
"""Seconds between two signs of life of a folder to work in."""
_DOUBT = 1.0
"""Seconds after the last sign of life in which the process may still have written, on a busy machine."""


def put_mark(folder: Path, lines: str = "") -> None:
    """Make `folder` ours to remove. `lines` are kept with it, for `lines_of`.

    Raises OSError, FileExistsError where a file of somebody else has the mark's name.
    """
    if os.path.lexists(folder / MARK) and lines_of(folder) is None:
        raise FileExistsError(errno.EEXIST, "somebody else's file has this name", str(folder / MARK))
    (folder / MARK).write_text(f"{_FIRST}\n{lines}", "utf-8")


def seal(folder: Path, lines: str = "") -> None:
    """Mark `folder` as finished: it is ours to remove for as long as it holds what it holds now."""
    put_mark(folder, f"{lines}{_SEAL}{_held(folder)}\n")


def is_sealed(folder: Path) -> bool:
    """Whether a folder of ours was finished, whatever it holds since."""
    return bool(_seals(folder))


def is_as_sealed(folder: Path) -> bool:
    """Whether a folder of ours holds what it held when it was sealed; True for one that never was."""
    seals = _seals(folder)
    return not seals or seals == [_SEAL + _held(folder)]


def _seals(folder: Path) -> list[str]:
    return [line for line in lines_of(folder) or () if line.startswith(_SEAL)]


def _held(folder: Path) -> str:
    """A digest over names, kinds, sizes and times of change of all that `folder` holds, without its mark."""
    state = hashlib.sha256()
    for path in sorted(_below(folder)):
        if path.name == MARK and path.parent == folder:
            continue
        status = path.lstat()
        of_file = f"{status.st_size} {status.st_mtime_ns}" if not stat.S_ISDIR(status.st_mode) else ""
        name = os.fsencode(path.relative_to(folder))
        state.update(b"%s\0%s\0" % (name, f"{stat.S_IFMT(status.st_mode):o} {of_file}".encode()))
    return state.hexdigest()


def _below(folder: Path) -> Iterator[Path]:
    """All below `folder`, but for what Python keeps of its modules as it runs.

    What is closed to its owner is passed over: who opens it changes it.
    """
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        yield from (Path(place, name) for name in (*folders, *names))


def is_ours(folder: Path) -> bool:
    """Whether this program made `folder`: a real folder with a real mark inside, no links."""
    return _kind(folder) == stat.S_IFDIR and lines_of(folder) is not None


def lines_of(folder: Path) -> list[str] | None:
    """What `put_mark` kept in the mark of `folder`; None without a mark."""
    try:
        handle = os.open(folder / MARK, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(handle, encoding="utf-8", errors="replace") as mark:
        if not stat.S_ISREG(os.fstat(mark.fileno()).st_mode):
            return None
        first, *rest = mark.read().splitlines() or [""]
    return rest if first == _FIRST else None


def remove_ours(folder: Path) -> bool:
    """Remove a folder that this program made; False, and nothing is touched, when it is not ours any more."""
    if not is_ours(folder):
        return False
    if not is_as_sealed(folder):
        _say_kept(folder)
        return False
    # Out of sight in one step: nobody finds it half removed, and a run that is killed leaves a leftover.
    with work_folder(folder.parent, (folder.name,)) as work:
        folder.rename(work / folder.name)
    return True


@contextlib.contextmanager
def work_folder(parent: Path | None = None, names: tuple[str, ...] = ()) -> Iterator[Path]:
    """A folder to work in below `parent` (default: the system's for temporary files), gone afterwards.

    `names` are those that it will hold at its first level, where they are known. What earlier runs that were
    killed left in `parent` is removed first. Raises OSError.
    """
    parent = Path(tempfile.gettempdir()) if parent is None else parent
    remove_leftovers(parent)
    work, lock = _new(parent, names)
    ended = threading.Event()
    pulse = threading.Thread(target=_live, args=(lock, ended), daemon=True)
    pulse.start()
    try:
        yield work
    finally:
        ended.set()
        pulse.join()
        with contextlib.suppress(OSError):
            _remove_marked(work)
        os.close(lock)


def _live(mark: int, ended: threading.Event) -> None:
    """Touch the open `mark` until the end."""
    while not ended.wait(_BEAT):
        with contextlib.suppress(OSError):
            os.utime(mark)


def remove_leftovers(parent: Path) -> None:
    """Remove the working folders in `parent` whose process is no more, and nothing else."""
    try:
        with os.scandir(parent) as listing:
            found = [Path(entry.path) for entry in listing if _proves_itself(entry.name)]
    except OSError:
        return
    for folder in found:
        with contextlib.suppress(OSError):
            _remove_leftover(folder)


def _remove_leftover(folder: Path) -> None:
    if _kind(folder) != stat.S_IFDIR or folder.lstat().st_uid != os.geteuid():
        return
    try:
        mark = os.open(folder / MARK, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        folder.rmdir()  # killed before it had its mark: an empty folder, or not removed
        return
    try:
        if stat.S_ISREG(os.fstat(mark).st_mode):
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_as_left(folder, os.fstat(mark).st_mtime):
                _remove_marked(folder)
            else:
                _say_kept(folder)
    finally:
        os.close(mark)


def _is_as_left(folder: Path, died: float) -> bool:
    """Whether nobody has put anything into a working folder since its process died, as far as can be seen."""
    names = [line.removeprefix(_NAME) for line in lines_of(folder) or () if line.startswith(_NAME)]
    if names and not {entry.name for entry in folder.iterdir()} <= {*names, MARK}:
        return False
    return all(path.lstat().st_ctime <= died + _DOUBT for path in _below(folder) if path.name != MARK)


_kept: set[Path] = set()


def _say_kept(folder: Path) -> None:
    """Once in a run, though a folder may be met often."""
    if folder not in _kept:
        _kept.add(folder)
        print(
            f"modem-image: {str(folder)!r} stays: it was made here, and something in it was changed since\n"
            "  do: take out what is yours, and remove it",
            file=sys.stderr,
        )


def _new(parent: Path, names: tuple[str, ...]) -> tuple[Path, int]:
    """A working folder and its locked mark. Another run may take it for a leftover before it is locked."""
    for _try in range(_TRIES):
        random = os.urandom(4).hex()
        work = parent / f".modem-image-{random}{_proof(random)}"
        with contextlib.suppress(FileExistsError, FileNotFoundError, BlockingIOError):
            work.mkdir(0o700)
            mark = os.open(work / MARK, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
                lines = "".join(f"{_NAME}{name}\n" for name in names)
                os.write(mark, f"{_FIRST}\n{lines}".encode("utf-8", "surrogateescape"))
                if os.path.samestat(os.fstat(mark), (work / MARK).stat()):
                    return work, mark
            except BaseException:
                os.close(mark)
                # On a full disk the mark has no words by which a later run would know the folder.
                with contextlib.suppress(OSError):
                    (work / MARK).unlink()
                    work.rmdir()
                raise
            os.close(mark)
        if not parent.is_dir():
            break
    raise OSError(errno.ENOENT if not parent.is_dir() else errno.EEXIST, "no folder to work in", str(parent))


def _remove_marked(folder: Path) -> None:
    """All but the mark first: a removal that is killed leaves what the next one knows again."""
    for entry in list(folder.iterdir()):
        if entry.name == MARK:
            continue
        if _kind(entry) == stat.S_IFDIR:
            shutil.rmtree(entry, onerror=_made_writable)
        else:
            entry.unlink()
    (folder / MARK).unlink()
    folder.rmdir()


def _made_writable(function: Callable[..., object], path: str, _error: object) -> None:
    """What was unpacked may hold folders that are closed to their own owner."""
    for each in (Path(path).parent, Path(path)):
        if _kind(each) == stat.S_IFDIR:
            each.chmod(0o700)
    if function in (os.unlink, os.rmdir):
        function(path)
    else:
        shutil.rmtree(path)


def _proves_itself(name: str) -> bool:
    match = _WORK.fullmatch(name)
    return match is not None and _proof(match["random"]) == match["proof"]


def _proof(random: str) -> str:
    return hashlib.sha256(f"modem-image works here: {random}".encode()).hexdigest()[:8]


def _kind(path: Path) -> int:
    try:
        return stat.S_IFMT(path.lstat().st_mode)
    except OSError:
        return 0
