# SPDX-License-Identifier: MIT
"""The feed's folder, in which a release is there as a whole or not at all.

    .made-by-modem-image                the mark of a feed, and its lock
    image_list.json -> latest/feed.json     what the installer is pointed to
    latest -> releases/1.2.0                the one switch between two releases
    releases/1.2.0/image_list.json          this release alone, for good
    releases/1.2.0/NAME/image.json …        the images

The list under the feed's own name gives the images by their place below releases/: a module that is in
the middle of an installation keeps reading the release it began with.

A feed may hold other files too. Nothing is removed or replaced but what was written here: a release goes only
while it holds what its checksums name, and nothing else.
"""

from __future__ import annotations

import contextlib
import datetime
import errno
import fcntl
import json
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from huawei_modem_check.installer.names import unsafe_name_reason
from modem_image.errors import InputError, UserError
from modem_image.files import SUMS, sha256_of, sums_of, sync
from modem_image.made import MARK, is_ours, lines_of, put_mark, remove_leftovers, work_folder

RELEASES, LATEST = "releases", "latest"
SIGNATURE = f"{SUMS}.asc"
RECORD = "release.json"
VERSION_LENGTH = 64
"""Octets of a version: a folder's name, a file's part and a line of the installer's dialog."""
_FIXED_LINKS = {"image_list.json": f"{LATEST}/feed.json", "index.html": f"{LATEST}/feed.html"}
_RECORD_LIMIT = 64 << 20


class Feed:
    """A feed's folder. Everything that writes wants the lock."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._releases = root / RELEASES

    @contextlib.contextmanager
    def locked(self, wait: bool) -> Iterator[None]:
        """Keep every other run out; what a killed run left behind is removed first.

        Raises InputError when another run is at work and `wait` is False, or `root` is another folder.
        """
        self._make()
        with (self.root / MARK).open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError as err:
                raise InputError(
                    f"{self.root}: another run is publishing here; wait for it, or add --wait"
                ) from err
            for folder in (self._releases, self.root):
                remove_leftovers(folder)
            yield

    def path(self, version: str) -> Path:
        """The folder of a release. Raises InputError for a version that is no name of a folder."""
        if version.startswith(".") or (unsafe_name_reason(version)):
            raise InputError(f"version {version!r}: use letters, digits, . _ + - and begin with none of . -")
        if len(version.encode()) > VERSION_LENGTH:
            raise InputError(f"version {version[:20]!r}…: longer than {VERSION_LENGTH} characters")
        return self._releases / version

    @contextlib.contextmanager
    def staging(self) -> Iterator[Path]:
        """A folder to fill on the feed's own disk, removed at the end if it did not become a release."""
        with self._failures_explained(), work_folder(self._releases, ("release",)) as work:
            folder = work / "release"
            folder.mkdir()
            yield folder

    def add(self, version: str, folder: Path) -> None:
        """Make a staging folder the release `version`, in one step."""
        self.refuse_other_folder()
        final = self.path(version)
        if final.exists() or final.is_symlink():
            raise InputError(f"{final}: is there, and no release of this feed; move it away")
        sync_tree(folder)
        self._note(version, folder)
        folder.rename(final)
        sync(self._releases)

    def keep(self, version: str, same: bool) -> None:
        """A release that is there stays as it is. Raises UserError when the new one is not the same."""
        if not same:
            raise UserError(
                f"{self.path(version)}: version {version} is published already, with other content. A "
                "version never changes: give the new one another (--version)."
            )

    def add_signature(self, version: str, signature: Path) -> None:
        """A signature that comes later, over the checksums that are there."""
        final = self.path(version)
        sync(signature)
        self._note(version, signature.parent)
        signature.rename(final / SIGNATURE)
        sync(final)

    def _note(self, version: str, folder: Path) -> None:
        """Keep in the feed's mark the digests of checksums and signature in `folder`, as sha256sum would.

        By these a release is known again that holds what was published, and nothing else.
        """
        with (self.root / MARK).open("a", encoding="utf-8") as mark:
            for name in (SUMS, SIGNATURE):
                if (folder / name).is_file():
                    mark.write(f"{_digest(folder / name)}  {RELEASES}/{version}/{name}\n")

    def _sums_of(self, version: str) -> dict[str, str]:
        """Name to digest of the checksums and the signature; of an older feed none."""
        start = f"{RELEASES}/{version}/"
        lines = [line.partition("  ")[::2] for line in lines_of(self.root) or ()]
        return {name.removeprefix(start): digest for digest, name in lines if name.startswith(start)}

    def switch(self, version: str) -> None:
        """Make `version` what the feed shows, in one step.

        Raises InputError where a file of the user's has come into the way since the feed was looked at.
        """
        self.refuse_other_folder()
        for name, target in _FIXED_LINKS.items():
            if not (self.root / name).is_symlink():
                _link(self.root / name, target)
        _link(self.root / LATEST, f"{RELEASES}/{version}")

    def latest(self) -> str | None:
        """The version that the feed shows."""
        link = self.root / LATEST
        return link.readlink().name if link.is_symlink() else None

    def versions(self) -> list[str]:
        """Every release, the one published last at the end; what else lies there is none."""
        if not self._releases.is_dir():
            return []
        folders = [entry for entry in self._releases.iterdir() if is_release(entry)]
        return [entry.name for entry in sorted(folders, key=lambda entry: (_published(entry), entry.name))]

    def dated(self) -> list[tuple[str, str]]:
        """Every release with its day, the one published last at the end."""
        return [(version, self._date(version)) for version in self.versions()]

    def _date(self, version: str) -> str:
        date = _record(self._releases / version).get("date")
        if isinstance(date, str):
            return date
        published = _published(self._releases / version) / 10**9
        return datetime.datetime.fromtimestamp(published, datetime.UTC).date().isoformat()

    def prune(self, keep: int) -> tuple[list[str], dict[str, str]]:
        """Remove all but the last `keep` releases, never the one shown.

        The versions that went, and those that stay though they are due: they hold files of somebody else, of
        which one is named.
        """
        versions = self.versions()
        due = [version for version in versions[: max(0, len(versions) - keep)] if version != self.latest()]
        gone, kept = [], {}
        for version in due:
            folder = self._releases / version
            if (other := _others_file(folder, self._sums_of(version))) is not None:
                kept[version] = other
                continue
            # Out of sight in one step, then removed: no client sees half a release.
            with work_folder(self._releases, (version,)) as work:
                folder.rename(work / version)
            gone.append(version)
        return gone, kept

    def refuse_other_folder(self) -> None:
        """Writes nothing. Raises InputError when `root` is neither a feed nor empty but for hidden files, or
        where something else has a name of the feed's own.
        """
        if not self.root.exists():
            return
        if not self.root.is_dir():
            raise InputError(f"{self.root}: is not a folder; give a folder for the feed")
        if not self._is_feed():
            others = sorted(entry.name for entry in self.root.iterdir() if not entry.name.startswith("."))
            if others:
                raise InputError(
                    f"{self.root}: is not a feed, nor empty (it holds {others[0]!r}); nothing was written\n"
                    "  do: give an empty folder with --out"
                )
        if not is_ours(self.root) and os.path.lexists(self.root / MARK):
            raise InputError(
                f"{self.root / MARK}: is not a mark that this command made; nothing was written\n"
                "  do: move it away"
            )
        for name, target in {**_FIXED_LINKS, LATEST: f"{RELEASES}/"}.items():
            path = self.root / name
            ours = path.is_symlink() and str(path.readlink()).startswith(target)
            if not ours and (path.exists() or path.is_symlink()):
                raise InputError(
                    f"{path}: was not made by this command, which puts a link there; nothing was published\n"
                    "  do: move it away"
                )

    def _is_feed(self) -> bool:
        """By its mark, or, made by a version that put none, by the release that it shows."""
        if is_ours(self.root):
            return True
        latest = self.latest()
        return latest is not None and is_release(self._releases / latest)

    def _make(self) -> None:
        self.refuse_other_folder()
        with self._failures_explained():
            self._releases.mkdir(parents=True, exist_ok=True)
            if not is_ours(self.root):
                put_mark(self.root)

    @contextlib.contextmanager
    def _failures_explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as err:
            if err.errno in (errno.ENOSPC, errno.EDQUOT):
                raise UserError(f"{self.root}: the disk is full; nothing was published. Make room.") from err
            if isinstance(err.filename, str | os.PathLike) and Path(err.filename).is_relative_to(self.root):
                raise UserError(f"{err.filename}: cannot be written: {err.strerror}") from err
            raise


def is_release(folder: Path) -> bool:
    """Whether `folder` is a release that this program published: a record of its form, and checksums."""
    if folder.name.startswith(".") or folder.is_symlink() or not (folder / SUMS).is_file():
        return False
    return _record(folder).get("version") == folder.name


def _record(folder: Path) -> dict[str, Any]:
    """The record of a release; empty when it cannot be read."""
    path = folder / RECORD
    try:
        if path.is_symlink() or path.stat().st_size > _RECORD_LIMIT:
            return {}
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def sync_tree(folder: Path) -> None:
    """Write every file below `folder` through to the disk, and the folders with their names."""
    for place, _folders, names in os.walk(folder, topdown=False):
        for path in (*(Path(place, name) for name in names), Path(place)):
            sync(path)


def _others_file(folder: Path, noted: Mapping[str, str]) -> str | None:
    """The first of what lies in a release and is not as it was published: a path below it; None for none.

    `noted` are the digests of its checksums and its signature, where the feed has them.
    """
    ours: dict[str, str | None] = {
        SUMS: noted.get(SUMS),
        SIGNATURE: noted.get(SIGNATURE, "" if noted else None),
    }
    ours |= {name: digest for name, digest in sums_of(folder).items() if name not in ours}
    folders = {str(parent) for name in ours for parent in Path(name).parents}
    found = []
    for place, inside, names in os.walk(folder):
        for path in (Path(place, name) for name in (*names, *inside)):
            name = str(path.relative_to(folder))
            if stat.S_ISDIR(path.lstat().st_mode):
                if name not in folders:
                    found.append(name)
            elif name not in ours or ours[name] not in (None, _digest(path)):
                found.append(name)
    return min(found, default=None)


def _digest(path: Path) -> str:
    """SHA-256 of a plain file; "other" for a link or a pipe."""
    if not stat.S_ISREG(path.lstat().st_mode):
        return "other"
    return sha256_of(path)


def _published(folder: Path) -> int:
    # The checksums are the last file written into a release, and no later run touches them.
    return (folder / SUMS).stat().st_mtime_ns


def _link(path: Path, target: str) -> None:
    with work_folder(path.parent, (path.name,)) as work:
        link = work / path.name
        link.symlink_to(target)
        link.replace(path)
    sync(path.parent)
