# SPDX-License-Identifier: MIT
"""Collect the module folders of a root file system while its archive streams by."""

from __future__ import annotations

import re
from typing import BinaryIO, Protocol, runtime_checkable

from huawei_modem.modules import (
    ModuleFormatError,
    modinfo_of,
    modinfo_of_file,
    read_modinfo,
    vermagic_release,
)
from modem_image.check.archive import Readable
from modem_image.check.facts import ModuleFolder
from modem_image.check.inflate import FORMATS, DamagedError

_PLACE = re.compile(r"(?P<folder>(?:usr/)?lib/modules/(?P<release>[^/]+))(?:/(?P<path>.+))?")
_MODULE = re.compile(r".+\.ko(?:\.(?P<packing>xz|gz|zst))?")
_PACKING = {"xz": "xz", "gz": "gzip", "zst": "zstd"}
_MODULE_MAXIMUM = 32 << 20  # bytes, inflated; the largest of Debian's has 9 MB
_INDEX_MAXIMUM = 16 << 20


@runtime_checkable
class Seekable(Protocol):
    """Content of which any part can be read alone, as in a disk image."""

    def read_at(self, offset: int, size: int) -> bytes:
        """What is there, which may be less than `size`."""


class FileContent:
    """A file of a folder, opened when it is read: most of a root file system never is."""

    def __init__(self, path: str) -> None:
        self._path = path

    def open(self) -> BinaryIO:
        """The file, unbuffered: whoever seeks wants a few small parts of it."""
        return open(self._path, "rb", buffering=0)  # noqa: PTH123  thousands of paths stay strings

    def read(self, size: int, /) -> bytes:
        """The first `size` bytes; a member is read once."""
        with open(self._path, "rb") as source:  # noqa: PTH123  as above
            return source.read(size)


class ModuleCollector:
    """Takes the members of one archive in turn; `folders` gives what they amount to."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._found: dict[str, _Folder] = {}

    def offer(self, path: str, is_file: bool, content: Readable) -> bool:
        """Whether the member at `path` lies in a module folder; its content is then read."""
        place = _PLACE.fullmatch(path)
        if not place:
            return False
        folder = self._found.setdefault(place["folder"], _Folder(place["release"]))
        if is_file and place["path"]:
            folder.add(place["path"], content)
        return True

    def folders(self) -> tuple[ModuleFolder, ...]:
        """The folders in the order of their paths."""
        return tuple(folder.facts(f"{self._source}:{path}") for path, folder in sorted(self._found.items()))


class _Folder:
    def __init__(self, release: str) -> None:
        self._release = release
        self._files: dict[str, str | None] = {}
        self._problems: dict[str, str] = {}
        self._index: dict[str, str] = {}

    def add(self, path: str, content: Readable) -> None:
        if path in ("modules.dep", "modules.builtin", "modules.alias"):
            self._index[path] = content.read(_INDEX_MAXIMUM).decode("utf-8", "replace")
        elif module := _MODULE.fullmatch(path):
            self._files[path] = None
            try:
                self._files[path] = vermagic_release(_modinfo(content, module["packing"]))
            except (DamagedError, ModuleFormatError) as err:
                self._problems[path] = str(err)

    def facts(self, source: str) -> ModuleFolder:
        return ModuleFolder(
            self._release,
            source,
            self._files,
            self._problems,
            self._index.get("modules.dep"),
            self._index.get("modules.builtin"),
            self._index.get("modules.alias"),
        )


def _modinfo(content: Readable, packing: str | None) -> dict[str, list[str]]:
    if packing is None and isinstance(content, FileContent):
        with content.open() as file:
            return modinfo_of_file(file)
    if packing is None and isinstance(content, Seekable):
        return read_modinfo(content.read_at)
    return modinfo_of(_inflated(content, packing))


def _inflated(content: Readable, packing: str | None) -> bytes:
    """The module's ELF file. Each .zst starts a zstd of its own, about 2 ms, until Python brings zstd."""
    data = content.read(_MODULE_MAXIMUM)
    if packing is None:
        return data
    module = bytearray()
    for chunk in FORMATS[_PACKING[packing]].inflate(memoryview(data)):
        module += chunk
        if len(module) > _MODULE_MAXIMUM:
            raise DamagedError(f"inflates to more than {_MODULE_MAXIMUM >> 20} MiB")
    return bytes(module)
