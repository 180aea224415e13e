# SPDX-License-Identifier: MIT
"""The feed's folder, in which a release is there as a whole or not at all.

    image_list.json -> latest/feed.json     what the installer is pointed to
    latest -> releases/1.2.0                the one switch between two releases
    releases/1.2.0/image_list.json          this release alone, for good
    releases/1.2.0/NAME/image.json …        the images

The list under the feed's own name gives the images by their place below releases/: a module that is in
the middle of an installation keeps reading the release it began with.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from huawei_modem_check.installer.names import unsafe_name_reason
from modem_image.errors import InputError, UserError
from modem_image.files import sync

RELEASES, LATEST = "releases", "latest"
SUMS = "SHA256SUMS"
SIGNATURE = f"{SUMS}.asc"
_LOCK = ".lock"
_FIXED_LINKS = {"image_list.json": f"{LATEST}/feed.json", "index.html": f"{LATEST}/feed.html"}


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
        with (self.root / _LOCK).open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError as err:
                raise InputError(
                    f"{self.root}: another run is publishing here; wait for it, or add --wait"
                ) from err
            for leftover in (*self._releases.glob(".*"), *self.root.glob(".?*/")):
                shutil.rmtree(leftover)
            yield

    def path(self, version: str) -> Path:
        """The folder of a release. Raises InputError for a version that is no name of a folder."""
        if version.startswith(".") or (unsafe_name_reason(version)):
            raise InputError(f"version {version!r}: use letters, digits, . _ + - and begin with none of . -")
        return self._releases / version

    @contextlib.contextmanager
    def staging(self) -> Iterator[Path]:
        """A folder to fill on the feed's own disk, removed at the end if it did not become a release."""
        try:
            folder = Path(tempfile.mkdtemp(prefix=".", dir=self._releases))
        except OSError as err:
            raise UserError(f"{self.root}: cannot be written: {err.strerror}") from err
        try:
            folder.chmod(0o755)  # mkdtemp makes it ours alone, and the feed is for everybody
            yield folder
        except OSError as err:
            if err.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise UserError(f"{self.root}: the disk is full; nothing was published. Make room.") from err
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def add(self, version: str, folder: Path) -> None:
        """Make a staging folder the release `version`, in one step.

        A release that is there already with the same checksums stays as it is, but for a signature, which
        may come later; one with others is never replaced: raises UserError.
        """
        final = self.path(version)
        if not final.exists():
            sync_tree(folder)
            folder.rename(final)
            sync(self._releases)
        elif (folder / SUMS).read_bytes() != (final / SUMS).read_bytes():
            raise UserError(
                f"{final}: version {version} is published already, with other content. A version never "
                "changes: give the new one another (--version)."
            )
        elif (folder / SIGNATURE).exists():
            sync(folder / SIGNATURE)
            (folder / SIGNATURE).replace(final / SIGNATURE)
            sync(final)

    def switch(self, version: str) -> None:
        """Make `version` what the feed shows, in one step."""
        for name, target in _FIXED_LINKS.items():
            if not (self.root / name).is_symlink():
                _link(self.root / name, target)
        _link(self.root / LATEST, f"{RELEASES}/{version}")

    def latest(self) -> str | None:
        """The version that the feed shows."""
        link = self.root / LATEST
        return link.readlink().name if link.is_symlink() else None

    def versions(self) -> list[str]:
        """Every release, the one published last at the end."""
        folders = [entry for entry in self._releases.glob("[!.]*") if entry.is_dir()]
        return [entry.name for entry in sorted(folders, key=lambda entry: (_published(entry), entry.name))]

    def prune(self, keep: int) -> list[str]:
        """Remove all but the last `keep` releases, never the one shown; the versions that went."""
        versions = self.versions()
        gone = [version for version in versions[: max(0, len(versions) - keep)] if version != self.latest()]
        for version in gone:
            # Out of sight in one step, then removed: no client sees half a release.
            hidden = self._releases / f".{version}.pruned"
            (self._releases / version).rename(hidden)
            shutil.rmtree(hidden)
        return gone

    def _make(self) -> None:
        if self.root.exists() and not self._releases.exists() and any(self.root.glob("[!.]*")):
            raise InputError(f"{self.root}: holds other files and no feed; choose an empty folder")
        try:
            self._releases.mkdir(parents=True, exist_ok=True)
        except OSError as err:
            raise UserError(f"{self.root}: cannot be written: {err.strerror}") from err


def sync_tree(folder: Path) -> None:
    """Write every file below `folder` through to the disk, and the folders with their names."""
    for place, _folders, names in os.walk(folder, topdown=False):
        for path in (*(Path(place, name) for name in names), Path(place)):
            sync(path)


def _published(folder: Path) -> int:
    # The checksums are the last file written into a release, and no later run touches them.
    sums = folder / SUMS
    return sums.stat().st_mtime_ns if sums.exists() else 0


def _link(path: Path, target: str) -> None:
    with tempfile.TemporaryDirectory(prefix=".", dir=path.parent) as work:
        link = Path(work, path.name)
        link.symlink_to(target)
        link.replace(path)
    sync(path.parent)
