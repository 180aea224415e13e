# SPDX-License-Identifier: MIT
"""Collects the facts about an image while its files pass by, in whatever order they come."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from huawei_modem.report import INSUFFICIENT_DATA
from huawei_modem_check import boot_script, limits, modprobe
from huawei_modem_check.archive import opened
from huawei_modem_check.background import Background
from huawei_modem_check.boot_file import read_boot_file, read_device_tree
from huawei_modem_check.facts import (
    BLOCK,
    INSTALLERS_OWN,
    Archive,
    BootText,
    DeviceTree,
    Image,
    ImageFile,
    Kernel,
    ModuleFolder,
    Problem,
    small_blocks,
)
from huawei_modem_check.init import InitSeen
from huawei_modem_check.installer import listing
from huawei_modem_check.installer.scripts import complaint
from huawei_modem_check.kernel_image import MAXIMUM_SIZE
from huawei_modem_check.modules import ModuleCollector
from huawei_modem_check.packing import packing_of
from huawei_modem_check.streams import ArchiveError, Counted, LinkTo, Measured, Preceded, Readable, drain
from huawei_modem_check.symbols import Exports, parse_exports
from huawei_modem_check.tar import FOLDER, HARD_LINK, SYMBOLIC_LINK, Content, Member, is_header
from huawei_modem_kernel.dotconfig import parse_config

if TYPE_CHECKING:
    Entries = Iterable[tuple[str, bool, Readable]]
    """Members of a root file system: path without a leading slash, whether it is a plain file, content."""

ARCHIVE = re.compile(r".+\.(?:tar(?:\.(?:xz|gz|bz2|zst|lz4|lzo))?|tgz)")
KERNEL = re.compile(rf"(?:boot/)?{boot_script.KERNEL_NAME}(?:[-._](?!.*\.(?:its|dtb|json)$).*)?")
_TREE = re.compile(r"(?:boot/)?(?:[^/]+/)?[^/]+\.dtb")
_BOOT_CONFIG = re.compile(r"boot/config-(?P<release>.+)")
_EXPORTS = re.compile(
    r"(?:boot/)?(?:System\.map|Module\.symvers)(?:-(?P<release>.+))?"
    r"|usr/src/(?:linux-headers-|kernels/)(?P<headers>[^/]+)/Module\.symvers"
)
_PACKAGE_LISTS = ("var/lib/dpkg/status", "var/lib/opkg/status")
# Folders of a root file system whose files are looked at, and those on the way to them.
_LISTED = re.compile(
    r"[^/]+|usr/(lib|s?bin)|(etc|(usr/)?lib)/modprobe[.]d|(usr/)?lib/systemd|usr/src(/[^/]+)?"
    r"|var/lib(/dpkg|/opkg)?"
)
_READ = re.compile(r"(?:boot|lib/modules|usr/lib/modules)(?:/.*)?")
# Where files are looked at more than a folder deep.
_DEEP = ("boot/", "usr/src/", "var/lib/", "etc/modprobe.d/", "lib/modprobe.d/", "usr/lib/modprobe.d/")
_NOT_ON_FAT = re.compile(r'[:*?<>|"\\]')
_HEAD = 512
_LONGEST_NAME = 255  # bytes in ext4 and UBIFS
_MOST_FOLDED = 1000


class _Names:
    """The first of an archive's members that FAT, or no file system, can hold; see Archive."""

    def __init__(self) -> None:
        self.special: str | None = None
        self.same_on_fat: str | None = None
        self.too_long: str | None = None
        self.inodes = 0
        self._folded: dict[str, str] = {}

    def take(self, member: Member) -> None:
        path = member.path
        if self.too_long is None and _has_long_name(path):
            self.too_long = path
        # What goes into a FAT is small.
        is_more = len(self._folded) >= _MOST_FOLDED or path.lower() not in self._folded
        self.inodes += is_more and member.kind != HARD_LINK
        if len(self._folded) < _MOST_FOLDED:
            other = self._folded.setdefault(path.lower(), path)
            if self.same_on_fat is None and other != path and member.kind != FOLDER:
                self.same_on_fat = path
        is_special = member.kind != FOLDER and (not member.is_file or _NOT_ON_FAT.search(path))
        if self.special is None and is_special:
            self.special = path


def _has_long_name(path: str) -> bool:
    if len(path) * 4 <= _LONGEST_NAME:
        return False
    return any(len(part.encode("utf-8", "surrogateescape")) > _LONGEST_NAME for part in path.split("/"))


def may_matter(folder: str) -> bool:
    """Whether a folder of a root or boot file system can hold anything that is looked at."""
    return bool(_LISTED.fullmatch(folder) or _READ.fullmatch(folder))


def linked(member: Member, content: Readable) -> Readable:
    """The content of a member, or where a link leads."""
    if member.kind in (HARD_LINK, SYMBOLIC_LINK):
        return LinkTo(member.target, member.kind == HARD_LINK)
    return content


class Reader:
    """Takes files of an image's folder, archives and root file systems; `image` gives the facts."""

    def __init__(self) -> None:
        self.files: dict[str, ImageFile] = {}
        self._kernels: Background[tuple[tuple[Kernel, ...], tuple[DeviceTree, ...]]] = Background()
        self._started = 0  # of those
        self._kept = 0  # bytes of small files
        # By source what lies there: of a kernel its number, of modprobe.d the text.
        self._held: dict[str, int | DeviceTree | BootText | str] = {}
        self._inits: dict[str, InitSeen] = {}
        self._folders: list[ModuleFolder] = []
        self._configs: dict[str, tuple[str, str]] = {}
        self._packages: dict[str, str] = {}
        self._exports: dict[str, Exports] = {}
        self._problems: list[Problem] = []
        self._counted: dict[str, int] = {}

    def problem(self, code: str, where: str, text: str) -> None:
        """Note what could not be read or must not be there."""
        alike = self._counted[code] = self._counted.get(code, 0) + 1
        if alike <= limits.PROBLEMS:
            self._problems.append(Problem(code, where[: limits.NAME_SHOWN], text[: 2 * limits.NAME_SHOWN]))

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
        if name in self.files:
            self._forget(name)
        digest = hashlib.sha256()
        counted = Counted(content, digest.update)
        head = counted.read(_HEAD)
        whole = Preceded(head, counted)
        small = archive = None
        is_named = ARCHIVE.fullmatch(name)
        # An image may have its files in a folder below image.json.
        alone = name.rpartition("/")[2]
        if is_named or ((packing_of(head) or is_header(head)) and not KERNEL.fullmatch(alone)):
            # By what it is: the installer goes by the name, and a rule compares the two.
            archive = self.take_archive(name, whole)
        elif name == "kernel-config":
            self.take_config(name, whole)
        elif _EXPORTS.fullmatch(name):
            self.take_exports(name, whole)
        elif not self._take_boot_file(alone, whole, name, name):
            most = limits.CHECKSUMS if name == "SHA256SUMS" else limits.SMALL_FILE
            small = whole.read(min(most, max(0, limits.SMALL_FILES - self._kept)))
            self._take_text(alone, small, name, name)
        drain(whole)
        kept = small if small is not None and counted.count == len(small) else None
        self._kept += len(kept or b"")
        self.files[name] = ImageFile(name, counted.count, digest.hexdigest(), kept, archive)

    def take_config(self, name: str, content: Readable) -> bool:
        """Read a .config, for any release. Whether it has an option."""
        text = _text(content, limits.CONFIG)
        self._configs.setdefault("", (text, name))
        return bool(parse_config(text))

    def take_exports(self, name: str, content: Readable, headers: str | None = None) -> bool:
        """Read a System.map or a Module.symvers; its name may say the release. Whether it has symbols."""
        named = _EXPORTS.fullmatch(name.rpartition("/")[2])
        release = headers or (named["release"] if named else None) or ""
        found = parse_exports(_text(content, limits.LIST), name)
        known = self._exports.get(release)
        # Of the two Module.symvers says more.
        if found and (known is None or None in known.crcs.values()):
            self._exports[release] = found
        return found is not None

    def take_archive(self, name: str, content: Measured) -> Archive:
        """Read an archive for a partition, or another packed file. Damage is noted as a problem."""
        unpacked = blocks = small = 0
        problem = None
        names = _Names()
        folders: set[str] = set()

        def refused(member: str, reason: str) -> None:
            self.problem("tezi-name-unsafe", f"{name}:{member}", reason)

        def tree(found: Iterable[tuple[Member, Content]]) -> Entries:
            nonlocal unpacked, blocks, small
            last = ""
            for member, stream in found:
                unpacked += member.size
                blocks += -(-member.size // BLOCK)
                small += small_blocks(member.size)
                if member.kind == FOLDER:
                    blocks += 1
                    small += 1
                folder = member.path if member.kind == FOLDER else member.path.rpartition("/")[0]
                if folder != last:  # tar makes a folder that no member of its own announces
                    folders.update(INSTALLERS_OWN.intersection(_and_above(folder)))
                    last = folder
                names.take(member)
                yield member.path, member.is_file, linked(member, stream)

        archive = None
        try:
            with opened(content) as archive, contextlib.closing(archive.members(refused)) as found:
                self.take_tree(name, tree(found))
        except ArchiveError as err:
            problem = str(err)
            self.problem("tezi-file-corrupt", name, problem)
        if archive is None:
            return Archive(None, False, 0, problem=problem)
        return Archive(
            archive.packing,
            archive.is_tar,
            archive.inflated,
            unpacked,
            names.special,
            frozenset(folders),
            problem,
            blocks,
            small,
            names.same_on_fat,
            names.too_long,
            names.inodes,
            archive.behind,
        )

    def take_tree(self, name: str, entries: Entries) -> None:
        """Read the members of a root or boot file system called `name`. Of a path the last member counts."""
        modules = ModuleCollector(name, lambda release: release in self._exports or "" in self._exports)
        init = InitSeen()
        is_ostree = False
        try:
            for path, is_file, content in entries:
                if not is_ostree and path.startswith(("ostree/", "sysroot/ostree/")):
                    is_ostree = True
                    self.problem(
                        INSUFFICIENT_DATA, f"{name}:ostree", "the root file system is in an OSTree repository"
                    )
                init.take(path, is_file, content)
                if modules.offer(path, is_file, content):
                    continue
                self._held.pop(f"{name}:{path}", None)  # what was there is not there any more
                if is_file:
                    self._take_inner(name, path, content)
                elif isinstance(content, LinkTo) and modprobe.FILES.fullmatch(path):
                    self._hold_setting(f"{name}:{path}", "")  # as a link to /dev/null, which switches one off
        finally:
            self._folders += modules.folders()
            self._inits[name] = init

    def _forget(self, file: str) -> None:
        """Drop what was read of an earlier file of this name: tar leaves the last one."""

        def stays(source: str) -> bool:
            return source != file and not source.startswith(f"{file}:")

        self._folders = [folder for folder in self._folders if folder.file != file]
        self._held = {source: what for source, what in self._held.items() if stays(source)}
        self._configs = {release: found for release, found in self._configs.items() if stays(found[1])}
        self._problems = [item for item in self._problems if stays(item.where)]

    def image(self, path: str, whole: bool = True) -> Image:
        """The facts, once every file was taken; `whole` as in Image."""
        results = self._kernels.results()
        machines = {module.machine for folder in self._folders for module in folder.modules.values()}
        held = self._held.values()
        boot_files = [results[number] for number in held if isinstance(number, int)]
        return Image(
            path,
            self.files,
            tuple(kernel for kernels, _trees in boot_files for kernel in kernels),
            tuple(self._folders),
            self._configs,
            dict(self._script_complaints()),
            tuple(self._problems),
            (
                *(tree for tree in held if isinstance(tree, DeviceTree)),
                *(tree for _kernels, trees in boot_files for tree in trees),
            ),
            self._packages,
            whole,
            self._exports,
            boot_texts=tuple(text for text in held if isinstance(text, BootText)),
            modprobe={source: text for source, text in self._held.items() if isinstance(text, str)},
            no_init={name: init.missing(machines) for name, init in self._inits.items()},
        )

    def descriptions(self) -> list[ImageFile]:
        """Every image.json; the installer also takes names such as image-2.json."""
        return [self.files[name] for name in listing.names(self.files)]

    def _script_complaints(self) -> Iterator[tuple[str, str]]:
        for name in listing.script_names(self.files):
            content = self.files[name].content if name in self.files else None
            if content and (text := complaint(content)):
                yield name, text

    def _take_inner(self, archive: str, path: str, content: Readable) -> None:
        if path.count("/") > 1 and not path.startswith(_DEEP):
            return
        source = f"{archive}:{path}"
        if config := _BOOT_CONFIG.fullmatch(path):
            self._configs[config["release"]] = (_text(content, limits.CONFIG), source)
        elif table := _EXPORTS.fullmatch(path):
            self.take_exports(source, content, table["headers"])
        elif path in _PACKAGE_LISTS:
            self._packages.update(_packages(_text(content, limits.LIST)))
        elif modprobe.FILES.fullmatch(path):
            self._hold_setting(source, self._small(content).decode("utf-8", "replace"))
        elif not self._take_boot_file(path, content, source, archive):
            self._take_text(path, content, source, archive)

    def _hold_setting(self, source: str, text: str) -> None:
        if len(self._held) < limits.HELD_FILES:
            self._held[source] = text

    def _small(self, content: Readable) -> bytes:
        """Of a small file as much as may be kept."""
        data = content.read(min(limits.SMALL_FILE, max(0, limits.SMALL_FILES - self._kept)))
        self._kept += len(data)
        return data

    def _take_text(self, path: str, content: Readable | bytes, source: str, file: str) -> None:
        if boot_script.FILES.fullmatch(path):
            data = content if isinstance(content, bytes) else self._small(content)
            self._held[source] = boot_script.read_text(data, source, file)

    def _take_boot_file(self, path: str, content: Readable, source: str, file: str) -> bool:
        if KERNEL.fullmatch(path):
            kernel = content.read(MAXIMUM_SIZE)
            self._held[source] = self._started
            self._started += 1
            self._kernels.start(lambda: _boot_file(kernel, source, file))
        elif _TREE.fullmatch(path):
            tree = read_device_tree(content.read(limits.DEVICE_TREE), source)
            self._held[source] = dataclasses.replace(tree, file=file)
        else:
            return False
        return True


def _boot_file(data: bytes, source: str, file: str) -> tuple[tuple[Kernel, ...], tuple[DeviceTree, ...]]:
    kernels, trees = read_boot_file(data, source)
    return (
        tuple(dataclasses.replace(kernel, file=file) for kernel in kernels),
        tuple(dataclasses.replace(tree, file=file) for tree in trees),
    )


def _packages(text: str) -> Iterator[tuple[str, str]]:
    """Name and version of each paragraph of a package manager's list."""
    name = ""
    for line in text.splitlines():
        key, _, value = line.partition(": ")
        if not line:
            name = ""
        elif key == "Package":
            name = value.strip()
        elif key == "Version" and name:
            yield name, value.strip()


def _and_above(folder: str) -> Iterator[str]:
    """`folder` and every folder that it lies in, but for the root."""
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]


def _text(content: Readable, maximum: int) -> str:
    return content.read(maximum).decode("utf-8", "replace")
