# SPDX-License-Identifier: MIT
"""What was made or downloaded before, found again by the digest of what it was made from."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from modem_image.access import denials_explained, make_folder
from modem_image.files import atomic_path
from modem_image.made import is_ours, remove_leftovers, remove_ours, seal

KEPT_ENTRIES = 3
# Seconds. An entry that was asked for within them may still be in use by another command.
IN_USE = 6 * 3600


def cache_root() -> Path:
    """MODEM_IMAGE_CACHE, else modem-image in the user's cache folder (XDG base directories)."""
    named = os.environ.get("MODEM_IMAGE_CACHE")
    if named:
        return Path(named).resolve()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "modem-image"


def digest(material: Mapping[str, object]) -> str:
    """A key for what is made from `material` (JSON values)."""
    text = json.dumps(material, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def digest_of_files(paths: Iterable[Path], base: Path) -> str:
    """One digest over the files below `paths`: their names relative to `base`, run bits and content."""
    state = hashlib.sha256()
    for path in sorted(file for start in paths for file in _files(start)):
        state.update(
            f"{path.relative_to(base)}\0{path.stat().st_mode & 0o111:o}\0{path.stat().st_size}\0".encode()
        )
        state.update(path.read_bytes())
    return state.hexdigest()


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif "__pycache__" not in path.parts:
        for entry in sorted(path.iterdir()):
            yield from _files(entry)


class Cache:
    """Folders by kind and key. An entry is whole or not there; two builders of one entry take turns."""

    def __init__(self, root: Path) -> None:
        self.root = root
        # Only the user's cache is elsewhere when the variable says so.
        self._remedy = "set MODEM_IMAGE_CACHE to a folder of yours" if root == cache_root() else ""

    def entry(self, kind: str, material: Mapping[str, object], make: Callable[[Path], None]) -> Path:
        """The folder of this kind made from `material`; `make(folder)` fills it when it is not there yet.

        Raises what `make` raises, and then leaves nothing behind.
        """
        shelf = self.root / kind
        path = shelf / digest(material)
        make_folder(shelf, self._remedy)
        with self._lock(_lock_of(path)):
            if not path.is_dir():
                with atomic_path(path) as folder:
                    folder.mkdir()
                    make(folder)
                    seal(folder)
            os.utime(path)
        self._prune(shelf, path)
        return path

    def forget(self, kind: str) -> None:
        """Make every entry of this kind anew when it is asked for next."""
        for path in _entries(self.root / kind):
            _forget(path)

    @contextlib.contextmanager
    def _lock(self, path: Path) -> Iterator[None]:
        with denials_explained(self._remedy):
            handle = path.open("w")
        with handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    @staticmethod
    def _prune(shelf: Path, used: Path) -> None:
        remove_leftovers(shelf)
        last_use = {path: used_at for path in _entries(shelf) if (used_at := _last_use(path)) is not None}
        for path in sorted(last_use, key=last_use.__getitem__)[:-KEPT_ENTRIES]:
            if path != used and last_use[path] < time.time() - IN_USE:
                _forget(path)


def _entries(shelf: Path) -> list[Path]:
    """What this program made on a shelf: the folder that MODEM_IMAGE_CACHE names may hold other things."""
    return [path for path in shelf.iterdir() if is_ours(path)] if shelf.is_dir() else []


def _last_use(path: Path) -> float | None:
    """Seconds since the epoch; None where another run has just removed it."""
    with contextlib.suppress(FileNotFoundError):
        return path.stat().st_mtime
    return None


def _forget(path: Path) -> None:
    # Another run may be removing it too.
    with contextlib.suppress(OSError):
        remove_ours(path)
        _lock_of(path).unlink(missing_ok=True)


def _lock_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.lock")
