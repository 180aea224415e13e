# SPDX-License-Identifier: MIT
"""The kinds of input: what lies at a path, and its files one after the other for the reader."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from huawei_modem_check import limits
from huawei_modem_check.archive import DEFAULT_LIMITS, Vetting, members
from huawei_modem_check.disk.image import is_disk_image, read_disk
from huawei_modem_check.errors import InputError
from huawei_modem_check.modules import FileContent
from huawei_modem_check.reader import KERNEL, linked, may_matter
from huawei_modem_check.streams import ArchiveError, LinkTo, Readable, measured
from huawei_modem_check.tar import FILE, FOLDER, Content, Member, path_parts

if TYPE_CHECKING:
    from huawei_modem_check.reader import Entries

ACCEPTED = (
    "an Easy Installer image (NAME-Tezi_VERSION.tar, a zip, or the folder with its image.json), "
    "a deploy folder, a disk image (wic), or a root file system (archive, ext4 or folder), "
    "with --kernel if that lies elsewhere"
)

_TEZI = re.compile(r".+-Tezi(?:_.+)?\.(?:tar|zip)")
_ROOTFS = re.compile(r".+\.tar(?:\.(?:xz|gz|bz2|zst|lz4|lzo))?")
_EXT = re.compile(r".+\.ext[234]")
_DISK = re.compile(r".+\.wic")
_ROOT_FOLDERS = re.compile(
    "bin|boot|dev|etc|home|lib|lib64|lost[+]found|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var"
)
_DEEPEST = 3  # folders below that of image.json (mediapollthread.cpp:175)
_ZIP_MAGIC = b"PK\x03\x04"


def subjects(path: Path) -> list[Path]:
    """What to check at `path`: the Easy Installer images in a deploy folder, otherwise `path` itself.

    Without those and without archives of a root file system it is the disk images.
    """
    if not path.is_dir() or _is_image_folder(path) or _is_root(path):
        return [path]
    return _current(path, _TEZI) or (not _archives(path) and _current(path, _DISK)) or [path]


class Taker(Protocol):
    """What is given the files one after the other."""

    def take(self, name: str, content: Readable) -> None:
        """A file of an image's folder."""

    def take_tree(self, name: str, entries: Entries) -> None:
        """The members of a root file system."""

    def problem(self, code: str, where: str, text: str) -> None:
        """Something that must not be there."""


def read_into(reader: Taker, path: Path) -> bool:
    """Give all files at `path` to `reader`. Whether that was a whole image, with a kernel to be expected.

    Raises ArchiveError for damage, InputError for what is no image at all, OSError.
    """
    if not path.is_dir():
        if _is_zip(path):
            _read_zip(reader, path)
            return True
        return read_disk(reader, path) if is_disk_image(path) else _read_tar(reader, path)
    if _is_root(path):
        reader.take_tree(path.name, walk(str(path)))
        return False
    if not _is_image_folder(path):
        _read_deploy_folder(reader, path)
        return True
    _read_image_folder(reader, path)
    return True


def _is_image_folder(path: Path) -> bool:
    return any(entry.is_file() and entry.name != "image_list.json" for entry in path.glob("image*.json"))


def _is_root(path: Path) -> bool:
    return any((path / place / "modules").is_dir() for place in ("lib", "usr/lib"))


def _is_zip(path: Path) -> bool:
    with path.open("rb") as source:
        return source.read(4) == _ZIP_MAGIC


# --- Archives ---------------------------------------------------------------------------------------


def _read_tar(reader: Taker, path: Path) -> bool:
    def refused(member: str, reason: str) -> None:
        reader.problem("tezi-name-unsafe", member, reason)

    with measured(path) as file, contextlib.closing(members(file, refused)) as found:
        head: list[tuple[Member, Content]] = []
        for member, content in found:
            head.append((member, content))
            if member.path:
                break
        every = itertools.chain(head[-1:], found)
        # The first name tells them apart: an image is one folder, or flat; a root file system has its own.
        if any(_ROOT_FOLDERS.fullmatch(part) for item, _ in head for part in path_parts(item.name)[:1]):
            reader.take_tree(
                path.name, ((item.path, item.is_file, linked(item, content)) for item, content in every)
            )
            return False
        for name, content in _flat(path, every, refused):
            reader.take(name, content)
    return True


def _flat(
    path: Path, found: Iterator[tuple[Member, Content]], refused: Callable[[str, str], None]
) -> Iterator[tuple[str, Readable]]:
    below = _Below(path)
    for member, content in found:
        if member.kind == FOLDER:
            continue
        if not member.is_file:
            refused(member.name, "a link or a device; the files of an image are plain files")
            continue
        _vet_size(member.name, member.size)
        yield below.name(member.path), content


class _Below:
    """Names below the folder of an image, which is that of its first file: one folder, or none at all."""

    def __init__(self, archive: Path) -> None:
        self._archive = archive
        self._folder: str | None = None

    def name(self, path: str) -> str:
        """`path` without that folder. Raises InputError for a file elsewhere."""
        if self._folder is None:
            self._folder = path[: path.find("/") + 1]
        if not path.startswith(self._folder):
            raise InputError(f"{self._archive}: holds files in several folders, and an image is one folder")
        return path[len(self._folder) :]


def _read_zip(reader: Taker, path: Path) -> None:
    below = _Below(path)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [
                entry
                for entry in archive.infolist()
                if not entry.is_dir() and not entry.filename.startswith("__MACOSX/")
            ]
            _vet_sizes(entries)
            vetting = Vetting()
            for entry in entries:
                member = Member(entry.filename, "/".join(path_parts(entry.filename)), FILE, entry.file_size)
                reason = vetting.reason(member)
                if stat.S_ISLNK(entry.external_attr >> 16):  # the mode, where Unix made the entry
                    reason = "a link; the files of an image are plain files"
                if reason:
                    reader.problem("tezi-name-unsafe", entry.filename, reason)
                    continue
                with archive.open(entry) as content:
                    reader.take(below.name(member.path), content)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as err:
        raise ArchiveError(f"damaged or truncated: {err}") from err


def _vet_sizes(entries: list[zipfile.ZipInfo]) -> None:
    """zipfile reads no more than an entry's directory says, so that the sums there hold."""
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > DEFAULT_LIMITS.members:
        raise ArchiveError(f"more than {DEFAULT_LIMITS.members} members")
    if unpacked > DEFAULT_LIMITS.total:
        raise ArchiveError(f"inflates to more than {DEFAULT_LIMITS.total >> 30} GiB")


# --- Folders ----------------------------------------------------------------------------------------


def _read_image_folder(reader: Taker, path: Path) -> None:
    root = path.resolve()
    for entry in _files_below(path, _DEEPEST):
        name = entry.relative_to(path).as_posix()
        if root not in entry.resolve().parents:
            reader.problem("tezi-name-unsafe", name, f"a link out of the folder, to {entry.resolve()}")
            continue
        _vet_size(name, entry.stat().st_size)
        with entry.open("rb") as content:
            reader.take(name, content)


def _vet_size(name: str, octets: int) -> None:
    """Raises ArchiveError for what no module can hold: a sparse file takes no room, and hours to be read."""
    if octets > limits.IMAGE_FILE:
        raise ArchiveError(
            f"{name[: limits.NAME_SHOWN]}: {octets >> 30} GiB; a file of an image has at most "
            f"{limits.IMAGE_FILE >> 30} GiB"
        )


def _files_below(folder: Path, depth: int) -> Iterator[Path]:
    """Files as far down as the installer looks; those of a folder before those of the folders in it."""
    entries = sorted(folder.iterdir())
    yield from (entry for entry in entries if entry.is_file())
    for entry in entries:
        if depth and entry.is_dir() and not entry.is_symlink():
            yield from _files_below(entry, depth - 1)


def _read_deploy_folder(reader: Taker, path: Path) -> None:
    """Kernel, device trees and root file systems that BitBake's deploy task left side by side."""
    archives = _archives(path)
    systems = [] if archives else _current(path, _EXT)
    kernels = _current(path, KERNEL)
    if not (archives or systems) or not kernels:
        raise InputError(f"{path}: holds no image that can be checked. Accepted is {ACCEPTED}")
    configs = [entry for entry in (path / "kernel-config",) if entry.is_file()]
    for entry in (*kernels, *_current(path, re.compile(r".+\.dtb")), *configs, *archives):
        with entry.open("rb") as content:
            reader.take(entry.name, content)
    for entry in systems:
        read_disk(reader, entry)


def _archives(path: Path) -> list[Path]:
    return [entry for entry in _current(path, _ROOTFS) if not entry.name.startswith("modules-")]


def _current(path: Path, pattern: re.Pattern[str]) -> list[Path]:
    """The files of this name in a deploy folder, each once.

    Every build leaves files with a time in the name, and links to the newest: with links, they count.
    """
    files = sorted(entry for entry in path.iterdir() if pattern.fullmatch(entry.name) and entry.is_file())
    chosen = [entry for entry in files if entry.is_symlink()] or files
    return list({entry.resolve(): entry for entry in reversed(chosen)}.values())[::-1]


def walk(root: str, inside: str = "") -> Iterator[tuple[str, bool, Readable]]:
    """Path, whether it is a plain file, and content of what may matter below the folder `root`, sorted."""
    # Plain strings: with Path objects a tree of some thousand modules takes twice as long.
    with os.scandir(f"{root}/{inside}") as listing:
        entries = sorted(listing, key=lambda entry: entry.name)
    for entry in entries:
        name = f"{inside}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            if may_matter(name):
                yield from walk(root, f"{name}/")
        elif entry.is_symlink():
            yield name, False, LinkTo(os.readlink(entry.path))  # noqa: PTH115  paths stay strings
        else:
            yield name, entry.is_file(follow_symlinks=False), FileContent(entry.path)
