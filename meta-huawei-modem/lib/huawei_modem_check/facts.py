# SPDX-License-Identifier: MIT
"""What the readers find in an image, and all that the rules are given."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping

from huawei_modem.running_kernel import module_name
from huawei_modem_check.symbols import Exports, ModuleSymbols


@dataclasses.dataclass(frozen=True)
class Problem:
    """Something that could not be read, or must not be there: `code` is from docs/findings.md.

    With insufficient-data it is something that is not read here, and may hold what the rules miss.
    """

    code: str
    where: str
    text: str


@dataclasses.dataclass(frozen=True)
class Kernel:
    """A kernel that can boot. `release` is None when it cannot be read; then `problem` says why.

    `kind` is how U-Boot gets it: zImage, Image, uImage or FIT. `file` is the file of the image that it lies
    in. `flags` are those of its own vermagic, where it has one.
    """

    source: str
    compression: str | None = None
    release: str | None = None
    banner: str | None = None
    config: str | None = None
    problem: str | None = None
    kind: str = "zImage"
    file: str = ""
    flags: str | None = None


@dataclasses.dataclass(frozen=True)
class DeviceTree:
    """A device tree with what it calls itself compatible to, or the problem with reading it."""

    source: str
    compatible: tuple[str, ...]
    problem: str | None = None
    file: str = ""


@dataclasses.dataclass(frozen=True)
class BootText:
    """A text that U-Boot reads, or the problem with reading it. `source` and `file` as a kernel has them."""

    source: str
    text: str
    file: str = ""
    problem: str | None = None


@dataclasses.dataclass(frozen=True)
class Module:
    """A module file: release and flags of its vermagic, e_machine and e_type of its ELF header.

    `name` is what it calls itself, if it does; `aliases` are the USB devices of a driver of sticks.
    """

    release: str | None = None
    flags: str = ""
    machine: int = 0
    kind: int = 0
    name: str = ""
    aliases: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class ModuleFolder:
    """One folder under lib/modules. Paths are relative to it.

    `files` are the module files with their release by vermagic, None when it has none. `problems`
    are module files that could not be read. `dependencies` (modules.dep), `builtin` and `aliases`
    (the texts of modules.builtin and modules.alias) are None when the image does not have the file.
    `symbols` are None when nothing was there to hold them against before the modules passed by.
    `binary_faults` is how the indexes that kmod reads differ from their texts; `has_binary` whether there is
    any. `unreachable` says why /lib/modules does not lead here.
    """

    release: str
    source: str
    files: Mapping[str, str | None]
    problems: Mapping[str, str]
    dependencies: str | None = None
    builtin: str | None = None
    aliases: str | None = None
    symbols: Mapping[str, ModuleSymbols] | None = None
    file: str = ""
    modules: Mapping[str, Module] = dataclasses.field(default_factory=dict)
    has_binary: bool = False
    binary_faults: tuple[str, ...] = ()
    unreachable: str | None = None

    @functools.cached_property
    def names(self) -> Mapping[str, str]:
        """The path of each module file by the module's name."""
        return {module_name(path): path for path in self.files}

    @functools.cached_property
    def built_in(self) -> frozenset[str]:
        """The names in modules.builtin."""
        return frozenset(map(module_name, (self.builtin or "").split()))


BLOCK = 4096
"""Bytes of a file system's block."""
SMALL_BLOCK = 1024
"""Bytes of a block of an ext2 or ext3 below 512 MiB."""


def small_blocks(size: int) -> int:
    """Blocks of SMALL_BLOCK bytes of a file of `size` bytes, with those that list all but the first 12."""
    count = -(-size // SMALL_BLOCK)
    listed = -(-max(0, count - 12) // 256)
    return count + listed + (listed > 1)


INSTALLERS_OWN = frozenset(
    {
        *(
            "bin",
            "boot",
            "dev",
            "etc",
            "home",
            "home/root",
            "lib",
            "media",
            "mnt",
            "opt",
            "proc",
            "run",
            "sbin",
        ),
        *(
            "sys",
            "tmp",
            "usr",
            "usr/bin",
            "usr/lib",
            "usr/sbin",
            "usr/share",
            "var",
            "var/lib",
            "var/volatile",
        ),
    }
)
"""Folders that the installer's own root file system has; it makes none of these in a partition."""


@dataclasses.dataclass(frozen=True)
class Archive:
    """What a packed or tar file holds, by its content.

    `packing` is xz, gzip, bzip2, zstd, lz4, lzo, zip or None. `inflated` is the size of what it unpacks to,
    `unpacked` that of the files in it, in bytes; `blocks` is how many of BLOCK bytes its files and folders
    take, and `small` how many of SMALL_BLOCK in ext2 and ext3, with the blocks that list them. `special` is
    the first member that FAT cannot hold; `folders` are those of INSTALLERS_OWN that it has. `problem` is why
    it could not be read to its end. `same_on_fat` is the first file whose name differs from another's by the
    case of letters alone, `too_long` the first member with a name that no file system takes. `inodes` is how
    many its files, folders and links take at least, `behind` how many bytes were read behind the end
    mark of a tar.
    """

    packing: str | None
    is_tar: bool
    inflated: int
    unpacked: int = 0
    special: str | None = None
    folders: frozenset[str] = frozenset()
    problem: str | None = None
    blocks: int = 0
    small: int = 0
    same_on_fat: str | None = None
    too_long: str | None = None
    inodes: int = 0
    behind: int = 0


@dataclasses.dataclass(frozen=True)
class ImageFile:
    """A file of the image's folder, with its size in bytes. `content` is kept for small files only."""

    name: str
    size: int
    sha256: str
    content: bytes | None = None
    archive: Archive | None = None


@dataclasses.dataclass(frozen=True)
class Image:
    """The facts about one image.

    `configs` maps a release, or "" for any, to the text of a .config and its source.
    `script_complaints` maps scripts that do not parse to what the shell says. `packages` maps the
    packages of the root file system to their versions, where a package manager left its list. `exports`
    maps a release, or "" for any, to the symbols of its kernel.
    `whole` is False for a root file system alone, whose kernel lies elsewhere.
    `incomplete` says that something of it could not be read, so that what is not there is no fault of its
    own. `boot_texts` are what U-Boot reads beside kernel and tree. `no_init` maps each root file system to
    why it has no init, or to None. `product`, `device_tree` and `tree_name` are the module that this view of
    an image is for (views). `modprobe` are the texts of modprobe.d by their source.
    """

    path: str
    files: Mapping[str, ImageFile]
    kernels: tuple[Kernel, ...]
    folders: tuple[ModuleFolder, ...]
    configs: Mapping[str, tuple[str, str]]
    script_complaints: Mapping[str, str]
    problems: tuple[Problem, ...] = ()
    device_trees: tuple[DeviceTree, ...] = ()
    packages: Mapping[str, str] = dataclasses.field(default_factory=dict)
    whole: bool = True
    exports: Mapping[str, Exports] = dataclasses.field(default_factory=dict)
    incomplete: bool = False
    boot_texts: tuple[BootText, ...] = ()
    modprobe: Mapping[str, str] = dataclasses.field(default_factory=dict)
    no_init: Mapping[str, str | None] = dataclasses.field(default_factory=dict)
    product: str | None = None
    device_tree: str | None = None
    tree_name: str | None = None
