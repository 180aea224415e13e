# SPDX-License-Identifier: MIT
"""Read an Easy Installer image, a tar or a folder, in one pass into facts."""

from __future__ import annotations

import contextlib
import fnmatch
import hashlib
import re
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from huawei_modem.report import Report
from modem_image.check import rules
from modem_image.check.archive import ArchiveError, Counted, Readable, drain, members, path_parts
from modem_image.check.facts import Image, ImageFile, Kernel, ModuleFolder, Problem
from modem_image.check.kernel_image import MAXIMUM_SIZE, read_kernel
from modem_image.check.modules import ModuleCollector
from modem_image.easyinstaller.rules import parse, script_names
from modem_image.easyinstaller.scripts import complaint
from modem_image.errors import InputError

Progress = Callable[[int, int], None]
"""Is told how many bytes of how many were read."""

_Entries = Generator[tuple[str, Readable], None, None]

TOOL = "modem-image check"
ACCEPTED = "an Easy Installer image: its tar (NAME-Tezi_VERSION.tar), or the folder with its image.json"

_ARCHIVE = re.compile(r".+\.(?:tar(?:\.(?:xz|gz|bz2|zst))?|tgz)")
_KERNEL = re.compile(r"(?:boot/)?(?:zImage|vmlinuz)(?:-.*)?")
_BOOT_CONFIG = re.compile(r"boot/config-(?P<release>.+)")
_SMALL = 256 << 10
_CONFIG_MAXIMUM = 4 << 20


def check_image(path: Path, progress: Progress | None = None) -> Report:
    """The report on the image at `path`: a Tezi tar, plain or compressed, or a Tezi folder.

    It is read once and nothing is written. Raises InputError when it is no image at all, MissingError
    when a tool to inflate it is not installed.
    """
    image = read_image(path, progress)
    return Report(TOOL, str(path), tuple(rules.check(image)), facts_of(image))


def read_image(path: Path, progress: Progress | None = None) -> Image:
    """The facts about the image at `path`. Raises as `check_image` does."""
    reader = _Reader()
    try:
        entries = _folder_entries if path.is_dir() else _tar_entries
        with contextlib.closing(entries(path, reader, progress)) as files:
            for name, content in files:
                reader.take(name, content)
    except ArchiveError as err:
        if not reader.files:
            raise InputError(f"{path}: no archive: {err}. Accepted is {ACCEPTED}") from err
        reader.problem("tezi-file-corrupt", path.name, str(err))
    except OSError as err:
        raise InputError(f"{path}: cannot be read: {err.strerror or err}. Accepted is {ACCEPTED}") from err
    image = reader.image(str(path))
    # A tar that was cut off before its image.json is a damaged image, not another thing.
    if not reader.descriptions() and not image.problems:
        raise InputError(f"{path}: holds no image.json. Accepted is {ACCEPTED}")
    return image


def facts_of(image: Image) -> dict[str, Any]:
    """What the report shows of the facts."""
    return {
        "kernels": [
            {"source": kernel.source, "release": kernel.release, "compression": kernel.compression}
            for kernel in image.kernels
        ],
        "modules": [
            {"source": folder.source, "release": folder.release, "count": len(folder.files)}
            for folder in image.folders
        ],
        "files": {file.name: {"size": file.size, "sha256": file.sha256} for file in image.files.values()},
    }


class _Reader:
    """Collects the facts while the files of the image pass by, in whatever order they come."""

    def __init__(self) -> None:
        self.files: dict[str, ImageFile] = {}
        self._kernels: list[Kernel] = []
        self._folders: list[ModuleFolder] = []
        self._configs: dict[str, tuple[str, str]] = {}
        self._problems: list[Problem] = []

    def problem(self, code: str, where: str, text: str) -> None:
        self._problems.append(Problem(code, where, text))

    def take(self, name: str, content: Readable) -> None:
        """Read one file of the image's folder."""
        digest = hashlib.sha256()
        counted = Counted(content, digest.update)
        small = None
        if _ARCHIVE.fullmatch(name):
            self._scan(name, counted)
        elif _KERNEL.fullmatch(name):
            self._kernels.append(read_kernel(counted.read(MAXIMUM_SIZE), name))
        elif name == "kernel-config":
            self._configs.setdefault("", (counted.read(_CONFIG_MAXIMUM).decode("utf-8", "replace"), name))
        else:
            small = counted.read(_SMALL)
        drain(counted)
        kept = small if small is not None and counted.count == len(small) else None
        self.files[name] = ImageFile(name, counted.count, digest.hexdigest(), kept)

    def image(self, path: str) -> Image:
        """The facts, once every file was taken."""
        return Image(
            path,
            self.files,
            tuple(self._kernels),
            tuple(self._folders),
            self._configs,
            self._script_complaints(),
            tuple(self._problems),
        )

    def _script_complaints(self) -> dict[str, str]:
        complaints = {}
        for description in self.descriptions():
            for name in script_names(parse(description)[0]):
                content = self.files[name].content if name in self.files else None
                if content and (text := complaint(content)):
                    complaints[name] = text
        return complaints

    def descriptions(self) -> list[ImageFile]:
        """Every image.json; the installer also takes names such as image-2.json."""
        return [self.files[name] for name in sorted(fnmatch.filter(self.files, "image*.json"))]

    def _scan(self, name: str, content: Readable) -> None:
        modules = ModuleCollector(name)

        def refused(member: str, reason: str) -> None:
            self.problem("tezi-name-unsafe", f"{name}:{member}", reason)

        try:
            with contextlib.closing(members(content, refused)) as found:
                for member, stream in found:
                    path = "/".join(path_parts(member.name))
                    if not modules.offer(path, member.isreg(), stream) and member.isreg():
                        self._take_inner(name, path, stream)
        except ArchiveError as err:
            self.problem("tezi-file-corrupt", name, str(err))
        self._folders += modules.folders()

    def _take_inner(self, archive: str, path: str, stream: Readable) -> None:
        source = f"{archive}:{path}"
        if _KERNEL.fullmatch(path):
            self._kernels.append(read_kernel(stream.read(MAXIMUM_SIZE), source))
        elif config := _BOOT_CONFIG.fullmatch(path):
            text = stream.read(_CONFIG_MAXIMUM).decode("utf-8", "replace")
            self._configs[config["release"]] = (text, source)


def _tar_entries(path: Path, reader: _Reader, progress: Progress | None) -> _Entries:
    total = path.stat().st_size
    done = 0

    def seen(data: bytes) -> None:
        nonlocal done
        done += len(data)
        if progress:
            progress(done, total)

    def refused(member: str, reason: str) -> None:
        reader.problem("tezi-name-unsafe", member, reason)

    folders = set()
    with path.open("rb") as source:
        for member, content in members(Counted(source, seen), refused):
            parts = path_parts(member.name)
            if member.isdir():
                continue
            if not member.isreg():
                refused(member.name, "a link or a device; the files of an image are plain files")
                continue
            folders.add(tuple(parts[:-1]))
            if len(folders) > 1:
                raise InputError(f"{path}: holds files in several folders, and an image is one folder")
            yield parts[-1], content


def _folder_entries(path: Path, reader: _Reader, progress: Progress | None) -> _Entries:
    entries = sorted(entry for entry in path.iterdir() if entry.is_file())
    total = sum(entry.stat().st_size for entry in entries)
    done = 0
    for entry in entries:
        if entry.resolve().parent != path.resolve():
            reader.problem("tezi-name-unsafe", entry.name, f"a link out of the folder, to {entry.resolve()}")
            continue
        with entry.open("rb") as content:
            yield entry.name, content
        done += entry.stat().st_size
        if progress:
            progress(done, total)
