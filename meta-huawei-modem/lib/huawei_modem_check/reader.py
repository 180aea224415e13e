# SPDX-License-Identifier: MIT
"""Collects the facts about an image while its files pass by, in whatever order they come."""

from __future__ import annotations

import contextlib
import fnmatch
import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from huawei_modem_check.archive import members
from huawei_modem_check.background import Background
from huawei_modem_check.boot_file import read_boot_file, read_device_tree
from huawei_modem_check.facts import DeviceTree, Image, ImageFile, Kernel, ModuleFolder, Problem
from huawei_modem_check.installer.rules import parse, script_names
from huawei_modem_check.installer.scripts import complaint
from huawei_modem_check.kernel_image import MAXIMUM_SIZE
from huawei_modem_check.modules import ModuleCollector
from huawei_modem_check.streams import ArchiveError, Counted, Measured, Readable, drain
from huawei_modem_check.symbols import Exports, parse_exports
from huawei_modem_check.tar import Content, Member

if TYPE_CHECKING:
    Entries = Iterable[tuple[str, bool, Readable]]
    """Members of a root file system: path without a leading slash, whether it is a plain file, content."""

ARCHIVE = re.compile(r".+\.(?:tar(?:\.(?:xz|gz|bz2|zst|lz4|lzo))?|tgz)")
KERNEL = re.compile(r"(?:boot/)?(?:[zu]?Image|fitImage|vmlinu[xz])(?:[-._](?!.*\.(?:its|dtb|json)$).*)?")
_TREE = re.compile(r"(?:boot/)?(?:[^/]+/)?[^/]+\.dtb")
_BOOT_CONFIG = re.compile(r"boot/config-(?P<release>.+)")
_EXPORTS = re.compile(
    r"(?:boot/)?(?:System\.map|Module\.symvers)(?:-(?P<release>.+))?"
    r"|usr/src/(?:linux-headers-|kernels/)(?P<headers>[^/]+)/Module\.symvers"
)
_PACKAGE_LISTS = ("var/lib/dpkg/status", "var/lib/opkg/status")
_PACKAGE = re.compile(r"^Package: (\S+)$(?:\n.+)*?\nVersion: (\S+)$", re.MULTILINE)
# Folders of a root file system whose files are looked at, and those on the way to them.
_LISTED = re.compile(r"[^/]+|usr/lib|usr/src(/[^/]+)?|var/lib(/dpkg|/opkg)?")
_READ = re.compile(r"(?:boot|lib/modules|usr/lib/modules)(?:/.*)?")
_DEEP = ("boot/", "usr/src/", "var/lib/")  # where files are looked at more than a folder deep
_SMALL = 256 << 10
_CONFIG_MAXIMUM = 4 << 20
_TREE_MAXIMUM = 4 << 20
_LIST_MAXIMUM = 16 << 20


def may_matter(folder: str) -> bool:
    """Whether a folder of a root or boot file system can hold anything that is looked at."""
    return bool(_LISTED.fullmatch(folder) or _READ.fullmatch(folder))


class Reader:
    """Takes files of an image's folder, archives and root file systems; `image` gives the facts."""

    def __init__(self) -> None:
        self.files: dict[str, ImageFile] = {}
        self._kernels: Background[tuple[tuple[Kernel, ...], tuple[DeviceTree, ...]]] = Background()
        self._trees: list[DeviceTree] = []
        self._folders: list[ModuleFolder] = []
        self._configs: dict[str, tuple[str, str]] = {}
        self._packages: dict[str, str] = {}
        self._exports: dict[str, Exports] = {}
        self._problems: list[Problem] = []

    def problem(self, code: str, where: str, text: str) -> None:
        """Note what could not be read or must not be there."""
        self._problems.append(Problem(code, where, text))

    @property
    def is_empty(self) -> bool:
        """Whether nothing of an image was found so far."""
        return not (self.files or self._folders or self._kernels.was_used)

    @property
    def has_problems(self) -> bool:
        """Whether something could not be read so far."""
        return bool(self._problems)

    def take(self, name: str, content: Readable) -> None:
        """Read one file of the image's folder."""
        digest = hashlib.sha256()
        counted = Counted(content, digest.update)
        small = unpacked = None
        if ARCHIVE.fullmatch(name):
            unpacked = self.take_archive(name, counted)
        elif name == "kernel-config":
            self.take_config(name, counted)
        elif _EXPORTS.fullmatch(name):
            self.take_exports(name, counted)
        elif not self._take_boot_file(name, counted, name):
            small = counted.read(_SMALL)
        drain(counted)
        kept = small if small is not None and counted.count == len(small) else None
        self.files[name] = ImageFile(name, counted.count, digest.hexdigest(), kept, unpacked)

    def take_config(self, name: str, content: Readable) -> None:
        """Read a .config, for any release."""
        self._configs.setdefault("", (_text(content, _CONFIG_MAXIMUM), name))

    def take_exports(self, name: str, content: Readable, headers: str | None = None) -> bool:
        """Read a System.map or a Module.symvers; its name may say the release. Whether it has symbols."""
        named = _EXPORTS.fullmatch(name.rpartition("/")[2])
        release = headers or (named["release"] if named else None) or ""
        found = parse_exports(_text(content, _LIST_MAXIMUM), name)
        known = self._exports.get(release)
        # Of the two Module.symvers says more.
        if found and (known is None or None in known.crcs.values()):
            self._exports[release] = found
        return found is not None

    def take_archive(self, name: str, content: Measured) -> int:
        """Read an archive for a partition, compressed or not; the size of its files together, in bytes.

        Damage is noted as a problem.
        """
        unpacked = 0

        def refused(member: str, reason: str) -> None:
            self.problem("tezi-name-unsafe", f"{name}:{member}", reason)

        def tree(found: Iterable[tuple[Member, Content]]) -> Entries:
            nonlocal unpacked
            for member, stream in found:
                unpacked += member.size
                yield member.path, member.is_file, stream

        try:
            with contextlib.closing(members(content, refused)) as found:
                self.take_tree(name, tree(found))
        except ArchiveError as err:
            self.problem("tezi-file-corrupt", name, str(err))
        return unpacked

    def take_tree(self, name: str, entries: Entries) -> None:
        """Read the members of a root or boot file system called `name`."""
        modules = ModuleCollector(name, lambda release: release in self._exports or "" in self._exports)
        try:
            for path, is_file, content in entries:
                if not modules.offer(path, is_file, content) and is_file:
                    self._take_inner(name, path, content)
        finally:
            self._folders += modules.folders()

    def image(self, path: str, whole: bool = True) -> Image:
        """The facts, once every file was taken; `whole` as in Image."""
        boot_files = self._kernels.results()
        return Image(
            path,
            self.files,
            tuple(kernel for kernels, _trees in boot_files for kernel in kernels),
            tuple(self._folders),
            self._configs,
            dict(self._script_complaints()),
            tuple(self._problems),
            (*self._trees, *(tree for _kernels, trees in boot_files for tree in trees)),
            self._packages,
            whole,
            self._exports,
        )

    def descriptions(self) -> list[ImageFile]:
        """Every image.json; the installer also takes names such as image-2.json."""
        return [self.files[name] for name in sorted(fnmatch.filter(self.files, "image*.json"))]

    def _script_complaints(self) -> Iterator[tuple[str, str]]:
        for description in self.descriptions():
            for name in script_names(parse(description)[0]):
                content = self.files[name].content if name in self.files else None
                if content and (text := complaint(content)):
                    yield name, text

    def _take_inner(self, archive: str, path: str, content: Readable) -> None:
        if path.count("/") > 1 and not path.startswith(_DEEP):
            return
        source = f"{archive}:{path}"
        if config := _BOOT_CONFIG.fullmatch(path):
            self._configs[config["release"]] = (_text(content, _CONFIG_MAXIMUM), source)
        elif table := _EXPORTS.fullmatch(path):
            self.take_exports(source, content, table["headers"])
        elif path in _PACKAGE_LISTS:
            self._packages.update(_PACKAGE.findall(_text(content, _LIST_MAXIMUM)))
        else:
            self._take_boot_file(path, content, source)

    def _take_boot_file(self, path: str, content: Readable, source: str) -> bool:
        if KERNEL.fullmatch(path):
            kernel = content.read(MAXIMUM_SIZE)
            self._kernels.start(lambda: read_boot_file(kernel, source))
        elif _TREE.fullmatch(path):
            self._trees.append(read_device_tree(content.read(_TREE_MAXIMUM), source))
        else:
            return False
        return True


def _text(content: Readable, maximum: int) -> str:
    return content.read(maximum).decode("utf-8", "replace")
