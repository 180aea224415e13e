# SPDX-License-Identifier: MIT
"""What the readers find in an image, and all that the rules are given."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

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

    `kind` is how U-Boot gets it: zImage, Image, uImage or FIT.
    """

    source: str
    compression: str | None = None
    release: str | None = None
    banner: str | None = None
    config: str | None = None
    problem: str | None = None
    kind: str = "zImage"


@dataclasses.dataclass(frozen=True)
class DeviceTree:
    """A device tree with what it calls itself compatible to, or the problem with reading it."""

    source: str
    compatible: tuple[str, ...]
    problem: str | None = None


@dataclasses.dataclass(frozen=True)
class ModuleFolder:
    """One folder under lib/modules. Paths are relative to it.

    `files` are the module files with their release by vermagic, None when it has none. `problems`
    are module files that could not be read. `dependencies` (modules.dep), `builtin` and `aliases`
    (the texts of modules.builtin and modules.alias) are None when the image does not have the file.
    `symbols` are None when nothing was there to hold them against before the modules passed by.
    """

    release: str
    source: str
    files: Mapping[str, str | None]
    problems: Mapping[str, str]
    dependencies: str | None = None
    builtin: str | None = None
    aliases: str | None = None
    symbols: Mapping[str, ModuleSymbols] | None = None


@dataclasses.dataclass(frozen=True)
class ImageFile:
    """A file of the image's folder, with its size in bytes. `content` is kept for small files only.

    `unpacked` is what the files in an archive have together, in bytes.
    """

    name: str
    size: int
    sha256: str
    content: bytes | None = None
    unpacked: int | None = None


@dataclasses.dataclass(frozen=True)
class Image:
    """The facts about one image.

    `configs` maps a release, or "" for any, to the text of a .config and its source.
    `script_complaints` maps scripts that do not parse to what the shell says. `packages` maps the
    packages of the root file system to their versions, where a package manager left its list. `exports`
    maps a release, or "" for any, to the symbols of its kernel.
    `whole` is False for a root file system alone, whose kernel lies elsewhere.
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
